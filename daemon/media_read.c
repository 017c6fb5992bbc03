#include "daemon/media_read.h"

#include <math.h>
#include <sndfile.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/media_load.h"

static void marks_read(struct media_read *read)
{
    SF_INSTRUMENT said;
    struct media_marks *marks = &read->marks;
    if (sf_command(read->file, SFC_GET_INSTRUMENT, &said, sizeof said) != SF_TRUE)
        return;
    marks->has_root = said.basenote >= 0;
    marks->root = (float)said.basenote + (float)said.detune / 100.0f;
    /* libsndfile's end of a loop is the last frame's number, plus one. */
    marks->has_loop =
        said.loop_count > 0 && said.loops[0].mode == SF_LOOP_FORWARD && said.loops[0].end > said.loops[0].start;
    marks->loop_start = said.loops[0].start;
    marks->loop_end = said.loops[0].end;
}

static int check(struct media_read *read, const SF_INFO *info, const char *name, struct error *error)
{
    if (info->channels < 1 || info->channels > MEDIA_LOAD_CHANNELS_MAX || info->samplerate < MEDIA_LOAD_RATE_MIN_HZ ||
        info->samplerate > MEDIA_LOAD_RATE_MAX_HZ)
        return error_set(
            error, ERROR_BAD_FILE, "\"%s\" has %d channels at %d Hz: 1 to %d channels at %d to %d Hz can be read", name,
            info->channels, info->samplerate, MEDIA_LOAD_CHANNELS_MAX, MEDIA_LOAD_RATE_MIN_HZ, MEDIA_LOAD_RATE_MAX_HZ);
    read->channels = (unsigned)info->channels;
    read->rate_hz = info->samplerate;
    read->n_frames = info->frames > 0 ? (uint64_t)info->frames : 0;
    read->chunk = malloc((size_t)MEDIA_READ_CHUNK_FRAMES * read->channels * sizeof *read->chunk);
    return read->chunk ? 0 : error_set(error, ERROR_INTERNAL, "\"%s\": memory ran out", name);
}

int media_read_open(struct media_read *read, int fd, const char *name, struct error *error)
{
    SF_INFO info = {0};
    *read = (struct media_read){.file = sf_open_fd(fd, SFM_READ, &info, SF_TRUE)};
    if (!read->file)
        return error_set(error, sf_error(NULL) == SF_ERR_SYSTEM ? ERROR_IO : ERROR_BAD_FILE,
                         "\"%s\" cannot be read as a sound file: %s", name, sf_strerror(NULL));
    if (check(read, &info, name, error)) {
        media_read_close(read);
        return (int)error->code;
    }
    marks_read(read);
    return 0;
}

void media_read_close(struct media_read *read)
{
    if (read->file)
        sf_close(read->file);
    free(read->chunk);
    *read = (struct media_read){0};
}

static void take(const struct media_read *read, float *to, size_t n)
{
    unsigned channels = read->channels, given = channels < MEDIA_READ_CHANNELS ? channels : MEDIA_READ_CHANNELS;
    for (size_t i = 0; i < n; i++)
        for (unsigned c = 0; c < given; c++) {
            float sample = read->chunk[i * channels + c];
            to[i * given + c] = isfinite(sample) ? sample : 0;
        }
}

size_t media_read_frames(struct media_read *read, uint64_t from, float *frames, size_t n)
{
    unsigned given = read->channels < MEDIA_READ_CHANNELS ? read->channels : MEDIA_READ_CHANNELS;
    size_t done = 0;
    if (from != read->at && sf_seek(read->file, (sf_count_t)from, SEEK_SET) != (sf_count_t)from) {
        read->at = UINT64_MAX; /* wherever it stands now, the next piece has to look for its place */
        return 0;
    }
    read->at = from;
    while (done < n) {
        size_t most = n - done < MEDIA_READ_CHUNK_FRAMES ? n - done : MEDIA_READ_CHUNK_FRAMES;
        sf_count_t got = sf_readf_float(read->file, read->chunk, (sf_count_t)most);
        if (got <= 0)
            break;
        take(read, frames + done * given, (size_t)got);
        done += (size_t)got;
        read->at += (uint64_t)got;
    }
    return done;
}
