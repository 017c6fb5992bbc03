/* Generators, control and players from their definitions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static void lfo(const struct reference *r)
{
    for (size_t i = 0; i < r->n; i++) {
        double cycle = cycle_at(reference_value(r, "rate"), r->rate_hz, reference_value(r, "phase"), i);
        r->out[0][i] = reference_value(r, "offset") +
                       reference_value(r, "depth") * lfo_shape((unsigned)reference_value(r, "shape"), cycle);
    }
}

static void osc(const struct reference *r)
{
    double hz = reference_value(r, "freq") * pow(2, reference_value(r, "fine") / 1200);
    for (size_t i = 0; i < r->n; i++)
        r->out[0][i] = reference_gain(reference_value(r, "level")) *
                       sin(TAU * cycle_at(hz, r->rate_hz, reference_value(r, "phase"), i));
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

const struct reference_row reference_synth[] = {
    {"lfo",
     lfo,
     {"", "shape=1 rate=7.3 phase=0.3", "shape=2 rate=31 depth=0.5 offset=0.2", "shape=3", "shape=4 rate=77", NULL}},
    {"osc", osc, {"", "freq=12345 fine=33 phase=0.7 level=-3", NULL}},
    {"player", player, {"", "rate=0.37 gain=-6", "loop=1 rate=1", NULL}},
};
const unsigned n_reference_synth = ROWS(reference_synth);
