/* Each sum is written as the node alone makes it, term by term; only the zeros are left out, by which a vector of eight
 * frames moves to the right. They change nothing but the sign of a zero, and that is one in the end. */
#include "graph/dsp/svf_lanes.h"

#include "graph/rt_only.h"

#define BLOCK_FLOATS                                                                                                       \
    40 /* of svf_block and svf_pair that are loaded: an answer, and what follows in the order of the struct */
#define PAIR_FLOATS 72

_Static_assert(offsetof(struct svf_block, from_s1) == 64 && offsetof(struct svf_block, next_x) == 128, "in one piece");
_Static_assert(offsetof(struct svf_pair, from) == 64 && offsetof(struct svf_pair, next_x) == 192, "in one piece");
_Static_assert(offsetof(struct svf_block_lanes, next) == BLOCK_FLOATS * LANES * sizeof(float), "in the same order");
_Static_assert(offsetof(struct svf_pair_lanes, next) == PAIR_FLOATS * LANES * sizeof(float), "in the same order");

void svf_lanes_gather(struct svf_lanes *lanes, const struct svf *const svf[LANES])
{
    for (unsigned l = 0; l < LANES; l++) {
        lanes->s1[l] = svf[l]->s1;
        lanes->s2[l] = svf[l]->s2;
    }
}

void svf_lanes_scatter(const struct svf_lanes *lanes, struct svf *const *svf, unsigned n)
{
    for (unsigned l = 0; l < n; l++)
        *svf[l] = (struct svf){lanes->s1[l], lanes->s2[l]};
}

/* ---- eight frames at once -------------------------------------------------------------------------------------------- */

void svf_block_lanes_load(struct svf_block_lanes *lanes, const struct svf_block *const block[LANES])
{
    const float *from[LANES];
    for (unsigned l = 0; l < LANES; l++) {
        from[l] = block[l]->answer + VECTOR_WIDTH;
        lanes->block[l] = block[l];
        for (unsigned k = 0; k < 2; k++) {
            lanes->next[0][k][l] = block[l]->next_s1[k];
            lanes->next[1][k][l] = block[l]->next_s2[k];
        }
    }
    lanes_load(lanes->answer, from, BLOCK_FLOATS);
}

void svf_pair_lanes_load(struct svf_pair_lanes *lanes, const struct svf_pair *const pair[LANES])
{
    const float *from[LANES];
    for (unsigned l = 0; l < LANES; l++) {
        from[l] = pair[l]->answer + VECTOR_WIDTH;
        lanes->pair[l] = pair[l];
        for (unsigned of = 0; of < 4; of++)
            for (unsigned into = 0; into < 4; into++)
                lanes->next[of][into][l] = pair[l]->next[of][into];
    }
    lanes_load(lanes->answer, from, PAIR_FLOATS);
}

/* What eight inputs add to the eight outputs. */
static inline void answer_run(float (*restrict y)[LANES], const float (*restrict answer)[LANES],
                              const float (*restrict x)[LANES])
{
#pragma GCC unroll 8
    for (int i = 0; i < VECTOR_WIDTH; i++) {
        DAWD_EACH_LANE(l)
        y[i][l] = answer[i][l] * x[0][l];
#pragma GCC unroll 8
        for (int j = 1; j <= i; j++)
            DAWD_EACH_LANE(l)
        y[i][l] += answer[i - j][l] * x[j][l];
    }
}

DAWD_CLONES static void block_eight(const struct svf_block_lanes *restrict by, struct svf_lanes *restrict svf,
                                    float (*restrict x)[LANES], unsigned n)
{
    struct svf_lanes s = *svf;
    for (; n >= VECTOR_WIDTH; n -= VECTOR_WIDTH, x += VECTOR_WIDTH) {
        float y[VECTOR_WIDTH][LANES], four[4][2][LANES], was1[LANES], was2[LANES];
        struct svf_lanes before = s;
        answer_run(y, by->answer, (const float(*)[LANES])x);
        DAWD_EACH_LANE(l)
        was1[l] = (float)before.s1[l];
        DAWD_EACH_LANE(l)
        was2[l] = (float)before.s2[l];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++)
#pragma GCC unroll 2
            for (int k = 0; k < 2; k++)
                DAWD_EACH_LANE(l)
        four[i][k][l] = by->next_x[i][k][l] * x[i][l] + by->next_x[i + 4][k][l] * x[i + 4][l];
        DAWD_EACH_LANE(l)
        s.s1[l] = (double)((four[0][0][l] + four[2][0][l]) + (four[1][0][l] + four[3][0][l])) +
                  (by->next[0][0][l] * before.s1[l] + by->next[1][0][l] * before.s2[l]);
        DAWD_EACH_LANE(l)
        s.s2[l] = (double)((four[0][1][l] + four[2][1][l]) + (four[1][1][l] + four[3][1][l])) +
                  (by->next[0][1][l] * before.s1[l] + by->next[1][1][l] * before.s2[l]);
#pragma GCC unroll 8
        for (int i = 0; i < VECTOR_WIDTH; i++)
            DAWD_EACH_LANE(l)
        x[i][l] = y[i][l] + (by->from[0][i][l] * was1[l] + by->from[1][i][l] * was2[l]) + 0.0f;
    }
    *svf = s;
}

void svf_block_lanes_run(const struct svf_block_lanes *block, struct svf_lanes *svf, float (*x)[LANES], unsigned n)
{
    unsigned eights = n / VECTOR_WIDTH * VECTOR_WIDTH;
    block_eight(block, svf, x, eights);
    for (unsigned l = 0; eights < n && l < LANES; l++) {
        struct svf one = {svf->s1[l], svf->s2[l]};
        for (unsigned i = eights; i < n; i++)
            x[i][l] = svf_tick(&one, &block->block[l]->coefficients, block->block[l]->mix, x[i][l]);
        svf->s1[l] = one.s1;
        svf->s2[l] = one.s2;
    }
}

