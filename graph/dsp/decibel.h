/* Levels in decibels as factors of amplitude. */
#pragma once

#include "graph/dsp/fastmath.h"

/* 10^(db/20) for -700..700 dB; within 0.0001 dB between -150 and 150, exactly 1 at 0. Never 0: where the bottom of a
 * range means silence, the node says so itself. */
DAWD_ANY static inline float decibel_gain(float db)
{
    return fast_exp2(db * 0.166096405f); /* log2(10) / 20 */
}
