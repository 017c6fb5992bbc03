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

/* The mixes run anew in the next block, for the node may be simply heard by then. */
void still_part_rt(const struct scratch *scratch, struct step *step, unsigned n)
{
    static const bool moves = false;
    step->io.may_be_still = 0;
    if (!step->takes_still)
        return;
    for (unsigned m = 0; m < step->n_mixes; m++)
        for (unsigned c = 0; c < step->mixes[m].n_channels; c++) {
            const struct mix *mix = &step->mixes[m];
            float *room = scratch->sums[mix->first_sum + c];
            if (!*mix->still[c])
                continue;
            mix->in[c] = still_frames(mix->in[c], true, room, n);
            mix->still[c] = &moves;
        }
    atomic_store_explicit(&step->passes, false, memory_order_relaxed);
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

/* They run in this block, and look at their modulations. */
static void readers_call_rt(const struct step *step, const struct moment *moment)
{
    sleep_call_rt(step, moment);
    for (unsigned i = 0; i < step->n_readers; i++)
        atomic_store_explicit(&moment->plan->steps[step->readers[i]].is_steady, false, memory_order_relaxed);
}

void still_end_rt(struct step *step, const struct moment *moment)
{
    readers_call_rt(step, moment);
    if (!step->may_rest || !gives_still_rt(step) || !hears_still_rt(step) || !is_let_alone_rt(step, moment) ||
        (step->io.events && !inbox_is_empty_rt(step, moment)))
        return;
    struct node_rt *node = step->node;
    meter_rest_rt(node->meter, step->io.out);
    node->slumber = SLUMBER_STILL;
    node->place = (unsigned)(step - moment->plan->steps);
    sleep_due_set_rt(moment->plan, node->place, false);
}
