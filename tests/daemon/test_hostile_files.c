/* Sound files with a few bytes changed, as they come out of broken disks and hostile hands: row D5 of the reliability
 * catalogue. Each is loaded or refused, in bounded memory, without a sample that is no number, and without a word on
 * stderr, where decoders like to complain by themselves.
 */
#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/loader.h"
#include "daemon/media_load.h"
#include "tests/graph_rig.h"
#include "tests/sound_file.h"
#include "tests/suite.h"

/* libsndfile 1.2.0 forgets the Vorbis setup of an Ogg file that it refuses: some kilobytes that are not ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:vorbis_info_init\n";
}

#ifdef DAWD_MUTANTS
#define N_FILES 20000
#else
#define N_FILES RIG_ROUNDS(200000, 4000)
#endif
#define RATE_HZ     44100
#define LIMIT_BYTES (64u << 20)
#define FILE_FRAMES 600
#define GOOD_BYTES  65536

static const int formats[] = {
    SF_FORMAT_WAV | SF_FORMAT_FLOAT,           SF_FORMAT_AIFF | SF_FORMAT_PCM_16,  SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
    SF_FORMAT_OGG | SF_FORMAT_VORBIS,          SF_FORMAT_W64 | SF_FORMAT_DOUBLE,   SF_FORMAT_CAF | SF_FORMAT_ALAC_16,
    SF_FORMAT_MAT5 | SF_FORMAT_FLOAT,          SF_FORMAT_WAV | SF_FORMAT_MS_ADPCM, SF_FORMAT_RF64 | SF_FORMAT_FLOAT,
    SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, SF_FORMAT_AU | SF_FORMAT_ULAW,      SF_FORMAT_OGG | SF_FORMAT_OPUS};
#define N_FORMATS (sizeof formats / sizeof formats[0])

/* All files of one format, in one job of the loader. */
struct batch_of_files {
    struct job job;
    char good[GOOD_BYTES];
    size_t n_bytes;
    uint32_t seed;
    unsigned n_files, n_loaded, n_nonfinite, n_beyond;
};

/* Flips a few bytes, mostly in the header. */
static void mutate(char *bytes, size_t n, uint32_t *seed)
{
    for (unsigned i = 0, flips = 1 + dice_below(seed, 4); i < flips; i++) {
        unsigned range = dice_below(seed, 2) || n < 128 ? (unsigned)n : 128;
        bytes[dice_below(seed, range)] = (char)(dice(seed) >> 16);
    }
}

static void judge(struct batch_of_files *batch, const struct media *media)
{
    uint64_t n = media->n_frames * media->channels;
    for (uint64_t i = 0; i < n; i++)
        batch->n_nonfinite += !isfinite(media->samples[i]);
    batch->n_beyond += n * sizeof(float) > LIMIT_BYTES || media->channels > MEDIA_LOAD_CHANNELS_MAX ||
                       media->file_rate_hz < MEDIA_LOAD_RATE_MIN_HZ || media->file_rate_hz > MEDIA_LOAD_RATE_MAX_HZ;
    batch->n_loaded++;
}

static void load_one(struct batch_of_files *batch, int fd)
{
    char bad[GOOD_BYTES];
    struct error error = {0};
    memcpy(bad, batch->good, batch->n_bytes);
    mutate(bad, batch->n_bytes, &batch->seed);
    if (pwrite(fd, bad, batch->n_bytes, 0) != (ssize_t)batch->n_bytes || lseek(fd, 0, SEEK_SET))
        abort();
    struct media_load load = {.fd = fd, .name = "hostile", .rate_hz = RATE_HZ, .limit_bytes = LIMIT_BYTES};
    struct media *media = media_load(&load, &error);
    if (media)
        judge(batch, media);
    media_unref(media);
    batch->n_files++;
}

static void load_all(struct job *job)
{
    struct batch_of_files *batch = (struct batch_of_files *)job;
    int fd = memfd_create("hostile", MFD_CLOEXEC);
    for (unsigned i = 0; i < N_FILES / N_FORMATS + 1; i++)
        load_one(batch, fd);
    close(fd);
}

static void loaded_all(struct job *job)
{
    (void)job;
}

static struct batch_of_files *batch_new(unsigned format)
{
    char path[64];
    struct batch_of_files *batch = calloc(1, sizeof *batch);
    float *samples = sound_file_sines(440, format == N_FORMATS - 1 ? 48000 : RATE_HZ, 2, FILE_FRAMES);
    snprintf(path, sizeof path, "/tmp/dawd-hostile-%d", (int)getpid());
    sound_file_write(path, formats[format], format == N_FORMATS - 1 ? 48000 : RATE_HZ, 2, samples, FILE_FRAMES);
    batch->n_bytes = sound_file_read_bytes(path, batch->good, sizeof batch->good);
    batch->job = (struct job){.run = load_all, .done = loaded_all};
    batch->seed = 1 + format;
    unlink(path);
    free(samples);
    return batch;
}

/* Lets everything that the process writes to stderr go into a file in memory; returns it. */
static int catch_stderr(int *before)
{
    int caught = memfd_create("stderr", MFD_CLOEXEC);
    *before = dup(STDERR_FILENO);
    dup2(caught, STDERR_FILENO);
    return caught;
}

static unsigned count_lines(int fd)
{
    char text[4096];
    unsigned n_lines = 0;
    lseek(fd, 0, SEEK_SET);
    for (ssize_t n; (n = read(fd, text, sizeof text)) > 0;)
        for (ssize_t i = 0; i < n; i++)
            n_lines += text[i] == '\n';
    close(fd);
    return n_lines;
}

START_TEST(hostile_files_are_loaded_or_refused_and_nothing_else)
{
    struct batch_of_files *batches[N_FORMATS];
    int usual, caught = catch_stderr(&usual);
    for (unsigned i = 0; i < N_FORMATS; i++)
        batches[i] = batch_new(i);
    /* From here on the worker alone opens files: its table of descriptors is its own, which the thread sanitizer does not
     * know. */
    struct loader *loader = loader_new();
    for (unsigned i = 0; i < N_FORMATS; i++)
        loader_push(loader, &batches[i]->job);
    for (unsigned n = 0; n < N_FORMATS; usleep(1000))
        n += loader_poll(loader);
    loader_free(loader);
    dup2(usual, STDERR_FILENO);
    close(usual);
    unsigned n_lines = count_lines(caught), n_files = 0, n_loaded = 0, n_nonfinite = 0, n_beyond = 0;
    for (unsigned i = 0; i < N_FORMATS; i++) {
        n_files += batches[i]->n_files;
        n_loaded += batches[i]->n_loaded;
        n_nonfinite += batches[i]->n_nonfinite;
        n_beyond += batches[i]->n_beyond;
        free(batches[i]);
    }
    bool pass = n_files >= N_FILES && n_loaded && n_loaded < n_files && !n_nonfinite && !n_beyond && n_lines <= 10;
    printf("REL D5 files=%u loaded=%u crashes=0 hangs=0 nonfinite_out=%u beyond_limits=%u stderr_lines=%u %s\n", n_files,
           n_loaded, n_nonfinite, n_beyond, n_lines, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {hostile_files_are_loaded_or_refused_and_nothing_else};
    return suite_run("hostile files", 240, tests, ROWS(tests));
}
