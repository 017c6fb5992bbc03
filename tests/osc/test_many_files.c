/* Bundles that need several files: all are loaded at once, and the bundle is run when the last is there. */
#include <stdio.h>

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

static void expect_nothing(void)
{
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "");
}

START_TEST(a_bundle_with_two_files_waits_for_both)
{
    osc_rig_send(
        &rig,
        "[\n/tx req 1\n/graph/add player p file a.wav\n/graph/add player q file b.wav\n/graph/add player r file a.wav\n"
        "/graph/connect p one\n/node/q/gain -1.0\n]");
    osc_rig_send(&rig, "/req/2/graph/connect r out");
    osc_rig_load(&rig, "a.wav");
    expect_nothing();
    ck_assert_uint_eq(rig.ctl->revision, 1);
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 #bundle 5 *h 2");
    osc_rig_expect(&rig, "/done 2 /graph/connect *h 3");
    ck_assert_uint_eq(rig.n_asked, 2); /* one file serves both players */
    ck_assert_uint_eq(rig.server->counters.values, 1);
}
END_TEST

START_TEST(all_files_of_a_bundle_are_loaded_at_once)
{
    struct bytes lines = {0};
    bytes_print(&lines, "[\n/tx req 1\n/graph/add player x file 0.wav\n");
    for (unsigned i = 0; i < 40; i++)
        bytes_print(&lines, "/graph/add player p%u file %u.wav\n/graph/connect p%u one\n/node/p%u/gain -%u.0\n", i, i, i, i,
                    i);
    bytes_print(&lines, "]");
    bytes_add_byte(&lines, '\0');
    osc_rig_send(&rig, (const char *)lines.data);
    ck_assert_uint_eq(rig.n_loads, 40);
    ck_assert_str_eq(rig.loads[0].path, "0.wav");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain one\n");
    for (unsigned i = 40; i; i--) {
        char path[16];
        expect_nothing();
        snprintf(path, sizeof path, "%u.wav", i - 1);
        osc_rig_load(&rig, path);
    }
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 #bundle 121 *h 2");
    ck_assert_uint_eq(rig.n_asked, 40);
    ck_assert_uint_eq(rig.server->counters.values, 40);
    bytes_deinit(&lines);
}
END_TEST

START_TEST(what_is_wrong_behind_a_missing_file_is_told_before_any_is_loaded)
{
    static const struct {
        const char *line, *says;
        enum error_code code;
    } wrongs[] = {
        {"/graph/connect p nobody", "message 3 of the bundle, /graph/connect: no node is named", ERROR_NO_SUCH_NODE},
        {"/graph/add gain p", "message 3 of the bundle, /graph/add: there is a node named", ERROR_NAME_TAKEN},
        {"/node/p/gain 99.0", "message 3 of the bundle, /node/p/gain: gain 99 dB", ERROR_RANGE},
        {"/node/p/nothing", "message 3 of the bundle, /node/p/nothing: player has no", ERROR_NO_SUCH_PARAM},
        {"/graph/connect p:in one", "message 3 of the bundle, /graph/connect: ", ERROR_NO_SUCH_PORT},
    };
    for (unsigned i = 0; i < ROWS(wrongs); i++) {
        char bundle[300];
        snprintf(bundle, sizeof bundle, "[\n/graph/add player p file a.wav\n/graph/connect p one\n%s\n]", wrongs[i].line);
        osc_rig_refuse(&rig, bundle, wrongs[i].code, wrongs[i].says, NULL);
    }
    ck_assert_uint_eq(rig.n_asked, 0);
    ck_assert_ptr_null(rig.server->parked);
}
END_TEST

START_TEST(a_request_may_want_many_files_but_not_any_number)
{
    struct bytes lines = {0};
    rig.peer = osc_rig_stream(1);
    bytes_print(&lines, "[\n");
    for (unsigned i = 0; i < WANTED_MAX + 1; i++)
        bytes_print(&lines, "/graph/add player p%u file %u.wav\n", i, i);
    bytes_print(&lines, "]");
    bytes_add_byte(&lines, '\0');
    osc_rig_refuse(&rig, (const char *)lines.data, ERROR_TOO_BIG, "message 4097", "more than 4096 files", NULL);
    ck_assert_uint_eq(rig.n_asked, 0);
    bytes_deinit(&lines);
}
END_TEST

START_TEST(a_bundle_is_undone_whole_when_one_of_its_files_fails)
{
    osc_rig_send(&rig,
                 "[\n/tx req 1\n/graph/add player p file a.wav\n/graph/add player q file b.wav\n/graph/remove one\n]");
    osc_rig_send(&rig, "/req/2/graph/connect p out");
    osc_rig_send(&rig, "/req/3/node/one/gain");
    osc_rig_load(&rig, "a.wav");
    osc_rig_load_fails(&rig, "b.wav", ERROR_BAD_FILE);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 1 #bundle 19 bad_file *message 2 of the bundle, /graph/add: \\\"b.wav\\\"*");
    osc_rig_expect(&rig, "/fail 2 /graph/connect 5 no_such_node *\\\"p\\\"*");
    osc_rig_expect(&rig, "/done 3 /node/one/gain 0.0");
    expect_nothing();
    ck_assert_uint_eq(rig.n_media, 0);
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain one\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_bundle_with_two_files_waits_for_both,
        all_files_of_a_bundle_are_loaded_at_once,
        what_is_wrong_behind_a_missing_file_is_told_before_any_is_loaded,
        a_request_may_want_many_files_but_not_any_number,
        a_bundle_is_undone_whole_when_one_of_its_files_fails,
    };
    return osc_rig_suite("many files", open_rig, close_rig, tests, ROWS(tests));
}
