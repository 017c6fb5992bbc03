/* How much of a processor a thread may spend on something: a part of the time that passes, with some to save up for bursts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"
#include "osc/bucket.h"

/* All-zero with `percent` set, it is full. */
struct cpu_share {
    unsigned percent; /* of one processor */
    struct bucket ns; /* of the thread's own time that may still be spent */
    uint64_t seen_ns; /* the thread's time at the last look */
    bool is_spent;    /* nothing is left; it comes back when a helping has been saved up */
    bool is_spending; /* what the thread does until the next look counts; set by whoever begins to spend */
};

/* A look at the clocks: takes what was spent since the last one, and tells whether there is something left. */
DAWD_ANY bool cpu_share_look(struct cpu_share *share, uint64_t now_ns);
