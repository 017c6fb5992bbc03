/* Switches and choices inside a block: they mostly stand still, may change at any frame, and are looked at by runs. */
#pragma once

#include "graph/node.h"

/* How many of the frames from `at` to n - 1 have the value of frame `at`: 1 or more. A ramp counts as changing. */
DAWD_RT static inline unsigned run_length(const struct param *param, unsigned at, unsigned n)
{
    unsigned end = at + 1;
    if (param_is_constant(param))
        return n - at;
    while (param->frames && end < n && param->frames[end] == param->frames[at])
        end++;
    return end - at;
}
