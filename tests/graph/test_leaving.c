/* What leaves with a fade, and what has to wait for that. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    return rig;
}

/* ---- leaving -------------------------------------------------------------------------------------------------------- */

START_TEST(a_node_leaves_with_the_end_of_its_fade)
{
    struct graph_rig *rig = rig_with("add s source value=3; add p probe; connect s p");
    struct probe *probe = graph_rig_probe(rig, "p");
    size_t n = rig->ctl->model.n_linked;
    probe->at = 0;
    struct answer *answer = graph_rig_commit(rig, "fade 0.1; remove s");
    graph_rig_run(rig, 4799);
    ck_assert_uint_eq(answer->n_calls, 1); /* the start of the fade, not its end */
    for (unsigned i = 0; i < 4799; i++)
        MUST(fabs((double)probe->take[0][i] - 3 * (1 - i / 4800.0)) < 3e-6, "frame %u", i);
    ck_assert_uint_eq(rig->ctl->model.n_linked, n);
    graph_rig_run(rig, 1001);
    ck_assert_uint_eq(rig->ctl->model.n_linked, n - 1);
    ck_assert(probe->take[0][5799] == 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_edge_removed_on_a_long_way_to_silence_gets_there_without_a_step)
{
    struct graph_rig *rig = rig_with("add s source value=1; add p probe; connect s p");
    struct probe *probe = graph_rig_probe(rig, "p");
    rig->period = 100;
    probe->at = 0;
    graph_rig_commit(rig, "fade 0.1; connect s p gain=-120");
    graph_rig_run(rig, 2400);
    graph_rig_commit(rig, "fade 0.01; disconnect s p");
    graph_rig_run(rig, 2000);
    for (unsigned i = 0; i < 4400; i++) {
        double theory = i < 2400 ? 1 - i / 4800.0 : i < 2880 ? 0.5 * (1 - (i - 2400) / 480.0) : 0;
        MUST(fabs((double)probe->take[0][i] - theory) < 1e-6, "frame %u", i);
    }
    graph_rig_free(rig);
}
END_TEST

/* The plan in which it was back never sounded: the audio thread has got both at once. */
START_TEST(an_edge_back_for_less_than_a_period_fades_as_it_was_told_last)
{
    struct graph_rig *rig = rig_with("add s source value=1; add p probe; connect s p");
    struct probe *probe = graph_rig_probe(rig, "p");
    rig->period = 100;
    probe->at = 0;
    graph_rig_commit(rig, "fade 10; disconnect s p");
    graph_rig_run(rig, 2400);
    graph_rig_commit(rig, "fade 10; connect s p");
    ctl_poll(rig->ctl);
    graph_rig_commit(rig, "fade 0.01; disconnect s p");
    ctl_poll(rig->ctl);
    graph_rig_run(rig, 2000);
    for (unsigned i = 0; i < 4400; i++) {
        double theory = i < 2400 ? 1 - i / 480000.0 : i < 2880 ? 0.995 * (1 - (i - 2400) / 480.0) : 0;
        MUST(fabs((double)probe->take[0][i] - theory) < 1e-6, "frame %u: %g", i, (double)probe->take[0][i]);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_whole_chain_that_is_removed_rings_out_together)
{
    struct graph_rig *rig =
        rig_with("add s source value=1; add a probe; add b probe; add p probe; connect s a; connect a b; connect b p");
    struct probe *probe = graph_rig_probe(rig, "p");
    probe->at = 0;
    graph_rig_commit(rig, "fade 0.01; remove a; remove b");
    graph_rig_run(rig, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        double fade = i < 480 ? 1 - i / 480.0 : 0; /* three edges in a row fade */
        MUST(fabs((double)probe->take[0][i] - fade * fade * fade) < 1e-6, "frame %u", i);
    }
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->ctl->model.n_linked, rig->ctl->model.n_nodes);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_node_replaced_under_its_name_is_crossfaded)
{
    struct graph_rig *rig = rig_with("add s source value=3; add p probe; connect s p");
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_commit(rig, "fade 0.02; remove s; add s source value=3; connect s p");
    graph_rig_run(rig, 2000);
    for (unsigned i = 0; i < 2000; i++)
        MUST(fabs((double)graph_rig_probe(rig, "p")->take[0][i] - 3) < 3e-6, "frame %u", i);
    graph_rig_free(rig);
}
END_TEST

static const char *const alikes[][2] = {
    {"add g gain 1", "replace g gain 1"},                                   /* silence in, silence out */
    {"add g math op=0 add_a=0", "replace g math op=0 add_a=0"},             /* not so to the engine */
    {"add g delay 1 longest=1 mix=0", "replace g delay 1 longest=2 mix=0"}, /* keeps what it hears */
};

START_TEST(what_is_replaced_by_its_like_sounds_on_without_a_dip)
{
    for (unsigned k = 0; k < ROWS(alikes); k++) {
        struct graph_rig *rig = rig_with("add s source value=3; add p probe");
        graph_rig_commit(rig, "%s; connect s g; connect g p", alikes[k][0]);
        graph_rig_settle(rig);
        graph_rig_probe(rig, "p")->at = 0;
        graph_rig_commit(rig, "fade 0.02; %s", alikes[k][1]);
        graph_rig_run(rig, 4000);
        for (unsigned i = 0; i < 4000; i++)
            MUST(fabs((double)graph_rig_probe(rig, "p")->take[0][i] - 3) < 3e-6, "%s: frame %u: %g", alikes[k][1], i,
                 (double)graph_rig_probe(rig, "p")->take[0][i]);
        graph_rig_settle(rig);
        ck_assert_uint_eq(rig->ctl->model.n_linked, rig->ctl->model.n_nodes);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(ports_stay_until_their_sound_has_faded)
{
    struct graph_rig *rig = rig_with("add s source; add main output 1; connect s main");
    unsigned port = graph_rig_node(rig, "main")->device_first;
    ck_assert_str_eq(rig->wish[rig->n_wish - 1].name, "main_1");
    ck_assert_uint_eq(rig->wish[rig->n_wish - 1].index, port);
    ck_assert(!rig->wish[rig->n_wish - 1].is_input);
    graph_rig_commit(rig, "fade 0.1; remove main");
    graph_rig_run(rig, 1000);
    ck_assert_uint_eq(rig->n_wish, 5);
    ck_assert(rig->ctl->model.device_used[port]);
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->n_wish, 4);
    ck_assert(!rig->ctl->model.device_used[port]);
    graph_rig_free(rig);
}
END_TEST

START_TEST(no_two_ports_are_wanted_under_one_name_or_number)
{
    struct graph_rig *rig = rig_with("add s source; add main output 2; connect s main");
    for (unsigned round = 0; round < 8; round++) {
        graph_rig_commit(rig, "fade 0.05; remove main; add main %s 2", round % 2 ? "output" : "input");
        graph_rig_run(rig, 700);
        for (unsigned i = 0; i < rig->n_wish; i++)
            for (unsigned k = 0; k < i; k++)
                ck_assert(rig->wish[i].index != rig->wish[k].index && strcmp(rig->wish[i].name, rig->wish[k].name) != 0);
        if (round % 2)
            graph_rig_commit(rig, "connect s main");
    }
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->n_wish, 6);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_change_that_moves_no_ports_wishes_for_none)
{
    struct graph_rig *rig = rig_with("add s source");
    uint64_t n_wishes = rig->n_wishes;
    graph_rig_commit(rig, "add g gain; connect s g; connect g out");
    graph_rig_commit(rig, "remove g");
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->n_wishes, n_wishes);
    graph_rig_free(rig);
}
END_TEST

