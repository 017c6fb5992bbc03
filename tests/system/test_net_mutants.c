/* The rows about the sockets have teeth: each fails on a daemon with the flaw that it is there for.
 * Lane: alone */
#include <check.h>
#include <stdio.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/net_rows.h"

#define SECONDS 2.0

static const struct {
    const char *flaw;
    bool (*row)(const struct net_row *row);
} rows[] = {
    {"miscount", net_row_o3}, {"nap", net_row_o3},      {"small", net_row_o4},
    {"slow", net_row_o5},     {"miscount", net_row_o5}, {"unbounded", net_row_o11},
};

START_TEST(every_row_fails_on_the_flaw_that_it_is_there_for)
{
    unsigned caught = 0;
    for (unsigned i = 0; i < ROWS(rows); i++) {
        bool seen = !rows[i].row(&(struct net_row){.mutant = rows[i].flaw, .seconds = SECONDS, .quiet = true});
        caught += seen;
        if (!seen)
            printf("not noticed: %s\n", rows[i].flaw);
    }
    printf("REL Om mutants_caught=%u/%zu %s\n", caught, ROWS(rows), caught == ROWS(rows) ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert_uint_eq(caught, ROWS(rows));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {every_row_fails_on_the_flaw_that_it_is_there_for};
    return suite_run("network mutants", 180, tests, ROWS(tests));
}
