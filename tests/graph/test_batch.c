/* From a committed transaction to its answer. */
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
    struct graph_rig *rig =
        rig_with("add a source value=1; add b source value=10; add p probe; connect a p; add late source value=0");
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, 100);
    struct answer *answer =
        graph_rig_commit(rig, "fade 0; disconnect a p; connect b p; set p level 7 0; connect late p; set late value 5 0");
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

START_TEST(a_sound_card_that_has_gone_is_asked_for_nothing_any_more)
{
    struct graph_rig *rig = rig_with("add old output 3");
    rig->holds_ports = true;
    struct answer *ports = graph_rig_commit(rig, "add more output 3");
    graph_rig_run(rig, 3000); /* it is back, and waits for its ports */
    graph_rig_commit(rig, "remove old");
    ctl_poll(rig->ctl);
    graph_rig_cycle(rig, 3000); /* back as well, with ports to be given up */
    rig->is_unplugged = true;
    ctl_free(rig->ctl);
    ck_assert_uint_eq(ports->n_calls, 1);
    ck_assert_int_eq(ports->error.code, ERROR_NONE); /* it took effect */
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

/* ---- bounds --------------------------------------------------------------------------------------------------------- */

START_TEST(while_no_cycle_runs_edits_gather_instead_of_plans)
{
    struct graph_rig *rig = rig_with("add s source; connect s out");
    struct answer *answers[500];
    for (unsigned i = 0; i < ROWS(answers); i++) {
        answers[i] = graph_rig_commit(rig, "connect s out gain=-%u", i % 20);
        ctl_poll(rig->ctl);
        ck_assert_uint_le(rig->ctl->n_sent, 64);
    }
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->ctl->n_sent, 0);
    for (unsigned i = 0; i < ROWS(answers); i++) {
        ck_assert_uint_eq(answers[i]->n_calls, 1);
        ck_assert_int_eq(answers[i]->error.code, ERROR_NONE);
        ck_assert(i == 0 || answers[i]->place > answers[i - 1]->place);
    }
    graph_rig_free(rig);
}
END_TEST

static int set_often(struct graph_rig *rig, unsigned n, struct error *error)
{
    struct tx *tx = tx_open(rig->ctl, 0);
    struct node *node = model_find(&rig->ctl->model, "g");
    int code = 0;
    for (unsigned i = 0; i < n && !code; i++)
        code = tx_set_value(tx, node, 0, -(float)(i % 60), 0, error);
    if (code)
        tx_rollback(tx);
    else
        tx_commit(tx, (struct completion){0});
    return code;
}

START_TEST(what_one_cycle_has_to_take_in_is_bounded)
{
    struct graph_rig *rig = rig_with("add g gain");
    struct error error = {0};
    ck_assert_int_eq(set_often(rig, VALUES_MAX + 1, &error), ERROR_TOO_BIG);
    ck_assert_ptr_nonnull(strstr(error.text, "4096"));
    /* A full batch goes at once. What follows is held until it is back, twice as much at most. */
    unsigned n_taken = 0;
    while (n_taken < 100 && set_often(rig, VALUES_MAX, &error) == 0)
        n_taken++;
    ck_assert_int_eq(error.code, ERROR_BUSY);
    ck_assert_uint_eq(rig->ctl->n_sent, 1);
    ck_assert_uint_eq(n_taken, 1 + 2);
    graph_rig_settle(rig);
    ck_assert_int_eq(set_often(rig, 60, &error), 0);
    graph_rig_settle(rig);
    ck_assert_float_eq(model_find(&rig->ctl->model, "g")->object->params[0].value, -59);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_answer_comes_once_after_the_audio_thread_has_taken_the_change,
        while_no_cycle_runs_edits_gather_instead_of_plans,
        what_one_cycle_has_to_take_in_is_bounded,
        edits_that_wait_together_share_a_plan_and_a_frame_and_keep_their_answers,
        values_alone_make_no_revision,
        values_alone_need_no_plan,
        all_of_a_transaction_is_heard_from_the_same_frame,
        answers_wait_for_the_sound_card_and_keep_their_order,
        what_cannot_be_answered_any_more_is_answered_cancelled,
        a_sound_card_that_has_gone_is_asked_for_nothing_any_more,
        control_wants_to_be_called_soon_only_while_something_is_outstanding,
        a_value_never_overtakes_an_edit_that_was_committed_before_it,
        a_node_can_be_given_a_value_before_the_engine_knows_it,
        a_value_for_a_node_that_is_removed_at_once_does_no_harm,
    };
    return suite_run("batch", 60, tests, ROWS(tests));
}
