/* Idle costs nothing: who hears silence and gives silence sleeps, and is not even visited.
 *
 *     hears nothing, gives less than SLEEP_LEVEL, settled     at the end of a cell
 *            └──▶ near ── next block ──▶ deep: state at rest, outputs silent ── an input sounds, a value is set ──▶ awake
 *                                          │ readers are told                        │ frames slept are made up for
 *                                          └──▶ plan->due[step] = 0                  └── readers are told
 *
 * What is added to voices sleeps from the beginning, for it hears nothing yet, and there may be hundreds of it: when it wakes, its time
 * begins.
 *
 * Falling asleep waits for the next block, so that all of this one has sounded, and for the end of a cell. Cells end at
 * multiples of CELL_FRAMES of engine time, at which a render divides its blocks: so it does not depend on the period who sleeps
 * from which frame on. Waking does, and makes no difference: a node at rest that hears zeros stays as it is.
 */
#pragma once

#include "graph/step_rt.h"

#define CELL_FRAMES BLOCK_MAX

/* Whether the step is to be visited. */
DAWD_RT static inline bool sleep_is_due_rt(const struct plan *plan, unsigned i)
{
    return atomic_load_explicit(&plan->due[i], memory_order_relaxed);
}
/* It is to be, or not until somebody calls it. */
DAWD_RT static inline void sleep_due_set_rt(const struct plan *plan, unsigned i, bool is_due)
{
    atomic_store_explicit(&plan->due[i], is_due, memory_order_relaxed);
}
/* The next step from i on that is to be visited, or plan->n_steps. */
DAWD_RT unsigned sleep_search_rt(const struct plan *plan, unsigned i);
DAWD_RT static inline unsigned sleep_next_rt(const struct plan *plan, unsigned i)
{
    return i < plan->n_steps && sleep_is_due_rt(plan, i) ? i : sleep_search_rt(plan, i);
}

/* Before the mixes of a step in slumber: makes up for the time since it was visited last. */
DAWD_RT void sleep_visit_rt(struct step *step, const struct moment *moment);
/* Behind them: whether it sleeps on during this block; otherwise it is awake now. */
DAWD_RT bool sleep_goes_on_rt(struct step *step, const struct moment *moment);
/* After process, when it has heard nothing: whether this is to go on. */
DAWD_RT void sleep_watch_rt(struct step *step, const struct moment *moment);

/* The step's outputs are silent from now on, or sound again: its readers look at their inputs anew. */
DAWD_RT void sleep_tell_rt(struct step *step, const struct moment *moment, bool silent);

/* The step gives events, or something else than before: whoever reads it is to be visited. */
DAWD_RT void sleep_call_rt(const struct step *step, const struct moment *moment);

/* Whether all that it gives is less than SLEEP_LEVEL. */
DAWD_RT bool sleep_is_quiet_rt(const struct step *step, const struct moment *moment);
/* The step is to run with this block, whatever it hears. */
DAWD_RT void sleep_wake_rt(struct plan *plan, unsigned i);
/* Of a voice that has stopped, and starts in this block: it begins anew, without anything of what it held. */
DAWD_RT void sleep_clear_rt(struct step *step, const struct moment *moment);
/* The same of one that rests: it is not to run before sleep_wake_rt, whatever it gives. */
DAWD_RT void sleep_force_rt(struct step *step, const struct moment *moment);

/* A value of the node is set: it runs until that has arrived, and what glides inside it has settled again. */
DAWD_RT void sleep_touch_rt(const struct plan *plan, struct node_rt *node);

/* Time without sound, from `frame` on, for a node that sleeps: before the gains go on by n frames. */
DAWD_RT void sleep_idle_rt(struct step *step, uint64_t frame, uint32_t n);
