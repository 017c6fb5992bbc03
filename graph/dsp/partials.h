/* Waves of high pitches as the sums of their few partials.
 *
 * Each partial has the gain that the residuals of blep.h would give it: all of it up to 0.42 of the rate, nothing from 0.5
 * on, so that a glide carries partials in and out without a step. The first one is always whole.
 */
#pragma once

#include <stdint.h>

#include "graph/thread.h"

/* Cycles per frame above which a wave has no more partials than are summed. */
#define PARTIALS_FROM (1.0f / 32)

/* Add `weight` times a wave of height -1..1 to n frames, 1..BLOCK_MAX, by its phase (2^-32 cycles, rising from 0 as a sine
 * does) and speed (cycles per frame, PARTIALS_FROM or more) at every frame. A steady speed costs 0.1 ns per partial and
 * frame, a moving one more, for the partials above 0.42 of the rate. */
DAWD_RT void partials_saw_rt(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n);
DAWD_RT void partials_triangle_rt(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n);
