/* Row D6: many sounds read from the disk while they play, each somewhere else every second, and one of 10 GB. The sampler and
 * the thread that reads are the daemon's own; the sound card is a clock here.
 */
/* Lane: quiet */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/stream_thread.h"
#include "tests/instrument_rig.h"
#include "tests/sampler_rig.h"
#include "tests/sound_file.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/process.h"

#ifdef DAWD_MUTANTS
#define SECONDS 4
#else
#define SECONDS 30
#endif
#define RATE         48000
#define FILE_S       240
#define N_STREAMS    64
#define N_PLACES     128 /* one per key */
#define CYCLE        256
#define LATE_MS      50.0
#define RSS_MAX_MIB  8.0
#define HUGE_BYTES   (INT64_C(10) << 30)
#define LIMIT_BYTES  (40u << 20)
#define PIECE_FRAMES 4096

static struct instrument_rig files;

/* The service, looked at from the side: how long what was asked for takes to come. */
struct watched {
    struct stream_service real, own;
    struct stream_set *set;
    uint64_t asked[N_STREAMS * 2];
    double since_s[N_STREAMS * 2]; /* 0: it has come */
    double *took_ms;
    unsigned n_took, n_most;
};

static int begin(void *self, const struct instrument *instrument, unsigned n, struct stream_set **set, struct error *error)
{
    struct watched *watched = self;
    int code = watched->real.begin(watched->real.self, instrument, n, set, error);
    watched->set = code ? NULL : *set;
    return code;
}

static void end(void *self, struct stream_set *set)
{
    struct watched *watched = self;
    watched->real.end(watched->real.self, set);
}

static void look(struct watched *watched, double now)
{
    for (unsigned i = 0; i < watched->set->n; i++) {
        struct stream *stream = &watched->set->stream[i];
        uint64_t asked = atomic_load(&stream->asked);
        if (!stream_word_agrees(asked, watched->asked[i]) && atomic_load(&stream->sound) != STREAM_NOTHING)
            watched->since_s[i] = now;
        watched->asked[i] = asked;
        if (watched->since_s[i] == 0 || stream_filled_rt(stream) < PIECE_FRAMES)
            continue;
        if (watched->n_took < watched->n_most)
            watched->took_ms[watched->n_took++] = 1000 * (now - watched->since_s[i]);
        watched->since_s[i] = 0;
    }
}

static int compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* A kit of places in one file, of which each key plays one. */
static struct media *places_load(void)
{
    char *text = malloc(N_PLACES * 120), *at = text;
    uint32_t seed = 5;
    size_t n = (size_t)FILE_S * RATE;
    float *samples = malloc(2 * n * sizeof *samples);
    noise_fill(samples, 2 * n, 0.01, 3);
    sound_file_write(instrument_rig_path(&files, "long.wav"), SF_FORMAT_WAV | SF_FORMAT_PCM_16, RATE, 2, samples, n);
    free(samples);
    for (unsigned key = 0; key < N_PLACES; key++) {
        seed = seed * 1664525u + 1013904223u;
        at += sprintf(at, "<region> sample=long.wav key=%u pitch_keytrack=0 offset=%u\n", key,
                      (unsigned)(seed / 4294967296.0 * (double)(n - 10 * RATE)));
    }
    files.load.limit_bytes = LIMIT_BYTES;
    struct media *media = instrument_rig_text(&files, "k.sfz", text);
    ck_assert_msg(media && media->instrument->has_streams, "%s", files.error.text);
    free(text);
    int fd = open(instrument_rig_path(&files, "long.wav"), O_RDONLY | O_CLOEXEC);
    fsync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* what was just written is read from the disk */
    close(fd);
    return media;
}

/* Every note is let go after a second, at a moment of its own, and another one begins. */
static unsigned events_make(struct event *events, uint64_t frame, uint8_t keys[N_STREAMS], uint32_t *seed)
{
    unsigned n = 0;
    for (unsigned i = 0; i < N_STREAMS; i++) {
        uint64_t moment = (uint64_t)i * RATE / N_STREAMS;
        if (frame % RATE > moment || frame % RATE + CYCLE <= moment)
            continue;
        if (frame >= RATE)
            events[n++] = sampler_rig_off(0, keys[i]);
        do
            *seed = *seed * 1664525u + 1013904223u;
        while (memchr(keys, (int)(*seed >> 25), N_STREAMS));
        keys[i] = (uint8_t)(*seed >> 25);
        events[n++] = sampler_rig_on(0, keys[i], 127);
    }
    return n;
}

