/* Flaws that the rows about JACK notice: of the unit tests here, of the daemon on a server below. */
#include <check.h>

#include "graph/node.h"
#include "tests/system/flaws.h"
#include "tests/system/jack_rows.h"

static const struct flaw_row units[] = {
    {"J2m", "tests/daemon/test_jack_unannounced", "timid"},
    {"J2m", "tests/daemon/test_jack_unannounced", "lapse"},
};

static const struct jack_row_flaw rows[] = {
    {"J2m", "lapse", jack_row_j2},   {"J3m", "oldrate", jack_row_j3},   {"J3m", "fixedrate", jack_row_j3},
    {"J4m", "swallow", jack_row_j4}, {"J4m", "autostart", jack_row_j4}, {"J4m", "headlong", jack_row_j4_full},
};

START_TEST(a_row_fails_on_the_flaw_that_it_is_there_for)
{
    ck_assert(jack_row_catches(&rows[_i]));
}
END_TEST

int main(void)
{
    int failed = flaws_run("flaws at the unit", units, ROWS(units));
    Suite *suite = suite_create("flaws at the server");
    TCase *tcase = tcase_create("rows");
    tcase_add_loop_test(tcase, a_row_fails_on_the_flaw_that_it_is_there_for, 0, ROWS(rows));
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed += srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
