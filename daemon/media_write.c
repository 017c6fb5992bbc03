/* libsndfile sees a virtual file, whose place and length are kept here. Two kinds of writes come out of it:
 *
 *     at the end     sound: a failure is latched, and nothing is appended ever after
 *     before it      the header, which lies in blocks that the disk has given already: tried also on a full disk
 *
 * Formats of fixed size are cut at the last whole frame. FLAC is written block by block, one write each; a block that does
 * not fit is cut off whole. Its encoder would write the number of frames only at the end, and not at all after a failure:
 * it is put into the header here, after each block. */
#include "daemon/media_write.h"

#include <errno.h>
#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/media_dither.h"
#include "graph/mutant.h"

#define CHANNELS_MAX 8

/* Places in a FLAC file, by RFC 9639: the marker, the head of a metadata block, and the block "streaminfo". */
#define FLAC_HEAD_BYTES    42
#define FLAC_BLOCK_SIZE_AT 8  /* frames of every block but the last, 16 bits */
#define FLAC_TOTAL_AT      21 /* frames of the file: the low half of this byte, and the four behind it */
#define FLAC_TOTAL_BYTES   5
#define FLAC_TOTAL_HIGH    0x0f
#define FLAC_SYNC_FIRST    0xff /* what every block begins with, and nothing before the first */
#define FLAC_SYNC_SECOND   0xf8
#define FLAC_SYNC_MASK     0xfc

struct media_write {
    struct media_write_spec spec;
    SNDFILE *file;
    /* The virtual file. */
    uint64_t at, length; /* bytes */
    int cause;           /* errno of the first append that failed */
    bool header_failed;  /* a write before the end did, in this call */
    bool is_closing;
    /* FLAC only. */
    unsigned char head[FLAC_HEAD_BYTES]; /* as it stands in the file */
    uint64_t n_blocks;                   /* in the file */
    /* The sound. */
    unsigned frame_bytes; /* of formats of fixed size; 0: FLAC */
    uint64_t n_frames;    /* given to libsndfile */
    uint64_t n_claimed;   /* by the last header that was written */
    struct media_dither dither;
    int32_t *whole; /* one chunk of whole numbers; null for floats */
};

/* ---- the ordinary disk --------------------------------------------------------------------------------------------- */

static int fd_of(void *self)
{
    return (int)(intptr_t)self;
}

static int64_t fd_write(void *self, const void *bytes, size_t n, uint64_t at)
{
    ssize_t written = pwrite(fd_of(self), bytes, n, (off_t)at);
    return written < 0 ? -errno : written;
}

static int fd_truncate(void *self, uint64_t length)
{
    return ftruncate(fd_of(self), (off_t)length) ? -errno : 0;
}

