/* Where the cycles come from: files, and tables that need none, each a family of waves by one number, from 0 to 1. */
#include "graph/dsp/wavetable.h"

#include <math.h>
#include <stdlib.h>

#include "graph/error.h"

#define TAU (2 * M_PI)

/* ---- by their forms: x in cycles, 0..1 ------------------------------------------------------------------------------- */

static double pulse(double x, double place)
{
    return x < 0.5 * pow(0.06, place) ? 1 : -1; /* down to 3 % */
}

/* A saw that is cut off and begins anew, up to eight times as high. */
static double sync(double x, double place)
{
    double turns = x * pow(8, place);
    return 1 - 2 * (turns - floor(turns));
}

static double fold(double x, double place)
{
    return sin((0.5 + 5.5 * place) * M_PI * sin(TAU * x));
}

/* Two operators, the modulator an octave higher. */
static double fm(double x, double place)
{
    return sin(TAU * x + 9 * place * sin(2 * TAU * x));
}

/* ---- by their partials: what the sine of the k-th is ------------------------------------------------------------------ */

/* Sine, triangle, saw, square. */
static double basic(unsigned k, double place)
{
    unsigned form = (unsigned)lround(3 * place);
    double odd = k % 2, n = k;
    if (form == 0)
        return k == 1;
    if (form == 1)
        return odd * (k % 4 == 1 ? 1 : -1) * 8 / (M_PI * M_PI * n * n);
    return form == 2 ? (k % 2 ? 2 : -2) / (M_PI * n) : odd * 4 / (M_PI * n);
}

/* A, e, i, o, u: formants of a man's voice (G. Peterson and H. Barney, "Control methods used in a study of the vowels", JASA
 * 24, 1952) where the pitch is 110 Hz. */
static double vowel(unsigned k, double place)
{
    static const double hz[5][3] = {
        {730, 1090, 2440}, {530, 1840, 2480}, {270, 2290, 3010}, {570, 840, 2410}, {300, 870, 2240}};
    static const double loudness[3] = {1, 0.5, 0.25}, width_hz[3] = {70, 100, 150};
    const double *formant = hz[lround(4 * place)];
    double sum = 0.004;
    for (unsigned f = 0; f < 3; f++) {
        double off = (110.0 * k - formant[f]) / width_hz[f];
        sum += loudness[f] / (1 + off * off);
    }
    return sum / sqrt(k);
}

/* Drawbars, pulled one after the other: 8', 4', 2 2/3', 2', 1 3/5', 1 1/3', 1'. The 16' would halve the pitch. */
static double organ(unsigned k, double place)
{
    static const unsigned bars[] = {1, 2, 3, 4, 5, 6, 8};
    double sum = 0;
    for (unsigned b = 0; b < 7; b++) {
        double pulled = 6 * place + 1 - b;
        sum += bars[b] == k ? fmin(fmax(pulled, 0), 1) : 0;
    }
    return sum;
}

/* A saw through a low-pass with a peak, from the fundamental to the 64th partial. */
static double resonance(unsigned k, double place)
{
    double ratio = k / pow(64, place), rest = 1 - ratio * ratio;
    return 1 / (k * sqrt(rest * rest + ratio * ratio / 64));
}

static const struct shape {
    unsigned n_cycles;
    double (*form)(double x, double place);
    double (*partial)(unsigned k, double place);
} shapes[] = {
    {.n_cycles = 4, .partial = basic}, {.n_cycles = 16, .form = pulse},        {.n_cycles = 32, .form = sync},
    {.n_cycles = 32, .form = fold},    {.n_cycles = 32, .form = fm},           {.n_cycles = 5, .partial = vowel},
    {.n_cycles = 7, .partial = organ}, {.n_cycles = 32, .partial = resonance},
};
const char *const wavetable_names[] = {"basic", "pulse", "sync", "fold", "fm", "vowel", "organ", "resonance", NULL};

/* x: room for WAVETABLE_POINTS. */
static void form_analyse(struct wavetable_maker *maker, const struct shape *shape, double place, float *x,
                         struct wavetable_partials *partials)
{
    for (unsigned i = 0; i < WAVETABLE_POINTS; i++)
        x[i] = (float)shape->form((double)i / WAVETABLE_POINTS, place);
    wavetable_analyse(maker, partials, x, WAVETABLE_POINTS, 1);
}

static void shape_put(struct wavetable_maker *maker, const struct shape *shape, float *x, struct wavetable *table,
                      unsigned cycle)
{
    struct wavetable_partials partials = {0};
    double place = (double)cycle / (shape->n_cycles - 1);
    for (unsigned k = 1; shape->partial && k <= WAVETABLE_PARTIALS; k++)
        partials.sine[k] = shape->partial(k, place);
    if (shape->form)
        form_analyse(maker, shape, place, x, &partials);
    wavetable_normalise(maker, &partials);
    wavetable_put(maker, table, cycle, &partials);
}

struct stocked *wavetable_built_in(struct stock *stock, unsigned which)
{
    const struct shape *shape = &shapes[which];
    const struct stock_label label = {"wavetable", which, NULL};
    struct stocked *stocked = stock_find(stock, &label);
    if (stocked)
        return stocked;
    struct arena arena = {0};
    struct wavetable_maker *maker = wavetable_maker_new();
    struct wavetable *table = arena_take(&arena, sizeof *table);
    float *x = calloc(WAVETABLE_POINTS, sizeof *x);
    int code = maker && table && x ? wavetable_init(table, &arena, shape->n_cycles) : ERROR_INTERNAL;
    for (unsigned c = 0; !code && c < shape->n_cycles; c++)
        shape_put(maker, shape, x, table, c);
    free(x);
    wavetable_maker_free(maker);
    return stock_put(stock, &label, &arena, code ? NULL : table);
}

/* ---- from a file ----------------------------------------------------------------------------------------------------- */

static void cycles_put(struct wavetable_maker *maker, struct wavetable *table, const struct media *media, unsigned cycle)
{
    struct wavetable_partials partials;
    for (unsigned c = 0; c < table->n_cycles; c++) {
        wavetable_analyse(maker, &partials, media->samples + (size_t)c * cycle * media->channels, cycle, media->channels);
        wavetable_put(maker, table, c, &partials);
    }
}

struct stocked *wavetable_of_media(struct stock *stock, const struct media *media, unsigned cycle, const char *name,
                                   struct error *error)
{
    unsigned long long n = media->n_frames;
    if (n < 2) {
        error_set(error, ERROR_BAD_FILE, "\"%s\" has no cycle in it: it takes %u samples, or at least 2", name, cycle);
        return NULL;
    }
    cycle = n < cycle ? (unsigned)n : cycle;
    n = n / cycle < WAVETABLE_CYCLES_MAX ? n / cycle : WAVETABLE_CYCLES_MAX;
    const struct stock_label label = {"wavetable of a file", cycle, media};
    struct stocked *stocked = stock_find(stock, &label);
    if (stocked)
        return stocked;
    struct arena arena = {0};
    struct wavetable_maker *maker = wavetable_maker_new();
    struct wavetable *table = arena_take(&arena, sizeof *table);
    int code = maker && table ? wavetable_init(table, &arena, (unsigned)n) : ERROR_INTERNAL;
    if (!code)
        cycles_put(maker, table, media, cycle);
    wavetable_maker_free(maker);
    return stock_put(stock, &label, &arena, code ? NULL : table);
}
