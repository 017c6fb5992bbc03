#include "graph/dsp/svf_cell_lanes.h"

#include "graph/rt_only.h"

DAWD_CLONES void svf_cell_lanes_run(const struct svf_cell_lanes *restrict cell, struct svf_lanes *restrict svf,
                                    float (*restrict x)[LANES], unsigned at, unsigned n)
{
    struct svf_lanes s = *svf;
    for (unsigned i = 0; i < n; i++) {
        double part = svf_cell_part(at + i), term[SHAPE_TERMS][LANES];
#pragma GCC unroll 6
        for (unsigned t = 0; t < SHAPE_TERMS; t++)
            DAWD_EACH_LANE(l)
        term[t][l] = svf_cell_term(cell->from[t][l], cell->to[t][l], part);
        DAWD_EACH_LANE(l)
        {
            double in = x[i][l], before1 = s.s1[l], before2 = s.s2[l], v3 = in - before2;
            double s1 = term[SHAPE_A][l] * before1 + term[SHAPE_B][l] * v3;
            double s2 = before2 + term[SHAPE_B][l] * before1 + term[SHAPE_C][l] * v3;
            x[i][l] = (float)(term[SHAPE_INPUT][l] * in + term[SHAPE_BAND][l] * (before1 + s1) +
                              term[SHAPE_LOW][l] * (before2 + s2));
            s.s1[l] = s1;
            s.s2[l] = s2;
        }
    }
    *svf = s;
}
