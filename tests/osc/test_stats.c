/* /stats: what is told of how it goes. */
#include <stdio.h>
#include <string.h>

#include "tests/graph_nodes.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    rig_clock_ns = 1000000;
    rig.ctl->engine->clock = rig_clock;
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* A cycle that lets so much time pass before it begins. */
static void run_live(uint64_t wait_ns, struct cycle cycle)
{
    cycle.n_frames = OSC_RIG_CYCLE;
    ctl_poll(rig.ctl);
    rig_clock_ns += wait_ns;
    ck_assert(engine_cycle_rt(rig.ctl->engine, &cycle));
    ctl_poll(rig.ctl);
}

/* The value behind a name of /stats, as text form writes it. */
static const char *stat(const char *name)
{
    static char value[256];
    char wanted[64];
    osc_rig_send(&rig, "/stats");
    const char *line = osc_rig_line(&rig);
    snprintf(wanted, sizeof wanted, " %s ", name);
    const char *at = strstr(line, wanted);
    ck_assert_msg(at != NULL, "%s is not in %s", name, line);
    at += strlen(wanted);
    snprintf(value, sizeof value, "%.*s", (int)(*at == '"' ? strcspn(at + 1, "\"") + 2 : strcspn(at, " ")), at);
    return value;
}

#define TELLS(name, value) ck_assert_str_eq(stat(name), value)

START_TEST(the_time_from_packet_to_sound_is_of_values_and_edits_together)
{
    osc_rig_do(&rig, "/graph/add gain a");
    TELLS("applied_count", "0h");
    rig.ctl->arrived_ns = rig_clock_ns;
    osc_rig_send(&rig, "/node/a/gain -6.0");
    run_live(2000000, (struct cycle){.budget_ns = 1});
    rig.ctl->arrived_ns = rig_clock_ns;
    osc_rig_send(&rig, "/graph/add gain b");
    run_live(1000000, (struct cycle){.budget_ns = 1});
    osc_rig_expect(&rig, "/done 0 /graph/add *");
    TELLS("applied_count", "2h");
    TELLS("applied_min_us", "1000.0");
    TELLS("applied_mean_us", "1500.0");
    TELLS("applied_max_us", "2000.0");
    TELLS("process_count", "2h");
}
END_TEST

START_TEST(each_kind_of_trouble_has_its_own_count)
{
    run_live(0, (struct cycle){.budget_ns = 1, .has_time = true, .time_frames = 1000});
    run_live(0, (struct cycle){.budget_ns = 1, .has_time = true, .time_frames = 1000 + 3 * OSC_RIG_CYCLE});
    engine_xrun(rig.ctl->engine);
    engine_xrun(rig.ctl->engine);
    atomic_store(&rig.ctl->engine->owner, 1);
    ck_assert(!engine_cycle_rt(rig.ctl->engine, &(struct cycle){.n_frames = 1}));
    atomic_store(&rig.ctl->engine->owner, 0);
    TELLS("xruns", "2h");
    TELLS("overruns", "0h");
    TELLS("gaps", "1h");
    TELLS("lost_frames", "128h");
    TELLS("refused_cycles", "1h");
}
END_TEST

START_TEST(a_reset_is_true_at_once_and_forgets_the_language_too)
{
    osc_rig_do(&rig, "/graph/add gain a");
    osc_rig_do(&rig, "/req/1/node/a/gain -1.0");
    osc_rig_refuse(&rig, "/nonsense", ERROR_BAD_ADDRESS, NULL);
    run_live(0, (struct cycle){.budget_ns = 1, .has_time = true, .time_frames = 1});
    run_live(0, (struct cycle){.budget_ns = 1, .has_time = true, .time_frames = 5000});
    engine_xrun(rig.ctl->engine);
    osc_rig_send(&rig, "/stats/reset"); /* and no cycle since */
    osc_rig_expect(&rig, "/done 0 /stats/reset");
    static const char *const zeros[] = {"process_count", "applied_count", "xruns", "gaps",
                                        "lost_frames",   "failures",      "values"};
    for (unsigned i = 0; i < ROWS(zeros); i++)
        ck_assert_msg(strcmp(stat(zeros[i]), "0h") == 0, "%s", zeros[i]);
    TELLS("process_max_us", "0.0");
    TELLS("nodes", "3h");
    run_live(0, (struct cycle){.budget_ns = 1});
    TELLS("process_count", "1h");
}
END_TEST

/* ---- trouble -------------------------------------------------------------------------------------------------------- */

