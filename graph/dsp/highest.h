/* The highest of the last frames: a maximum over a window that slides.
 *
 *     x --> with 1 frame ago --> with 2 ago --> with 4 ago --> ... --> with what is left --> the highest of `window` frames
 *
 * Every pass doubles how far the maximum looks back, the last one adds what is missing. So 480 frames take nine loops without
 * a branch, which are vectorised, where a queue of candidates (D. Lemire, "Streaming maximum-minimum filter", 2006) is one
 * serial loop that no two frames go through alike.
 */
#pragma once

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/node.h"

#define HIGHEST_PASSES 16
#define HIGHEST_NEAR   64 /* frames: up to here all passes go over one row of memory */

/* A pass that looks further back, and therefore remembers. */
struct highest_pass {
    float *past;   /* a ring of the last `span` inputs of this pass */
    unsigned span; /* how far back it looks, frames */
    unsigned at;   /* the oldest of the ring */
};

/* All-zero, it looks at the present frame alone. */
struct highest {
    float past[HIGHEST_NEAR]; /* the last frames, near - 1 of them */
    unsigned near;            /* frames that the row's passes look at */
    struct highest_pass pass[HIGHEST_PASSES];
    unsigned n_passes;
    unsigned window; /* frames it looks at, the present one among them */
};

/* A window of 1 to 2^20 frames, of which nothing but 0 has been heard. False when memory ran out; it goes with the arena. */
DAWD_CTL static inline bool highest_init(struct highest *highest, struct arena *arena, unsigned window)
{
    unsigned reach = window < HIGHEST_NEAR ? window : HIGHEST_NEAR;
    *highest = (struct highest){.near = reach, .window = window};
    while (reach < window) {
        struct highest_pass *pass = &highest->pass[highest->n_passes++];
        pass->span = window - reach < reach ? window - reach : reach;
        pass->past = arena_take_array(arena, pass->span, sizeof(float));
        if (!pass->past)
            return false;
        reach += pass->span;
    }
    return true;
}

/* In the row a frame sees those behind it, so that what is still needed is overwritten last: there is no second row, and what
 * comes out for a frame stands where its window begins. */
DAWD_RT static inline void highest_near(struct highest *highest, float *x, unsigned n)
{
    float row[HIGHEST_NEAR + BLOCK_MAX];
    unsigned past = highest->near - 1, end = n + past;
    memcpy(row, highest->past, past * sizeof *row);
    memcpy(row + past, x, n * sizeof *row);
    memcpy(highest->past, row + n, past * sizeof *row);
    for (unsigned reach = 1, span; reach < highest->near; reach += span) {
        span = highest->near - reach < reach ? highest->near - reach : reach;
        const float *behind = row + span;
        end -= span;
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < end; i++)
            row[i] = behind[i] > row[i] ? behind[i] : row[i];
    }
    memcpy(x, row, n * sizeof *row);
}

DAWD_RT static inline void highest_far(struct highest_pass *pass, float *x, unsigned n)
{
    for (unsigned done = 0, run; done < n; done += run) {
        float *past = pass->past + pass->at, *now = x + done;
        run = n - done < pass->span - pass->at ? n - done : pass->span - pass->at;
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < run; i++) {
            float then = past[i];
            past[i] = now[i];
            now[i] = now[i] > then ? now[i] : then;
        }
        pass->at = pass->at + run < pass->span ? pass->at + run : 0;
    }
}

/* n frames in place, BLOCK_MAX at most; numbers only. */
DAWD_RT static inline void highest_run(struct highest *highest, float *x, unsigned n)
{
    if (highest->near > 1)
        highest_near(highest, x, n);
    for (unsigned k = 0; k < highest->n_passes; k++)
        highest_far(&highest->pass[k], x, n);
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
