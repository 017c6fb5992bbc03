/* dawctl, the program, against a daemon of few words (tests/ctl_rig.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/ctl_rig.h"
#include "tests/suite.h"

#define RUN_INPUT(rig, input, ...) ctl_rig_run(rig, input, (char *[]){"dawctl", __VA_ARGS__, NULL})
#define RUN(rig, ...)              RUN_INPUT(rig, NULL, __VA_ARGS__)

/* ---- one request --------------------------------------------------------------------------------------------------- */

START_TEST(a_request_that_is_done_prints_nothing_and_exits_0)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/ping"), 0);
    ck_assert_str_eq(rig->out, "");
    ck_assert_str_eq(rig->err, "");
    ck_assert_str_eq(ctl_rig_heard(rig), "/req/1/ping\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(results_come_one_per_line_in_text_form)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/values"), 0);
    ck_assert_str_eq(rig->out, "3\n0.5\n480000h\nT\nlp\n\"a b\"\n0.1d\n");
    ck_assert_int_eq(RUN(rig, "--quiet", "/values"), 0);
    ck_assert_str_eq(rig->out, "");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(a_single_string_is_printed_as_it_is)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/text"), 0);
    ck_assert_str_eq(rig->out, "# dawd session 1\n/graph/add lp svf\n");
    ck_assert_int_eq(RUN(rig, "/word"), 0);
    ck_assert_str_eq(rig->out, "two words\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(a_failure_goes_to_stderr_and_exits_1)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/bad"), 1);
    ck_assert_str_eq(rig->out, "");
    ck_assert_str_eq(rig->err, "/bad: no_such_node: no node is named lp\n");
    ck_assert_int_eq(RUN(rig, "/unreadable"), 1);
    ck_assert_str_eq(rig->err, "dawd: bad_value: a packet could not be read\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(no_answer_in_time_exits_3)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "--timeout", "0.05", "/silent"), 3);
    ck_assert_str_eq(rig->err, "dawctl: no answer in time\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(progress_is_no_answer_and_not_shown_without_a_terminal)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/slow"), 0);
    ck_assert_str_eq(rig->out, "1\n");
    ck_assert_str_eq(rig->err, "");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(answers_to_others_are_passed_over)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/stray"), 0);
    ck_assert_str_eq(rig->out, "2\n");
    ck_assert_str_eq(rig->err, "");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(a_value_may_be_answered_at_its_own_address)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/node/lp/gain"), 0);
    ck_assert_str_eq(rig->out, "-6.0\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(a_pattern_prints_each_value_with_its_address)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/node/*/gain"), 0);
    ck_assert_str_eq(rig->out, "/node/a/gain -6.0\n/node/b/gain 0.0\n2\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(sync_sends_an_id_and_waits_for_it)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/sync"), 0);
    ck_assert_str_eq(rig->out, "4096h\n");
    ck_assert_int_eq(RUN(rig, "/sync", "42"), 0);
    ck_assert_str_eq(rig->out, "4096h\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(words_become_the_arguments_that_they_look_like)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(
        RUN(rig, "/echo", "a", "b", "gain", "-6", "-6.5", "480000h", "T", "\"1\"", "two words", "", "17:1:0", "--timeout"),
        0);
    ck_assert_str_eq(ctl_rig_heard(rig),
                     "/req/1/echo a b gain -6 -6.5 480000h T \"1\" \"two words\" \"\" 17:1:0 --timeout\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(what_is_over_with_the_connection_is_told)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "/note/on", "pad", "60", "100"), 0);
    ck_assert_ptr_nonnull(strstr(rig->err, "a duration in seconds"));
    ck_assert_int_eq(RUN(rig, "/note/on", "pad", "60", "100", "hold"), 0);
    ck_assert_str_eq(rig->err, "");
    ck_assert_int_eq(RUN(rig, "/note/cc", "pad", "64", "127"), 0);
    ck_assert_ptr_nonnull(strstr(rig->err, "send it to --port 3293"));
    ck_assert_int_eq(RUN(rig, "/note/on", "pad", "60", "100", "0.5"), 0);
    ck_assert_str_eq(rig->err, "");
    ck_assert_int_eq(RUN(rig, "--quiet", "/note/on", "pad", "60", "100"), 0);
    ck_assert_str_eq(rig->err, "");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(udp_does_as_well)
{
    struct ctl_rig *rig = ctl_rig_open();
    char port[16];
    snprintf(port, sizeof port, "%d", net_port(rig->net));
    ck_assert_int_eq(RUN(rig, "--port", port, "/values"), 0);
    ck_assert_int_eq(strncmp(rig->out, "3\n0.5\n", 6), 0);
    ck_assert_int_eq(RUN(rig, "--port", port, "/bad"), 1);
    ctl_rig_close(rig);
}
END_TEST

START_TEST(the_socket_is_found_by_path_or_by_name)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "--socket", rig->path, "/ping"), 0);
    ck_assert_int_eq(RUN(rig, "--name", "dawd", "/ping"), 0);
    ck_assert_int_eq(RUN(rig, "--name", "nobody", "/ping"), 1);
    ck_assert_ptr_nonnull(strstr(rig->err, "/nobody.sock: No such file or directory"));
    ctl_rig_close(rig);
}
END_TEST

