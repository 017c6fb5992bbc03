/* A filter of up to eight real poles in parallel, eight frames at once.
 *
 *      x --+--[1 / (1 - p1 z^-1)]-- g1 --+--> y
 *          +--        ...                +
 *          +-------------- d ------------+
 *
 * Any ratio of products of (1 - z_k z^-1) and (1 - p_k z^-1) with different poles is such a sum (partial fractions), in
 * which no section waits for another one. Eight outputs are sums over eight inputs and the state before them.
 */
#pragma once

#include <math.h>
#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/thread.h"

#define POLES 8

/* What one set of poles does to eight frames. Made once, serves any number of channels. */
struct poles {
    FLOAT8 next[VECTOR_WIDTH];      /* per frame j: what x[j] adds to the state after eight */
    FLOAT8 decay;                   /* what eight frames leave of the state */
    FLOAT8 from[POLES];             /* outputs for a unit of one pole's state */
    float answer[2 * VECTOR_WIDTH]; /* eight zeros, then the outputs for a unit at frame 0 */
    float pole[POLES], gain[POLES], direct;
};

/* The sum of the squares of the answer to a unit: what it makes of the power of white noise. */
DAWD_ANY static inline double poles_power(const double *pole, const double *gain, double direct)
{
    double power = direct * direct;
    for (int i = 0; i < POLES; i++) {
        power += 2 * direct * gain[i];
        for (int j = 0; j < POLES; j++)
            power += gain[i] * gain[j] / (1 - pole[i] * pole[j]);
    }
    return power;
}

/* Sets the columns of eight frames from pole, gain and direct. */
DAWD_ANY static inline void poles_unfold(struct poles *poles)
{
    poles->answer[VECTOR_WIDTH] = poles->direct;
    for (int k = 0; k < POLES; k++) {
        double p = poles->pole[k], power = 1;
        for (int i = 0; i < VECTOR_WIDTH; i++, power *= p) {
            poles->answer[VECTOR_WIDTH + i] += (float)(poles->gain[k] * power);
            poles->from[k][i] = (float)(poles->gain[k] * power * p);
            poles->next[VECTOR_WIDTH - 1 - i][k] = (float)power;
        }
        poles->decay[k] = (float)power;
    }
}

/* Makes n poles and n zeros, 1..POLES, that leave the power of white noise as it is. The poles differ, lie in -1..1 and are
 * not 0; `poles` was zeroed. */
DAWD_ANY static inline void poles_init(struct poles *poles, const double *pole, const double *zero, int n)
{
    double gain[POLES] = {0}, all[POLES] = {0}, direct = 1;
    for (int k = 0; k < n; k++) {
        all[k] = pole[k];
        direct *= zero[k] / pole[k];
        gain[k] = 1;
        for (int j = 0; j < n; j++)
            gain[k] *= (1 - zero[j] / pole[k]) / (j == k ? 1 : 1 - pole[j] / pole[k]);
    }
    double scale = 1 / sqrt(poles_power(all, gain, direct));
    for (int k = 0; k < n; k++) {
        poles->pole[k] = (float)pole[k];
        poles->gain[k] = (float)(gain[k] * scale);
    }
    poles->direct = (float)(direct * scale);
    poles_unfold(poles);
}

/* n frames; x and out may be the same. The state, a float per pole, starts at 0. Up to 7 frames at the end go one by
 * one. */
DAWD_RT static inline void poles_run(const struct poles *poles, FLOAT8 *state, const float *x, float *out, unsigned n)
{
    FLOAT8 s = *state;
    unsigned i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) {
        FLOAT8 y = {0}, after = poles->decay * s, column;
        for (int k = 0; k < POLES; k++)
            y += poles->from[k] * s[k];
        for (int j = 0; j < VECTOR_WIDTH; j++) {
            /* The answer to x[j], moved j frames to the right by the zeros before it. */
            memcpy(&column, poles->answer + VECTOR_WIDTH - j, sizeof column);
            y += column * x[i + j];
            after += poles->next[j] * x[i + j];
        }
        s = after;
        memcpy(out + i, &y, sizeof y);
    }
    for (; i < n; i++) {
        float y = poles->direct * x[i];
        for (int k = 0; k < POLES; k++) {
            s[k] = poles->pole[k] * s[k] + x[i];
            y += poles->gain[k] * s[k];
        }
        out[i] = y;
    }
    *state = s;
}
