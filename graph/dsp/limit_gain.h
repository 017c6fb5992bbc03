/* The gain of a limiter: from how far every frame is over the ceiling to a gain that is low enough in time, smooth, and slow to
 * come back.
 *
 *     over --> [highest of attack + hold] --> [log2] --> [release, slow and fast] --> [smooth: span] --> [2^-x] --> gain
 *
 * The highest of a window, and then a mean of that length: wherever the mean ends, all it is made of are at least what
 * the frame needs (P. Hamalainen, "Smoothing of the control signal without clipped output in digital peak limiters", DAFx 2002).
 * So the gain of a frame is never above what it has to be, and as smooth as the weights of the mean. All of it is a
 * logarithm: a fall by 60 dB is spread as evenly as one by 6.
 *
 * Hold: bass has its peaks half a period apart. While the gain waits that long before it rises, it stands still under a steady
 * tone, which therefore gets no harmonics.
 *
 * Release in two parts, as by the two capacitors of the "automatic" setting of analogue limiters: what was over the ceiling on
 * the average of late comes back slowly, what was a single peak fast. More than LIMIT_GAIN_MOST_DB is no music but an accident,
 * and what is beyond that is made good at once.
 *
 * It counts in whole units of a 2^20th of an octave (6e-6 dB), so that means are exact and rest is rest.
 */
#pragma once

#include "graph/dsp/box_stack.h"
#include "graph/dsp/highest.h"

#define LIMIT_GAIN_FLAT   4      /* frames around one that is over the ceiling that get its gain too */
#define LIMIT_GAIN_HOLD_S 0.0125 /* half a period of 40 Hz */

/* Beyond this the gain comes back within LIMIT_GAIN_ACCIDENT_S, however slow the release is. */
#define LIMIT_GAIN_MOST_DB    40
#define LIMIT_GAIN_ACCIDENT_S 0.01

struct limit_gain {
    struct highest held;
    struct box_stack smooth;
    double fast, slow;  /* what the release is at, and the average that it comes back to, in units */
    unsigned n_silent;  /* frames of silence in a row, up to `memory` */
    unsigned n_at_rest; /* frames in a row that nothing was over the ceiling or is left of it, up to `memory` */
    double accident;    /* the share of what is beyond LIMIT_GAIN_MOST_DB that comes back in a frame */
    unsigned memory;    /* frames after which everything is past */
};

/* Shares of the release per frame (graph/dsp/lag.h): of single peaks, and of the average. */
struct limit_release {
    double fast, slow;
};

/* Takes its memory from the arena. The gain comes `attack` - 1 frames after its frame, 8 or more. False when memory ran out. */
DAWD_CTL bool limit_gain_init(struct limit_gain *gain, struct arena *arena, unsigned attack, double rate_hz);

/* The gains of n frames, the first of which is attack - 1 frames before over[0]: 1 exactly where nothing near is over the
 * ceiling. over[i], 0 or more and below 2^120, is the level in parts of the ceiling. release[i] per frame, or release[0] for all of
 * them. */
DAWD_RT void limit_gain_run(struct limit_gain *gain, const float *over, const struct limit_release *release,
                            bool release_moves, float *out, unsigned n);

/* All before was silence. */
DAWD_RT static inline void limit_gain_clear(struct limit_gain *gain)
{
    highest_clear(&gain->held);
    box_stack_clear(&gain->smooth);
    gain->fast = gain->slow = 0;
    gain->n_silent = gain->n_at_rest = gain->memory;
}

/* Whether nothing of the past is left in it. */
DAWD_RT static inline bool limit_gain_rests(const struct limit_gain *gain)
{
    return gain->n_at_rest == gain->memory;
}
