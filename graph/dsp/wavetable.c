/* The making of the tables, off the audio thread. Fourier transforms here are short and few. */
#include "graph/dsp/wavetable.h"

#include <math.h>
#include <stdlib.h>

#include "graph/dsp/wavetable_kernel.h"
#include "graph/error.h"

#define WAVETABLE_LONGEST    (4 * WAVETABLE_PARTIALS) /* row of coefficients */
#define WAVETABLE_BITS_LEAST 6 /* high notes cost little room, and images of few partials are heard best */

_Static_assert((WAVETABLE_LONGEST & (WAVETABLE_LONGEST - 1)) == 0, "rows are powers of 2");

struct wavetable_maker {
    double re[WAVETABLE_POINTS], im[WAVETABLE_POINTS];
    double cosine[WAVETABLE_POINTS], sine[WAVETABLE_POINTS]; /* of whole turns by n_circle */
    unsigned n_circle;
    double gain[WAVETABLE_LONGEST / 2]; /* of the kernel, by partial of the longest row */
};

static void circle_set(struct wavetable_maker *maker, unsigned n)
{
    for (unsigned i = 0; n != maker->n_circle && i < n; i++) {
        maker->cosine[i] = cos(2 * M_PI * i / n);
        maker->sine[i] = sin(2 * M_PI * i / n);
    }
    maker->n_circle = n;
}

static void swap(double *x, double *y)
{
    double was = *x;
    *x = *y;
    *y = was;
}

static void bits_reverse(struct wavetable_maker *t, unsigned n)
{
    for (unsigned i = 1, j = 0; i < n; i++) {
        unsigned bit = n / 2;
        for (; j & bit; bit /= 2)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            swap(&t->re[i], &t->re[j]);
            swap(&t->im[i], &t->im[j]);
        }
    }
}

/* The sum of x[k] exp(+2 pi i k m / n), n a power of two (J. Cooley and J. Tukey, 1965). */
static void transform_run(struct wavetable_maker *t, unsigned n)
{
    circle_set(t, WAVETABLE_POINTS);
    bits_reverse(t, n);
    for (unsigned half = 1; half < n; half *= 2)
        for (unsigned k = 0; k < half; k++) {
            double c = t->cosine[k * (t->n_circle / (2 * half))], s = t->sine[k * (t->n_circle / (2 * half))];
            for (unsigned i = k; i < n; i += 2 * half) {
                double re = t->re[i + half] * c - t->im[i + half] * s, im = t->re[i + half] * s + t->im[i + half] * c;
                t->re[i + half] = t->re[i] - re;
                t->im[i + half] = t->im[i] - im;
                t->re[i] += re;
                t->im[i] += im;
            }
        }
}

/* ---- the room -------------------------------------------------------------------------------------------------------- */

/* What the kernel leaves of a partial of so many cycles per coefficient: its mean against such a wave, by Gauss's rule. */
static double kernel_gain(double cycles)
{
    static const double place[] = {0.04691007703066800, 0.23076534494715845, 0.5, 0.76923465505284155, 0.95308992296933200};
    static const double weight[] = {0.11846344252809454, 0.23931433524968324, 0.28444444444444444, 0.23931433524968324,
                                    0.11846344252809454};
    double sum = 0;
    for (unsigned q = 0; q < 5; q++)
        for (int k = 0; k < WAVETABLE_TAPS / 2; k++) {
            double x = place[q] - 0.5, value = 0;
            for (int d = 5; d >= 0; d--)
                value = value * x + (double)wavetable_kernel[k][d];
            sum += 2 * weight[q] * value * cos(2 * M_PI * cycles * (k - 2 - place[q]));
        }
    return sum;
}

struct wavetable_maker *wavetable_maker_new(void)
{
    struct wavetable_maker *maker = calloc(1, sizeof *maker);
    for (unsigned k = 0; maker && k < ROWS(maker->gain); k++)
        maker->gain[k] = kernel_gain((double)k / WAVETABLE_LONGEST);
    return maker;
}

void wavetable_maker_free(struct wavetable_maker *maker)
{
    free(maker);
}

/* ---- from samples ---------------------------------------------------------------------------------------------------- */

static void analyse_fast(struct wavetable_maker *t, struct wavetable_partials *partials, const float *x, unsigned n,
                         unsigned stride, unsigned most)
{
    for (unsigned i = 0; i < n; i++) {
        t->re[i] = (double)x[(size_t)i * stride];
        t->im[i] = 0;
    }
    transform_run(t, n);
    for (unsigned k = 1; k <= most; k++) {
        partials->cosine[k] = 2 * t->re[k] / n;
        partials->sine[k] = 2 * t->im[k] / n;
    }
}

