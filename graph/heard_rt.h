/* The audio thread's side of graph/heard_shared.h. */
#pragma once

#include "graph/step_rt.h"

/* Behind process: tells what the node has told in this block, and the programs that came to it. */
DAWD_RT void heard_look_rt(struct step *step, const struct moment *moment);
/* After a block that several threads have run: what they have left to tell. */
DAWD_RT void heard_tell_all_rt(const struct moment *moment);
