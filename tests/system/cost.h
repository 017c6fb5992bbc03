/* What each cycle of the daemon costs, in the time that its thread had a processor for it, and what the same small work cost
 * right before and after it: a file that the library preload_cost.c writes and a test reads while the daemon runs. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#define COST_CYCLES 65536u /* the newest */

struct cost_cycle {
    int64_t start_ns, end_ns;    /* CLOCK_MONOTONIC */
    int32_t work_ns;             /* processor time of the callback */
    int32_t before_ns, after_ns; /* and of the yardstick */
};

struct cost_seen {
    _Atomic uint64_t n; /* cycles so far; cycle n is in row n modulo COST_CYCLES */
    struct cost_cycle cycle[COST_CYCLES];
};
