/* One record node at the disk's end: takes come out of its recording, each becomes a file.
 *
 *     BEGIN   the next free name of drums.wav, drums-2.wav, drums-3.wav, …; made, never written over
 *     FRAMES  written
 *     GAP     as much silence
 *     END     closed; the log says what is in it
 *
 * When the disk fails, the file ends at the last frame that can be read, the log says why and how much there is, and the
 * node learns it; what is left of that take is thrown away. The next take tries anew.
 */
#pragma once

#include "daemon/disk_news.h"
#include "daemon/log.h"
#include "daemon/media_write.h"
#include "graph/disk.h"

/* Where files are made: beneath the roots, or what a test puts there. */
struct recorder_store {
    void *self;
    /* A new file. 0, CONFLICT when there is one of this name, or another refusal. */
    DAWD_DISK int (*create)(void *self, const char *path, struct media_io *io, struct error *error);
    struct disk_news *news; /* who is told of takes; may be null */
};

/* What a turn leaves behind. */
enum recorder_state {
    RECORDER_IDLE,     /* everything is written */
    RECORDER_HAS_MORE, /* it wants another turn at once */
    RECORDER_THROUGH,  /* it was released, and everything is written and closed */
};

struct recorder {
    struct recording recording; /* first: what the node knows of it */
    /* Constant. */
    const struct recorder_store *store;
    struct log *log; /* may be null */
    char *path;      /* as it was given */
    enum sound_format format;
    unsigned rate_hz;
    /* Control's last word: the audio thread has forgotten it. */
    atomic_bool released;
    /* The disk thread's own. */
    char *file;                /* path of the newest take; SOUND_PATH_BYTES */
    struct media_write *write; /* of the take that runs, or null */
    uint32_t take;             /* whose BEGIN came last */
    unsigned n_names;          /* tried so far */
    uint64_t begin_frame;      /* engine time */
    uint64_t lost;             /* frames of this take, */
    uint64_t skipped;          /* of these, by the driver */
    int64_t looked_ms;         /* when room on the disk was last looked at */
    bool warned;               /* of too little room, in this take */
    enum recorder_state state; /* after its last turn */
    struct recorder *next;     /* the disk's list */
};

/* A new one, which keeps `store` and `log`. Null when memory ran out. */
DAWD_CTL struct recorder *recorder_new(const struct recording_spec *spec, const struct recorder_store *store,
                                       struct log *log);
/* Nothing is open any more. Null is accepted. */
DAWD_DISK void recorder_free(struct recorder *recorder);

/* Writes what is there, some seconds' worth at most, so that others get their turn. Once released it also ends the take. */
DAWD_DISK enum recorder_state recorder_turn(struct recorder *recorder);

/* Bytes per second that its file grows by while a take runs, 0 otherwise: FLAC counted as if it did not pack. */
DAWD_DISK uint64_t recorder_bytes_per_s(const struct recorder *recorder);
/* Looks once a second how much room is left, and warns, once per take, when that is less than a minute at bytes_per_s (of
 * all that is being recorded). */
DAWD_DISK void recorder_watch(struct recorder *recorder, int64_t now_ms, uint64_t bytes_per_s);
