/* The state-variable filter while its cutoff, resonance or mode moves: coefficients of their own for every frame.
 *
 *      cutoff --> [tangent] --> svf_motion --+-- k of a section --> svf_steps --> two channels side by side
 *                                            +-- k of the next  --> svf_steps --> ...
 *
 * The coefficients of a stretch are worked out first, in loops that are vectorised; what is left for the recursion, which
 * nothing can make parallel, is to use them. It waits for itself most of the time, so a second channel beside the first
 * is free.
 */
#pragma once

#include "graph/dsp/svf.h"

#define SVF_STRETCH 64 /* frames: all of it fits into the nearest cache */

/* A moving cutoff, the same for all sections: products of the sine s and the cosine c of pi cutoff / rate, whose ratio is g. */
struct svf_motion {
    double cc[SVF_STRETCH], sc[SVF_STRETCH], ss[SVF_STRETCH];
};

/* One section in motion: the coefficients of svf_tick, and the shares of input, band and low-pass with all that
 * stands before them there. */
struct svf_steps {
    double a[SVF_STRETCH], b[SVF_STRETCH], c[SVF_STRETCH];
    double input[SVF_STRETCH], band[SVF_STRETCH], low[SVF_STRETCH];
};

/* The cutoff of n frames, n up to SVF_STRETCH, held at 0.49 of the rate as in svf_tangent. */
DAWD_RT static inline void svf_motion_set(struct svf_motion *motion, const float *cutoff_hz, double frame_s, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        double x = cutoff_hz[i] * frame_s;
        x = x < 0.49 ? x : 0.49;
        double s = fast_sin_pi(x), c = fast_sin_pi(0.5 - x);
        motion->cc[i] = c * c;
        motion->sc[i] = s * c;
        motion->ss[i] = s * s;
    }
}

/* One section of it, by k[i] = 1 / q and mix[m][i]. These are svf_coefficients with both sides of every fraction
 * multiplied by c^2: one division. */
DAWD_RT static inline void svf_steps_set(struct svf_steps *steps, const struct svf_motion *motion, const float *k,
                                         float *const mix[3], unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        double cc = motion->cc[i], sc = motion->sc[i], ss = motion->ss[i];
        double twice = 2 / (cc + ss + k[i] * sc);
        steps->a[i] = twice * cc - 1;
        steps->b[i] = twice * sc;
        steps->c[i] = twice * ss;
        steps->input[i] = mix[0][i];
        steps->band[i] = 0.5f * k[i] * mix[1][i];
        steps->low[i] = 0.5f * mix[2][i];
    }
}

/* Two channels, each as svf_tick would go; x and out of a channel may be the same. A channel that has no other runs
 * beside itself: all pairs of pointers may be equal. */
DAWD_RT static inline void svf_steps_run(const struct svf_steps *steps, struct svf *const svf[2], const float *const x[2],
                                         float *const out[2], unsigned n)
{
    DOUBLE2 s1 = {svf[0]->s1, svf[1]->s1}, s2 = {svf[0]->s2, svf[1]->s2};
    for (unsigned i = 0; i < n; i++) {
        DOUBLE2 in = {x[0][i], x[1][i]}, before1 = s1, before2 = s2, v3 = in - before2;
        s1 = steps->a[i] * before1 + steps->b[i] * v3;
        s2 = before2 + steps->b[i] * before1 + steps->c[i] * v3;
        DOUBLE2 y = steps->input[i] * in + steps->band[i] * (before1 + s1) + steps->low[i] * (before2 + s2);
        out[0][i] = (float)y[0];
        out[1][i] = (float)y[1];
    }
    *svf[0] = (struct svf){s1[0], s2[0]};
    *svf[1] = (struct svf){s1[1], s2[1]};
}
