/* The state-variable filter in lanes: the same sums as in svf_block, svf_pair and svf_steps, for sixteen nodes at a time.
 *
 *     states of 16 filters --> [svf_lanes_gather] --> run, run, ... --> [svf_lanes_scatter] --> states
 *
 * Lanes that stand for nobody are filled with the first one's and never taken back. Sound must be is_sound in every lane.
 */
#pragma once

#include "graph/dsp/lanes.h"
#include "graph/dsp/svf_motion.h"
#include "graph/dsp/svf_pair.h"

/* One section, or one channel, of every lane. */
struct svf_lanes {
    _Alignas(64) double s1[LANES];
    double s2[LANES];
};

/* What eight frames of every lane take: svf_block, lane by lane. The floats lie in the order of svf_block, so that they are
 * loaded like sound. */
struct svf_block_lanes {
    _Alignas(64) float answer[VECTOR_WIDTH][LANES];
    float from[2][VECTOR_WIDTH][LANES];
    float next_x[VECTOR_WIDTH][2][LANES];
    double next[2][2][LANES]; /* [of which integrator][into which] */
    const struct svf_block *block[LANES];
};

/* The same of svf_pair. */
struct svf_pair_lanes {
    _Alignas(64) float answer[VECTOR_WIDTH][LANES];
    float from[4][VECTOR_WIDTH][LANES];
    float next_x[VECTOR_WIDTH][4][LANES];
    double next[4][4][LANES];
    const struct svf_pair *pair[LANES];
};

/* Every lane's cutoff and coefficients during a short stretch in motion: svf_motion and svf_steps, lane by lane. */
#define SVF_LANES_STRETCH 8 /* frames: both fit into the nearest cache beside the sound */

struct svf_motion_lanes {
    _Alignas(64) double cc[SVF_LANES_STRETCH][LANES];
    double sc[SVF_LANES_STRETCH][LANES], ss[SVF_LANES_STRETCH][LANES];
};

struct svf_steps_lanes {
    _Alignas(64) double a[SVF_LANES_STRETCH][LANES];
    double b[SVF_LANES_STRETCH][LANES], c[SVF_LANES_STRETCH][LANES], band[SVF_LANES_STRETCH][LANES];
    double input[LANES], low[LANES]; /* stand still with the mix */
};

/* The state of every lane, and back for the first n lanes. */
DAWD_RT void svf_lanes_gather(struct svf_lanes *lanes, const struct svf *const svf[LANES]);
DAWD_RT void svf_lanes_scatter(const struct svf_lanes *lanes, struct svf *const *svf, unsigned n);

/* Loads what the lanes' blocks, or pairs, take; they stay where they are until it has run. */
DAWD_RT void svf_block_lanes_load(struct svf_block_lanes *lanes, const struct svf_block *const block[LANES]);
DAWD_RT void svf_pair_lanes_load(struct svf_pair_lanes *lanes, const struct svf_pair *const pair[LANES]);

/* svf_block_run and svf_pair_run of every lane, in place. */
DAWD_RT void svf_block_lanes_run(const struct svf_block_lanes *block, struct svf_lanes *svf, float (*x)[LANES], unsigned n);
DAWD_RT void svf_pair_lanes_run(const struct svf_pair_lanes *pair, struct svf_lanes svf[2], float (*x)[LANES], unsigned n);

/* svf_motion_set of every lane, for n frames up to SVF_LANES_STRETCH; and svf_steps_set, by k = 1 / q per frame and a mix that
 * stands still: mix[l] are the three shares of lane l. */
DAWD_RT void svf_motion_lanes_set(struct svf_motion_lanes *motion, float (*cutoff_hz)[LANES], double frame_s, unsigned n);
DAWD_RT void svf_steps_lanes_set(struct svf_steps_lanes *steps, const struct svf_motion_lanes *motion, float (*k)[LANES],
                                 const float *const mix[LANES], unsigned n);

/* svf_steps_run of every lane, in place. */
DAWD_RT void svf_steps_lanes_run(const struct svf_steps_lanes *steps, struct svf_lanes *svf, float (*x)[LANES], unsigned n);
