#include "graph/follow_rt.h"

#include "graph/engine_shared.h"
#include "graph/note.h"
#include "graph/params_rt.h"
#include "graph/sleep_rt.h"

#include "graph/rt_only.h"

/* What is held at an end of its range is not the note that was asked for, and process is told of none. */
static void row_tell_rt(struct node_rt *node, unsigned row, uint32_t micro_bpm)
{
    const struct param_info *info = &node->class->params[row];
    uint32_t ticks = node->ticks[row];
    bool is_held = note_value(info, ticks, micro_bpm) != (float)note_length(info, ticks, micro_bpm);
    node->params[row].ticks = is_held ? 0 : ticks;
}

static void row_set_rt(struct node_rt *node, unsigned row, uint32_t ticks, uint32_t micro_bpm, uint32_t glide_frames)
{
    const struct param_info *info = &node->class->params[row];
    params_set_rt(&(struct value_rt){.node = node,
                                     .row = row,
                                     .value = note_value(info, ticks, micro_bpm),
                                     .glide_frames = glide_frames,
                                     .ticks = ticks});
    row_tell_rt(node, row, micro_bpm);
}

static bool row_is_there(const struct node_rt *node, unsigned row, uint32_t micro_bpm)
{
    return note_value(&node->class->params[row], node->ticks[row], micro_bpm) == node->glides[row].target;
}

void follow_enter_rt(struct node_rt *node, uint32_t micro_bpm)
{
    for (unsigned row = 0; row < node->class->n_params; row++)
        if (node->ticks[row] && row_is_there(node, row, micro_bpm))
            row_tell_rt(node, row, micro_bpm);
        else if (node->ticks[row])
            row_set_rt(node, row, node->ticks[row], micro_bpm, 0);
    node->micro_bpm = micro_bpm;
}

void follow_set_rt(struct engine_rt *engine, const struct value_rt *value)
{
    struct node_rt *node = value->node;
    uint32_t micro_bpm = engine->follow.micro_bpm;
    if (node->n_notes && node->micro_bpm != micro_bpm)
        follow_enter_rt(node, micro_bpm);
    node->micro_bpm = micro_bpm;
    engine->follow.may_follow = true;
    row_set_rt(node, value->row, value->ticks, micro_bpm, value->glide_frames);
}

/* Rows that are held at an end of their range may have nowhere to go, and leave the node asleep. */
static void node_follow_rt(struct engine_rt *engine, struct node_rt *node)
{
    uint32_t micro_bpm = engine->follow.micro_bpm;
    for (unsigned row = 0; row < node->class->n_params; row++) {
        const struct param_info *info = &node->class->params[row];
        if (!node->ticks[row] || row_is_there(node, row, micro_bpm))
            continue;
        if (node->slumber != SLUMBER_MUTED)
            sleep_touch_rt(engine->plan, node);
        double frames = (double)info->glide_s * engine->transport.map->rate_hz + 0.5; /* as ctl_frames */
        row_set_rt(node, row, node->ticks[row], micro_bpm, (uint32_t)frames);
    }
    node->micro_bpm = micro_bpm;
}

/* A walk through all nodes, like that of the first block of a plan; only while somebody may follow. */
static void nodes_follow_rt(struct engine_rt *engine)
{
    struct plan *plan = engine->plan;
    bool follows = false;
    for (unsigned i = 0; i < plan->n_steps; i++) {
        struct node_rt *node = plan->steps[i].node;
        if (i + 4 < plan->n_steps)
            __builtin_prefetch(&plan->steps[i + 4].node->n_notes);
        if (!node->n_notes)
            continue;
        follows = true;
        node_follow_rt(engine, node);
    }
    engine->follow.may_follow = follows;
}

void follow_look_rt(struct engine_rt *engine)
{
    uint32_t micro_bpm = transport_tempo(&engine->transport);
    if (micro_bpm == engine->follow.micro_bpm)
        return;
    engine->follow.micro_bpm = micro_bpm;
    if (engine->follow.may_follow)
        nodes_follow_rt(engine);
}

unsigned follow_frames_rt(const struct engine_rt *engine, unsigned n)
{
    const struct transport_rt *transport = &engine->transport;
    if (!engine->follow.may_follow || !transport->is_rolling)
        return n;
    const struct tempo_stretch *stretch = tempo_stretch_of_frame(transport->map, transport->position);
    int64_t left = tempo_stretch_end(transport->map, stretch) - transport->position;
    return left < n ? (unsigned)left : n;
}
