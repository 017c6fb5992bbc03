/* A smooth way from one value to another in a given time, and there to the bit: three running means in a row.
 *
 *     in --> [mean of n1] --> [mean of n2] --> [mean of n3] --> out          n1 + n2 + n3 - 2 = span
 *
 * The weights of all three together are all positive, add up to 1 and look like a bell (a quadratic B-spline): two
 * derivatives without a jump, where one mean alone has corners. Sums of whole numbers know no rounding: what goes in and out of
 * them leaves nothing behind, however long it runs, and equal values come out as they are.
 */
#pragma once

#include <string.h>

#include "graph/node.h"

#define BOX_STACK_DEPTH 3

struct box_stack {
    struct box {
        int64_t *past; /* ring of the last `size` values */
        int64_t sum;   /* of them */
        unsigned size, at;
    } box[BOX_STACK_DEPTH];
    double scale; /* of the last sum */
};

/* Takes its memory from the arena, for a span of 3 frames or more; all values before are 0. False when memory ran out. */
DAWD_CTL static inline bool box_stack_init(struct box_stack *stack, struct arena *arena, unsigned span)
{
    unsigned left = span + BOX_STACK_DEPTH - 1;
    stack->scale = 1;
    for (unsigned k = 0; k < BOX_STACK_DEPTH; k++) {
        struct box *box = &stack->box[k];
        box->size = left / (BOX_STACK_DEPTH - k);
        left -= box->size;
        box->past = arena_take_array(arena, box->size, sizeof *box->past);
        if (!box->past)
            return false;
        stack->scale /= box->size;
    }
    return true;
}

/* All values before are 0. */
DAWD_RT static inline void box_stack_clear(struct box_stack *stack)
{
    for (struct box *box = stack->box; box < stack->box + BOX_STACK_DEPTH; box++) {
        memset(box->past, 0, box->size * sizeof *box->past);
        box->sum = 0;
        box->at = 0;
    }
}

/* The next value, in -2^30..2^30: the weighted mean of the last `span`. For spans up to 6000 the sums stay below 2^63. */
DAWD_RT static inline double box_stack_next(struct box_stack *stack, int64_t value)
{
    for (unsigned k = 0; k < BOX_STACK_DEPTH; k++) {
        struct box *box = &stack->box[k];
        box->sum += value - box->past[box->at];
        box->past[box->at++] = value;
        box->at = box->at < box->size ? box->at : 0;
        value = box->sum;
    }
    return (double)value * stack->scale;
}
