/* The envelope of a voice: attack, decay, sustain, release, each a way of a shape that takes its time exactly.
 *
 *      1             /\                        envelope_open    the attack, from where the envelope is
 *     sustain       /  `-._________            envelope_close   the release, likewise
 *      0  _________/               `-.______   envelope_run     n frames; 0 of them left behind its end
 *
 * For instruments, which have two of them for each of many voices; the node adsr does the same for signals, with times that
 * move on the way. Several runs, cut anywhere, are as one: a way is counted from where it began. Opened again before it has
 * ended, it rises from where it is, so that a note that begins in the release of another one does not click.
 *
 * A way is (1 - exp(-k t)) / (1 - exp(-k)) for t in 0..1: exactly 0 and 1 at its ends, straight for k = 0, an exponential that
 * would fall by 60 dB for k = ln 1000. Time and shape are asked for where a way begins; the sustain level may move under it.
 */
#pragma once

#include "graph/dsp/fastmath.h"
#include "graph/node.h"

#define ENVELOPE_BEND_MOST 6.90775528f /* ln 1000 */
#define ENVELOPE_BENT      0.05f       /* less is as good as straight */

enum envelope_stage { ENVELOPE_REST, ENVELOPE_RISE, ENVELOPE_FALL, ENVELOPE_HOLD, ENVELOPE_LEAVE };

/* All-zero, it rests at 0. */
struct envelope {
    uint32_t done;       /* frames of the way */
    double frames, step; /* of all of it; 1 / frames */
    float from, last, bend;
    enum envelope_stage stage;
    uint32_t vain; /* frames in a row up to now that it has rested, or held a sustain level of 0 */
};

/* The parameters of a block: times in s, sustain 0..1, curve -1..1. */
struct envelope_by {
    const struct param *attack, *decay, *sustain, *release, *curve;
    double rate_hz;
};

/* At frame `at` of the block. */
DAWD_RT void envelope_open(struct envelope *envelope, const struct envelope_by *by, unsigned at);
DAWD_RT void envelope_close(struct envelope *envelope, const struct envelope_by *by, unsigned at);

/* n frames from `at` on. */
DAWD_RT void envelope_run(struct envelope *envelope, const struct envelope_by *by, float *out, unsigned at, unsigned n);

/* Whether nothing moves it during n frames but its sustain level. */
DAWD_RT static inline bool envelope_rests(const struct envelope *envelope)
{
    return envelope->stage == ENVELOPE_REST || envelope->stage == ENVELOPE_HOLD;
}

/* The way at part t, 0..1. For small k, where the quotient would cancel, its series. */
DAWD_RT static inline float envelope_way(float t, float k)
{
    const float octaves = -1.44269504f; /* log2(1 / e) */
    if (fabsf(k) < ENVELOPE_BENT)
        return t + t * (1 - t) * k * (0.5f + (1 - 2 * t) * k * (1 / 12.0f));
    return (1 - fast_exp2(octaves * k * t)) / (1 - fast_exp2(octaves * k));
}
