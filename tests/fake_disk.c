#include "tests/fake_disk.h"

#include <check.h>
#include <errno.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_FRAMES 4096
#define CHANNELS_MAX 8

struct fake_disk fake_disk_new(uint64_t n_kept)
{
    struct fake_disk disk = {.n_kept = n_kept, .capacity = UINT64_MAX, .write_errno = ENOSPC};
    disk.bytes = calloc(1, n_kept);
    ck_assert_ptr_nonnull(disk.bytes);
    return disk;
}

void fake_disk_free(struct fake_disk *disk)
{
    free(disk->bytes);
}

static int64_t on_write(void *self, const void *bytes, size_t n, uint64_t at)
{
    struct fake_disk *disk = self;
    disk->n_writes++;
    if (at + n > disk->length && disk->stall)
        disk->stall(disk->user);
    if (at + n <= disk->length && disk->header_errno)
        return -disk->header_errno;
    if (at >= disk->capacity)
        return -disk->write_errno;
    n = at + n > disk->capacity ? disk->capacity - at : n;
    n = disk->most && n > disk->most ? disk->most : n;
    if (at < disk->n_kept)
        memcpy(disk->bytes + at, bytes, at + n > disk->n_kept ? disk->n_kept - at : n);
    disk->length = at + n > disk->length ? at + n : disk->length;
    return (int64_t)n;
}

static int on_truncate(void *self, uint64_t length)
{
    ((struct fake_disk *)self)->length = length;
    return 0;
}

static int64_t on_room(void *self)
{
    const struct fake_disk *disk = self;
    return disk->capacity == UINT64_MAX ? INT64_MAX : (int64_t)(disk->capacity - disk->length);
}

static void on_close(void *self)
{
    ((struct fake_disk *)self)->n_closed++;
}

struct media_io fake_disk_io(struct fake_disk *disk)
{
    return (struct media_io){disk, on_write, on_truncate, on_room, on_close};
}

/* ---- reading back --------------------------------------------------------------------------------------------------- */

struct reading {
    const struct fake_disk *disk;
    uint64_t at;
    SNDFILE *file;
    SF_INFO info;
};

static sf_count_t read_length(void *user)
{
    return (sf_count_t)((struct reading *)user)->disk->length;
}

static sf_count_t read_seek(sf_count_t offset, int whence, void *user)
{
    struct reading *reading = user;
    uint64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? reading->at : reading->disk->length;
    reading->at = from + (uint64_t)offset;
    return (sf_count_t)reading->at;
}

static sf_count_t read_bytes(void *bytes, sf_count_t count, void *user)
{
    struct reading *reading = user;
    uint64_t n = (uint64_t)count, length = reading->disk->length, kept = reading->disk->n_kept;
    n = reading->at >= length ? 0 : reading->at + n > length ? length - reading->at : n;
    memset(bytes, 0, n);
    if (reading->at < kept)
        memcpy(bytes, reading->disk->bytes + reading->at, reading->at + n > kept ? kept - reading->at : n);
    reading->at += n;
    return (sf_count_t)n;
}

static sf_count_t read_tell(void *user)
{
    return (sf_count_t)((struct reading *)user)->at;
}

static bool reading_open(struct reading *reading, const struct fake_disk *disk)
{
    SF_VIRTUAL_IO io = {read_length, read_seek, read_bytes, NULL, read_tell};
    *reading = (struct reading){.disk = disk};
    reading->file = sf_open_virtual(&io, SFM_READ, &reading->info, reading);
    ck_assert(!reading->file || reading->info.channels <= CHANNELS_MAX);
    return reading->file;
}

int64_t fake_disk_claimed(const struct fake_disk *disk)
{
    struct reading reading;
    if (!reading_open(&reading, disk))
        return -1;
    sf_close(reading.file);
    return reading.info.frames;
}

int64_t fake_disk_readable(const struct fake_disk *disk)
{
    static float room[PIECE_FRAMES * CHANNELS_MAX];
    struct reading reading;
    int64_t n = 0, now;
    if (!reading_open(&reading, disk))
        return -1;
    while ((now = sf_readf_float(reading.file, room, PIECE_FRAMES)) > 0)
        n += now;
    sf_close(reading.file);
    return n;
}

int64_t fake_disk_read(const struct fake_disk *disk, int64_t from, float *frames, int64_t n)
{
    struct reading reading;
    if (!reading_open(&reading, disk))
        return -1;
    if (from) /* FLAC without a block cannot seek */
        ck_assert_int_eq(sf_seek(reading.file, from, SEEK_SET), from);
    int64_t got = sf_readf_float(reading.file, frames, n);
    sf_close(reading.file);
    return got;
}
