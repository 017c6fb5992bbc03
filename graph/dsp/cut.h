/* What an echo loses on every round: a low and a high cut of 6 dB per octave that can be out of the loop altogether.
 *
 * A filter inside a feedback loop is heard once per round, so even one far outside of what is audible colours a long decay.
 * Therefore each cut has an end of its range where it is off, and within the octave before that it blends linearly into
 * the plain signal: off is exact, and reached without a step.
 *
 *     share of the filter  1     _______ ...       ... _________
 *                               /                               \
 *                          0  _/                                 \_
 *     low cut at              10  20 Hz   high cut at  10 kHz  20 kHz
 *
 * Both cuts and two channels go through one loop: a recursion waits for itself, so four take hardly longer than one.
 */
#pragma once

#include "graph/dsp/control.h"
#include "graph/dsp/delay_line.h"
#include "graph/dsp/onepole.h"
#include "graph/dsp/vector.h"

/* The ends at which a cut is off. */
#define LOW_CUT_OFF_HZ  10.0f
#define HIGH_CUT_OFF_HZ 20000.0f

/* How one cut moves during a stretch of sound. Worked out once for all channels. */
struct cut {
    double gain[DELAY_STRETCH_MAX];  /* coefficient of the one-pole filter */
    double share[DELAY_STRETCH_MAX]; /* of the filtered signal: 0 where the cut is off */
    bool forgets;                    /* where it is off */
    bool returns;                    /* from being off, at some frame */
};

/* The poles of one cut, one per channel. */
struct cut_poles {
    struct onepole channel[PORT_CHANNELS_MAX];
};

/* share = from + per_hz * hz, held in 0..1: the straight line of the octave at the end of the range. The loop is short of
 * branches so that it is vectorised, tangent and all. */
DAWD_RT static inline void cut_follow(struct cut *cut, const float *hz, double rate_hz, float from, float per_hz,
                                      unsigned n)
{
    double per_rate = 1 / rate_hz;
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        float share = from + per_hz * hz[i];
        cut->gain[i] = onepole_gain(hz[i] * per_rate);
        cut->share[i] = share < 0 ? 0 : share > 1 ? 1 : share;
    }
}

/* The cut during n frames from frame `from` of the block on, off at off_hz, one of the two above. When it comes back after that,
 * what it held would be long past: it begins anew. */
DAWD_RT static inline void cut_aim(struct cut *cut, const struct param *hz, unsigned from, double rate_hz, float off_hz,
                                   unsigned n)
{
    float room[DELAY_STRETCH_MAX];
    /* 0 at the off end, 1 an octave before it: twice the low end, half of the high one. */
    bool is_low = off_hz == LOW_CUT_OFF_HZ;
    float share_from = is_low ? -1 : 2, share_per_hz = is_low ? 1 / off_hz : -2 / HIGH_CUT_OFF_HZ;
    bool constant = param_is_constant(hz);
    cut_follow(cut, control_stretch(hz, from, room, n), rate_hz, share_from, share_per_hz, constant ? 1 : n);
    for (unsigned i = 1; constant && i < n; i++) {
        cut->gain[i] = cut->gain[0];
        cut->share[i] = cut->share[0];
    }
    cut->forgets = true;
    cut->returns = false;
    for (unsigned i = 1; !constant && i < n; i++)
        cut->returns |= cut->share[i - 1] == 0 && cut->share[i] > 0;
}

/* The frame behind `from` at which it returns, or n. */
DAWD_RT static inline unsigned cut_return(const struct cut *cut, unsigned from, unsigned n)
{
    unsigned to = from + 1;
    while (cut->returns && to < n && !(cut->share[to - 1] == 0 && cut->share[to] > 0))
        to++;
    return cut->returns ? to : n;
}

/* One frame of the one-pole low-pass on two channels: as onepole_lowpass, with the shorter way from state to state. */
DAWD_RT static inline DOUBLE2 cut_lowpass(DOUBLE2 *s, DOUBLE2 x, double gain)
{
    DOUBLE2 beyond = x - *s, low = *s + gain * beyond;
    *s += (2 * gain) * beyond;
    return low;
}

/* Both cuts and two channels, as they are between frames. */
struct cut_pair {
    DOUBLE2 below, above;
};

DAWD_RT static inline void cut_frames(struct cut_pair *pair, const struct cut *low, const struct cut *high, float *one,
                                      float *other, unsigned from, unsigned to)
{
    DOUBLE2 below = pair->below, above = pair->above;
    for (unsigned i = from; i < to; i++) {
        DOUBLE2 y = {one[i], other[i]};
        /* The high-pass is the signal without its low-pass: where that has no share, the very sample stays. */
        y -= low->share[i] * cut_lowpass(&below, y, low->gain[i]);
        y = (1 - high->share[i]) * y + high->share[i] * cut_lowpass(&above, y, high->gain[i]);
        one[i] = (float)y[0];
        other[i] = (float)y[1];
    }
    *pair = (struct cut_pair){below, above};
}

/* Takes both cuts from n frames of channels c and d, which may be one; x must be finite. */
DAWD_RT static inline void cut_two(const struct cut *low, struct cut_poles *lows, const struct cut *high,
                                   struct cut_poles *highs, float (*x)[DELAY_STRETCH_MAX], unsigned c, unsigned d,
                                   unsigned n)
{
    struct cut_pair pair = {{lows->channel[c].s, lows->channel[d].s}, {highs->channel[c].s, highs->channel[d].s}};
    for (unsigned from = 0, to; from < n; from = to) {
        to = cut_return(high, from, cut_return(low, from, n));
        cut_frames(&pair, low, high, x[c], x[d], from, to);
        pair.below = low->forgets && low->share[to - 1] == 0 ? (DOUBLE2){0} : pair.below;
        pair.above = high->forgets && high->share[to - 1] == 0 ? (DOUBLE2){0} : pair.above;
    }
    lows->channel[c].s = pair.below[0];
    lows->channel[d].s = pair.below[1];
    highs->channel[c].s = pair.above[0];
    highs->channel[d].s = pair.above[1];
}
