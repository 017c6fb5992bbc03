/* Phase that never drifts: 64-bit fixed point, one cycle is 2^64, so that wrapping is free and a step is exact to 2^-64
 * of a cycle. A float or double phase accumulator rounds at every frame; this one is in tune after a week. */
#pragma once

#include "graph/dsp/vector.h"
#include "graph/node.h"

/* Half a cycle in the unit of the upper 32 bits, which is what the shapes look at. */
#define PHASE_HALF 0x80000000u

/* Where a phase starts: half a unit of the 32 bits that the shapes look at. An edge that falls exactly on a frame (a square
 * of 1 Hz at any rate) stays on that frame for weeks although the step had to be rounded. */
#define PHASE_ZERO (UINT64_C(1) << 31)

/* Phase per frame of a frequency in cycles per frame, which is held at half a cycle: what lies above has no meaning. The
 * bound is the last double below it, so that the product fits an int64_t: converting to that is one instruction, to a
 * uint64_t a branch. */
DAWD_RT static inline uint64_t phase_step(double cycles)
{
    /* 2^-54 below one half. */
    const double most = 0x1.fffffffffffffp-2;
    return (uint64_t)(int64_t)((cycles < most ? cycles : most) * 0x1p64 + 0.5);
}

/* The same of a frequency that may be negative: the phase goes backwards. */
DAWD_RT static inline int64_t phase_turn(double cycles)
{
    const double most = 0x1.fffffffffffffp-2;
    cycles = cycles < most ? cycles : most;
    return (int64_t)((cycles > -most ? cycles : -most) * 0x1p64 + 0.5);
}

/* An offset of 0..1 cycles in the unit of 2^-32 cycles; 1 is 0 again. By way of 2^30, which fits the signed conversion
 * that vectors have. */
DAWD_RT static inline uint32_t phase_offset(float cycles)
{
    return (uint32_t)(int32_t)(cycles * 0x1p30f) << 2;
}

/* Writes the upper 32 bits of the phase of n frames and leaves it at the frame that follows. The lower half only keeps
 * the pitch: what looks at a phase looks at the upper one. */
DAWD_RT DAWD_CLONES static inline void phase_fill(uint32_t *out, uint64_t *phase, uint64_t step, unsigned n)
{
    uint64_t at = *phase;
    for (unsigned i = 0; i < n; i++) {
        out[i] = (uint32_t)(at >> 32);
        at += step;
    }
    *phase = at;
}

/* Adds an offset in cycles, 0..1, to each of n phases: after they were filled, so that the phase that runs on is not
 * touched and an offset taken back leaves no trace. */
DAWD_RT DAWD_CLONES static inline void phase_shift(uint32_t *phase, const struct param *cycles, unsigned n)
{
    if (param_is_constant(cycles)) {
        uint32_t offset = phase_offset(cycles->value);
        for (unsigned i = 0; offset && i < n; i++)
            phase[i] += offset;
        return;
    }
    for (unsigned i = 0; i < n; i++)
        phase[i] += phase_offset(param_at(cycles, i));
}
