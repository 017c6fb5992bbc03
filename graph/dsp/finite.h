/* Keeping what is not sound out of memory that outlives the block.
 *
 * A NaN or an infinity may pass through a node, but a recursion or a line that has once stored it plays it for ever. Huge
 * finite values count too: their sums overflow later. 1e30 is 600 dB over full scale, and far enough from the largest float
 * for a filter with a high peak.
 */
#pragma once

#include <string.h>

#include "graph/node.h"

#define SOUND_MOST 1e30f /* no sound is larger */

/* False for NaN, infinity and absurd sizes: a comparison with NaN is false. */
DAWD_RT static inline bool is_sound(float x)
{
    return fabsf(x) < SOUND_MOST;
}

/* x where it is worth keeping in a line that feeds itself, else 0: what comes to less than SLEEP_LEVEL ends there, so that
 * the line is empty some time; vectorises. */
DAWD_RT static inline float lasting_or_zero(float x)
{
    float size = fabsf(x);
    return (size < SOUND_MOST) & (size >= SLEEP_LEVEL) ? x : 0.0f;
}

/* Whether all are 0; 0 counts, -0 does not. */
DAWD_RT static inline bool all_zero(const float *x, unsigned n)
{
    uint32_t bits = 0, one;
    for (unsigned i = 0; i < n; i++) {
        memcpy(&one, &x[i], sizeof one);
        bits |= one;
    }
    return !bits;
}

/* x where it is sound, else 0; vectorises. */
DAWD_RT static inline float sound_or_zero(float x)
{
    return is_sound(x) ? x : 0.0f;
}
