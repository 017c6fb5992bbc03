/* Editing: what is refused and why, and that going back leaves no trace. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ  48000
#define N_ROUNDS RIG_ROUNDS(6000, 600)
#define BASE                                                                                                               \
    "add s source 2; add t source 3; add p probe 2; add q probe 2; add m sum; connect s p gain=-3; connect p q;"           \
    "connect s q:level depth=2"

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    return rig;
}

/* ---- errors --------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *script;
    enum error_code code;
    const char *words[3]; /* that the text must hold: the argument, its value, what would have been right */
} refusals[] = {
    {"add p source", ERROR_NAME_TAKEN, {"\"p\"", "probe"}},
    {"add in source", ERROR_NAME_TAKEN, {"\"in\"", "input"}},
    {"add 1x source", ERROR_BAD_VALUE, {"\"1x\"", "letter"}},
    {"add a/b/c/d/e source", ERROR_BAD_VALUE, {"\"a/b/c/d/e\"", "4"}},
    {"add w source 9", ERROR_RANGE, {"channels 9", "1 to 8"}},
    {"add w sum 2", ERROR_UNSUPPORTED, {"sum", "width"}},
    {"remove zebra", ERROR_NO_SUCH_NODE, {"\"zebra\"", "/graph/list"}},
    {"remove pp", ERROR_NO_SUCH_NODE, {"\"pp\"", "did you mean \"p\""}},
    {"remove in", ERROR_DENIED, {"\"in\""}},
    {"remove out", ERROR_DENIED, {"\"out\""}},
    {"connect zebra p", ERROR_NO_SUCH_NODE, {"\"zebra\""}},
    {"connect s zebra:in", ERROR_NO_SUCH_NODE, {"\"zebra\""}},
    {"connect s: p", ERROR_BAD_VALUE, {"\"s:\"", "node:port"}},
    {"connect s p:in.9", ERROR_BAD_VALUE, {"p:in.9", ".2 or .3-4"}},
    {"connect s:left p", ERROR_NO_SUCH_PORT, {"\"left\"", "s (source)", "out"}},
    {"connect s p:left", ERROR_NO_SUCH_PORT, {"\"left\"", "p (probe)", "in, side, level, tone"}},
    {"connect s p:mode", ERROR_NO_SUCH_PORT, {"\"mode\"", "p (probe)"}}, /* whole numbers are not modulated */
    {"connect p:level q", ERROR_NO_SUCH_PORT, {"\"level\"", "out"}},
    {"connect out p", ERROR_NO_SUCH_PORT, {"out (output)", "no output"}},
    {"connect s in", ERROR_NO_SUCH_PORT, {"in (input)", "no input"}},
    {"connect p s", ERROR_NO_SUCH_PORT, {"s (source)", "value"}},
    {"connect s:out.3 p:in.1", ERROR_NO_SUCH_PORT, {"s:out.3", "channel 3", "has 2"}},
    {"connect s p:in.2-4", ERROR_NO_SUCH_PORT, {"p:in.2-4", "channel 4", "has 2"}},
    {"connect s p:side.2", ERROR_NO_SUCH_PORT, {"p:side.2", "has 1"}},
    {"connect t p", ERROR_BAD_TYPE, {"t has 3", "p has 2", "equal, or one of them 1"}},
    {"connect t:out.1-2 m:a gain=1; connect t:out.1-3 p", ERROR_BAD_TYPE, {"t:out.1-3 has 3", "p has 2"}},
    {"connect s p:level", ERROR_BAD_TYPE, {"p:level", "depth"}},
    {"connect s p depth=1", ERROR_BAD_TYPE, {"p is no parameter", "gain"}},
    {"connect s p:level depth=nan", ERROR_BAD_VALUE, {"depth", "finite"}},
    {"connect s p:level depth=inf", ERROR_BAD_VALUE, {"depth", "finite"}},
    {"connect s p gain=24.5", ERROR_RANGE, {"gain 24.5 dB", "-120 to 24"}},
    {"connect s p gain=-121", ERROR_RANGE, {"gain -121 dB", "-120 to 24"}},
    {"connect s p gain=nan", ERROR_RANGE, {"gain", "nan", "-120 to 24"}},
    {"connect p p", ERROR_CYCLE, {"p -> p"}},
    {"connect q:out.1 p:side", ERROR_CYCLE, {"q:out.1 to p:side", "q -> p -> q"}},
    {"connect q p:level depth=1", ERROR_CYCLE, {"q -> p -> q"}},
    {"add r gain; connect q r; connect r m:c; connect m p", ERROR_CYCLE, {"m to p", "m -> p -> q -> r -> m"}},
    {"disconnect s zebra", ERROR_NO_SUCH_NODE, {"\"zebra\""}},
    {"disconnect t p:side", ERROR_CONFLICT, {"t is not connected to p:side"}},
    {"disconnect s:out.1 p:in.1", ERROR_CONFLICT, {"s:out.1", "p:in.1"}}, /* all channels are connected, not this one */
    {"disconnect q p", ERROR_CONFLICT, {"q", "p"}},
    {"disconnect s p; disconnect s p", ERROR_CONFLICT, {"s", "p"}},
    {"remove q; connect p q", ERROR_NO_SUCH_NODE, {"\"q\""}},
    {"remove q; remove q", ERROR_NO_SUCH_NODE, {"\"q\""}},
};

