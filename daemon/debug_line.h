/* DAWD_DEBUG=1: what the engine did in the last second, as a line on stderr that scripts read. */
#pragma once

#include <stdint.h>

#include "graph/engine_shared.h"
#include "graph/thread.h"

/* The counters at the last line; all zero before the first. */
struct debug_line {
    uint64_t seen_cycles, seen_busy_ns, seen_overruns;
};

/* Prints what has come since the last line. Takes the longest cycle from the counters. */
DAWD_CTL void debug_line_print(struct debug_line *line, struct engine_stats *stats);
