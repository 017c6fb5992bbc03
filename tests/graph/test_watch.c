/* What the engine measures of its cycles, by a clock that moves only when the test says so. */
#include <pthread.h>
#include <sched.h>

#include "tests/graph_check.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define RATE_HZ   48000
#define N_FRAMES  256
#define BUDGET_NS 5333333

static struct graph_rig *rig;
static struct engine_stats *stats;

static void open_rig(const char *script)
{
    rig = graph_rig_new(RATE_HZ);
    rig_clock_ns = 1000;
    rig->ctl->engine->clock = rig_clock;
    stats = &rig->ctl->engine->stats;
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
}

static void run(struct cycle cycle)
{
    ctl_poll(rig->ctl);
    cycle.n_frames = cycle.n_frames ? cycle.n_frames : N_FRAMES;
    cycle.ports = rig->offline.ports;
    ck_assert(engine_cycle_rt(rig->ctl->engine, &cycle));
    ctl_poll(rig->ctl);
}

static void run_live(void)
{
    run((struct cycle){.budget_ns = BUDGET_NS});
}

static struct histogram_summary told(const struct histogram *histogram)
{
    return histogram_summarize(&histogram, 1);
}

/* ---- what a cycle costs --------------------------------------------------------------------------------------------- */

START_TEST(a_cycle_is_timed_from_its_begin_to_its_end)
{
    open_rig("add a busy; add b busy");
    for (unsigned i = 1; i <= 100; i++) {
        graph_rig_set(rig, "a", "time", (float)(1000 * i), 0);
        graph_rig_set(rig, "b", "time", 500, 0);
        rig_clock_ns += 777777; /* between cycles */
        run_live();
    }
    struct histogram_summary summary = told(&stats->process);
    ck_assert_uint_eq(summary.count, 100);
    ck_assert(summary.min == 1500 && summary.max == 100500 && summary.mean == 51000);
    ck_assert_uint_eq(atomic_load(&stats->worst_recent_ns), 100500);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_cycle_overruns_when_it_takes_longer_than_its_budget)
{
    open_rig("add a busy");
    graph_rig_set(rig, "a", "time", 4096, 0);
    run((struct cycle){.budget_ns = 4096});
    ck_assert_uint_eq(atomic_load(&stats->overruns), 0);
    run((struct cycle){.budget_ns = 4095});
    ck_assert_uint_eq(atomic_load(&stats->overruns), 1);
    run((struct cycle){.budget_ns = 0}); /* not live: it may take what it takes */
    ck_assert_uint_eq(atomic_load(&stats->overruns), 1);
    ck_assert_uint_eq(told(&stats->process).count, 2);
    graph_rig_free(rig);
}
END_TEST

/* ---- what was lost -------------------------------------------------------------------------------------------------- */

static void run_at(uint32_t time_frames)
{
    run((struct cycle){.budget_ns = BUDGET_NS, .has_time = true, .time_frames = time_frames});
}

static void check_lost(uint64_t gaps, uint64_t frames)
{
    ck_assert_uint_eq(atomic_load(&stats->gaps), gaps);
    ck_assert_uint_eq(atomic_load(&stats->lost_frames), frames);
}

START_TEST(frames_by_which_the_driver_is_ahead_are_lost)
{
    open_rig("add a busy");
    run_at(7000);
    run_at(7256);
    check_lost(0, 0);
    run_at(7512 + 512);
    check_lost(1, 512);
    run_at(7512 + 512 + 256);
    run_at(7512 + 512 + 512 + 64);
    check_lost(2, 576);
    graph_rig_free(rig);
}
END_TEST

START_TEST(the_wrap_of_the_drivers_time_is_no_gap)
{
    open_rig("add a busy");
    run_at(UINT32_MAX - 300);
    run_at(UINT32_MAX - 44);
    run_at(211);
    check_lost(0, 0);
    run_at(211 + 256 + 256);
    check_lost(1, 256);
    graph_rig_free(rig);
}
END_TEST

