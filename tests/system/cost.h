/* What a cycle of the daemon costs, in the time that its thread had a processor for it: a file that the library
 * preload_cost.c writes and a test reads while the daemon runs. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#define COST_BINS 20000 /* one per microsecond; what is longer is in the last */

struct cost_seen {
    _Atomic uint64_t cycles;
    _Atomic uint64_t us[COST_BINS]; /* cycles that took so long */
};
