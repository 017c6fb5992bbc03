/* Whether a node is heard: bypass, and coming in where there was silence. A node that is simply heard has no part in this.
 *
 *     heard ── bypass ──▶ fades to the dry signal ──▶ stands still: its process is not called, the dry signal passes
 *       ▲                 (with trails: its input fades, and what rings is heard until it has died away)
 *       └── fades in ◀── hears its input for warm_frames, unheard ◀── bypass is taken back
 *
 * What it has inside stays: a delay that comes back within its tail goes on. What stands still is brought to what silence leaves,
 * as in sleep. The dry signal goes from the first input to the first output, as an edge would: channel by channel, one into
 * all, all into one by their mean. A node without inputs fades to silence; one without outputs hears silence.
 */
#pragma once

#include "graph/step_rt.h"

/* From the frame on at which the next block begins it is to be bypassed or not. */
DAWD_RT void presence_set_rt(struct node_rt *node, bool bypassed, uint64_t frame);

/* Hands the node a turn whose offset lies in the block that comes next; borrowed until presence_settle_rt. In order, as
 * params_hand_rt has it. */
DAWD_RT void presence_hand_rt(struct value_rt *value);
/* The block is over, the next begins at `frame`: takes in the turns that the node has not met, for it did not run. */
DAWD_RT void presence_settle_rt(struct node_rt *node, uint64_t frame);

/* In place of process, for a node with is_apart. */
DAWD_RT void presence_run_rt(struct step *step, const struct moment *moment);
