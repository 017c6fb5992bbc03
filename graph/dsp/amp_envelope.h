/* The envelope of a recorded sound: six stages, exact to the frame.
 *
 *      1                 /‾‾‾‾‾\
 *     sustain           /       `-._________
 *      0  _____________/                    `-.______
 *         delay, attack,  hold,  decay         release
 *
 * The attack is a straight line, as an attack is heard. Decay and release fall by 60 dB as a capacitor does, bent so that
 * they end where and when they are said to: (exp(-k t) - exp(-k)) / (1 - exp(-k)), k = ln 1000, t in 0..1.
 */
#pragma once

#include "graph/instrument.h"

/* In the order in which they follow one another, but that a release may come at any time. */
enum amp_stage { AMP_DELAY, AMP_ATTACK, AMP_HOLD, AMP_DECAY, AMP_SUSTAIN, AMP_RELEASE, AMP_OVER };

/* Of one sound that plays. All that it does is counted in frames from where a stage began: it does not depend on how time is
 * cut into calls. */
struct amp_envelope {
    struct instrument_envelope times;
    double rate_hz;
    enum amp_stage stage;
    uint32_t done, frames; /* of the stage */
    double fall, factor;   /* exp(-k t) of a fall, and its step */
    float from, level;     /* where the fall began; of the frame before */
};

/* From silence, at the first frame of the delay. Stages that take no time are passed over: without a delay and an attack the
 * first level is 1, so that the beginning of a drum is as it was recorded. The times are copied. */
DAWD_RT void amp_envelope_start(struct amp_envelope *envelope, const struct instrument_envelope *times, double rate_hz);
/* It falls to 0 from where it is, whatever stage that is, in so many seconds; once it has ended, nothing happens. */
DAWD_RT void amp_envelope_release(struct amp_envelope *envelope, float seconds);
/* The next n levels, 0..1. */
DAWD_RT void amp_envelope_run(struct amp_envelope *envelope, float *levels, unsigned n);
/* Whether all levels that are still to come are 0: after a release, or a decay to a sustain of 0. */
DAWD_RT bool amp_envelope_is_over(struct amp_envelope *envelope);
