/* A disk for sound files that are written: as large as the test wants, and it fails when the test wants. It remembers the
 * bytes near the beginning of a file, the rest reads as zero, so that a file of many gigabytes costs nothing.
 *
 *     struct fake_disk disk = fake_disk_new(1 << 20);        what is kept, in bytes
 *     disk.capacity = 100000;                                ENOSPC from there on
 *     spec.io = fake_disk_io(&disk);
 *     fake_disk_claimed(&disk), fake_disk_readable(&disk)
 *     fake_disk_free(&disk);
 */
#pragma once

#include <stdint.h>

#include "daemon/media_write.h"

struct fake_disk {
    unsigned char *bytes; /* the first n_kept of the file */
    uint64_t n_kept;
    uint64_t length;   /* of the file */
    uint64_t capacity; /* of the disk; default: endless */
    int write_errno;   /* of a full disk; default ENOSPC */
    int header_errno;  /* of writes that do not lengthen the file; 0: they succeed */
    size_t most;       /* bytes that one write takes; 0: all */
    unsigned n_writes, n_closed;
    /* Called before each write that lengthens the file: time passes meanwhile. */
    void (*stall)(void *user);
    void *user;
};

struct fake_disk fake_disk_new(uint64_t n_kept);
void fake_disk_free(struct fake_disk *disk);
struct media_io fake_disk_io(struct fake_disk *disk);

/* Frames that the file claims; -1 when it cannot be opened as a sound file. */
int64_t fake_disk_claimed(const struct fake_disk *disk);
/* Frames that come out of it until it ends. */
int64_t fake_disk_readable(const struct fake_disk *disk);
/* Reads up to n frames from `from` on, interleaved; returns how many there were. */
int64_t fake_disk_read(const struct fake_disk *disk, int64_t from, float *frames, int64_t n);
