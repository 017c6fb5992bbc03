/* Two sections of a cascade at once: what steep filters are made of, while their coefficients stand still.
 *
 *      x --> [svf 0] --> [svf 1] --> out         eight frames, from four integrators and eight inputs
 *
 * As in svf_block, outputs and the state behind them are sums over the inputs and the state before them. Two sections share
 * the sums over the inputs, so that both cost little more than one (0.7 to 0.55 ns a frame where that was measured);
 * more than two would lose the depth of the stop band to the rounding of one long sum.
 *
 * The state is double and moves by doubles. What eight inputs add to it is a sum in float: its rounding is that of the input,
 * 144 dB below it, and passes the filter as the input does.
 */
#pragma once

#include <stdalign.h>

#include "graph/dsp/svf.h"

/* Coefficients of both, ready for any number of channels. States are in the order s1, s2 of the first, s1, s2 of the second. */
struct svf_pair {
    alignas(64) float answer[2 * VECTOR_WIDTH]; /* eight zeros, then the outputs for a unit at frame 0; a cache line */
    FLOAT8 from[4];                             /* outputs for a unit in one integrator */
    FLOAT8 next_x[VECTOR_WIDTH / 2];            /* state after eight frames for a unit at each: two frames a row */
    DOUBLE4 next[4];                            /* and for a unit in one integrator */
    struct svf_coefficients coefficients[2];    /* for the frames that remain */
    float mix[2][3];
};

/* One frame through both. */
DAWD_ANY static inline float svf_pair_tick(const struct svf_pair *pair, struct svf svf[2], float x)
{
    float between = svf_tick(&svf[0], &pair->coefficients[0], pair->mix[0], x);
    return svf_tick(&svf[1], &pair->coefficients[1], pair->mix[1], between);
}

/* Prepares eight frames at once. Costs as much as 40 single ones. The pair was zeroed with the state that it is part of: the
 * first half of `answer` is never written. With a second section that leaves the sound alone it gives the bits of svf_block. */
DAWD_ANY static inline void svf_pair_set(struct svf_pair *pair, const struct svf_coefficients by[2],
                                         const float *const mix[2])
{
    struct svf x[2] = {{0}};
    memcpy(pair->coefficients, by, sizeof pair->coefficients);
    for (int k = 0; k < 2; k++)
        memcpy(pair->mix[k], mix[k], sizeof pair->mix[k]);
    for (int k = 0; k < 4; k++) {
        double unit[4] = {k == 0, k == 1, k == 2, k == 3};
        struct svf s[2] = {{unit[0], unit[1]}, {unit[2], unit[3]}};
        for (int i = 0; i < VECTOR_WIDTH; i++)
            pair->from[k][i] = svf_pair_tick(pair, s, 0);
        pair->next[k] = (DOUBLE4){s[0].s1, s[0].s2, s[1].s1, s[1].s2};
    }
    for (int i = 0; i < VECTOR_WIDTH; i++) {
        pair->answer[VECTOR_WIDTH + i] = svf_pair_tick(pair, x, i ? 0 : 1);
        float state[4] = {(float)x[0].s1, (float)x[0].s2, (float)x[1].s1, (float)x[1].s2};
        int frame = VECTOR_WIDTH - 1 - i;
        for (int k = 0; k < 4; k++)
            pair->next_x[frame / 2][frame % 2 * 4 + k] = state[k];
    }
}

/* What eight inputs add to the state, in the order of svf_block_gather. */
DAWD_RT static inline FLOAT4 svf_pair_gather(const struct svf_pair *pair, const float *x)
{
    FLOAT8 all;
    memcpy(&all, x, sizeof all);
    FLOAT8 by_turns = (pair->next_x[0] * __builtin_shufflevector(all, all, 0, 0, 0, 0, 1, 1, 1, 1) +
                       pair->next_x[2] * __builtin_shufflevector(all, all, 4, 4, 4, 4, 5, 5, 5, 5)) +
                      (pair->next_x[1] * __builtin_shufflevector(all, all, 2, 2, 2, 2, 3, 3, 3, 3) +
                       pair->next_x[3] * __builtin_shufflevector(all, all, 6, 6, 6, 6, 7, 7, 7, 7));
    FLOAT4 halves[2];
    memcpy(halves, &by_turns, sizeof halves);
    return halves[0] + halves[1];
}

/* n frames through both; x and out may be the same. Up to 7 frames at the end go one by one. */
DAWD_RT static inline void svf_pair_run(const struct svf_pair *pair, struct svf svf[2], const float *x, float *out,
                                        unsigned n)
{
    DOUBLE4 s = {svf[0].s1, svf[0].s2, svf[1].s1, svf[1].s2};
    for (; n >= VECTOR_WIDTH; n -= VECTOR_WIDTH, x += VECTOR_WIDTH, out += VECTOR_WIDTH) {
        FLOAT8 column;
        FLOAT4 next = svf_pair_gather(pair, x), was = __builtin_convertvector(s, FLOAT4);
        memcpy(&column, pair->answer + VECTOR_WIDTH, sizeof column);
        FLOAT8 y = column * x[0];
        for (int j = 1; j < VECTOR_WIDTH; j++) {
            memcpy(&column, pair->answer + VECTOR_WIDTH - j, sizeof column);
            y += column * x[j];
        }
        y += (pair->from[0] * was[0] + pair->from[1] * was[1]) + (pair->from[2] * was[2] + pair->from[3] * was[3]);
        y += 0.0f; /* as in svf_block_run */
        s = __builtin_convertvector(next, DOUBLE4) +
            ((pair->next[0] * s[0] + pair->next[1] * s[1]) + (pair->next[2] * s[2] + pair->next[3] * s[3]));
        memcpy(out, &y, sizeof y);
    }
    svf[0] = (struct svf){s[0], s[1]};
    svf[1] = (struct svf){s[2], s[3]};
    for (unsigned i = 0; i < n; i++)
        out[i] = svf_pair_tick(pair, svf, x[i]);
}
