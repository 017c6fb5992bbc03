/* Which node an audio thread was in that was stopped in the middle of a cycle, and will not go on. Nothing is written down for
 * it while all goes well: each step knows the block that it ran in last, and steps run in their order. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

struct engine_rt;

/* The sequence numbers of the first and the last of the nodes that it may have been: several where alike ones run side by side.
 * False when it was in none of them, or when several threads share the work, in no order. The audio thread sleeps meanwhile. */
DAWD_CTL bool caught_look(const struct engine_rt *engine, uint64_t *first, uint64_t *last);
