/* The classic waves, hard-synced: those of wave.h with jumps to the beginning, by way of hard_sync.h.
 *
 * Between its edges a saw, a pulse and a triangle are straight lines, and so are their continuations. An edge of their own is
 * a jump as well, only that its height is known.
 */
#pragma once

#include "graph/dsp/hard_sync.h"

/* Add to n frames of samples a wave that goes along the spans, times `weight`. The pulse is high for width[i] of the cycle
 * (2^-32, per frame; width_before in the frame before). */
DAWD_RT void wave_synced_sine_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight,
                                 unsigned n);
DAWD_RT void wave_synced_triangle_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight,
                                     unsigned n);
DAWD_RT void wave_synced_saw_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight,
                                unsigned n);
DAWD_RT void wave_synced_pulse_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight,
                                  const uint32_t *width, uint32_t width_before, unsigned n);
