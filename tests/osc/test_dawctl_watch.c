/* dawctl watch, meters and top, the program, against a daemon of few words. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/ctl_rig.h"
#include "tests/suite.h"

#define RUN(rig, ...) ctl_rig_run(rig, NULL, (char *[]){"dawctl", __VA_ARGS__, NULL})

static struct ctl_rig *rig;

static void setup(void)
{
    rig = ctl_rig_open();
}

static void teardown(void)
{
    ctl_rig_close(rig);
}

START_TEST(watch_prints_a_line_for_each_value_until_it_has_enough)
{
    ck_assert_int_eq(RUN(rig, "watch", "/node/*/gain", "--count", "4"), 0);
    ck_assert_str_eq(rig->out, "/node/a/gain -6.0\n/node/b/gain 0.0\n/node/a/gain -3.0\n/node/b/name \"x y\"\n");
    ck_assert_str_eq(rig->err, "");
    ck_assert_str_eq(ctl_rig_heard(rig), "/req/1/sub /node/*/gain\n");
}
END_TEST

START_TEST(watch_ends_when_its_time_is_over)
{
    ck_assert_int_eq(RUN(rig, "watch", "/node/*/gain", "--seconds", "0.1", "--rate", "5"), 0);
    ck_assert_ptr_nonnull(strstr(rig->out, "/node/a/gain -3.0\n"));
    ck_assert_str_eq(ctl_rig_heard(rig), "/req/1/sub /node/*/gain max_hz 5.0d\n");
}
END_TEST

START_TEST(a_gap_is_told_and_everything_asked_for_again)
{
    ck_assert_int_eq(RUN(rig, "watch", "/node/gap/*", "--count", "4"), 0);
    ck_assert_str_eq(rig->out, "/node/a/gain -6.0\n/node/b/gain 0.0\n/node/a/gain -3.0\n/node/a/gain -2.0\n");
    ck_assert_ptr_nonnull(strstr(rig->err, "2 packets were lost"));
    ck_assert_ptr_nonnull(strstr(ctl_rig_heard(rig), "/req/2/resync 1\n"));
}
END_TEST

START_TEST(what_cannot_be_watched_is_a_failure)
{
    ck_assert_int_eq(RUN(rig, "watch", "/zebra"), 1);
    ck_assert_ptr_nonnull(strstr(rig->err, "it matches nothing"));
    ck_assert_int_eq(RUN(rig, "watch"), 2);
    ck_assert_int_eq(RUN(rig, "watch", "/node/*/gain", "--count", "none"), 2);
    ck_assert_ptr_nonnull(strstr(rig->err, "--count none"));
}
END_TEST

START_TEST(a_daemon_that_ends_is_a_failure)
{
    rig->leaves = true;
    ck_assert_int_eq(RUN(rig, "watch", "/node/*/gain"), 1);
    ck_assert_ptr_nonnull(strstr(rig->err, "closed the connection"));
}
END_TEST

START_TEST(meters_once_prints_a_bar_for_each_channel_by_name)
{
    ck_assert_int_eq(RUN(rig, "meters", "--once"), 0);
    ck_assert_str_eq(rig->out,
                     "a:out                    |                                        |  -80.0  peak  -60.0 dB\n"
                     "b gain_reduction                                                      -6.1 dB\n"
                     "b integrated             |########################                |  -24.0 LUFS\n"
                     "b:out.1                  |####################----------------    |  -30.0  peak   -6.0 dB\n"
                     "b:out.2                  |################################--------|  -12.0  peak    3.0 dB OVER\n");
    const char *heard = ctl_rig_heard(rig);
    ck_assert_ptr_nonnull(strstr(heard, "/req/1/sub /node/*/*/{peak,rms} max_hz 20.0d\n"));
    ck_assert_ptr_nonnull(strstr(heard, "/req/2/sub /node/*/{"));
    ck_assert_ptr_nonnull(strstr(heard, "integrated"));
}
END_TEST

START_TEST(meters_can_be_of_some_nodes_only)
{
    ck_assert_int_eq(RUN(rig, "meters", "drums/*", "--once"), 0);
    ck_assert_ptr_nonnull(strstr(ctl_rig_heard(rig), "/sub /node/drums/*/*/{peak,rms}"));
}
END_TEST

START_TEST(top_once_prints_the_dearest_first_below_a_line_about_the_whole)
{
    ck_assert_int_eq(RUN(rig, "top", "--once"), 0);
    ck_assert_str_eq(rig->out, "2 nodes, 13.2 % of the period; worst cycle 250 us; 1 xruns, 0 overruns\n\n"
                               "  NS/BLOCK  % PERIOD  NODE                             TYPE\n"
                               "      5000    12.500  reverb                           reverb\n"
                               "       300     0.750  lp                               filter\n");
    ck_assert_ptr_nonnull(strstr(ctl_rig_heard(rig), "/stats/profile 1.0d 0 1000\n"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("dawctl watch");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, watch_prints_a_line_for_each_value_until_it_has_enough);
    tcase_add_test(tests, watch_ends_when_its_time_is_over);
    tcase_add_test(tests, a_gap_is_told_and_everything_asked_for_again);
    tcase_add_test(tests, what_cannot_be_watched_is_a_failure);
    tcase_add_test(tests, a_daemon_that_ends_is_a_failure);
    tcase_add_test(tests, meters_once_prints_a_bar_for_each_channel_by_name);
    tcase_add_test(tests, meters_can_be_of_some_nodes_only);
    tcase_add_test(tests, top_once_prints_the_dearest_first_below_a_line_about_the_whole);
    return suite_run_case("dawctl watch", tests);
}
