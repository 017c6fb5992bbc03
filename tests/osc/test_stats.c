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

int main(void)
{
    const TTest *const tests[] = {
        the_time_from_packet_to_sound_is_of_values_and_edits_together,
        each_kind_of_trouble_has_its_own_count,
        a_reset_is_true_at_once_and_forgets_the_language_too,
    };
    return osc_rig_suite("stats", open_rig, close_rig, tests, ROWS(tests));
}
