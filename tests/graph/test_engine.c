/* The engine under its drivers. */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define N_SOUND 30000

#define MUSIC                                                                                                              \
    "fade 0; add lfo lfo; add lead osc freq=220 level=-9; add low osc 1 freq=55 level=-15; add g gain 2 gain=-3;"          \
    "add tone filter 1; connect lead tone; connect tone g; connect low g gain=-6; connect g out; connect in out gain=-30;" \
    "connect low tone:cutoff depth=1.5; connect in:out.1 lead:freq depth=0.1; connect g:out.2 tone gain=-9 feedback"

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    return rig;
}

/* ---- sound ---------------------------------------------------------------------------------------------------------- */

START_TEST(a_chain_of_gains_is_the_product_of_its_gains)
{
    struct graph_rig *rig =
        rig_with("fade 0; add a gain 1 gain=-6; add b gain 1 gain=3.5; add c gain 1 gain=-10; connect in:out.2 a;"
                 "connect a b gain=-1; connect b c gain=2; connect c out:in.1 gain=-4; connect in:out.2 out:in.2");
    graph_rig_run(rig, N_SOUND);
    double factor = pow(10, (-6 + 3.5 - 10 - 1 + 2 - 4) / 20);
    for (size_t i = 0; i < N_SOUND; i++) {
        double in = (double)graph_rig_noise(1, i);
        MUST(fabs((double)rig->heard[RIG_OUT][i] - factor * in) < 1e-6, "frame %zu", i);
        MUST((double)rig->heard[RIG_OUT + 1][i] == in, "frame %zu: an edge of unity changes bits", i);
    }
    graph_rig_free(rig);
}
END_TEST

/* What two outputs play in cycles of this length, with edits and values at fixed frames. */
static void perform(float *sound, unsigned period)
{
    struct graph_rig *rig = rig_with(MUSIC);
    rig->period = period;
    graph_rig_run(rig, 8192);
    memcpy(sound, rig->heard[RIG_OUT], 8192 * sizeof(float));
    graph_rig_set(rig, "g", "gain", -20, 0.05);
    graph_rig_commit(
        rig, "fade 0.03; disconnect lead tone; add x osc freq=500 level=-20; connect x out; set lead freq 300 0.02");
    graph_rig_run(rig, 8192);
    memcpy(sound + 8192, rig->heard[RIG_OUT], 8192 * sizeof(float));
    graph_rig_commit(rig, "fade 0.05; connect lead tone; remove x");
    graph_rig_run(rig, N_SOUND - 16384);
    memcpy(sound + 16384, rig->heard[RIG_OUT], (N_SOUND - 16384) * sizeof(float));
    graph_rig_free(rig);
}

START_TEST(any_period_gives_the_same_sound)
{
    static float reference[N_SOUND], sound[N_SOUND];
    static const unsigned periods[] = {1, 7, 64, 333, 1024, 8192, 0};
    perform(reference, 256);
    double loudest = 0;
    for (size_t i = 0; i < N_SOUND; i++)
        loudest = fmax(loudest, fabs((double)reference[i]));
    ck_assert(loudest > 0.1 && loudest < 0.99);
    for (unsigned k = 0; k < ROWS(periods); k++) {
        perform(sound, periods[k]);
        for (size_t i = 0; i < N_SOUND; i++)
            MUST(fabs((double)(sound[i] - reference[i])) < 1e-5, "period %u, frame %zu: %.9g, not %.9g", periods[k], i,
                 (double)sound[i], (double)reference[i]);
    }
}
END_TEST

START_TEST(a_long_cycle_is_run_in_blocks_of_256)
{
    struct graph_rig *rig = rig_with("fade 0; add c counter; add p probe; connect c p");
    rig->period = 8191;
    graph_rig_run(rig, 8191);
    const struct probe *probe = graph_rig_probe(rig, "p");
    ck_assert_uint_eq(probe->n_frames, 8191);
    for (unsigned i = 0; i < 8191; i++)
        MUST(probe->take[0][i] == (float)i, "frame %u", i);
    ck_assert_uint_eq(ctl_clock(rig->ctl), 8191);
    graph_rig_free(rig);
}
END_TEST

START_TEST(ports_that_are_not_there_are_silence_and_swallow_what_comes)
{
    struct graph_rig *rig = rig_with("fade 0; add p probe 2; connect in p; add s source 2 value=0.25; connect s out");
    ctl_poll(rig->ctl);
    float left[300], *ports[DEVICE_PORTS_MAX] = {0};
    ports[2] = left;
    ck_assert(engine_cycle_rt(rig->ctl->engine, &(struct cycle){.n_frames = 300, .ports = ports}));
    for (unsigned i = 0; i < 300; i++)
        MUST(left[i] == 0.25f && graph_rig_probe(rig, "p")->take[0][i] == 0, "frame %u", i);
    ck_assert(engine_cycle_rt(rig->ctl->engine, &(struct cycle){.n_frames = 300, .ports = NULL}));
    ck_assert_uint_eq(graph_rig_probe(rig, "p")->n_frames, 600);
    graph_rig_free(rig);
}
END_TEST

