#include "graph/dsp/amp_envelope.h"

#include <math.h>

#include "graph/rt_only.h"

#define FALL 6.90775527898 /* ln 1000 */
#define REST 0.001         /* exp(-FALL) */

/* Begins a stage of so many seconds; whole frames. */
static void enter(struct amp_envelope *envelope, enum amp_stage stage, float seconds)
{
    envelope->stage = stage;
    envelope->done = 0;
    envelope->frames = (uint32_t)fmin((double)seconds * envelope->rate_hz + 0.5, 4e9);
    envelope->fall = 1;
    envelope->factor = exp(-FALL / (envelope->frames + !envelope->frames));
    envelope->from = stage == AMP_RELEASE ? envelope->level : 1;
}

void amp_envelope_start(struct amp_envelope *envelope, const struct instrument_envelope *times, double rate_hz)
{
    *envelope = (struct amp_envelope){.times = *times, .rate_hz = rate_hz};
    enter(envelope, AMP_DELAY, times->delay_s);
}

void amp_envelope_release(struct amp_envelope *envelope, float seconds)
{
    if (envelope->stage != AMP_OVER)
        enter(envelope, AMP_RELEASE, seconds);
}

/* Into the next stage that takes any time. */
static void next(struct amp_envelope *envelope)
{
    const struct instrument_envelope *times = &envelope->times;
    const float seconds[] = {times->delay_s, times->attack_s, times->hold_s, times->decay_s};
    while (envelope->stage != AMP_SUSTAIN && envelope->stage != AMP_OVER && envelope->done >= envelope->frames) {
        enum amp_stage stage = envelope->stage + 1;
        if (stage == AMP_SUSTAIN && times->sustain <= 0)
            stage = AMP_OVER;
        enter(envelope, stage, stage < AMP_SUSTAIN ? seconds[stage] : 0);
    }
}

/* n levels of one stage: each from its own count, or one from the other, however time is cut. */
static void stage_run(struct amp_envelope *envelope, float *levels, unsigned n)
{
    float sustain = envelope->times.sustain, low = envelope->stage == AMP_DECAY ? sustain : 0;
    switch (envelope->stage) {
    case AMP_ATTACK:
        for (unsigned i = 0; i < n; i++)
            levels[i] = (float)(envelope->done + i) / (float)envelope->frames;
        break;
    case AMP_DECAY:
    case AMP_RELEASE:
        for (unsigned i = 0; i < n; i++) {
            levels[i] = low + (envelope->from - low) * (float)((envelope->fall - REST) / (1 - REST));
            envelope->fall *= envelope->factor;
        }
        break;
    default:
        for (unsigned i = 0; i < n; i++)
            levels[i] = envelope->stage == AMP_HOLD ? 1 : envelope->stage == AMP_SUSTAIN ? sustain : 0;
    }
}

void amp_envelope_run(struct amp_envelope *envelope, float *levels, unsigned n)
{
    for (unsigned at = 0, some; at < n; at += some) {
        next(envelope);
        bool lasts = envelope->stage == AMP_SUSTAIN || envelope->stage == AMP_OVER;
        some = lasts || envelope->frames - envelope->done > n - at ? n - at : envelope->frames - envelope->done;
        stage_run(envelope, levels + at, some);
        envelope->done += lasts ? 0 : some;
        envelope->level = levels[at + some - 1];
    }
}

bool amp_envelope_is_over(struct amp_envelope *envelope)
{
    next(envelope);
    return envelope->stage == AMP_OVER;
}
