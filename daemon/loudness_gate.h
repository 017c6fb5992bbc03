/* Which stretches of a programme count, and what those that count come to: integrated loudness and loudness range in bounded
 * memory.
 *
 * Stretches are kept as a histogram over loudness, in steps of 0.1 LU, with the sum of the powers in each step: so the mean is
 * that of the stretches themselves, whatever steps they lie in, and a steady tone reads as what it is. Only where a gate or a
 * percentile falls inside a step, that step goes as a whole.
 *
 * ITU-R BS.1770-4, "Algorithms to measure audio programme loudness and true-peak audio level", 2015; EBU Tech 3342, "Loudness
 * range", 2016.
 */
#pragma once

#include <stdint.h>

#include "graph/thread.h"

#define LOUDNESS_GATE_LUFS  (-70.0) /* what is softer never counts */
#define LOUDNESS_GATE_STEPS 1700    /* up to 100 LUFS */

/* All zero is a new one. */
struct loudness_gate {
    double power[LOUDNESS_GATE_STEPS]; /* sum of those in the step */
    uint64_t n[LOUDNESS_GATE_STEPS];
};

/* Power, as K-weighting leaves it, to LUFS and back; -200 and less: no power. */
DAWD_ANY double loudness_gate_lufs(double power);
DAWD_ANY double loudness_gate_power(double lufs);

/* One more stretch. */
DAWD_ANY void loudness_gate_add(struct loudness_gate *gate, double power);
/* LUFS of the stretches that are no more than 10 LU softer than the mean of all: of 400 ms each, integrated loudness. */
DAWD_ANY double loudness_gate_integrated(const struct loudness_gate *gate);
/* LU between the loudness that 10 % and the one that 95 % of the stretches stay below, of those no more than 20 LU softer than
 * the mean of all: of 3 s each, loudness range. */
DAWD_ANY double loudness_gate_range(const struct loudness_gate *gate);
