/* Sharing a cycle between threads. */
#pragma once

#include "graph/crew_shared.h"
#include "graph/engine_shared.h"

/* The begin of a cycle, as early as possible: decides whether it is shared, and calls the workers. */
DAWD_RT void crew_begin_rt(struct engine_rt *engine);
/* Runs all steps of a block; or false, where this cycle or this plan is not shared. */
DAWD_RT bool crew_round_rt(struct engine_rt *engine, const struct moment *moment);
/* The end of the cycle. */
DAWD_RT void crew_end_rt(struct engine_rt *engine);

/* A worker's turn: takes part in rounds until there has been none for a while. `member` from 1 on, one per thread. */
DAWD_RT void crew_work_rt(struct crew *crew, unsigned member);
