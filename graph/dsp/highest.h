/* The highest of the last frames: a maximum over a window that slides.
 *
 *     x --> of 16 to 31 frames, by passes that double --> of every 16th of these --> the highest of `window` frames
 *
 *     past:  | this round's, as they came        | the round before's, each with all behind it |
 *                                                ^ at
 *
 * Every 16th frame is a queue of its own, so sixteen of them go side by side. A queue looks at two things: the highest of this
 * round, and the highest of what is left of the round before, which was worked out for all places when the round was over (M.
 * van Herk, "A fast algorithm for local minimum and maximum filters", 1992; here in vectors). So a frame costs the same
 * however long the window is.
 */
#pragma once

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/node.h"

#define HIGHEST_WIDE 16 /* queues */

/* All-zero, it looks at the present frame alone. */
struct highest {
    float recent[2 * HIGHEST_WIDE]; /* the last frames */
    unsigned near;                  /* frames that the passes look at */
    unsigned window;                /* frames it looks at, the present one among them */
    float *past;                    /* null: near is all */
    unsigned size, at;              /* of past, frames; one zero for each queue lies behind the end */
    float front[HIGHEST_WIDE];      /* the highest of this round, per queue */
};

/* A window of 1 frame or more, of which nothing but 0 has been heard. False when memory ran out; it goes with the arena. */
DAWD_CTL static inline bool highest_init(struct highest *highest, struct arena *arena, unsigned window)
{
    unsigned rounds = window / HIGHEST_WIDE;
    *highest = (struct highest){.near = window, .window = window};
    if (rounds < 2)
        return true;
    highest->near = window - (rounds - 1) * HIGHEST_WIDE;
    highest->size = rounds * HIGHEST_WIDE;
    highest->past = arena_take_array(arena, highest->size + HIGHEST_WIDE, sizeof(float));
    return highest->past;
}

/* Nothing but 0 has been heard. */
DAWD_RT static inline void highest_clear(struct highest *highest)
{
    memset(highest->recent, 0, sizeof highest->recent);
    memset(highest->front, 0, sizeof highest->front);
    if (highest->past)
        memset(highest->past, 0, (highest->size + HIGHEST_WIDE) * sizeof(float));
    highest->at = 0;
}

/* In the row a frame sees those behind it, so that what is still needed is overwritten last: there is no second row, and what
 * comes out for a frame stands where its window begins. */
DAWD_RT static inline void highest_near(struct highest *highest, float *x, unsigned n)
{
    float room[2 * HIGHEST_WIDE + BLOCK_MAX], *row = room + 2 * HIGHEST_WIDE + 1 - highest->near;
    unsigned end = n + highest->near - 1;
    memcpy(room, highest->recent, sizeof highest->recent);
    memcpy(room + 2 * HIGHEST_WIDE, x, n * sizeof *x);
    memcpy(highest->recent, room + n, sizeof highest->recent);
    for (unsigned reach = 1, span; reach < highest->near; reach += span) {
        span = highest->near - reach < reach ? highest->near - reach : reach;
        const float *behind = row + span;
        float *to = reach + span < highest->near ? row : x;
        end -= span;
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < end; i++)
            to[i] = behind[i] > row[i] ? behind[i] : row[i];
    }
}

/* to = the larger of both. In a place of its own, or the compiler takes them one by one. */
DAWD_RT static inline void highest_of_both(float *to, const float *from)
{
    float both[HIGHEST_WIDE], other[HIGHEST_WIDE];
    memcpy(both, to, sizeof both);
    memcpy(other, from, sizeof other);
#pragma GCC unroll 1
    for (unsigned l = 0; l < HIGHEST_WIDE; l++)
        both[l] = other[l] > both[l] ? other[l] : both[l];
    memcpy(to, both, sizeof both);
}

/* A round is over: every place gets the highest of all behind it. */
DAWD_RT static inline void highest_turn(struct highest *highest)
{
    for (unsigned k = highest->size - HIGHEST_WIDE; k > 0; k -= HIGHEST_WIDE)
        highest_of_both(highest->past + k - HIGHEST_WIDE, highest->past + k);
    memset(highest->front, 0, sizeof highest->front);
    highest->at = 0;
}

/* Some queues, those from `first` on. */
DAWD_RT static inline void highest_some(struct highest *highest, unsigned first, float *x, unsigned n)
{
    float *front = highest->front + first, *past = highest->past + highest->at;
    for (unsigned l = 0; l < n; l++) {
        front[l] = x[l] > front[l] ? x[l] : front[l];
        past[l] = x[l];
        x[l] = past[l + HIGHEST_WIDE] > front[l] ? past[l + HIGHEST_WIDE] : front[l];
    }
}

/* All of them, n / HIGHEST_WIDE times. */
DAWD_RT static inline void highest_all(struct highest *highest, float *x, unsigned n)
{
    float front[HIGHEST_WIDE], *past = highest->past + highest->at;
    memcpy(front, highest->front, sizeof front);
    for (unsigned i = 0; i < n; i += HIGHEST_WIDE) {
        highest_of_both(front, x + i);
        memcpy(past + i, x + i, sizeof front);
        memcpy(x + i, front, sizeof front);
        highest_of_both(x + i, past + i + HIGHEST_WIDE);
    }
    memcpy(highest->front, front, sizeof front);
}

DAWD_RT static inline void highest_far(struct highest *highest, float *x, unsigned n)
{
    for (unsigned i = 0, run; i < n; i += run) {
        unsigned first = highest->at % HIGHEST_WIDE;
        run = n - i < highest->size - highest->at ? n - i : highest->size - highest->at;
        if (!first && run >= HIGHEST_WIDE) {
            run -= run % HIGHEST_WIDE;
            highest_all(highest, x + i, run);
        } else {
            run = run < HIGHEST_WIDE - first ? run : HIGHEST_WIDE - first;
            highest_some(highest, first, x + i, run);
        }
        highest->at += run;
        if (highest->at == highest->size)
            highest_turn(highest);
    }
}

/* n frames in place, BLOCK_MAX at most; numbers from 0 on only. */
DAWD_RT static inline void highest_run(struct highest *highest, float *x, unsigned n)
{
    if (highest->near > 1)
        highest_near(highest, x, n);
    if (highest->past)
        highest_far(highest, x, n);
}

/* The largest of n frames that are 0 or above. Eight at a time: one by one, each comparison waits for the one before. */
DAWD_RT static inline float largest_of(const float *x, unsigned n)
{
    FLOAT8 most = {0}, row;
    float largest = 0;
    unsigned i = 0;
    for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) {
        memcpy(&row, x + i, sizeof row);
        most = VECTOR_CHOOSE(row > most, row, most);
    }
    for (; i < n; i++)
        largest = x[i] > largest ? x[i] : largest;
    for (unsigned k = 0; k < VECTOR_WIDTH; k++)
        largest = most[k] > largest ? most[k] : largest;
    return largest;
}
