/* Taps that cross, and what is silent on both sides. */
#include "graph/compensation_shared.h"

#include <string.h>

#include "graph/dsp/finite.h"
#include "graph/rt_only.h"

static const float silence[BLOCK_MAX];

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
            delay_ring_pass_rt(&tap->ring, c, source_rt(step, c), delayed, n);
            for (unsigned i = 0; i < n; i++)
                compensation->out[c][i] += weights[i] * delayed[i];
        }
    }
}

static void rings_advance_rt(struct compensation *compensation, unsigned n)
{
    for (unsigned t = 0; t < compensation->n_heard; t++)
        delay_ring_advance_rt(&compensation->heard[t]->ring, n);
}

bool compensation_is_empty_rt(const struct compensation_step *step)
{
    const struct compensation *compensation = step->compensation;
    return *step->silent && compensation->n_heard == 1 && compensation->heard[0] == step->wanted &&
           compensation->zeros >= step->wanted->ring.size_frames;
}

static void taps_run_rt(const struct compensation_step *step, unsigned n)
{
    struct compensation *compensation = step->compensation;
    if (compensation->n_heard > 1)
        crossfade_rt(step, n);
    else
        for (unsigned c = 0; c < compensation->n_channels; c++)
            delay_ring_pass_rt(&compensation->heard[0]->ring, c, source_rt(step, c), compensation->out[c], n);
    rings_advance_rt(compensation, n);
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

void compensation_clear_rt(const struct compensation_step *step)
{
    struct compensation *compensation = step->compensation;
    for (unsigned i = 0; i < compensation->n_heard; i++)
        delay_ring_clear_rt(&compensation->heard[i]->ring);
    compensation->silent = true;
}
