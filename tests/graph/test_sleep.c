/* Who hears nothing and gives nothing sleeps, and nobody can tell by the sound: against the same graph with everybody awake,
 * class by class and in graphs of chance, at several periods.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/sleep_rt.h"
#include "tests/graph_check.h"
#include "tests/stage.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define RATE_HZ  48000
#define AGREE_DB 120

/* ---- sound with pauses ---------------------------------------------------------------------------------------------- */

/* Bursts of noise of half a second; the pauses are long enough for every node, and begin and end anywhere in a cell. (But
 * periods end at multiples of 8 frames: filters take so many at once, and what is left over one by one, with other bits.) */
#define BURST  (RATE_HZ / 2 + 77)
#define PERIOD (4 * RATE_HZ + 136)

static float bursts(void *user, unsigned channel, uint64_t frame)
{
    (void)user;
    uint64_t h = (frame * 8 + channel + 1) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    return frame % PERIOD < BURST ? (float)(int32_t)(h >> 32) * 0x1p-33f : 0;
}

/* ---- classes -------------------------------------------------------------------------------------------------------- */

/* A line of a second and echoes that are soon gone, so that the pauses are long enough. */
static void values_take(const struct node_class *class, float *values)
{
    for (unsigned row = 0; row < class->n_params; row++) {
        values[row] = class->params[row].initial;
        if (strcmp(class->params[row].name, "longest") == 0)
            values[row] = 1;
        if (strcmp(class->params[row].name, "decay") == 0)
            values[row] = 0.3f;
        if (strcmp(class->params[row].name, "feedback") == 0)
            values[row] = 0.1f;
    }
}

struct performance {
    struct take heard;
    unsigned n_slept; /* pauses at whose end the node slept */
};

static struct performance perform(const struct node_class *class, unsigned period, bool stays_awake)
{
    struct stage *stage = stage_new(RATE_HZ);
    struct performance performance = {take_new(STAGE_CHANNELS, 2 * PERIOD + RATE_HZ, 0, 0), 0};
    float values[RIG_PARAMS_MAX];
    values_take(class, values);
    stage->sound = bursts;
    stage->is_calm = class->voices_by; /* with nothing in it there is no way out at which a voice could end */
    stage->storm_on = BURST;
    stage->storm_period = PERIOD;
    stage->ctl->engine->stays_awake = stays_awake;
    stage_add(stage, class, "x", values);
    stage_wire(stage, "in", "x");
    stage_wire(stage, "x", "out");
    for (size_t at = 0, n; at < performance.heard.n_frames; at += n) {
        n = at < 2 * PERIOD ? PERIOD : performance.heard.n_frames - at;
        for (unsigned c = 0; c < STAGE_CHANNELS; c++)
            stage->heard[c] = performance.heard.channel[c] + at;
        stage_run(stage, n, period);
        performance.n_slept += at < 2 * PERIOD && model_find(&stage->ctl->model, "x")->object->slumber == SLUMBER_DEEP;
    }
    stage_free(stage);
    return performance;
}

static void check_class(const struct node_class *class)
{
    static const unsigned periods[] = {64, 1024, 8192};
    struct performance awake = perform(class, BLOCK_MAX, true), asleep = perform(class, BLOCK_MAX, false);
    ck_assert_msg(asleep.n_slept == 2, "%s slept in %u of 2 pauses", class->name, asleep.n_slept);
    ck_assert_uint_eq(awake.n_slept, 0);
    double db = take_snr_db(&awake.heard, &asleep.heard);
    ck_assert_msg(db >= AGREE_DB, "%s, awake and asleep: %.1f dB", class->name, db);
    for (unsigned i = 0; i < ROWS(periods); i++) {
        struct performance again = perform(class, periods[i], false);
        ck_assert_msg(take_equal(&again.heard, &asleep.heard), "%s: other bits at a period of %u", class->name, periods[i]);
        take_free(&again.heard);
    }
    take_free(&awake.heard);
    take_free(&asleep.heard);
}

START_TEST(every_class_that_may_sleep_does_and_wakes_as_if_it_had_not)
{
    unsigned n = 0;
    for (unsigned i = 0; i < n_node_registry; i++) {
        if (!node_registry[i]->sleeps.can)
            continue;
        check_class(node_registry[i]);
        n++;
    }
    ck_assert_uint_ge(n, 9);
}
END_TEST

