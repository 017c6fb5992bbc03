/* The rows about the graph and the language have teeth (flaws.h).
 * Lane: busy */
#include "graph/node.h"
#include "tests/system/flaws.h"

static const struct flaw_row rows[] = {
    {"R11m", "tests/graph/test_clicks", "cut"},
    {"O12m", "tests/graph/test_loops", "blind"},
    {"editsm", "tests/graph/test_random_edits", "cut"},
    {"editsm", "tests/graph/test_random_edits", "forget"},
    {"editsm", "tests/graph/test_random_edits", "tardy"},
    {"subm", "tests/osc/test_sub", "unmarked"},
    {"subm", "tests/osc/test_sub", "certain"},
    {"notesm", "tests/graph/test_inbox", "lingering"},
    {"notesm", "tests/graph/test_inbox", "hasty"},
    {"notesm", "tests/graph/test_inbox_burst", "spilling"},
    {"O13m", "tests/osc/test_play", "haunted"},
    {"voicesm", "tests/graph/test_voice_storm", "grasping"},
    {"voicesm", "tests/graph/test_voice_storm", "soiled"},
    {"voicesm", "tests/graph/test_voice_storm", "undying"},
    {"voicesm", "tests/graph/test_voice_storm", "restless"},
    {"R13m", "tests/graph/test_long_time", "brimful"},
    {"R14m", "tests/graph/test_clock", "steadfast"},
};

int main(void)
{
    return flaws_run("flaws", rows, ROWS(rows));
}
