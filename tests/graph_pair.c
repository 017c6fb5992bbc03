#include "tests/graph_pair.h"

#include <string.h>

#include "tests/graph_check.h"

void graph_pair_try(struct graph_rig *const rigs[2], const char *script)
{
    int code = graph_rig_try(rigs[0], "%s", script);
    ck_assert_int_eq(graph_rig_try(rigs[1], "%s", script), code);
}

bool graph_pair_run(struct graph_rig *const rigs[2], unsigned n, unsigned round)
{
    bool sounds = false;
    for (unsigned k = 0; k < 2; k++)
        graph_rig_run(rigs[k], n);
    for (unsigned c = 0; c < 2; c++) {
        unsigned i = 0, port = graph_rig_node(rigs[0], "out")->device_first + c;
        while (i < n && memcmp(&rigs[0]->heard[port][i], &rigs[1]->heard[port][i], sizeof(float)) == 0)
            i++;
        MUST(i == n, "round %u, channel %u, frame %u of %u: %.9g, %.9g in the plain way", round, c, i, n,
             (double)rigs[0]->heard[port][i], (double)rigs[1]->heard[port][i]);
        sounds |= rigs[0]->heard[port][n - 1] != 0.0f;
    }
    return sounds;
}