START_TEST(a_class_that_gives_sound_from_silence_never_says_that_it_may_sleep)
{
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        if (!class->sleeps.can)
            continue;
        struct trial trial = trial_new(class, 0, RATE_HZ);
        trial.rig.storms = false;
        trial_start(&trial);
        struct take silence = take_new(trial.rig.n_in, RATE_HZ, 0, 0), out = trial_run(&trial, &silence);
        for (unsigned c = 0; c < out.channels; c++)
            for (size_t k = 0; k < out.n_frames; k++)
                MUST(out.channel[c][k] == 0, "%s: %g at frame %zu", class->name, (double)out.channel[c][k], k);
        take_free(&silence);
        take_free(&out);
        trial_free(&trial);
    }
}
END_TEST

/* ---- graphs of chance ----------------------------------------------------------------------------------------------- */

#define N_GRAPHS RIG_ROUNDS(24, 6)
#define N_NODES  12

static const char *const types[] = {
    "gain",  "pan", "mixer", "filter", "butterworth", "delay", "splitter", "slew", "envelope_follower",
    "probe", "lfo", "math"};

static void connect_some(struct stage *stage, uint32_t *seed)
{
    for (unsigned to = 0; to <= N_NODES; to++)
        for (unsigned k = 0; k < 2; k++) {
            unsigned from = dice_below(seed, to + 1);
            char source[8] = "in", target[8] = "out";
            if (from)
                snprintf(source, sizeof source, "n%u", from - 1);
            if (to < N_NODES)
                snprintf(target, sizeof target, "n%u", to);
            struct error error = {0};
            struct tx *tx = tx_open(stage->ctl, 0);
            bool is_back = to < N_NODES && dice_below(seed, 6) == 0;
            struct edge_spec spec = {is_back ? target : source, is_back ? source : target, -9, .is_feedback = is_back};
            if (tx_connect(tx, &spec, &error))
                tx_rollback(tx); /* widths that do not fit, or nothing to come out or go in */
            else
                tx_commit(tx, (struct completion){0});
            ctl_poll(stage->ctl);
        }
}

static struct take perform_graph(uint32_t seed, unsigned period, bool stays_awake, unsigned *n_asleep)
{
    struct stage *stage = stage_new(RATE_HZ);
    struct take heard = take_new(STAGE_CHANNELS, PERIOD + RATE_HZ, 0, 0);
    stage->sound = bursts;
    stage->storm_on = BURST;
    stage->storm_period = PERIOD;
    stage->ctl->engine->stays_awake = stays_awake;
    for (unsigned i = 0; i < N_NODES; i++) {
        float values[RIG_PARAMS_MAX];
        char name[8];
        const struct node_class *class = node_class_find(types[dice_below(&seed, ROWS(types))]);
        values_take(class, values);
        snprintf(name, sizeof name, "n%u", i);
        stage_add(stage, class, name, values);
    }
    connect_some(stage, &seed);
    for (unsigned c = 0; c < STAGE_CHANNELS; c++)
        stage->heard[c] = heard.channel[c];
    stage_run(stage, PERIOD, period);
    for (const struct node *node = stage->ctl->model.first; node; node = node->next)
        *n_asleep += node->object->slumber == SLUMBER_DEEP;
    for (unsigned c = 0; c < STAGE_CHANNELS; c++)
        stage->heard[c] = heard.channel[c] + PERIOD;
    stage_run(stage, RATE_HZ, period);
    stage_free(stage);
    return heard;
}

START_TEST(graphs_of_chance_sound_the_same_asleep_and_awake)
{
    unsigned n_asleep = 0, none = 0;
    double worst_db = INFINITY;
    for (uint32_t seed = 1; seed <= N_GRAPHS; seed++) {
        struct take awake = perform_graph(7 * seed, BLOCK_MAX, true, &none);
        struct take asleep = perform_graph(7 * seed, BLOCK_MAX, false, &n_asleep);
        struct take again = perform_graph(7 * seed, 64, false, &n_asleep);
        double db = take_snr_db(&awake, &asleep);
        worst_db = fmin(worst_db, db);
        ck_assert_msg(db >= AGREE_DB, "graph %u: %.1f dB", seed, db);
        ck_assert_msg(take_equal(&asleep, &again), "graph %u: other bits at a period of 64", seed);
        take_free(&awake);
        take_free(&asleep);
        take_free(&again);
    }
    ck_assert_uint_eq(none, 0);
    ck_assert_uint_ge(n_asleep, 2 * N_GRAPHS); /* else nothing was compared */
    printf("sleeping agrees with waking: graphs=%u asleep=%u worst_db=%.1f\n", N_GRAPHS, n_asleep, worst_db);
}
END_TEST

