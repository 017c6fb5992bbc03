/* Edits that make one thing of another: names, copies, replacements, and what takes another node to be set. */
#include <stdlib.h>
#include <string.h>

#include "tests/osc_rig.h"

static struct osc_rig rig;

#define BASE                                                                                                               \
    "/graph/add osc tone freq 300.0\n"                                                                                     \
    "/graph/add filter lp cutoff 500.0\n"                                                                                  \
    "/graph/add lfo sweep\n"                                                                                               \
    "/graph/add gain last gain -6.0\n"                                                                                     \
    "/graph/connect tone:out lp:in gain -3.0\n"                                                                            \
    "/graph/connect sweep:out lp:cutoff depth 2.0\n"                                                                       \
    "/graph/connect lp:out last:in\n"                                                                                      \
    "/graph/connect lp:out.2 out:in.1 gain -9.0\n"                                                                         \
    "/graph/connect last:out lp:in gain -12.0 feedback\n"                                                                  \
    "/graph/connect last:out out:in\n"

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do_each(&rig, BASE);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static void expect_dump(const char *expected)
{
    ck_assert_str_eq(osc_rig_dump(&rig), expected);
}

static void expect_base_with(const char *old, const char *new)
{
    char *expected = osc_rig_with(BASE, old, new);
    expect_dump(expected);
    free(expected);
}

static const struct node *node_of(const char *name)
{
    return model_find(&rig.ctl->model, name);
}

/* ---- names ------------------------------------------------------------------------------------------------------------ */

START_TEST(a_renamed_node_keeps_its_place_its_sound_and_all_else)
{
    const struct node_rt *object = node_of("lp")->object;
    const struct plan *plan = rig.ctl->engine->plan;
    osc_rig_do(&rig, "/graph/rename lp low/pass");
    expect_base_with(" lp", " low/pass");
    ck_assert_ptr_eq(node_of("low/pass")->object, object);
    ck_assert_ptr_eq(rig.ctl->engine->plan, plan);
    ck_assert_ptr_null(node_of("lp"));
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/low/pass/cutoff"), "/node/low/pass/cutoff 500.0");
    osc_rig_do(&rig, "/graph/add gain lp");
}
END_TEST

START_TEST(names_can_be_exchanged_in_one_bundle)
{
    osc_rig_do(&rig, "[\n/graph/rename lp x\n/graph/rename last lp\n/graph/rename x last\n/node/lp/gain -7.0\n]");
    ck_assert_str_eq(node_of("lp")->class->name, "gain");
    ck_assert_str_eq(node_of("last")->class->name, "filter");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp/gain"), "/node/lp/gain -7.0");
}
END_TEST

START_TEST(a_rename_that_is_rolled_back_has_not_been)
{
    osc_rig_refuse(&rig, "[\n/graph/rename lp x\n/graph/rename last lp\n/graph/rename x out\n]", ERROR_NAME_TAKEN,
                   "message 3", NULL);
    expect_dump(BASE);
    ck_assert_str_eq(node_of("lp")->class->name, "filter");
}
END_TEST

START_TEST(a_node_may_take_a_name_that_only_its_own_values_stood_against)
{
    osc_rig_do(&rig, "/graph/rename last last/gain");
    osc_rig_do(&rig, "/graph/rename last/gain last");
    expect_dump(BASE);
}
END_TEST

/* ---- copies ----------------------------------------------------------------------------------------------------------- */

START_TEST(a_copy_has_the_values_and_no_connections)
{
    osc_rig_do(&rig, "/graph/copy lp lp2");
    expect_base_with("/graph/add gain last gain -6.0\n",
                     "/graph/add gain last gain -6.0\n/graph/add filter lp2 cutoff 500.0\n");
}
END_TEST

START_TEST(a_copy_with_edges_is_connected_to_the_same_others)
{
    osc_rig_do(&rig, "/graph/copy lp lp2 edges cutoff 700.0");
    const char *dump = osc_rig_dump(&rig);
    static const char *const lines[] = {
        "/graph/add filter lp2 cutoff 700.0\n",
        "/graph/connect tone:out lp2:in gain -3.0\n",
        "/graph/connect sweep:out lp2:cutoff depth 2.0\n",
        "/graph/connect lp2:out last:in\n",
        "/graph/connect lp2:out.2 out:in.1 gain -9.0\n",
        "/graph/connect last:out lp2:in gain -12.0 feedback\n",
    };
    for (unsigned i = 0; i < ROWS(lines); i++)
        ck_assert_msg(strstr(dump, lines[i]) != NULL, "%s is not in\n%s", lines[i], dump);
    ck_assert_uint_eq(rig.ctl->model.n_edges, 11);
}
END_TEST

START_TEST(a_copy_whose_connections_do_not_fit_is_refused_with_their_names)
{
    osc_rig_refuse(&rig, "/graph/copy lp lp2 edges channels 1", ERROR_CONFLICT, "lp:out to out:in", NULL);
    osc_rig_do(&rig, "/graph/copy lp lp2 channels 1");
}
END_TEST

