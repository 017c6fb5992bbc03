/* The JACK server comes back at another rate, beneath a session.
 * Lane: quiet */
#include <check.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/jack_rows.h"

START_TEST(pitches_and_lengths_are_those_of_the_session_at_every_rate)
{
    ck_assert(jack_row_j3(&(struct jack_row){0}));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {pitches_and_lengths_are_those_of_the_session_at_every_rate};
    return suite_run("rate", 60, tests, ROWS(tests));
}
