/* One node in one block: what comes before its process, and what comes behind. */
#include "graph/step_rt.h"

#include <string.h>

#include "graph/dsp/still.h"
#include "graph/engine_shared.h"
#include "graph/fault_rt.h"
#include "graph/follow_rt.h"
#include "graph/heard_rt.h"
#include "graph/inbox_rt.h"
#include "graph/mix_rt.h"
#include "graph/params_rt.h"
#include "graph/presence_rt.h"
#include "graph/sleep_rt.h"
#include "graph/still_rt.h"
#include "graph/voice_rt.h"

#include "graph/rt_only.h"

/* A port that the driver has not made yet, or not any more, is null: input nodes then give silence, output nodes play
 * nowhere. */
static void device_point_rt(struct scratch *scratch, struct step *step, const struct moment *moment)
{
    if (node_device_is_midi(step->node->class->device)) {
        step->io.midi = moment->midi ? moment->midi[step->device_first] : NULL;
        step->io.midi_at = moment->offset;
        return;
    }
    for (unsigned c = 0; c < step->n_device; c++) {
        float *port = moment->ports ? moment->ports[step->device_first + c] : NULL;
        scratch->device[c] = port ? port + moment->offset : NULL;
    }
}

static void mixes_run_rt(struct scratch *scratch, struct step *step, unsigned n)
{
    bool passes = true;
    step->hears = false;
    for (unsigned m = 0; m < step->n_mixes; m++) {
        passes &= mix_run_rt(&step->mixes[m], scratch->sums, n);
        step->hears |= step->mixes[m].sounds;
    }
    for (unsigned i = 0; i < step->n_modulations; i++)
        step->modulations[i].passes = false;
    atomic_store_explicit(&step->passes, passes, memory_order_relaxed);
}

/* Of a node that is not simply heard: it is faded, and run in parts. So all frames of what comes in are written, and none of them is
 * where the node writes. The mixes run anew in the next block, for the node may be simply heard by then. */
static void mixes_part_rt(const struct scratch *scratch, struct step *step, unsigned n)
{
    step->io.may_be_still = 0;
    if (!step->takes_still && !step->is_in_place)
        return;
    for (unsigned m = 0; m < step->n_mixes; m++)
        for (unsigned c = 0; c < step->mixes[m].n_channels; c++) {
            const struct mix *mix = &step->mixes[m];
            float *room = scratch->sums[mix->first_sum + c];
            if (mix->still && *mix->still[c]) {
                mix->in[c] = still_frames(mix->in[c], true, room, n);
                mix->still[c] = &signal_moves;
            } else if (step->is_in_place && mix->in[c] != room) {
                mix->in[c] = memcpy(room, mix->in[c], n * sizeof(float));
            }
        }
    atomic_store_explicit(&step->passes, false, memory_order_relaxed);
}

static void lines_read_rt(struct step *step, unsigned n)
{
    for (unsigned i = 0; i < step->n_returns; i++)
        line_read_rt(step->returns[i], n);
    for (unsigned i = 0; i < step->n_compensations; i++)
        compensation_run_rt(&step->compensations[i], n);
    /* A line sounds or does not, block by block. */
    if (step->n_returns || step->n_compensations || step->hears_shared)
        atomic_store_explicit(&step->passes, false, memory_order_relaxed);
}

static void shared_run_rt(const struct step *step, const struct moment *moment)
{
    bool changes = false;
    for (unsigned i = 0; i < step->n_shared; i++) {
        bool was_silent = step->shared[i].compensation->silent;
        compensation_run_rt(&step->shared[i], moment->n);
        changes |= step->shared[i].compensation->silent != was_silent;
    }
    if (changes)
        sleep_call_rt(step, moment);
}

static void lines_write_rt(const struct step *step, const struct moment *moment)
{
    for (unsigned i = 0; i < step->n_sends; i++)
        line_write_rt(step->sends[i].line, step->node->silent ? NULL : step->sends[i].from, moment->n);
    if (step->n_shared)
        shared_run_rt(step, moment);
}

