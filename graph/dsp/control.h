/* A parameter as one value per frame, whatever shape the engine gave it. */
#pragma once

#include "graph/node.h"

/* Returns the values of n frames from frame `from` of the block on: the engine's own where it gave some, else `room` (n
 * floats, borrowed), filled. What is returned may be either, so nobody writes to it. */
DAWD_RT static inline const float *control_stretch(const struct param *param, unsigned from, float *room, unsigned n)
{
    if (param->frames)
        return param->frames + from;
    for (unsigned i = 0; i < n; i++)
        room[i] = param->value;
    return room;
}

/* The same from the beginning of the block on. */
DAWD_RT static inline const float *control_frames(const struct param *param, float *room, unsigned n)
{
    return control_stretch(param, 0, room, n);
}

/* Whether the parameter keeps this value during the whole block: for ends of a range at which a part of the node is
 * out. */
DAWD_RT static inline bool control_rests_at(const struct param *param, float value)
{
    return param_is_constant(param) && param->value == value;
}