static int64_t fd_room(void *self)
{
    struct statvfs disk;
    if (fstatvfs(fd_of(self), &disk))
        return -errno;
    return (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

static void fd_close(void *self)
{
    close(fd_of(self));
}

struct media_io media_io_fd(int fd)
{
    return (struct media_io){(void *)(intptr_t)fd, fd_write, fd_truncate, fd_room, fd_close};
}

/* ---- the virtual file ---------------------------------------------------------------------------------------------- */

/* Everything, or as much as goes: then *cause says why. */
static size_t write_all(const struct media_io *io, const void *bytes, size_t n, uint64_t at, int *cause)
{
    size_t done = 0;
    while (done < n) {
        int64_t now = io->write(io->self, (const char *)bytes + done, n - done, at + done);
        if (now == -EINTR)
            continue;
        if (now <= 0) {
            *cause = now ? (int)-now : EIO; /* a disk that takes nothing and does not say why */
            break;
        }
        done += (size_t)now;
    }
    return done;
}

static bool is_flac_block(const unsigned char *bytes, size_t n)
{
    return n > 1 && bytes[0] == FLAC_SYNC_FIRST && (bytes[1] & FLAC_SYNC_MASK) == FLAC_SYNC_SECOND;
}

static unsigned flac_block_frames(const struct media_write *write)
{
    return (unsigned)write->head[FLAC_BLOCK_SIZE_AT] << 8 | write->head[FLAC_BLOCK_SIZE_AT + 1];
}

static void flac_claim(struct media_write *write, uint64_t n_frames)
{
    unsigned char *total = write->head + FLAC_TOTAL_AT;
    int cause = 0; /* then the header keeps the count before: fewer frames than there are, all of them readable */
    total[0] = (unsigned char)((total[0] & ~FLAC_TOTAL_HIGH) | (n_frames >> 32 & FLAC_TOTAL_HIGH));
    for (unsigned i = 1; i < FLAC_TOTAL_BYTES; i++)
        total[i] = (unsigned char)(n_frames >> 8 * (FLAC_TOTAL_BYTES - 1 - i));
    write_all(&write->spec.io, total, FLAC_TOTAL_BYTES, FLAC_TOTAL_AT, &cause);
    if (!cause)
        write->n_claimed = n_frames;
}

static void flac_note(struct media_write *write, const unsigned char *bytes, size_t n, uint64_t at)
{
    for (size_t i = 0; i < n && at + i < FLAC_HEAD_BYTES; i++)
        write->head[at + i] = bytes[i];
    if (at + n < write->length || !is_flac_block(bytes, n))
        return;
    write->n_blocks++;
    if (write->spec.is_live && !write->is_closing) /* the last block is shorter, and the encoder says so */
        flac_claim(write, write->n_blocks * flac_block_frames(write));
}

static size_t append(struct media_write *write, const void *bytes, size_t n)
{
    if (write->cause)
        return 0;
    size_t done = write_all(&write->spec.io, bytes, n, write->at, &write->cause);
    if (done < n && !write->frame_bytes) {
        write->spec.io.truncate(write->spec.io.self, write->length);
        return 0;
    }
    return done;
}

static sf_count_t on_write(const void *bytes, sf_count_t count, void *user)
{
    struct media_write *write = user;
    size_t n = (size_t)count, done;
    int cause = 0;
    if (write->at < write->length)
        done = write_all(&write->spec.io, bytes, n, write->at, &cause);
    else
        done = append(write, bytes, n);
    write->header_failed |= cause != 0;
    uint64_t at = write->at;
    write->at += done;
    write->length = write->at > write->length ? write->at : write->length;
    if (!write->frame_bytes && done == n)
        flac_note(write, bytes, n, at);
    return (sf_count_t)done;
}

static sf_count_t on_length(void *user)
{
    return (sf_count_t)((struct media_write *)user)->length;
}

static sf_count_t on_seek(sf_count_t offset, int whence, void *user)
{
    struct media_write *write = user;
    uint64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? write->at : write->length;
    write->at = from + (uint64_t)offset;
    return (sf_count_t)write->at;
}

static sf_count_t on_tell(void *user)
{
    return (sf_count_t)((struct media_write *)user)->at;
}

static sf_count_t on_read(void *bytes, sf_count_t n, void *user)
{
    (void)bytes, (void)n, (void)user;
    return 0; /* a file that is only written */
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

static int library_format(enum sound_format format)
{
    static const int kinds[] = {
        [SOUND_RF64_FLOAT] = SF_FORMAT_RF64 | SF_FORMAT_FLOAT, [SOUND_RF64_24] = SF_FORMAT_RF64 | SF_FORMAT_PCM_24,
        [SOUND_RF64_16] = SF_FORMAT_RF64 | SF_FORMAT_PCM_16,   [SOUND_FLAC_24] = SF_FORMAT_FLAC | SF_FORMAT_PCM_24,
        [SOUND_FLAC_16] = SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
    };
    return kinds[format];
}

static void media_write_free(struct media_write *write)
{
    write->spec.io.close(write->spec.io.self);
    free(write->whole);
    free(write);
}

static bool open_library(struct media_write *write)
{
    SF_VIRTUAL_IO io = {on_length, on_seek, on_read, on_write, on_tell};
    int kind = library_format(write->spec.format);
    SF_INFO info = {.format = MUTANT_FLAW("narrow") ? SF_FORMAT_WAV | (kind & SF_FORMAT_SUBMASK) : kind,
                    .channels = (int)write->spec.channels,
                    .samplerate = (int)write->spec.rate_hz};
    write->file = sf_open_virtual(&io, SFM_WRITE, &info, write);
    if (!write->file)
        return false;
    sf_command(write->file, SFC_RF64_AUTO_DOWNGRADE, NULL, SF_TRUE);
    sf_command(write->file, SFC_SET_UPDATE_HEADER_AUTO, NULL, write->spec.is_live && write->frame_bytes);
    if (write->frame_bytes) /* a file without sound is one too */
        sf_command(write->file, SFC_UPDATE_HEADER_NOW, NULL, 0);
    return true;
}

struct media_write *media_write_open(const struct media_write_spec *spec, struct error *error)
{
    struct media_write *write = calloc(1, sizeof *write);
    unsigned bits = sound_format_bits(spec->format);
    bool is_flac = strcmp(sound_format_extension(spec->format), "flac") == 0;
    if (!write) {
        spec->io.close(spec->io.self);
        error_set(error, ERROR_INTERNAL, "memory ran out for writing a sound file");
        return NULL;
    }
    write->spec = *spec;
    write->frame_bytes = is_flac ? 0 : bits / 8 * spec->channels;
    media_dither_init(&write->dither, bits);
    if (bits < 32)
        write->whole = malloc(MEDIA_WRITE_CHUNK_FRAMES * CHANNELS_MAX * sizeof *write->whole);
    if (bits < 32 && !write->whole)
        error_set(error, ERROR_INTERNAL, "memory ran out for writing a sound file");
    else if (!open_library(write) && !write->cause)
        error_set(error, ERROR_IO, "%s", sf_strerror(NULL));
    if (!error->code && write->cause)
        error_set(error, ERROR_IO, "%s", strerror(write->cause));
    if (!error->code)
        return write;
    if (write->file)
        sf_close(write->file);
    media_write_free(write);
    return NULL;
}

/* After a failure: the last whole frame is the end, and the header says so. */
static void cut(struct media_write *write, uint64_t length_before, uint64_t n_written)
{
    if (!write->frame_bytes) {
        write->n_frames = MUTANT_FLAW("boast") ? write->n_frames : write->n_claimed;
        return;
    }
    write->length = length_before + n_written * write->frame_bytes;
    write->spec.io.truncate(write->spec.io.self, write->length);
    write->header_failed = false;
    sf_command(write->file, SFC_UPDATE_HEADER_NOW, NULL, 0);
    write->n_frames += n_written;
    if (write->header_failed)
        write->n_frames = write->n_claimed;
}

/* Samples as the file holds them go through libsndfile as they are. */
static sf_count_t give(struct media_write *write, const float *frames, size_t n)
{
    if (!write->whole)
        return sf_writef_float(write->file, frames, (sf_count_t)n);
    media_dither_run(&write->dither, frames, write->whole, n * write->spec.channels);
    return sf_writef_int(write->file, write->whole, (sf_count_t)n);
}

static bool write_chunk(struct media_write *write, const float *frames, size_t n)
{
    uint64_t length = write->length;
    write->header_failed = false;
    sf_count_t written = give(write, frames, n);
    if (write->cause || written < (sf_count_t)n) {
        write->cause = write->cause ? write->cause : EIO;
        cut(write, length, written > 0 ? (uint64_t)written : 0);
        return false;
    }
    write->n_frames += n;
    if (!write->header_failed && write->frame_bytes)
        write->n_claimed = write->n_frames;
    return true;
}

static bool all_finite(const float *samples, size_t n)
{
    bool finite = true;
    for (size_t i = 0; i < n; i++)
        finite &= fabsf(samples[i]) < INFINITY;
    return finite;
}

/* A sample that is no number makes other programs refuse the file, or play it at full blast. */
static const float *only_finite(const float *samples, float *room, size_t n)
{
    if (all_finite(samples, n))
        return samples;
    for (size_t i = 0; i < n; i++)
        room[i] = fabsf(samples[i]) < INFINITY ? samples[i] : 0;
    return room;
}

bool media_write_frames(struct media_write *write, const float *frames, size_t n)
{
    float room[MEDIA_WRITE_CHUNK_FRAMES];
    size_t most = MEDIA_WRITE_CHUNK_FRAMES / write->spec.channels, now;
    for (size_t done = 0; done < n && !write->cause; done += now) {
        now = n - done < most ? n - done : most;
        write_chunk(write, only_finite(frames + done * write->spec.channels, room, now * write->spec.channels), now);
    }
    return !write->cause;
}

bool media_write_silence(struct media_write *write, uint64_t n)
{
    static const float silence[MEDIA_WRITE_CHUNK_FRAMES];
    uint64_t most = MEDIA_WRITE_CHUNK_FRAMES / write->spec.channels;
    for (uint64_t done = 0, now; done < n && !write->cause; done += now) {
        now = n - done < most ? n - done : most;
        write_chunk(write, silence, now);
    }
    return !write->cause;
}

struct media_written media_write_state(const struct media_write *write)
{
    return (struct media_written){write->n_frames, write->dither.n_clipped, write->cause};
}

int64_t media_write_room(const struct media_write *write)
{
    return write->spec.io.room(write->spec.io.self);
}

struct media_written media_write_close(struct media_write *write)
{
    bool was_whole = !write->cause;
    write->header_failed = false;
    write->is_closing = true;
    sf_close(write->file);
    /* The last block of FLAC, held back until now, or the last header. */
    if (was_whole && (write->cause || write->header_failed)) {
        write->cause = write->cause ? write->cause : EIO;
        write->n_frames = write->n_claimed;
    }
    struct media_written written = media_write_state(write);
    media_write_free(write);
    return written;
}
