/* A fault stays local: what is no number is found where it is made, before anyone reads it.
 *
 *     process ──▶ checked ── numbers ──▶ readers
 *                    └── none ──▶ silence, from this block on      the node is muted, and told of (WATCH_FAULT)
 *                                    └──▶ control makes the node anew (graph/fault.h); it fades in
 *
 * A class that gives numbers for numbers (node_class.finite) is not checked: nobody gives it anything else, for who might is
 * checked, feedback lines hold sound only, and input nodes let no other in. What is left is a sum that is too large for a
 * float. It is met by filters, which look at their own state, and by outputs: then the first that has it is told.
 */
#pragma once

#include "graph/step_rt.h"

/* A node is told of once in so many frames at most: about a second. */
#define FAULT_TOLD_FRAMES 65536

/* After process: whether its outputs may be read. If not they are silent, and the node does not run again. */
DAWD_RT bool fault_check_rt(struct step *step, const struct moment *moment);

/* After a block that several threads have run: tells of the faults that they have found. */
DAWD_RT void fault_tell_all_rt(const struct moment *moment);

/* A value of a muted node was set: control is told. */
DAWD_RT void fault_touch_rt(struct engine_rt *engine, struct node_rt *node);
