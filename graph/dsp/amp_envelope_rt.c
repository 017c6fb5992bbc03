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

static float level_now(const struct amp_envelope *envelope)
{
    float fall = (float)((envelope->fall - REST) / (1 - REST)), sustain = envelope->times.sustain;
    switch (envelope->stage) {
    case AMP_ATTACK:
        return (float)envelope->done / (float)envelope->frames;
    case AMP_HOLD:
        return 1;
    case AMP_DECAY:
        return sustain + (envelope->from - sustain) * fall;
    case AMP_SUSTAIN:
        return sustain;
    case AMP_RELEASE:
        return envelope->from * fall;
    default:
        return 0;
    }
}

void amp_envelope_run(struct amp_envelope *envelope, float *levels, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        next(envelope);
        levels[i] = envelope->level = level_now(envelope);
        envelope->done++;
        envelope->fall *= envelope->factor;
    }
}

bool amp_envelope_is_over(struct amp_envelope *envelope)
{
    next(envelope);
    return envelope->stage == AMP_OVER;
}
