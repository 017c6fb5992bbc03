/* Generators, control and players from their definitions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/white.h"
#include "tests/reference.h"

#define TAU (2 * M_PI)

/* Cycles since the beginning at frame i, from 0 to 1. */
static double cycle_at(double hz, double rate_hz, double offset, size_t i)
{
    double cycles = (double)i * (hz / rate_hz) + offset;
    return cycles - floor(cycles);
}

/* ---- movement -------------------------------------------------------------------------------------------------------- */

static double lfo_shape(unsigned shape, double cycle)
{
    double saw = 2 * cycle - 1, turned = fmod(cycle + 0.25, 1);
    switch (shape) {
    case 0:
        return sin(TAU * cycle);
    case 1:
        return 1 - 2 * fabs(2 * turned - 1);
    case 2:
        return saw;
    case 3:
        return -saw;
    default:
        return cycle < 0.5 ? 1 : -1;
    }
}

/* The values of the k-th cycle and of the next one, and the way between them. */
static double lfo_random(const struct reference *r, uint32_t k, double cycle)
{
    struct white white = white_of((uint64_t)reference_value(r, "seed"));
    double from = (double)white_at(&white, k), to = (double)white_at(&white, k + 1);
    return reference_value(r, "shape") == 5 ? from : from + (to - from) * (1 - cos(M_PI * cycle)) / 2;
}

static void lfo(const struct reference *r)
{
    unsigned shape = (unsigned)reference_value(r, "shape");
    double before = 0;
    uint32_t k = 0;
    for (size_t i = 0; i < r->n; i++) {
        double cycle = cycle_at(reference_value(r, "rate"), r->rate_hz, reference_value(r, "phase"), i);
        k += cycle < before;
        before = cycle;
        double y = shape < 5 ? lfo_shape(shape, cycle) : lfo_random(r, k, cycle);
        r->out[0][i] = reference_value(r, "offset") + reference_value(r, "depth") * y;
    }
}

/* ---- waves ----------------------------------------------------------------------------------------------------------- */

/* The k-th partial of a wave that begins at 0 and rises; a pulse jumps up at 0 and down at its width. */
static double partial(unsigned wave, double width, unsigned k, double cycle)
{
    double sine = sin(TAU * k * cycle);
    switch (wave) {
    case 0:
        return k == 1 ? sine : 0;
    case 1:
        return k % 2 ? (k % 4 == 1 ? 8 : -8) / (M_PI * M_PI * k * k) * sine : 0;
    case 2:
        return (k % 2 ? 2 : -2) / (M_PI * k) * sine;
    default:
        return 2 / (M_PI * k) * (sine - sin(TAU * k * (cycle - width)));
    }
}

/* The sum of all partials up to 0.42 of the rate; what lies above is not compared. */
static void osc(const struct reference *r)
{
    double hz = reference_value(r, "freq") * pow(2, reference_value(r, "fine") / 1200);
    unsigned wave = (unsigned)reference_value(r, "wave"), most = (unsigned)fmax(1, 0.42 * r->rate_hz / hz);
    double width = wave == 3 ? 0.5 : reference_value(r, "width"), level = reference_gain(reference_value(r, "level"));
    for (size_t i = 0; i < r->n; i++) {
        double cycle = cycle_at(hz, r->rate_hz, reference_value(r, "phase"), i);
        for (unsigned k = 1; k <= most; k++)
            r->out[0][i] += level * partial(wave, width, k, cycle);
    }
}

/* ---- noise ----------------------------------------------------------------------------------------------------------- */

/* Colours in poles and zeros: pink, brown, blue. What they are is up to the node; that they are run without error is
 * compared. */
static const struct colour {
    unsigned n;
    double poles[8], zeros[8];
} colours[] = {
    {0},
    {8,
     {0.999604575, 0.998118318, 0.993379449, 0.977365177, 0.924238519, 0.761424292, 0.366234446, -0.359198079},
     {0.999050164, 0.996445152, 0.987736175, 0.958422195, 0.863895547, 0.598521937, 0.0946037341, -0.424715925}},
    {3, {0, -0.545025993, -0.0641851563}, {0, -0.187250701, -0.598423798}},
    {8,
     {0.999050164, 0.996445152, 0.987736175, 0.958422195, 0.863895547, 0.598521937, 0.0946037341, -0.424715925},
     {0.999604575, 0.998118318, 0.993379449, 0.977365177, 0.924238519, 0.761424292, 0.366234446, -0.359198079}},
};

