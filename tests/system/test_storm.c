/* Clients in crowds, clients that stall, dawdle and die: row O9 of the reliability catalogue.
 *
 * Lane: alone */
#include <check.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/net_rows.h"

START_TEST(whatever_clients_do_to_their_connections_the_others_are_served)
{
    ck_assert(net_row_o9(&(struct net_row){0}));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {whatever_clients_do_to_their_connections_the_others_are_served};
    return suite_run("storm", 90, tests, ROWS(tests));
}