static uint64_t sequence(const char *name)
{
    return model_find(&rig.ctl->model, name)->sequence;
}

static void tell(enum watch_kind kind, const char *first, const char *last, uint64_t frame)
{
    struct watch_note note = {kind, sequence(first), sequence(last), frame, 1500000, 6000000};
    ck_assert(ring_push(&rig.ctl->engine->notes, &note));
}

static unsigned n_logged(const char *text)
{
    unsigned n = 0;
    for (unsigned i = 0; i < rig.n_log && i < OSC_RIG_LOG_LINES; i++)
        n += strstr(rig.log[i], text) != NULL;
    return n;
}

START_TEST(who_made_a_cycle_late_is_told_by_name)
{
    osc_rig_do(&rig, "/graph/add gain a");
    osc_rig_do(&rig, "/graph/add gain b");
    TELLS("culprit", "\"\"");
    tell(WATCH_OVERRUN, "a", "b", 4800);
    server_tick(rig.server);
    TELLS("culprit", "\"a ... b\"");
    TELLS("culprit_frame", "4800h");
    TELLS("culprit_us", "1500.0");
    TELLS("culprit_cycle_us", "6000.0");
    tell(WATCH_OVERRUN, "b", "b", 5000);
    tell(WATCH_OVERRUN, "a", "b", 5001); /* of one look the exact one counts */
    server_tick(rig.server);
    TELLS("culprit", "b");
    TELLS("faulty", "\"\"");
    osc_rig_do(&rig, "/stats/reset");
    TELLS("culprit", "\"\"");
    TELLS("culprit_us", "0.0");
}
END_TEST

START_TEST(who_breaks_the_sound_is_told_and_told_as_gone_when_it_is)
{
    osc_rig_do(&rig, "/graph/add gain a");
    tell(WATCH_FAULT, "a", "a", 77);
    server_tick(rig.server);
    TELLS("faulty", "a");
    TELLS("faulty_frame", "77h");
    osc_rig_do(&rig, "/graph/remove a");
    TELLS("faulty", "\"a (gone)\"");
    osc_rig_wait(&rig);
    TELLS("faulty", "\"a (gone)\"");
    osc_rig_do(&rig, "/graph/add gain a"); /* another one */
    TELLS("faulty", "\"a (gone)\"");
}
END_TEST

START_TEST(a_note_about_a_node_that_is_freed_already_does_no_harm)
{
    struct watch_note note = {WATCH_FAULT, 4711, 4711, 5, 0, 0};
    ck_assert(ring_push(&rig.ctl->engine->notes, &note));
    server_tick(rig.server);
    TELLS("faulty", "\"a removed node (gone)\"");
}
END_TEST

START_TEST(the_log_says_it_once_and_not_in_every_cycle)
{
    osc_rig_do(&rig, "/graph/add gain a");
    osc_rig_do(&rig, "/graph/add gain b");
    for (uint64_t frame = 1000; frame < 9 * OSC_RIG_RATE_HZ; frame += 1000) {
        tell(WATCH_OVERRUN, frame < 5000 ? "a" : "b", "b", frame);
        server_tick(rig.server);
    }
    ck_assert_uint_eq(n_logged("a ... b, at frame 1000"), 1); /* the first, and the first that is exact */
    ck_assert_uint_eq(n_logged("by b, at frame 5000"), 1);
    ck_assert_uint_eq(n_logged("longer than its period"), 2);
    tell(WATCH_OVERRUN, "b", "b", 16 * OSC_RIG_RATE_HZ);
    tell(WATCH_FAULT, "a", "a", 16 * OSC_RIG_RATE_HZ);
    server_tick(rig.server);
    ck_assert_uint_eq(n_logged("longer than its period"), 3);
    ck_assert_uint_eq(n_logged("a gives sound that is no number"), 1);
}
END_TEST

/* ---- profile -------------------------------------------------------------------------------------------------------- */

/* A clock on which each step takes a microsecond, since it is looked at once per step. */
static uint64_t ticking(void *self)
{
    (void)self;
    return rig_clock_ns += 1000;
}

START_TEST(a_profile_is_answered_when_it_is_measured)
{
    osc_rig_do(&rig, "/graph/add gain a");
    rig.ctl->engine->clock.now_ns = ticking;
    osc_rig_send(&rig, "/req/9/stats/profile 0.01"); /* 480 frames; the rig runs 192 at a time */
    osc_rig_run(&rig);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "");
    osc_rig_run(&rig);
    osc_rig_expect(
        &rig, "/done 9 /stats/profile 3 0.010666667 in input 1000.0 0.075 out output 1000.0 0.075 a gain 1000.0 0.075");
    uint64_t ns = rig_clock_ns;
    osc_rig_run(&rig);
    ck_assert_uint_eq(rig_clock_ns, ns); /* and then nobody looks at the clock any more */
}
END_TEST