/* One pole and one zero after the other. */
static void colour_run(const struct colour *colour, double leak, double *x, size_t n)
{
    for (unsigned k = 0; k < colour->n; k++) {
        double x1 = 0, y1 = 0, pole = k == 0 && colour->poles[0] == 0 ? leak : colour->poles[k];
        for (size_t i = 0; i < n; i++) {
            double y = x[i] - colour->zeros[k] * x1 + pole * y1;
            x1 = x[i];
            x[i] = y1 = y;
        }
    }
}

/* The factor that makes the rms 1: from the energy of the answer to a single sample. */
static double colour_scale(const struct colour *colour, double leak)
{
    enum { N = 1 << 18 };
    double *x = calloc(N, sizeof *x), energy = 0;
    x[0] = 1;
    colour_run(colour, leak, x, N);
    for (size_t i = 0; i < N; i++)
        energy += x[i] * x[i];
    free(x);
    return 1 / sqrt(energy);
}

static void noise(const struct reference *r)
{
    const struct colour *colour = &colours[(unsigned)reference_value(r, "colour")];
    double leak = exp(-TAU * 4 / r->rate_hz);
    struct white white = white_of((uint64_t)reference_value(r, "seed") * PORT_CHANNELS_MAX);
    for (size_t i = 0; i < r->n; i++)
        r->out[0][i] = sqrt(3) * (double)white_at(&white, (uint32_t)i);
    colour_run(colour, leak, r->out[0], r->n);
    double scale = reference_gain(reference_value(r, "level")) * colour_scale(colour, leak);
    for (size_t i = 0; i < r->n; i++)
        r->out[0][i] *= scale;
}

/* ---- control --------------------------------------------------------------------------------------------------------- */

static void constant(const struct reference *r)
{
    for (size_t i = 0; i < r->n; i++)
        r->out[0][i] = reference_value(r, "value");
}

static double calculate(unsigned op, double x, double y)
{
    switch (op) {
    case 0:
        return x + y;
    case 1:
        return x - y;
    case 2:
        return x * y;
    case 3:
        return y == 0 ? 0 : x / y;
    case 4:
        return y == 0 ? 0 : x - y * floor(x / y);
    case 5:
        return x == 0 ? 0 : copysign(pow(fabs(x), y), x);
    case 6:
        return fmin(x, y);
    case 7:
        return fmax(x, y);
    case 8:
        return x > y;
    default:
        return fabs(x);
    }
}

static void math(const struct reference *r)
{
    for (size_t i = 0; i < r->n; i++)
        r->out[0][i] = calculate((unsigned)reference_value(r, "op"), r->in[0][i] + reference_value(r, "add_a"),
                                 r->in[1][i] + reference_value(r, "add_b"));
}

static void slew(const struct reference *r)
{
    double rise = reference_value(r, "rise") * r->rate_hz, fall = reference_value(r, "fall") * r->rate_hz, y = 0;
    bool linear = reference_value(r, "shape") == 0;
    for (size_t i = 0; i < r->n; i++) {
        double way = r->in[0][i] - y;
        if (linear)
            y += fmin(fmax(way, -1 / fall), 1 / rise);
        else
            y += way * (1 - exp(-1 / (way > 0 ? rise : fall)));
        r->out[0][i] = y;
    }
}

static void wire(const struct reference *r)
{
    for (unsigned c = 0; c < r->channels; c++)
        memcpy(r->out[c], r->in[c], r->n * sizeof(double));
}

static void sample_hold(const struct reference *r)
{
    double held = 0, rate = reference_value(r, "rate");
    bool was_open = false;
    for (size_t i = 0; i < r->n; i++) {
        bool is_open = r->in[1][i] > 0.5;
        /* The clock strikes with the first frame of each of its cycles. */
        bool strikes = rate > 0 && (i == 0 || floor((double)i * rate / r->rate_hz + 1e-9) >
                                                  floor(((double)i - 1) * rate / r->rate_hz + 1e-9));
        if (strikes || (is_open && !was_open))
            held = r->in[0][i];
        was_open = is_open;
        r->out[0][i] = held;
    }
}

