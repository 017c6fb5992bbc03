/* The state-variable filter, trapezoidal: two integrators in a loop, every second-order response at once.
 *
 *      in ---(+)---> high --g--> [integrator 1] --+--> v1 --g--> [integrator 2] --+--> v2 = low
 *             ^-                                  | k v1 = band                   |
 *             +-----------------------------------+-------------------------------+
 *
 * It is the bilinear transform of (m0 (s^2 + k s + 1) + m1 k s + m2) / (s^2 + k s + 1), exact at its cutoff, with g = tan(pi
 * cutoff / rate) and k = 1 / q (A. Simper, "Linear Trapezoidal State Variable Filter", Cytomic 2013; V. Zavalishin, "The Art of
 * VA Filter Design", ch. 4). The state is what the integrators hold, and in a frame without input its square sum changes
 * by -4 g k v1^2: whatever the modulation does to g and k, it only ever loses energy.
 *
 * State and recursion are double: at 10 Hz and 192 kHz a frame changes the state by 1e-8 of its size.
 */
#pragma once

#include <math.h>
#include <stdalign.h>
#include <string.h>

#include "graph/dsp/fastmath.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/vector.h"

/* One channel. All-zero, it has heard silence. */
struct svf {
    double s1, s2; /* integrators 1 and 2 */
};

/* The loop solved for what follows a frame: s1' = a s1 + b (x - s2) and s2' = s2 + b s1 + c (x - s2). May be another set
 * for every frame. */
struct svf_coefficients {
    double a, b, c;
    double k; /* 1 / q */
};

/* g = tan(pi cutoff / rate), of at most 0.49 of the rate: beyond that the filter could no more than switch. Vectorises. */
DAWD_ANY static inline double svf_tangent(float cutoff_hz, double frame_s)
{
    double x = cutoff_hz * frame_s;
    return fast_tan_pi(x < 0.49 ? x : 0.49);
}

/* From g and k = 1 / q, both above 0: then a lies in -1..1 and b and c are above 0. One division. */
DAWD_ANY static inline struct svf_coefficients svf_coefficients(double g, double k)
{
    double twice = 2 / (1 + g * (g + k));
    return (struct svf_coefficients){twice - 1, g * twice, g * g * twice, k};
}

/* Whether what it still holds is below SLEEP_LEVEL. Not its output alone, which goes through zero while it swings. */
DAWD_RT static inline bool svf_is_quiet(const struct svf *svf)
{
    return fabs(svf->s1) < (double)SLEEP_LEVEL && fabs(svf->s2) < (double)SLEEP_LEVEL;
}

/* One frame: mix[0] * in + mix[1] * band + mix[2] * low, where the band is at 0 dB at its peak. A trapezoidal integrator
 * is at the mean of its state before and after. Whatever x is gets into the state: see svf_heal. */
DAWD_ANY static inline float svf_tick(struct svf *svf, const struct svf_coefficients *by, const float mix[3], float x)
{
    double before1 = svf->s1, before2 = svf->s2, v3 = x - before2;
    svf->s1 = by->a * before1 + by->b * v3;
    svf->s2 = before2 + by->b * before1 + by->c * v3;
    double band = 0.5 * by->k * (before1 + svf->s1), low = 0.5 * (before2 + svf->s2);
    return (float)(mix[0] * (double)x + mix[1] * band + mix[2] * low);
}

/* Forgets a state that is not sound; to be called once per block. A NaN is heard until the end of its block, then the
 * filter begins anew from silence. */
DAWD_RT static inline bool svf_heal(struct svf *svf)
{
    if (is_sound((float)svf->s1) && is_sound((float)svf->s2))
        return true;
    *svf = (struct svf){0};
    return false;
}

/* The same for n sections in a row: what one could not bear has been heard by those behind it, softened to what looks like
 * sound. */
DAWD_RT static inline bool svf_heal_all(struct svf *svf, unsigned n)
{
    bool is_fine = true;
    for (unsigned k = 0; k < n; k++)
        is_fine &= svf_heal(&svf[k]);
    for (unsigned k = 0; k < n && !is_fine; k++)
        svf[k] = (struct svf){0};
    return is_fine;
}

/* ---- eight frames at once, for coefficients that stand still --------------------------------------------------------- */

