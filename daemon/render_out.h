/* The file of a render: written beside its name, and put there when it is whole.
 *
 *     open    OUT.part-PID in the same folder
 *     close   complete, on the disk -> renamed to OUT, in the place of what was there
 *     drop    removed; OUT is as it was
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "daemon/media_write.h"

struct render_out {
    struct media_write *write;
    char *path, *part;
    int fd;        /* of the part, besides the writer's own */
    float *frames; /* one chunk, interleaved */
    unsigned n;    /* frames in it */
    unsigned channels;
    uint64_t n_frames; /* given so far */
};

/* What is wanted. */
struct render_spec {
    const char *path; /* from the command line: trusted; a regular file, or none */
    enum sound_format format;
    unsigned channels, rate_hz;
};

/* 0, or BAD_VALUE, BAD_FILE (something that is no regular file), IO or INTERNAL with nothing to undo. */
DAWD_CTL int render_out_open(struct render_out *out, const struct render_spec *spec, struct error *error);

/* Appends n frames of the channels, from frame `from` of each. 0 or IO. */
DAWD_CTL int render_out_write(struct render_out *out, float *const *channels, unsigned from, unsigned n,
                              struct error *error);

/* Puts the file in its place. 0 or IO; it is dropped then. */
DAWD_CTL int render_out_close(struct render_out *out, struct error *error);
DAWD_CTL void render_out_drop(struct render_out *out);
