/* Three lists, and at each block one question: what is due at its first frame, and how far may it go until something else is. */
#include "graph/engine_shared.h"
#include "graph/follow_rt.h"
#include "graph/mutant.h"
#include "graph/step_rt.h"
#include "graph/watch_rt.h"

#include "graph/rt_only.h"

/* ---- the lists ------------------------------------------------------------------------------------------------------ */

static void append(struct change_list *list, struct change *change)
{
    change->next = NULL;
    *(list->last ? &list->last->next : &list->first) = change;
    list->last = change;
}

static struct change *take_first(struct change_list *list)
{
    struct change *change = list->first;
    list->first = change->next;
    if (!list->first)
        list->last = NULL;
    return change;
}

/* Behind those of the same frame. Nearly always the latest of all comes last. */
static void insert(struct change_list *list, struct change *change)
{
    if (!list->last || list->last->at_frame <= change->at_frame) {
        append(list, change);
        return;
    }
    struct change **link = &list->first;
    while ((*link)->at_frame <= change->at_frame)
        link = &(*link)->next;
    change->next = *link;
    *link = change;
}

/* ---- taking effect -------------------------------------------------------------------------------------------------- */

/* Shown before the change goes back: once control has freed the old map, nobody finds it in the view any more. Note values that are
 * set by the same change are for the tempo that it brings. */
static void transport_apply(struct engine_rt *engine, struct change *change)
{
    if (change->map)
        change->map = transport_map_rt(&engine->transport, change->map);
    for (unsigned i = 0; i < change->n_orders; i++)
        transport_order_rt(&engine->transport, &change->orders[i]);
    if (!change->map && !change->n_orders)
        return;
    transport_publish_rt(&engine->transport, engine->frame);
    follow_look_rt(engine);
}

/* `frame` is the first that will sound by it. */
static void give_back(struct engine_rt *engine, struct change *change, uint64_t frame)
{
    change->frame = frame;
    change->applied_ns = change->at_frame ? 0 : engine->watch.start_ns;
    if (change->at_frame && frame > change->at_frame)
        watch_late_rt(engine, frame - change->at_frame);
    ring_push(&engine->rt_to_ctl, &change); /* control reserved the place */
}

static void apply(struct engine_rt *engine, struct change *change)
{
    if (change->plan) {
        MUTANT(MUTANT_SWAP);
        struct plan *old = engine->plan;
        engine->plan = change->plan;
        change->plan = old;
    }
    engine->follow.may_follow |= change->plan != NULL;
    transport_apply(engine, change);
    for (unsigned i = 0; i < change->n_values; i++)
        step_value_rt(engine, &change->values[i]);
    give_back(engine, change, engine->frame);
}

void schedule_take_rt(struct engine_rt *engine, struct change *change)
{
    struct schedule_rt *schedule = &engine->schedule;
    bool is_ordered = change_is_of_plans(change) || change->in_order;
    if (is_ordered && (change->at_frame || schedule->plans.first))
        append(&schedule->plans, change);
    else if (!change->at_frame)
        apply(engine, change);
    else
        insert(change->n_orders ? &schedule->orders : &schedule->values, change);
}

/* ---- cuts ----------------------------------------------------------------------------------------------------------- */

static uint64_t window_of(uint64_t frame)
{
    return frame / SCHEDULE_WINDOW_FRAMES;
}

/* Whether one more change may take effect at this frame: what begins a window, or shares a cut, costs nothing. */
static bool may_cut(const struct schedule_rt *schedule, uint64_t frame)
{
    return frame % SCHEDULE_WINDOW_FRAMES == 0 || frame == schedule->cut_at ||
           window_of(frame) != window_of(schedule->cut_at) || schedule->n_cuts < SCHEDULE_CUTS;
}

static void count_cut(struct schedule_rt *schedule, uint64_t frame)
{
    if (frame == schedule->cut_at)
        return;
    bool is_same_window = window_of(frame) == window_of(schedule->cut_at);
    schedule->n_cuts = is_same_window ? schedule->n_cuts : 0;
    schedule->n_cuts += frame % SCHEDULE_WINDOW_FRAMES != 0;
    schedule->cut_at = frame;
}

static void fire_cuts(struct engine_rt *engine, struct change_list *list)
{
    struct schedule_rt *schedule = &engine->schedule;
    while (list->first && list->first->at_frame <= engine->frame && may_cut(schedule, engine->frame)) {
        struct change *change = take_first(list);
        if (change->at_frame) /* one that only waited for those before it adds nothing to them */
            count_cut(schedule, engine->frame);
        apply(engine, change);
    }
}

