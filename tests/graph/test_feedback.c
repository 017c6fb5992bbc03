/* Feedback edges: exactly 256 frames, whatever the blocks; edges like any other in all else. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define DELAY   256

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    return rig;
}

static const unsigned periods[] = {1, 7, 64, 256, 333, 1024, 8192, 0};

START_TEST(it_delays_by_256_frames_at_any_period)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = rig_with("fade 0; add p probe 2; connect in p feedback");
        rig->period = periods[k];
        graph_rig_run(rig, 9000);
        const struct probe *probe = graph_rig_probe(rig, "p");
        for (unsigned c = 0; c < 2; c++)
            for (unsigned i = 0; i < 9000; i++)
                MUST(probe->take[c][i] == (i < DELAY ? 0 : graph_rig_noise(c, i - DELAY)), "period %u, frame %u",
                     periods[k], i);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(it_delays_by_as_much_when_its_destination_runs_first)
{
    struct graph_rig *rig = rig_with("fade 0; add a gain 1; add p probe 1; connect in:out.1 a; connect p a gain=-120;"
                                     "connect a p feedback");
    rig->period = 7;
    graph_rig_run(rig, 3000);
    const struct probe *probe = graph_rig_probe(rig, "p");
    for (unsigned i = 0; i < 3000; i++)
        MUST(probe->take[0][i] == (i < DELAY ? 0 : graph_rig_noise(0, i - DELAY)), "frame %u", i);
    graph_rig_free(rig);
}
END_TEST

/* A burst of the length of a loop goes round: each turn is the one before, 6 dB down. */
START_TEST(a_loop_decays_by_its_gain_every_256_frames)
{
    struct graph_rig *rig = rig_with("fade 0; add g gain 1; add p probe 1; connect in:out.1 g; connect g p;"
                                     "connect g g gain=-6 feedback");
    double factor = pow(10, -6 / 20.0), most = 0;
    rig->period = 100;
    graph_rig_run(rig, 200);
    graph_rig_commit(rig, "fade 0; disconnect in:out.1 g");
    graph_rig_run(rig, 20 * DELAY);
    const float *heard = graph_rig_probe(rig, "p")->take[0];
    for (unsigned turn = 0; turn < 20; turn++)
        for (unsigned i = 0; i < DELAY; i++) {
            double theory = i < 200 ? (double)graph_rig_noise(0, i) * pow(factor, turn) : 0;
            most = fmax(most, fabs((double)heard[turn * DELAY + i] - theory) / (pow(factor, turn) + 1e-30));
        }
    ck_assert_double_lt(most, 1e-5);
    graph_rig_free(rig);
}
END_TEST

START_TEST(it_can_move_a_parameter)
{
    struct graph_rig *rig = rig_with("fade 0; add s source value=0.5; add p probe 1; connect s p;"
                                     "connect p p:level depth=3 gain=-6 feedback");
    graph_rig_run(rig, 600);
    const struct probe *probe = graph_rig_probe(rig, "p");
    double moved = 0.5 * 3 * pow(10, -6 / 20.0);
    for (unsigned i = 0; i < 600; i++)
        MUST(fabs((double)probe->take[PROBE_LEVEL][i] - (i < DELAY ? 0 : moved)) < 1e-6, "frame %u", i);
    graph_rig_free(rig);
}
END_TEST

START_TEST(channels_are_copied_and_averaged_as_on_any_edge)
{
    struct graph_rig *rig = rig_with("fade 0; add s source 3 value=1; add one probe 1; add three probe 3;"
                                     "connect s one feedback; connect s:out.2 three feedback;"
                                     "connect s:out.2-3 three:in.1-2 gain=20 feedback");
    graph_rig_run(rig, 300);
    const struct probe *one = graph_rig_probe(rig, "one"), *three = graph_rig_probe(rig, "three");
    ck_assert_float_eq_tol(one->take[0][299], 2, 1e-6); /* of 1, 2, 3 */
    ck_assert_float_eq_tol(three->take[0][299], 22, 1e-4);
    ck_assert_float_eq_tol(three->take[1][299], 32, 1e-4);
    ck_assert_float_eq_tol(three->take[2][299], 2, 1e-6);
    graph_rig_free(rig);
}
END_TEST

/* ---- without clicks ------------------------------------------------------------------------------------------------- */

/* The largest second difference of what is heard from `from` on. */
static double roughness(const float *sound, unsigned from, unsigned to)
{
    double most = 0;
    for (unsigned i = from + 2; i < to; i++)
        most = fmax(most, fabs((double)sound[i] - 2 * (double)sound[i - 1] + (double)sound[i - 2]));
    return most;
}

