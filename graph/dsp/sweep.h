/* Going through a sound at any speed: what readers of every kind do between two looks at what they read.
 *
 *     window  |...reach...|first sample of the sweep ...          ...|...reach...|     samples of the sound in a row
 *                          ^ place, moved on by speed[i] after each frame
 *
 * The place is kept in integers, to 2^-64 of a frame: a double would round it at every frame, and a loop of a week would
 * drift.
 */
#pragma once

#include "graph/dsp/sinc.h"

#define SWEEP_WINDOW 1024 /* samples, the reach of the kernel to both sides included */

struct sweep_place {
    int64_t frame;     /* of the sound, */
    uint64_t fraction; /* and 2^-64 parts of the way to the next one */
};

/* A speed taken apart: what one frame adds to the place. Taking apart is slow, and most speeds stay the same for long. */
struct sweep_step {
    double speed;      /* frames of the sound; below 0: not taken apart yet */
    int64_t whole;     /* of them, and */
    uint64_t fraction; /* 2^-64 parts */
};

/* One frame on. The fraction wraps around, which is how a whole frame that it has made is found. */
DAWD_RT static inline void sweep_advance(struct sweep_place *place, struct sweep_step *step, double speed)
{
    if (speed != step->speed) {
        int64_t whole = (int64_t)speed;
        *step = (struct sweep_step){speed, whole, (uint64_t)((speed - (double)whole) * 0x1p64)};
    }
    place->fraction += step->fraction;
    place->frame += step->whole + (place->fraction < step->fraction);
}

/* How much of a window a sweep of n frames needs: for its highest speed, at which the kernel reaches farthest. */
struct sweep_span {
    unsigned margin; /* samples before the first, and behind the last */
    unsigned frames; /* of the sound, from its place on; at high speeds fewer than were asked for: come again */
};

DAWD_RT static inline struct sweep_span sweep_span(const double *speed, unsigned n)
{
    double most = speed[0];
    for (unsigned i = 1; i < n; i++)
        most = speed[i] > most ? speed[i] : most;
    unsigned margin = sinc_reach((float)most), room = SWEEP_WINDOW - 2 * margin - SINC_LANES;
    return (struct sweep_span){margin, most * n + 2 < room ? (unsigned)(most * n) + 2 : room};
}

/* How long the window is, in samples; its first is that of frame place - margin + 1. */
DAWD_RT static inline unsigned sweep_samples(const struct sweep_span *span)
{
    return span->frames + 2 * span->margin + SINC_LANES;
}

/* At most n frames, while the place is below `last`, which is at most span->frames on. Without `right` only the left one.
 * Returns how many. */
DAWD_RT DAWD_INLINE unsigned sweep(struct sweep_place *place, const struct sweep_span *span, int64_t last,
                                   float window[2][SWEEP_WINDOW], const double *speed, float *left, float *right,
                                   unsigned n)
{
    float weights[SINC_TAPS_MAX];
    int64_t first = place->frame - span->margin + 1;
    struct sweep_step step = {.speed = -1};
    unsigned done = 0;
    while (done < n && place->frame < last) {
        unsigned reach = sinc_reach((float)speed[done]), at = (unsigned)(place->frame - first) - reach + 1;
        unsigned taps = sinc_weights(weights, (uint32_t)(place->fraction >> 32), (float)speed[done]);
        left[done] = sinc_dot(weights, window[0] + at, taps);
        if (right)
            right[done] = sinc_dot(weights, window[1] + at, taps);
        sweep_advance(place, &step, speed[done++]);
    }
    return done;
}
