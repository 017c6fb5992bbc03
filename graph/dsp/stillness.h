/* Which of two ways of reckoning that agree but for rounding: the quick one where a value stands still, else that for one that moves.
 * Which it is may not depend on where blocks begin, so it is found out by frames:
 *
 *     value     ────╱╲╱╲──────────────────────
 *     cells     |       |       |       |          of the engine's time
 *     it is     still──┤moves──┴───────┤still     again where a cell begins with the value of the frame before
 */
#pragma once

#include "graph/node.h"

#define STILLNESS_CELL 256 /* frames: a choice per block, where blocks are cells */

/* *is_still tells of the frame before `frame`, and then of that one, and of those behind it that are returned: 1 or more, n at most.
 * n_same: how many of the n have each the value of the one before it. */
DAWD_RT static inline unsigned stillness_run(bool *is_still, uint64_t frame, unsigned n_same, unsigned n)
{
    unsigned left = STILLNESS_CELL - (unsigned)(frame % STILLNESS_CELL);
    *is_still = n_same && (*is_still || left == STILLNESS_CELL);
    return *is_still ? n_same : left < n ? left : n;
}
