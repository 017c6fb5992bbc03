/* What comes nearer to its goal by a share of the distance in every frame: the discrete form of an RC circuit.
 *
 *     y += share (goal - y)            share = 1 - exp(-1 / frames): after `frames`, 63 % of a step
 */
#pragma once

#include "graph/thread.h"

/* The share for a time of 63 % (1 - 1/e) in frames, 0 or more. It is 2 t / (1 + t) of t = tanh(1 / (2 frames)), by Pade's
 * fraction of that: within 1e-5 from one frame on, and without the cancellation of 1 - exp where the time is long. Shorter
 * than a fifth of a frame is at once. Vectorises. */
DAWD_ANY static inline double lag_share(double frames)
{
    double z = 0.5 / (frames > 0.2 ? frames : 0.2), z2 = z * z;
    double above = 2 * z * (105 + 10 * z2), below = 105 + z2 * (45 + z2);
    double share = above / (below + 0.5 * above);
    return frames > 0.2 ? share : 1;
}
