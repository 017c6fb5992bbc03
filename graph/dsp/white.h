/* White noise without memory: the value of a frame is a hash of its number, so that any frame is made alone, many at once.
 *
 * The hash is two rounds of xor-shift and multiply with the constants of C. Wellons' search for the least biased ones
 * ("Hash Prospector", 2018), keyed at its beginning and in its middle: other keys make another sequence, not the same one
 * from another place on.
 * For one key it is a permutation of all 2^32 frame numbers, after which it repeats: 24.8 hours at 48 kHz.
 */
#pragma once

#include <stdint.h>

#include "graph/dsp/vector.h"
#include "graph/thread.h"

/* One sequence out of 2^64. */
struct white {
    uint32_t before, between; /* keys */
};

/* The sequence of a number. Numbers may be neighbours: their sequences are as different as any (the mixer of G. Steele et
 * al., "Fast splittable pseudorandom number generators", OOPSLA 2014). */
DAWD_ANY static inline struct white white_of(uint64_t number)
{
    uint64_t x = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    x ^= x >> 31;
    return (struct white){(uint32_t)(x >> 32), (uint32_t)x};
}

/* The same inside of a container (struct node_init): each of its voices has a sequence of its own, and the first one, like what is
 * in no container, that of the number itself, which is below 2^48. */
DAWD_ANY static inline struct white white_of_voice(uint64_t number, unsigned voice)
{
    return white_of(number | (uint64_t)voice << 48);
}

/* The value of a frame, even between -1 and 1. */
DAWD_ANY static inline float white_at(const struct white *white, uint32_t frame)
{
    uint32_t x = frame ^ white->before;
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) + white->between;
    x = (x ^ x >> 15) * 0x846ca68bu;
    x ^= x >> 16;
    return (float)(int32_t)x * 0x1p-31f;
}

/* `gain` times n frames from `frame` on. */
DAWD_RT DAWD_CLONES static inline void white_fill(float *out, const struct white *white, uint32_t frame, float gain,
                                                  unsigned n)
{
    struct white keys = *white;
    for (unsigned i = 0; i < n; i++)
        out[i] = gain * white_at(&keys, frame + i);
}
