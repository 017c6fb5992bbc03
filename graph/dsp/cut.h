/* What an echo loses on every round: a low or a high cut of 6 dB per octave that can be out of the loop altogether.
 *
 * A filter inside a feedback loop is heard once per round, so even one far outside of what is audible colours a long decay.
 * Therefore each cut has an end of its range where it is off, and within the octave before that it blends linearly into
 * the plain signal: off is exact, and reached without a step.
 *
 *     share of the plain   1 _                                   _
 *     signal                  \                                 /
 *                          0   \_______ ...       ... _________/
 *     low cut at              10  20 Hz   high cut at  10 kHz  20 kHz
 */
#pragma once

#include "graph/dsp/delay_line.h"
#include "graph/dsp/onepole.h"
#include "graph/dsp/vector.h"

/* The ends at which a cut is off. */
#define LOW_CUT_OFF_HZ  10.0f
#define HIGH_CUT_OFF_HZ 20000.0f

/* How one cut moves during a stretch of sound. Worked out once for all channels. */
struct cut {
    double gain[DELAY_STRETCH_MAX]; /* coefficient of the one-pole filter */
    float plain[DELAY_STRETCH_MAX]; /* share of the plain signal: 1 where the cut is off */
};

/* plain = from + per_hz * hz, held in 0..1: the straight line of the octave at the end of the range. The loop is short of
 * branches so that it is vectorised, tangent and all. */
DAWD_RT static inline void cut_set(struct cut *cut, const float *hz, double rate_hz, float from, float per_hz, unsigned n)
{
    double per_rate = 1 / rate_hz;
    for (unsigned i = 0; i < n; i++) {
        float plain = from + per_hz * hz[i];
        cut->gain[i] = onepole_gain(hz[i] * per_rate);
        cut->plain[i] = plain < 0 ? 0 : plain > 1 ? 1 : plain;
    }
}

/* Cuts what lies below hz[i] out of n frames of every channel, with one pole of state per channel; x must be finite. */
DAWD_RT static inline void cut_low(struct onepole *poles, const float *hz, double rate_hz, float (*x)[DELAY_STRETCH_MAX],
                                   unsigned channels, unsigned n)
{
    struct cut cut;
    /* 1 at LOW_CUT_OFF_HZ, 0 from twice that on. */
    cut_set(&cut, hz, rate_hz, 2, -1 / LOW_CUT_OFF_HZ, n);
    for (unsigned c = 0; c < channels; c++)
        for (unsigned i = 0; i < n; i++)
            /* The high-pass is the signal without its low-pass: where that has no share, the very sample stays. */
            x[c][i] -= (1 - cut.plain[i]) * onepole_lowpass(&poles[c], x[c][i], cut.gain[i]);
}

/* The same for what lies above. Both read hz[i] in 0..0.49 of the rate, above which the filter stays as it is there. */
DAWD_RT static inline void cut_high(struct onepole *poles, const float *hz, double rate_hz, float (*x)[DELAY_STRETCH_MAX],
                                    unsigned channels, unsigned n)
{
    struct cut cut;
    /* 0 up to half of HIGH_CUT_OFF_HZ, 1 there. */
    cut_set(&cut, hz, rate_hz, -1, 2 / HIGH_CUT_OFF_HZ, n);
    for (unsigned c = 0; c < channels; c++)
        for (unsigned i = 0; i < n; i++) {
            float low = onepole_lowpass(&poles[c], x[c][i], cut.gain[i]);
            x[c][i] = cut.plain[i] * x[c][i] + (1 - cut.plain[i]) * low;
        }
}
