/* Requests that need a file wait for it; what mentions the node they will make waits behind them, all else goes on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/tx.h"
#include "osc/command.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add gain one");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static void send_all(const char *const *lines, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        osc_rig_send(&rig, lines[i]);
        osc_rig_run(&rig);
    }
}

static void expect_nothing(void)
{
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "");
}

/* ---- one load -------------------------------------------------------------------------------------------------------- */

START_TEST(a_player_is_added_when_its_file_is_there)
{
    osc_rig_send(&rig, "/req/1/graph/add player p file a.wav gain -6.0");
    expect_nothing();
    ck_assert_uint_eq(rig.n_loads, 1);
    ck_assert_double_eq(rig.loads[0].rate_hz, 48000);
    ck_assert_ptr_null(model_find(&rig.ctl->model, "p"));
    osc_rig_load(&rig, "a.wav");
    ck_assert_ptr_null(osc_rig_answer(&rig));
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 /graph/add *h 2");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain one\n/graph/add player p file a.wav gain -6.0\n");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/p/file"), "/node/p/file a.wav");
    ck_assert_uint_eq(rig.n_media, 1);
    osc_rig_do(&rig, "/graph/remove p");
    osc_rig_wait(&rig);
    ck_assert_uint_eq(rig.n_media, 0);
}
END_TEST

START_TEST(what_is_wrong_without_the_file_is_told_before_it_is_loaded)
{
    osc_rig_refuse(&rig, "/graph/add player one file a.wav", ERROR_NAME_TAKEN, "\"one\"", NULL);
    osc_rig_refuse(&rig, "/graph/add player 1p file a.wav", ERROR_BAD_VALUE, "\"1p\"", NULL);
    osc_rig_refuse(&rig, "/graph/add player p file a.wav gain 99.0", ERROR_RANGE, "gain 99 dB", NULL);
    osc_rig_refuse(&rig, "/graph/add player p file a.wav gian 9.0", ERROR_NO_SUCH_PARAM, "gian", NULL);
    osc_rig_refuse(&rig, "/graph/add player p file a.wav file b.wav", ERROR_BAD_TYPE, "given twice", NULL);
    osc_rig_refuse(&rig, "[\n/graph/remove nobody\n/graph/add player p file a.wav\n]", ERROR_NO_SUCH_NODE, "message 1",
                   NULL);
    ck_assert_uint_eq(rig.n_asked, 0);
}
END_TEST

START_TEST(a_file_that_cannot_be_loaded_is_answered_with_its_reason)
{
    static const enum error_code codes[] = {ERROR_NO_FILE, ERROR_BAD_FILE, ERROR_IO, ERROR_DENIED, ERROR_TOO_BIG};
    char *before = strdup(osc_rig_dump(&rig));
    for (unsigned i = 0; i < ROWS(codes); i++) {
        char pattern[100];
        osc_rig_send(&rig, "/req/4/graph/add player p file a.wav");
        osc_rig_load_fails(&rig, "a.wav", codes[i]);
        osc_rig_run(&rig);
        snprintf(pattern, sizeof pattern, "/fail 4 /graph/add %u %s *\\\"a.wav\\\" cannot be loaded*", (unsigned)codes[i],
                 error_symbol(codes[i]));
        osc_rig_expect(&rig, pattern);
        expect_nothing();
    }
    ck_assert_str_eq(osc_rig_dump(&rig), before);
    ck_assert_uint_eq(rig.ctl->revision, 1);
    free(before);
}
END_TEST

START_TEST(a_load_that_the_host_refuses_is_answered_at_once)
{
    rig.refuse = ERROR_IO;
    osc_rig_refuse(&rig, "/req/2/graph/add player p file a.wav", ERROR_IO, "\"a.wav\"", NULL);
    osc_rig_refuse(&rig, "[\n/tx req 3\n/graph/add gain x\n/graph/add player p file a.wav\n]", ERROR_IO, "message 2",
                   "\"a.wav\"", NULL);
    ck_assert_ptr_null(rig.server->parked);
    ck_assert_uint_eq(rig.n_asked, 2);
}
END_TEST

/* ---- others meanwhile ------------------------------------------------------------------------------------------------ */

