/* Reading between samples: band-limited interpolation by a windowed sinc, at any speed.
 *
 *     taps = sinc_weights(weights, fraction, stretch);                  x[0] is the sample at or before the position
 *     y = sinc_dot(weights, x - (sinc_reach(stretch) - 1), taps);
 *
 * The kernel is a sinc of 32 zero crossings under a Kaiser window (J. F. Kaiser, "Nonrecursive digital filter design using
 * the I0-sinh window function", ISCAS 1974). To read faster than at 1 it is stretched, which lowers its cutoff to half the
 * slower of the two rates (J. O. Smith, "Digital Audio Resampling Home Page", CCRMA). Its transition band, 0.2 of that rate
 * wide, is centred there. So it is flat up to 0.4 of the rate; what lies below that has its images, and what would fold to
 * below that its aliases, 96 dB down.
 *
 * Nothing is tabulated: sine and window are polynomials in vectors, which at other stretches than 1 is faster than fetching
 * them tap by tap, and a thousand players need no thousand tables.
 */
#pragma once

#include <string.h>

#include "graph/dsp/sine.h"
#include "graph/dsp/vector.h"

#define SINC_SIDE        16   /* zero crossings to either side */
#define SINC_STRETCH_MAX 8.0f /* bounds the cost: what is read faster still aliases */
#define SINC_TAPS_MAX    256  /* 2 x SINC_SIDE x SINC_STRETCH_MAX */
#define SINC_LANES       16   /* the sums run in that many lanes: taps come in multiples of it */

/* The stretch of the kernel for a speed, in frames of the sound per frame heard: held in 1..SINC_STRETCH_MAX. */
DAWD_RT static inline float sinc_held(float stretch)
{
    return stretch > SINC_STRETCH_MAX ? SINC_STRETCH_MAX : stretch > 1 ? stretch : 1;
}

/* How many samples the kernel reaches to either side, for a speed of `stretch`; below 1 as for 1. Rounded up: 16 to
 * 128. */
DAWD_RT static inline unsigned sinc_reach(float stretch)
{
    float side = SINC_SIDE * sinc_held(stretch);
    return (unsigned)side + ((float)(unsigned)side < side);
}

/* The Kaiser window I0(b sqrt(u)) / I0(b), u = 1 - (t / SINC_SIDE)^2, for b = 9.62 (Kaiser's 0.1102 (96 - 8.7), for 96
 * dB): interpolated at Chebyshev nodes, within 2.3e-7. For u in 0..1. */
DAWD_RT static inline float sinc_window(float u)
{
    float u2 = u * u, u4 = u2 * u2; /* terms in pairs: a chain of eight would take longer than all the rest */
    float low = 0.000509239966f + 0.0117530255f * u + u2 * (0.0687934011f + 0.168352216f * u);
    float high = 0.287432849f + 0.138451144f * u + u2 * (0.305845916f - 0.0702982172f * u);
    return low + u4 * (high + u4 * 0.0891602039f);
}

/* The kernel at `place` * 2^-26 crossings from its middle, given sin(pi place 2^-26) / (pi SINC_SIDE). In x the half
 * width is 1, since SINC_SIDE is 2^4; beyond it the kernel is 0. The middle is apart, where the quotient is 0 / 0. */
DAWD_RT static inline float sinc_kernel(int32_t place, float sine)
{
    float x = (float)place * 0x1p-30f, u = 1 - x * x;
    float kernel = u > 0 ? sine / x * sinc_window(u) : 0.0f;
    return place ? kernel : 1.0f;
}

/* The sine that sinc_kernel asks for: half a cycle per crossing, so 2^-26 crossings are 2^5 of the 2^-32 cycles of
 * sine.h. */
DAWD_RT static inline float sinc_sine(int32_t place)
{
    return sine_at((uint32_t)place << 5) * (float)(1 / (M_PI * SINC_SIDE));
}

/* The weights of an unstretched kernel, 2 x SINC_SIDE of them. From tap to tap only the sign of the sine changes. */
DAWD_RT static inline void sinc_weights_unit(float *weights, int32_t fraction)
{
    float sine = sinc_sine(fraction);
    for (int k = 0; k < 2 * SINC_SIDE; k++) {
        int32_t place = fraction + (SINC_SIDE - 1 - k) * (1 << 26);
        weights[k] = sinc_kernel(place, k % 2 ? sine : -sine);
    }
}

/* The weights of a stretched kernel, each with a sine of its own. They are scaled down by as much as they are spread, for
 * the same gain at 0 Hz. Places are taken modulo 2^32, in which they fit with room to spare: rounding the step only warps
 * time, by 2^-23. */
DAWD_RT static inline void sinc_weights_stretched(float *weights, int32_t fraction, float stretch, unsigned taps)
{
    float scale = 1 / stretch;
    uint32_t step = (uint32_t)(0x1p26f * scale), first = (uint32_t)((fraction * 0x1p-26 + (taps / 2 - 1)) * step);
    for (unsigned k = 0; k < taps; k++) {
        int32_t place = (int32_t)(first - k * step);
        weights[k] = scale * sinc_kernel(place, sinc_sine(place));
    }
}

/* Writes the weights of the samples around a position that lies fraction * 2^-32 samples past one of them. The first
 * belongs to the one that is sinc_reach(stretch) - 1 samples before that. Returns how many, at most SINC_TAPS_MAX: a
 * multiple of SINC_LANES, the last ones may be 0. */
DAWD_RT static inline unsigned sinc_weights(float *weights, uint32_t fraction, float stretch)
{
    unsigned taps = 2 * sinc_reach(stretch);
    if (stretch > 1)
        sinc_weights_stretched(weights, (int32_t)(fraction >> 6), sinc_held(stretch), taps);
    else
        sinc_weights_unit(weights, (int32_t)(fraction >> 6));
    /* So that sinc_dot needs no second loop for the rest. */
    while (taps % SINC_LANES)
        weights[taps++] = 0;
    return taps;
}

/* Eight samples in a row from anywhere. */
DAWD_RT static inline FLOAT8 *sinc_eight(FLOAT8 *eight, const float *x)
{
    memcpy(eight, x, sizeof *eight);
    return eight;
}

/* The sum of weights[k] * x[k], in the same order on every machine. `taps` is a multiple of SINC_LANES, at most
 * SINC_TAPS_MAX, and all of x[0..taps - 1] can be read, also under the weights that are 0. */
DAWD_RT static inline float sinc_dot(const float *weights, const float *x, unsigned taps)
{
    /* Two sums side by side, since an addition must wait for the one before it in the same sum. */
    FLOAT8 even = {0}, odd = {0}, w, s;
    for (unsigned k = 0; k < taps; k += SINC_LANES) {
        even += *sinc_eight(&w, weights + k) * *sinc_eight(&s, x + k);
        odd += *sinc_eight(&w, weights + k + 8) * *sinc_eight(&s, x + k + 8);
    }
    even += odd;
    return ((even[0] + even[4]) + (even[1] + even[5])) + ((even[2] + even[6]) + (even[3] + even[7]));
}
