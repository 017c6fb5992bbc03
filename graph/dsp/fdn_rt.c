#include "graph/dsp/fdn.h"

#include "graph/dsp/fastmath.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/onepole.h"
#include "graph/dsp/sine.h"
#include "graph/rt_only.h"

#define BITS_60_DB 9.9657843           /* log2 of 60 dB */
#define FAINT      (100 * SLEEP_LEVEL) /* of the output: some of the lines may be nearly silent */
#define DEPTH      0x1p29f             /* of the sway, in 2^-32 cycles: 1/8, from not mixed at all to exchanged */

/* Lengths as parts of their mean: spread evenly in octaves, 0.64 to 1.5, but for a wide jitter, so that no echoes of a few
 * rounds fall on each other. */
static const float lengths[FDN_LINES] = {0.6412f, 0.6871f, 0.7203f, 0.7689f, 0.8087f, 0.8462f, 0.8973f, 0.9336f,
                                         0.9991f, 1.0431f, 1.0964f, 1.1742f, 1.2193f, 1.3007f, 1.3671f, 1.4975f};

unsigned fdn_line_frames(unsigned l, double mean_frames)
{
    unsigned frames = (unsigned)(lengths[l] * mean_frames) | 1;
    return frames > HOP_CELL ? frames : HOP_CELL + 1;
}

float fdn_round_gain(double mean_frames, double rate_hz, double decay_s)
{
    return fast_exp2((float)(-BITS_60_DB * mean_frames / (rate_hz * decay_s)));
}

bool fdn_init(struct fdn *fdn, struct arena *arena, double rate_hz, double mean_frames, double most_frames)
{
    fdn->rate_hz = rate_hz;
    fdn->hopped = true;
    for (unsigned l = 0; l < FDN_LINES; l++)
        fdn->tap[l] = (struct hop_tap){fdn_line_frames(l, mean_frames), fdn_line_frames(l, mean_frames), l};
    for (unsigned l = 0; l < FDN_LINES; l++)
        if (!hop_line_init(&fdn->line[l], arena, fdn_line_frames(l, most_frames), true))
            return false;
    return true;
}

void fdn_size(struct fdn *fdn, double mean_frames, uint64_t clock)
{
    fdn->faint = fdn->loudest < FAINT;
    fdn->loudest = 0;
    if (clock % HOP_APART || (fdn->arrived && fdn->mean_frames == mean_frames))
        return;
    fdn->mean_frames = mean_frames;
    fdn->arrived = true;
    for (unsigned l = 0; l < FDN_LINES; l++) {
        struct hop_tap *tap = &fdn->tap[l];
        unsigned wanted = fdn_line_frames(l, mean_frames);
        hop_line_want(&fdn->line[l], hop_tap_turn(tap, &fdn->line[l], clock, wanted));
        fdn->hopped |= tap->now != tap->before;
        fdn->arrived &= tap->now == wanted && tap->before == wanted;
    }
}

/* ---- what the lines lose ----------------------------------------------------------------------------------------------- */

/* The pole of (1 - b) / (1 - b z^-1) that lets `power` through where the cosine of the frequency is as told (Jot's filter;
 * the form of the root that has no 0 / 0 at a power of 1). */
static inline double damping_pole(double power, double cosine)
{
    double p = 1 - power * cosine, q = 1 - power;
    return q / (p + sqrt(p * p - q * q));
}

/* Decibels lost in a line grow with its length: then all lines agree on how long sound lasts. */
static void loss_set(struct fdn_loss *loss, const struct fdn *fdn, const struct fdn_decay *decay)
{
    double per_frame = -BITS_60_DB / (fdn->rate_hz * decay->decay_s), per_rate = 1 / fdn->rate_hz;
    double damping = decay->damping_hz * per_rate, sine = fast_sin_pi(damping < 0.49 ? damping : 0.49);
    double share = decay->damping_hz < 10000 ? 1 : 2 - decay->damping_hz * 1e-4;
    double low = per_frame * (1 / decay->low_ratio - 1);
    loss->low_share = (float)onepole_gain(decay->crossover_hz * per_rate);
    for (unsigned l = 0; l < FDN_LINES; l++) {
        double frames = fdn->tap[l].now;
        double power = fast_exp2((float)(2 * share * per_frame * frames));
        double pole = damping_pole(power, 1 - 2 * sine * sine);
        loss->low[l] = fast_exp2((float)(low * frames)) - 1;
        loss->pole[l] = (float)pole;
        loss->gain[l] = fast_exp2((float)(per_frame * frames)) * (float)((1 - pole) * 0.35355339); /* 1 / sqrt(8) */
    }
}

