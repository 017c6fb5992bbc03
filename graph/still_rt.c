#include "graph/still_rt.h"

#include "graph/dsp/still.h"
#include "graph/inbox_rt.h"
#include "graph/sleep_rt.h"

#include "graph/rt_only.h"

void still_wake_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    node->slumber = SLUMBER_NONE;
    node->touched &= step->io.voice && step->io.voice->starts; /* which clears it, and puts it to sleep first */
    node->loud_cell = moment->cell;
    node->quiet = 0;
    meter_wake_rt(node->meter);
}

void still_fill_rt(const struct step *step, unsigned n)
{
    for (unsigned c = 0; c < step->n_out; c++)
        if (step->io.still_out[c])
            still_frames(step->io.out[c], true, step->io.out[c], n);
}

/* What is less than SLEEP_LEVEL leads to sleep, of which others have to know. */
static bool gives_still_rt(const struct step *step)
{
    bool is_loud = false;
    for (unsigned c = 0; c < step->n_out; c++) {
        if (!step->io.still_out[c])
            return false;
        is_loud |= fabsf(step->io.out[c][0]) >= SLEEP_LEVEL;
    }
    return is_loud;
}

static bool hears_still_rt(const struct step *step)
{
    for (unsigned m = 0; m < step->n_mixes; m++)
        if (!step->mixes[m].rests)
            return false;
    for (unsigned c = 0; c < step->n_in; c++)
        if (!*step->io.still_in[c])
            return false;
    return true;
}

static bool is_let_alone_rt(const struct step *step, const struct moment *moment)
{
    const struct node_rt *node = step->node;
    return !node->n_moving && !node->n_notes && !node->slumber && !node->is_apart && !moment->stays_awake &&
           atomic_load_explicit(&node->watched_until, memory_order_relaxed) <= moment->frame;
}

static bool is_in_place_rt(const struct step *step)
{
    if (!step->hears || !step->io.voice->is_plain || step->io.voice->is_measured)
        return false;
    for (unsigned c = 0; c < step->n_out; c++)
        if (step->io.in[c] != step->io.out[c])
            return false;
    return true;
}

static bool has_nothing_to_do_rt(const struct step *step, const struct moment *moment)
{
    switch (step->rest) {
    case REST_STILL:
        return gives_still_rt(step) && hears_still_rt(step) && (!step->io.events || inbox_is_empty_rt(step, moment));
    case REST_PLACE:
        return is_in_place_rt(step);
    case REST_STANDS:
        return inbox_is_empty_rt(step, moment) && step->node->class->sleeps.stands(step->node->state);
    default:
        return false;
    }
}

/* They run in this block, and look at their modulations. */
static void readers_call_rt(const struct step *step, const struct moment *moment)
{
    sleep_call_rt(step, moment);
    for (unsigned i = 0; i < step->n_readers; i++)
        atomic_store_explicit(&moment->plan->steps[step->readers[i]].is_steady, false, memory_order_relaxed);
}

void still_end_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    if (step->gives_still)
        readers_call_rt(step, moment);
    if (!step->rest || !is_let_alone_rt(step, moment) || !has_nothing_to_do_rt(step, moment))
        return;
    if (step->rest == REST_STILL)
        meter_rest_rt(node->meter, step->io.out);
    node->slumber = SLUMBER_STILL;
    node->place = (unsigned)(step - moment->plan->steps);
    sleep_due_set_rt(moment->plan, node->place, false);
}
