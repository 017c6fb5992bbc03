/* Reading between the samples.
 *
 * Cubic Lagrange: flat to the third order at 0 Hz, exactly the sample at f = 0 and 1, with a gain of at most 1 at every frequency
 * when the point lies between the two middle samples, so that a feedback loop around it stays stable (T. Laakso et al.,
 * "Splitting the unit delay", IEEE Signal Processing Magazine 13, 1996).
 */
#pragma once

#include "graph/thread.h"

/* Weights of four samples at -1, 0, 1, 2 for a point at f in 0..1; their sum is 1. */
DAWD_ANY static inline void lagrange_weights(float f, float w[4])
{
    w[0] = -f * (f - 1) * (f - 2) * (1 / 6.0f);
    w[1] = (f + 1) * (f - 1) * (f - 2) * 0.5f;
    w[2] = -(f + 1) * f * (f - 2) * 0.5f;
    w[3] = (f + 1) * f * (f - 1) * (1 / 6.0f);
}