static void envelope_follower(const struct reference *r)
{
    double up = reference_value(r, "attack") * r->rate_hz / 1000, down = reference_value(r, "release") * r->rate_hz / 1000;
    bool rms = reference_value(r, "mode") > 0;
    double y = 0, mean = 0;
    for (size_t i = 0; i < r->n; i++) {
        mean += (r->in[0][i] * r->in[0][i] - mean) * (1 - exp(-1 / (0.02 * r->rate_hz)));
        double x = rms ? mean : fabs(r->in[0][i]);
        y += (x - y) * (1 - exp(-1 / (x > y ? up : down)));
        r->out[0][i] = rms ? sqrt(y) : y;
    }
}

/* The part of its way that a stage has gone at t = 0..1. */
static double bent(double t, double curve)
{
    double k = log(1000) * curve;
    return fabs(k) < 1e-9 ? t : (1 - exp(-k * t)) / (1 - exp(-k));
}

static void adsr(const struct reference *r)
{
    double sustain = reference_value(r, "sustain"), curve = reference_value(r, "curve"), level = 0, from = 0;
    bool by_hand = reference_value(r, "open") > 0, was_open = false;
    size_t since = 0;
    for (size_t i = 0; i < r->n; i++) {
        bool is_open = by_hand || r->in[0][i] > 0.5;
        if (is_open != was_open) {
            since = i;
            from = is_open && reference_value(r, "from_zero") > 0 ? 0 : level;
        }
        was_open = is_open;
        double t = (double)(i - since) / r->rate_hz, attack = reference_value(r, "attack"),
               decay = reference_value(r, "decay"), release = reference_value(r, "release");
        if (!is_open)
            level = t < release ? from * (1 - bent(t / release, curve)) : 0;
        else if (t < attack)
            level = from + (1 - from) * bent(t / attack, curve);
        else
            level = t < attack + decay ? 1 + (sustain - 1) * bent((t - attack) / decay, curve) : sustain;
        r->out[0][i] = level;
    }
}

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static double sample_at(const struct media *media, unsigned channel, double place, bool loop, double start)
{
    double n = (double)media->n_frames;
    if (place < 0 || (!loop && place >= n))
        return 0;
    if (place >= n)
        place = start + fmod(place - n, n - start);
    return (double)media->samples[(size_t)place * media->channels + channel % media->channels];
}

/* The ideal: all samples within a long reach, each with its sinc under a Hann window. */
static double sinc_at(const struct media *media, unsigned channel, double place, bool loop, double start)
{
    enum { REACH = 400 };
    double whole = floor(place), sum = 0;
    for (int k = -REACH; k <= REACH; k++) {
        double t = place - (whole + k);
        double sinc = fabs(t) < 1e-12 ? 1 : sin(M_PI * t) / (M_PI * t);
        sum += sample_at(media, channel, whole + k, loop, start) * sinc * (0.5 + 0.5 * cos(M_PI * t / (REACH + 1)));
    }
    return sum;
}

static void player(const struct reference *r)
{
    bool loop = reference_value(r, "loop") > 0;
    double rate = reference_value(r, "rate"), start = floor(reference_value(r, "start") * r->rate_hz + 0.5);
    for (unsigned c = 0; c < 2; c++)
        for (size_t i = 0; i < r->n; i++) {
            double place = start + rate * (double)i;
            double sound =
                rate == 1 ? sample_at(r->media, c, place, loop, start) : sinc_at(r->media, c, place, loop, start);
            r->out[c][i] = sound * reference_gain(reference_value(r, "gain"));
        }
}

/* ---- in time with the piece, which stands ---------------------------------------------------------------------------- */

static void metronome(const struct reference *r)
{
    memset(r->out[0], 0, r->n * sizeof *r->out[0]);
}

