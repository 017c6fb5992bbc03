/* Sums the edges that meet at a port. */
#pragma once

#include "graph/plan_shared.h"

/* Sets mix->in for n frames: to the sources themselves where nothing needs computing, else to the sums, which
 * are made in `sums` (struct scratch). Moves the gains on.
 * True when mix->in will stay right as long as this plan runs: it need not be called again. */
DAWD_RT bool mix_run_rt(struct mix *mix, float *const *sums, unsigned n);

/* Moves the gains on by n frames without sound; mix->in is left as it was. n may be more than a block. */
DAWD_RT void mix_idle_rt(struct mix *mix, uint32_t n);
