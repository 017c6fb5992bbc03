/* Clients that play the node "ear" of a graph rig (tests/event_nodes.h), each a source of its own by its number. For tests only:
 * what is refused ends them. */
#pragma once

#include "tests/graph_rig.h"

/* A note is put on, with velocity 100, or off; it ends after so many frames, or when it is put off (0). */
void ear_play_for(struct graph_rig *rig, uint32_t client, enum event_kind kind, float note, uint32_t duration_frames);
void ear_play(struct graph_rig *rig, uint32_t client, enum event_kind kind, float note);
void ear_control(struct graph_rig *rig, uint32_t client, unsigned number, float value);
/* The client is no more. */
void ear_gone(struct graph_rig *rig, uint32_t client);
