/* Watching the cycle: what the audio thread keeps between two cycles to tell what they cost. */
#pragma once

#include <stdbool.h>

#include "graph/clock_shared.h"
#include "graph/histogram_shared.h"

/* All of it is the audio thread's own. */
struct watch {
    uint64_t start_ns;  /* of this cycle; 0: it is not live */
    bool has_time;      /* the driver of the cycle before had a time */
    uint32_t next_time; /* that this cycle has if nothing was lost */
};
