/* Parameters on the audio thread: glides and modulation, rendered into what process sees. */
#pragma once

#include "graph/plan_shared.h"

struct value_rt;

/* Sets out for a new base value, from wherever the parameter is at this moment. Takes effect with the next block. */
DAWD_RT void params_set_rt(const struct value_rt *value);

/* Hands the node a value whose offset lies in the block that comes next; borrowed until params_settle_rt. Those of one node come
 * in the order of their offsets, several at the same one in the order in which they are to be followed. */
DAWD_RT void params_hand_rt(struct value_rt *value);
/* The block is over: takes in what the node was handed and has not met, for it did not run. */
DAWD_RT void params_settle_rt(struct node_rt *node);

/* Points step->io.param at the parameters for n frames and moves them on: the node's own while nothing moves, else rendered
 * into `scratch`. Runs the step's modulation mixes. */
DAWD_RT void params_run_rt(struct scratch *scratch, struct step *step, unsigned n);

/* Moves glides and modulation gains on by n frames without rendering them. */
DAWD_RT void params_idle_rt(struct step *step, uint32_t n);
