/* Patterns in the addresses of values: what they mean, one answer for all, all or nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/match.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add gain a");
    osc_rig_do(&rig, "/graph/add gain b gain -3.0");
    osc_rig_do(&rig, "/graph/add gain rack/a gain -9.0");
    osc_rig_do(&rig, "/graph/add filter lp");
    osc_rig_do(&rig, "/graph/add mixer sum inputs 2");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

START_TEST(a_pattern_is_answered_by_every_value_it_means_and_then_by_how_many)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/*/gain"),
                     "[\n/node/a/gain 0.0\n/node/b/gain -3.0\n/done 0 /node/*/gain 2\n]");
    ck_assert_str_eq(osc_rig_ask(&rig, "/req/5/node/{b,rack,nobody}/gain"),
                     "[\n/node/b/gain -3.0\n/done 5 /node/{b,rack,nobody}/gain 1\n]");
}
END_TEST

START_TEST(an_asterisk_does_not_cross_a_slash)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/*/*/gain"), "[\n/node/rack/a/gain -9.0\n/done 0 /node/*/*/gain 1\n]");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/rack/?/gain"), "[\n/node/rack/a/gain -9.0\n/done 0 /node/rack/?/gain 1\n]");
    osc_rig_refuse(&rig, "/node/*/*/*/gain", ERROR_NO_MATCH, "/node/*/*/*/gain", "read", NULL);
}
END_TEST

START_TEST(an_asterisk_means_each_parameter_once_and_only_what_the_node_has)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/sum/g*"),
                     "[\n/node/sum/gain1 0.0\n/node/sum/gain2 0.0\n/done 0 /node/sum/g* 2\n]");
    ck_assert_str_eq(
        osc_rig_ask(&rig, "/node/sum/gain[12]/norm"),
        "[\n/node/sum/gain1/norm 0.8333333\n/node/sum/gain2/norm 0.8333333\n/done 0 /node/sum/gain[12]/norm 2\n]");
    osc_rig_refuse(&rig, "/node/sum/gain3*", ERROR_NO_MATCH, NULL);
}
END_TEST

START_TEST(a_pattern_of_names_alone_reads_whole_nodes)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/[ab]"), "[\n/node/a gain 0.0\n/node/b gain -3.0\n/done 0 /node/[ab] 2\n]");
}
END_TEST

START_TEST(levels_are_meant_too_and_come_when_they_are_measured)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/[ab]/*/peak"), "/done 0 /node/[ab]/*/peak 2");
    osc_rig_wait(&rig);
    osc_rig_expect(&rig, "/node/a/out/peak -200.0 -200.0");
    osc_rig_expect(&rig, "/node/b/out/peak -200.0 -200.0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/[ab]/*/peak"),
                     "[\n/node/a/out/peak -200.0 -200.0\n/node/b/out/peak -200.0 -200.0\n/done 0 /node/[ab]/*/peak 2\n]");
}
END_TEST

START_TEST(a_node_whose_name_goes_on_where_a_pattern_ends_is_its_own_match)
{
    osc_rig_do(&rig, "/graph/add gain rack");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/rack*/a"), "[\n/node/rack/a gain -9.0\n/done 0 /node/rack*/a 1\n]");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/rack/*"),
                     "[\n/node/rack/a gain -9.0\n/node/rack/gain 0.0\n/done 0 /node/rack/* 2\n]");
}
END_TEST

/* ---- setting --------------------------------------------------------------------------------------------------------- */

START_TEST(a_set_by_pattern_is_one_transaction)
{
    const struct node *a = model_find(&rig.ctl->model, "a"), *b = model_find(&rig.ctl->model, "b");
    uint64_t revision = rig.ctl->revision;
    osc_rig_send(&rig, "/req/3/node/{a,b}/gain -6 1.0");
    ctl_poll(rig.ctl);
    engine_cycle_rt(rig.ctl->engine, &(struct cycle){.n_frames = 50});
    ck_assert_uint_eq(a->object->glides[0].at, 50);
    ck_assert_uint_eq(b->object->glides[0].at, 50);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 3 /node/{a,b}/gain 2");
    ck_assert_uint_eq(rig.ctl->revision, revision);
    ck_assert_uint_eq(rig.server->counters.values, 2);
}
END_TEST

START_TEST(a_set_by_pattern_without_id_is_answered_as_any_value_is)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/*/gain -6"), "");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/b/gain"), "/node/b/gain -6.0");
    rig.peer = osc_rig_stream(3);
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/*/gain/norm 1.0"), "/done 0 /node/*/gain/norm 2");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/a/gain"), "/node/a/gain 24.0");
}
END_TEST

START_TEST(what_one_match_refuses_is_done_to_none)
{
    osc_rig_refuse(&rig, "/node/{a,sum}/gain* 30", ERROR_RANGE, "/node/a/gain: gain 30 dB", NULL);
    osc_rig_refuse(&rig, "/node/[l-s]*/{mode,gain1} -6", ERROR_RANGE, "/node/lp/mode: mode -6", NULL);
    ck_assert_uint_eq(rig.server->counters.values, 0);
}
END_TEST

