/* A dry path beside a path through any late effect of the registry: where the effect has nothing to do, both are one signal,
 * and nothing is left of their difference. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/spectrum.h"
#include "tests/stage.h"
#include "tests/suite.h"

#define RATE_HZ  48000
#define N_FRAMES 24000
#define SETTLED  12000 /* frames after which the fades of the edits are over */
#define SOFT     0.05  /* what plays: -26 dB, below every default threshold of what works above one */

static float play(void *user, unsigned channel, uint64_t frame)
{
    return ((const float *)user)[(frame + channel) % N_FRAMES];
}

/* All that latency hangs on at its most, and nothing of the effect in the mix. */
static void values_set(const struct node_class *class, float *values)
{
    for (unsigned row = 0; row < class->n_params; row++) {
        const struct param_info *param = &class->params[row];
        values[row] = param->flags & PARAM_REBUILD && !param_is_path(param) ? param->max : param->initial;
        if (strcmp(param->name, "mix") == 0)
            values[row] = 0;
    }
}

/* Whether it has an input of sound: what only hears notes has nothing to take away. */
static bool takes_sound(const struct node_class *class)
{
    unsigned port = 0;
    while (port < class->n_inputs && class->inputs[port].events)
        port++;
    return port < class->n_inputs;
}

/* The latency of a node like this, frames. */
static uint32_t latency_of(const struct node_class *class, const float *values)
{
    struct stage *stage = stage_new(RATE_HZ);
    stage_add(stage, class, "x", values);
    uint32_t frames = model_find(&stage->ctl->model, "x")->latency_frames;
    stage_free(stage);
    return frames;
}

/* What is left when the signal is taken twice from what came out, over its own level, dB. */
static double difference_db(const struct node_class *class, const float *values, uint32_t latency)
{
    static float noise[N_FRAMES], heard[STAGE_CHANNELS][N_FRAMES], off[N_FRAMES];
    struct stage *stage = stage_new(RATE_HZ);
    double most = 0;
    noise_fill(noise, N_FRAMES, SOFT, 7);
    stage->sound = play;
    stage->user = noise;
    stage_add(stage, class, "x", values);
    stage_wire(stage, "in", "x");
    stage_wire(stage, "x", "out");
    stage_wire(stage, "in", "out");
    stage_run(stage, SETTLED, 256);
    uint64_t from = ctl_clock(stage->ctl) - latency;
    for (unsigned c = 0; c < STAGE_CHANNELS; c++)
        stage->heard[c] = heard[c];
    stage_run(stage, N_FRAMES, 256);
    for (unsigned c = 0; c < STAGE_CHANNELS; c++) {
        for (unsigned i = 0; i < N_FRAMES; i++)
            off[i] = heard[c][i] - 2 * play(noise, c, from + i);
        most = fmax(most, peak(off, N_FRAMES));
    }
    stage_free(stage);
    return decibel(most / SOFT);
}

START_TEST(a_dry_path_beside_a_late_effect_nulls)
{
    unsigned n_late = 0;
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        float values[256];
        if (!takes_sound(class) || !class->n_outputs || class->device != DEVICE_NONE)
            continue;
        values_set(class, values);
        uint32_t latency = latency_of(class, values);
        if (!latency)
            continue;
        double left_db = difference_db(class, values, latency);
        ck_assert_msg(left_db < -120, "%s, %u frames late: %.1f dB are left", class->name, latency, left_db);
        n_late++;
    }
    ck_assert_uint_ge(n_late, 3);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("nulls");
    tcase_add_test(tcase, a_dry_path_beside_a_late_effect_nulls);
    return suite_run_case("nulls", tcase);
}
