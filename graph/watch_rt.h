/* Inside of the cycle: what is measured of it. */
#pragma once

#include "graph/engine_shared.h"

/* The begin and the end of every cycle; `cycle` is null for one that runs no nodes. */
DAWD_RT void watch_begin_rt(struct engine_rt *engine, const struct cycle *cycle);
DAWD_RT void watch_end_rt(struct engine_rt *engine, const struct cycle *cycle);

/* A value was taken in. */
DAWD_RT void watch_value_rt(struct engine_rt *engine, const struct value_rt *value);
