/* One cell of svf_cells.h in lanes: sixteen filters, each on a straight line of its own. */
#pragma once

#include "graph/dsp/svf_cells.h"
#include "graph/dsp/svf_lanes.h"

/* The lines of all lanes. */
struct svf_cell_lanes {
    _Alignas(64) double from[SHAPE_TERMS][LANES];
    double to[SHAPE_TERMS][LANES];
};

/* Sets the line of one lane. */
DAWD_RT static inline void svf_cell_lanes_set(struct svf_cell_lanes *cell, unsigned lane, const struct svf_terms *from,
                                              const struct svf_terms *to)
{
    for (unsigned t = 0; t < SHAPE_TERMS; t++) {
        cell->from[t][lane] = from->at[t];
        cell->to[t][lane] = to->at[t];
    }
}

/* n frames in place, from frame `at` of the cell on: svf_steps_fill and svf_steps_run of every lane. */
DAWD_RT void svf_cell_lanes_run(const struct svf_cell_lanes *cell, struct svf_lanes *svf, float (*x)[LANES], unsigned at,
                                unsigned n);
