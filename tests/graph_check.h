/* Looks into model and plan for the tests of graph/: everything in words, and what must always hold. */
#pragma once

#include <check.h>

#include "tests/graph_rig.h"

/* As ck_assert_msg, for loops: it costs nothing while all is well. */
#define MUST(condition, ...)                                                                                               \
    do {                                                                                                                   \
        if (!(condition))                                                                                                  \
            ck_abort_msg(__VA_ARGS__);                                                                                     \
    } while (0)

/* All that the client can see and all that is on its way out, as text: nodes, edges, values, counts, device ports,
 * revision. The caller frees it. */
char *graph_dump(const struct ctl *ctl);
/* The same without what is on its way out, device ports and revision. */
char *graph_dump_live(const struct ctl *ctl);

/* Ends the test unless lists, names, counts and orders of the model agree with each other. */
void graph_check_model(const struct ctl *ctl);

/* Ends the test unless the plan runs exactly the planned nodes and edges of the model, each node once and behind all that
 * it hears, and every tap still finds in its buffer what its source wrote there. */
void graph_check_plan(const struct ctl *ctl, const struct plan *plan);

/* What arrives at a channel of an input port when everything stands still, in a graph of sources, sums and gains: the
 * definition of the live edges, summed up from scratch, not the way that the engine goes. */
double graph_arrives_at(const struct node *node, unsigned to_port, unsigned channel);

/* Runs 5000 frames and ends the test unless both channels of the probe are the same, bit by bit, and not silent. */
void graph_check_alike(struct graph_rig *rig, const char *probe);
