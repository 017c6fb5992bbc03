/* From a committed transaction to its answer, and what leaves with a fade. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "tests/graph_check.h"
#include "tests/system/suite.h"

#define RATE_HZ 48000

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    return rig;
}

static void check_answered(const struct answer *answer, unsigned place, uint64_t frame)
{
    ck_assert_uint_eq(answer->n_calls, 1);
    ck_assert_int_eq(answer->error.code, ERROR_NONE);
    ck_assert_uint_eq(answer->place, place);
    ck_assert_uint_eq(answer->frame, frame);
}

static void poll_often(struct graph_rig *rig)
{
    for (unsigned i = 0; i < 10; i++)
        ctl_poll(rig->ctl);
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

START_TEST(an_answer_comes_once_after_the_audio_thread_has_taken_the_change)
{
    struct graph_rig *rig = rig_with("add s source");
    unsigned n = rig->n_answers;
    struct answer *answer = graph_rig_commit(rig, "connect s out");
    poll_often(rig);
    ck_assert_uint_eq(answer->n_calls, 0);
    uint64_t frame = ctl_clock(rig->ctl);
    graph_rig_cycle(rig, 64);
    ck_assert_uint_eq(answer->n_calls, 0);
    poll_often(rig);
    check_answered(answer, n + 1, frame);
    graph_rig_run(rig, 5000);
    check_answered(answer, n + 1, frame);
    graph_rig_free(rig);
}
END_TEST

START_TEST(edits_that_wait_together_share_a_plan_and_a_frame_and_keep_their_answers)
{
    struct graph_rig *rig = rig_with("add s source");
    struct answer *answers[20];
    unsigned n = rig->n_answers;
    uint64_t revision = rig->ctl->revision;
    graph_rig_run(rig, 77);
    for (unsigned i = 0; i < 20; i++)
        answers[i] = graph_rig_commit(rig, "add n%u gain 1; connect s n%u; connect n%u out", i, i, i);
    ctl_poll(rig->ctl);
    ck_assert_uint_eq(rig->ctl->outbox.n_under_way, 1);
    uint64_t frame = ctl_clock(rig->ctl);
    graph_rig_run(rig, 256);
    for (unsigned i = 0; i < 20; i++) {
        check_answered(answers[i], n + 1 + i, frame);
        ck_assert_uint_eq(answers[i]->revision, revision + 1 + i);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(values_alone_make_no_revision)
{
    struct graph_rig *rig = rig_with("add p probe");
    uint64_t revision = rig->ctl->revision;
    struct answer *value = graph_rig_commit(rig, "set p level 3");
    struct answer *edit = graph_rig_commit(rig, "set p level 4; add q probe");
    struct answer *nothing = graph_rig_commit(rig, " ");
    graph_rig_run(rig, 100);
    ck_assert_uint_eq(value->revision, revision);
    ck_assert_uint_eq(edit->revision, revision + 1);
    ck_assert_uint_eq(nothing->revision, revision + 1);
    ck_assert_uint_eq(nothing->n_calls, 1);
    ck_assert_uint_eq(rig->ctl->revision, revision + 1);
    ck_assert_int_ne(graph_rig_try(rig, "add r probe; add r probe"), 0);
    ck_assert_uint_eq(rig->ctl->revision, revision + 1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(values_alone_need_no_plan)
{
    struct graph_rig *rig = rig_with("add p probe");
    const struct plan *plan = rig->ctl->engine->plan;
    struct answer *answer = graph_rig_commit(rig, "set p level 3 0; set p tone 500 0");
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, 100);
    ck_assert_ptr_eq(rig->ctl->engine->plan, plan);
    ck_assert_uint_eq(answer->n_calls, 1);
    ck_assert(graph_rig_probe(rig, "p")->take[PROBE_LEVEL][0] == 3);
    ck_assert(graph_rig_probe(rig, "p")->take[PROBE_TONE][0] == 500);
    graph_rig_free(rig);
}
END_TEST

START_TEST(all_of_a_transaction_is_heard_from_the_same_frame)
{
    struct graph_rig *rig = rig_with("add a source value=1; add b source value=10; add p probe; connect a p; add late source value=0");
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, 100);
    struct answer *answer = graph_rig_commit(rig, "fade 0; disconnect a p; connect b p; set p level 7 0; connect late p; set late value 5 0");
    uint64_t frame = ctl_clock(rig->ctl);
    graph_rig_run(rig, 100);
    ck_assert_uint_eq(answer->frame, frame);
    const struct probe *probe = graph_rig_probe(rig, "p");
    for (unsigned i = 0; i < 200; i++) {
        MUST(probe->take[0][i] == (i < 100 ? 1.0f : 15.0f), "frame %u: %g", i, (double)probe->take[0][i]);
        MUST(probe->take[PROBE_LEVEL][i] == (i < 100 ? 0.0f : 7.0f), "frame %u", i);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(answers_wait_for_the_sound_card_and_keep_their_order)
{
    struct graph_rig *rig = rig_with("add s source");
    unsigned n = rig->n_answers;
    rig->holds_ports = true;
    struct answer *ports = graph_rig_commit(rig, "add more output 3");
    uint64_t frame = ctl_clock(rig->ctl);
    graph_rig_run(rig, 256);
    struct answer *edit = graph_rig_commit(rig, "connect s more");
    graph_rig_run(rig, 3000);
    ck_assert_uint_eq(ports->n_calls, 0);
    ck_assert_uint_eq(edit->n_calls, 0);
    rig->holds_ports = false;
    ctl_poll(rig->ctl);
    check_answered(ports, n + 1, frame);
    check_answered(edit, n + 2, frame + 256);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_cannot_be_answered_any_more_is_answered_cancelled)
{
    struct graph_rig *rig = rig_with("add s source; add p probe; connect s p");
    struct answer *sent = graph_rig_commit(rig, "remove s; add s sum; set p level 2");
    ctl_poll(rig->ctl);
    struct answer *taken = graph_rig_commit(rig, "add x source; connect x p");
    ctl_poll(rig->ctl);
    graph_rig_cycle(rig, 10);
    struct answer *under_way = graph_rig_commit(rig, "remove p");
    ctl_poll(rig->ctl);
    struct answer *unsent = graph_rig_commit(rig, "remove x; add x output; add p probe");
    struct answer answers[4];
    const struct answer *const all[] = {sent, taken, under_way, unsent};
    ctl_free(rig->ctl);
    for (unsigned i = 0; i < 4; i++) {
        answers[i] = *all[i];
        ck_assert_uint_eq(answers[i].n_calls, 1);
        ck_assert_int_eq(answers[i].error.code, i < 2 ? ERROR_NONE : ERROR_CANCELLED);
    }
    rig->ctl = NULL;
    graph_rig_free(rig);
}
END_TEST

START_TEST(control_wants_to_be_called_soon_only_while_something_is_outstanding)
{
    struct graph_rig *rig = rig_with("add s source; add p probe; connect s p");
    ck_assert_int_eq(ctl_poll(rig->ctl), 20);
    graph_rig_commit(rig, "disconnect s p");
    ck_assert_int_eq(ctl_poll(rig->ctl), 1);
    graph_rig_cycle(rig, 100);
    ck_assert_int_eq(ctl_poll(rig->ctl), 1); /* it fades */
    graph_rig_settle(rig);
    ck_assert_int_eq(ctl_poll(rig->ctl), 20);
    graph_rig_set(rig, "p", "level", 1, 0);
    ck_assert_int_eq(ctl_poll(rig->ctl), 1);
    graph_rig_cycle(rig, 1);
    ck_assert_int_eq(ctl_poll(rig->ctl), 20);
    graph_rig_free(rig);
}
END_TEST