START_TEST(a_daemon_that_leaves_ends_the_wait)
{
    struct ctl_rig *rig = ctl_rig_open();
    rig->leaves = true;
    ck_assert_int_eq(RUN(rig, "/ping"), 1);
    ck_assert_str_eq(rig->err, "dawctl: the daemon closed the connection\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(wrong_usage_exits_2_and_sends_nothing)
{
    static char *const wrong[][5] = {
        {"dawctl"},
        {"dawctl", "ping"},
        {"dawctl", "--nonsense"},
        {"dawctl", "/a", "99999999999"},
        {"dawctl", "/a", "\"open"},
        {"dawctl", "/a b"},
        {"dawctl", "--port", "0", "/a"},
        {"dawctl", "--port", "x", "/a"},
        {"dawctl", "--timeout", "-1", "/a"},
        {"dawctl", "--port=5", "--socket=x", "/a"},
        {"dawctl", "--name", "a/b", "/a"},
        {"dawctl", "run"},
        {"dawctl", "run", "a", "b"},
        {"dawctl", "run", "--nonsense", "a"},
    };
    struct ctl_rig *rig = ctl_rig_open();
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *words[6] = {0};
        memcpy(words, wrong[i], sizeof wrong[i]);
        ck_assert_msg(ctl_rig_run(rig, NULL, words) == 2, "case %u: %s", i, rig->err);
        ck_assert_msg(strncmp(rig->err, "dawctl: ", 8) == 0, "case %u: %s", i, rig->err);
        ck_assert_str_eq(rig->out, "");
    }
    ck_assert_str_eq(ctl_rig_heard(rig), "");
    ck_assert_int_eq(RUN(rig, "/a b"), 2);
    ck_assert_ptr_nonnull(strstr(rig->err, "leave out the quotes"));
    ctl_rig_close(rig);
}
END_TEST

START_TEST(help_and_version_are_printed_without_a_daemon)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "--help"), 0);
    ck_assert_ptr_nonnull(strstr(rig->out, "usage: dawctl"));
    ck_assert_ptr_nonnull(strstr(rig->out, "--keep-going"));
    ck_assert_int_eq(RUN(rig, "--version"), 0);
    ck_assert_int_eq(strncmp(rig->out, "dawctl ", 7), 0);
    ctl_rig_close(rig);
}
END_TEST

START_TEST(the_graph_is_printed_or_drawn)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "graph"), 0);
    ck_assert_str_eq(rig->out, "a (osc)\nout (output)\n    in <- a:out, -6 dB\n");
    ck_assert_int_eq(RUN(rig, "graph", "--svg"), 0);
    ck_assert_int_eq(strncmp(rig->out, "<svg ", 5), 0);
    ck_assert_int_eq(RUN(rig, "graph", "superfluous"), 2);
    ctl_rig_close(rig);
}
END_TEST