START_TEST(only_what_can_be_set_is_meant_by_a_set)
{
    ck_assert_str_eq(osc_rig_do(&rig, "/req/1/node/sum/* 0"), "/done 1 /node/sum/* 6");
    osc_rig_refuse(&rig, "/node/sum/input* 3", ERROR_NO_MATCH, "can be set", NULL);
    osc_rig_refuse(&rig, "/node/a/*/peak 3", ERROR_NO_MATCH, "can be set", NULL);
    osc_rig_refuse(&rig, "/node/? 3", ERROR_NO_MATCH, "can be set", NULL);
}
END_TEST

START_TEST(patterns_work_in_bundles)
{
    osc_rig_send(&rig, "[\n/tx req 2\n/graph/add gain c\n/node/?/gain -6\n/node/[bc]/gain\n]");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "[\n/node/b/gain -6.0\n/node/c/gain -6.0\n/done 2 /node/[bc]/gain 2\n/done 2 #bundle 3 *\n]");
    osc_rig_refuse(&rig, "[\n/graph/add gain d\n/node/x*/gain\n]", ERROR_NO_MATCH, "message 2 of the bundle",
                   "/node/x*/gain", NULL);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------------------------------- */

START_TEST(a_pattern_that_cannot_be_read_is_told_which_bracket)
{
    osc_rig_refuse(&rig, "/node/{a,b/gain", ERROR_BAD_ADDRESS, "{", "needs a }", NULL);
    osc_rig_refuse(&rig, "/node/a]/gain 3", ERROR_BAD_ADDRESS, "closes nothing", NULL);
}
END_TEST

START_TEST(commands_are_named_as_they_are)
{
    osc_rig_refuse(&rig, "/graph/li*", ERROR_BAD_ADDRESS, "/graph/li*", "patterns stand for values", NULL);
    osc_rig_refuse(&rig, "/graph/{remove,add} a", ERROR_BAD_ADDRESS, "patterns stand for values", NULL);
    osc_rig_refuse(&rig, "/graph/remove *", ERROR_NO_SUCH_NODE, "\"*\"", NULL);
    osc_rig_refuse(&rig, "[\n/session/*\n]", ERROR_BAD_ADDRESS, "patterns stand for values", NULL);
}
END_TEST

START_TEST(more_matches_or_a_longer_pattern_than_allowed_are_refused)
{
    char line[400];
    snprintf(line, sizeof line, "/node/*%0300d", 0);
    osc_rig_refuse(&rig, line, ERROR_TOO_BIG, "256 bytes", NULL);
    for (unsigned i = 0; i < 16; i++) {
        struct bytes lines = {0};
        bytes_print(&lines, "[\n");
        for (unsigned k = 0; k < 256; k++)
            bytes_print(&lines, "/graph/add constant n%u\n", 256 * i + k);
        bytes_print(&lines, "]%c", '\0');
        osc_rig_do(&rig, (const char *)lines.data);
        bytes_deinit(&lines);
    }
    ck_assert_str_eq(osc_rig_do(&rig, "/req/1/node/n*/value 0.5"), "/done 1 /node/n*/value 4096");
    osc_rig_do(&rig, "/graph/add constant none");
    osc_rig_refuse(&rig, "/node/n*/value 0.5", ERROR_TOO_BIG, "4096", NULL);
}
END_TEST

START_TEST(many_values_come_in_as_many_datagrams_as_they_need)
{
    rig.datagram_max = 17000;
    char line[100];
    for (unsigned i = 0; i < 300; i++) {
        snprintf(line, sizeof line, "/graph/add constant a_node_with_a_rather_long_name_that_fills_packets_%u", i);
        osc_rig_do(&rig, line);
    }
    osc_rig_send(&rig, "/node/a_node*/value");
    osc_rig_expect(&rig, "[\n/node/a_node*_0/value *\n]");
    osc_rig_expect(&rig, "[\n/node/a_node*_299/value 1.0\n/done 0 /node/a_node*/value 300\n]");
    osc_rig_expect(&rig, "");
}
END_TEST

START_TEST(a_pattern_waits_for_a_node_that_is_being_loaded)
{
    osc_rig_send(&rig, "/graph/add player p file a.wav");
    osc_rig_send(&rig, "/req/2/node/p*/gain -6");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "");
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /graph/add*");
    osc_rig_expect(&rig, "/done 2 /node/p*/gain 1");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_pattern_is_answered_by_every_value_it_means_and_then_by_how_many,
                                  an_asterisk_does_not_cross_a_slash,
                                  an_asterisk_means_each_parameter_once_and_only_what_the_node_has,
                                  a_pattern_of_names_alone_reads_whole_nodes,
                                  levels_are_meant_too_and_come_when_they_are_measured,
                                  a_node_whose_name_goes_on_where_a_pattern_ends_is_its_own_match,
                                  a_set_by_pattern_is_one_transaction,
                                  a_set_by_pattern_without_id_is_answered_as_any_value_is,
                                  what_one_match_refuses_is_done_to_none,
                                  only_what_can_be_set_is_meant_by_a_set,
                                  patterns_work_in_bundles,
                                  a_pattern_that_cannot_be_read_is_told_which_bracket,
                                  commands_are_named_as_they_are,
                                  more_matches_or_a_longer_pattern_than_allowed_are_refused,
                                  many_values_come_in_as_many_datagrams_as_they_need,
                                  a_pattern_waits_for_a_node_that_is_being_loaded};
    return osc_rig_suite("patterns", open_rig, close_rig, tests, ROWS(tests));
}
