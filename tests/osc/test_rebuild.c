/* Another file for a node that is there: a set of its address, which takes as long as the file. */
#include <stdlib.h>
#include <string.h>

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

static void expect_nothing(void)
{
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "");
}

static void add_player(void)
{
    osc_rig_send(&rig, "/graph/add player p file a.wav gain -6.0");
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /graph/add *");
    osc_rig_do(&rig, "/graph/connect p:out one gain -3.0");
    osc_rig_do(&rig, "/graph/connect one p:gain depth 2.0 feedback");
}

START_TEST(another_file_is_loaded_while_the_old_one_plays_and_all_else_stays)
{
    add_player();
    char *expected = strdup(osc_rig_dump(&rig));
    const struct node *before = model_find(&rig.ctl->model, "p");
    osc_rig_send(&rig, "/node/p/file b.wav");
    expect_nothing();
    ck_assert_ptr_eq(model_find(&rig.ctl->model, "p"), before);
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /node/p/file *h 5"); /* by UDP too, since it is an edit */
    ck_assert_ptr_ne(model_find(&rig.ctl->model, "p"), before);
    *strstr(expected, "a.wav") = 'b';
    ck_assert_str_eq(osc_rig_dump(&rig), expected);
    ck_assert_uint_eq(rig.n_media, 2); /* the old one fades out */
    osc_rig_wait(&rig);
    ck_assert_uint_eq(rig.n_media, 1);
    free(expected);
}
END_TEST

START_TEST(another_file_in_a_bundle_comes_with_all_else_in_it)
{
    add_player();
    osc_rig_send(&rig, "[\n/tx req 3\n/node/p/file b.wav\n/node/p/gain -1.0\n/graph/add gain two\n]");
    expect_nothing();
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/p/gain"), "/node/p/gain -6.0");
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 3 #bundle 3 *h 5");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/p/gain"), "/node/p/gain -1.0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/p/file"), "/node/p/file b.wav");
}
END_TEST

START_TEST(whoever_mentions_the_file_waits_for_it_and_the_rest_of_the_node_does_not)
{
    add_player();
    osc_rig_send(&rig, "/req/1/node/p/file b.wav");
    osc_rig_send(&rig, "/req/2/node/p/file");
    expect_nothing();
    osc_rig_do(&rig, "/req/3/node/p/gain -2.0");
    osc_rig_do(&rig, "/graph/disconnect p one");
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 2 /node/p/file b.wav");
    osc_rig_expect(&rig, "/done 1 /node/p/file *");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/p/gain"), "/node/p/gain -2.0");
    ck_assert_ptr_null(strstr(osc_rig_dump(&rig), "/graph/connect p:out"));
}
END_TEST

START_TEST(a_file_that_a_newer_one_supersedes_is_cancelled)
{
    add_player();
    osc_rig_send(&rig, "/req/1/node/p/file b.wav");
    osc_rig_send(&rig, "/req/2/sync");
    osc_rig_send(&rig, "/req/3/node/p/file c.wav");
    osc_rig_expect(&rig, "/fail 1 /node/p/file 17 cancelled *a newer /node/p/file*");
    expect_nothing();
    osc_rig_send(&rig, "/req/4/node/p/file 5"); /* which is none */
    osc_rig_expect(&rig, "/fail 4 /node/p/file 2 bad_type *");
    osc_rig_load(&rig, "c.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 3 /node/p/file *h 5");
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/synced 0 *");
    osc_rig_expect(&rig, "/done 2 /sync");
    expect_nothing();
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/p/file"), "/node/p/file c.wav");
    ck_assert_ptr_null(rig.server->parked);
    osc_rig_wait(&rig);
    ck_assert_uint_eq(rig.n_media, 1);
}
END_TEST

START_TEST(a_file_that_cannot_be_loaded_leaves_the_node_as_it_is)
{
    add_player();
    char *before = strdup(osc_rig_dump(&rig));
    osc_rig_send(&rig, "/req/1/node/p/file b.wav");
    osc_rig_load_fails(&rig, "b.wav", ERROR_BAD_FILE);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 1 /node/p/file 19 bad_file *b.wav*");
    ck_assert_str_eq(osc_rig_dump(&rig), before);
    osc_rig_send(&rig, "/req/2/node/p/file b.wav");
    osc_rig_do(&rig, "/graph/remove p");
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 2 /node/p/file 5 no_such_node *\\\"p\\\"*");
    free(before);
}
END_TEST

START_TEST(files_behind_the_load_of_their_node_go_in_order)
{
    static const char *const lines[] = {"/req/1/graph/add player p file a.wav", "/req/2/node/p/file b.wav",
                                        "/req/3/node/p/file c.wav"};
    for (unsigned i = 0; i < ROWS(lines); i++)
        osc_rig_send(&rig, lines[i]);
    ck_assert_uint_eq(rig.n_loads, 1);
    osc_rig_load(&rig, "a.wav");
    osc_rig_expect(&rig, "/fail 2 /node/p/file 17 cancelled *");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 /graph/add *");
    osc_rig_load(&rig, "c.wav");
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 3 /node/p/file *");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/p/file"), "/node/p/file c.wav");
}
END_TEST

START_TEST(a_clear_waits_for_loads_in_a_bundle_too)
{
    osc_rig_send(&rig, "/req/1/graph/add player p file a.wav");
    osc_rig_send(&rig, "[\n/tx req 2\n/graph/clear\n/graph/add gain only\n]");
    osc_rig_send(&rig, "/req/3/graph/add gain late");
    expect_nothing();
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 *");
    osc_rig_expect(&rig, "/done 2 *");
    osc_rig_expect(&rig, "/done 3 *");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain only\n/graph/add gain late\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        another_file_is_loaded_while_the_old_one_plays_and_all_else_stays,
        another_file_in_a_bundle_comes_with_all_else_in_it,
        whoever_mentions_the_file_waits_for_it_and_the_rest_of_the_node_does_not,
        a_file_that_a_newer_one_supersedes_is_cancelled,
        a_file_that_cannot_be_loaded_leaves_the_node_as_it_is,
        files_behind_the_load_of_their_node_go_in_order,
        a_clear_waits_for_loads_in_a_bundle_too,
    };
    return osc_rig_suite("rebuild", open_rig, close_rig, tests, ROWS(tests));
}
