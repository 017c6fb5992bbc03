/* The period of the JACK server changes while it plays. */
#include <check.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/jack_rows.h"

START_TEST(every_frame_is_right_whatever_the_period_becomes)
{
    ck_assert(jack_row_j2(&(struct jack_row){0}));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {every_frame_is_right_whatever_the_period_becomes};
    return suite_run("period", 60, tests, ROWS(tests));
}