START_TEST(whoever_does_not_mention_the_node_passes)
{
    static const char *const others[] = {
        "/ping",
        "/graph/list",
        "/graph/add osc pp",
        "/graph/connect pp one",
        "/graph/add gain q",
        "/graph/dump",
        "[\n/graph/add gain r\n]",
        "/describe player",
        "/req/1/node/one/gain -3.0",
        "/graph/get q",
    };
    osc_rig_send(&rig, "/graph/add player p file a.wav");
    for (unsigned i = 0; i < ROWS(others); i++)
        osc_rig_do(&rig, others[i]);
    ck_assert_uint_eq(rig.n_loads, 1);
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /graph/add *h 6");
}
END_TEST

START_TEST(whoever_mentions_the_node_waits_and_goes_in_order)
{
    static const char *const lines[] = {
        "/req/1/graph/add player p file a.wav",
        "/req/2/graph/connect p out",
        "/req/3/node/p/gain -3.0",
        "/req/4/node/p/gain",
        "/req/5/graph/get p",
        "[\n/tx req 6\n/graph/add gain after\n/graph/connect p:out.1 after\n]",
        "/req/7/graph/remove p",
        "/req/8/node/p/gain -4.0",
        "/req/9/graph/add osc p",
        "/req/10/graph/connect one p:freq depth 1",
    };
    send_all(lines, ROWS(lines));
    expect_nothing();
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 4 /node/p/gain -3.0"); /* queries need no engine */
    osc_rig_expect(&rig,
                   "/done 5 /graph/get \"/graph/add player p file a.wav gain -3.0\\n/graph/connect p:out out:in\\n\"");
    osc_rig_expect(&rig, "/fail 8 /node/p/gain 5 no_such_node *no node is named \\\"p\\\"*");
    osc_rig_expect(&rig, "/done 1 /graph/add *h 2");
    osc_rig_expect(&rig, "/done 2 /graph/connect *h 3");
    osc_rig_expect(&rig, "/done 3 /node/p/gain");
    osc_rig_expect(&rig, "/done 6 #bundle 2 *h 4");
    osc_rig_expect(&rig, "/done 7 /graph/remove *h 5");
    osc_rig_expect(&rig, "/done 9 /graph/add *h 6");
    osc_rig_expect(&rig, "/done 10 /graph/connect *h 7");
    expect_nothing();
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain one\n/graph/add gain after\n/graph/add osc p\n"
                                         "/graph/connect one:out p:freq depth 1.0\n");
    ck_assert_ptr_null(rig.server->parked);
}
END_TEST

START_TEST(children_and_ports_of_the_node_are_mentions_of_it_and_names_that_only_begin_alike_are_not)
{
    static const char *const waiting[] = {"/req/2/graph/connect one p:gain depth 1", "/req/3/node/p/x/gain 1",
                                          "/req/4/graph/add gain p/x", "/req/5/graph/connect p:out.2 one"};
    osc_rig_send(&rig, "/req/1/graph/add player p file a.wav");
    send_all(waiting, ROWS(waiting));
    expect_nothing();
    osc_rig_do(&rig, "/graph/add gain p_");
    osc_rig_do(&rig, "/graph/add gain x/p");
    osc_rig_do(&rig, "/req/9/node/p_/gain");
    osc_rig_load_fails(&rig, "a.wav", ERROR_NO_FILE);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 1 /graph/add 18 no_file *a.wav*");
    osc_rig_expect(&rig, "/fail 2 /graph/connect 5 no_such_node *no node is named \\\"p\\\"*");
    osc_rig_expect(&rig, "/fail 3 /node/p/x/gain 5 no_such_node *p/x*");
    osc_rig_expect(&rig, "/fail 5 /graph/connect 5 no_such_node *no node is named \\\"p\\\"*");
    osc_rig_expect(&rig, "/done 4 /graph/add *h 4");
    expect_nothing();
}
END_TEST

