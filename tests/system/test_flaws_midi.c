/* Flaws that the rows about MIDI notice. */
#include <check.h>
#include <stdlib.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/midi_rows.h"

static const struct jack_row_flaw rows[] = {
    {"M1m", "blockwise", midi_row_m1}, {"M2m", "nervous", midi_row_m2},   {"M2m", "skipping", midi_row_m2},
    {"M3m", "unplugged", midi_row_m3}, {"M3m", "hanging", midi_row_m3},   {"M3m", "lingering", midi_row_m3},
    {"M3m", "flooded", midi_row_m3},   {"M3m", "forgiving", midi_row_m3}, {"M4m", "deaf", midi_row_m4},
    {"M4m", "greedy", midi_row_m4},    {"M4m", "grudging", midi_row_m4},  {"M4m", "pushy", midi_row_m4},
    {"M4m", "heedless", midi_row_m4},
};

START_TEST(a_row_fails_on_the_flaw_that_it_is_there_for)
{
    ck_assert(jack_row_catches(&rows[_i]));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("rows");
    tcase_add_loop_test(tcase, a_row_fails_on_the_flaw_that_it_is_there_for, 0, ROWS(rows));
    tcase_set_timeout(tcase, 120);
    return suite_run_case("flaws of MIDI", tcase);
}
