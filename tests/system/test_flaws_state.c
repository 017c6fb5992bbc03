/* What comes back after a crash: its row has teeth (flaws.h). */
#include "graph/node.h"
#include "tests/system/flaws.h"

static const struct flaw_row rows[] = {
    {"D8m", "tests/osc/test_journal", "placeless"},     {"D8m", "tests/osc/test_journal", "groupless"},
    {"D8m", "tests/osc/test_journal", "credulous"},     {"D8m", "tests/daemon/test_state", "careless"},
    {"D8m", "tests/system/test_recovery", "unflushed"}, {"stairsm", "tests/system/test_restart", "hopeful"},
};

int main(void)
{
    return flaws_run("flaws of the state folder", rows, ROWS(rows));
}
