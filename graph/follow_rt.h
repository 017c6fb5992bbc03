/* Following the tempo (graph/follow_shared.h). */
#pragma once

#include "graph/node.h"

struct engine_rt;
struct node_rt;
struct value_rt;

/* The map, the position or the frame has become another one: looks what tempo holds now, and lets follow who follows. */
DAWD_RT void follow_look_rt(struct engine_rt *engine);
/* How many of n frames lie before the tempo changes, if somebody follows it. */
DAWD_RT unsigned follow_frames_rt(const struct engine_rt *engine, unsigned n);

/* Sets a parameter to a note value. */
DAWD_RT void follow_set_rt(struct engine_rt *engine, const struct value_rt *value);
/* Before a node runs in a plan for the first time: what was worked out for another tempo jumps. */
DAWD_RT void follow_enter_rt(struct node_rt *node, uint32_t micro_bpm);