/* The filter is linear, so eight outputs and the state behind them are sums over eight inputs and the state before them.
 * The terms are what svf_tick answers to one unit at a time; both forms share the state and may alternate. One set serves
 * any number of channels. */
struct svf_block {
    alignas(64) float answer[2 * VECTOR_WIDTH]; /* eight zeros, then the outputs for a unit at frame 0; a cache line */
    FLOAT8 from_s1, from_s2;                    /* outputs for a unit in one integrator */
    FLOAT8 next_x[2];                           /* state after eight frames for a unit at each: both integrators by turns */
    DOUBLE2 next_s1, next_s2;                   /* and for a unit in one integrator */
    struct svf_coefficients coefficients;       /* for the frames that remain */
    float mix[3];
};

/* Prepares eight frames at once; costs as much as 30 single ones, so do it when a value has changed, not per block. The
 * block was zeroed with the state that it is part of: the first half of `answer` is never written. */
DAWD_ANY static inline void svf_block_set(struct svf_block *block, struct svf_coefficients c, const float mix[3])
{
    struct svf s1 = {1, 0}, s2 = {0, 1}, x = {0, 0};
    for (int i = 0; i < VECTOR_WIDTH; i++) {
        block->from_s1[i] = svf_tick(&s1, &c, mix, 0);
        block->from_s2[i] = svf_tick(&s2, &c, mix, 0);
        block->answer[VECTOR_WIDTH + i] = svf_tick(&x, &c, mix, i ? 0 : 1);
        int frame = VECTOR_WIDTH - 1 - i;
        block->next_x[frame / 4][frame % 4 * 2] = (float)x.s1;
        block->next_x[frame / 4][frame % 4 * 2 + 1] = (float)x.s2;
    }
    block->next_s1 = (DOUBLE2){s1.s1, s1.s2};
    block->next_s2 = (DOUBLE2){s2.s1, s2.s2};
    block->coefficients = c;
    memcpy(block->mix, mix, sizeof block->mix);
}

/* What eight inputs add to the state. In float: what is lost of a small change is nothing beside the state that it is
 * added to, which is double. */
DAWD_RT static inline DOUBLE2 svf_block_gather(const struct svf_block *block, const float *x)
{
    FLOAT8 all;
    memcpy(&all, x, sizeof all);
    FLOAT8 by_turns = block->next_x[0] * __builtin_shufflevector(all, all, 0, 0, 1, 1, 2, 2, 3, 3) +
                      block->next_x[1] * __builtin_shufflevector(all, all, 4, 4, 5, 5, 6, 6, 7, 7);
    FLOAT4 halves[2];
    memcpy(halves, &by_turns, sizeof halves);
    FLOAT4 sum = halves[0] + halves[1];
    return (DOUBLE2){(double)(sum[0] + sum[2]), (double)(sum[1] + sum[3])};
}

/* n frames; x and out may be the same: eight inputs are used up before their outputs are written. Up to 7 frames at the
 * end go one by one. */
DAWD_RT static inline void svf_block_run(const struct svf_block *block, struct svf *svf, const float *x, float *out,
                                         unsigned n)
{
    DOUBLE2 s = {svf->s1, svf->s2};
    for (; n >= VECTOR_WIDTH; n -= VECTOR_WIDTH, x += VECTOR_WIDTH, out += VECTOR_WIDTH) {
        FLOAT8 column;
        DOUBLE2 next = svf_block_gather(block, x);
        memcpy(&column, block->answer + VECTOR_WIDTH, sizeof column);
        FLOAT8 y = column * x[0];
        for (int j = 1; j < VECTOR_WIDTH; j++) {
            /* What x[j] adds to all eight: its answer, moved j frames to the right by the zeros before it. */
            memcpy(&column, block->answer + VECTOR_WIDTH - j, sizeof column);
            y += column * x[j];
        }
        /* What the state adds, which no input of these eight has touched. */
        y += block->from_s1 * (float)s[0] + block->from_s2 * (float)s[1];
        y += 0.0f; /* one zero, whatever the signs of those that were added: in lanes they are left out */
        s = next + (block->next_s1 * s[0] + block->next_s2 * s[1]);
        memcpy(out, &y, sizeof y);
    }
    *svf = (struct svf){s[0], s[1]};
    for (unsigned i = 0; i < n; i++)
        out[i] = svf_tick(svf, &block->coefficients, block->mix, x[i]);
}
