/* The one door to libebur128. Its header has an `enum error` of its own, so what includes it can include little of ours. */
#pragma once

#include <stddef.h>

#include "graph/thread.h"

struct loudness_library;

/* For one sound of so many channels (struct loudness_spec). Null when memory ran out, or at a rate beyond 16 to 2,822,400 Hz. */
DAWD_ANY struct loudness_library *loudness_library_new(unsigned channels, double rate_hz);
/* Null is accepted. */
DAWD_ANY void loudness_library_free(struct loudness_library *library);
/* Memory that one takes, nearly. */
DAWD_ANY size_t loudness_library_bytes(unsigned channels, double rate_hz);

/* n interleaved frames, 1 or more. Returns the largest |x| of all channels, between the samples too. */
DAWD_ANY double loudness_library_add(struct loudness_library *library, const float *frames, size_t n);
/* LUFS of the last `ms`, 400 at most; minus infinity for silence. */
DAWD_ANY double loudness_library_window(struct loudness_library *library, unsigned ms);
