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

/* The way back: 20 log10 of a level, which is no softer than -180 dB here; within 0.00001 dB near full scale. */
DAWD_ANY static inline float decibel_of(float level)
{
    return 6.02059991f * fast_log2(level > 1e-9f ? level : 1e-9f); /* 20 log10(2) */
}
