/* Instruments that do not fit into memory: what is streamed sounds as what is not, and what cannot be read ends softly. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/stream_thread.h"
#include "tests/instrument_rig.h"
#include "tests/sampler_rig.h"
#include "tests/sound_file.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE  48000
#define N     150000 /* frames of the sound: nine heads */
#define HEARD 120000

static struct instrument_rig files;

static void sound_make(const char *name, int format, int channels)
{
    float *samples = malloc(sizeof *samples * N * (size_t)channels);
    noise_fill(samples, (size_t)N * (size_t)channels, 0.3, 11);
    sound_file_write(instrument_rig_path(&files, name), format, RATE, channels, samples, N);
    free(samples);
}

static struct media *load(const char *text, uint64_t limit_bytes)
{
    files.load.limit_bytes = limit_bytes;
    struct media *media = instrument_rig_text(&files, "k.sfz", text);
    ck_assert_msg(media != NULL, "%s", files.error.text);
    ck_assert(media->instrument->has_streams == (limit_bytes > 0));
    return media;
}

/* Plays two notes of the instrument. */
static void play(const struct media *media, const struct stream_service *streams, float *left, float *right)
{
    struct rig rig = rig_new("sampler", RATE, 0);
    rig_media(&rig, "file", media);
    rig.streams = streams;
    rig_start(&rig);
    const struct event events[] = {sampler_rig_on(0, 60, 127), sampler_rig_on(5000, 67, 100), sampler_rig_off(110000, 67)};
    float *x = sampler_rig_play(&rig, events, ROWS(events), HEARD, right);
    memcpy(left, x, HEARD * sizeof *left);
    ck_assert_float_eq(rig_reading(&rig, "underruns"), 0);
    free(x);
    rig_free(&rig);
}

static const struct {
    const char *text;
    int format, channels;
} kinds[] = {
    {"<region> sample=s", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 1},
    {"<region> sample=s", SF_FORMAT_WAV | SF_FORMAT_PCM_24, 2},
    {"<region> sample=s offset=30001", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 2},
    {"<region> sample=s loop_mode=loop_continuous loop_start=20000 loop_end=25000", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 1},
    {"<region> sample=s loop_mode=loop_continuous loop_start=100 loop_end=40000", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 1},
    {"<region> sample=s loop_mode=loop_continuous loop_start=100 loop_end=200", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 1},
    {"<region> sample=s end=50000", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 2},
};

START_TEST(what_is_streamed_sounds_as_what_is_in_memory)
{
    static float heard[4][HEARD];
    files = instrument_rig_new();
    sound_make("s", kinds[_i].format, kinds[_i].channels);
    struct media *whole = load(kinds[_i].text, 0), *streamed = load(kinds[_i].text, 300000);
    struct stream_service streams = stream_feeds_at_once(&files.files);
    play(whole, NULL, heard[0], heard[1]);
    play(streamed, &streams, heard[2], heard[3]);
    ck_assert_double_gt(rms(heard[0] + 30000, 10000), 0.01);
    for (unsigned c = 0; c < 2; c++)
        ck_assert_mem_eq(heard[c], heard[2 + c], sizeof heard[c]);
    media_unref(whole);
    media_unref(streamed);
    instrument_rig_free(&files);
}
END_TEST

static void sleep_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void await(struct stream *stream, uint64_t count)
{
    for (unsigned i = 0; i < 5000 && stream_filled_rt(stream) < count; i++)
        sleep_ms(1);
    ck_assert_uint_ge(stream_filled_rt(stream), count);
}

