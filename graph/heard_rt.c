#include "graph/heard_rt.h"

#include "graph/crew_shared.h"
#include "graph/engine_shared.h"

#include "graph/rt_only.h"

static bool is_told(const struct step *step, const struct event *event)
{
    return step->node->class->n_presets && event->kind == EVENT_PROGRAM;
}

static bool has_programs(const struct step *step)
{
    const struct inbox *inbox = step->node->inbox;
    for (unsigned i = 0; inbox && i < inbox->list.n; i++)
        if (is_told(step, &inbox->list.event[i]))
            return true;
    return false;
}

static void push_rt(const struct step *step, const struct moment *moment, const struct event *event)
{
    struct engine_rt *engine = moment->engine;
    uint64_t sequence = moment->plan->labels[step - moment->plan->steps].sequence;
    if (!ring_push(&engine->heard, &(struct heard){sequence, moment->frame + event->offset, *event}))
        atomic_fetch_add_explicit(&engine->stats.unheard, 1, memory_order_relaxed);
}

static void tell_rt(const struct step *step, const struct moment *moment)
{
    const struct event_list *told = step->node->told;
    const struct inbox *inbox = step->node->inbox;
    for (unsigned i = 0; told && i < told->n; i++)
        push_rt(step, moment, &told->event[i]);
    for (unsigned i = 0; inbox && i < inbox->list.n; i++)
        if (is_told(step, &inbox->list.event[i]))
            push_rt(step, moment, &inbox->list.event[i]);
}

/* The ring has one writer: what workers find, the audio thread tells. */
void heard_look_rt(struct step *step, const struct moment *moment)
{
    if (!(step->node->told && step->node->told->n) && !has_programs(step))
        return;
    step->is_to_be_heard = moment->is_shared;
    if (moment->is_shared)
        atomic_store_explicit(&moment->engine->crew->has_heard, true, memory_order_relaxed);
    else
        tell_rt(step, moment);
}

void heard_tell_all_rt(const struct moment *moment)
{
    for (unsigned i = 0; i < moment->plan->n_steps; i++) {
        struct step *step = &moment->plan->steps[i];
        if (step->is_to_be_heard)
            tell_rt(step, moment);
        step->is_to_be_heard = false;
    }
}
