#include "tests/ear_rig.h"

#include <check.h>

#include "graph/play.h"

void ear_play_for(struct graph_rig *rig, uint32_t client, enum event_kind kind, float note, uint32_t duration_frames)
{
    struct error error = {0};
    struct event event = {.kind = (uint8_t)kind, .note = note, .value = kind == EVENT_NOTE_ON ? 100 : 0};
    event.source = play_source(client);
    ck_assert_int_eq(ctl_play(rig->ctl, graph_rig_node(rig, "ear"), &event, duration_frames, &error), 0);
}

void ear_play(struct graph_rig *rig, uint32_t client, enum event_kind kind, float note)
{
    ear_play_for(rig, client, kind, note, 0);
}

void ear_control(struct graph_rig *rig, uint32_t client, unsigned number, float value)
{
    struct error error = {0};
    struct event event = {.kind = EVENT_CONTROL, .number = (uint8_t)number, .value = value, .source = play_source(client)};
    ck_assert_int_eq(ctl_play(rig->ctl, graph_rig_node(rig, "ear"), &event, 0, &error), 0);
}

void ear_gone(struct graph_rig *rig, uint32_t client)
{
    struct error error = {0};
    ck_assert_int_eq(ctl_source_gone(rig->ctl, play_source(client), &error), 0);
}
