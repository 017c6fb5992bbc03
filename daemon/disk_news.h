/* What the disk thread has to say to clients, and how it gets to control, which alone talks to them.
 *
 *     recorder ──disk_news_put──▶ [ notes ] ──disk_news_tell──▶ /event/record, /event/disk
 *       disk thread                a lock, held for one note        control thread
 *
 * When control does not look, the oldest notes give way: the log has them all.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

struct server;

#define DISK_NOTES_MAX       32
#define DISK_NOTE_FILE_BYTES 512

enum disk_note_kind {
    DISK_TAKE_BEGUN,
    DISK_TAKE_ENDED,
    DISK_TAKE_FAILED, /* it could not begin, or ended before its time: `text` says why */
    DISK_IN_NEED,     /* too slow, or almost full: `text` */
};

struct disk_note {
    enum disk_note_kind kind;
    char file[DISK_NOTE_FILE_BYTES]; /* as it is called beneath the roots; a longer name is cut */
    char text[160];                  /* "" where all is well */
    uint64_t n_frames;               /* in the file */
    double seconds;                  /* of them */
};

/* All of it is guarded by the lock. */
struct disk_news {
    pthread_mutex_t lock;
    struct disk_note notes[DISK_NOTES_MAX];
    unsigned first, n; /* n notes from `first` on, round the end */
};

DAWD_CTL void disk_news_init(struct disk_news *news);
DAWD_CTL void disk_news_deinit(struct disk_news *news);

/* Leaves a note (copied). Null news are nobody's. */
DAWD_DISK void disk_news_put(struct disk_news *news, const struct disk_note *note);
/* The oldest note, or false. */
DAWD_CTL bool disk_news_take(struct disk_news *news, struct disk_note *note);
/* Tells clients of all there is. */
DAWD_CTL void disk_news_tell(struct disk_news *news, struct server *server);
