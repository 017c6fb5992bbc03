/* Memory runs out under the daemon's own work with files: at each allocation in turn, and then for good. What fails says so, and
 * nothing is lost. libsndfile and its codecs are spared: 1.2.0 writes through what calloc has not given (psf_store_read_chunk), and
 * so do some of them, which nobody who calls them can help. So is libebur128, whose 1.2.6 forgets a part of its interpolator when
 * the rest finds no memory. */
#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/disk.h"
#include "daemon/host_text.h"
#include "daemon/loudness_thread.h"
#include "daemon/media_instrument.h"
#include "daemon/media_load.h"
#include "daemon/midi_load.h"
#include "daemon/stream_feed.h"
#include "graph/node.h"
#include "tests/fake_disk.h"
#include "tests/graph_rig.h"
#include "tests/no_memory.h"
#include "tests/smf_rig.h"
#include "tests/sound_file.h"
#include "tests/suite.h"

#define RATE_HZ 44100
#define FRAMES  10000
#define KEPT    ((uint64_t)1 << 20)
#define MOST    5000 /* allocations of one piece of work */

static char folder[] = "/tmp/dawd-no-memory-XXXXXX", path[64];
static struct files files;

/* ---- who is spared --------------------------------------------------------------------------------------------------- */

#define SPARED_MOST 64

static struct span {
    uintptr_t from, to;
} spared[SPARED_MOST];
static unsigned n_spared;

static bool is_spared(const void *caller)
{
    for (unsigned i = 0; i < n_spared; i++)
        if ((uintptr_t)caller >= spared[i].from && (uintptr_t)caller < spared[i].to)
            return true;
    return false;
}

static void spare_codecs(void)
{
    static const char *const libraries[] = {"libsndfile", "libFLAC",   "libvorbis",  "libogg",
                                            "libopus",    "libmpg123", "libmp3lame", "libebur128"};
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    ck_assert_ptr_nonnull(maps);
    while (fgets(line, sizeof line, maps))
        for (unsigned i = 0; i < ROWS(libraries); i++) {
            struct span *span = &spared[n_spared];
            if (strstr(line, libraries[i]) && n_spared < SPARED_MOST &&
                sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &span->from, &span->to) == 2)
                n_spared++;
        }
    fclose(maps);
    ck_assert_uint_gt(n_spared, 0);
    no_memory.spares = is_spared;
}

/* ---- what is tried: 0, or the code of what it says ------------------------------------------------------------------- */

static int load(double rate_hz)
{
    struct error error = {0};
    bool was = no_memory_pause();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    no_memory_go_on(was);
    struct media *media = media_load(&(struct media_load){.fd = fd, .name = "sound", .rate_hz = rate_hz}, &error);
    media_unref(media);
    close(fd);
    return media ? 0 : error.code ? (int)error.code : -1;
}

static int load_as_it_is(void)
{
    return load(RATE_HZ);
}

static int load_resampled(void)
{
    return load(48000);
}

static int load_midi(void)
{
    struct error error = {0};
    struct bytes file = {0};
    bool was = no_memory_pause();
    smf_header(&file, 0, 1, 480);
    smf_track_close(&file, smf_track_open(&file), 0);
    int fd = memfd_create("song", MFD_CLOEXEC);
    ck_assert_int_eq(write(fd, file.data, file.n), (ssize_t)file.n);
    bytes_deinit(&file);
    no_memory_go_on(was);
    struct media *media = midi_load(&(struct media_load){.fd = fd, .name = "song"}, &error);
    media_unref(media);
    close(fd);
    return media ? 0 : error.code ? (int)error.code : -1;
}

static int load_instrument(void)
{
    struct error error = {0};
    char text[64];
    bool was = no_memory_pause();
    snprintf(text, sizeof text, "%s/k.sfz", folder);
    sound_file_write_bytes(text, "<region> sample=sound\n<region> sample=sound offset=9 x=1", 55);
    int fd = open(text, O_RDONLY | O_CLOEXEC);
    no_memory_go_on(was);
    struct media *media = media_instrument_load(&(struct media_load){.fd = fd, .name = "k.sfz", .files = &files}, &error);
    media_unref(media);
    close(fd);
    unlink(text);
    return media ? 0 : error.code ? (int)error.code : -1;
}

