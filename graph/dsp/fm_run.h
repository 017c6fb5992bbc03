/* Inside of graph/dsp/fm.h: how a run is planned, and its sines.
 *
 *     fm_settle_rt      where the last run has come to is where the next one begins
 *     fm_plan_rt        gains, pitches and envelopes at the end of the run, and straight ways to there
 *     fm_route_run_rt   sines, operator by operator, as often as a run is cut by blocks; nothing is rounded differently for it
 *     fm_lanes_sum_rt   sixteen voices become one
 *
 * A run is planned for the whole of its cell, or up to the first stage that ends in it; a block that ends before leaves the rest
 * of it to the next one.
 */
#pragma once

#include "graph/dsp/fm.h"

#define FM_LOOP_MOST 3 /* operators that a feedback goes round */
#define FM_GAIN_MOST 4 /* of an operator: three of them, the most that modulate one, make 12 */

/* Ends the run of a group where it is: phases, amplitudes and envelopes are those of the frame that comes next. */
DAWD_RT void fm_settle_rt(struct fm_group *group, const struct fm_tone *tone);
/* Plans the run that begins, of at most n frames; it must have been settled. */
DAWD_RT void fm_plan_rt(struct fm_group *group, const struct fm_tone *tone, unsigned n);
/* The envelope of a voice's operator goes over to a stage, at the level where it is. */
DAWD_RT void fm_stage_enter_rt(struct fm_group *group, unsigned o, unsigned l, const struct fm_tone *tone,
                               enum fm_stage stage);

/* n frames, at most FM_CELL_MOST, from group->ran on, along a route: added to `out`. `fed` is moved on; nothing else is. */
DAWD_RT void fm_route_run_rt(const struct fm_group *group, const struct fm_route *route, float (*fed)[LANES],
                             float feedback, float (*out)[LANES], unsigned n);
/* out[i] = the sum of all lanes. */
DAWD_RT void fm_lanes_sum_rt(float *out, float (*lanes)[LANES], unsigned n);