void fdn_absorb(struct fdn *fdn, const struct fdn_decay *decay, bool at_once)
{
    if (!fdn->hopped && !fdn->moves && memcmp(decay, &fdn->decay, sizeof *decay) == 0)
        return;
    float *step = (float *)&fdn->loss_step;
    const float *now = (const float *)&fdn->loss, *goal = (const float *)&fdn->loss_goal;
    fdn->decay = *decay;
    fdn->hopped = fdn->moves = false;
    fdn->loss = fdn->loss_goal;
    loss_set(&fdn->loss_goal, fdn, decay);
    if (at_once)
        fdn->loss = fdn->loss_goal;
    for (unsigned k = 0; k < sizeof fdn->loss / sizeof *now; k++) {
        step[k] = (goal[k] - now[k]) * (1.0f / HOP_CELL);
        fdn->moves |= step[k] != 0;
    }
    fdn->is_plain = !fdn->moves && decay->low_ratio == 1;
}

/* ---- what turns them into each other ----------------------------------------------------------------------------------- */

/* Line k and line k + 8 are a pair. The pairs sway at one, two and three times the rate, each from a place of its own in the cycle: golden parts. */
static inline void sway_set(struct fdn_sway *sway, uint32_t phase, float depth)
{
    static const uint32_t times[FDN_PAIRS] = {1, 2, 3, 1, 2, 3, 1, 2};
    for (unsigned k = 0; k < FDN_PAIRS; k++) {
        float angle = depth * DEPTH * sine_at(phase * times[k] + k * 0x9e3779b9u);
        uint32_t turned = 0x20000000u + (uint32_t)(int32_t)angle; /* from an eighth: mixed evenly */
        sway->sine[k] = sine_at(turned);
        sway->cosine[k] = sine_at(turned + 0x40000000u);
    }
}

/* The parabola through both ends of a cell and the middle of the arc between them: x + at (step + at bend). */
static inline void arc(float *step, float *bend, float from, float to, float short_of)
{
    float rise = 2 * (from + to) * short_of;
    *step = (to - from + rise) * (1.0f / HOP_CELL);
    *bend = -rise * (1.0f / HOP_CELL / HOP_CELL);
}

DAWD_CLONES void fdn_turn(struct fdn *fdn, uint32_t phase, float depth)
{
    struct fdn_sway *from = &fdn->sway, *to = &fdn->sway_goal, *step = &fdn->sway_step, *bend = &fdn->sway_bend;
    *from = *to;
    sway_set(to, phase, depth);
    for (unsigned k = 0; k < FDN_PAIRS; k++) {
        /* Of the middle of the chord, by which part of its distance from the centre it is short of the circle. */
        float x = 0.5f * (from->cosine[k] + to->cosine[k]), y = 0.5f * (from->sine[k] + to->sine[k]);
        float short_of = 1 / sqrtf(x * x + y * y) - 1;
        arc(&step->cosine[k], &bend->cosine[k], from->cosine[k], to->cosine[k], short_of);
        arc(&step->sine[k], &bend->sine[k], from->sine[k], to->sine[k], short_of);
    }
}

/* ---- sleep ---------------------------------------------------------------------------------------------------------------- */

bool fdn_given_nothing(const struct fdn *fdn, unsigned n)
{
    for (unsigned l = 0; l < FDN_LINES; l++)
        if (!hop_line_given_nothing(&fdn->line[l], n))
            return false;
    return true;
}

void fdn_rest(struct fdn *fdn)
{
    memset(fdn->low, 0, sizeof fdn->low);
    memset(fdn->damped, 0, sizeof fdn->damped);
    for (unsigned l = 0; l < FDN_LINES; l++)
        fdn->tap[l].before = fdn->tap[l].now;
}

void fdn_clear(struct fdn *fdn)
{
    for (unsigned l = 0; l < FDN_LINES; l++)
        hop_line_clear(&fdn->line[l]);
}

void fdn_skip(struct fdn *fdn, uint64_t clock)
{
    for (unsigned l = 0; l < FDN_LINES; l++)
        hop_line_skip(&fdn->line[l], clock);
}

unsigned fdn_frames(const struct fdn *fdn)
{
    unsigned most = 0;
    for (unsigned l = 0; l < FDN_LINES; l++)
        most = fdn->line[l].wrap > most ? fdn->line[l].wrap : most;
    return most;
}