/* All steps alike but for the first, whose gate and velocity differ. */
static void sequencer(const struct reference *r)
{
    double rate = reference_value(r, "rate"), swing = reference_value(r, "swing"), velocity = 0, pitch = 0, open = 0;
    long length = (long)fmin(reference_value(r, "length"), reference_value(r, "steps"));
    for (size_t i = 0; i < r->n; i++) {
        double at = ((double)i + 0.5) * rate / r->rate_hz;
        long step = (long)at;
        if (step % 2 && at < (double)step + swing)
            step--;
        double begin = (double)step + (step % 2 ? swing : 0), end = (double)step + 1 + (step % 2 ? 0 : swing);
        double gate = reference_value(r, step % length ? "gate2" : "gate1");
        if (reference_value(r, "free") > 0) {
            open = at < begin + gate * (end - begin);
            velocity = reference_value(r, step % length ? "velocity2" : "velocity1") / 127;
            pitch = (60 + reference_value(r, "transpose") - 69) / 12;
        }
        r->out[0][i] = pitch;
        r->out[1][i] = open;
        r->out[2][i] = velocity;
    }
}

/* ---- instruments, to whom nobody plays: their notes have tests of their own ------------------------------------------- */

static void unplayed(const struct reference *r)
{
    for (unsigned c = 0; c < r->channels; c++)
        memset(r->out[c], 0, r->n * sizeof *r->out[c]);
}

const struct reference_row reference_synth[] = {
    {"lfo",
     lfo,
     {"", "shape=1 rate=7.3 phase=0.3", "shape=2 rate=31 depth=0.5 offset=0.2", "shape=3", "shape=4 rate=77",
      "shape=5 rate=23 phase=0.1", "shape=6 rate=17 seed=3", NULL}},
    {"adsr",
     adsr,
     {"", "open=1 attack=0.1 decay=0.07 sustain=0.3", "open=1 attack=0.03 decay=0.2 curve=-1", "attack=0.001 curve=0",
      "attack=0.002 decay=0.01 release=0.05 from_zero=1", NULL}},
    {"constant", constant, {"", "value=-0.37", NULL}},
    {"envelope_follower",
     envelope_follower,
     {"", "mode=1", "attack=50 release=1000", "attack=0.1 release=20 mode=1", NULL}},
    {"fm", unplayed, {"", "algorithm=32 oversample=0", NULL}},
    {"math", math, {"", "op=1 add_a=0.3", "op=2 add_b=0.7", "op=3 add_b=2", "op=5 add_b=1.5", "op=8 add_a=0.1"}},
    {"metronome", metronome, {"", "subdivision=3", NULL}},
    {"sampler", unplayed, {"", NULL}},
    {"sequencer",
     sequencer,
     {"", "free=1", "free=1 rate=33 length=3 gate1=0.9 velocity1=17 transpose=7", "free=1 rate=7 swing=0.3 gate1=0.2",
      "free=1 steps=2 gate2=1 rate=50", NULL}},
    {"noise", noise, {"", "colour=1 seed=7", "colour=2 level=-30", "colour=3 level=-6", NULL}},
    {"osc",
     osc,
     {"", "freq=12345 fine=33 phase=0.7 level=-3", "wave=1 freq=100", "wave=2 freq=333.3 level=0",
      "wave=3 freq=3000 fine=-20", "wave=4 width=0.1 freq=55 phase=0.2"},
     .band_limited = true,
     .unfed = true},
    {"quantizer",
     reference_quantizer,
     {"hysteresis=0", "scale=0 root=4 transpose=7 hysteresis=60", "scale=11 step3=1", NULL}},
    {"wavetable",
     reference_wavetable,
     {"", "cycle=600 position=0.3 freq=97 fine=12 level=-6", "freq=3000 position=1 phase=0.3", NULL},
     .band_limited = true,
     .unfed = true},
    {"sample_hold", sample_hold, {"rate=700", "rate=12000", NULL}},
    {"slew", slew, {"", "rise=0.01 fall=0.3", "shape=1 rise=0.002 fall=0.05", NULL}},
    {"voice_out", wire, {"", NULL}},
    {"player", player, {"", "rate=0.37 gain=-6", "loop=1 rate=1", NULL}},
};
const unsigned n_reference_synth = ROWS(reference_synth);
