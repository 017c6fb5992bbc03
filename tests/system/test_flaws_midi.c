/* Flaws that the rows about MIDI notice. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/midi_rows.h"

static const struct {
    const char *name, *flaw;
    bool (*row)(const struct jack_row *row);
} rows[] = {
    {"M1m", "blockwise", midi_row_m1}, {"M2m", "nervous", midi_row_m2}, {"M2m", "skipping", midi_row_m2},
    {"M3m", "unplugged", midi_row_m3}, {"M3m", "hanging", midi_row_m3}, {"M3m", "lingering", midi_row_m3},
};

START_TEST(a_row_fails_on_the_flaw_that_it_is_there_for)
{
    bool is_caught = !rows[_i].row(&(struct jack_row){.mutant = rows[_i].flaw, .quiet = true});
    printf("REL %s flaw=%s caught=%s %s\n", rows[_i].name, rows[_i].flaw, is_caught ? "yes" : "no",
           is_caught ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(is_caught);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("rows");
    tcase_add_loop_test(tcase, a_row_fails_on_the_flaw_that_it_is_there_for, 0, ROWS(rows));
    tcase_set_timeout(tcase, 120);
    return suite_run_case("flaws of MIDI", tcase);
}