/* All that process of the step will see; false where it sleeps on, and all is done. */
static bool step_prepare_rt(struct scratch *scratch, struct step *step, const struct moment *moment)
{
    if (step->node->slumber == SLUMBER_STILL)
        still_wake_rt(step, moment);
    lines_read_rt(step, moment->n);
    if (step->is_voice && voice_rests_rt(step, moment)) {
        lines_write_rt(step, moment);
        return false;
    }
    if (step->node->slumber)
        sleep_visit_rt(step, moment);
    if (!atomic_load_explicit(&step->passes, memory_order_relaxed))
        mixes_run_rt(scratch, step, moment->n);
    if (step->io.events)
        step->plays = inbox_run_rt(step, moment);
    if (step->node->slumber && sleep_goes_on_rt(step, moment)) {
        lines_write_rt(step, moment);
        return false;
    }
    if (step->node->n_notes && step->node->micro_bpm != moment->engine->follow.micro_bpm)
        follow_enter_rt(step->node, moment->engine->follow.micro_bpm);
    params_run_rt(scratch, step, moment->n);
    if (step->gives_still)
        still_begin_rt(step);
    if (step->node->is_apart || (step->is_voice && !voice_is_whole_rt(step, moment)))
        mixes_part_rt(scratch, step, moment->n);
    if (step->n_device)
        device_point_rt(scratch, step, moment);
    step->io.n = moment->n;
    step->io.frame = moment->frame;
    step->io.device = scratch->device;
    if (step->io.events_out)
        outbox_begin_rt(step, moment);
    if (step->io.told)
        step->io.told->n = 0;
    step->silent = step->fault = false;
    return true;
}

static void step_finish_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    if (step->io.events_out)
        outbox_end_rt(step, moment);
    if (step->is_heard)
        heard_look_rt(step, moment);
    if (step->io.slots)
        voices_call_rt(step, moment);
    if (step->is_checked | step->fault && !fault_check_rt(step, moment))
        step->silent = true;
    if (step->is_voice)
        voice_listen_rt(step, moment);
    if (node->silent != step->silent)
        sleep_tell_rt(step, moment, step->silent);
    if (atomic_load_explicit(&node->watched_until, memory_order_relaxed) > moment->frame) {
        if (step->gives_still)
            still_fill_rt(step, moment->n);
        meter_run_rt(node->meter, &step->io, moment->frame, moment->n);
    }
    if (node->slumber | node->is_apart) {
        /* muted just now, or not to sleep: presence_rt.c */
    } else if (step->hears | step->plays) {
        node->loud_cell = moment->cell;
        node->quiet = 0;
    } else if (step->may_sleep) {
        sleep_watch_rt(step, moment);
    }
    if (step->gives_still | step->rest)
        still_end_rt(step, moment);
    lines_write_rt(step, moment);
}

/* The usual case, in which nothing moves and nothing is to be told; false, and nothing is done, in any other. */
static inline bool step_begin_plainly_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    bool passes = atomic_load_explicit(&step->passes, memory_order_relaxed);
    if (!(step->is_plain & passes & (step->hears | !step->may_sleep)) || node->slumber || node->is_apart || node->n_moving)
        return false;
    if (step->is_voice && !step->io.voice->is_plain)
        return false;
    if (step->is_modulated && !atomic_load_explicit(&step->is_steady, memory_order_relaxed))
        return false;
    step->io.param = step->is_modulated ? step->modulated : node->params;
    step->io.n = moment->n;
    step->io.frame = moment->frame;
    step->silent = step->fault = false;
    if (step->gives_still)
        still_begin_rt(step);
    return true;
}

static inline void step_end_plainly_rt(struct step *step, const struct moment *moment)
{
    struct node_rt *node = step->node;
    bool is_watched = atomic_load_explicit(&node->watched_until, memory_order_relaxed) > moment->frame;
    if (step->is_checked | step->fault | is_watched || node->silent != step->silent) {
        step_finish_rt(step, moment);
        return;
    }
    node->loud_cell = moment->cell;
    node->quiet = 0;
    if (step->gives_still | step->rest)
        still_end_rt(step, moment);
}

/* What is more than one call of process with all of the block. */
static bool runs_apart_rt(struct step *step, const struct moment *moment)
{
    bool is_apart = step->node->is_apart;
    if (is_apart)
        presence_run_rt(step, moment);
    return (step->is_voice && voice_run_rt(step, moment, is_apart)) || is_apart;
}

static void step_run_rt(struct scratch *scratch, struct step *step, const struct moment *moment)
{
    if (step_begin_plainly_rt(step, moment)) {
        step->node->class->process(step->node->state, &step->io);
        step_end_plainly_rt(step, moment);
        return;
    }
    if (!step_prepare_rt(scratch, step, moment))
        return;
    if (!runs_apart_rt(step, moment))
        step->node->class->process(step->node->state, &step->io);
    step_finish_rt(step, moment);
}

