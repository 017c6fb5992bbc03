/* The state-variable filter on straight lines: all that a frame takes moves from one set of terms to the next, over cells of
 * eight frames on the grid of the engine's time.
 *
 *      terms    from ....................... to = from ................... to       a cell each: eight frames
 *                   \__ also every mixture __/                                      is as stable as its ends
 *
 * For filters whose design is too dear for every frame, and for going from one type to another without a click: the terms of
 * any second-order filter (graph/dsp/matched.h) are on the way to those of any other one. Where time is cut into blocks does not
 * matter.
 */
#pragma once

#include "graph/dsp/matched.h"
#include "graph/dsp/svf_motion.h"

#define SVF_CELL 8 /* frames: 6000 designs a second at 48 kHz, and a glide has no corner that could be heard */

/* One set of terms, in the order of SHAPE_A and so on. */
struct svf_terms {
    double at[SHAPE_TERMS];
};

/* Hands on the sound bit for bit, its state staying zero: zeros with this sign change no other zero's. */
static const struct svf_terms svf_terms_none = {{0, 0, 0, 1, -0.0, -0.0}};

/* Takes set i out of many. */
DAWD_ANY static inline struct svf_terms svf_terms_of(const struct matched_shapes *shapes, unsigned i)
{
    struct svf_terms terms;
    for (unsigned t = 0; t < SHAPE_TERMS; t++)
        terms.at[t] = shapes->term[t][i];
    return terms;
}

/* The set that leaves the sound alone, as a filter of the poles of another one. */
DAWD_ANY static inline struct svf_terms svf_terms_flat(const struct svf_terms *poles)
{
    return (struct svf_terms){{poles->at[SHAPE_A], poles->at[SHAPE_B], poles->at[SHAPE_C], 1, 0, 0}};
}

DAWD_ANY static inline bool svf_terms_are_flat(const struct svf_terms *terms)
{
    return terms->at[SHAPE_INPUT] == 1 && terms->at[SHAPE_BAND] == 0 && terms->at[SHAPE_LOW] == 0;
}

/* Of the way from one to another, the nth part. */
DAWD_ANY static inline struct svf_terms svf_terms_towards(const struct svf_terms *from, const struct svf_terms *to,
                                                          double n)
{
    struct svf_terms terms;
    for (unsigned t = 0; t < SHAPE_TERMS; t++)
        terms.at[t] = from->at[t] + (to->at[t] - from->at[t]) / n;
    return terms;
}

/* The same terms as svf_tick takes them, for filters that stand still. */
DAWD_ANY static inline struct svf_coefficients svf_terms_coefficients(const struct svf_terms *terms, float mix[3])
{
    mix[0] = (float)terms->at[SHAPE_INPUT];
    mix[1] = (float)(2 * terms->at[SHAPE_BAND]);
    mix[2] = (float)(2 * terms->at[SHAPE_LOW]);
    return (struct svf_coefficients){terms->at[SHAPE_A], terms->at[SHAPE_B], terms->at[SHAPE_C], 1};
}

/* Frame `at` of a cell, as a share of the way. */
DAWD_RT static inline double svf_cell_part(unsigned at)
{
    return (double)(int)at * (1.0 / SVF_CELL);
}

/* A term there. Two products, for the sum of two zeros that are negative is one too. */
DAWD_RT static inline double svf_cell_term(double from, double to, double part)
{
    return (1 - part) * from + part * to;
}

/* Writes the steps of n frames of one cell, from frame `at` of it on, behind the first `done` steps; for svf_steps_run. */
DAWD_RT static inline void svf_steps_fill(struct svf_steps *steps, unsigned done, const struct svf_terms *from,
                                          const struct svf_terms *to, unsigned at, unsigned n)
{
    double *const columns[SHAPE_TERMS] = {steps->a, steps->b, steps->c, steps->input, steps->band, steps->low};
    for (unsigned t = 0; t < SHAPE_TERMS; t++)
        for (unsigned i = 0; i < n; i++)
            columns[t][done + i] = svf_cell_term(from->at[t], to->at[t], svf_cell_part(at + i));
}