START_TEST(a_loop_with_itself_is_copied_as_one)
{
    osc_rig_do(&rig, "/graph/connect last last feedback");
    osc_rig_do(&rig, "/graph/copy last echo edges");
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "/graph/connect echo:out echo:in feedback\n"));
}
END_TEST

START_TEST(what_is_of_the_moment_is_not_copied)
{
    osc_rig_do(&rig, "/graph/add adsr env attack 0.5 open T");
    osc_rig_do(&rig, "/graph/copy env env2");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/env2/open"), "/node/env2/open F");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/env2/attack"), "/node/env2/attack 0.5");
}
END_TEST

/* ---- replacements ------------------------------------------------------------------------------------------------------ */

START_TEST(a_replacement_keeps_name_place_and_what_fits)
{
    uint64_t sequence = node_of("lp")->sequence;
    osc_rig_do(&rig, "/graph/disconnect sweep lp:cutoff");
    osc_rig_do(&rig, "/graph/replace lp gain gain -2.0");
    char *without = osc_rig_with(BASE, "/graph/connect sweep:out lp:cutoff depth 2.0\n", "");
    char *expected = osc_rig_with(without, "/graph/add filter lp cutoff 500.0\n", "/graph/add gain lp gain -2.0\n");
    expect_dump(expected);
    ck_assert_uint_eq(node_of("lp")->sequence, sequence);
    osc_rig_wait(&rig);
    expect_dump(expected);
    ck_assert_uint_eq(rig.ctl->model.n_linked, 6);
    free(without);
    free(expected);
}
END_TEST

START_TEST(connections_that_do_not_fit_are_named_and_dropped_only_when_that_is_asked_for)
{
    osc_rig_refuse(&rig, "/graph/replace lp gain", ERROR_CONFLICT, "lp (gain)", "sweep:out to lp:cutoff", NULL);
    osc_rig_do(&rig, "/graph/replace lp gain drop");
    ck_assert_ptr_null(strstr(osc_rig_dump(&rig), "cutoff"));
    ck_assert_uint_eq(rig.ctl->model.n_edges, 5);
}
END_TEST

START_TEST(the_same_type_keeps_all_values_but_those_given)
{
    osc_rig_ask(&rig, "/node/lp/mode notch");
    osc_rig_do(&rig, "/graph/replace lp filter cutoff 800.0");
    expect_base_with("lp cutoff 500.0", "lp mode notch cutoff 800.0");
}
END_TEST

START_TEST(another_type_takes_over_the_values_that_mean_the_same_there)
{
    osc_rig_do(&rig, "/graph/add sample_hold sh rate 20.0");
    osc_rig_do(&rig, "/graph/replace sh lfo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/sh/rate"), "/node/sh/rate 20.0");
    osc_rig_do(&rig, "/graph/replace sh sample_hold rate 500.0");
    osc_rig_do(&rig, "/graph/replace sh lfo"); /* which does not go so high */
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/sh/rate"), "/node/sh/rate 1.0");
    osc_rig_do(&rig, "/graph/replace sh player"); /* whose rate is no frequency */
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/sh/rate"), "/node/sh/rate 1.0");
}
END_TEST

START_TEST(the_first_port_stands_for_the_first_of_another_name)
{
    osc_rig_do(&rig, "/graph/replace last mixer inputs 3");
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "/graph/connect lp:out last:in1\n"));
    osc_rig_do(&rig, "/graph/replace last gain");
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "/graph/connect lp:out last:in\n"));
}
END_TEST

START_TEST(what_is_fixed_points_to_a_replacement_that_works)
{
    osc_rig_do(&rig, "/graph/add mixer mix inputs 3 gain3 -7.0");
    osc_rig_do(&rig, "/graph/connect tone mix:in3");
    osc_rig_refuse(&rig, "/node/mix/inputs 2", ERROR_UNSUPPORTED, "/graph/replace mix mixer inputs VALUE", NULL);
    osc_rig_refuse(&rig, "/graph/replace mix mixer inputs 2", ERROR_CONFLICT, "tone:out to mix:in3", NULL);
    osc_rig_do(&rig, "/graph/replace mix mixer inputs 2 drop");
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "/graph/add mixer mix\n"));
    osc_rig_do(&rig, "/graph/replace mix mixer inputs 4 gain4 -1.0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/mix/gain3"), "/node/mix/gain3 0.0");
}
END_TEST

START_TEST(an_order_is_set_like_a_value_and_answered_like_an_edit)
{
    osc_rig_do(&rig, "/graph/add butterworth b order 4 cutoff 300.0");
    osc_rig_do(&rig, "/graph/connect tone b");
    const struct node_rt *object = node_of("b")->object;
    osc_rig_send(&rig, "/node/b/order 6");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /node/b/order *h 13");
    ck_assert_ptr_ne(node_of("b")->object, object);
    object = node_of("b")->object;
    osc_rig_do(&rig, "/node/b/order 6"); /* it is that already */
    ck_assert_ptr_eq(node_of("b")->object, object);
    osc_rig_do(&rig, "[\n/node/b/order 2\n/node/b/cutoff 400.0\n]");
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "/graph/connect tone:out b:in\n"));
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/b/order"), "/node/b/order 2");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/b/cutoff"), "/node/b/cutoff 400.0");
}
END_TEST

