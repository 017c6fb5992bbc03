/* The classic waves, hard-synced: those of wave.h with jumps to the beginning, by way of hard_sync.h.
 *
 * Between its edges a saw, a pulse and a triangle are straight lines, and so are their continuations. An edge of their own is
 * a jump as well, only that its height is known.
 */
#pragma once

#include "graph/dsp/hard_sync.h"

/* Add to n frames of samples, from frame `from` on, a wave that goes along the spans, times `weight`; arrays are by frame, the first
 * that of frame 0. The pulse is high for width[i] of the cycle (2^-32; width_before in the frame before `from`). Where several waves
 * are mixed they go frame by frame, so that residuals are summed in one order. */
DAWD_RT void wave_synced_sine_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight,
                                 unsigned from, unsigned n);
DAWD_RT void wave_synced_triangle_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight,
                                     unsigned from, unsigned n);
DAWD_RT void wave_synced_saw_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight,
                                unsigned from, unsigned n);
DAWD_RT void wave_synced_pulse_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight,
                                  const uint32_t *width, uint32_t width_before, unsigned from, unsigned n);
