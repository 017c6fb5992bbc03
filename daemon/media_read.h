/* A sound file that is read in pieces, from anywhere in it: what streams are made of, and what a file says about itself.
 *
 * Nothing that it says is believed: a piece holds as many frames as came out of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"

#define MEDIA_READ_CHUNK_FRAMES 4096 /* that are decoded at a time: decoders keep a call's worth on the stack */
#define MEDIA_READ_CHANNELS     2    /* that are given: of a wider sound, the first two */

/* What its smpl or INST chunk says. Only the first loop counts, and only where it goes forward; it may lie outside of the sound,
 * which is not known here. */
struct media_marks {
    bool has_root, has_loop;
    float root;                    /* the key that it was played at, fractions included */
    uint64_t loop_start, loop_end; /* frames; the second is behind the last one */
};

/* One open file. Its maker's alone: two that read the same file each have their own. */
struct media_read {
    void *file;        /* the decoder's */
    uint64_t n_frames; /* that it says it has */
    uint64_t at;       /* the frame that comes next */
    unsigned channels; /* of the file, 1..MEDIA_LOAD_CHANNELS_MAX */
    double rate_hz;
    struct media_marks marks;
    float *chunk; /* MEDIA_READ_CHUNK_FRAMES of all its channels */
};

/* Takes the descriptor, also where it fails. 0, or BAD_FILE, IO, INTERNAL with `name` in the text; nothing to close then. */
DAWD_ANY int media_read_open(struct media_read *read, int fd, const char *name, struct error *error);
/* n frames from frame `from` on, of min(channels, MEDIA_READ_CHANNELS) interleaved. Returns how many there were; no sample is
 * anything but finite. A frame that is not the next one costs a seek. */
DAWD_ANY size_t media_read_frames(struct media_read *read, uint64_t from, float *frames, size_t n);
/* Accepts what is closed, or all zeros. */
DAWD_ANY void media_read_close(struct media_read *read);