/* ---- who is asleep, and what wakes ---------------------------------------------------------------------------------- */

static struct graph_rig *rig;

static float *ports[DEVICE_PORTS_MAX];
static float sound[4][BLOCK_MAX];

/* So many frames, whole blocks, of a constant from the sound card. */
static void run(size_t n_frames, float level)
{
    for (unsigned c = 0; c < 4; c++)
        ports[c] = sound[c];
    for (size_t at = 0; at < n_frames; at += BLOCK_MAX) {
        for (unsigned i = 0; i < BLOCK_MAX; i++)
            sound[0][i] = sound[1][i] = level;
        ctl_poll(rig->ctl);
        ck_assert(engine_cycle_rt(rig->ctl->engine, &(struct cycle){.n_frames = BLOCK_MAX, .ports = ports}));
        ctl_poll(rig->ctl);
    }
}

static bool sleeps(const char *name)
{
    return graph_rig_node(rig, name)->object->slumber == SLUMBER_DEEP;
}

static unsigned n_due(void)
{
    const struct plan *plan = rig->ctl->engine->plan;
    unsigned n = 0;
    for (unsigned i = sleep_next_rt(plan, 0); i < plan->n_steps; i = sleep_next_rt(plan, i + 1))
        n++;
    return n;
}

static void open_rig(const char *script)
{
    rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    run(RATE_HZ, 0.25f);
}

START_TEST(of_an_idle_graph_only_the_ends_are_visited)
{
    open_rig("fade 0; add a gain; add b filter; add c mixer; connect in a; connect a b; connect b c:in1; connect c out;"
             "add lost gain; add loud osc; add heard gain; connect loud heard");
    ck_assert(!sleeps("a") && !sleeps("b") && !sleeps("c") && sleeps("lost") && !sleeps("heard"));
    run(RATE_HZ, 0);
    ck_assert(sleeps("a") && sleeps("b") && sleeps("c") && !sleeps("heard"));
    ck_assert_uint_eq(n_due(), 4); /* in, out, loud, heard */
    run(BLOCK_MAX, 0.25f);
    ck_assert(!sleeps("a") && !sleeps("b") && !sleeps("c"));
    ck_assert_float_eq_tol(sound[2][BLOCK_MAX - 1], 0.25f * 0.93f, 0.25f * 0.1f); /* the filter still rises */
    graph_rig_free(rig);
}
END_TEST