START_TEST(a_node_may_be_added_again_behind_its_own_load)
{
    static const char *const lines[] = {"/req/1/graph/add player p file a.wav", "/req/2/graph/remove p",
                                        "/req/3/graph/add player p file b.wav", "/req/4/node/p/gain -1.0"};
    send_all(lines, ROWS(lines));
    ck_assert_uint_eq(rig.n_asked, 1);
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 /graph/add *h 2");
    osc_rig_expect(&rig, "/done 2 /graph/remove *h 3");
    expect_nothing();
    ck_assert_uint_eq(rig.n_asked, 2);
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 3 /graph/add *h 4");
    osc_rig_expect(&rig, "/done 4 /node/p/gain");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain one\n/graph/add player p file b.wav gain -1.0\n");
}
END_TEST

START_TEST(loads_end_in_any_order_and_do_not_wait_for_each_other)
{
    static const char *const lines[] = {"/req/1/graph/add player p file a.wav", "/req/2/graph/add player q file b.wav",
                                        "/req/3/graph/connect p out", "/req/4/graph/connect q out",
                                        "/req/5/graph/connect p q:gain depth 1"};
    send_all(lines, ROWS(lines));
    ck_assert_uint_eq(rig.n_loads, 2);
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 2 /graph/add *h 2");
    osc_rig_expect(&rig, "/done 4 /graph/connect *h 3");
    expect_nothing();
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 /graph/add *h 4");
    osc_rig_expect(&rig, "/done 3 /graph/connect *h 5");
    osc_rig_expect(&rig, "/done 5 /graph/connect *h 6");
}
END_TEST

START_TEST(what_took_the_name_meanwhile_keeps_it)
{
    struct node_spec spec = {.class = node_class_find("gain"), .name = "p", .values = (float[]){0}};
    struct error error;
    osc_rig_send(&rig, "/req/1/graph/add player p file a.wav");
    struct tx *tx = tx_open(rig.ctl, 0); /* not by a request: those wait */
    ck_assert_int_eq(tx_add_node(tx, &spec, &error), 0);
    tx_commit(tx, (struct completion){0});
    osc_rig_load(&rig, "a.wav");
    osc_rig_expect(&rig, "/fail 1 /graph/add 9 name_taken *there is a node named \\\"p\\\" already (gain)*");
    expect_nothing();
}
END_TEST

START_TEST(whatever_changed_meanwhile_is_looked_at_again)
{
    osc_rig_send(&rig, "[\n/tx req 1\n/graph/add player p file a.wav\n/graph/connect p one\n]");
    osc_rig_send(&rig, "[\n/tx req 2 if_revision 1\n/graph/add player q file b.wav\n]");
    osc_rig_do(&rig, "/graph/remove one");
    osc_rig_load(&rig, "a.wav");
    osc_rig_load(&rig, "b.wav");
    osc_rig_expect(
        &rig, "/fail 1 #bundle 5 no_such_node *message 2 of the bundle, /graph/connect: no node is named \\\"one\\\"*");
    osc_rig_expect(&rig, "/fail 2 #bundle 16 conflict *the graph is at revision 2, not 1*");
    expect_nothing();
    ck_assert_str_eq(osc_rig_dump(&rig), "");
}
END_TEST

/* ---- bundles, sync --------------------------------------------------------------------------------------------------- */

START_TEST(queries_and_bundles_inside_a_bundle_wait_with_it_and_no_longer)
{
    osc_rig_send(&rig,
                 "[\n/tx req 1\n/graph/add player p file a.wav\n/node/p/gain\n[\n/tx req 2\n/graph/connect p one\n]\n]");
    expect_nothing();
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "[\n/done 1 /node/p/gain 0.0\n/done 1 #bundle 2 *h 2\n]");
    osc_rig_expect(&rig, "/done 2 #bundle 1 *h 3");
    rig.refuse = ERROR_IO;
    osc_rig_send(&rig,
                 "[\n/tx req 3\n/graph/add player q file b.wav\n/node/q/gain\n[\n/tx req 4\n/graph/connect q one\n]\n]");
    osc_rig_expect(&rig, "/fail 3 #bundle 20 io *b.wav*");
    osc_rig_expect(&rig,
                   "/fail 4 #bundle 5 no_such_node *message 1 of the bundle, /graph/connect: no node is named \\\"q\\\"*");
    expect_nothing();
    ck_assert_ptr_null(rig.server->parked);
}
END_TEST