/* Those that are awake. */
static bool steps_run_abreast_rt(struct room *room, unsigned first, const struct moment *moment)
{
    struct plan *plan = moment->plan;
    struct step *step = plan->steps + first, *awake[LANES];
    struct lane_group group = {.room = room->lane_room};
    bool is_due = false, is_plain[LANES];
    for (unsigned l = 0; l < plan->abreast[first]; l++) {
        if (!sleep_is_due_rt(plan, first + l))
            continue;
        is_due = true;
        is_plain[group.n] = step_begin_plainly_rt(&step[l], moment);
        if (!is_plain[group.n] && !step_prepare_rt(&room->lane_scratch[l], &step[l], moment))
            continue;
        if (!is_plain[group.n] && runs_apart_rt(&step[l], moment)) {
            step_finish_rt(&step[l], moment);
            continue;
        }
        awake[group.n] = &step[l];
        group.state[group.n] = step[l].node->state;
        group.io[group.n++] = &step[l].io;
    }
    if (group.n)
        step->node->class->process_lanes(&group);
    for (unsigned l = 0; l < group.n; l++)
        (is_plain[l] ? step_end_plainly_rt : step_finish_rt)(awake[l], moment);
    return is_due;
}

bool unit_run_rt(struct room *room, unsigned first, const struct moment *moment)
{
    if (moment->plan->abreast[first] > 1)
        return steps_run_abreast_rt(room, first, moment);
    if (!sleep_is_due_rt(moment->plan, first))
        return false;
    step_run_rt(&room->scratch, &moment->plan->steps[first], moment);
    return true;
}

static void touch_rt(struct engine_rt *engine, struct node_rt *node)
{
    if (node->slumber == SLUMBER_MUTED)
        fault_touch_rt(engine, node);
    else
        sleep_touch_rt(engine->plan, node);
}

/* What a value is for beyond the parameters of its node: of enum value_row_rt, or -1: for a parameter. */
static int row_behind(const struct value_rt *value)
{
    unsigned n_params = value->node->class->n_params;
    return value->row < n_params ? -1 : (int)(value->row - n_params);
}

/* Bounded by the steps of the plan. */
static void gone_rt(struct engine_rt *engine, uint32_t source)
{
    for (unsigned i = 0; i < engine->plan->n_steps; i++) {
        struct node_rt *node = engine->plan->steps[i].node;
        if (!node->inbox)
            continue;
        inbox_gone_rt(node->inbox, source);
        sleep_touch_rt(engine->plan, node);
    }
}

void step_value_rt(struct engine_rt *engine, const struct value_rt *value)
{
    if (!value->node) {
        gone_rt(engine, value->event.source);
        return;
    }
    touch_rt(engine, value->node);
    switch (row_behind(value)) {
    case VALUE_BYPASS:
        presence_set_rt(value->node, value->value != 0, engine->frame);
        break;
    case VALUE_EVENT:
        inbox_hand_rt(value->node->inbox, &value->event, value->duration_frames);
        break;
    case VALUE_HEIR:
        inbox_inherit_rt(value->node->inbox, value->before->inbox, engine->frame);
        break;
    default:
        if (value->ticks)
            follow_set_rt(engine, value);
        else
            params_set_rt(value);
    }
}

void step_message_rt(struct engine_rt *engine, const struct value_rt *value)
{
    struct value_rt twin = *value;
    do
        step_value_rt(engine, &twin);
    while (twin.node && (twin.node = twin.node->twin));
}

void step_hand_value_rt(struct engine_rt *engine, struct value_rt *value)
{
    touch_rt(engine, value->node);
    switch (row_behind(value)) {
    case VALUE_BYPASS:
        presence_hand_rt(value);
        break;
    case VALUE_EVENT:
        inbox_hand_timed_rt(value);
        break;
    default:
        params_hand_rt(value);
    }
}

void step_settle_values_rt(struct engine_rt *engine, struct node_rt *node)
{
    params_settle_rt(node);
    presence_settle_rt(node, engine->frame);
    if (node->inbox)
        inbox_settle_rt(node);
}

void step_idle_rt(struct step *step, uint64_t frame, uint32_t n_frames)
{
    sleep_idle_rt(step, frame, n_frames);
    if (step->node->inbox)
        inbox_idle_rt(step->node);
    for (unsigned i = 0; i < step->n_compensations; i++)
        compensation_idle_rt(&step->compensations[i], n_frames);
    for (unsigned i = 0; i < step->n_shared; i++)
        compensation_idle_rt(&step->shared[i], n_frames);
    for (unsigned m = 0; m < step->n_mixes; m++)
        mix_idle_rt(&step->mixes[m], n_frames);
    /* Gains and parameters count frames, so any number of them is one step. */
    params_idle_rt(step, n_frames);
}
