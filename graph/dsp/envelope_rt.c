#include "graph/dsp/envelope.h"

#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

static void enter(struct envelope *envelope, const struct envelope_by *by, enum envelope_stage stage, unsigned at)
{
    const struct param *const times_s[] = {
        [ENVELOPE_RISE] = by->attack, [ENVELOPE_FALL] = by->decay, [ENVELOPE_LEAVE] = by->release};
    envelope->stage = stage;
    envelope->from = envelope->last;
    envelope->at = 0;
    if (envelope_rests(envelope))
        return;
    double frames = param_at(times_s[stage], at) * by->rate_hz;
    envelope->step = 1 / (frames > 1 ? frames : 1);
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

/* The way from -> goal, without and with a bend: shares of the way are multiplied by `scale`, which is what the quotient
 * divides by. */
DAWD_CLONES static void way_fill(const struct envelope *envelope, float *out, float goal, unsigned n)
{
    double at = envelope->at, step = envelope->step;
    float from = envelope->from, all = goal - from, octaves = -1.44269504f * envelope->bend;
    if (fabsf(envelope->bend) < 0.05f) {
        for (unsigned i = 0; i < n; i++)
            out[i] = from + all * envelope_way((float)(at + (int)i * step), envelope->bend);
        return;
    }
    float scale = 1 / (1 - fast_exp2(octaves));
    for (unsigned i = 0; i < n; i++)
        out[i] = from + all * (scale * (1 - fast_exp2(octaves * (float)(at + (int)i * step))));
}

/* As the one above, to a sustain level that moves. */
static void way_follow(const struct envelope *envelope, float *out, const float *goal, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        float part = envelope_way((float)(envelope->at + (int)i * envelope->step), envelope->bend);
        out[i] = envelope->from + (goal[i] - envelope->from) * part;
    }
}

static void level_fill(const struct envelope *envelope, const struct param *sustain, float *out, unsigned at, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = envelope->stage == ENVELOPE_HOLD ? param_at(sustain, at + i) : 0;
}

/* As many frames of the stage, up to n, as it has left; 0 when it is over. A thousandth of a frame is what the sum of its
 * parts may have lost. */
static unsigned stage_run(struct envelope *envelope, const struct param *sustain, float *out, unsigned at, unsigned n)
{
    if (envelope_rests(envelope)) {
        level_fill(envelope, sustain, out, at, n);
        return n;
    }
    double left = (1 - envelope->at) / envelope->step - 1e-3;
    if (left <= 0)
        return 0;
    n = left < n ? (unsigned)ceil(left) : n;
    if (envelope->stage == ENVELOPE_FALL && !param_is_constant(sustain))
        way_follow(envelope, out, sustain->frames + at, n);
    else
        way_fill(envelope, out,
                 envelope->stage == ENVELOPE_RISE   ? 1
                 : envelope->stage == ENVELOPE_FALL ? sustain->value
                                                    : 0,
                 n);
    envelope->at += (int)n * envelope->step;
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
