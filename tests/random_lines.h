/* Requests at random, for tests of what becomes of any: edits and values, alone and in bundles, right and wrong ones. */
#pragma once

#include "tests/osc_rig.h"

/* Appends one request as lines (osc_rig_packet), which mention what there is in the rig's graph, mostly. */
DAWD_CTL void random_lines(const struct osc_rig *rig, uint32_t *seed, struct bytes *text);
