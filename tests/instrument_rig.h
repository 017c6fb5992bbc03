/* Instruments for tests: a folder with sounds and texts in it, loaded as the daemon loads them. What goes wrong fails the
 * test. */
#pragma once

#include "daemon/files.h"
#include "daemon/media_instrument.h"
#include "graph/instrument.h"

struct instrument_rig {
    char folder[64];
    struct files files;
    struct media_load load; /* limit_bytes may be set before a load; the warning is there afterwards */
    struct error error;     /* of the last load */
};

struct instrument_rig instrument_rig_new(void);
/* Removes the folder with all that is in it. */
void instrument_rig_free(struct instrument_rig *rig);

/* Where a file of that name lies; valid until the next call. */
const char *instrument_rig_path(const struct instrument_rig *rig, const char *name);
/* A folder in it. */
void instrument_rig_mkdir(const struct instrument_rig *rig, const char *name);
/* A float WAV of one channel: a sine of hz, amplitude 0.5. */
void instrument_rig_sine(const struct instrument_rig *rig, const char *name, double hz, int rate_hz, size_t n);
/* A float WAV of these frames. */
void instrument_rig_sound(const struct instrument_rig *rig, const char *name, int rate_hz, int channels,
                          const float *samples, size_t n);
/* The same with an instrument chunk: root key, and a loop when its end is above 0 (the frame behind the last one). */
void instrument_rig_marked(const struct instrument_rig *rig, const char *name, const float *samples, size_t n, int root,
                           unsigned loop_start, unsigned loop_end);
/* Writes the text as NAME and loads it; null with rig->error otherwise. */
struct media *instrument_rig_text(struct instrument_rig *rig, const char *name, const char *text);
struct media *instrument_rig_load(struct instrument_rig *rig, const char *name);