/* Of a sound that is not all there; its file is opened when somebody listens. */
static int make_streams(void)
{
    struct error error = {0};
    struct media head = {.n_frames = 1, .channels = 2};
    struct instrument_sound sound = {.media = &head, .path = "sound", .n_frames = FRAMES, .is_streamed = true};
    struct instrument instrument = {.sounds = &sound, .n_sounds = 1, .has_streams = true};
    struct stream_service streams = stream_feeds_at_once(&files);
    struct stream_set *set;
    if (streams.begin(streams.self, &instrument, 2, &set, &error))
        return (int)error.code;
    stream_begin_rt(&set->stream[1], &(struct stream_wish){.end = FRAMES});
    stream_filled_rt(&set->stream[1]);
    streams.end(streams.self, set);
    return 0;
}

static struct fake_disk disk;

static int write_sound(enum sound_format format)
{
    static const float frames[2 * 1000];
    struct error error = {0};
    disk.length = 0;
    struct media_write_spec spec = {fake_disk_io(&disk), format, 2, RATE_HZ, true};
    struct media_write *write = media_write_open(&spec, &error);
    if (!write)
        return (int)error.code;
    media_write_frames(write, frames, 1000);
    media_write_silence(write, FRAMES);
    struct media_written written = media_write_close(write);
    bool was = no_memory_pause(), is_true = (int64_t)written.n_frames == fake_disk_readable(&disk);
    no_memory_go_on(was);
    return written.cause ? ERROR_INTERNAL : is_true ? 0 : -1;
}

static int write_rf64(void)
{
    return write_sound(SOUND_RF64_FLOAT);
}

static int write_flac(void)
{
    return write_sound(SOUND_FLAC_24);
}

static int open_roots(void)
{
    struct files more;
    struct error error = {0};
    const char *root = folder;
    int code = files_init(&more, &root, 1, &error);
    if (!code)
        code = files_trust(&more, path, &error);
    files_deinit(&more);
    return code;
}

static int make_recorder(void)
{
    static const struct recorder_store store;
    struct recorder *recorder =
        recorder_new(&(struct recording_spec){.path = "take", .channels = 2, .rate_hz = RATE_HZ}, &store, NULL);
    recorder_free(recorder);
    return recorder ? 0 : ERROR_INTERNAL;
}

static int make_disk(void)
{
    struct disk_config config = disk_config_files(&files, NULL);
    struct disk *made = disk_new(&config);
    return !made ? ERROR_INTERNAL : disk_free(made) ? 0 : -1;
}

static int make_loader(void)
{
    struct loader *loader = loader_new();
    loader_free(loader);
    return loader ? 0 : ERROR_INTERNAL;
}

static int make_meter(void)
{
    static const float silence[BLOCK_MAX];
    const float *const in[] = {silence, silence};
    struct loudness_measure *measure = loudness_measure_new(&(struct loudness_spec){2, RATE_HZ, false});
    if (!measure)
        return ERROR_INTERNAL;
    loudness_run_rt(&measure->loudness, in, 0, BLOCK_MAX);
    loudness_reset_rt(&measure->loudness);
    loudness_measure_turn(measure);
    loudness_measure_free(measure);
    return 0;
}

static int make_loudness_thread(void)
{
    struct loudness_thread *thread = loudness_thread_new(NULL, LOUDNESS_BYTES_MAX);
    loudness_thread_free(thread);
    return thread ? 0 : ERROR_INTERNAL;
}

static int make_log(void)
{
    struct log *log = log_new(-1, LOG_INFO);
    log_put(log, LOG_INFO, "a line");
    log_free(log);
    return log ? 0 : ERROR_INTERNAL;
}

/* Texts go through the loader, whose thread is there before. */
static struct daemon_host host;
static struct error text_error;
static bool is_over;

static void on_saved(void *user, const struct error *error)
{
    (void)user;
    text_error = *error;
    is_over = true;
}

static void on_read(void *user, const struct loaded_text *text)
{
    (void)user;
    text_error = text->error;
    free(text->text);
    is_over = true;
}

static int await(int code)
{
    if (code)
        return code;
    for (struct pollfd news = {loader_fd(host.loader), POLLIN, 0}; !is_over; loader_poll(host.loader))
        poll(&news, 1, 10000);
    return (int)text_error.code;
}