START_TEST(the_thread_fills_what_is_asked_for_and_no_more_than_there_is_room)
{
    files = instrument_rig_new();
    sound_make("s", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 1);
    struct media *media = load("<region> sample=s", 300000);
    struct stream_thread *thread = stream_thread_new(&files.files, NULL);
    struct stream_service service = stream_thread_service(thread);
    struct stream_set *set = NULL;
    struct error error = {0};
    float *samples = malloc(sizeof *samples * N);
    noise_fill(samples, N, 0.3, 11);
    ck_assert_int_eq(service.begin(service.self, media->instrument, 2, &set, &error), 0);
    struct stream *stream = &set->stream[1];
    for (uint64_t from = 20000; from <= 60000; from += 40000) {
        stream_begin_rt(stream, &(struct stream_wish){.sound = 0, .from = from, .end = N});
        await(stream, STREAM_RING_FRAMES - 4096);
        ck_assert_uint_le(stream_filled_rt(stream), STREAM_RING_FRAMES);
        ck_assert_mem_eq(stream->ring, samples + from, 20000 * sizeof *samples);
    }
    stream_taken_rt(stream, 20000);
    await(stream, STREAM_RING_FRAMES + 15000);
    ck_assert_mem_eq(stream->ring, samples + 60000 + STREAM_RING_FRAMES, 15000 * sizeof *samples);
    ck_assert_uint_eq(stream_filled_rt(&set->stream[0]), 0);
    service.end(service.self, set);
    ck_assert(stream_thread_free(thread, 10));
    free(samples);
    media_unref(media);
    instrument_rig_free(&files);
}
END_TEST

/* Nobody feeds it: the head is heard, and a fade where it ends. */
START_TEST(what_is_not_there_in_time_fades_and_is_counted)
{
    files = instrument_rig_new();
    float *samples = malloc(sizeof *samples * N);
    for (unsigned i = 0; i < N; i++)
        samples[i] = 1;
    instrument_rig_sound(&files, "s", RATE, 1, samples, N);
    free(samples);
    struct media *media = load("<region> sample=s", 300000);
    struct rig rig = rig_new("sampler", RATE, 0);
    rig_media(&rig, "file", media);
    rig_start(&rig);
    const struct event on = sampler_rig_on(0, 60, 127);
    float *x = sampler_rig_play(&rig, &on, 1, 2 * INSTRUMENT_HEAD_FRAMES, NULL);
    ck_assert_float_eq(x[INSTRUMENT_HEAD_FRAMES - 2000], 1);
    ck_assert_float_eq(x[INSTRUMENT_HEAD_FRAMES - 1], 0);
    ck_assert_double_lt(largest_step(x + 1, 2 * INSTRUMENT_HEAD_FRAMES - 1), 0.01);
    ck_assert_float_eq(rig_reading(&rig, "underruns"), 1);
    ck_assert_float_eq(rig_reading(&rig, "playing"), 0);
    free(x);
    rig_free(&rig);
    media_unref(media);
    instrument_rig_free(&files);
}
END_TEST

START_TEST(a_file_that_is_gone_ends_what_plays_it)
{
    files = instrument_rig_new();
    sound_make("s", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 1);
    struct media *media = load("<region> sample=s", 300000);
    struct stream_service streams = stream_feeds_at_once(&files.files);
    struct rig rig = rig_new("sampler", RATE, 0);
    unlink(instrument_rig_path(&files, "s"));
    rig_media(&rig, "file", media);
    rig.streams = &streams;
    rig_start(&rig);
    const struct event on = sampler_rig_on(0, 60, 127);
    free(sampler_rig_play(&rig, &on, 1, 40000, NULL));
    ck_assert_float_eq(rig_reading(&rig, "underruns"), 1);
    ck_assert_float_eq(rig_reading(&rig, "streaming"), 0);
    rig_free(&rig);
    media_unref(media);
    instrument_rig_free(&files);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("streams");
    tcase_add_loop_test(tcase, what_is_streamed_sounds_as_what_is_in_memory, 0, ROWS(kinds));
    tcase_add_test(tcase, the_thread_fills_what_is_asked_for_and_no_more_than_there_is_room);
    tcase_add_test(tcase, what_is_not_there_in_time_fades_and_is_counted);
    tcase_add_test(tcase, a_file_that_is_gone_ends_what_plays_it);
    tcase_set_timeout(tcase, 30);
    return suite_run_case("streams", tcase);
}