/* ---- values and edits ----------------------------------------------------------------------------------------------- */

static float level_after_a_cycle(struct graph_rig *rig)
{
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, 10);
    for (unsigned i = 1; i < 10; i++)
        ck_assert(graph_rig_probe(rig, "p")->take[PROBE_LEVEL][i] == graph_rig_probe(rig, "p")->take[PROBE_LEVEL][0]);
    return graph_rig_probe(rig, "p")->take[PROBE_LEVEL][0];
}

START_TEST(a_value_never_overtakes_an_edit_that_was_committed_before_it)
{
    struct graph_rig *rig = rig_with("add p probe");
    graph_rig_commit(rig, "set p level 5 0");
    graph_rig_set(rig, "p", "level", 7, 0);
    ck_assert(level_after_a_cycle(rig) == 7);
    graph_rig_set(rig, "p", "level", 1, 0);
    graph_rig_commit(rig, "set p level 2 0");
    graph_rig_set(rig, "p", "level", 3, 0);
    graph_rig_commit(rig, "set p level 4 0; add q probe");
    ck_assert(level_after_a_cycle(rig) == 4);
    ck_assert(graph_rig_node(rig, "p")->values[0] == 4);
    graph_rig_commit(rig, "set p level 5 0");
    ctl_poll(rig->ctl); /* on its way, not taken yet */
    graph_rig_set(rig, "p", "level", 6, 0);
    ck_assert(level_after_a_cycle(rig) == 6);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_node_can_be_given_a_value_before_the_engine_knows_it)
{
    struct graph_rig *rig = rig_with(" ");
    graph_rig_commit(rig, "add p probe level=1");
    graph_rig_set(rig, "p", "level", 6, 0);
    graph_rig_commit(rig, "add q probe; connect p q");
    graph_rig_set(rig, "p", "level", 8, 0);
    ck_assert(level_after_a_cycle(rig) == 8);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_value_for_a_node_that_is_removed_at_once_does_no_harm)
{
    struct graph_rig *rig = rig_with("add p probe; add s source; connect s p");
    graph_rig_set(rig, "p", "level", 6, 0.1);
    graph_rig_commit(rig, "fade 0; set p level 7; remove p");
    graph_rig_commit(rig, "add x probe; set x level 3; remove x");
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->ctl->model.n_linked, rig->ctl->model.n_nodes);
    graph_rig_free(rig);
}
END_TEST

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

