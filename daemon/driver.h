/* What a driver drives. The daemon's drivers call through this table, so that they can be tested without an engine. */
#pragma once

#include "graph/driver_rt.h"

/* Same arguments, same promises, same threads as the functions of graph/driver_rt.h, which stand here in the daemon
 * itself. Tests put counters and traps here. */
struct driver_calls {
    DAWD_RT bool (*cycle)(struct engine_rt *engine, const struct cycle *cycle);
    DAWD_RT bool (*idle)(struct engine_rt *engine, unsigned n_frames);
    DAWD_ANY void (*xrun)(struct engine_rt *engine);
};

/* engine_cycle_rt, engine_idle_rt, engine_xrun. */
extern const struct driver_calls driver_engine_calls;
