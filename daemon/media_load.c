/* The file is decoded and resampled in chunks, straight into the result, which grows as sound arrives. What the header says
 * of the length serves for two things only: to refuse early what would be too big, and to tell how far the work has come. */
#include "daemon/media_load.h"

#include <fcntl.h>
#include <math.h>
#include <samplerate.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph/mutant.h"

#define CHUNK_FRAMES          4096 /* decoders keep a call's worth on the stack */
#define FRAMES_PER_FILE_BYTE  8192 /* no codec packs silence tighter (FLAC: about 4700) */
#define FIRST_CAPACITY_FRAMES 65536

/* One file on its way: decoder -> chunk -> resampler (or none) -> samples. */
struct decoding {
    struct media_load *load;
    struct error *error;
    SNDFILE *file;
    SF_INFO info;
    uint64_t claimed_frames; /* what the file says of its length; 0: nothing believable */
    uint64_t most_frames;    /* what a file of its size can hold */
    uint64_t in_frames;      /* decoded so far */
    uint64_t n_replaced;     /* samples that were not finite */
    double told;             /* last fraction of progress */
    double rate_hz;          /* of the result */
    SRC_STATE *resampler;    /* null where the rates are the same */
    double ratio;
    float *chunk;
    float *samples; /* the result so far: n_frames of capacity_frames */
    uint64_t n_frames, capacity_frames, limit_frames;
};

static int fail_memory(struct decoding *d)
{
    return error_set(d->error, ERROR_INTERNAL, "\"%s\": no memory for %llu frames of %d channels", d->load->name,
                     (unsigned long long)d->n_frames, d->info.channels);
}

static int fail_too_big(struct decoding *d)
{
    uint64_t limit = d->load->limit_bytes ? d->load->limit_bytes : MEDIA_LOAD_LIMIT_BYTES;
    return error_set(
        d->error, ERROR_TOO_BIG,
        "\"%s\" takes more memory than the limit for one file, %.1f MiB (%llu frames of %d channels at %.0f Hz)",
        d->load->name, (double)limit / (1 << 20), (unsigned long long)d->limit_frames, d->info.channels, d->rate_hz);
}

/* Makes room for n more frames. Large blocks grow by moving page tables, not samples, so growing costs little and nothing
 * has to be believed in advance. */
static int reserve(struct decoding *d, uint64_t n)
{
    if (d->n_frames + n <= d->capacity_frames)
        return 0;
    uint64_t capacity = d->capacity_frames + d->capacity_frames / 2;
    capacity = capacity > d->n_frames + n ? capacity : d->n_frames + n;
    capacity = capacity > FIRST_CAPACITY_FRAMES ? capacity : FIRST_CAPACITY_FRAMES;
    float *samples = realloc(d->samples, (size_t)capacity * (size_t)d->info.channels * sizeof *samples);
    if (!samples)
        return fail_memory(d);
    d->samples = samples;
    d->capacity_frames = capacity;
    return 0;
}

static uint64_t silence_non_finite(float *samples, size_t n)
{
    uint64_t n_replaced = 0;
    for (size_t i = 0; i < n && !MUTANT_FLAW("wild"); i++) {
        if (!isfinite(samples[i])) {
            samples[i] = 0.0f;
            n_replaced++;
        }
    }
    return n_replaced;
}

/* ---- opening ------------------------------------------------------------------------------------------------------- */

static int check_info(struct decoding *d)
{
    const char *name = d->load->name;
    if (d->info.channels < 1 || d->info.channels > MEDIA_LOAD_CHANNELS_MAX)
        return error_set(d->error, ERROR_BAD_FILE, "\"%s\" has %d channels: 1 to %d can be loaded", name, d->info.channels,
                         MEDIA_LOAD_CHANNELS_MAX);
    if (d->info.samplerate < MEDIA_LOAD_RATE_MIN_HZ || d->info.samplerate > MEDIA_LOAD_RATE_MAX_HZ)
        return error_set(d->error, ERROR_BAD_FILE, "\"%s\" has a sample rate of %d Hz: %d to %d Hz can be loaded", name,
                         d->info.samplerate, MEDIA_LOAD_RATE_MIN_HZ, MEDIA_LOAD_RATE_MAX_HZ);
    return 0;
}

