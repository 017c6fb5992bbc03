/* Per port and block: turn gains round if the plan wants others, then either point at the sources or sum. The way of a gain is
 * cut where it arrives, so that a fade ends on its frame however the blocks fall. */
#include "graph/mix_rt.h"

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

/* A plan that wants another gain than the edge is heading for turns it round from where it stands. */
static void retarget_rt(struct feed *feed)
{
    struct glide *gain = &feed->edge->gain;
    if (gain->target != feed->target)
        glide_start(gain, glide_linear(gain, 0), feed->target, feed->fade_frames);
}

static bool passes_rt(const struct mix *mix)
{
    if (!mix->pass)
        return false;
    for (unsigned i = 0; i < mix->n_feeds; i++) {
        const struct glide *gain = &mix->feeds[i].edge->gain;
        if (gain->target != 1.0f || !glide_is_settled(gain))
            return false;
    }
    return true;
}

DAWD_CLONES static void add_rt(float *restrict sum, const float *restrict x, float gain, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        sum[i] += gain * x[i];
}

DAWD_CLONES static void add_ramp_rt(float *restrict sum, const float *restrict x, float gain, float step, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        sum[i] += (gain + step * (float)(int)i) * x[i];
}

static void feed_add_rt(const struct feed *feed, float *const *sum, unsigned n)
{
    const struct glide *gain = &feed->edge->gain;
    uint32_t left = gain->length - gain->at;
    unsigned n_ramp = n < left ? n : left;
    float start = glide_linear(gain, 0);
    float step = n_ramp ? (glide_linear(gain, n_ramp) - start) / (float)n_ramp : 0.0f;
    for (unsigned t = 0; t < feed->n_taps; t++) {
        float *out = sum[feed->taps[t].channel];
        if (n_ramp)
            add_ramp_rt(out, feed->taps[t].from, start, step, n_ramp);
        /* An edge that has faded out adds nothing more, until control takes it out of the plan. */
        if (n_ramp < n && gain->target != 0.0f)
            add_rt(out + n_ramp, feed->taps[t].from + n_ramp, gain->target, n - n_ramp);
    }
}

void mix_run_rt(struct mix *mix, unsigned n)
{
    for (unsigned i = 0; i < mix->n_feeds; i++)
        retarget_rt(&mix->feeds[i]);
    /* Asked anew in each block: a gain may have arrived at 1, or have been turned away from it. */
    if (passes_rt(mix)) {
        for (unsigned c = 0; c < mix->n_channels; c++)
            mix->in[c] = mix->pass[c];
        return;
    }
    for (unsigned c = 0; c < mix->n_channels; c++) {
        memset(mix->sum[c], 0, n * sizeof(float));
        mix->in[c] = mix->sum[c];
    }
    for (unsigned i = 0; i < mix->n_feeds; i++) {
        feed_add_rt(&mix->feeds[i], mix->sum, n);
        glide_advance(&mix->feeds[i].edge->gain, n);
    }
}

void mix_idle_rt(struct mix *mix, uint32_t n)
{
    for (unsigned i = 0; i < mix->n_feeds; i++) {
        retarget_rt(&mix->feeds[i]);
        glide_advance(&mix->feeds[i].edge->gain, n);
    }
}
