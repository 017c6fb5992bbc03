#include "tests/voice_rig.h"

#include <check.h>
#include <math.h>

#include "graph/play.h"

void voice_play(const struct graph_rig *rig, const char *node, enum event_kind kind, float note, float value)
{
    struct error error = {0};
    struct event event = {.kind = (uint8_t)kind, .note = note, .value = value, .source = play_source(0)};
    ck_assert_int_eq(ctl_play(rig->ctl, graph_rig_node(rig, node), &event, 0, &error), 0);
}

float voice_reading(const struct graph_rig *rig, const char *node, unsigned row)
{
    return atomic_load(&graph_rig_node(rig, node)->object->readings[row]);
}

void voice_press(const struct graph_rig *rig, float note)
{
    voice_play(rig, "pad", EVENT_NOTE_ON, note, 100);
}

void voice_let_go(const struct graph_rig *rig, float note)
{
    voice_play(rig, "pad", EVENT_NOTE_OFF, note, 0);
}

const float *voice_heard(const struct graph_rig *rig)
{
    return rig->heard[graph_rig_node(rig, "out")->device_first];
}

double voice_highest(const float *x, size_t from, size_t to)
{
    double most = 0;
    for (size_t i = from; i < to; i++)
        most = fmax(most, fabs((double)x[i]));
    return most;
}

double voice_hz(double note)
{
    return 440 * exp2((note - 69) / 12);
}
