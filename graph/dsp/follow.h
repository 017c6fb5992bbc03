/* What follows a goal at one speed up and at another down: attack and release.
 *
 *      goal --> (-) --> share of the distance, of attack where the goal is above, else of release --> [sum] --+--> out
 *                ^--------------------------------------------------------------------------------------------+
 *
 * The smooth branching detector of D. Giannoulis, M. Massberg and J. D. Reiss, "Digital Dynamic Range Compressor Design",
 * J. Audio Eng. Soc. 60 (2012). A time is that in which 63 % (1 - 1/e) of a step have been gone, both ways.
 *
 * Each frame waits for the one before, so both ways are worked out side by side and one is chosen: the longest chain
 * counts. In lanes the same sums in the same order, sixteen at a time.
 */
#pragma once

#include "graph/dsp/control.h"
#include "graph/dsp/lag.h"
#include "graph/dsp/lanes.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"

struct follow {
    double value;    /* that of the last frame */
    double most;     /* the highest of the last run */
    double up, down; /* shares, of the times below */
    float up_ms, down_ms;
    double frames_per_ms;
};

DAWD_ANY static inline struct follow follow_at(double rate_hz)
{
    return (struct follow){.frames_per_ms = rate_hz / 1000, .up_ms = -1};
}

/* Prepares times that stand still. */
DAWD_RT static inline void follow_set(struct follow *follow, float up_ms, float down_ms)
{
    if (up_ms == follow->up_ms && down_ms == follow->down_ms)
        return;
    follow->up_ms = up_ms;
    follow->down_ms = down_ms;
    follow->up = lag_share(up_ms * follow->frames_per_ms);
    follow->down = lag_share(down_ms * follow->frames_per_ms);
}

DAWD_RT static inline double follow_next(double y, double goal, double up, double down)
{
    double rising = y * (1 - up) + goal * up, falling = y * (1 - down) + goal * down;
    return goal > y ? rising : falling;
}

/* n goals become what follows them. */
DAWD_RT static inline void follow_still(struct follow *follow, float *x, unsigned n)
{
    double y = follow->value, up = follow->up, down = follow->down, most = 0;
    for (unsigned i = 0; i < n; i++) {
        y = follow_next(y, x[i], up, down);
        most = y > most ? y : most;
        x[i] = (float)y;
    }
    follow->value = y;
    follow->most = most;
}

/* The same with times of every frame, BLOCK_MAX at most. */
DAWD_RT static inline void follow_moving(struct follow *follow, const float *up_ms, const float *down_ms, float *x,
                                         unsigned n)
{
    double up[BLOCK_MAX], down[BLOCK_MAX], y = follow->value, most = 0;
    for (unsigned i = 0; i < n; i++) {
        up[i] = lag_share(up_ms[i] * follow->frames_per_ms);
        down[i] = lag_share(down_ms[i] * follow->frames_per_ms);
    }
    for (unsigned i = 0; i < n; i++) {
        y = follow_next(y, x[i], up[i], down[i]);
        most = y > most ? y : most;
        x[i] = (float)y;
    }
    follow->value = y;
    follow->most = most;
}

/* By the parameters of these times, whatever shape they have; a whole block. */
DAWD_RT static inline void follow_run(struct follow *follow, const struct param *up_ms, const struct param *down_ms,
                                      float *x, unsigned n)
{
    float room[2][BLOCK_MAX];
    if (param_is_constant(up_ms) && param_is_constant(down_ms)) {
        follow_set(follow, up_ms->value, down_ms->value);
        follow_still(follow, x, n);
        return;
    }
    follow_moving(follow, control_frames(up_ms, room[0], n), control_frames(down_ms, room[1], n), x, n);
}

/* Sixteen that were set, those behind n_lanes being of no account. */
DAWD_RT static inline void follow_still_lanes(struct follow *const follow[LANES], unsigned n_lanes, float (*x)[LANES],
                                              unsigned n)
{
    double y[LANES], up[LANES], down[LANES], no_up[LANES], no_down[LANES], most[LANES] = {0};
    for (unsigned l = 0; l < LANES; l++) {
        y[l] = follow[l]->value;
        up[l] = follow[l]->up;
        down[l] = follow[l]->down;
        no_up[l] = 1 - up[l];
        no_down[l] = 1 - down[l];
    }
    for (unsigned i = 0; i < n; i++)
        DAWD_EACH_LANE(l)
        {
            double goal = x[i][l], rising = y[l] * no_up[l] + goal * up[l], falling = y[l] * no_down[l] + goal * down[l];
            y[l] = goal > y[l] ? rising : falling;
            most[l] = y[l] > most[l] ? y[l] : most[l];
            x[i][l] = (float)y[l];
        }
    for (unsigned l = 0; l < n_lanes; l++) {
        follow[l]->value = y[l];
        follow[l]->most = most[l];
    }
}
