/* Levels in decibels as factors of amplitude. */
#pragma once

#include "graph/dsp/fastmath.h"

#define DECIBEL_OFF (-120.0f) /* the bottom of the range of a level: silence, not one millionth */

/* 10^(db/20) for -700..700 dB; within 0.0001 dB between -150 and 150, exactly 1 at 0. Never 0. */
DAWD_ANY static inline float decibel_gain(float db)
{
    return fast_exp2(db * 0.166096405f); /* log2(10) / 20 */
}

/* The same for a level, which is 0 at DECIBEL_OFF. */
DAWD_ANY static inline float decibel_level(float db)
{
    return db > DECIBEL_OFF ? decibel_gain(db) : 0.0f;
}
