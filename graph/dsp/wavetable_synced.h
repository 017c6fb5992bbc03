/* Waves from tables, hard-synced: by way of hard_sync.h. */
#pragma once

#include "graph/dsp/hard_sync.h"
#include "graph/dsp/wavetable.h"

/* Adds n frames, SYNC_STRETCH at most, of a wave that goes along the spans; speed and position as for wavetable_read_rt. */
DAWD_RT void wavetable_synced_rt(const struct wavetable *table, struct sync_samples *samples, const struct sync_span *span,
                                 const float *speed, const float *position, unsigned n);
