/* Flaws that the rows about JACK notice: of the unit tests here, of the daemon on a server below.
 * Lane: alone */
#include <check.h>
#include <stdio.h>

#include "graph/node.h"
#include "tests/system/flaws.h"
#include "tests/system/jack_rows.h"
#include "tests/system/suite.h"

static const struct flaw_row units[] = {
    {"J2m", "tests/daemon/test_jack_unannounced", "timid"},
    {"J2m", "tests/daemon/test_jack_unannounced", "lapse"},
};

static const struct {
    const char *flaw;
    bool (*row)(const struct jack_row *row);
} rows[] = {
    {"lapse", jack_row_j2},
};

START_TEST(every_row_fails_on_the_flaw_that_it_is_there_for)
{
    unsigned caught = 0;
    for (unsigned i = 0; i < ROWS(rows); i++) {
        bool seen = !rows[i].row(&(struct jack_row){.mutant = rows[i].flaw, .quiet = true});
        caught += seen;
        if (!seen)
            printf("not noticed: %s\n", rows[i].flaw);
    }
    printf("REL Jm mutants_caught=%u/%zu %s\n", caught, ROWS(rows), caught == ROWS(rows) ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert_uint_eq(caught, ROWS(rows));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {every_row_fails_on_the_flaw_that_it_is_there_for};
    int failed = flaws_run("flaws at the unit", units, ROWS(units));
    return suite_run("flaws at the server", 180, tests, ROWS(tests)) || failed;
}
