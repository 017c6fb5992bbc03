/* A hundred thousand nodes, a thousand sessions and ten thousand streams come and go: row S4 of the reliability catalogue.
 *
 * Lane: busy */
#include <check.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/net_rows.h"

START_TEST(what_has_come_and_gone_has_left_nothing)
{
    ck_assert(net_row_s4(&(struct net_row){0}));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {what_has_come_and_gone_has_left_nothing};
    return suite_run("churn", 120, tests, ROWS(tests));
}
