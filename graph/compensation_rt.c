/* Rings are written before they are read, so that a delay may be shorter than a block. */
#include "graph/compensation_shared.h"

#include <string.h>

#include "graph/dsp/finite.h"
#include "graph/rt_only.h"

static const float silence[BLOCK_MAX];

/* How much of n frames lies before the end of the ring. */
static unsigned before_end(const struct compensation_tap *tap, uint32_t at, unsigned n)
{
    return n < tap->size_frames - at ? n : tap->size_frames - at;
}

static void ring_write_rt(struct compensation_tap *tap, unsigned channel, const float *from, unsigned n)
{
    unsigned first = before_end(tap, tap->at, n);
    memcpy(tap->channels[channel] + tap->at, from, first * sizeof(float));
    memcpy(tap->channels[channel], from + first, (n - first) * sizeof(float));
}

/* The frames that belong to the n that were written last. */
static void ring_read_rt(const struct compensation_tap *tap, unsigned channel, float *to, unsigned n)
{
    uint32_t at =
        tap->at >= tap->delay_frames ? tap->at - tap->delay_frames : tap->at + tap->size_frames - tap->delay_frames;
    unsigned first = before_end(tap, at, n);
    memcpy(to, tap->channels[channel] + at, first * sizeof(float));
    memcpy(to + first, tap->channels[channel], (n - first) * sizeof(float));
}

static void tap_run_rt(struct compensation_tap *tap, unsigned channel, const float *from, float *to, unsigned n)
{
    if (!tap->size_frames) {
        memcpy(to, from, n * sizeof(float));
        return;
    }
    ring_write_rt(tap, channel, from, n);
    ring_read_rt(tap, channel, to, n);
}

/* Where no plan has heard the edge before, or the edit cuts, the tap is there at once. */
static void turn_rt(struct compensation *compensation, struct compensation_tap *wanted)
{
    if (!compensation->n_heard || !wanted->fade_frames) {
        compensation->heard[0] = wanted;
        compensation->n_heard = 1;
        glide_jump(&wanted->weight, 1);
        return;
    }
    for (unsigned i = 0; i < compensation->n_heard; i++) {
        struct glide *weight = &compensation->heard[i]->weight;
        glide_start_after(weight, glide_linear(weight, 0), 0, wanted->fade_frames, wanted->wait_frames);
    }
    glide_start_after(&wanted->weight, 0, 1, wanted->fade_frames, wanted->wait_frames);
    compensation->heard[compensation->n_heard++] = wanted;
}

static void turn_if_wanted_rt(const struct compensation_step *step)
{
    struct compensation *compensation = step->compensation;
    if (!compensation->n_heard || compensation->heard[compensation->n_heard - 1] != step->wanted)
        turn_rt(compensation, step->wanted);
}

/* Lets the weights move on, and forgets the taps that are not heard any more. */
static void weights_advance_rt(struct compensation *compensation, uint32_t n)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < compensation->n_heard; i++) {
        struct compensation_tap *tap = compensation->heard[i];
        glide_advance(&tap->weight, n);
        if (!glide_is_settled(&tap->weight) || tap->weight.target != 0.0f)
            compensation->heard[kept++] = tap;
    }
    compensation->n_heard = kept;
}

static const float *source_rt(const struct compensation_step *step, unsigned channel)
{
    return *step->silent ? silence : step->from[channel];
}

static void crossfade_rt(const struct compensation_step *step, unsigned n)
{
    struct compensation *compensation = step->compensation;
    float weights[BLOCK_MAX], delayed[BLOCK_MAX];
    for (unsigned c = 0; c < compensation->n_channels; c++)
        memset(compensation->out[c], 0, n * sizeof(float));
    for (unsigned t = 0; t < compensation->n_heard; t++) {
        struct compensation_tap *tap = compensation->heard[t];
        for (unsigned i = 0; i < n; i++)
            weights[i] = glide_linear(&tap->weight, i);
        for (unsigned c = 0; c < compensation->n_channels; c++) {
            tap_run_rt(tap, c, source_rt(step, c), delayed, n);
            for (unsigned i = 0; i < n; i++)
                compensation->out[c][i] += weights[i] * delayed[i];
        }
    }
}

static void places_advance_rt(struct compensation *compensation, unsigned n)
{
    for (unsigned t = 0; t < compensation->n_heard; t++) {
        struct compensation_tap *tap = compensation->heard[t];
        if (tap->size_frames)
            tap->at = tap->at + n < tap->size_frames ? tap->at + n : tap->at + n - tap->size_frames;
    }
}

bool compensation_is_empty_rt(const struct compensation_step *step)
{
    const struct compensation *compensation = step->compensation;
    return *step->silent && compensation->n_heard == 1 && compensation->heard[0] == step->wanted &&
           compensation->zeros >= step->wanted->size_frames;
}

static void taps_run_rt(const struct compensation_step *step, unsigned n)
{
    struct compensation *compensation = step->compensation;
    if (compensation->n_heard > 1)
        crossfade_rt(step, n);
    else
        for (unsigned c = 0; c < compensation->n_channels; c++)
            tap_run_rt(compensation->heard[0], c, source_rt(step, c), compensation->out[c], n);
    places_advance_rt(compensation, n);
    if (compensation->n_heard > 1)
        weights_advance_rt(compensation, n);
}

void compensation_run_rt(const struct compensation_step *step, unsigned n)
{
    struct compensation *compensation = step->compensation;
    turn_if_wanted_rt(step);
    compensation->silent = true;
    if (compensation_is_empty_rt(step))
        return;
    taps_run_rt(step, n);
    compensation->zeros = *step->silent ? compensation->zeros + n : 0;
    for (unsigned c = 0; c < compensation->n_channels; c++)
        compensation->silent &= all_zero(compensation->out[c], n);
}

void compensation_idle_rt(const struct compensation_step *step, uint32_t n)
{
    turn_if_wanted_rt(step);
    weights_advance_rt(step->compensation, n);
}
