/* A node that is cleared in the middle of a sound is as one that has heard nothing: for every class. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ  48000
#define N_BEFORE 12345
#define N_AFTER  24000

/* The sounds of all channels of a node. */
struct sound {
    unsigned n_channels;
    float x[RIG_CHANNELS_MAX][N_AFTER];
};

static float noise[2][N_AFTER];

static void hear(struct rig *rig, const float *in, struct sound *sound, size_t n)
{
    const float *ins[RIG_CHANNELS_MAX];
    float *outs[RIG_CHANNELS_MAX];
    for (unsigned c = 0; c < RIG_CHANNELS_MAX; c++) {
        ins[c] = in;
        outs[c] = sound->x[c];
    }
    sound->n_channels = rig->n_out;
    rig_process(rig, in ? ins : NULL, outs, n);
}

/* Longer than all of it is said to last. */
static void set_long(struct rig *rig)
{
    static const struct {
        const char *param;
        float value;
    } longs[] = {{"feedback", 0.9f}, {"mix", 1}, {"release", 2}, {"time", 0.1f}, {"lookahead", 5}, {"low_cut", 100}};
    for (unsigned p = 0; p < rig->class->n_params; p++)
        for (unsigned i = 0; i < ROWS(longs); i++) {
            const struct param_info *param = &rig->class->params[p];
            if (strcmp(param->name, longs[i].param) == 0 && param->kind == PARAM_CONTINUOUS)
                rig->value[p] = fminf(fmaxf(longs[i].value, param->min), param->max);
        }
}

static struct rig start(const struct node_class *class)
{
    struct rig rig = rig_new_class(class, RATE_HZ, 0);
    rig.block = 0;
    rig.is_rolling = true;
    set_long(&rig);
    rig_start(&rig);
    return rig;
}

/* What follows on so much of noise and notes, or on silence. */
static void after(const struct node_class *class, bool is_noisy, const float *then, bool storms, struct sound *sound)
{
    struct rig rig = start(class);
    rig.storms = is_noisy;
    hear(&rig, is_noisy ? noise[0] : NULL, sound, N_BEFORE);
    if (class->sleeps.rest)
        class->sleeps.rest(rig.state);
    if (class->sleeps.clear)
        class->sleeps.clear(rig.state);
    rig.storms = storms;
    hear(&rig, then, sound, N_AFTER);
    rig_free(&rig);
}

static double loudest(const struct sound *sound)
{
    double most = 0;
    for (unsigned c = 0; c < sound->n_channels; c++)
        most = fmax(most, peak(sound->x[c], N_AFTER));
    return most;
}

static struct sound heard[2];

START_TEST(nothing_is_heard_of_what_was_before)
{
    const struct node_class *class = node_registry[_i];
    if (strcmp(class->name, "midi_cv") == 0)
        return; /* wheels stay where they are */
    after(class, false, NULL, false, &heard[0]);
    if (class->device || node_class_writes(class) || loudest(&heard[0]) > (double)SLEEP_LEVEL)
        return; /* it sounds by itself */
    after(class, true, NULL, false, &heard[1]);
    ck_assert_msg(loudest(&heard[1]) < (double)SLEEP_LEVEL, "%s: %g", class->name, loudest(&heard[1]));
}
END_TEST

/* Who sleeps, that is: others go on from where they are. Instruments count their notes. */
START_TEST(what_comes_next_is_as_it_would_have_been)
{
    const struct node_class *class = node_registry[_i];
    if (!class->sleeps.can || port_info_of_events(class->inputs, class->n_inputs) < class->n_inputs)
        return;
    after(class, false, noise[1], false, &heard[0]);
    after(class, true, noise[1], false, &heard[1]);
    for (unsigned c = 0; c < heard[0].n_channels; c++) {
        double snr = snr_db(heard[0].x[c], heard[1].x[c], N_AFTER);
        ck_assert_msg(snr > 100, "%s: %.1f dB in channel %u", class->name, snr, c);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("clear");
    noise_fill(noise[0], N_AFTER, 0.9, 1);
    noise_fill(noise[1], N_AFTER, 0.5, 2);
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, nothing_is_heard_of_what_was_before, 0, (int)n_node_registry);
    tcase_add_loop_test(tests, what_comes_next_is_as_it_would_have_been, 0, (int)n_node_registry);
    return suite_run_case("clear", tests);
}
