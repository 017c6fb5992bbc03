/* Watching the cycle: what the audio thread keeps to tell what its nodes cost, and what it tells control of it.
 *
 *     plan      step step step … 128 | step step … 128 | …      the clock is looked at once per span
 *                                                                of a cycle that overruns the longest span is told
 *     then      step | step | step | step | …                    for a second: who does it again is told by itself
 *
 * One look takes as long as a cheap node does, so looking at each step is only for when there is a reason to.
 */
#pragma once

#include <stdbool.h>

#include "graph/clock_shared.h"
#include "graph/histogram_shared.h"

/* Chosen so that 2000 of the cheapest nodes (12 ns each) lose less than 2 % by it. */
#define WATCH_SPAN_STEPS 128

enum watch_kind {
    WATCH_OVERRUN, /* a cycle took longer than its budget: who took longest in it */
    WATCH_FAULT,   /* sound that is no number: who gave it, or let it in */
};

/* One thing to tell. Nodes by their sequence: a pointer could be of one that is freed by now. */
struct watch_note {
    enum watch_kind kind;
    uint64_t first, last; /* nodes of the span, by the plan's order; the same one where it is known exactly */
    uint64_t frame;       /* first one of the cycle or block */
    uint64_t took_ns;     /* that the span took */
    uint64_t cycle_ns;    /* that the whole cycle took */
};

/* All of it is the audio thread's own. */
struct watch {
    uint64_t start_ns;  /* of this cycle; 0: it is not live */
    bool has_time;      /* the driver of the cycle before had a time */
    uint32_t next_time; /* that this cycle has if nothing was lost */

    /* Time. */
    unsigned span; /* steps between two looks in this cycle */
    bool is_timed, is_profiled;
    uint64_t mark_ns;        /* the last look */
    uint64_t close_until_ns; /* every step is timed until then */
    struct watch_note longest;
};
