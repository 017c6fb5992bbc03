/* Keeping what is not sound out of memory that outlives the block.
 *
 * A NaN or an infinity may pass through a node, but a recursion or a line that has once stored it plays it for ever. Huge
 * finite values count too: their sums overflow later. 1e30 is 600 dB over full scale, and far enough from the largest float
 * for a filter with a high peak.
 */
#pragma once

#include <math.h>
#include <stdbool.h>

#include "graph/thread.h"

#define SOUND_MOST 1e30f /* no sound is larger */

/* False for NaN, infinity and absurd sizes: a comparison with NaN is false. */
DAWD_RT static inline bool is_sound(float x)
{
    return fabsf(x) < SOUND_MOST;
}

/* x where it is sound, else 0; vectorises. */
DAWD_RT static inline float sound_or_zero(float x)
{
    return is_sound(x) ? x : 0.0f;
}