START_TEST(a_sync_waits_for_all_that_came_before_it_and_nothing_else)
{
    static const char *const lines[] = {"/req/1/graph/add player p file a.wav", "/req/2/graph/connect p out", "/sync 7",
                                        "/req/3/graph/add player q file b.wav", "/sync 8"};
    send_all(lines, ROWS(lines));
    osc_rig_do(&rig, "/ping");
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 /graph/add *h 2");
    osc_rig_expect(&rig, "/done 2 /graph/connect *h 3");
    osc_rig_expect(&rig, "/synced 7 *");
    expect_nothing();
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 3 /graph/add *h 4");
    osc_rig_expect(&rig, "/synced 8 *");
}
END_TEST

/* ---- bounds ---------------------------------------------------------------------------------------------------------- */

START_TEST(too_many_that_wait_are_refused_with_their_ids_and_the_others_still_run)
{
    osc_rig_send(&rig, "/graph/add player p file a.wav");
    for (unsigned i = 1; i < 4096; i++)
        osc_rig_send(&rig, "/node/p/gain -1.0");
    ck_assert_ptr_null(osc_rig_answer(&rig));
    osc_rig_refuse(&rig, "/req/5/node/p/gain -2.0", ERROR_TOO_BIG, "4096 requests wait for files already", NULL);
    osc_rig_refuse(&rig, "[\n/tx req 6\n/node/p/gain -2.0\n]", ERROR_TOO_BIG, "4096 requests wait", NULL);
    osc_rig_refuse(&rig, "/req/7/graph/add player q file b.wav", ERROR_TOO_BIG, "4096 requests wait", NULL);
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /graph/add *h 2");
    expect_nothing();
    ck_assert_uint_eq(rig.server->counters.values, 4095);
    ck_assert_ptr_null(rig.server->parked);
}
END_TEST

START_TEST(loads_that_the_end_cancels_are_answered_so)
{
    static const char *const lines[] = {"/req/1/graph/add player p file a.wav", "/req/2/graph/remove p",
                                        "/req/3/graph/add player p file b.wav"};
    send_all(lines, ROWS(lines));
    osc_rig_load_fails(&rig, "a.wav", ERROR_CANCELLED);
    osc_rig_expect(&rig, "/fail 1 /graph/add 17 cancelled *a.wav*");
    osc_rig_expect(&rig, "/fail 2 /graph/remove 5 no_such_node *\\\"p\\\"*");
    osc_rig_load_fails(&rig, "b.wav", ERROR_CANCELLED);
    osc_rig_expect(&rig, "/fail 3 /graph/add 17 cancelled *b.wav*");
    expect_nothing();
}
END_TEST

START_TEST(a_server_may_end_while_requests_wait)
{
    osc_rig_send(&rig, "/req/1/graph/add player p file a.wav");
    osc_rig_send(&rig, "/req/2/graph/remove p");
    osc_rig_send(&rig, "/req/3/graph/add player p file b.wav");
    osc_rig_load(&rig, "a.wav");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_player_is_added_when_its_file_is_there,
        what_is_wrong_without_the_file_is_told_before_it_is_loaded,
        a_file_that_cannot_be_loaded_is_answered_with_its_reason,
        a_load_that_the_host_refuses_is_answered_at_once,
        whoever_does_not_mention_the_node_passes,
        whoever_mentions_the_node_waits_and_goes_in_order,
        children_and_ports_of_the_node_are_mentions_of_it_and_names_that_only_begin_alike_are_not,
        a_node_may_be_added_again_behind_its_own_load,
        loads_end_in_any_order_and_do_not_wait_for_each_other,
        what_took_the_name_meanwhile_keeps_it,
        whatever_changed_meanwhile_is_looked_at_again,
        queries_and_bundles_inside_a_bundle_wait_with_it_and_no_longer,
        a_sync_waits_for_all_that_came_before_it_and_nothing_else,
        too_many_that_wait_are_refused_with_their_ids_and_the_others_still_run,
        loads_that_the_end_cancels_are_answered_so,
        a_server_may_end_while_requests_wait,
    };
    return osc_rig_suite("loading", open_rig, close_rig, tests, ROWS(tests));
}
