/* Sound on its way from the audio thread to the disk thread, of one record node.
 *
 *     audio                                              disk
 *     recording_run_rt ── frames ──▶ [ six seconds ] ──▶ recording_next: a piece of sound, or what happened before the next
 *                      ── marks  ──▶ [ 64 ]          ──▶ one: a take begins, frames are missing, the take ends
 *                      ◀── frames in the file, failed take ──   relaxed atomics
 *
 * The audio thread never waits. When the disk stands still for so long that there is no room left, frames are lost; they are
 * counted, and a mark in their place lets the disk thread write as much silence, so that all that follows stays in time.
 * Two marks are always kept free for the end of a take, which therefore cannot get lost.
 *
 * A take is a stretch of engine time. Where the clock has gone on without the node, because the sound card's driver has lost
 * some cycles, these frames are missing like any others; where it was for longer than a second (no server was there for a
 * while), one take ends and another begins.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "graph/ring_shared.h"
#include "graph/thread.h"

#define RECORDING_ROOM_S 6  /* of sound that waits for the disk */
#define RECORDING_MARKS  64 /* a power of two */

enum recording_event {
    RECORDING_NOTHING, /* no news */
    RECORDING_FRAMES,
    RECORDING_BEGIN, /* of a take */
    RECORDING_GAP,   /* frames were lost here */
    RECORDING_END,
};

/* Something that happened between two frames. */
struct recording_mark {
    enum recording_event event; /* BEGIN, GAP or END */
    uint64_t at;                /* frames ever sent before it */
    uint64_t frame;             /* BEGIN, END: engine time */
    uint64_t n_frames;          /* GAP: lost, */
    uint64_t n_skipped;         /* of these, not the disk's fault: the driver has skipped them */
    uint32_t take;              /* counting from 1 */
};

/* What the disk thread gets next. */
struct recording_piece {
    enum recording_event event;
    const float *frames;        /* FRAMES: interleaved, to be given back with recording_done */
    uint64_t n_frames;          /* of these */
    struct recording_mark mark; /* the other events */
};

struct recording {
    /* Constant from init to deinit. */
    float *frames; /* capacity_frames of `channels`, interleaved, touched */
    uint64_t capacity_frames;
    unsigned channels;
    struct ring marks; /* of struct recording_mark */

    /* The audio thread's cache line. What is not atomic may be read by others once it has forgotten the node. */
    _Alignas(64) _Atomic uint64_t sent; /* frames ever */
    uint64_t taken_seen;                /* its copy of `taken` */
    uint64_t next_frame;                /* engine time that follows on what it saw last */
    uint64_t begin_frame;               /* of the take */
    uint64_t lost;                      /* frames of the take, ever */
    uint64_t missing;                   /* of these, those that no mark tells of yet, */
    uint64_t skipped;                   /* of these, those that the driver has skipped */
    uint32_t take;                      /* the newest, counting from 1; 0: none */
    bool on;                            /* the switch, one frame ago */
    bool begun;                         /* the take's mark was sent */

    /* The disk thread's. */
    _Alignas(64) _Atomic uint64_t taken; /* frames ever */
    _Atomic uint64_t in_file;            /* frames of the newest take that are in its file */
    _Atomic uint32_t failed_take;        /* the newest that came to an end by a failure of the disk */
    struct recording_mark mark;          /* the next, where has_mark */
    bool has_mark;
};

/* Memory that one takes, which is locked. */
DAWD_ANY size_t recording_bytes(unsigned channels, double rate_hz);
/* Room for RECORDING_ROOM_S of sound. Before either side knows of it. 0, or ERROR_INTERNAL with nothing to undo. */
DAWD_CTL int recording_init(struct recording *recording, unsigned channels, double rate_hz);
/* Neither side may be using it. */
DAWD_ANY void recording_deinit(struct recording *recording);

/* Takes in n frames from `from` on, recording them while `on`. `frame` is the engine time of the first of them. */
DAWD_RT void recording_run_rt(struct recording *recording, bool on, const float *const *in, unsigned from, unsigned n,
                              uint64_t frame);

/* Whether a take is on its way to the disk, and whether the newest one failed. Audio thread. */
DAWD_RT bool recording_is_on_rt(const struct recording *recording);
DAWD_RT bool recording_has_failed_rt(const struct recording *recording);

/* The next event, at most `most` frames of it. */
DAWD_DISK struct recording_piece recording_next(struct recording *recording, uint64_t most);
/* Gives n frames of the newest piece back: their place may be written again. */
DAWD_DISK void recording_done(struct recording *recording, uint64_t n);
