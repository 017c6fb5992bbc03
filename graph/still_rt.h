/* Signals that stand still (graph/dsp/still.h), on the side of the engine.
 *
 *     all it hears is still, no value moves, no event waits ──▶ it gives still outputs ──▶ plan->due[step] = 0
 *     it is told something: a value, an event, a source that runs ──▶ it runs, and its readers with it
 *
 * A step that stands still is not visited until somebody calls it, and what it has given is there meanwhile: the buffers are its own,
 * of which its readers look at one frame. Unlike one that sleeps it is heard. Whoever may run calls its readers in each block
 * in which it does, for it may give something else.
 */
#pragma once

#include "graph/step_rt.h"

/* Before all else, of a step that stands still and is visited: it runs. */
DAWD_RT void still_wake_rt(struct step *step, const struct moment *moment);

/* Before process, of a class that gives_still: no output is still so far. */
DAWD_RT static inline void still_begin_rt(struct step *step)
{
    step->io.may_be_still = step->may_be_still;
    for (unsigned c = 0; c < step->n_out; c++)
        step->io.still_out[c] = false;
}

/* Behind process: tells the readers of signals that may be still, and whether it rests from now on. */
DAWD_RT void still_end_rt(struct step *step, const struct moment *moment);

/* Writes the frames that have been left out, for whoever looks at the node from outside. */
DAWD_RT void still_fill_rt(const struct step *step, unsigned n);