START_TEST(another_driver_or_one_without_a_time_loses_nothing)
{
    open_rig("add a busy");
    run_at(100000);
    run_at(0); /* a server that was started anew */
    check_lost(0, 0);
    run((struct cycle){.budget_ns = BUDGET_NS});
    run_at(500000);
    check_lost(0, 0);
    engine_idle_rt(rig->ctl->engine, 1000);
    run_at(900000);
    check_lost(0, 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- from the packet to the sound ----------------------------------------------------------------------------------- */

START_TEST(a_value_is_timed_from_its_arrival_to_the_cycle_that_took_it)
{
    open_rig("add a busy");
    rig->ctl->arrived_ns = rig_clock_ns;
    graph_rig_set(rig, "a", "time", 300, 0);
    rig_clock_ns += 20000;
    run_live();
    ck_assert_uint_eq(told(&stats->applied).count, 1);
    ck_assert(told(&stats->applied).max == 20000);
    run_live();
    ck_assert_uint_eq(told(&stats->applied).count, 1);
    ck_assert_uint_eq(told(&rig->ctl->applied).count, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(each_edit_is_timed_alike_when_it_comes_back)
{
    open_rig("add a busy");
    rig->ctl->arrived_ns = rig_clock_ns;
    graph_rig_commit(rig, "add b busy");
    rig_clock_ns += 1000;
    rig->ctl->arrived_ns = rig_clock_ns;
    graph_rig_commit(rig, "set a time 5");
    rig->ctl->arrived_ns = 0;
    graph_rig_commit(rig, "add nobodys busy");
    rig_clock_ns += 50000;
    run_live();
    struct histogram_summary summary = told(&rig->ctl->applied);
    ck_assert_uint_eq(summary.count, 2);
    ck_assert(summary.min == 50000 && summary.max == 51000);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_came_in_while_the_cycle_ran_was_there_at_once)
{
    open_rig("add a busy");
    rig->ctl->arrived_ns = rig_clock_ns + 100;
    graph_rig_set(rig, "a", "time", 300, 0);
    run_live();
    ck_assert(told(&stats->applied).count == 1 && told(&stats->applied).max == 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(without_a_live_cycle_nothing_is_timed)
{
    open_rig("add a busy");
    rig->ctl->arrived_ns = rig_clock_ns;
    graph_rig_set(rig, "a", "time", 300, 0);
    graph_rig_run(rig, 1000);
    graph_rig_commit(rig, "add b busy");
    ctl_poll(rig->ctl);
    engine_idle_rt(rig->ctl->engine, 1000);
    ctl_poll(rig->ctl);
    ck_assert_uint_eq(told(&stats->process).count, 0);
    ck_assert_uint_eq(told(&stats->applied).count, 0);
    ck_assert_uint_eq(told(&rig->ctl->applied).count, 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- a new beginning ------------------------------------------------------------------------------------------------ */

START_TEST(after_a_reset_nothing_of_before_is_told)
{
    open_rig("add a busy time=900");
    rig->ctl->arrived_ns = rig_clock_ns;
    graph_rig_commit(rig, "add b busy");
    run_at(0);
    run((struct cycle){.budget_ns = 1, .has_time = true, .time_frames = 10000});
    engine_xrun(rig->ctl->engine);
    ctl_reset_stats(rig->ctl);
    ck_assert(!ctl_stats_are_current(rig->ctl)); /* the audio thread still has the old counts */
    ck_assert_uint_eq(atomic_load(&stats->xruns), 0);
    ck_assert_uint_eq(told(&rig->ctl->applied).count, 0);
    engine_idle_rt(rig->ctl->engine, 1); /* any driver will do */
    ck_assert(ctl_stats_are_current(rig->ctl));
    ck_assert_uint_eq(told(&stats->process).count, 0);
    ck_assert_uint_eq(atomic_load(&stats->overruns), 0);
    check_lost(0, 0);
    run_live();
    ck_assert_uint_eq(told(&stats->process).count, 1);
    graph_rig_free(rig);
}
END_TEST

/* ---- two threads ---------------------------------------------------------------------------------------------------- */

static void *drive(void *argument)
{
    const _Atomic bool *stops = argument;
    for (uint32_t time = 0; !atomic_load(stops); time += 64 + time % 3) {
        struct cycle cycle = {
            .n_frames = 64, .ports = rig->offline.ports, .budget_ns = 20000, .has_time = true, .time_frames = time};
        engine_cycle_rt(rig->ctl->engine, &cycle);
        sched_yield();
    }
    return NULL;
}

/* For the thread sanitizer: whatever control reads or begins anew, the audio thread may be writing. */
START_TEST(control_looks_at_everything_while_another_thread_drives)
{
    struct watch_note note;
    _Atomic bool stops = false;
    pthread_t thread;
    open_rig("add a gain; add b gain; connect in a; connect a b; connect b out");
    rig->ctl->engine->clock.now_ns = clock_monotonic_rt;
    ck_assert_int_eq(pthread_create(&thread, NULL, drive, &stops), 0);
    for (unsigned i = 0; i < RIG_ROUNDS(20000u, 2000u); i++) {
        const struct node *node = graph_rig_node(rig, i % 2 ? "a" : "out");
        uint64_t now = ctl_clock(rig->ctl);
        if (i % 64 < 32)
            meter_watch(node->object, now, i % 128 < 64 ? RATE_HZ : 100);
        if (i % 100 == 0)
            atomic_store(&rig->ctl->engine->profile_until, now + 1000);
        if (i % 500 == 0)
            ctl_reset_stats(rig->ctl);
        struct histogram_summary summary = told(&stats->process);
        double level = meter_is_current(node->object, now) ? (double)meter_db(node->object, 0, METER_RMS) : 0;
        ck_assert(summary.max >= 0 && level <= 200);
        while (ring_pop(&rig->ctl->engine->notes, &note))
            ck_assert_int_eq(note.kind, WATCH_OVERRUN);
        sched_yield();
    }
    atomic_store(&stops, true);
    pthread_join(thread, NULL);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_cycle_is_timed_from_its_begin_to_its_end,
        a_cycle_overruns_when_it_takes_longer_than_its_budget,
        frames_by_which_the_driver_is_ahead_are_lost,
        the_wrap_of_the_drivers_time_is_no_gap,
        another_driver_or_one_without_a_time_loses_nothing,
        a_value_is_timed_from_its_arrival_to_the_cycle_that_took_it,
        each_edit_is_timed_alike_when_it_comes_back,
        what_came_in_while_the_cycle_ran_was_there_at_once,
        without_a_live_cycle_nothing_is_timed,
        after_a_reset_nothing_of_before_is_told,
        control_looks_at_everything_while_another_thread_drives,
    };
    return suite_run("watch", 60, tests, ROWS(tests));
}
