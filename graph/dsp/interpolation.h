/* Reading between the samples.
 *
 * Cubic Lagrange: flat to the third order at 0 Hz, exactly the sample at f = 0 and 1, with a gain of at most 1 at every frequency
 * when the point lies between the two middle samples, so that a feedback loop around it stays stable (T. Laakso et al.,
 * "Splitting the unit delay", IEEE Signal Processing Magazine 13, 1996).
 *
 * Eight points, for a place that always moves: a loss of treble that comes and goes as it passes the samples is a tone of its
 * own. The weights have the least squared error from 0 Hz to 0.27 of the rate among those that are right for every cubic (the
 * general least squares design of the same paper), so they are nowhere worse than the cubic ones. Half way between two samples,
 * at 48 kHz:
 *
 *                       1 kHz    5 kHz    10 kHz   12 kHz   15 kHz     of the level
 *     four, error       -103     -48      -25      -19      -12 dB     -2.5 dB at 15 kHz
 *     eight, error      -113     -63      -61      -65      -29 dB     -0.3 dB at 15 kHz
 *
 * As functions of the place they are polynomials, fitted at Chebyshev nodes, off by less than 4e-5. The gain is at most 1.002
 * at every frequency.
 */
#pragma once

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/thread.h"

/* Weights of four samples at -1, 0, 1, 2 for a point at f in 0..1; their sum is 1. */
DAWD_ANY static inline void lagrange_weights(float f, float w[4])
{
    w[0] = -f * (f - 1) * (f - 2) * (1 / 6.0f);
    w[1] = (f + 1) * (f - 1) * (f - 2) * 0.5f;
    w[2] = -(f + 1) * f * (f - 2) * 0.5f;
    w[3] = (f + 1) * f * (f - 1) * (1 / 6.0f);
}

/* The weights of eight samples at -3 to 4 for a point at f in 0..1: the straight line between the two middle ones, and what
 * the others know better, f (1 - f) times a cubic in f - 1/2. So the sample itself is exact at both ends. */
DAWD_ANY static inline void eight_weights(float f, FLOAT8 *w)
{
    static const FLOAT8 start = {0, 0, 0, 1, 0, 0, 0, 0}, slope = {0, 0, 0, -1, 1, 0, 0, 0};
    static const FLOAT8 q0 = {-0.0252365734f, 0.15816136f,   -0.573064638f, 0.440139852f,
                              0.440139852f,   -0.573064638f, 0.15816136f,   -0.0252365734f};
    static const FLOAT8 q1 = {0.00598397109f, -0.0573919815f, 0.369850979f,  -0.864480827f,
                              0.864480827f,   -0.369850979f,  0.0573919815f, -0.00598397109f};
    static const FLOAT8 q2 = {0.0164481305f, -0.0926443193f, 0.179244175f,   -0.103047986f,
                              -0.103047986f, 0.179244175f,   -0.0926443193f, 0.0164481305f};
    static const FLOAT8 q3 = {-0.00383066917f, 0.0328972516f, -0.11085689f,   0.194899095f,
                              -0.194899095f,   0.11085689f,   -0.0328972516f, 0.00383066917f};
    float t = f - 0.5f;
    *w = start + slope * f + (f * (1 - f)) * (q0 + t * (q1 + t * (q2 + t * q3)));
}

/* Eight weighted samples in a row, by fours: the second four on the first. */
DAWD_ANY static inline FLOAT4 eight_halved(float f, const float *x)
{
    FLOAT8 samples, all;
    FLOAT4 half[2];
    memcpy(&samples, x, sizeof samples);
    eight_weights(f, &all);
    all *= samples;
    memcpy(half, &all, sizeof half);
    return half[0] + half[1];
}

/* The sound at f between x[3] and x[4]. */
DAWD_ANY static inline float eight_point(float f, const float *x)
{
    FLOAT4 s = eight_halved(f, x);
    return (s[0] + s[1]) + (s[2] + s[3]);
}

/* Four of them, each at a place of its own, to the same bits: turned round, so that they are added side by side. */
DAWD_ANY static inline void eight_point_four(const float f[4], const float *const x[4], float out[4])
{
    FLOAT4 s[4];
    for (int k = 0; k < 4; k++)
        s[k] = eight_halved(f[k], x[k]);
    FLOAT4 early01 = __builtin_shufflevector(s[0], s[1], 0, 4, 1, 5);
    FLOAT4 early23 = __builtin_shufflevector(s[2], s[3], 0, 4, 1, 5);
    FLOAT4 late01 = __builtin_shufflevector(s[0], s[1], 2, 6, 3, 7);
    FLOAT4 late23 = __builtin_shufflevector(s[2], s[3], 2, 6, 3, 7);
    FLOAT4 y =
        (__builtin_shufflevector(early01, early23, 0, 1, 4, 5) + __builtin_shufflevector(early01, early23, 2, 3, 6, 7)) +
        (__builtin_shufflevector(late01, late23, 0, 1, 4, 5) + __builtin_shufflevector(late01, late23, 2, 3, 6, 7));
    memcpy(out, &y, sizeof y);
}