/* By ramps of 480 frames: at their ends the slope of a sine of 1 changes by 1/480. */
START_TEST(it_comes_and_goes_without_a_click)
{
    struct graph_rig *rig = rig_with("add o osc 1 freq=997 level=0; add p probe 1; connect in p gain=-120");
    graph_rig_settle(rig);
    struct probe *probe = graph_rig_probe(rig, "p");
    double step = 2 * M_PI * 997 / RATE_HZ, rest = step * step;
    for (unsigned i = 0; i < 10; i++) {
        probe->at = 0;
        graph_rig_commit(rig, "connect o p feedback");
        graph_rig_run(rig, 900 + 37 * i);
        graph_rig_commit(rig, "disconnect o p");
        graph_rig_run(rig, i % 2 ? 137 : 800); /* also back again in mid-fade */
        ck_assert_double_lt(roughness(probe->take[0], 0, (unsigned)probe->at), rest + 2.5 / 480);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(edits_around_it_leave_what_is_in_the_line)
{
    struct graph_rig *rig = rig_with("fade 0; add p probe 2; connect in p feedback");
    rig->period = 100;
    for (unsigned i = 0; i < 40; i++) {
        graph_rig_commit(rig, i % 2 ? "fade 0; remove x" : "fade 0; add x gain; connect in x; connect x out");
        graph_rig_run(rig, 100);
    }
    const struct probe *probe = graph_rig_probe(rig, "p");
    for (unsigned i = DELAY; i < 4000; i++)
        MUST(probe->take[0][i] == graph_rig_noise(0, i - DELAY), "frame %u", i);
    graph_rig_free(rig);
}
END_TEST

START_TEST(time_without_sound_leaves_the_line_and_another_rate_empties_it)
{
    struct graph_rig *rig = rig_with("fade 0; add s source value=1; add p probe 1; connect s p feedback");
    struct error error = {0};
    graph_rig_run(rig, 100);
    ck_assert(engine_idle_rt(rig->ctl->engine, 12345));
    graph_rig_run(rig, 300);
    const struct probe *probe = graph_rig_probe(rig, "p");
    for (unsigned i = 0; i < 400; i++)
        MUST(probe->take[0][i] == (i < DELAY ? 0 : 1), "frame %u", i);
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 44100, &error), 0);
    probe = graph_rig_probe(rig, "p");
    graph_rig_run(rig, 400);
    for (unsigned i = 0; i < 400; i++)
        MUST(probe->take[0][i] == (i < DELAY ? 0 : 1), "frame %u at the other rate", i);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_is_no_sound_does_not_go_round)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e38f};
    struct graph_rig *rig = rig_with("fade 0; add s source value=0; add g gain 1; add p probe 1; connect s g; connect g p;"
                                     "connect g g feedback");
    graph_rig_run(rig, 300);
    for (unsigned i = 0; i < ROWS(bad); i++) {
        struct param *value = &graph_rig_node(rig, "s")->object->params[0]; /* of another object after each fault */
        value->value = bad[i];                                              /* what no client can set */
        graph_rig_cycle(rig, 10);
        value->value = 0;
        graph_rig_probe(rig, "p")->at = 0;
        graph_rig_run(rig, 2 * DELAY);
        for (unsigned k = 0; k < 2 * DELAY; k++)
            MUST(graph_rig_probe(rig, "p")->take[0][k] == 0, "frame %u after %g", k, (double)bad[i]);
    }
    graph_rig_free(rig);
}
END_TEST

/* ---- what is allowed ------------------------------------------------------------------------------------------------ */

START_TEST(a_loop_without_the_word_is_refused_as_ever)
{
    struct graph_rig *rig = rig_with("add a gain; add b gain; connect a b; connect b a feedback");
    ck_assert_int_eq(graph_rig_try(rig, "connect a a"), ERROR_CYCLE);
    ck_assert_int_eq(graph_rig_try(rig, "add c gain; connect b c; connect c a"), ERROR_CYCLE);
    ck_assert_int_eq(graph_rig_try(rig, "connect b a"), ERROR_CONFLICT);
    ck_assert_int_eq(graph_rig_try(rig, "connect a b feedback"), ERROR_CONFLICT);
    ck_assert_int_eq(graph_rig_try(rig, "connect b a gain=-3 feedback"), 0); /* the same edge */
    ck_assert_int_eq(graph_rig_try(rig, "disconnect b a; connect b a"), ERROR_CYCLE);
    ck_assert_int_eq(graph_rig_try(rig, "disconnect a b; connect a b feedback; disconnect b a; connect b a"), 0);
    graph_check_model(rig->ctl);
    graph_rig_settle(rig);
    graph_check_model(rig->ctl);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    ck_assert_uint_eq(rig->ctl->model.n_edges, 2);
    graph_rig_free(rig);
}
END_TEST

