/* Every message is accounted for, and a flood harms nobody but who sends it: rows O3, O4 and O5 of the reliability
 * catalogue.
 *
 * DAWD_FLOOD_S sets how many seconds are flooded (10 where it is not given).
 * Lane: alone */
#include <check.h>
#include <stdlib.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/net_rows.h"

static struct net_row row(void)
{
    const char *wish = getenv("DAWD_FLOOD_S");
    return (struct net_row){.seconds = wish ? atof(wish) : 10};
}

START_TEST(a_flood_is_accounted_for_to_the_last_message_and_harms_nobody)
{
    struct net_row ordinary = row();
    ck_assert(net_row_o3(&ordinary));
}
END_TEST

START_TEST(a_burst_waits_for_a_daemon_that_is_busy)
{
    struct net_row ordinary = row();
    ck_assert(net_row_o4(&ordinary));
}
END_TEST

START_TEST(a_hundred_thousand_sets_a_second_are_all_applied)
{
    struct net_row ordinary = row();
    ck_assert(net_row_o5(&ordinary));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_flood_is_accounted_for_to_the_last_message_and_harms_nobody,
                            a_burst_waits_for_a_daemon_that_is_busy, a_hundred_thousand_sets_a_second_are_all_applied};
    return suite_run("flood", 120, tests, ROWS(tests));
}
