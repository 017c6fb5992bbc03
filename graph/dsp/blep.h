/* What must be added to an edge of a wave so that it has no partials above half the rate: band-limited steps and corners.
 *
 *      a step of +1,                 1          __,-._,-____     band-limited (a windowed sinc, integrated)
 *      naive and band-limited:                 /
 *                                    0  _,-._,/.                 residual = band-limited - naive
 *
 * A naive step has all partials, and those above half the rate fold back as aliases. Its band-limited form is the integral
 * of a low-pass kernel (E. Brandt, "Hard sync without aliasing", ICMC 2001; V. Valimaki and A. Huovilainen, "Antialiasing
 * oscillators in subtractive synthesis", IEEE Signal Processing Magazine 24, 2007). The residual is 0 beyond BLEP_SIDE
 * frames to either side, and odd in time: before the edge it is minus what it is after. The residual of a corner (a slope
 * that grows by 1 per frame) is the integral of the step's, and even.
 *
 * The kernel is a sinc of 64 taps under a Kaiser window: flat within 0.001 dB up to 0.42 of the rate (20.2 kHz at 48 kHz),
 * -6 dB at 0.461, and -78 dB or less from half the rate on; blep_gain is that response.
 */
#pragma once

#include <stdbool.h>

#include "graph/thread.h"

#define BLEP_SIDE     32 /* frames to either side of an edge that its residual covers */
#define BLEP_SEGMENTS 8  /* pieces of a frame; within one the residual is a cubic, right within 5e-7 */

/* The residual of a step, t = j + (segment + u) / BLEP_SEGMENTS frames after it, u in 0..1: the sum of
 * blep_step[segment][k][j] u^k. */
extern const float blep_step[BLEP_SEGMENTS][4][BLEP_SIDE];

/* The residual of a corner where u is 0; within a segment it goes on as the integral of that cubic. */
extern const float blep_corner[BLEP_SEGMENTS][BLEP_SIDE];

/* The residuals of a step of this height, or of a corner that bends by it per frame, for the BLEP_SIDE frames from `t` frames
 * after it on, t in 0..1. */
DAWD_RT static inline void blep_row(float *row, float t, float height, bool corner)
{
    unsigned segment = (unsigned)(t * BLEP_SEGMENTS);
    segment = segment < BLEP_SEGMENTS ? segment : BLEP_SEGMENTS - 1;
    float u = t * BLEP_SEGMENTS - (float)(int)segment;
    const float(*c)[BLEP_SIDE] = blep_step[segment], *start = blep_corner[segment];
    for (int j = 0; j < BLEP_SIDE; j++) {
        float step = c[0][j] + u * (c[1][j] + u * (c[2][j] + u * c[3][j]));
        float integral = u * (c[0][j] + u * (c[1][j] * 0.5f + u * (c[2][j] * (1 / 3.0f) + u * c[3][j] * 0.25f)));
        row[j] = height * (corner ? start[j] + integral * (1.0f / BLEP_SEGMENTS) : step);
    }
}

/* The gain of a partial at `cycles` per frame, 0 or more: within 1e-5 of the kernel's response, exactly 0 from half a cycle
 * on. About 0.461 it is odd, and a fit to powers of the distance from there. Vectorises. */
DAWD_RT static inline float blep_gain(float cycles)
{
    float y = (cycles - 0.461f) * 25, y2;
    y = y < -1 ? -1 : y > 1 ? 1 : y;
    y2 = y * y;
    float tail = -0.829683605f + y2 * (0.379138393f + y2 * (-0.114274748f + y2 * 0.0173688374f));
    float gain = 0.5f - y * (1.12523089f + y2 * (-1.34719696f + y2 * (1.26942623f + y2 * tail)));
    return cycles < 0.5f ? gain : 0.0f;
}
