/* A value on its way: where a fade or a parameter is between two settings.
 *
 * The position is counted in whole frames from the start, never accumulated, so that the way does not depend on how time
 * is cut into blocks. Control writes it once before the object is published; from then on it is the audio thread's.
 *
 *     value   from ..... from ................................ target, and stays there
 *     frames       wait       0 .............. at .............. length
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
    uint32_t wait;      /* frames until it sets out; only on straight ways, and never where the length is 0 */
};

/* Rests at `value`, without a way there. */
DAWD_ANY static inline void glide_jump(struct glide *glide, float value)
{
    *glide = (struct glide){.from = value, .target = value};
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
    if (n >= glide->wait + (glide->length - glide->at))
        return glide->target;
    uint32_t gone = n > glide->wait ? n - glide->wait : 0;
    return glide->from + (glide->target - glide->from) * ((float)(glide->at + gone) / (float)glide->length);
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
    *glide = frames ? (struct glide){.from = now, .target = target, .length = frames}
                    : (struct glide){.from = target, .target = target};
}

/* As glide_start, but it stays where it stands for `wait` frames first; with 0 frames it is there at once. */
DAWD_ANY static inline void glide_start_after(struct glide *glide, float now, float target, uint32_t frames, uint32_t wait)
{
    glide_start(glide, now, target, frames);
    glide->wait = frames ? wait : 0;
}

/* Lets n frames pass; a glide that has arrived stays where it is. */
DAWD_ANY static inline void glide_advance(struct glide *glide, uint32_t n)
{
    uint32_t waited = n < glide->wait ? n : glide->wait, left = glide->length - glide->at;
    glide->wait -= waited;
    n -= waited;
    glide->at += n < left ? n : left;
}
