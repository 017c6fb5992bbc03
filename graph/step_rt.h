/* Running the steps of a plan. */
#pragma once

#include "graph/plan_shared.h"

struct engine_rt;
struct value_rt;

/* A block of time, the same for all steps that run in it. */
struct moment {
    struct engine_rt *engine;
    struct plan *plan;
    float *const *ports; /* of the driver, as in struct cycle */
    struct midi_port *const *midi;
    unsigned offset;      /* of the block's first frame in those */
    unsigned n;           /* frames, 1..BLOCK_MAX */
    uint64_t frame;       /* engine time of the first one */
    uint64_t cell;        /* number of the cell that it is part of (graph/sleep_rt.h) */
    unsigned cell_frames; /* of the cell, if it ends with this block; otherwise 0 */
    bool stays_awake;     /* nobody falls asleep */
    bool is_shared;       /* several threads run it (graph/crew_shared.h) */
};

/* Runs a step, or those that are side by side from `first` on (plan->abreast), unless they sleep: feedback lines, mixes,
 * parameters, process, meters. Whatever they read has been written. False: none was due. */
DAWD_RT bool unit_run_rt(struct room *room, unsigned first, const struct moment *moment);

/* A value of a node, from now on, or from its offset in the block on (which borrows it until then): wakes the node, bypasses it,
 * or sets a parameter. */
DAWD_RT void step_value_rt(struct engine_rt *engine, const struct value_rt *value);
/* The same for one that came down by itself, and is for all voices of its node. */
DAWD_RT void step_message_rt(struct engine_rt *engine, const struct value_rt *value);
DAWD_RT void step_hand_value_rt(struct engine_rt *engine, struct value_rt *value);
/* The block is over: takes in what the node was handed and has not met, for it did not run. */
DAWD_RT void step_settle_values_rt(struct engine_rt *engine, struct node_rt *node);

/* Lets any number of frames pass without sound, from `frame` on: gains and parameters move on. */
DAWD_RT void step_idle_rt(struct step *step, uint64_t frame, uint32_t n_frames);