START_TEST(completion_asks_the_daemon_for_its_nodes)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "complete", "/node/r"), 0);
    ck_assert_str_eq(rig->out, "/node/rack/amp/\n");
    ck_assert_int_eq(RUN(rig, "complete", "/graph/remove", "r"), 0);
    ck_assert_str_eq(rig->out, "rack/amp\n");
    ck_assert_str_eq(rig->err, "");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(completion_without_a_daemon_knows_all_but_its_nodes)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "--socket", "/nowhere.sock", "complete", "/graph/dum"), 0);
    ck_assert_str_eq(rig->out, "/graph/dump\n");
    ck_assert_int_eq(RUN(rig, "--socket", "/nowhere.sock", "complete", "ru"), 0);
    ck_assert_str_eq(rig->out, "run\n");
    ck_assert_int_eq(RUN(rig, "--socket", "/nowhere.sock", "complete", "/node/r"), 0);
    ck_assert_str_eq(rig->out, "");
    ck_assert_str_eq(rig->err, "");
    ctl_rig_close(rig);
}
END_TEST

/* ---- files --------------------------------------------------------------------------------------------------------- */

START_TEST(a_file_is_sent_line_by_line_with_its_bundles)
{
    struct ctl_rig *rig = ctl_rig_open();
    char *path = ctl_rig_file(rig, "# a comment\n\n/ping\n[\n/echo a 1\n# inside\n/echo b 0.5\n]\n[\n]\n/word\n"
                                   "[\n/tx label \"my edit\"\n/echo c\n]\n");
    ck_assert_int_eq(RUN(rig, "run", path), 0);
    ck_assert_str_eq(rig->out, "2 256h 7\ntwo words\n2 256h 7\n");
    ck_assert_str_eq(rig->err, "");
    ck_assert_str_eq(ctl_rig_heard(rig), "/req/1/ping\n[\n/tx req 2\n/echo a 1\n/echo b 0.5\n]\n/req/3/word\n"
                                         "[\n/tx label \"my edit\" req 4\n/echo c\n]\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(what_a_bundle_asks_is_printed_before_its_own_answer)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN_INPUT(rig, "[\n/word\n/echo a\n]\n", "run", "-"), 0);
    ck_assert_str_eq(rig->out, "two words\n2 256h 7\n");
    ck_assert_str_eq(rig->err, "");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(a_file_stops_at_the_first_failure_with_its_line)
{
    struct ctl_rig *rig = ctl_rig_open();
    char *path = ctl_rig_file(rig, "/ping\n/bad\n/echo\n"), wanted[256];
    ck_assert_int_eq(RUN(rig, "run", path), 1);
    snprintf(wanted, sizeof wanted, "%s:2: /bad: no_such_node: no node is named lp\n", path);
    ck_assert_str_eq(rig->err, wanted);
    ck_assert_str_eq(ctl_rig_heard(rig), "/req/1/ping\n/req/2/bad\n");
    path = ctl_rig_file(rig, "/ping\n\n[\n/echo\n/bad\n]\n/echo\n");
    ck_assert_int_eq(RUN(rig, "run", path), 1);
    snprintf(wanted, sizeof wanted, "%s:3: #bundle: no_such_node: message 1: no node is named lp\n", path);
    ck_assert_str_eq(rig->err, wanted);
    ctl_rig_close(rig);
}
END_TEST

START_TEST(keep_going_sends_the_rest_and_tells_of_the_first_failure)
{
    struct ctl_rig *rig = ctl_rig_open();
    char *path = ctl_rig_file(rig, "/bad\n/silent\nnonsense\n[\n/echo\n/echo 99999999999\n/echo\n]\n/word\n"), wanted[1024];
    ck_assert_int_eq(RUN(rig, "--timeout", "0.2", "run", "--keep-going", path), 1);
    snprintf(wanted, sizeof wanted,
             "%s:1: /bad: no_such_node: no node is named lp\n%s:2: no answer in time\n"
             "%s:3: column 1: the address \"nonsense\" does not start with '/'\n"
             "%s:6: column 7: 99999999999 does not fit 32 bits: with h behind it, it would be a 64-bit integer\n",
             path, path, path, path);
    ck_assert_str_eq(rig->err, wanted);
    ck_assert_str_eq(rig->out, "two words\n");
    ck_assert_str_eq(ctl_rig_heard(rig), "/req/1/bad\n/req/2/silent\n/req/4/word\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(stdin_is_a_file_too)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN_INPUT(rig, "/word\n/bad", "run", "-"), 1);
    ck_assert_str_eq(rig->out, "two words\n");
    ck_assert_str_eq(rig->err, "stdin:2: /bad: no_such_node: no node is named lp\n");
    ctl_rig_close(rig);
}
END_TEST

START_TEST(brackets_that_do_not_match_are_told)
{
    static const char *const wrong[][2] = {
        {"[\n/echo\n", ":2: the file ends inside a bundle: ] is missing\n"},
        {"/ping\n]\n", ":2: ] closes a bundle that no [ has opened\n"},
        {"[\n/echo\n[\n]\n", ":3: a bundle inside a bundle has no text form: ] is missing\n"},
        {"[\n/tx req 5\n]\n", ":2: /tx: req is for dawctl to give: leave it out\n"},
    };
    struct ctl_rig *rig = ctl_rig_open();
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_int_ne(RUN(rig, "run", ctl_rig_file(rig, wrong[i][0])), 0);
        ck_assert_msg(strstr(rig->err, wrong[i][1]), "%s", rig->err);
    }
    ctl_rig_close(rig);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_told)
{
    struct ctl_rig *rig = ctl_rig_open();
    ck_assert_int_eq(RUN(rig, "run", "/no/such/file"), 1);
    ck_assert_str_eq(rig->err, "dawctl: /no/such/file: No such file or directory\n");
    ctl_rig_close(rig);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("dawctl");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_request_that_is_done_prints_nothing_and_exits_0);
    tcase_add_test(tests, results_come_one_per_line_in_text_form);
    tcase_add_test(tests, a_single_string_is_printed_as_it_is);
    tcase_add_test(tests, the_graph_is_printed_or_drawn);
    tcase_add_test(tests, completion_asks_the_daemon_for_its_nodes);
    tcase_add_test(tests, completion_without_a_daemon_knows_all_but_its_nodes);
    tcase_add_test(tests, a_failure_goes_to_stderr_and_exits_1);
    tcase_add_test(tests, no_answer_in_time_exits_3);
    tcase_add_test(tests, progress_is_no_answer_and_not_shown_without_a_terminal);
    tcase_add_test(tests, answers_to_others_are_passed_over);
    tcase_add_test(tests, a_value_may_be_answered_at_its_own_address);
    tcase_add_test(tests, a_pattern_prints_each_value_with_its_address);
    tcase_add_test(tests, sync_sends_an_id_and_waits_for_it);
    tcase_add_test(tests, words_become_the_arguments_that_they_look_like);
    tcase_add_test(tests, what_is_over_with_the_connection_is_told);
    tcase_add_test(tests, udp_does_as_well);
    tcase_add_test(tests, the_socket_is_found_by_path_or_by_name);
    tcase_add_test(tests, a_daemon_that_leaves_ends_the_wait);
    tcase_add_test(tests, wrong_usage_exits_2_and_sends_nothing);
    tcase_add_test(tests, help_and_version_are_printed_without_a_daemon);
    tcase_add_test(tests, a_file_is_sent_line_by_line_with_its_bundles);
    tcase_add_test(tests, what_a_bundle_asks_is_printed_before_its_own_answer);
    tcase_add_test(tests, a_file_stops_at_the_first_failure_with_its_line);
    tcase_add_test(tests, keep_going_sends_the_rest_and_tells_of_the_first_failure);
    tcase_add_test(tests, stdin_is_a_file_too);
    tcase_add_test(tests, brackets_that_do_not_match_are_told);
    tcase_add_test(tests, a_file_that_is_not_there_is_told);
    return suite_run_case("dawctl", tests);
}
