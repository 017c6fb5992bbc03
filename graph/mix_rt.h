/* Sums the edges that meet at a port. */
#pragma once

#include "graph/plan_shared.h"

/* Sets mix->in for n frames: to the sources themselves where nothing needs computing, or to silence, else to the sums, which
 * are made in `sums` (struct scratch); and mix->sounds. Moves the gains on.
 * True when mix->in will stay right as long as this plan runs and no source falls silent or sounds again. */
DAWD_RT bool mix_run_rt(struct mix *mix, float *const *sums, unsigned n);

/* Moves the gains on by n frames that have passed already, towards where they are heading. */
DAWD_RT void mix_skip_rt(struct mix *mix, uint32_t n);

/* Moves the gains on by n frames without sound; mix->in is left as it was. n may be more than a block. */
DAWD_RT void mix_idle_rt(struct mix *mix, uint32_t n);
