/* Running one step of a plan. */
#pragma once

#include "graph/plan_shared.h"

/* A block of time, the same for all steps that run in it. */
struct moment {
    float *const *ports; /* of the driver, as in struct cycle */
    unsigned offset;     /* of the block's first frame in those */
    unsigned n;          /* frames, 1..BLOCK_MAX */
    uint64_t frame;      /* engine time of the first one */
};

/* Runs the step: feedback lines, mixes, parameters, process, meters. Whatever it reads has been written. */
DAWD_RT void step_run_rt(struct scratch *scratch, struct step *step, const struct moment *moment);

/* Runs n steps from `first` on side by side, which plan->abreast says they may. */
DAWD_RT void steps_run_abreast_rt(struct plan *plan, unsigned first, unsigned n, const struct moment *moment);

/* Lets any number of frames pass without sound: gains and parameters move on. */
DAWD_RT void step_idle_rt(struct step *step, uint32_t n_frames);
