/* A value on its way: where a fade or a parameter is between two settings.
 *
 * The position is counted in whole frames from the start, never accumulated, so that the way does not depend on how time
 * is cut into blocks. Control writes it once before the object is published; from then on it is the audio thread's.
 *
 *     value   from ................................ target, and stays there
 *     frames     0 .............. at .............. length
 */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

/* All-zero: it rests at 0. */
struct glide {
    float from, target; /* in the unit of whatever it is: a factor, or a parameter's own */
    uint32_t at;        /* frames gone */
    uint32_t length;    /* frames in all; at == length: arrived */
};

/* Rests at `value`, without a way there. */
DAWD_ANY static inline void glide_jump(struct glide *glide, float value)
{
    *glide = (struct glide){value, value, 0, 0};
}

/* Whether it has arrived, so that its value is `target` now and later. */
DAWD_ANY static inline bool glide_is_settled(const struct glide *glide)
{
    return glide->at == glide->length;
}

/* The value `n` frames from now, on a straight line. From its end on it is `target` itself and not a sum that comes near
 * it: a gain of 1 that is reached passes sound on bit by bit. */
DAWD_ANY static inline float glide_linear(const struct glide *glide, uint32_t n)
{
    if (n >= glide->length - glide->at)
        return glide->target;
    return glide->from + (glide->target - glide->from) * ((float)(glide->at + n) / (float)glide->length);
}

/* The value `n` frames from now, on a line that is straight in octaves; from and target are positive. A logarithm and a
 * power: for once per block, not per frame. */
DAWD_ANY static inline float glide_log(const struct glide *glide, uint32_t n)
{
    if (n >= glide->length - glide->at)
        return glide->target;
    return glide->from * exp2f(log2f(glide->target / glide->from) * ((float)(glide->at + n) / (float)glide->length));
}

/* Turns towards `target` from `now` (where it stands), to arrive after `frames`; with 0 frames it is there. What was left
 * of the former way is forgotten. */
DAWD_ANY static inline void glide_start(struct glide *glide, float now, float target, uint32_t frames)
{
    *glide = frames ? (struct glide){now, target, 0, frames} : (struct glide){target, target, 0, 0};
}

/* Lets n frames pass; a glide that has arrived stays where it is. */
DAWD_ANY static inline void glide_advance(struct glide *glide, uint32_t n)
{
    uint32_t left = glide->length - glide->at;
    glide->at += n < left ? n : left;
}
