#include "synth/sampler_filter.h"

#include <math.h>

#include "graph/dsp/svf_motion.h"
#include "graph/node.h"
#include "graph/rt_only.h"

#define LOWEST_HZ 10.0f

static const float mixes[][3] = {[INSTRUMENT_LOWPASS] = {0, 0, 1},
                                 [INSTRUMENT_HIGHPASS] = {1, -1, -1},
                                 [INSTRUMENT_BANDPASS] = {0, 1, 0},
                                 [INSTRUMENT_NOTCH] = {1, -1, 0}};

void sampler_filters_start(struct sampler_filters *filters, const struct instrument_filter *filter, const struct slot *slot,
                           float bright, double rate_hz)
{
    float cents = filter->key_cents * (slot->note - filter->key_center) + filter->velocity_cents * slot->velocity;
    *filters = (struct sampler_filters){.own.runs = filter->kind != INSTRUMENT_NO_FILTER,
                                        .own_hz = filter->cutoff_hz * exp2f(cents / 1200),
                                        .darker = exp2f(-bright * (1 - slot->velocity))};
    amp_envelope_start(&filters->envelope, &filter->envelope, rate_hz);
}

void sampler_filters_release(struct sampler_filters *filters, const struct instrument_filter *filter)
{
    amp_envelope_release(&filters->envelope, filter->envelope.release_s);
}

static bool rests(const float *x, unsigned n)
{
    unsigned i = 1;
    while (i < n && x[i] == x[0])
        i++;
    return i >= n;
}

/* The steps of n frames. */
static void steps_make(struct svf_steps *steps, const float mix[3], const float *cutoff_hz, const float *q, double frame_s,
                       unsigned n)
{
    struct svf_motion motion;
    float k[SVF_STRETCH], room[3][SVF_STRETCH], *const shares[3] = {room[0], room[1], room[2]};
    for (unsigned i = 0; i < n; i++) {
        k[i] = 1 / q[i];
        for (unsigned m = 0; m < 3; m++)
            room[m][i] = mix[m];
    }
    svf_motion_set(&motion, cutoff_hz, frame_s, n);
    svf_steps_set(steps, &motion, k, shares, n);
}

/* svf_steps_run where all steps are as the first: to the bit the same. */
static void still_run(const struct svf_steps *steps, struct svf *const svf[2], float *const x[2], unsigned n)
{
    double a = steps->a[0], b = steps->b[0], c = steps->c[0];
    double input = steps->input[0], band = steps->band[0], low = steps->low[0];
    DOUBLE2 s1 = {svf[0]->s1, svf[1]->s1}, s2 = {svf[0]->s2, svf[1]->s2};
    for (unsigned i = 0; i < n; i++) {
        DOUBLE2 in = {(double)x[0][i], (double)x[1][i]}, before1 = s1, before2 = s2, v3 = in - before2;
        s1 = a * before1 + b * v3;
        s2 = before2 + b * before1 + c * v3;
        DOUBLE2 y = input * in + band * (before1 + s1) + low * (before2 + s2);
        x[0][i] = (float)y[0];
        x[1][i] = (float)y[1];
    }
    *svf[0] = (struct svf){s1[0], s2[0]};
    *svf[1] = (struct svf){s1[1], s2[1]};
}

DAWD_CLONES static void section_run(struct sampler_filter *filter, const float mix[3], const float *cutoff_hz,
                                    const float *q, double frame_s, float *left, float *right, unsigned n)
{
    struct svf *const svf[2] = {&filter->svf[0], &filter->svf[left != right]};
    struct svf_steps steps;
    if (rests(cutoff_hz, n) && rests(q, n)) {
        steps_make(&steps, mix, cutoff_hz, q, frame_s, 1);
        still_run(&steps, svf, (float *const[]){left, right}, n);
    } else {
        for (unsigned i = 0, some; i < n; i += some) {
            float *const x[2] = {left + i, right + i};
            some = n - i < SVF_STRETCH ? n - i : SVF_STRETCH;
            steps_make(&steps, mix, cutoff_hz + i, q + i, frame_s, some);
            svf_steps_run(&steps, svf, (const float *const[]){x[0], x[1]}, x, some);
        }
    }
    svf_heal_all(filter->svf, 2);
}

static void own_run(struct sampler_filters *filters, const struct instrument_filter *filter, double rate_hz, float *left,
                    float *right, unsigned n)
{
    float hz[BLOCK_MAX], q[BLOCK_MAX], level[BLOCK_MAX];
    amp_envelope_run(&filters->envelope, level, n);
    bool moves = filter->depth_cents != 0 && !rests(level, n);
    for (unsigned i = 0; i < n; i++) {
        hz[i] = i && !moves ? hz[0] : fmaxf(filters->own_hz * exp2f(filter->depth_cents / 1200 * level[i]), LOWEST_HZ);
        q[i] = filter->q;
    }
    section_run(&filters->own, mixes[filter->kind], hz, q, 1 / rate_hz, left, right, n);
}

/* From the frame on at which it is asked for: with a note from silence, later as if it had long heard what there is. */
static void node_run(struct sampler_filters *filters, const struct sampler_tone *tone, double rate_hz, float *left,
                     float *right, unsigned n)
{
    float hz[BLOCK_MAX];
    unsigned at = 0;
    for (unsigned i = 0; i < n; i++)
        hz[i] = fminf(fmaxf(tone->cutoff_hz[i] * filters->darker, LOWEST_HZ), SAMPLER_OPEN_HZ);
    while (!filters->node.runs && at < n && hz[at] >= SAMPLER_OPEN_HZ)
        at++;
    if (at == n)
        return;
    if (!filters->node.runs && (filters->has_begun || at))
        filters->node = (struct sampler_filter){.svf = {{0, (double)left[at]}, {0, (double)right[at]}}};
    filters->node.runs = true;
    section_run(&filters->node, mixes[INSTRUMENT_LOWPASS], hz + at, tone->q + at, 1 / rate_hz, left + at, right + at,
                n - at);
}

void sampler_filters_run(struct sampler_filters *filters, const struct instrument_filter *filter,
                         const struct sampler_tone *tone, double rate_hz, float *left, float *right, unsigned n)
{
    if (filters->own.runs)
        own_run(filters, filter, rate_hz, left, right, n);
    if (!tone->is_open || filters->darker < 1 || filters->node.runs)
        node_run(filters, tone, rate_hz, left, right, n);
    filters->has_begun |= n > 0;
}
