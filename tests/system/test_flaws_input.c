/* The rows about hostile input have teeth (flaws.h).
 * Lane: busy */
#include "graph/node.h"
#include "tests/system/flaws.h"

static const struct flaw_row rows[] = {
    {"O2m", "tests/system/test_wild", "littering"},
    {"O2m", "tests/system/test_wild", "malloc@drain"},
    {"S5m", "tests/system/test_log_flood", "chatty"},
};

int main(void)
{
    return flaws_run("flaws of input", rows, ROWS(rows));
}
