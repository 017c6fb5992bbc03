/* The last word of a limiter: takes away what a moving gain has added between the samples, for certain.
 *
 * A gain that moves makes other peaks between the samples than those that were measured before it: a point between them is a
 * sum over many frames, each of which now has another gain. So the sound is measured again, and where it is above the
 * ceiling it is turned down by a little once more:
 *
 *     dip   0 ----.            .----      1 - dip = the gain;  slopes of `slope` frames per factor e,
 *                  `-.      .-'           PEAK_GUARD_REACH frames to either side
 *                     `'--`'
 *
 * This dip moves too; why is it safe? At distance j the dip is at most exp(j / slope) times as deep as here, d. A point with the
 * weights h_j is the sum of h_j y_j (1 - d_j), which is its old value times 1 - d, and a rest of at most d C times
 *
 *     stray = sum |h_j| (exp(|j| / slope) - 1),        C being the ceiling, which no sample exceeds,
 *
 * and that is less than 1 for a long slope. A point p that was at or below C is so also afterwards: (1 - d) C + d C stray <= C. One
 * above it needs d = (p - C) / (p - stray C). Only at their ends the slopes are cut off, since nothing can be heard of a sound
 * before it is there; what that may add is less than PEAK_GUARD_MARGIN, by which the ceiling is kept lower.
 * (tests/effects/test_limiter.c adds it all up.)
 */
#pragma once

#include <string.h>

#include "graph/node.h"

#define PEAK_GUARD_REACH  191     /* frames */
#define PEAK_GUARD_SLOPE  30.5    /* frames to a part e */
#define PEAK_GUARD_STRAY  0.70f   /* for the weights of graph/dsp/intersample.h */
#define PEAK_GUARD_MARGIN 1.3e-3f /* 0.011 dB */

/* A dip as deep as can be, and one place that makes it a multiple of 16. */
#define PEAK_GUARD_SPAN (2 * PEAK_GUARD_REACH + 2)

struct peak_guard {
    float shape[PEAK_GUARD_SPAN];           /* 1 in the middle */
    float dip[PEAK_GUARD_SPAN + BLOCK_MAX]; /* from the next frame that goes out on */
    unsigned n_at_rest;                     /* frames in a row that nothing was above the ceiling, up to PEAK_GUARD_SPAN */
};

DAWD_CTL void peak_guard_init(struct peak_guard *guard);

/* Given what n frames and the points behind them come to (null: they are not above it), and the ceiling of each: dip[0..n - 1] are
 * the dips of the frames PEAK_GUARD_REACH before them. True where any is above 0. To be followed by peak_guard_advance. */
DAWD_RT bool peak_guard_run(struct peak_guard *guard, const float *peak, const float *ceiling, unsigned n);
DAWD_RT void peak_guard_advance(struct peak_guard *guard, unsigned n);

/* None is left. */
DAWD_RT static inline void peak_guard_clear(struct peak_guard *guard)
{
    memset(guard->dip, 0, sizeof guard->dip);
    guard->n_at_rest = PEAK_GUARD_SPAN;
}

/* Whether no dip is left. */
DAWD_RT static inline bool peak_guard_rests(const struct peak_guard *guard)
{
    return guard->n_at_rest == PEAK_GUARD_SPAN;
}
