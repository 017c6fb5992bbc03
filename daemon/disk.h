/* The disk thread: writes all recordings, and nothing else.
 *
 *     control   record, release (a lock for a few pointers)
 *     audio     nothing: it wakes nobody
 *     disk      every 20 ms while a recording exists: a turn for each; asleep otherwise
 *
 * It never syncs: a sync would hold up the others for as long as the slowest disk likes. What was written survives the end of
 * the process, however it ends.
 */
#pragma once

#include "daemon/files_new.h"
#include "daemon/log.h"
#include "daemon/recorder_disk.h"
#include "graph/disk.h"

struct disk;

/* What it writes to. */
struct disk_config {
    struct recorder_store store;
    /* Whether a path could be recorded to now. 0, or what `record` of the service is refused with. */
    DAWD_CTL int (*check_new)(void *self, const char *path, struct error *error);
    struct log *log;     /* may be null */
    unsigned patience_s; /* with a disk that takes nothing, at the end */
    size_t bytes_max;    /* that all recordings together may hold, in locked memory */
};

/* Files beneath the roots (borrowed); half a minute; 1 GiB, which is 460 recordings of two channels at 48 kHz. */
DAWD_CTL struct disk_config disk_config_files(struct files *files, struct log *log);

/* Starts the thread. What the config points to is kept. Null: no memory or thread left. */
DAWD_CTL struct disk *disk_new(const struct disk_config *config);
/* Writes what is left of every recording, closes the files, ends the thread, frees. Null is accepted. False when the disk
 * has taken nothing for patience_s: the thread still hangs in it, and nothing that it uses may be taken apart. */
DAWD_CTL bool disk_free(struct disk *disk);

/* Takes that run, as of the last turn. */
DAWD_ANY unsigned disk_takes(const struct disk *disk);

/* The service for the graph, which borrows the disk. */
DAWD_CTL struct disk_service disk_service(struct disk *disk);
