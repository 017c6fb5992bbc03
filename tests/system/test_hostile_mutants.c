/* The rows about hostile clients have teeth: each fails on a daemon with the flaw that it is there for. Each test is a process
 * of its own, for the first two kinds move to another network. */
#include <check.h>
#include <stdio.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/net_rows.h"

static const struct {
    const char *id;
    bool (*row)(const struct net_row *row);
    const char *flaws[4];
} rows[] = {
    {"O8m", net_row_o8, {"generous"}},
    {"O9m", net_row_o9, {"crowded", "patient", "clinging"}},
    {"O10m", net_row_o10, {"trusting"}},
    {"S4m", net_row_s4, {"leak"}},
};

static void expect_failures(unsigned i)
{
    unsigned caught = 0, n = 0;
    for (; n < ROWS(rows[i].flaws) && rows[i].flaws[n]; n++) {
        bool seen = !rows[i].row(&(struct net_row){.mutant = rows[i].flaws[n], .quiet = true});
        caught += seen;
        if (!seen)
            printf("not noticed: %s\n", rows[i].flaws[n]);
    }
    printf("REL %s mutants_caught=%u/%u %s\n", rows[i].id, caught, n, caught == n ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert_uint_eq(caught, n);
}

START_TEST(an_answer_without_bounds_is_noticed)
{
    expect_failures(0);
}
END_TEST

START_TEST(a_daemon_that_keeps_what_it_should_give_up_is_noticed)
{
    expect_failures(1);
}
END_TEST

START_TEST(a_path_that_is_opened_as_it_comes_is_noticed)
{
    expect_failures(2);
}
END_TEST

START_TEST(some_bytes_that_each_edit_loses_are_noticed)
{
    expect_failures(3);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {an_answer_without_bounds_is_noticed, a_daemon_that_keeps_what_it_should_give_up_is_noticed,
                            a_path_that_is_opened_as_it_comes_is_noticed, some_bytes_that_each_edit_loses_are_noticed};
    return suite_run("hostile mutants", 180, tests, ROWS(tests));
}
