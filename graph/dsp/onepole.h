/* The one-pole low-pass, trapezoidal: the bilinear transform of 1 / (1 + s / w), exact at its cutoff and stable under any
 * modulation (V. Zavalishin, "The Art of VA Filter Design", ch. 3). x minus the low-pass is the high-pass.
 */
#pragma once

#include "graph/dsp/fastmath.h"

/* One channel. All-zero, it has heard silence. */
struct onepole {
    double s; /* the integrator; double because a 10 Hz filter adds 1e-4 of a difference per frame, and must reach zero */
};

/* The coefficient of a cutoff given as a part of the sample rate, 0 or more; beyond 0.49 it is that of 0.49, where the
 * tangent is still tame. Vectorises. */
DAWD_ANY static inline double onepole_gain(double cutoff_per_rate)
{
    double g = fast_tan_pi(cutoff_per_rate < 0.49 ? cutoff_per_rate : 0.49);
    return g / (1 + g);
}

/* One frame; x must be finite, or the pole never forgets it. The trapezoid: what flows in during one half of the frame
 * moves the output, what flows in during the other half the state. */
DAWD_RT static inline float onepole_lowpass(struct onepole *pole, float x, double gain)
{
    double v = (x - pole->s) * gain;
    double y = pole->s + v;
    pole->s = y + v;
    return (float)y;
}