/* How many of n frames lie before a cut that is wanted at a frame. */
static unsigned before_frame(const struct engine_rt *engine, uint64_t frame, unsigned n)
{
    if (frame <= engine->frame || !may_cut(&engine->schedule, frame)) /* put off to the next window */
        frame = (window_of(frame > engine->frame ? frame : engine->frame) + 1) * SCHEDULE_WINDOW_FRAMES;
    return frame - engine->frame < n ? (unsigned)(frame - engine->frame) : n;
}

/* The same of the next one of a list. */
static unsigned before_cut(const struct engine_rt *engine, const struct change_list *list, unsigned n)
{
    return list->first ? before_frame(engine, list->first->at_frame, n) : n;
}

/* ---- tempo ---------------------------------------------------------------------------------------------------------- */

/* One that could not be cut for waits on while the window lasts. */
void schedule_tempo_rt(struct engine_rt *engine)
{
    struct schedule_rt *schedule = &engine->schedule;
    if (transport_tempo(&engine->transport) == engine->follow.micro_bpm)
        return;
    if (engine->follow.may_follow) {
        if (!may_cut(schedule, engine->frame))
            return;
        count_cut(schedule, engine->frame);
    }
    follow_look_rt(engine);
}

static unsigned before_tempo(const struct engine_rt *engine, unsigned n)
{
    if (transport_tempo(&engine->transport) != engine->follow.micro_bpm)
        return before_frame(engine, engine->frame, n);
    unsigned left = follow_frames_rt(engine, n);
    return left < n ? before_frame(engine, engine->frame + left, n) : n;
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

static void hand_out(struct engine_rt *engine, struct change *change)
{
    for (unsigned i = 0; i < change->n_values; i++) {
        change->values[i].offset = (uint32_t)(change->at_frame - engine->frame);
        step_hand_value_rt(engine, &change->values[i]);
    }
    append(&engine->schedule.handed, change);
}

/* Whether a row begins to follow a note value, or ends to. */
static bool turns_notes(const struct change *change)
{
    for (unsigned i = 0; i < change->n_values; i++) {
        const struct value_rt *value = &change->values[i];
        const struct node_rt *node = value->node;
        if (value->row < node->class->n_params && (value->ticks || node->ticks[value->row]))
            return true;
    }
    return false;
}

/* Those that are due at the first frame. */
static void fire_due_values(struct engine_rt *engine)
{
    struct schedule_rt *schedule = &engine->schedule;
    struct change_list *list = &schedule->values;
    while (list->first && list->first->at_frame <= engine->frame) {
        bool cuts = turns_notes(list->first);
        if (cuts && !may_cut(schedule, engine->frame))
            return;
        if (cuts)
            count_cut(schedule, engine->frame);
        apply(engine, take_first(list));
    }
}

static unsigned before_notes(const struct engine_rt *engine, unsigned n)
{
    const struct change *change = engine->schedule.values.first;
    for (; change && change->at_frame < engine->frame + n; change = change->next)
        if (turns_notes(change))
            return before_frame(engine, change->at_frame, n);
    return n;
}

/* Behind one that has to wait for the next window, all wait. */
static void hand_out_all(struct engine_rt *engine, unsigned n)
{
    struct change_list *list = &engine->schedule.values;
    while (list->first && list->first->at_frame > engine->frame && list->first->at_frame < engine->frame + n &&
           !turns_notes(list->first))
        hand_out(engine, take_first(list));
}

/* ---- around a block ------------------------------------------------------------------------------------------------- */

/* Plans go first: what is set at their frame may be set on their nodes. */
unsigned schedule_begin_rt(struct engine_rt *engine, unsigned n, bool moves)
{
    struct schedule_rt *schedule = &engine->schedule;
    fire_cuts(engine, &schedule->plans);
    fire_cuts(engine, &schedule->orders);
    n = before_cut(engine, &schedule->plans, n);
    n = before_cut(engine, &schedule->orders, n);
    n = moves ? before_tempo(engine, n) : n;
    fire_due_values(engine);
    n = before_notes(engine, n);
    hand_out_all(engine, n);
    return n;
}

/* A node that did not run, since it is not in the plan yet or not any more, has not taken its values. */
void schedule_end_rt(struct engine_rt *engine)
{
    struct change_list *handed = &engine->schedule.handed;
    while (handed->first) {
        struct change *change = take_first(handed);
        for (unsigned i = 0; i < change->n_values; i++)
            step_settle_values_rt(engine, change->values[i].node);
        give_back(engine, change, change->at_frame);
    }
}