DAWD_CLONES static void pair_eight(const struct svf_pair_lanes *restrict by, double (*restrict state)[LANES],
                                   float (*restrict x)[LANES], unsigned n)
{
    _Alignas(64) double s[4][LANES];
    memcpy(s, state, sizeof s);
    for (; n >= VECTOR_WIDTH; n -= VECTOR_WIDTH, x += VECTOR_WIDTH) {
        float y[VECTOR_WIDTH][LANES], was[4][LANES], next[4][LANES];
        answer_run(y, by->answer, (const float(*)[LANES])x);
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++) {
            DAWD_EACH_LANE(l)
            was[k][l] = (float)s[k][l];
            DAWD_EACH_LANE(l)
            next[k][l] = (((by->next_x[0][k][l] * x[0][l] + by->next_x[4][k][l] * x[4][l]) +
                           (by->next_x[2][k][l] * x[2][l] + by->next_x[6][k][l] * x[6][l])) +
                          ((by->next_x[1][k][l] * x[1][l] + by->next_x[5][k][l] * x[5][l]) +
                           (by->next_x[3][k][l] * x[3][l] + by->next_x[7][k][l] * x[7][l])));
        }
        double after[4][LANES];
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++)
            DAWD_EACH_LANE(l)
        after[k][l] = (double)next[k][l] + ((by->next[0][k][l] * s[0][l] + by->next[1][k][l] * s[1][l]) +
                                            (by->next[2][k][l] * s[2][l] + by->next[3][k][l] * s[3][l]));
        memcpy(s, after, sizeof s);
#pragma GCC unroll 8
        for (int i = 0; i < VECTOR_WIDTH; i++)
            DAWD_EACH_LANE(l)
        x[i][l] = y[i][l] +
                  ((by->from[0][i][l] * was[0][l] + by->from[1][i][l] * was[1][l]) +
                   (by->from[2][i][l] * was[2][l] + by->from[3][i][l] * was[3][l])) +
                  0.0f;
    }
    memcpy(state, s, sizeof s);
}

_Static_assert(sizeof(struct svf_lanes) == 2 * LANES * sizeof(double), "two of them are four rows");

void svf_pair_lanes_run(const struct svf_pair_lanes *pair, struct svf_lanes svf[2], float (*x)[LANES], unsigned n)
{
    unsigned eights = n / VECTOR_WIDTH * VECTOR_WIDTH;
    pair_eight(pair, (double(*)[LANES])svf, x, eights);
    for (unsigned l = 0; eights < n && l < LANES; l++) {
        struct svf both[2] = {{svf[0].s1[l], svf[0].s2[l]}, {svf[1].s1[l], svf[1].s2[l]}};
        for (unsigned i = eights; i < n; i++)
            x[i][l] = svf_pair_tick(pair->pair[l], both, x[i][l]);
        for (unsigned k = 0; k < 2; k++) {
            svf[k].s1[l] = both[k].s1;
            svf[k].s2[l] = both[k].s2;
        }
    }
}

/* ---- in motion --------------------------------------------------------------------------------------------------------- */

DAWD_CLONES void svf_motion_lanes_set(struct svf_motion_lanes *restrict motion, float (*restrict cutoff_hz)[LANES],
                                      double frame_s, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        DAWD_EACH_LANE(l)
        {
            double x = cutoff_hz[i][l] * frame_s;
            x = x < 0.49 ? x : 0.49;
            double s = fast_sin_pi(x), c = fast_sin_pi(0.5 - x);
            motion->cc[i][l] = c * c;
            motion->sc[i][l] = s * c;
            motion->ss[i][l] = s * s;
        }
}

DAWD_CLONES void svf_steps_lanes_set(struct svf_steps_lanes *restrict steps, const struct svf_motion_lanes *restrict motion,
                                     float (*restrict k)[LANES], const float *const mix[LANES], unsigned n)
{
    float band[LANES];
    for (unsigned l = 0; l < LANES; l++) {
        steps->input[l] = mix[l][0];
        band[l] = mix[l][1];
        steps->low[l] = 0.5f * mix[l][2];
    }
    for (unsigned i = 0; i < n; i++)
        DAWD_EACH_LANE(l)
        {
            double cc = motion->cc[i][l], sc = motion->sc[i][l], ss = motion->ss[i][l];
            double twice = 2 / (cc + ss + k[i][l] * sc);
            steps->a[i][l] = twice * cc - 1;
            steps->b[i][l] = twice * sc;
            steps->c[i][l] = twice * ss;
            steps->band[i][l] = 0.5f * k[i][l] * band[l];
        }
}

DAWD_CLONES void svf_steps_lanes_run(const struct svf_steps_lanes *restrict steps, struct svf_lanes *restrict svf,
                                     float (*restrict x)[LANES], unsigned n)
{
    struct svf_lanes s = *svf;
    for (unsigned i = 0; i < n; i++)
        DAWD_EACH_LANE(l)
        {
            double in = x[i][l], before1 = s.s1[l], before2 = s.s2[l], v3 = in - before2;
            double s1 = steps->a[i][l] * before1 + steps->b[i][l] * v3;
            double s2 = before2 + steps->b[i][l] * before1 + steps->c[i][l] * v3;
            x[i][l] = (float)(steps->input[l] * in + steps->band[i][l] * (before1 + s1) + steps->low[l] * (before2 + s2));
            s.s1[l] = s1;
            s.s2[l] = s2;
        }
    *svf = s;
}
