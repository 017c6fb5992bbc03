/* What makes a signal late on purpose, so that it meets another one that a node has made late.
 *
 *     source ──▶ taps, each a ring of its own length ──(x weight)──(+)──▶ out ──▶ mixes of the destination
 *
 * What is inside of a container has one per voice: run by the destination as elsewhere; at an edge that leads in there is one for all of
 * them, which its source runs.
 *
 * At rest one tap is heard, and its weight is 1. When an edit wants another delay, control adds a tap; its ring fills, then
 * the weights are crossfaded, and what is at 0 is forgotten. The weights add up to 1 at any moment, also where an edit comes
 * into the crossfade of another one.
 */
#pragma once

#include "graph/delay_ring_rt.h"
#include "graph/glide_shared.h"
#include "graph/node.h"

#define COMPENSATION_TAPS_MAX 4 /* of one edge at a time; control waits before it would need more */

/* One delay. Made by control; weight, ring and place are the audio thread's from the first plan on that wants it. */
struct compensation_tap {
    struct delay_ring ring;
    /* What the plan that brings it wants: how many frames until the others give way to it, and how long they take. */
    uint32_t wait_frames, fade_frames;
    struct glide weight;
    /* Control's. */
    struct compensation_tap *before; /* the one that it takes the place of, until that is forgotten */
    uint64_t made_in;                /* number of the batch */
    uint64_t rests_at;               /* engine time at which it alone is heard; UINT64_MAX until that batch is back */
    struct arena arena;              /* the rings */
};

/* The compensation of one edge. Those without delay have none. */
struct compensation {
    struct compensation_tap *heard[COMPENSATION_TAPS_MAX]; /* the audio thread's; the newest last */
    unsigned n_heard;
    unsigned n_channels;           /* of the edge's source */
    float *out[PORT_CHANNELS_MAX]; /* a block of what the destination hears */
    uint64_t zeros;                /* the audio thread's: frames in a row that the source was silent */
    bool silent;                   /* likewise: `out` is silence, whatever it holds */
    /* Control's. */
    struct compensation_tap *newest;
    unsigned n_taps;           /* from the newest back */
    bool is_moving;            /* it is in the list of the control root */
    struct compensation *twin; /* the same of the next voice, in no list by itself; or null */
    struct compensation *next; /* in that list, or in one of those that leave */
    struct edge *edge;
    struct arena arena; /* the blocks */
};

/* As a plan wants it: before the mixes of the destination. */
struct compensation_step {
    struct compensation *compensation;
    struct compensation_tap *wanted;
    const bool *silent;       /* of the source: its buffers are anybody's then */
    const float *const *from; /* the source's buffers, per channel */
};

/* Whether only silence is in it, and nothing moves: until the source sounds it need not run. */
DAWD_RT bool compensation_is_empty_rt(const struct compensation_step *step);
/* Takes n frames in, at most a block, and puts as many into `out`. */
DAWD_RT void compensation_run_rt(const struct compensation_step *step, unsigned n);
/* Lets n frames pass without sound: weights move on, rings stand still. */
DAWD_RT void compensation_idle_rt(const struct compensation_step *step, uint32_t n);
/* What is on its way is forgotten. */
DAWD_RT void compensation_clear_rt(const struct compensation_step *step);
