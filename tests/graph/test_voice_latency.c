/* Latency compensation inside of containers, into them and out of them. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph/latency.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ  48000
#define N_FRAMES 4096
#define SOFT     0.01 /* -40 dB: all voices together stay below the ceiling, and below what dynamics work on */

/* Noise comes in at `soft`. */
static struct graph_rig *rig_new_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add soft gain gain=-40; connect in soft; add pad voices voices=5; %s", script);
    graph_rig_settle(rig);
    return rig;
}

static void press(const struct graph_rig *rig, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        voice_press(rig, 60 + (float)i);
}

/* What is left of N_FRAMES when so many times the noise is taken away, so late: dB over it. */
static double left_db(struct graph_rig *rig, double times, uint32_t latency)
{
    uint64_t from = ctl_clock(rig->ctl);
    double most = 0;
    graph_rig_run(rig, N_FRAMES);
    for (unsigned c = 0; c < 2; c++)
        for (unsigned i = 0; i < N_FRAMES; i++) {
            unsigned port = graph_rig_node(rig, "in")->device_first + c;
            double noise = SOFT * (double)graph_rig_noise(port, from + i - latency);
            most = fmax(most, fabs((double)rig->heard[graph_rig_node(rig, "out")->device_first + c][i] - times * noise));
        }
    return decibel(most / SOFT);
}

/* Late ones that leave the signal alone. */
static const char *const lates[] = {
    "late 2 frames=777",   "distortion mix=0 oversample=1",       "distortion mix=0 oversample=3",
    "limiter lookahead=5", "compressor threshold=0 lookahead=10",
};

static void expect_null(struct graph_rig *rig, double times, const char *what)
{
    uint32_t latency = latency_of_ports(graph_rig_node(rig, "out")).most;
    double left = left_db(rig, times, latency);
    ck_assert_uint_gt(latency, 0);
    ck_assert_msg(left < -120, "%s: %.1f dB are left", what, left);
}

START_TEST(a_dry_path_beside_a_late_node_of_a_voice_nulls)
{
    char script[512];
    snprintf(script, sizeof script,
             "add pad/a gain; add pad/x %s; connect soft pad/a; connect pad/a pad/x; connect pad/x pad/out; "
             "connect pad/a pad/out; connect pad/out out",
             lates[_i]);
    struct graph_rig *rig = rig_new_with(script);
    press(rig, 3);
    graph_rig_run(rig, 9600);
    expect_null(rig, 2 * 3, lates[_i]);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_comes_out_meets_a_dry_path_outside)
{
    char script[512];
    snprintf(script, sizeof script,
             "add pad/x %s; connect soft pad/x; connect pad/x pad/out; connect pad/out out; connect soft out", lates[_i]);
    struct graph_rig *rig = rig_new_with(script);
    press(rig, 4);
    graph_rig_run(rig, 9600);
    expect_null(rig, 4 + 1, lates[_i]);
    graph_rig_free(rig);
}
END_TEST

/* Steps of voices that are to be visited. */
static unsigned n_due(const struct graph_rig *rig)
{
    const struct plan *plan = rig->ctl->engine->plan;
    unsigned n = 0;
    for (unsigned i = 0; i < plan->n_steps; i++)
        n += plan->steps[i].io.voice && plan->due[i];
    return n;
}

START_TEST(what_comes_in_waits_outside_once_for_all_voices)
{
    struct graph_rig *rig =
        rig_new_with("add x late 2 frames=777; add pad/a gain; connect soft x; connect x pad/a; connect soft pad/a; "
                     "connect pad/a pad/out; connect pad/out out");
    graph_rig_run(rig, 9600);
    ck_assert_uint_eq(n_due(rig), 0);
    /* From its first frame on a note hears what has waited for it. */
    press(rig, 3);
    expect_null(rig, 2 * 3, "shared");
    ck_assert_uint_eq(n_due(rig), 3 + 1); /* keys that are held stand still, and two of three ways out have nothing to do */
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_node_that_comes_late_into_a_voice_that_sounds_makes_the_others_wait)
{
    struct graph_rig *rig =
        rig_new_with("add pad/a gain; connect soft pad/a; connect pad/a pad/out; connect pad/out out; connect soft out");
    press(rig, 2);
    graph_rig_run(rig, 9600);
    ck_assert_double_lt(left_db(rig, 3, 0), -120);
    graph_rig_commit(rig, "add pad/x late 2 frames=100; connect pad/a pad/x; connect pad/x pad/out");
    graph_rig_settle(rig);
    graph_rig_run(rig, 9600);
    ck_assert_double_lt(left_db(rig, 5, 100), -120);
    graph_rig_commit(rig, "remove pad/x");
    graph_rig_settle(rig);
    graph_rig_run(rig, 9600);
    ck_assert_double_lt(left_db(rig, 3, 0), -120);
    ck_assert_uint_eq(rig->ctl->n_compensations, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(nothing_is_on_its_way_when_a_voice_begins_anew)
{
    struct graph_rig *rig =
        rig_new_with("add pad/d late 1 frames=4000; add pad/c constant value=0.1; add pad/dry math op=2; "
                     "connect pad/in:velocity pad/dry:a; connect pad/c pad/dry:b; connect pad/dry pad/d; "
                     "connect pad/dry pad/out; connect pad/d pad/out gain=-120; connect pad/out out");
    /* Each note is over before it is through the line, and its voice is taken again soon. */
    for (unsigned k = 0; k < 40; k++) {
        voice_press(rig, 40 + (float)k);
        graph_rig_run(rig, 600);
        ck_assert(voice_highest(voice_heard(rig), 0, 600) == 0);
    }
    graph_rig_run(rig, 4000);
    ck_assert(voice_highest(voice_heard(rig), 0, 4000) > 0.05);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("voice latency");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, a_dry_path_beside_a_late_node_of_a_voice_nulls, 0, (int)ROWS(lates));
    tcase_add_loop_test(tests, what_comes_out_meets_a_dry_path_outside, 0, (int)ROWS(lates));
    tcase_add_test(tests, what_comes_in_waits_outside_once_for_all_voices);
    tcase_add_test(tests, a_node_that_comes_late_into_a_voice_that_sounds_makes_the_others_wait);
    tcase_add_test(tests, nothing_is_on_its_way_when_a_voice_begins_anew);
    return suite_run_case("voice latency", tests);
}