START_TEST(denormals_are_flushed)
{
    struct graph_rig *rig = rig_with("fade 0; add s source value=1; add p probe; connect s p gain=-60");
    graph_rig_set(rig, "s", "value", 1e-36f, 0);
    graph_rig_run(rig, 300);
    ck_assert(graph_rig_probe(rig, "p")->take[0][299] == 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- drivers -------------------------------------------------------------------------------------------------------- */

START_TEST(a_second_driver_is_refused_and_counted_and_changes_nothing)
{
    struct graph_rig *rig = rig_with("add p probe");
    struct engine_rt *engine = rig->ctl->engine;
    graph_rig_run(rig, 100);
    atomic_store(&engine->owner, 1); /* as if a cycle were running on another thread */
    struct answer *answer = graph_rig_commit(rig, "add q probe");
    ctl_poll(rig->ctl);
    ck_assert(!engine_cycle_rt(engine, &(struct cycle){.n_frames = 100, .ports = rig->offline.ports}));
    ck_assert(!engine_idle_rt(engine, 100));
    ctl_poll(rig->ctl);
    ck_assert_uint_eq(atomic_load(&engine->stats.refused), 2);
    ck_assert_uint_eq(ctl_clock(rig->ctl), 100);
    ck_assert_uint_eq(graph_rig_probe(rig, "p")->n_frames, 100);
    ck_assert_uint_eq(answer->n_calls, 0);
    atomic_store(&engine->owner, 0);
    graph_rig_run(rig, 100);
    ck_assert_uint_eq(answer->n_calls, 1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_idle_driver_takes_edits_and_lets_time_pass_without_running_nodes)
{
    struct graph_rig *rig = rig_with("add s source value=1; add p probe; connect s p");
    graph_rig_settle(rig);
    uint64_t n = graph_rig_probe(rig, "p")->n_frames, frame = ctl_clock(rig->ctl);
    struct answer *answer = graph_rig_commit(rig, "fade 0.1; remove s");
    ctl_poll(rig->ctl);
    for (unsigned i = 0; i < 60; i++) {
        ck_assert(engine_idle_rt(rig->ctl->engine, 100));
        ctl_poll(rig->ctl);
    }
    ck_assert_uint_eq(answer->n_calls, 1);
    ck_assert_uint_eq(answer->frame, frame);
    ck_assert_uint_eq(ctl_clock(rig->ctl), frame + 6000);
    ck_assert_uint_eq(graph_rig_probe(rig, "p")->n_frames, n);
    ck_assert_uint_eq(rig->ctl->model.n_linked, rig->ctl->model.n_nodes);
    graph_rig_free(rig);
}
END_TEST

START_TEST(only_live_cycles_are_measured)
{
    struct graph_rig *rig = rig_with("add p probe");
    struct engine_stats *stats = &rig->ctl->engine->stats;
    graph_rig_run(rig, 1000);
    ck_assert_uint_eq(atomic_load(&stats->process.count), 0);
    for (unsigned i = 0; i < 10; i++)
        engine_cycle_rt(rig->ctl->engine,
                        &(struct cycle){.n_frames = 512, .ports = rig->offline.ports, .budget_ns = i < 5 ? 1 : 1000000000});
    engine_xrun(rig->ctl->engine);
    ck_assert_uint_eq(atomic_load(&stats->process.count), 10);
    ck_assert_uint_ge(atomic_load(&stats->overruns), 5);
    ck_assert_uint_le(atomic_load(&stats->overruns), 6);
    ck_assert_uint_eq(atomic_load(&stats->period_frames), 512);
    ck_assert_uint_eq(atomic_load(&stats->xruns), 1);
    ck_assert_uint_ge(atomic_load(&stats->process.sum_ns), atomic_load(&stats->process.max_ns));
    ck_assert_uint_eq(atomic_load(&stats->process.max_ns), atomic_load(&stats->worst_recent_ns));
    graph_rig_free(rig);
}
END_TEST

/* ---- another sample rate -------------------------------------------------------------------------------------------- */

/* Frequency of a sine on output port 2, by its rising zero crossings over a second. */
static double frequency_heard(struct graph_rig *rig)
{
    unsigned n = 0;
    graph_rig_run(rig, (size_t)rig->ctl->rate_hz);
    for (size_t i = 1; i < (size_t)rig->ctl->rate_hz && i < RIG_RUN_MAX; i++)
        n += rig->heard[RIG_OUT][i - 1] < 0 && rig->heard[RIG_OUT][i] >= 0;
    return n;
}

START_TEST(another_rate_keeps_the_graph_and_its_pitch)
{
    struct graph_rig *rig =
        rig_with("add o osc freq=441; add old source; connect o out; connect old out gain=-20; set o level -3");
    graph_rig_settle(rig);
    ck_assert_double_eq_tol(frequency_heard(rig), 441, 1.5);
    struct answer *fading = graph_rig_commit(rig, "fade 5; remove old"); /* half way */
    graph_rig_run(rig, 1000);
    struct answer *unsent = graph_rig_commit(rig, "set o freq 500 3");
    struct error error = {0};
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 44100, &error), 0);
    ck_assert_uint_eq(fading->n_calls, 1);
    ck_assert_uint_eq(unsent->n_calls, 1);
    ck_assert(rig->ctl->rate_hz == 44100);
    ck_assert_uint_eq(rig->ctl->model.n_nodes, 3);
    ck_assert_uint_eq(rig->ctl->model.n_linked, 3);
    ck_assert(graph_rig_node(rig, "o")->object->glides[1].target == 500);
    ck_assert_double_eq_tol(frequency_heard(rig), 500, 1.5);
    graph_check_model(rig->ctl);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    graph_rig_commit(rig, "add g gain; connect o g; remove o");
    graph_rig_settle(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(the_rate_cannot_change_under_a_running_driver)
{
    struct graph_rig *rig = rig_with("add o osc");
    graph_rig_settle(rig);
    struct error error = {0};
    atomic_store(&rig->ctl->engine->owner, 1);
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 96000, &error), ERROR_BUSY);
    atomic_store(&rig->ctl->engine->owner, 0);
    ck_assert(rig->ctl->rate_hz == RATE_HZ);
    graph_rig_settle(rig);
    graph_rig_free(rig);
}
END_TEST

/* ---- two threads ---------------------------------------------------------------------------------------------------- */

struct audio {
    struct engine_rt *engine;
    _Atomic bool stops;
    float *ports[DEVICE_PORTS_MAX];
};

static void *audio_run(void *argument)
{
    struct audio *audio = argument;
    uint32_t seed = 99;
    while (!atomic_load(&audio->stops)) {
        struct cycle cycle = {.n_frames = 1 + dice_below(&seed, 200), .ports = audio->ports, .budget_ns = 1000000};
        engine_cycle_rt(audio->engine, &cycle);
        sched_yield();
    }
    return NULL;
}

static void random_edit(struct graph_rig *rig, uint32_t *seed)
{
    unsigned a = dice_below(seed, 12), b = dice_below(seed, 12);
    switch (dice_below(seed, 6)) {
    case 0:
        graph_rig_try(rig, "fade 0.002; add n%u gain; set n%u gain -3", a, a);
        break;
    case 1:
        graph_rig_try(rig, "fade 0.002; remove n%u", a);
        break;
    case 2:
        graph_rig_try(rig, "fade 0.001; disconnect n%u n%u", a, b);
        break;
    case 3:
        graph_rig_try(rig, "set n%u gain -%u", a, b);
        break;
    default:
        graph_rig_try(rig, "fade 0.002; connect n%u n%u gain=-%u", a, b, b);
    }
}

/* Whatever the audio thread still reads must not be freed, and whatever it reads must have been written before: for the
 * sanitizers. */
START_TEST(control_edits_while_another_thread_drives)
{
    struct graph_rig *rig = rig_with(MUSIC);
    static float sound[4][256];
    struct audio audio = {.engine = rig->ctl->engine};
    pthread_t thread;
    uint32_t seed = 5;
    for (unsigned p = 0; p < 4; p++)
        audio.ports[p] = sound[p];
    ck_assert_int_eq(pthread_create(&thread, NULL, audio_run, &audio), 0);
    for (unsigned i = 0; i < RIG_ROUNDS(20000u, 3000u); i++) {
        random_edit(rig, &seed);
        graph_rig_set(rig, "g", "gain", -(float)(i % 20), 0.001);
        if (i % 4 == 0)
            ctl_poll(rig->ctl);
        if (i % 64 == 0)
            sched_yield();
    }
    while (ctl_poll(rig->ctl) == 1)
        sched_yield();
    atomic_store(&audio.stops, true);
    pthread_join(thread, NULL);
    for (const struct answer *answer = rig->answers; answer; answer = answer->next)
        MUST(answer->n_calls == 1 && answer->error.code == ERROR_NONE, "an answer was lost");
    graph_check_model(rig->ctl);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_chain_of_gains_is_the_product_of_its_gains,
        any_period_gives_the_same_sound,
        a_long_cycle_is_run_in_blocks_of_256,
        ports_that_are_not_there_are_silence_and_swallow_what_comes,
        denormals_are_flushed,
        a_second_driver_is_refused_and_counted_and_changes_nothing,
        an_idle_driver_takes_edits_and_lets_time_pass_without_running_nodes,
        only_live_cycles_are_measured,
        another_rate_keeps_the_graph_and_its_pitch,
        the_rate_cannot_change_under_a_running_driver,
        control_edits_while_another_thread_drives,
    };
    return suite_run("engine", 100, tests, ROWS(tests));
}
