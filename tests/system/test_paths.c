/* Names of files that lead elsewhere, and folders that change meanwhile: row O10 of the reliability catalogue.
 *
 * Lane: busy */
#include <check.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/net_rows.h"

START_TEST(no_name_opens_anything_outside_the_roots)
{
    ck_assert(net_row_o10(&(struct net_row){0}));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {no_name_opens_anything_outside_the_roots};
    return suite_run("paths", 90, tests, ROWS(tests));
}