START_TEST(every_refusal_has_its_code_and_says_what_was_wrong)
{
    struct graph_rig *rig = rig_with(BASE);
    for (unsigned i = 0; i < ROWS(refusals); i++) {
        char *before = graph_dump(rig->ctl);
        int code = graph_rig_try(rig, "%s", refusals[i].script);
        MUST(code == (int)refusals[i].code, "\"%s\": %s, %s", refusals[i].script, error_symbol((enum error_code)code),
             rig->error.text);
        for (unsigned w = 0; w < 3 && refusals[i].words[w]; w++)
            MUST(strstr(rig->error.text, refusals[i].words[w]), "\"%s\": no \"%s\" in: %s", refusals[i].script,
                 refusals[i].words[w], rig->error.text);
        char *after = graph_dump(rig->ctl);
        ck_assert_str_eq(before, after);
        free(before);
        free(after);
    }
    graph_check_model(rig->ctl);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_operation_that_fails_changes_nothing_and_the_transaction_goes_on)
{
    struct graph_rig *rig = rig_with(BASE);
    struct tx *tx = tx_open(rig->ctl, 0.01);
    ck_assert_int_eq(graph_rig_stage(rig, tx, "add u source; connect u p:side"), 0);
    for (unsigned i = 0; i < ROWS(refusals); i++) {
        if (strchr(refusals[i].script, ';'))
            continue;
        char *before = graph_dump(rig->ctl);
        ck_assert_int_eq(graph_rig_stage(rig, tx, refusals[i].script), (int)refusals[i].code);
        char *after = graph_dump(rig->ctl);
        ck_assert_str_eq(before, after);
        free(before);
        free(after);
    }
    ck_assert_int_eq(graph_rig_stage(rig, tx, "connect u q:side gain=-9"), 0);
    tx_commit(tx, (struct completion){0});
    graph_rig_settle(rig);
    ck_assert_ptr_nonnull(graph_rig_edge(rig, "u", "q"));
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    graph_rig_free(rig);
}
END_TEST

START_TEST(device_ports_run_out_with_an_error)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ); /* in and out have four of 2048 */
    for (unsigned i = 0; i < 255; i++)
        graph_rig_commit(rig, "add o%u output 8", i);
    ck_assert_int_eq(graph_rig_try(rig, "add more output 8"), ERROR_TOO_BIG);
    ck_assert_ptr_nonnull(strstr(rig->error.text, "2048"));
    graph_rig_commit(rig, "add last input 4");
    ck_assert_int_eq(graph_rig_try(rig, "add more input 1"), ERROR_TOO_BIG);
    ck_assert_int_eq(graph_rig_try(rig, "remove o7; add more input 8"), ERROR_TOO_BIG); /* o7 has not gone yet */
    graph_rig_commit(rig, "remove o7");
    graph_rig_settle(rig);
    graph_rig_commit(rig, "add more input 8");
    ck_assert_uint_eq(graph_rig_node(rig, "more")->device_first, 4 + 7 * 8);
    graph_rig_free(rig);
}
END_TEST

