/* Signals that switch something: open above one half, closed up to there, and for what is no number. A trigger is the
 * frame in which one opens.
 *
 *     for (unsigned i = 0, run; i < n; i += run) {
 *         run = gate_run(x, i, n);
 *         ... n frames from i on that are open or closed as gate_is_open(x[i]) is
 *     }
 */
#pragma once

#include <stdbool.h>

#include "graph/thread.h"

DAWD_RT static inline bool gate_is_open(float x)
{
    return x > 0.5f;
}

/* How many of the frames from `at` to n - 1, one or more, are as the first of them. Eight at a time: most blocks have no
 * edge. */
DAWD_RT static inline unsigned gate_run(const float *x, unsigned at, unsigned n)
{
    bool open = gate_is_open(x[at]);
    unsigned end = at + 1;
    for (; end + 8 <= n; end += 8) {
        unsigned others = 0;
        for (unsigned k = 0; k < 8; k++)
            others += gate_is_open(x[end + k]) != open;
        if (others)
            break;
    }
    while (end < n && gate_is_open(x[end]) == open)
        end++;
    return end - at;
}
