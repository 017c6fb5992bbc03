/* Switches and choices inside a block: they mostly stand still, may change at any frame, and are looked at by runs.
 *
 *     for (unsigned i = 0, run; i < n; i += run) {
 *         run = run_length(param, i, n);
 *         ... n frames from i on with the value param_at(param, i)
 *     }
 */
#pragma once

#include "graph/node.h"

/* How many of the frames from `at` to n - 1 have the value of frame `at`: 1 or more. Whoever goes from run to run comes to n,
 * for each is 1 or more. */
DAWD_RT static inline unsigned run_length(const struct param *param, unsigned at, unsigned n)
{
    unsigned end = at + 1;
    if (param_is_constant(param))
        return n - at;
    while (end < n && param->frames[end] == param->frames[at])
        end++;
    return end - at;
}

/* Likewise of two parameters: as long as neither changes. */
DAWD_RT static inline unsigned run_length_both(const struct param *a, const struct param *b, unsigned at, unsigned n)
{
    return run_length(a, at, at + run_length(b, at, n));
}