/* ---- the whole --------------------------------------------------------------------------------------------------------- */

START_TEST(a_cleared_graph_is_a_new_one_but_for_its_history)
{
    osc_rig_ask(&rig, "/node/out/ceiling -3.0");
    osc_rig_do(&rig, "/graph/clear");
    expect_dump("");
    ck_assert_uint_eq(rig.ctl->model.n_nodes, 2);
    osc_rig_do(&rig, "[\n/graph/add gain a\n/graph/clear\n/graph/add gain b\n]");
    expect_dump("/graph/add gain b\n");
}
END_TEST

START_TEST(a_path_is_the_shortest_way_from_node_to_node)
{
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/path tone out"), "/done 0 /graph/path 3 tone lp out");
    osc_rig_do(&rig, "/graph/disconnect lp:out.2 out:in.1");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/path tone out"), "/done 0 /graph/path 4 tone lp last out");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/path last lp"), "/done 0 /graph/path 2 last lp");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/path lp lp"), "/done 0 /graph/path 1 lp");
    osc_rig_refuse(&rig, "/graph/path out tone", ERROR_NO_MATCH, "\"out\"", "\"tone\"", NULL);
}
END_TEST

/* ---- what makes no sense ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *line;
    enum error_code code;
    const char *says;
} wrongs[] = {
    {"/graph/rename nobody x", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/rename lp last", ERROR_NAME_TAKEN, "there is a node named \"last\" already (gain)"},
    {"/graph/rename last last", ERROR_NAME_TAKEN, "there is a node named \"last\" already (gain)"},
    {"/graph/rename lp 9lives", ERROR_BAD_VALUE, "\"9lives\" is no name: "},
    {"/graph/rename lp x/norm", ERROR_BAD_VALUE, "the name \"x/norm\" must not end in /norm"},
    {"/graph/rename lp last/gain", ERROR_NAME_TAKEN, "\"last/gain\" is the address of a value of \"last\" (gain)"},
    {"/graph/rename out master", ERROR_DENIED, "the node \"out\" is part of every session and keeps its name"},
    {"/graph/copy lp last", ERROR_NAME_TAKEN, "there is a node named \"last\" already (gain)"},
    {"/graph/copy last x gain 1 edges gain 2", ERROR_BAD_TYPE, "\"gain\" is given twice"},
    {"/graph/copy last x drop", ERROR_BAD_TYPE, "\"drop\" needs a value behind it"},
    {"/graph/copy last x gain edges", ERROR_BAD_TYPE, "gain takes a number in dB, not \"edges\""},
    {"/graph/copy last x channels 1 edges gain 99", ERROR_RANGE, "gain 99 dB is outside its range"},
    {"/graph/replace nobody gain", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/replace lp fliter", ERROR_NO_SUCH_TYPE, "there is no type \"fliter\"; did you mean \"filter\"?"},
    {"/graph/replace out output", ERROR_DENIED, "the node \"out\" is part of every session and cannot be replaced"},
    {"/graph/replace last noise", ERROR_CONFLICT, "what last (noise) has, these connections do not fit: "},
    {"/graph/path out tone", ERROR_NO_MATCH, "nothing leads from \"out\" to \"tone\""},
    {"/graph/copy nobody x", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/path nobody two", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/history/get 0", ERROR_RANGE, "index 0 is outside its range 1 to 10"},
    {"/history/get 11", ERROR_RANGE, "index 11 is outside its range 1 to 10"},
};

START_TEST(what_makes_no_sense_is_refused_with_what_would)
{
    for (unsigned i = 0; i < ROWS(wrongs); i++)
        osc_rig_refuse(&rig, wrongs[i].line, wrongs[i].code, wrongs[i].says, NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_renamed_node_keeps_its_place_its_sound_and_all_else,
        names_can_be_exchanged_in_one_bundle,
        a_rename_that_is_rolled_back_has_not_been,
        a_node_may_take_a_name_that_only_its_own_values_stood_against,
        a_copy_has_the_values_and_no_connections,
        a_copy_with_edges_is_connected_to_the_same_others,
        a_copy_whose_connections_do_not_fit_is_refused_with_their_names,
        a_loop_with_itself_is_copied_as_one,
        what_is_of_the_moment_is_not_copied,
        a_replacement_keeps_name_place_and_what_fits,
        connections_that_do_not_fit_are_named_and_dropped_only_when_that_is_asked_for,
        the_same_type_keeps_all_values_but_those_given,
        another_type_takes_over_the_values_that_mean_the_same_there,
        the_first_port_stands_for_the_first_of_another_name,
        what_is_fixed_points_to_a_replacement_that_works,
        an_order_is_set_like_a_value_and_answered_like_an_edit,
        a_cleared_graph_is_a_new_one_but_for_its_history,
        a_path_is_the_shortest_way_from_node_to_node,
        what_makes_no_sense_is_refused_with_what_would,
    };
    return osc_rig_suite("edits", open_rig, close_rig, tests, ROWS(tests));
}
