/* A choice between sounds that have nothing in common: the one goes out while the other comes in. (Options that mix the same
 * signals glide by their weights: graph/dsp/blend.h.)
 *
 *     for (unsigned i = 0, run; i < n; i += run) {
 *         run = turn_next(&turn, param, i, n);
 *         ... `run` frames from i on of the option turn.now
 *         if (turn.left) {
 *             ... as many of turn.before into a room
 *             turn_mix(&turn, out + i, room, run);      each channel
 *             turn_advance(&turn, run);
 *         }
 *     }
 *
 * A choice that comes while two are heard waits until it is one again. At rest nothing is computed.
 */
#pragma once

#include "graph/dsp/run.h"

#define TURN_S 0.01 /* too short to be heard as a fade, too long for a click */

struct turn {
    unsigned now, before; /* options */
    unsigned left;        /* frames that both are heard; 0: it rests at `now` */
    unsigned all_frames;  /* of a whole crossfade */
};

/* Rests at an option. */
DAWD_CTL static inline struct turn turn_at(float option, double rate_hz)
{
    return (struct turn){.now = (unsigned)option, .all_frames = 1 + (unsigned)(TURN_S * rate_hz)};
}

/* Begins a crossfade at frame `at` if the parameter wants another option. How many frames the same options are heard: 1 or
 * more, to n at most. */
DAWD_RT static inline unsigned turn_next(struct turn *turn, const struct param *param, unsigned at, unsigned n)
{
    unsigned wanted = (unsigned)param_at(param, at);
    if (!turn->left && wanted != turn->now) {
        turn->before = turn->now;
        turn->now = wanted;
        turn->left = turn->all_frames;
    }
    if (turn->left)
        return n - at < turn->left ? n - at : turn->left;
    return run_length(param, at, n);
}

/* Puts n frames of what goes out beside those of what comes in, of a crossfade that is moved on afterwards. */
DAWD_RT static inline void turn_mix(const struct turn *turn, float *out, const float *before, unsigned n)
{
    float scale = 1 / (float)turn->all_frames;
    for (unsigned i = 0; i < n; i++) {
        float share = scale * (float)(int)(turn->left - i);
        out[i] += share * (before[i] - out[i]);
    }
}

DAWD_RT static inline void turn_advance(struct turn *turn, unsigned n)
{
    turn->left -= n;
}
