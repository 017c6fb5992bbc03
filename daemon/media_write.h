/* Writing a sound file, so that at every moment it holds what it says it holds.
 *
 *     frames -> dither, clip -> libsndfile -> struct media_io -> a file beneath the roots, or what a test puts there
 *
 * Whatever happens to the disk or to the process, the number of frames that the file claims is the number that can be read:
 * the header follows the sound after each write, the first write that falls short ends the file at the last whole frame,
 * and nobody's word is taken for it but that of the write itself (libsndfile closes a file that lost its end with success).
 *
 * One thread at a time: the disk thread for recordings, the only thread there is for a render.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/sound_format.h"
#include "graph/thread.h"

#define MEDIA_WRITE_CHUNK_FRAMES 4096 /* what libsndfile gets at once: encoders keep a call's worth on the stack */

/* Where the bytes go. Results are as of the system calls, with -errno in place of -1; none is called after close. */
struct media_io {
    void *self;
    /* Writes at a place; may write fewer bytes than asked for. */
    DAWD_DISK int64_t (*write)(void *self, const void *bytes, size_t n, uint64_t at);
    /* Cuts the file off. */
    DAWD_DISK int (*truncate)(void *self, uint64_t length);
    /* Bytes that may still be written to this disk; negative: nobody knows. */
    DAWD_DISK int64_t (*room)(void *self);
    DAWD_DISK void (*close)(void *self);
};

/* An ordinary file, empty and open for writing; takes the descriptor. */
DAWD_DISK struct media_io media_io_fd(int fd);

struct media_write;

/* A file to be. */
struct media_write_spec {
    struct media_io io; /* an empty file; taken in any case, and closed */
    enum sound_format format;
    unsigned channels; /* 1..8 */
    unsigned rate_hz;
    bool is_live; /* the header is kept true as it grows, for files that must survive the process; costs two small writes
                     per call */
};

/* What became of it. */
struct media_written {
    uint64_t n_frames;  /* that the file claims, and that can be read from it */
    uint64_t n_clipped; /* samples beyond full scale, which formats of whole numbers cut off */
    int cause;          /* errno of the first write that failed; 0: everything is in the file */
};

/* Writes the header. Null with *error filled: IO or INTERNAL. */
DAWD_DISK struct media_write *media_write_open(const struct media_write_spec *spec, struct error *error);

/* Appends n interleaved frames, any number. Not finite samples become silence. False when not all of them came to be in the
 * file: nothing more will, and what is to be done is to close it. */
DAWD_DISK bool media_write_frames(struct media_write *write, const float *frames, size_t n);
/* The same with silence, which is exactly zero only where there is no dither. */
DAWD_DISK bool media_write_silence(struct media_write *write, uint64_t n);

/* What a close would report now; encoders that hold back part of their sound count it as written until a write fails. */
DAWD_DISK struct media_written media_write_state(const struct media_write *write);
/* Bytes that may still be written to its disk; negative: nobody knows. */
DAWD_DISK int64_t media_write_room(const struct media_write *write);

/* Completes the file and closes it. */
DAWD_DISK struct media_written media_write_close(struct media_write *write);