static int save_text(void)
{
    static const char text[] = "# text\nof two lines\n";
    struct error error = {0};
    is_over = false;
    return await(host_save_text(&host, "text", &(struct saved_text){text, sizeof text - 1, 6}, on_saved, NULL, &error));
}

static int read_text(void)
{
    struct error error = {0};
    is_over = false;
    return await(host_read_text(&host, "text", on_read, NULL, &error));
}

/* ---- all of them ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int sound; /* of the file that is loaded; 0: none */
    int (*act)(void);
    bool starts_thread; /* for which the sanitizers need memory of their own */
} works[] = {
    {"wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, load_as_it_is},
    {"flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, load_as_it_is},
    {"aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, load_resampled},
    {"ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, load_as_it_is},
    {"mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, load_as_it_is},
    {"midi", 0, load_midi},
    {"instrument", SF_FORMAT_WAV | SF_FORMAT_FLOAT, load_instrument},
    {"streams", SF_FORMAT_WAV | SF_FORMAT_FLOAT, make_streams},
    {"write rf64", 0, write_rf64},
    {"write flac", 0, write_flac},
    {"roots", 0, open_roots},
    {"recorder", 0, make_recorder},
    {"disk", 0, make_disk, true},
    {"loader", 0, make_loader, true},
    {"meter", 0, make_meter},
    {"loudness thread", 0, make_loudness_thread, true},
    {"log", 0, make_log},
    {"save", 0, save_text},
    {"read", 0, read_text},
};

static void prepare(int sound)
{
    float *samples = sound_file_sines(440, RATE_HZ, 2, FRAMES);
    if (sound)
        sound_file_write(path, sound, RATE_HZ, 2, samples, FRAMES);
    free(samples);
}

static unsigned n_points;

static void run_out_everywhere(const char *name, int (*act)(void), bool for_good)
{
    bool has_failed = true;
    ck_assert_msg(act() == 0, "%s fails by itself", name); /* what libraries keep for ever is there */
    for (unsigned n = 1; has_failed; n++) {
        size_t before = no_memory_used();
        no_memory_from(n, for_good);
        int code = act();
        has_failed = no_memory_ends();
        size_t now = no_memory_used();
        ck_assert_msg(now <= before, "%s: %zu bytes are lost when allocation %u fails", name, now - before, n);
        ck_assert_msg(!code || (has_failed && code > 0), "%s: code %d for no reason", name, code);
        n_points += has_failed;
        ck_assert_uint_lt(n, MOST);
    }
    ck_assert_msg(act() == 0, "%s does not recover", name);
}

static void run_nothing(struct job *job)
{
    (void)job;
}

/* The loader's thread may begin late, and the sanitizers take memory for that. */
static void await_thread(struct loader *loader)
{
    struct job job = {.run = run_nothing, .done = run_nothing};
    struct pollfd news = {loader_fd(loader), POLLIN, 0};
    loader_push(loader, &job);
    do
        poll(&news, 1, -1);
    while (!loader_poll(loader));
}

START_TEST(work_with_files_that_finds_no_memory_says_so_and_loses_nothing)
{
    const char *root = folder;
    struct error error = {0};
    spare_codecs();
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/sound", folder);
    ck_assert_int_eq(files_init(&files, &root, 1, &error), 0);
    host = (struct daemon_host){.loader = loader_new(), .files = &files};
    await_thread(host.loader);
    disk = fake_disk_new(KEPT);
    for (unsigned i = 0; i < ROWS(works); i++) {
        if (works[i].starts_thread && RIG_ROUNDS(0, 1))
            continue;
        prepare(works[i].sound);
        run_out_everywhere(works[i].name, works[i].act, false);
        run_out_everywhere(works[i].name, works[i].act, true);
    }
    ck_assert_uint_gt(n_points, 50);
    fake_disk_free(&disk);
    loader_free(host.loader);
    files_deinit(&files);
    unlink(path);
    snprintf(path, sizeof path, "%s/text", folder);
    unlink(path);
    rmdir(folder);
}
END_TEST

int main(int argc, char **argv)
{
    const TTest *const tests[] = {work_with_files_that_finds_no_memory_says_so_and_loses_nothing};
    (void)argc;
    /* Freed blocks that malloc keeps at hand would count as used. */
    if (!getenv("GLIBC_TUNABLES")) {
        setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0", 1);
        execv("/proc/self/exe", argv);
    }
    return suite_run("no memory for files", 60, tests, ROWS(tests));
}
