/* Two rigs that get the same edits and must sound alike to the bit: the engine in another way, and in the plain one. */
#pragma once

#include "tests/graph_rig.h"

/* Commits the script in both, or in neither: with the same code. */
void graph_pair_try(struct graph_rig *const rigs[2], const char *script);
/* Runs both for n frames and compares what leaves `out`; `round` is named where it differs. Whether anything was heard at the end. */
bool graph_pair_run(struct graph_rig *const rigs[2], unsigned n, unsigned round);
