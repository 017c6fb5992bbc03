/* Inside of the cycle: what is measured of it. */
#pragma once

#include "graph/engine_shared.h"

/* The begin and the end of every cycle; `cycle` is null for one that runs no nodes. Returns how many frames the driver has lost
 * since the cycle before. */
DAWD_RT unsigned watch_begin_rt(struct engine_rt *engine, const struct cycle *cycle);
DAWD_RT void watch_end_rt(struct engine_rt *engine, const struct cycle *cycle);

/* Messages were taken in: that time is not the first span's. */
DAWD_RT void watch_drained_rt(struct engine_rt *engine);
/* The steps from `first` up to, but not with, `end` have run for n frames. */
DAWD_RT void watch_span_rt(struct engine_rt *engine, unsigned first, unsigned end, unsigned n);
/* The same of steps that other threads have run, when it is profiled: what they took. One thread at a time per step. */
DAWD_RT void watch_cost_rt(const struct engine_rt *engine, unsigned first, unsigned end, uint64_t took_ns, unsigned n);
/* And the longest of what one of them has run in this block. */
DAWD_RT void watch_longest_rt(struct engine_rt *engine, const struct watch_note *longest);

/* A value was taken in. */
DAWD_RT void watch_value_rt(struct engine_rt *engine, const struct value_rt *value);
/* So many were, by themselves and with changes: exact, where watch_value_rt only knows of those whose arrival was noted. */
DAWD_RT void watch_taken_rt(struct engine_rt *engine, uint64_t n_values);
/* A change took effect so many frames behind its time. */
DAWD_RT void watch_late_rt(struct engine_rt *engine, uint64_t n_frames);