START_TEST(a_whole_chain_that_is_removed_rings_out_together)
{
    struct graph_rig *rig = rig_with("add s source value=1; add a probe; add b probe; add p probe; connect s a; connect a b; connect b p");
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
        an_answer_comes_once_after_the_audio_thread_has_taken_the_change,
        edits_that_wait_together_share_a_plan_and_a_frame_and_keep_their_answers,
        values_alone_make_no_revision,
        values_alone_need_no_plan,
        all_of_a_transaction_is_heard_from_the_same_frame,
        answers_wait_for_the_sound_card_and_keep_their_order,
        what_cannot_be_answered_any_more_is_answered_cancelled,
        control_wants_to_be_called_soon_only_while_something_is_outstanding,
        a_value_never_overtakes_an_edit_that_was_committed_before_it,
        a_node_can_be_given_a_value_before_the_engine_knows_it,
        a_value_for_a_node_that_is_removed_at_once_does_no_harm,
        a_node_leaves_with_the_end_of_its_fade,
        a_whole_chain_that_is_removed_rings_out_together,
        a_node_replaced_under_its_name_is_crossfaded,
        ports_stay_until_their_sound_has_faded,
        no_two_ports_are_wanted_under_one_name_or_number,
        a_change_that_moves_no_ports_wishes_for_none,
        an_edge_that_closes_a_loop_with_a_fading_one_comes_in_when_that_is_gone,
        a_waiting_edge_that_is_removed_again_never_sounds,
        a_waiting_edge_may_be_given_another_level_or_another_fade,
        the_fading_edge_may_come_back_when_the_waiting_one_has_left,
    };
    return suite_run("batch", 60, tests, ROWS(tests));
}