/* ---- edges that wait ------------------------------------------------------------------------------------------------ */

START_TEST(an_edge_that_closes_a_loop_with_a_fading_one_comes_in_when_that_is_gone)
{
    struct graph_rig *rig = rig_with("add s source value=1; add a probe; add b probe; connect s a; connect a b");
    struct probe *a = graph_rig_probe(rig, "a"), *b = graph_rig_probe(rig, "b");
    a->at = b->at = 0;
    struct answer *answer = graph_rig_commit(rig, "fade 0.02; disconnect s a; disconnect a b; connect s b; connect b a");
    graph_rig_run(rig, 5000);
    ck_assert_uint_eq(answer->n_calls, 1);
    double falling, rising;
    unsigned start = 0; /* of the edge that waits */
    while (start < 5000 && (start < 960 || a->take[0][start] == 0))
        start++;
    ck_assert_uint_ge(start, 960);
    ck_assert_uint_lt(start, 960 + 4 * 256);
    start--; /* its fade begins with a gain of 0 */
    for (unsigned i = 0; i < 4000; i++) {
        falling = i < 960 ? 1 - i / 960.0 : 0;
        rising = i < 960 ? i / 960.0 : 1;
        double in_b = rising + falling * falling;
        double in_a = falling + (i <= start ? 0 : i - start < 960 ? (i - start) / 960.0 : 1);
        MUST(fabs((double)b->take[0][i] - in_b) < 1e-6, "b at frame %u: %g, not %g", i, (double)b->take[0][i], in_b);
        MUST(fabs((double)a->take[0][i] - in_a) < 1e-6, "a at frame %u: %g, not %g", i, (double)a->take[0][i], in_a);
    }
    graph_check_model(rig->ctl);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_waiting_edge_that_is_removed_again_never_sounds)
{
    struct graph_rig *rig = rig_with("add s source value=1; add a probe; add b probe; connect s b; connect a b");
    graph_rig_probe(rig, "a")->at = 0;
    graph_rig_commit(rig, "fade 0.05; disconnect a b; connect b a");
    graph_rig_run(rig, 300);
    ck_assert_ptr_nonnull(graph_rig_edge(rig, "b", "a"));
    struct answer *answer = graph_rig_commit(rig, "disconnect b a");
    graph_rig_run(rig, 5000);
    ck_assert_uint_eq(answer->n_calls, 1);
    for (unsigned i = 0; i < 5300; i++)
        MUST(graph_rig_probe(rig, "a")->take[0][i] == 0, "frame %u", i);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    ck_assert_uint_eq(graph_rig_node(rig, "a")->n_in, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_waiting_edge_may_be_given_another_level_or_another_fade)
{
    struct graph_rig *rig = rig_with("add s source value=1; add a probe; add b probe; connect s b; connect a b");
    graph_rig_commit(rig, "fade 0.05; disconnect a b; connect b a");
    graph_rig_run(rig, 300);
    graph_rig_commit(rig, "fade 0; connect b a gain=6");
    graph_rig_settle(rig);
    graph_rig_probe(rig, "a")->at = 0;
    graph_rig_run(rig, 10);
    ck_assert_double_eq_tol((double)graph_rig_probe(rig, "a")->take[0][9], pow(10, 0.3), 1e-6);
    graph_rig_free(rig);
}
END_TEST

START_TEST(the_fading_edge_may_come_back_when_the_waiting_one_has_left)
{
    struct graph_rig *rig = rig_with("add s source value=1; add a probe; add b probe; connect s a; connect a b");
    graph_rig_commit(rig, "fade 0.1; disconnect a b; connect b a");
    graph_rig_run(rig, 300);
    ck_assert_int_eq(graph_rig_try(rig, "connect a b"), ERROR_CYCLE);
    graph_rig_commit(rig, "fade 0.01; disconnect b a; connect a b");
    graph_rig_settle(rig);
    graph_rig_probe(rig, "b")->at = 0;
    graph_rig_run(rig, 10);
    ck_assert(graph_rig_probe(rig, "b")->take[0][0] == 1);
    graph_check_model(rig->ctl);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_node_leaves_with_the_end_of_its_fade,
        an_edge_removed_on_a_long_way_to_silence_gets_there_without_a_step,
        an_edge_back_for_less_than_a_period_fades_as_it_was_told_last,
        a_whole_chain_that_is_removed_rings_out_together,
        a_node_replaced_under_its_name_is_crossfaded,
        what_is_replaced_by_its_like_sounds_on_without_a_dip,
        ports_stay_until_their_sound_has_faded,
        no_two_ports_are_wanted_under_one_name_or_number,
        a_change_that_moves_no_ports_wishes_for_none,
        an_edge_that_closes_a_loop_with_a_fading_one_comes_in_when_that_is_gone,
        a_waiting_edge_that_is_removed_again_never_sounds,
        a_waiting_edge_may_be_given_another_level_or_another_fade,
        the_fading_edge_may_come_back_when_the_waiting_one_has_left,
    };
    return suite_run("leaving", 60, tests, ROWS(tests));
}
