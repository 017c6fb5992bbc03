/* Changes that have a time: kept on the audio thread from their arrival to their frame.
 *
 *     at once, or not before a frame
 *        with a plan or a map   ──▶ [ plans  ]  in the order in which they were sent: each was compiled on top of the one before
 *        orders to the transport──▶ [ orders ]  by frame  ─┐
 *        values only            ──▶ [ values ]  by frame   │ cuts the block, as plans do: at most 8 in 256 frames
 *                                     │  └──▶ handed to the nodes for the block that they fall into: never a cut
 *                                     └── note values begin or end ── cuts too: what is locked has one length in a block
 *
 *     marks of the tempo that somebody follows (graph/follow_shared.h) cut likewise
 *
 *     block   |----------------------------|      the graph runs up to the cut, then the change, then the rest
 *                    ^ values     ^ plan
 *
 * Lists are linked through the changes themselves, and control bounds how many it sends ahead (SCHEDULE_MOST), so nothing here
 * needs memory and every walk is bounded.
 *
 * Events of other kinds that have an offset inside of a block belong beside the values: handed to the node that they are for,
 * never a cut.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

struct change;
struct engine_rt;

/* What control sends ahead of its time at most. A walk through either list takes some microseconds. */
#define SCHEDULE_MOST      256 /* changes */
#define SCHEDULE_MOST_CUTS 64  /* of these, those that cut: while sound is lost each costs a walk through the plan */

/* Each cut costs every node of the plan one more call. Windows lie on multiples of 256 frames of engine time and not on
 * blocks, so that what is put off does not depend on the driver's period. */
#define SCHEDULE_CUTS          8
#define SCHEDULE_WINDOW_FRAMES 256

struct change_list {
    struct change *first, *last; /* linked by next */
};

/* The audio thread's own; all-zero: nothing waits. */
struct schedule_rt {
    struct change_list plans, orders, values; /* waiting */
    struct change_list handed;                /* values of the block that runs, until it has run */
    uint64_t cut_at;                          /* frame of the last cut */
    unsigned n_cuts;                          /* in its window */
};

/* Takes a change that has come down: applied and given back at once, or kept until its time. */
DAWD_RT void schedule_take_rt(struct engine_rt *engine, struct change *change);

/* Applies what is due at the engine's frame, and hands out the values of the block that begins there. Returns how long that
 * block may be, at most n frames; moves: the transport, if it rolls, goes on with them. */
DAWD_RT unsigned schedule_begin_rt(struct engine_rt *engine, unsigned n, bool moves);
/* The transport has moved on with the frames: looks whether another tempo holds. */
DAWD_RT void schedule_tempo_rt(struct engine_rt *engine);
/* The block has run, and the engine's frame is that of the next: gives its values back. */
DAWD_RT void schedule_end_rt(struct engine_rt *engine);
