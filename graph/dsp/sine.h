/* A sine without a library call, fit for vectors: the phase is folded to a quarter of a cycle in integers, exactly, and a
 * polynomial of degree 9 does the rest.
 *
 * The polynomial is the minimax one of the form y + y^3 P(y^2) on 0..pi/2 (Remez exchange; the coefficients were rounded to
 * float one after the other and the rest fitted again): it is off by at most 4.9e-9, -166 dB. What remains is the rounding
 * of float: 1.2e-7 at the most, -151 dB rms.
 */
#pragma once

#include "graph/dsp/vector.h"
#include "graph/node.h"

/* sin(2 pi phase / 2^32). The phase is measured from the top of the wave, where both sides are alike, and turned into
 * -1/4..1/4 of a cycle: exactly 0 at 0, exactly odd. */
DAWD_RT static inline float sine_at(uint32_t phase)
{
    int32_t from_top = (int32_t)(phase - 0x40000000u); /* of the wave, to either side the same */
    uint32_t away = from_top < 0 ? 0 - (uint32_t)from_top : (uint32_t)from_top;
    int32_t folded = (int32_t)(0x40000000u - away);
    float y = (float)folded * 0x1.921fb6p-30f; /* 2 pi / 2^32 */
    float y2 = y * y;
    return y + y * (y2 * (((2.59913645e-06f * y2 - 0.000198061403f) * y2 + 0.00833300967f) * y2 - 0.166666567f));
}

/* The sines of n phases, in 2^-32 cycles. */
DAWD_RT DAWD_CLONES static inline void sine_run(float *out, const uint32_t *phase, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = sine_at(phase[i]);
}
