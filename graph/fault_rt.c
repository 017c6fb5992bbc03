#include "graph/fault_rt.h"

#include "graph/crew_shared.h"
#include "graph/dsp/vector.h"
#include "graph/engine_shared.h"
#include "graph/rt_only.h"

DAWD_CLONES static bool is_finite(const float *x, unsigned n)
{
    unsigned bad = 0;
    for (unsigned i = 0; i < n; i++)
        bad |= !(fabsf(x[i]) < INFINITY);
    return !bad;
}

static bool are_finite_rt(const struct step *step, unsigned n)
{
    for (unsigned c = 0; c < step->n_out; c++)
        if (!is_finite(step->io.out[c], n))
            return false;
    return true;
}

static void tell_rt(const struct step *step, const struct moment *moment)
{
    uint64_t sequence = moment->plan->labels[step - moment->plan->steps].sequence;
    ring_push(&moment->engine->notes, &(struct watch_note){WATCH_FAULT, sequence, sequence, moment->frame, 0, 0});
}

/* Notes have one writer: what workers find, the audio thread tells. */
static void note_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    if (node->told_until > moment->frame)
        return;
    node->told_until = moment->frame + FAULT_TOLD_FRAMES;
    step->is_to_tell = moment->is_shared;
    if (moment->is_shared)
        atomic_store_explicit(&moment->engine->crew->has_faults, true, memory_order_relaxed);
    else
        tell_rt(step, moment);
}

void fault_tell_all_rt(const struct moment *moment)
{
    for (unsigned i = 0; i < moment->plan->n_steps; i++) {
        struct step *step = &moment->plan->steps[i];
        if (step->is_to_tell)
            tell_rt(step, moment);
        step->is_to_tell = false;
    }
}

/* Release: control, which sees the count, sees the node. */
static void count_rt(struct engine_rt *engine)
{
    atomic_fetch_add_explicit(&engine->stats.faults, 1, memory_order_release);
}

/* A device node has nothing that could be made anew: what is wrong came from outside, or is a sum. */
bool fault_check_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    if (!step->fault && (step->silent || are_finite_rt(step, moment->n)))
        return true;
    note_rt(step, moment);
    if (step->n_device)
        return true;
    node->slumber = SLUMBER_MUTED;
    meter_sleep_rt(node->meter);
    node->is_apart = false;
    atomic_store_explicit(&node->muted, true, memory_order_relaxed);
    count_rt(moment->engine);
    return false;
}

void fault_touch_rt(struct engine_rt *engine, struct node_rt *node)
{
    atomic_store_explicit(&node->muted_touched, true, memory_order_relaxed);
    count_rt(engine);
}
