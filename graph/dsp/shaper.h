/* Curves that bend what is loud: memoryless, for signals at a high rate (graph/dsp/oversample.h), slope 1 where it is soft.
 *
 *     tanh                tube               hard               fold
 *           ,---              ,---              .----             /\
 *          /                 /                 /                 /  \
 *     ----/----         ----/----         ----/----         ----/----\--
 *        /               __/                 /              \  /
 *     ---'              '               ----'                \/
 *
 * tanh and tube have no corners, so their partials fall off exponentially and the high rate is enough against aliases. hard and
 * fold have; they take second-order antiderivative antialiasing (J. Parker, V. Zavalishin and E. Le Bivic, "Reducing the aliasing of nonlinear
 * waveshaping using continuous-time convolution", DAFx-16; S. Bilbao, F. Esqueda, J. Parker and V. Valimaki, "Antiderivative
 * antialiasing for memoryless nonlinearities", IEEE Signal Processing Letters 24, 2017): the curve is followed along straight lines from frame
 * to frame, under a triangle two frames wide. It delays by one frame, so the others are delayed by as much. What little treble
 * the triangle takes is that of (2 + cos w) / 3.
 *
 * The papers write its integrals as divided differences of antiderivatives, which cancel where two frames are nearly alike, so
 * that they fall back to something else below a threshold. These curves consist of straight pieces, for which the integrals have
 * forms without a difference of large numbers: floats are good enough, at any level.
 */
#pragma once

#include <math.h>

#include "graph/dsp/vector.h"
#include "graph/thread.h"

enum shaper { SHAPER_TANH, SHAPER_TUBE, SHAPER_HARD, SHAPER_FOLD, N_SHAPERS };

#define SHAPER_PAST    2    /* frames that must stand before the first */
#define SHAPER_STRETCH 256  /* frames that go at once */
#define SHAPER_MOST    1e6f /* the loudest that may come in: beyond, a float knows no longer where in a fold it is */

/* tanh, relative error below 3e-7: a rational fit of minimal relative error (6.5e-9 but for rounding) up to 8, where what is
 * missing is 2.3e-7. */
DAWD_ANY static inline float shaper_tanh(float x)
{
    float y = x < -8 ? -8 : x > 8 ? 8 : x, z = y * y;
    float above = 1 + z * (0.134448543f + z * (0.00357202347f + z * (2.19017857e-05f + z * 1.52406532e-08f)));
    float below = 1 + z * (0.467781812f + z * (0.0261660554f + z * (0.000341199251f + z * 8.52654978e-07f)));
    return y * above / below;
}

/* A triode stage that is biased cold: the plate voltage of a 12AX7 (N. Koren, "Improved vacuum-tube models for SPICE
 * simulations", 1996, with its constants for that tube) at 300 V, 100 kOhm and 3.3 kOhm, through 68 kOhm and a grid that begins
 * to conduct at 0 V, 1.9 V to the unit. Solved point by point and fitted by two tangents, 3 % off: the bend of the grid
 * current is rounder, for the sake of aliases, but the second to sixth partials are within 3 dB of the circuit's for sines of -6 to 20 dB.
 * Not 0 at 0, like a plate. */
DAWD_ANY static inline float shaper_tube(float x)
{
    return 0.116666136f * shaper_tanh(0.12f * x - 0.83f) + 1.02711951f * shaper_tanh(1.16f * x - 0.434f);
}

/* What a shape does to the level, as a factor that takes it back: with it, noise or a sine of -18 dB rms, the level that
 * studios work at, has the same rms at any gain (above 0), within 0.8 dB, fold within 1.6. A fit to the rms of Gaussian noise and
 * of a sine behind each curve: out / in = sqrt((1 + v^2) / (1 + a v^2 + v^4)), v the rms before the curve in that of
 * the curve's ends. */
DAWD_ANY static inline float shaper_makeup(enum shaper shape, float gain)
{
    static const float ends[] = {0.94f, 1.057f, 0.91f, 0.537f}, bend[] = {2.25f, 2.3f, 0.95f, -0.2f};
    float v = gain * (0.125892541f / ends[shape]), v2 = v * v;
    return sqrtf((1 + v2 * (bend[shape] + v2)) / (1 + v2)) / gain;
}

/* n frames, at most SHAPER_STRETCH, one frame late: y[i] by u[i - 1] or, antialiased, by u[i - 2] to u[i]. SHAPER_PAST frames
 * stand before u; all of it lies within SHAPER_MOST. y is another buffer. */
DAWD_RT void shaper_run(enum shaper shape, const float *u, float *y, unsigned n);
