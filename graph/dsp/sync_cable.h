/* Whether an oscillator runs free or is synced, which is the choice of a cable: it goes from the one to the other by a
 * crossfade.
 *
 *     if (sync_cable_turns(&cable, is_wired))
 *         ... what begins to be heard goes on with the phase of what was
 *     if (sync_cable_is_synced(&cable))
 *         ... the synced wave into `synced`; before the other, since `out` may be what it listens to
 *     if (sync_cable_is_free(&cable))
 *         ... the free one into `out`
 *     sync_cable_mix(&cable, out, synced, gain, n);
 */
#pragma once

#include "graph/dsp/turn.h"

struct sync_cable {
    struct turn wired; /* 1: there is one */
    bool has_run;      /* whether it knows of cables: the first is no change */
};

DAWD_CTL static inline struct sync_cable sync_cable_at(double rate_hz)
{
    return (struct sync_cable){.wired = turn_at(0, rate_hz)};
}

/* Whether a change begins with this block. */
DAWD_RT static inline bool sync_cable_turns(struct sync_cable *cable, bool is_wired)
{
    struct turn *wired = &cable->wired;
    bool had_run = cable->has_run;
    cable->has_run = true;
    if (wired->left || is_wired == wired->now)
        return false;
    wired->before = wired->now;
    wired->now = is_wired;
    wired->left = had_run ? wired->all_frames : 0;
    return true;
}

DAWD_RT static inline bool sync_cable_is_synced(const struct sync_cable *cable)
{
    return cable->wired.now || cable->wired.left;
}

DAWD_RT static inline bool sync_cable_is_free(const struct sync_cable *cable)
{
    return !cable->wired.now || cable->wired.left;
}

/* n frames of `gain` times the synced wave, in place of the free one or beside it. */
DAWD_RT static inline void sync_cable_mix(struct sync_cable *cable, float *out, const float *synced, float gain, unsigned n)
{
    struct turn *wired = &cable->wired;
    for (unsigned i = 0; i < n && sync_cable_is_synced(cable); i++) {
        float share = (float)(int)wired->left / (float)wired->all_frames;
        share = wired->now ? 1 - share : share;
        out[i] = share < 1 ? out[i] + share * (gain * synced[i] - out[i]) : gain * synced[i];
        wired->left -= wired->left > 0;
    }
}
