/* Alike nodes side by side: sixteen of them where one alone would wait for itself.
 *
 *     in of node 0  |x0 x1 x2 ...|                frame 0  |node 0, node 1, ... node 15|
 *     in of node 1  |x0 x1 x2 ...|  -- load -->   frame 1  |node 0, node 1, ... node 15|  -- recursion, 16 at a time
 *          ...                      <- store --        ...                                   -->
 *     in of node 15 |x0 x1 x2 ...|
 *
 * A recursion cannot be vectorised along time, but any number of them beside each other can. What is loaded and stored are
 * ordinary buffers, so that nobody else has to know. Arithmetic is that of the node alone, in the same order: the bits are
 * the same, and who runs in lanes may change from block to block.
 */
#pragma once

#include "graph/dsp/finite.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"

/* Before the body of what is done to every lane l. Unrolled by the compiler before it vectorises, it would be ten times
 * slower: hence the pragma. */
#define DAWD_EACH_LANE(l) _Pragma("GCC unroll 1") for (unsigned l = 0; l < LANES; l++)

/* Sixteen rows of floats as columns: to[i][l] = from[l][i] for i below n. Nothing is aligned. */
DAWD_RT void lanes_load(float (*to)[LANES], const float *const from[LANES], unsigned n);
/* The way back for the first n_lanes columns: to[l][i] = from[i][l]. */
DAWD_RT void lanes_store(float *const *to, unsigned n_lanes, float (*from)[LANES], unsigned n);

/* Whether all n frames are sound (graph/dsp/finite.h). Where one is not, a form that takes several frames at once may spread
 * it over more of them than another form does: such a node is better run alone. */
DAWD_RT bool lanes_are_sound(const float *x, unsigned n);

/* Input channel c of every node, n frames from `from` on, as columns; lanes without a node hear the first one. */
DAWD_RT void lanes_in(const struct lane_group *lanes, unsigned c, unsigned from, float (*to)[LANES], unsigned n);
/* The way to the output channel c of every node. */
DAWD_RT void lanes_out(const struct lane_group *lanes, unsigned c, unsigned at, float (*from)[LANES], unsigned n);
/* A parameter of every node, as control_stretch gives it, for at most VECTOR_WIDTH frames. */
DAWD_RT void lanes_control(const struct lane_group *lanes, unsigned row, unsigned from, float (*to)[LANES], unsigned n);

/* The ways in which nodes of a class run in a block. */
struct lane_ways {
    bool (*fits)(const void *state, const struct node_io *io); /* otherwise it runs alone */
    bool (*stands_still)(void *state, const struct node_io *io);
    void (*still)(const struct lane_group *lanes), (*moving)(const struct lane_group *lanes);
    void (*alone)(void *state, const struct node_io *io);
};

/* Runs those that stand still together, and those that move; one by one those that do not fit, or are too few. */
DAWD_RT void lanes_run(const struct lane_group *lanes, const struct lane_ways *ways);

/* The state that a lane stands for: its own node's, or the first one's where it has none. */
DAWD_RT static inline void *lanes_state(const struct lane_group *lanes, unsigned l)
{
    return lanes->state[l < lanes->n ? l : 0];
}