START_TEST(only_one_transaction_is_open_at_a_time)
{
    struct graph_rig *rig = rig_with(BASE);
    struct tx *tx = tx_open(rig->ctl, 0);
    ck_assert_ptr_null(tx_open(rig->ctl, 0));
    tx_rollback(tx);
    tx = tx_open(rig->ctl, 0);
    ck_assert_ptr_nonnull(tx);
    tx_rollback(tx);
    graph_rig_free(rig);
}
END_TEST

/* ---- what edits come to --------------------------------------------------------------------------------------------- */

START_TEST(a_node_gets_its_width_and_its_values)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add a gain; add b gain 5 gain=-7; add c source");
    ck_assert_uint_eq(graph_rig_node(rig, "a")->channels, 2);
    ck_assert_uint_eq(graph_rig_node(rig, "b")->channels, 5);
    ck_assert_uint_eq(graph_rig_node(rig, "c")->channels, 1);
    ck_assert(graph_rig_node(rig, "a")->values[0] == 0);
    ck_assert(graph_rig_node(rig, "b")->values[0] == -7);
    ck_assert_uint_eq(rig->ctl->model.n_nodes, 5);
    graph_rig_free(rig);
}
END_TEST

START_TEST(connecting_again_gives_the_edge_another_level)
{
    struct graph_rig *rig = rig_with(BASE);
    struct edge *edge = graph_rig_edge(rig, "s", "p");
    unsigned n_edges = rig->ctl->model.n_edges;
    graph_rig_commit(rig, "connect s p gain=-20");
    ck_assert_ptr_eq(graph_rig_edge(rig, "s", "p"), edge);
    ck_assert(edge->gain_db == -20);
    ck_assert_uint_eq(rig->ctl->model.n_edges, n_edges);
    graph_rig_commit(rig, "connect s:out.1 p:in.1"); /* other channels: another edge */
    ck_assert_uint_eq(rig->ctl->model.n_edges, n_edges + 1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(clearing_a_node_disconnects_its_inputs_only)
{
    struct graph_rig *rig = rig_with(BASE);
    graph_rig_commit(rig, "connect s m:b; connect p m:a; connect q:out.1 m:c; connect m out; clear m");
    ck_assert_ptr_null(graph_rig_edge(rig, "s", "m"));
    ck_assert_ptr_null(graph_rig_edge(rig, "p", "m"));
    ck_assert_ptr_null(graph_rig_edge(rig, "q", "m"));
    ck_assert_ptr_nonnull(graph_rig_edge(rig, "m", "out"));
    ck_assert_ptr_nonnull(graph_rig_edge(rig, "s", "p"));
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_name_is_free_at_once)
{
    struct graph_rig *rig = rig_with(BASE);
    graph_rig_commit(rig, "fade 1; remove p; add p source 2 value=4; connect p q");
    ck_assert_str_eq(graph_rig_node(rig, "p")->class->name, "source");
    graph_rig_run(rig, 1000); /* the old one is still fading */
    ck_assert_uint_eq(rig->ctl->model.n_linked, rig->ctl->model.n_nodes + 1);
    graph_rig_commit(rig, "remove p; add p sum; remove p; add p probe 1");
    graph_check_model(rig->ctl);
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->ctl->model.n_linked, rig->ctl->model.n_nodes);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    graph_rig_free(rig);
}
END_TEST

START_TEST(reconnecting_in_mid_fade_takes_the_same_edge_up_again)
{
    struct graph_rig *rig = rig_with(BASE);
    struct edge_rt *object = graph_rig_edge(rig, "s", "p")->object;
    graph_rig_commit(rig, "fade 0.1; disconnect s p");
    graph_rig_run(rig, 1000);
    ck_assert_ptr_null(graph_rig_edge(rig, "s", "p"));
    graph_rig_commit(rig, "connect s p gain=-3");
    ck_assert_ptr_eq(graph_rig_edge(rig, "s", "p")->object, object);
    graph_rig_settle(rig);
    ck_assert_ptr_eq(graph_rig_edge(rig, "s", "p")->object, object);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_loop_over_an_edge_that_was_just_removed_is_no_loop)
{
    struct graph_rig *rig = rig_with(BASE);
    graph_rig_commit(rig, "disconnect p q; connect q p");
    ck_assert_ptr_nonnull(graph_rig_edge(rig, "q", "p"));
    ck_assert_int_eq(graph_rig_try(rig, "connect p q"), ERROR_CYCLE);
    graph_rig_settle(rig);
    graph_check_model(rig->ctl);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    graph_rig_free(rig);
}
END_TEST

/* ---- going back ----------------------------------------------------------------------------------------------------- */

static void check_rolls_back(struct graph_rig *rig, const char *script)
{
    char *before = graph_dump(rig->ctl);
    struct tx *tx = tx_open(rig->ctl, 0.5);
    MUST(graph_rig_stage(rig, tx, script) == 0, "%s: %s", script, rig->error.text);
    tx_rollback(tx);
    char *after = graph_dump(rig->ctl);
    ck_assert_str_eq(before, after);
    graph_check_model(rig->ctl);
    free(before);
    free(after);
}

START_TEST(rolling_back_leaves_the_model_exactly_as_it_was)
{
    static const char *const scripts[] = {
        "",
        "add x source 4 value=3",
        "add x output 3",
        "remove s; remove p; remove q; remove m; remove t",
        "connect s q; connect t:out.1 m:a",
        "connect s p gain=5; connect s p gain=7",
        "disconnect s p; connect s p gain=11",
        "connect s q; disconnect s q; connect s q; disconnect s q; connect s q gain=2",
        "disconnect s p; connect s p gain=11; disconnect s p; connect s p gain=12",
        "set p level 3; set p level 4; set p tone 500 3",
        "add p2 gain; connect p p2; remove p; add p source; connect p p2; remove p2; add p2 sum; set p value 3",
        "disconnect p q; connect q p; remove q; add q source; connect q:out.1 p:side",
        "clear p; clear q; connect s q gain=3",
    };
    for (unsigned i = 0; i < ROWS(scripts); i++) {
        struct graph_rig *rig = rig_with(BASE);
        check_rolls_back(rig, scripts[i]);
        graph_rig_commit(rig, "fade 0.1; disconnect s p; add x0 output 1; remove m");
        graph_rig_run(rig, 300); /* in the middle of a fade */
        if (!strstr(scripts[i], " m") && !strstr(scripts[i], "disconnect s p") && !strstr(scripts[i], "x output"))
            check_rolls_back(rig, scripts[i]);
        graph_rig_settle(rig);
        graph_check_plan(rig->ctl, rig->ctl->engine->plan);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(rolling_back_does_not_disturb_what_was_committed_before_it)
{
    struct graph_rig *rig = rig_with(BASE);
    graph_rig_commit(rig, "connect s q; disconnect s q"); /* an edge that never sounds, gone with the next change */
    check_rolls_back(rig, "connect s q gain=1; remove s");
    graph_rig_commit(rig, "add y gain; connect y out");
    check_rolls_back(rig, "remove y; add y source");
    graph_rig_settle(rig);
    graph_check_model(rig->ctl);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    ck_assert_ptr_nonnull(graph_rig_edge(rig, "y", "out"));
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_transaction_that_was_rolled_back_cannot_be_heard)
{
    struct graph_rig *rig = rig_with("add s source value=2; add p probe level=1; connect s p");
    graph_rig_probe(rig, "p")->at = 0;
    ck_assert_int_eq(graph_rig_try(rig, "set p level 5; disconnect s p; add x source; connect x p; remove zebra"),
                     ERROR_NO_SUCH_NODE);
    const struct plan *plan = rig->ctl->engine->plan;
    graph_rig_run(rig, 2000);
    ck_assert_ptr_eq(rig->ctl->engine->plan, plan);
    for (unsigned i = 0; i < 2000; i++)
        MUST(graph_rig_probe(rig, "p")->take[0][i] == 2 && graph_rig_probe(rig, "p")->take[PROBE_LEVEL][i] == 1, "frame %u",
             i);
    graph_rig_free(rig);
}
END_TEST

/* One random statement about nodes a..h; most mean something. */
static void statement_make(char *text, size_t bytes, uint32_t *seed)
{
    static const char *const types[] = {"gain 2", "probe 2", "source 2", "sum", "output 2", "gain 1"};
    char a = (char)('a' + dice_below(seed, 8)), b = (char)('a' + dice_below(seed, 8));
    switch (dice_below(seed, 8)) {
    case 0:
    case 1:
        snprintf(text, bytes, "add %c %s", a, types[dice_below(seed, ROWS(types))]);
        break;
    case 2:
        snprintf(text, bytes, "remove %c", a);
        break;
    case 3:
        snprintf(text, bytes, "disconnect %c %c", a, b);
        break;
    case 4:
        snprintf(text, bytes, "clear %c", a);
        break;
    default:
        snprintf(text, bytes, "connect %c %c gain=-%u", a, b, dice_below(seed, 30));
    }
}

START_TEST(thousands_of_random_transactions_are_taken_back_or_kept_whole)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    uint32_t seed = 77;
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        struct tx *tx = NULL;
        bool keeps = dice_below(&seed, 3) == 0;
        char *before = graph_dump(rig->ctl), text[64];
        unsigned n_done = 0, n_statements = 1 + dice_below(&seed, 9);
        tx = tx_open(rig->ctl, dice_below(&seed, 3) * 0.01);
        for (unsigned i = 0; i < n_statements; i++) {
            statement_make(text, sizeof text, &seed);
            n_done += graph_rig_stage(rig, tx, text) == 0;
        }
        graph_check_model(rig->ctl);
        if (keeps) {
            tx_commit(tx, (struct completion){0});
        } else {
            tx_rollback(tx);
            char *after = graph_dump(rig->ctl);
            ck_assert_str_eq(before, after);
            free(after);
        }
        free(before);
        if (dice_below(&seed, 3) == 0)
            graph_rig_run(rig, 1 + dice_below(&seed, 300));
        if (!rig->ctl->batch && !rig->ctl->under_way)
            graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    }
    graph_rig_settle(rig);
    graph_check_model(rig->ctl);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    ck_assert_uint_eq(rig->ctl->model.n_linked, rig->ctl->model.n_nodes);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_refusal_has_its_code_and_says_what_was_wrong,
        an_operation_that_fails_changes_nothing_and_the_transaction_goes_on,
        device_ports_run_out_with_an_error,
        only_one_transaction_is_open_at_a_time,
        a_node_gets_its_width_and_its_values,
        connecting_again_gives_the_edge_another_level,
        clearing_a_node_disconnects_its_inputs_only,
        a_name_is_free_at_once,
        reconnecting_in_mid_fade_takes_the_same_edge_up_again,
        a_loop_over_an_edge_that_was_just_removed_is_no_loop,
        rolling_back_leaves_the_model_exactly_as_it_was,
        rolling_back_does_not_disturb_what_was_committed_before_it,
        a_transaction_that_was_rolled_back_cannot_be_heard,
        thousands_of_random_transactions_are_taken_back_or_kept_whole,
    };
    return suite_run("tx", 60, tests, ROWS(tests));
}