START_TEST(two_profiles_at_once_do_not_disturb_each_other)
{
    rig.ctl->engine->clock.now_ns = ticking;
    osc_rig_send(&rig, "/req/1/stats/profile 0.02");
    osc_rig_run(&rig);
    osc_rig_send(&rig, "/req/2/stats/profile 0.001 1 1");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 2 /stats/profile 2 0.004 out output 1000.0 0.075");
    for (unsigned i = 0; i < 4; i++)
        osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 /stats/profile 2 0.021333333 in input 1000.0 0.075 out output 1000.0 0.075");
}
END_TEST

START_TEST(a_node_that_goes_or_comes_meanwhile_is_left_out)
{
    osc_rig_do(&rig, "/graph/add gain old");
    osc_rig_send(&rig, "/stats/profile 0.02");
    osc_rig_do(&rig, "/graph/remove old");
    osc_rig_do(&rig, "/graph/add gain new");
    osc_rig_wait(&rig);
    osc_rig_expect(&rig, "/done 0 /stats/profile 2 * in input * out output *");
}
END_TEST

START_TEST(where_no_node_runs_a_profile_says_so)
{
    osc_rig_send(&rig, "/stats/profile 1");
    engine_idle_rt(rig.ctl->engine, 2 * OSC_RIG_RATE_HZ);
    server_tick(rig.server);
    osc_rig_expect(&rig, "/done 0 /stats/profile 2 0.0 in input 0.0 0.0 out output 0.0 0.0");
}
END_TEST

START_TEST(the_log_is_read_back_by_pages_from_its_end)
{
    osc_rig_ask(&rig, "/first");
    osc_rig_ask(&rig, "/second");
    osc_rig_ask(&rig, "/third");
    osc_rig_ask(&rig, "/log/tail 2");
    rig.n_read--;
    osc_rig_expect(&rig, "/done 0 /log/tail *\"/second*\"/third*");
    osc_rig_ask(&rig, "/log/tail 2 1");
    rig.n_read--;
    osc_rig_expect(&rig, "/done 0 /log/tail *\"/first*\"/second*");
    osc_rig_ask(&rig, "/log/tail 2 2");
    rig.n_read--;
    osc_rig_expect(&rig, "/done 0 /log/tail *\"/first*");
    ck_assert_str_eq(osc_rig_do(&rig, "/log/tail 2 900"), "/done 0 /log/tail");
}
END_TEST

START_TEST(only_so_many_may_wait_and_the_end_cancels_them)
{
    for (unsigned i = 0; i < 4096; i++)
        osc_rig_send(&rig, "/stats/profile 60");
    osc_rig_refuse(&rig, "/stats/profile 60", ERROR_BUSY, "4096", NULL);
    osc_rig_refuse(&rig, "/stats/profile 0.0", ERROR_RANGE, "seconds", NULL);
    osc_rig_refuse(&rig, "/stats/profile 61.0", ERROR_RANGE, "seconds", NULL);
    osc_rig_refuse(&rig, "/stats/profile 1.0 -1", ERROR_RANGE, "offset -1", NULL);
    wait_cancel_all(rig.server);
    for (unsigned i = 0; i < 4096; i++)
        osc_rig_expect(&rig, "/fail 0 /stats/profile * cancelled *");
    osc_rig_expect(&rig, "");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_time_from_packet_to_sound_is_of_values_and_edits_together,
        each_kind_of_trouble_has_its_own_count,
        a_reset_is_true_at_once_and_forgets_the_language_too,
        who_made_a_cycle_late_is_told_by_name,
        who_breaks_the_sound_is_told_and_told_as_gone_when_it_is,
        a_note_about_a_node_that_is_freed_already_does_no_harm,
        the_log_says_it_once_and_not_in_every_cycle,
        a_profile_is_answered_when_it_is_measured,
        two_profiles_at_once_do_not_disturb_each_other,
        a_node_that_goes_or_comes_meanwhile_is_left_out,
        where_no_node_runs_a_profile_says_so,
        the_log_is_read_back_by_pages_from_its_end,
        only_so_many_may_wait_and_the_end_cancels_them,
    };
    return osc_rig_suite("stats", open_rig, close_rig, tests, ROWS(tests));
}