/* Of any length. */
static void analyse_plainly(struct wavetable_maker *t, struct wavetable_partials *partials, const float *x, unsigned n,
                            unsigned stride, unsigned most)
{
    circle_set(t, n);
    for (unsigned k = 1; k <= most; k++) {
        double cosine = 0, sine = 0;
        for (unsigned i = 0, turn = 0; i < n; i++) {
            double value = (double)x[(size_t)i * stride];
            cosine += value * t->cosine[turn];
            sine += value * t->sine[turn];
            turn += k;
            turn -= turn >= n ? n : 0;
        }
        partials->cosine[k] = 2 * cosine / n;
        partials->sine[k] = 2 * sine / n;
    }
}

void wavetable_analyse(struct wavetable_maker *maker, struct wavetable_partials *partials, const float *x, unsigned n,
                       unsigned stride)
{
    unsigned most = (n - 1) / 2 < WAVETABLE_PARTIALS ? (n - 1) / 2 : WAVETABLE_PARTIALS;
    *partials = (struct wavetable_partials){0};
    if (n & (n - 1))
        analyse_plainly(maker, partials, x, n, stride, most);
    else
        analyse_fast(maker, partials, x, n, stride, most);
}

/* ---- to tables ------------------------------------------------------------------------------------------------------- */

/* Of the k-th partial in a row of n, k < n / 2; a row is a part of the longest. */
static double gain_of(const struct wavetable_maker *t, unsigned k, unsigned n)
{
    return t->gain[k * (WAVETABLE_LONGEST / n)];
}

/* n points of two real waves at once, in `re` and `im`: the partials up to `most`, and those up to `fewer`, each louder by what
 * the kernel will take if `is_kept`. */
static void synthesise(struct wavetable_maker *t, const struct wavetable_partials *partials, unsigned most, unsigned fewer,
                       unsigned n, bool is_kept)
{
    for (unsigned i = 0; i < n; i++)
        t->re[i] = t->im[i] = 0;
    for (unsigned k = 1; k <= most && k < n / 2; k++) {
        double gain = is_kept ? 0.5 / gain_of(t, k, n) : 0.5, too = k <= fewer ? gain : 0;
        double c = partials->cosine[k], s = partials->sine[k];
        t->re[k] = gain * c + too * s;
        t->im[k] = too * c - gain * s;
        t->re[n - k] = gain * c - too * s;
        t->im[n - k] = too * c + gain * s;
    }
    transform_run(t, n);
}

static void row_put(struct wavetable *table, unsigned l, unsigned cycle, const double *x)
{
    unsigned n = 1u << table->level[l].bits;
    float *row = table->samples + table->level[l].at + cycle * (n + WAVETABLE_PAD);
    for (unsigned i = 0; i < n + WAVETABLE_PAD; i++)
        row[i] = (float)x[(i + n - (WAVETABLE_TAPS / 2 - 1)) % n];
}

void wavetable_normalise(struct wavetable_maker *maker, struct wavetable_partials *partials)
{
    double peak = 0;
    synthesise(maker, partials, WAVETABLE_PARTIALS, 0, 8 * WAVETABLE_PARTIALS, false);
    for (unsigned i = 0; i < 8 * WAVETABLE_PARTIALS; i++)
        peak = fmax(peak, fabs(maker->re[i]));
    for (unsigned k = 1; peak > 0 && k <= WAVETABLE_PARTIALS; k++) {
        partials->cosine[k] /= peak;
        partials->sine[k] /= peak;
    }
}

int wavetable_init(struct wavetable *table, struct arena *arena, unsigned n_cycles)
{
    unsigned size = 0;
    *table = (struct wavetable){.n_cycles = n_cycles};
    for (unsigned partials = WAVETABLE_PARTIALS; partials; table->n_levels++) {
        unsigned bits = WAVETABLE_BITS_LEAST, lower = (unsigned)(partials * 0.840896); /* a quarter of an octave */
        while (1u << bits < 4 * partials)
            bits++;
        table->level[table->n_levels] = (struct wavetable_level){partials, bits, size};
        size += n_cycles * ((1u << bits) + WAVETABLE_PAD);
        partials = lower < partials ? lower : partials - 1;
    }
    table->samples = arena_take_array(arena, size, sizeof *table->samples);
    return table->samples ? 0 : ERROR_INTERNAL;
}

void wavetable_put(struct wavetable_maker *maker, struct wavetable *table, unsigned cycle,
                   const struct wavetable_partials *partials)
{
    for (unsigned l = 0; l < table->n_levels; l++) {
        const struct wavetable_level *level = &table->level[l];
        bool is_pair = l + 1 < table->n_levels && level[1].bits == level->bits;
        synthesise(maker, partials, level->partials, is_pair ? level[1].partials : 0, 1u << level->bits, true);
        row_put(table, l, cycle, maker->re);
        if (is_pair)
            row_put(table, ++l, cycle, maker->im);
    }
}