START_TEST(of_instruments_that_nobody_plays_nothing_is_visited)
{
    open_rig(
        "fade 0; add a analog voices=64; add f fm voices=64; connect a out; connect f out; add v voices voices=64;"
        "add v/o osc; add v/f filter 1; add v/e adsr; add v/m math op=2; connect v/in:pitch v/o:freq depth=1;"
        "connect v/in:gate v/e; connect v/o v/f; connect v/f v/m; connect v/e v/m:b; connect v/m v/out; connect v/out out");
    ck_assert_uint_eq(n_due(), 2); /* in, out */
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_loop_sleeps_when_what_goes_round_has_died_away)
{
    open_rig("fade 0; add a gain; add b gain; connect in a; connect a b; connect b a gain=-6 feedback; connect b out");
    run(RATE_HZ / 4, 0);
    ck_assert(sleeps("a") && sleeps("b"));
    ck_assert(sound[2][0] == 0);
    run(4 * BLOCK_MAX, 0.25f);
    /* 1 + 1/2 + 1/4 + 1/8: the line has stayed in step with the loop. */
    ck_assert_float_eq_tol(sound[2][0], 0.25f * 1.87f, 0.01f);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_value_wakes_and_the_node_sleeps_again)
{
    open_rig("fade 0; add a gain; connect in a; connect a out");
    run(RATE_HZ, 0);
    ck_assert(sleeps("a"));
    graph_rig_set(rig, "a", "gain", -6, 0);
    run(BLOCK_MAX, 0);
    ck_assert(!sleeps("a"));
    run(4 * BLOCK_MAX, 0);
    ck_assert(sleeps("a"));
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_node_with_a_glide_sleeps_when_that_has_arrived)
{
    open_rig("fade 0; add a gain; connect in a; connect a out");
    run(RATE_HZ, 0);
    graph_rig_set(rig, "a", "gain", -40, (double)(188 * BLOCK_MAX) / RATE_HZ);
    run(94 * BLOCK_MAX, 0);
    ck_assert(!sleeps("a"));
    run(BLOCK_MAX, 0.5f);
    ck_assert_float_eq_tol(sound[2][0], 0.5f * 0.1f, 1e-4f);
    run(100 * BLOCK_MAX, 0);
    ck_assert(sleeps("a"));
    ck_assert_float_eq(graph_rig_node(rig, "a")->object->params[0].value, -40);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_edit_while_all_sleep_fades_from_where_the_gains_are)
{
    open_rig("fade 0; add a gain; connect in a; connect a out");
    run(RATE_HZ, 0);
    graph_rig_commit(rig, "fade 0.02133333; disconnect a out"); /* four blocks */
    run(2 * BLOCK_MAX, 0);
    run(BLOCK_MAX, 1);
    ck_assert_float_eq_tol(sound[2][0], 0.5f, 0.01f);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_source_that_comes_to_a_sleeper_wakes_it)
{
    open_rig("fade 0; add a gain; connect a out; add s source value=0.5");
    run(BLOCK_MAX, 0);
    ck_assert(sleeps("a"));
    graph_rig_commit(rig, "fade 0; connect s a");
    run(2 * BLOCK_MAX, 0);
    ck_assert(!sleeps("a"));
    ck_assert_float_eq(sound[2][0], 0.5f);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_parameter_signal_neither_wakes_nor_holds)
{
    open_rig("fade 0; add a gain; connect in a; connect a out; add s source value=1; connect s a:gain depth=3");
    run(RATE_HZ, 0);
    ck_assert(sleeps("a"));
    graph_rig_set(rig, "s", "value", 2, 0);
    run(4 * BLOCK_MAX, 0);
    ck_assert(sleeps("a"));
    run(BLOCK_MAX, 0.25f);
    ck_assert_float_eq_tol(sound[2][0], 0.25f * (float)pow(10, 6 / 20.0), 1e-5f);
    graph_rig_free(rig);
}
END_TEST

/* The level of the last 400 ms is still told while they last. */
START_TEST(who_is_watched_sleeps_when_the_meter_is_empty)
{
    open_rig("fade 0; add a gain; connect in a; connect a out");
    struct node_rt *object = graph_rig_node(rig, "a")->object;
    meter_watch(object, ctl_clock(rig->ctl), RATE_HZ);
    run(RATE_HZ / 2, 0.25f);
    run(RATE_HZ / 4, 0);
    ck_assert(!sleeps("a"));
    ck_assert_float_eq_tol(meter_db(object, 0, METER_PEAK), -12.04f, 0.01f);
    run(RATE_HZ / 2, 0);
    ck_assert(sleeps("a"));
    ck_assert(meter_is_current(object, ctl_clock(rig->ctl)) && meter_db(object, 0, METER_PEAK) == -200);
    run(BLOCK_MAX, 0.25f); /* awake, it is measured anew */
    ck_assert(!meter_is_current(object, ctl_clock(rig->ctl)) || meter_db(object, 0, METER_PEAK) > -20);
    run(RATE_HZ / 10, 0.25f);
    ck_assert_float_eq_tol(meter_db(object, 0, METER_PEAK), -12.04f, 0.01f);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_class_that_may_sleep_does_and_wakes_as_if_it_had_not,
        a_class_that_gives_sound_from_silence_never_says_that_it_may_sleep,
        graphs_of_chance_sound_the_same_asleep_and_awake,
        of_an_idle_graph_only_the_ends_are_visited,
        of_instruments_that_nobody_plays_nothing_is_visited,
        a_loop_sleeps_when_what_goes_round_has_died_away,
        a_value_wakes_and_the_node_sleeps_again,
        a_node_with_a_glide_sleeps_when_that_has_arrived,
        an_edit_while_all_sleep_fades_from_where_the_gains_are,
        a_source_that_comes_to_a_sleeper_wakes_it,
        a_parameter_signal_neither_wakes_nor_holds,
        who_is_watched_sleeps_when_the_meter_is_empty,
    };
    return suite_run("sleep", 120, tests, ROWS(tests));
}