static unsigned run(struct rig *rig, struct watched *watched, double seconds)
{
    float left[CYCLE], right[CYCLE], *out[2] = {left, right};
    uint8_t keys[N_STREAMS] = {0};
    uint32_t seed = 9;
    unsigned n_seeks = 0;
    double start = now_s();
    for (uint64_t frame = 0; (double)frame < seconds * RATE; frame += CYCLE) {
        struct event events[2 * N_STREAMS];
        rig->n_events = events_make(events, frame, keys, &seed);
        rig->events = events;
        n_seeks += (unsigned)rig->n_events;
        rig_process(rig, NULL, out, CYCLE);
        look(watched, now_s());
        double wait = start + (double)frame / RATE - now_s();
        if (wait > 0)
            pause_s(wait);
    }
    return n_seeks;
}

/* Of its own: how much of a program's files lies in memory is the kernel's choice. */
static double rss_mib(void)
{
    char line[128];
    unsigned long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file) && sscanf(line, "RssAnon: %lu", &kb) != 1)
        continue;
    ck_assert(file && kb);
    fclose(file);
    return (double)kb / 1024;
}

/* RF64 (EBU Tech 3306) of silence, which takes no room on the disk. */
static void huge_make(void)
{
    uint64_t data = (uint64_t)HUGE_BYTES, riff = data + 72, frames = data / 4;
    uint8_t head[80] = "RF64\xff\xff\xff\xffWAVEds64\x1c";
    memcpy(head + 20, &riff, 8);
    memcpy(head + 28, &data, 8);
    memcpy(head + 36, &frames, 8);
    memcpy(head + 48, "fmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\xee\x02\0\x04\0\x10\0data\xff\xff\xff\xff", 32);
    sound_file_write_bytes(instrument_rig_path(&files, "huge.wav"), head, sizeof head);
    ck_assert_int_eq(truncate(instrument_rig_path(&files, "huge.wav"), HUGE_BYTES + (int64_t)sizeof head), 0);
}

/* How much more memory it takes to play a file that is larger than any; without end, if it does not play on. */
static double huge_rss_mib(const struct stream_service *service)
{
    float left[CYCLE], right[CYCLE], *out[2] = {left, right};
    double before = rss_mib();
    files.load.limit_bytes = 0;
    struct media *media = instrument_rig_load(&files, "huge.wav");
    ck_assert_msg(media && media->instrument->has_streams, "%s", files.error.text);
    struct rig rig = rig_new("sampler", RATE, 0);
    rig_media(&rig, "file", media);
    rig.streams = service;
    rig_start(&rig);
    const struct event on = sampler_rig_on(0, 60, 127);
    for (unsigned i = 0; i < 2 * RATE / CYCLE; i++) {
        rig.events = &on;
        rig.n_events = i == 0;
        rig_process(&rig, NULL, out, CYCLE);
        pause_s((double)CYCLE / RATE);
    }
    bool plays = rig_reading(&rig, "underruns") == 0 && rig_reading(&rig, "streaming") == 1;
    double more = plays ? rss_mib() - before : INFINITY;
    rig_free(&rig);
    media_unref(media);
    return more;
}

START_TEST(what_is_read_while_it_plays_comes_in_time)
{
    files = instrument_rig_new();
    huge_make();
    struct stream_thread *thread = stream_thread_new(&files.files, NULL);
    struct watched watched = {.real = stream_thread_service(thread), .n_most = N_STREAMS * (SECONDS + 2)};
    watched.own = (struct stream_service){&watched, begin, end};
    watched.took_ms = calloc(watched.n_most, sizeof *watched.took_ms);
    double rss = huge_rss_mib(&watched.real);
    struct media *media = places_load();
    struct rig rig = rig_new("sampler", RATE, 0);
    rig.block = CYCLE;
    rig_media(&rig, "file", media);
    rig_set(&rig, "voices", N_STREAMS + 16);
    rig_set(&rig, "streams", N_STREAMS + 16);
    rig.streams = &watched.own;
    rig_start(&rig);
    run(&rig, &watched, SECONDS);
    unsigned underruns = (unsigned)rig_reading(&rig, "underruns"), playing = (unsigned)rig_reading(&rig, "streaming");
    qsort(watched.took_ms, watched.n_took, sizeof *watched.took_ms, compare);
    double p99 = watched.n_took ? watched.took_ms[(watched.n_took - 1) * 99 / 100] : INFINITY;
    bool pass = underruns == 0 && p99 <= LATE_MS && rss <= RSS_MAX_MIB && playing >= N_STREAMS &&
                watched.n_took >= N_STREAMS * (SECONDS - 1);
    rig_free(&rig);
    ck_assert(stream_thread_free(thread, 10));
    printf("REL D6 streams=%u seconds=%d starts=%u underruns=%u prefetch_refill_p99_ms=%.1f worst_ms=%.1f huge_gb=10 "
           "huge_rss_mib=%.1f %s\n",
           playing, SECONDS, watched.n_took, underruns, p99, watched.n_took ? watched.took_ms[watched.n_took - 1] : 0, rss,
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    free(watched.took_ms);
    media_unref(media);
    instrument_rig_free(&files);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_is_read_while_it_plays_comes_in_time};
    return suite_run("streams", SECONDS + 60, tests, 1);
}
