/* The phase of everything that sways: a cycle that goes round at a rate.
 *
 *     rate Hz --> + phase, 2^-64 cycles --> per frame the upper 32 bits, as the shapes want them (phase.h, sine.h)
 *
 * At a rate that stands still it never drifts, and a node that slept finds it where it would have been.
 */
#pragma once

#include "graph/dsp/phase.h"

/* One cycle; several voices of an effect are offsets from it. */
struct sway {
    uint64_t phase; /* in 2^-64 cycles */
    uint64_t step;  /* of the frame before */
    double frame_s;
};

DAWD_ANY static inline struct sway sway_at(double rate_hz)
{
    return (struct sway){.phase = PHASE_ZERO, .frame_s = 1 / rate_hz};
}

/* The phases of a block's frames from `from` on, n of them, by the rate in Hz in this row of the node's parameters. */
DAWD_RT static inline void sway_run(struct sway *sway, const struct node_io *io, unsigned rate_row, uint32_t *phase,
                                    unsigned from, unsigned n)
{
    const struct param *rate = &io->param[rate_row];
    if (param_is_constant(rate)) {
        sway->step = phase_step(rate->value * sway->frame_s);
        phase_fill(phase, &sway->phase, sway->step, n);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        sway->step = phase_step(param_at(rate, from + i) * sway->frame_s);
        phase[i] = (uint32_t)(sway->phase >> 32);
        sway->phase += sway->step;
    }
}

/* So many frames that were slept through, at the rate of the last one. */
DAWD_RT static inline void sway_skip(struct sway *sway, uint64_t frames)
{
    sway->phase += sway->step * frames;
}
