/* Playing the container "pad" of a graph rig, and hearing its left output. For tests only: what is refused ends them. */
#pragma once

#include "graph/event.h"
#include "tests/graph_rig.h"

/* Of the node of this name. */
void voice_play(const struct graph_rig *rig, const char *node, enum event_kind kind, float note, float value);
float voice_reading(const struct graph_rig *rig, const char *node, unsigned row);

/* A key of "pad", at velocity 100. */
void voice_press(const struct graph_rig *rig, float note);
void voice_let_go(const struct graph_rig *rig, float note);

/* What the first channel of "out" played in the last graph_rig_run. */
const float *voice_heard(const struct graph_rig *rig);
/* Largest magnitude from one frame to before another. */
double voice_highest(const float *x, size_t from, size_t to);
double voice_hz(double note);
