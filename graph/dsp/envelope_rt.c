#include "graph/dsp/envelope.h"

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

static void enter(struct envelope *envelope, const struct envelope_by *by, enum envelope_stage stage, unsigned at)
{
    const struct param *const times_s[] = {
        [ENVELOPE_RISE] = by->attack, [ENVELOPE_FALL] = by->decay, [ENVELOPE_LEAVE] = by->release};
    envelope->stage = stage;
    envelope->from = envelope->last;
    envelope->done = envelope->vain = 0;
    if (envelope_rests(envelope))
        return;
    double frames = param_at(times_s[stage], at) * by->rate_hz;
    envelope->frames = frames > 1 ? frames : 1;
    envelope->step = 1 / envelope->frames;
    envelope->bend = ENVELOPE_BEND_MOST * param_at(by->curve, at);
}

void envelope_open(struct envelope *envelope, const struct envelope_by *by, unsigned at)
{
    enter(envelope, by, ENVELOPE_RISE, at);
}

void envelope_close(struct envelope *envelope, const struct envelope_by *by, unsigned at)
{
    enter(envelope, by, envelope->last > 0 ? ENVELOPE_LEAVE : ENVELOPE_REST, at);
}

static enum envelope_stage after(enum envelope_stage stage)
{
    return stage == ENVELOPE_RISE ? ENVELOPE_FALL : stage == ENVELOPE_FALL ? ENVELOPE_HOLD : ENVELOPE_REST;
}

/* The way to a goal, which stands still (null) or moves. Without a bend; and with one, where shares of the way are multiplied by
 * `scale`, which is what the quotient divides by. */
DAWD_CLONES static void straight_fill(const struct envelope *envelope, float *restrict out, float goal,
                                      const float *restrict goals, unsigned n)
{
    double step = envelope->step;
    float from = envelope->from, bend = envelope->bend;
    int done = (int)envelope->done;
    for (unsigned i = 0; i < n; i++)
        out[i] = from + ((goals ? goals[i] : goal) - from) * envelope_way((float)((done + (int)i) * step), bend);
}

DAWD_CLONES static void bent_fill(const struct envelope *envelope, float *restrict out, float goal,
                                  const float *restrict goals, unsigned n)
{
    double step = envelope->step;
    float from = envelope->from, octaves = -1.44269504f * envelope->bend, scale = 1 / (1 - fast_exp2(octaves));
    int done = (int)envelope->done;
    for (unsigned i = 0; i < n; i++) {
        float part = scale * (1 - fast_exp2(octaves * (float)((done + (int)i) * step)));
        out[i] = from + ((goals ? goals[i] : goal) - from) * part;
    }
}

static unsigned zeros_behind(const float *x, unsigned n)
{
    unsigned zeros = 0;
    while (zeros < n && x[n - 1 - zeros] == 0)
        zeros++;
    return zeros;
}

/* Rests, or holds its sustain level. */
static void level_fill(struct envelope *envelope, const struct param *sustain, float *out, unsigned at, unsigned n)
{
    bool holds = envelope->stage == ENVELOPE_HOLD;
    float level = holds ? sustain->value : 0;
    if (holds && !param_is_constant(sustain))
        memcpy(out, sustain->frames + at, n * sizeof *out);
    else
        for (unsigned i = 0; i < n; i++)
            out[i] = level;
    unsigned zeros = zeros_behind(out, n);
    envelope->vain = zeros < n ? zeros : envelope->vain + n;
}

/* As many frames of the stage, up to n, as it has left; 0 when it is over. A thousandth of a frame is what rounding may have made
 * of a whole number of them. */
static unsigned stage_run(struct envelope *envelope, const struct param *sustain, float *out, unsigned at, unsigned n)
{
    if (envelope_rests(envelope)) {
        level_fill(envelope, sustain, out, at, n);
        return n;
    }
    double left = envelope->frames - envelope->done - 1e-3;
    if (left <= 0)
        return 0;
    n = left < n ? (unsigned)ceil(left) : n;
    bool falls = envelope->stage == ENVELOPE_FALL;
    float goal = envelope->stage == ENVELOPE_RISE ? 1 : falls ? sustain->value : 0;
    const float *goals = falls && !param_is_constant(sustain) ? sustain->frames + at : NULL;
    (fabsf(envelope->bend) < ENVELOPE_BENT ? straight_fill : bent_fill)(envelope, out, goal, goals, n);
    envelope->done += n;
    return n;
}

void envelope_run(struct envelope *envelope, const struct envelope_by *by, float *out, unsigned at, unsigned n)
{
    for (unsigned done = 0; done < n;) {
        unsigned run = stage_run(envelope, by->sustain, out + done, at + done, n - done);
        if (run)
            envelope->last = out[done + run - 1];
        else {
            envelope->last = envelope->stage == ENVELOPE_RISE ? 1 : envelope->stage == ENVELOPE_LEAVE ? 0 : envelope->last;
            enter(envelope, by, after(envelope->stage), at + done);
        }
        done += run;
    }
}
