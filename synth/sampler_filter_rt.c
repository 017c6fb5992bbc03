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
    bool is = true;
    for (unsigned i = 1; i < n; i++)
        is &= x[i] == x[0];
    return is;
}

/* The steps of n frames; of what stands still one is enough, and the same. */
static void steps_make(struct svf_steps *steps, const float mix[3], const float *cutoff_hz, const float *q, double frame_s,
                       unsigned n)
{
    struct svf_motion motion;
    float k[SVF_STRETCH], room[3][SVF_STRETCH], *const shares[3] = {room[0], room[1], room[2]};
    double *const columns[] = {steps->a, steps->b, steps->c, steps->input, steps->band, steps->low};
    unsigned designs = rests(cutoff_hz, n) && rests(q, n) ? 1 : n;
    for (unsigned i = 0; i < designs; i++) {
        k[i] = 1 / q[i];
        for (unsigned m = 0; m < 3; m++)
            room[m][i] = mix[m];
    }
    svf_motion_set(&motion, cutoff_hz, frame_s, designs);
    svf_steps_set(steps, &motion, k, shares, designs);
    for (unsigned c = 0; c < ROWS(columns); c++)
        for (unsigned i = designs; i < n; i++)
            columns[c][i] = columns[c][0];
}

DAWD_CLONES static void section_run(struct sampler_filter *filter, const float mix[3], const float *cutoff_hz,
                                    const float *q, double frame_s, float *left, float *right, unsigned n)
{
    for (unsigned i = 0, some; i < n; i += some) {
        struct svf_steps steps;
        float *const x[2] = {left + i, right + i};
        some = n - i < SVF_STRETCH ? n - i : SVF_STRETCH;
        steps_make(&steps, mix, cutoff_hz + i, q + i, frame_s, some);
        svf_steps_run(&steps, (struct svf *const[]){&filter->svf[0], &filter->svf[left != right]},
                      (const float *const[]){x[0], x[1]}, x, some);
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