static int set_limits(struct decoding *d)
{
    struct stat stat;
    if (fstat(d->load->fd, &stat) != 0)
        return error_set(d->error, ERROR_IO, "\"%s\": its size cannot be read: %m", d->load->name);
    uint64_t limit = d->load->limit_bytes ? d->load->limit_bytes : MEDIA_LOAD_LIMIT_BYTES;
    d->limit_frames = limit / ((uint64_t)d->info.channels * sizeof(float));
    d->most_frames = (uint64_t)stat.st_size * FRAMES_PER_FILE_BYTE;
    if (d->info.frames > 0 && (uint64_t)d->info.frames <= d->most_frames)
        d->claimed_frames = (uint64_t)d->info.frames;
    if ((double)d->claimed_frames * d->ratio > (double)d->limit_frames)
        return fail_too_big(d);
    return 0;
}

static int open_file(struct decoding *d)
{
    /* A copy that libsndfile may close: when it refuses a file, it closes what it was told to leave open. */
    int fd = lseek(d->load->fd, 0, SEEK_SET) == 0 ? fcntl(d->load->fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (fd < 0)
        return error_set(d->error, ERROR_IO, "\"%s\" cannot be read: %m", d->load->name);
    d->file = sf_open_fd(fd, SFM_READ, &d->info, SF_TRUE);
    if (!d->file)
        return error_set(d->error, sf_error(NULL) == SF_ERR_SYSTEM ? ERROR_IO : ERROR_BAD_FILE,
                         "\"%s\" cannot be read as a sound file: %s", d->load->name, sf_strerror(NULL));
    int code = check_info(d);
    if (code)
        return code;
    d->rate_hz = d->load->rate_hz > 0 ? d->load->rate_hz : d->info.samplerate;
    d->ratio = d->rate_hz / d->info.samplerate;
    return set_limits(d);
}

static int open_resampler(struct decoding *d)
{
    d->chunk = malloc((size_t)CHUNK_FRAMES * (size_t)d->info.channels * sizeof *d->chunk);
    if (!d->chunk)
        return fail_memory(d);
    if (d->ratio == 1.0)
        return 0;
    int cause = 0;
    d->resampler = src_new(SRC_SINC_BEST_QUALITY, d->info.channels, &cause);
    if (d->resampler)
        return 0;
    return error_set(d->error, ERROR_INTERNAL, "\"%s\": no resampler: %s", d->load->name, src_strerror(cause));
}

/* ---- decoding ------------------------------------------------------------------------------------------------------ */

static int append(struct decoding *d, uint64_t n)
{
    int code = n ? reserve(d, n) : 0;
    if (code || !n)
        return code;
    size_t channels = (size_t)d->info.channels;
    memcpy(d->samples + d->n_frames * channels, d->chunk, n * channels * sizeof *d->samples);
    d->n_frames += n;
    return 0;
}

/* Resamples n frames of the chunk; with `last`, whatever is still inside comes out too. */
static int append_resampled(struct decoding *d, uint64_t n, bool last)
{
    size_t channels = (size_t)d->info.channels;
    SRC_DATA data = {.data_in = d->chunk, .input_frames = (long)n, .end_of_input = last, .src_ratio = d->ratio};
    do {
        int code = reserve(d, CHUNK_FRAMES);
        if (code)
            return code;
        data.data_out = d->samples + d->n_frames * channels;
        data.output_frames = CHUNK_FRAMES;
        int cause = src_process(d->resampler, &data);
        if (cause)
            return error_set(d->error, ERROR_INTERNAL, "\"%s\": resampling: %s", d->load->name, src_strerror(cause));
        silence_non_finite(data.data_out, (size_t)data.output_frames_gen * channels); /* a sum of huge ones overflows */
        d->n_frames += (uint64_t)data.output_frames_gen;
        data.data_in += (size_t)data.input_frames_used * channels;
        data.input_frames -= data.input_frames_used;
        /* As long as input is left, or the output was filled to the brim and there may be more behind it. */
    } while (data.input_frames > 0 || data.output_frames_gen == CHUNK_FRAMES);
    return 0;
}

static void tell_progress(struct decoding *d)
{
    if (!d->load->progress || !d->claimed_frames)
        return;
    double fraction = fmin((double)d->in_frames / (double)d->claimed_frames, 1.0);
    if (fraction >= d->told + 0.01) {
        d->load->progress(d->load->progress_self, fraction);
        d->told = fraction;
    }
}

/* Decodes up to CHUNK_FRAMES; *n is 0 at the end of the sound. */
static int decode_chunk(struct decoding *d, uint64_t *n)
{
    if (d->load->cancelled && atomic_load(d->load->cancelled))
        return error_set(d->error, ERROR_CANCELLED, "\"%s\": loading was cancelled", d->load->name);
    sf_count_t got = sf_readf_float(d->file, d->chunk, CHUNK_FRAMES);
    *n = got > 0 ? (uint64_t)got : 0;
    /* Before the resampler, whose whole filter one NaN would fill. */
    d->n_replaced += silence_non_finite(d->chunk, *n * (size_t)d->info.channels);
    d->in_frames += *n;
    if (d->in_frames > d->most_frames)
        return error_set(d->error, ERROR_BAD_FILE, "\"%s\" yields more sound than a file of its size can hold",
                         d->load->name);
    if ((double)d->in_frames * d->ratio > (double)d->limit_frames)
        return fail_too_big(d);
    return 0;
}

static int decode(struct decoding *d)
{
    uint64_t n = 0;
    do {
        int code = decode_chunk(d, &n);
        if (code)
            return code;
        code = d->resampler ? append_resampled(d, n, n == 0) : append(d, n);
        if (code)
            return code;
        tell_progress(d);
    } while (n);
    if (d->in_frames)
        return 0;
    int cause = sf_error(d->file);
    return error_set(d->error, cause == SF_ERR_SYSTEM ? ERROR_IO : ERROR_BAD_FILE, "\"%s\" holds no sound%s%s",
                     d->load->name, cause ? ": " : "", cause ? sf_strerror(d->file) : "");
}

/* The resampler may end a frame early or late; the length is promised. */
static int fit_length(struct decoding *d)
{
    size_t channels = (size_t)d->info.channels;
    uint64_t wanted = (uint64_t)llround((double)d->in_frames * d->ratio);
    wanted = wanted ? wanted : 1;
    if (wanted > d->n_frames) {
        uint64_t missing = wanted - d->n_frames;
        int code = reserve(d, missing);
        if (code)
            return code;
        memset(d->samples + d->n_frames * channels, 0, missing * channels * sizeof *d->samples);
    }
    d->n_frames = wanted;
    float *smaller = realloc(d->samples, wanted * channels * sizeof *smaller);
    if (smaller) /* giving memory back may fail: then it is kept */
        d->samples = smaller;
    return 0;
}

/* MP3's own idea of its length is an estimate, some frames too long. */
static bool ended_early(const struct decoding *d)
{
    return d->in_frames + d->claimed_frames / 100 < d->claimed_frames || sf_error(d->file);
}

static void warn(struct decoding *d)
{
    char replaced[80] = "", early[160] = "";
    if (d->n_replaced)
        snprintf(replaced, sizeof replaced, "%llu samples were not finite and became silence",
                 (unsigned long long)d->n_replaced);
    if (ended_early(d))
        snprintf(early, sizeof early, "the sound ends at frame %llu of %llu (%s)", (unsigned long long)d->in_frames,
                 (unsigned long long)d->claimed_frames, sf_strerror(d->file));
    if (*replaced || *early)
        snprintf(d->load->warning, MEDIA_LOAD_WARNING_BYTES, "\"%.120s\": %s%s%s", d->load->name, replaced,
                 *replaced && *early ? "; " : "", early);
}

/* ---- the result ---------------------------------------------------------------------------------------------------- */

static void release(struct media *media)
{
    free(media->samples);
    free(media);
}

static struct media *make_media(struct decoding *d)
{
    struct media *media = malloc(sizeof *media);
    if (!media) {
        fail_memory(d);
        return NULL;
    }
    *media = (struct media){
        .samples = d->samples,
        .n_frames = d->n_frames,
        .channels = (unsigned)d->info.channels,
        .rate_hz = d->rate_hz,
        .file_rate_hz = d->info.samplerate,
        .references = 1,
        .release = release,
    };
    d->samples = NULL;
    return media;
}

struct media *media_load(struct media_load *load, struct error *error)
{
    struct decoding d = {.load = load, .error = error};
    struct media *media = NULL;
    load->warning[0] = '\0';
    bool is_possible = load->rate_hz >= MEDIA_LOAD_RATE_MIN_HZ && load->rate_hz <= MEDIA_LOAD_RATE_MAX_HZ;
    if (!is_possible && load->rate_hz != 0) {
        error_set(error, ERROR_RANGE, "\"%s\": cannot be loaded at %g Hz: %d to %d Hz are possible", load->name,
                  load->rate_hz, MEDIA_LOAD_RATE_MIN_HZ, MEDIA_LOAD_RATE_MAX_HZ);
        return NULL;
    }
    if (!open_file(&d) && !open_resampler(&d) && !decode(&d) && !fit_length(&d)) {
        warn(&d);
        media = make_media(&d);
    }
    if (d.resampler)
        src_delete(d.resampler);
    if (d.file)
        sf_close(d.file);
    free(d.chunk);
    free(d.samples);
    return media;
}
