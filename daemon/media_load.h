/* Decoding a sound file into memory, at the engine's rate or its own. Loader thread.
 *
 * Any file may be hostile: what it claims about its length is believed only as far as sound comes out of it, memory is
 * taken as sound arrives and never beyond a limit, and non-finite samples become silence.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "daemon/files.h"
#include "graph/error.h"
#include "graph/media.h"
#include "graph/thread.h"

/* What is taken. Beyond these a file is refused as a whole. */
#define MEDIA_LOAD_LIMIT_BYTES   ((uint64_t)2 << 30) /* usual limit of one file */
#define MEDIA_LOAD_CHANNELS_MAX  64
#define MEDIA_LOAD_RATE_MIN_HZ   8000
#define MEDIA_LOAD_RATE_MAX_HZ   384000
#define MEDIA_LOAD_WARNING_BYTES 384

/* One load: what is wanted, and at the end what was odd. Belongs to the loader thread during the call. */
struct media_load {
    int fd;                    /* the open file, as from files_open; borrowed */
    const struct files *files; /* where others are that it names; borrowed; may be null for a sound */
    const char *name;          /* the file in error texts; borrowed */
    double rate_hz;            /* wanted; MEDIA_LOAD_RATE_MIN_HZ..MEDIA_LOAD_RATE_MAX_HZ, or 0: that of the file */
    uint64_t limit_bytes;      /* of the decoded samples; 0: MEDIA_LOAD_LIMIT_BYTES */
    atomic_bool *cancelled;    /* looked at every 4096 frames; null: cannot be cancelled */
    /* Called on the loader thread when 1/100 more is done, where the file says believably how long it is; null: nobody
     * asks. */
    void (*progress)(void *self, double fraction);
    void *progress_self;
    /* Out: a sentence on what was odd about a file that could be loaded; empty: nothing. */
    char warning[MEDIA_LOAD_WARNING_BYTES];
};

/* Decodes the whole file, from its start, and returns it with one reference that belongs to the caller (the file's length
 * times rate_hz / its rate, rounded to the nearest frame). Null with *error filled otherwise: BAD_FILE (no known format, no
 * sound, absurd rate or number of channels), TOO_BIG, CANCELLED, IO, RANGE (rate_hz), INTERNAL. */
DAWD_LOAD struct media *media_load(struct media_load *load, struct error *error);