START_TEST(it_becomes_a_plain_edge_and_back_without_a_second_one_left)
{
    struct graph_rig *rig = rig_with("add s source value=1; add p probe 1; connect s p");
    for (unsigned i = 0; i < 20; i++) {
        graph_rig_commit(rig, "disconnect s p; connect s p%s", i % 2 ? "" : " feedback");
        graph_rig_run(rig, 100 * (i % 7));
        graph_check_model(rig->ctl);
    }
    graph_rig_settle(rig);
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, 10);
    ck_assert_float_eq(graph_rig_probe(rig, "p")->take[0][9], 1);
    ck_assert_uint_eq(graph_rig_node(rig, "s")->n_out, 1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_rollback_takes_it_away_and_puts_it_back)
{
    struct graph_rig *rig = rig_with("add a gain; add b gain; connect a b; connect b a gain=-9 feedback");
    graph_rig_settle(rig);
    char *before = graph_dump(rig->ctl);
    ck_assert_int_eq(graph_rig_try(rig, "disconnect b a; disconnect a b; connect b a; connect a b feedback; remove zebra"),
                     ERROR_NO_SUCH_NODE);
    ck_assert_int_eq(graph_rig_try(rig, "connect b a gain=-20 feedback; connect a a feedback; remove a; remove zebra"),
                     ERROR_NO_SUCH_NODE);
    char *after = graph_dump(rig->ctl);
    ck_assert_str_eq(before, after);
    graph_check_model(rig->ctl);
    free(before);
    free(after);
    graph_rig_free(rig);
}
END_TEST

/* ---- R10 ------------------------------------------------------------------------------------------------------------ */

#define HOWL_S 10

START_TEST(a_loop_that_howls_stays_under_the_ceiling_and_is_always_a_number)
{
    static const unsigned of_periods[] = {256, 64, 0};
    double loudest = 0, quietest = 1;
    for (unsigned k = 0; k < ROWS(of_periods); k++) {
        struct graph_rig *rig = rig_with("add lp filter 2 mode=0 cutoff=1500 q=40; add bp filter 2 mode=2 cutoff=400 q=40;"
                                         "connect in lp; connect lp bp; connect bp out; connect bp lp gain=6.0206 feedback;"
                                         "connect lp lp:cutoff depth=4 feedback; connect bp bp:cutoff depth=2 feedback");
        rig->period = of_periods[k];
        for (unsigned second = 0; second < HOWL_S; second++) {
            double most = 0;
            graph_rig_run(rig, RATE_HZ);
            for (unsigned c = 0; c < 2; c++)
                for (unsigned i = 0; i < RATE_HZ; i++) {
                    MUST(isfinite(rig->heard[RIG_OUT + c][i]), "second %u, frame %u: no number", second, i);
                    most = fmax(most, fabs((double)rig->heard[RIG_OUT + c][i]));
                }
            loudest = fmax(loudest, most);
            quietest = fmin(quietest, most);
        }
        graph_rig_free(rig);
    }
    bool passes = loudest <= 1 && quietest > 0.01;
    printf("REL R10 seconds=%d gain_db=+6.02 q=40 nonfinite=0 master_peak=%.6f ceiling=1 quietest_second=%.3f %s\n", HOWL_S,
           loudest, quietest, passes ? "PASS" : "FAIL");
    ck_assert(passes);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        it_delays_by_256_frames_at_any_period,
        it_delays_by_as_much_when_its_destination_runs_first,
        a_loop_decays_by_its_gain_every_256_frames,
        it_can_move_a_parameter,
        channels_are_copied_and_averaged_as_on_any_edge,
        it_comes_and_goes_without_a_click,
        edits_around_it_leave_what_is_in_the_line,
        time_without_sound_leaves_the_line_and_another_rate_empties_it,
        what_is_no_sound_does_not_go_round,
        a_loop_without_the_word_is_refused_as_ever,
        it_becomes_a_plain_edge_and_back_without_a_second_one_left,
        a_rollback_takes_it_away_and_puts_it_back,
        a_loop_that_howls_stays_under_the_ceiling_and_is_always_a_number,
    };
    return suite_run("feedback", 100, tests, ROWS(tests));
}
