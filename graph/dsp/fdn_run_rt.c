/* Eight frames at a time, from and to the lines:
 *
 *     frames of line 0                     line 0 ... line 7        line 8 ... line 15
 *     frames of line 1   -- transpose -->  at frame 0           |   at frame 0               absorb, then the halves turn
 *         ...                              at frame 1           |   at frame 1               into each other
 *     frames of line 15                        ...                       ...
 *                        <- transpose --
 *     sums and differences, out, and back into the lines
 */
#include "graph/dsp/fdn.h"

#include "graph/dsp/finite.h"
#include "graph/rt_only.h"

#define HALVES      (FDN_LINES / VECTOR_WIDTH)
/* Compiled anew wherever it is used: what is asked there is mostly known by then. */
#define DAWD_INLINE static inline __attribute__((always_inline))

/* For loops whose values are all to stay in registers. */
#define DAWD_UNROLLED _Pragma("GCC unroll 16")

/* Columns become rows. */
DAWD_INLINE void transpose(FLOAT8 x[VECTOR_WIDTH])
{
    FLOAT8 y[VECTOR_WIDTH];
    for (int k = 0; k < 8; k += 2) {
        y[k] = __builtin_shufflevector(x[k], x[k + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        y[k + 1] = __builtin_shufflevector(x[k], x[k + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int k = 0; k < 8; k += 4)
        for (int j = 0; j < 2; j++) {
            x[k + 2 * j] = __builtin_shufflevector(y[k + j], y[k + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            x[k + 2 * j + 1] = __builtin_shufflevector(y[k + j], y[k + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (int k = 0; k < 4; k++) {
        FLOAT8 early = x[k], late = x[k + 4];
        x[k] = __builtin_shufflevector(early, late, 0, 1, 2, 3, 8, 9, 10, 11);
        x[k + 4] = __builtin_shufflevector(early, late, 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/* The filters of eight lines: their states, and what they do at one frame. */
struct absorb {
    FLOAT8 low, damped;
    FLOAT8 low_gain, pole, gain;
};

/* All that is at work in a stretch. */
struct round {
    const struct fdn *fdn;
    struct absorb absorb[HALVES];
    float low_share;
    const float *from[FDN_LINES]; /* what leaves the lines */
    float *to[FDN_LINES];         /* what enters them */
    const float (*in)[HOP_ROOM];
    float (*out)[HOP_ROOM];
};

/* Eight values on their straight way. */
DAWD_INLINE void on_way(FLOAT8 *x, const float *from, const float *step, float frame)
{
    FLOAT8 per_frame;
    memcpy(x, from, sizeof *x);
    memcpy(&per_frame, step, sizeof per_frame);
    *x += frame * per_frame;
}

DAWD_INLINE void absorb_move(struct absorb *a, const struct fdn *fdn, unsigned first, float frame)
{
    on_way(&a->low_gain, fdn->loss.low + first, fdn->loss_step.low + first, frame);
    on_way(&a->pole, fdn->loss.pole + first, fdn->loss_step.pole + first, frame);
    on_way(&a->gain, fdn->loss.gain + first, fdn->loss_step.gain + first, frame);
}

/* One frame of all lines; `plain`: neither does the loss move, nor has the bass one of its own. */
DAWD_INLINE void absorb_next(struct round *round, FLOAT8 *x[HALVES], float frame, bool plain)
{
    const struct fdn *fdn = round->fdn;
    float share = fdn->loss.low_share + frame * fdn->loss_step.low_share;
    for (unsigned h = 0; h < HALVES; h++) {
        struct absorb *a = &round->absorb[h];
        FLOAT8 y = *x[h];
        if (!plain) {
            absorb_move(a, fdn, h * VECTOR_WIDTH, frame);
            a->low = (1 - share) * a->low + share * y;
            y += a->low_gain * a->low;
        }
        *x[h] = a->damped = a->pole * a->damped + a->gain * y;
    }
}

/* The sines or cosines of all pairs at a frame of the cell. */
DAWD_INLINE void arc_at(FLOAT8 *x, const float *from, const float *step, const float *bend, float frame)
{
    FLOAT8 first, then;
    memcpy(&first, from, sizeof first);
    memcpy(&then, bend, sizeof then);
    memcpy(x, step, sizeof *x);
    *x = first + frame * (*x + frame * then);
}

/* During eight frames, which begin at a multiple of eight, they go straight. */
struct turn {
    FLOAT8 cosine, cosine_step, sine, sine_step;
};

DAWD_INLINE void turn_set(struct turn *turn, const struct fdn *fdn, unsigned frame)
{
    const struct fdn_sway *from = &fdn->sway, *step = &fdn->sway_step, *bend = &fdn->sway_bend;
    float now = (float)(int)frame, then = (float)(int)(frame + VECTOR_WIDTH);
    arc_at(&turn->cosine, from->cosine, step->cosine, bend->cosine, now);
    arc_at(&turn->cosine_step, from->cosine, step->cosine, bend->cosine, then);
    arc_at(&turn->sine, from->sine, step->sine, bend->sine, now);
    arc_at(&turn->sine_step, from->sine, step->sine, bend->sine, then);
    turn->cosine_step = (turn->cosine_step - turn->cosine) * (1.0f / VECTOR_WIDTH);
    turn->sine_step = (turn->sine_step - turn->sine) * (1.0f / VECTOR_WIDTH);
}

/* A line of the one half and its partner in the other one. */
DAWD_INLINE void turn_pairs(const struct turn *turn, FLOAT8 *x[HALVES], float frame)
{
    FLOAT8 cosine = turn->cosine + frame * turn->cosine_step, sine = turn->sine + frame * turn->sine_step;
    FLOAT8 a = *x[0], b = *x[1];
    *x[0] = cosine * a + sine * b;
    *x[1] = sine * a - cosine * b;
}

/* Sums and differences of lines that are so far apart. */
DAWD_INLINE void stage(FLOAT8 x[FDN_LINES], unsigned apart)
{
    DAWD_UNROLLED for (unsigned k = 0; k < FDN_LINES; k++)
    {
        FLOAT8 a = x[k], b = x[k | apart];
        if (k & apart)
            continue;
        x[k] = a + b;
        x[k | apart] = a - b;
    }
}

/* As lasting_or_zero. */
DAWD_INLINE void lasting(FLOAT8 *x)
{
    FLOAT8 size = (FLOAT8)((INT8)*x & 0x7fffffff);
    *x = (FLOAT8)((INT8)*x & (size < SOUND_MOST) & (size >= SLEEP_LEVEL));
}

/* m frames from frame `at` of the stretch on, the one of this number in the cell: up to the next multiple of eight. */
DAWD_INLINE void round_eight(struct round *round, unsigned at, unsigned frame, unsigned m, bool plain)
{
    FLOAT8 x[FDN_LINES], enters;
    struct turn turn;
    turn_set(&turn, round->fdn, frame / VECTOR_WIDTH * VECTOR_WIDTH);
    DAWD_UNROLLED for (unsigned l = 0; l < FDN_LINES; l++) memcpy(&x[l], round->from[l] + at, sizeof x[l]);
    transpose(x);
    transpose(x + VECTOR_WIDTH);
    DAWD_UNROLLED for (unsigned i = 0; i < m; i++)
    {
        FLOAT8 *now[HALVES] = {&x[i], &x[i + VECTOR_WIDTH]};
        absorb_next(round, now, (float)(int)(frame + i), plain);
        turn_pairs(&turn, now, (float)(int)(frame % VECTOR_WIDTH + i));
    }
    transpose(x);
    transpose(x + VECTOR_WIDTH);
    /* The stages of the matrix that stand still. */
    stage(x, 1);
    stage(x, 2);
    stage(x, 4);
    memcpy(round->out[0] + at, &x[6], m * sizeof(float));
    memcpy(round->out[1] + at, &x[9], m * sizeof(float));
    DAWD_UNROLLED for (unsigned l = 0; l < FDN_LINES; l++)
    {
        memcpy(&enters, round->in[(l + l / 8 * 3) % 8] + at, sizeof enters);
        /* Another order than that of the sums, so that two rounds do not undo each other. */
        FLOAT8 y = x[(l * 7 + 3) % FDN_LINES];
        y = l < 8 ? y + enters : y - enters;
        if (!plain)
            lasting(&y);
        memcpy(round->to[l] + at, &y, m * sizeof(float));
    }
}

/* n frames from frame `frame` of the cell on. */
DAWD_INLINE void rounds(struct round *round, unsigned frame, unsigned n)
{
    bool plain = round->fdn->is_plain && !round->fdn->faint;
    for (unsigned i = 0, m; i < n; i += m) {
        m = VECTOR_WIDTH - (frame + i) % VECTOR_WIDTH;
        m = m < n - i ? m : n - i;
        if (plain && m == VECTOR_WIDTH)
            round_eight(round, i, frame + i, VECTOR_WIDTH, true);
        else if (plain) /* a block ends within: nothing else is done than to all eight */
            round_eight(round, i, frame + i, m, true);
        else
            round_eight(round, i, frame + i, m, false);
    }
}

/* As bits, which are in the order of what they stand for, and compared in vectors. */
DAWD_INLINE float loudest_of(float (*out)[HOP_ROOM], unsigned n, float least)
{
    int most, bits;
    memcpy(&most, &least, sizeof most);
    for (unsigned c = 0; c < FDN_OUTPUTS; c++)
        for (unsigned i = 0; i < n; i++) {
            memcpy(&bits, &out[c][i], sizeof bits);
            bits &= 0x7fffffff;
            most = bits > most ? bits : most;
        }
    memcpy(&least, &most, sizeof least);
    return least;
}

DAWD_CLONES void fdn_run(struct fdn *fdn, uint64_t clock, const float (*in)[HOP_ROOM], float (*out)[HOP_ROOM], unsigned n)
{
    struct round round;
    float room[FDN_LINES][HOP_ROOM];
    round.fdn = fdn;
    round.in = in;
    round.out = out;
    for (unsigned l = 0; l < FDN_LINES; l++) {
        round.from[l] = hop_read(&fdn->line[l], &fdn->tap[l], clock, room[l], n);
        round.to[l] = hop_line_now(&fdn->line[l]);
    }
    for (unsigned h = 0; h < HALVES; h++) {
        absorb_move(&round.absorb[h], fdn, h * VECTOR_WIDTH, 0);
        memcpy(&round.absorb[h].low, fdn->low + h * VECTOR_WIDTH, sizeof(FLOAT8));
        memcpy(&round.absorb[h].damped, fdn->damped + h * VECTOR_WIDTH, sizeof(FLOAT8));
    }
    rounds(&round, clock % HOP_CELL, n);
    for (unsigned h = 0; h < HALVES; h++) {
        memcpy(fdn->low + h * VECTOR_WIDTH, &round.absorb[h].low, sizeof(FLOAT8));
        memcpy(fdn->damped + h * VECTOR_WIDTH, &round.absorb[h].damped, sizeof(FLOAT8));
    }
    for (unsigned l = 0; l < FDN_LINES; l++) {
        hop_line_close(&fdn->line[l], n);
        hop_line_advance(&fdn->line[l], n);
    }
    fdn->loudest = loudest_of(out, n, fdn->loudest);
}
