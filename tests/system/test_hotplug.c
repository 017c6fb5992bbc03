/* Row M4: keyboards that are plugged in while the daemon runs. */
#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/midi_rows.h"

START_TEST(what_comes_late_is_connected_to_what_waits_for_it_and_to_nothing_else)
{
    ck_assert(midi_row_m4(&(struct jack_row){0}));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_comes_late_is_connected_to_what_waits_for_it_and_to_nothing_else};
    return suite_run("ports that come late", 60, tests, ROWS(tests));
}
