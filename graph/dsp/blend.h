/* A choice that changes without a click.
 *
 * Where the options of a choice are linear mixtures of the same three signals, each option is a row of three weights, and
 * changing the choice lets the weights glide from row to row. The rows live in a const table; the blend keeps pointers
 * to them.
 *
 *     out = now[0] * a + now[1] * b + now[2] * c         a, b, c: what the node computes in any case
 */
#pragma once

#include <stdbool.h>

#include "graph/node.h"

/* Seconds from row to row: too short to be heard as a fade, too long for a click. */
#define BLEND_S 0.01

/* One choice on its way. Rows are told apart by their addresses and must outlive the blend: take them from a const
 * table. */
struct blend {
    float now[3];        /* the weights of this frame */
    float step[3];       /* per frame, while it glides */
    const float *aim;    /* the row that it glides to, or rests at */
    unsigned left;       /* frames until it is there */
    unsigned all_frames; /* of a whole glide */
};

/* Rests at `row` from the beginning. In init, on a zeroed struct. */
DAWD_CTL static inline void blend_init(struct blend *blend, const float row[3], double rate_hz)
{
    for (int i = 0; i < 3; i++)
        blend->now[i] = row[i];
    blend->aim = row;
    blend->all_frames = 1 + (unsigned)(BLEND_S * rate_hz);
}

/* Whether blend_next would change nothing: then a whole block may go by blend->now. */
DAWD_RT static inline bool blend_rests_at(const struct blend *blend, const float row[3])
{
    return blend->aim == row && blend->left == 0;
}

/* Is where it is going, after silence in which nobody has heard it on its way. */
DAWD_RT static inline void blend_arrive(struct blend *blend)
{
    for (int i = 0; i < 3; i++)
        blend->now[i] = blend->aim[i];
    blend->left = 0;
}

/* One frame towards `row`; a new row in mid-glide is aimed at from where the weights are, with all the time of a glide.
 * The last frame of a glide takes the row itself, not the sum of the steps: at rest the weights are exact. */
DAWD_RT static inline void blend_next(struct blend *blend, const float row[3])
{
    if (blend->aim != row) {
        blend->aim = row;
        blend->left = blend->all_frames;
        for (int i = 0; i < 3; i++)
            blend->step[i] = (row[i] - blend->now[i]) / (float)blend->all_frames;
    }
    if (blend->left == 0)
        return;
    blend->left--;
    for (int i = 0; i < 3; i++)
        blend->now[i] = blend->left ? blend->now[i] + blend->step[i] : row[i];
}

/* The weights of n frames, out[k][i], from frame `from` of the block on: towards the row that the choice names there. */
DAWD_RT static inline void blend_stretch(struct blend *blend, const float (*rows)[3], const struct param *choice,
                                         unsigned from, float *const out[3], unsigned n)
{
    bool rests = param_is_constant(choice) && blend_rests_at(blend, rows[(unsigned)choice->value]);
    for (unsigned i = 0; i < n; i++) {
        if (!rests)
            blend_next(blend, rows[(unsigned)param_at(choice, from + i)]);
        for (int k = 0; k < 3; k++)
            out[k][i] = blend->now[k];
    }
}
