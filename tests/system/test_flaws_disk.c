/* The rows about disks and sessions have teeth (flaws.h). */
#include "graph/node.h"
#include "tests/system/flaws.h"

static const struct flaw_row rows[] = {
    {"D1m", "tests/system/test_disk_kill", "headless"},
    {"D1m", "tests/system/test_disk_kill", "sluggish"},
    {"D2m", "tests/system/test_disk_long", "narrow"},
    {"D3m", "tests/system/test_disk_full", "boast"},
    {"D3m", "tests/system/test_disk_full", "unwarned"},
    {"D4m", "tests/system/test_disk_stall", "seamless"},
    {"D5m", "tests/daemon/test_hostile_files", "wild"},
    {"D6m", "tests/system/test_streams", "dawdling"},
    {"D7m", "tests/system/test_disk_save", "inplace"},
    {"D7m", "tests/system/test_disk_save", "unsynced"},
    {"D9m", "tests/system/test_damaged_sessions", "tailless"},
    {"D10m", "tests/osc/test_memory", "leaky"},
    {"D10m", "tests/osc/test_memory", "forget"},
    {"D10m", "tests/osc/test_memory", "groupless"},
    {"D11m", "tests/daemon/test_files_faults", "inplace"},
    {"D11m", "tests/daemon/test_state_faults", "inplace"},
    {"D11m", "tests/daemon/test_state_faults", "unshaken"},
};

int main(void)
{
    return flaws_run("flaws of the disk", rows, ROWS(rows));
}
