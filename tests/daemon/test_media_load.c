#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/media_load.h"
#include "tests/sound_file.h"
#include "tests/suite.h"

/* libsndfile 1.2.0 forgets the Vorbis setup of an Ogg file that it refuses: some kilobytes that are not ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:vorbis_info_init\n";
}

#define TAU 6.283185307179586

static char path[64];
static struct error error;
static struct media_load load;

static void set_up(void)
{
    snprintf(path, sizeof path, "/tmp/dawd-media-%d", (int)getpid());
    load = (struct media_load){.fd = -1, .name = "test.wav", .rate_hz = 48000};
}

static void tear_down(void)
{
    unlink(path);
}

static void write_bytes(const void *bytes, size_t n)
{
    sound_file_write_bytes(path, bytes, n);
}

static void write_sound(int format, int rate_hz, int channels, const float *samples, size_t n)
{
    sound_file_write(path, format, rate_hz, channels, samples, n);
}

static struct media *try_load(void)
{
    error = (struct error){0};
    load.fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(load.fd, 0);
    struct media *media = media_load(&load, &error);
    ck_assert_int_eq(fcntl(load.fd, F_GETFD), FD_CLOEXEC); /* only borrowed */
    close(load.fd);
    ck_assert_int_eq(media == NULL, error.code != ERROR_NONE);
    return media;
}

static struct media *must_load(void)
{
    struct media *media = try_load();
    ck_assert_msg(media != NULL, "%s", error.text);
    for (uint64_t i = 0; i < media->n_frames * media->channels; i++)
        ck_assert(isfinite(media->samples[i])); /* whatever the file holds */
    return media;
}

static void expect_refusal(enum error_code code, const char *part)
{
    struct media *media = try_load();
    ck_assert_ptr_null(media);
    ck_assert_msg(error.code == code && strstr(error.text, part) && strstr(error.text, load.name), "%s: %s",
                  error_symbol(error.code), error.text);
}

START_TEST(at_its_own_rate_a_file_keeps_every_bit)
{
    float *samples = sound_file_sines(440, 48000, 2, 10000);
    write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 2, samples, 10000);
    struct media *media = must_load();
    ck_assert_uint_eq(media->n_frames, 10000);
    ck_assert_uint_eq(media->channels, 2);
    ck_assert_uint_eq(media->references, 1);
    ck_assert(media->rate_hz == 48000 && media->file_rate_hz == 48000);
    ck_assert_int_eq(memcmp(media->samples, samples, 20000 * sizeof *samples), 0);
    ck_assert_str_eq(load.warning, "");
    media_unref(media);
    free(samples);
}
END_TEST

/* Resampled sines against the formula: the converter's pass band is flat and its delay is none. */
static void expect_sines_at(int file_rate_hz, double rate_hz, double hz)
{
    size_t n = (size_t)file_rate_hz / 2;
    float *samples = sound_file_sines(hz, file_rate_hz, 2, n);
    write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, file_rate_hz, 2, samples, n);
    load.rate_hz = rate_hz;
    struct media *media = must_load();
    ck_assert_uint_eq(media->n_frames, (uint64_t)llround((double)n * rate_hz / file_rate_hz));
    ck_assert(media->rate_hz == rate_hz && media->file_rate_hz == file_rate_hz);
    double worst = 0;
    uint64_t edge = media->n_frames / 10; /* the filter sees the silence around the sound */
    for (uint64_t i = edge; i < media->n_frames - edge; i++)
        for (unsigned c = 0; c < 2; c++)
            worst = fmax(worst, fabs(media->samples[i * 2 + c] - 0.5 * sin(TAU * hz * (c + 1) * (double)i / rate_hz)));
    ck_assert_msg(worst < 0.5e-5, "%d to %g Hz: off by %g", file_rate_hz, rate_hz, worst); /* -100 dB of full scale */
    media_unref(media);
    free(samples);
}

START_TEST(a_sound_wanted_at_its_own_rate_is_that_of_the_file)
{
    static const int rates_hz[] = {8000, 44100, 96000};
    for (size_t r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
        float *samples = sound_file_sines(1000, rates_hz[r], 2, 5000);
        write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, rates_hz[r], 2, samples, 5000);
        load.rate_hz = 0;
        struct media *media = must_load();
        ck_assert(media->rate_hz == rates_hz[r] && media->file_rate_hz == rates_hz[r]);
        ck_assert_uint_eq(media->n_frames, 5000);
        ck_assert_mem_eq(media->samples, samples, 2 * 5000 * sizeof *samples);
        media_unref(media);
        free(samples);
    }
}
END_TEST

START_TEST(resampling_keeps_pitch_level_and_time)
{
    expect_sines_at(44100, 48000, 1000);
    expect_sines_at(48000, 44100, 5000);
    expect_sines_at(96000, 48000, 3000);
    expect_sines_at(8000, 192000, 500);
}
END_TEST

START_TEST(the_length_is_exact_for_any_length_and_rate)
{
    static const int lengths[] = {1, 2, 3, 100, 4095, 4096, 4097, 8192, 12289};
    static const int rates_hz[] = {8000, 22050, 44100, 47999, 48000, 96000, 384000};
    float *samples = sound_file_sines(100, 48000, 1, 12289);
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        for (size_t r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
            write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, rates_hz[r], 1, samples, (size_t)lengths[l]);
            struct media *media = must_load();
            double exact = fmax(round(lengths[l] * 48000.0 / rates_hz[r]), 1);
            ck_assert_msg(media->n_frames == exact, "%d frames at %d Hz: %g", lengths[l], rates_hz[r],
                          (double)media->n_frames);
            media_unref(media);
        }
    }
    free(samples);
}
END_TEST

START_TEST(integer_formats_arrive_in_full_scale)
{
    const float samples[] = {0, 0.5f, -0.5f, 0.25f, -1};
    static const int formats[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_AIFF | SF_FORMAT_PCM_24,
                                  SF_FORMAT_FLAC | SF_FORMAT_PCM_24, SF_FORMAT_AU | SF_FORMAT_PCM_32};
    for (size_t f = 0; f < 4; f++) {
        write_sound(formats[f], 48000, 1, samples, 5);
        struct media *media = must_load();
        ck_assert_uint_eq(media->n_frames, 5);
        for (int i = 0; i < 5; i++)
            ck_assert_float_eq_tol(media->samples[i], samples[i], 1.01f / 32768);
        media_unref(media);
    }
}
END_TEST

START_TEST(lossy_formats_sound_as_they_should)
{
    static const int formats[] = {SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III,
                                  SF_FORMAT_OGG | SF_FORMAT_OPUS};
    float *samples = sound_file_sines(1000, 48000, 2, 48000);
    for (size_t f = 0; f < 3; f++) {
        write_sound(formats[f], 48000, 2, samples, 48000);
        struct media *media = must_load();
        ck_assert_uint_ge(media->n_frames, 48000);
        double power = 0;
        for (size_t i = 12000; i < 36000; i++)
            power += media->samples[2 * i] * media->samples[2 * i] / 24000;
        ck_assert_double_eq_tol(sqrt(2 * power), 0.5, 0.03);
        media_unref(media);
    }
    free(samples);
}
END_TEST

START_TEST(samples_that_are_no_numbers_become_silence)
{
    float samples[1000];
    for (int i = 0; i < 1000; i++)
        samples[i] = i == 10 ? NAN : i == 20 ? INFINITY : i == 30 ? -INFINITY : 0.5f;
    write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, samples, 1000);
    struct media *media = must_load();
    for (int i = 0; i < 1000; i++)
        ck_assert(media->samples[i] == (i == 10 || i == 20 || i == 30 ? 0.0f : 0.5f));
    ck_assert_str_eq(load.warning, "\"test.wav\": 3 samples were not finite and became silence");
    media_unref(media);
}
END_TEST

START_TEST(huge_samples_stay_finite_through_resampling)
{
    float samples[1000];
    for (int i = 0; i < 1000; i++)
        samples[i] = i / 3 % 2 ? 3e38f : -3e38f;
    write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 44100, 1, samples, 1000);
    media_unref(must_load());
}
END_TEST

START_TEST(what_is_no_sound_is_refused_with_its_reason)
{
    float samples[65 * 4] = {0};
    write_bytes("this is a letter, not a song", 28);
    expect_refusal(ERROR_BAD_FILE, "sound file");
    write_bytes("", 0);
    expect_refusal(ERROR_BAD_FILE, "sound file");
    write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 1, samples, 0);
    expect_refusal(ERROR_BAD_FILE, "no sound");
    write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 65, samples, 4);
    expect_refusal(ERROR_BAD_FILE, "65 channels");
    write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 7999, 1, samples, 4);
    expect_refusal(ERROR_BAD_FILE, "7999 Hz");
    write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 64, samples, 4);
    media_unref(must_load());
    load.rate_hz = 1000;
    expect_refusal(ERROR_RANGE, "1000 Hz");
    load.rate_hz = NAN;
    expect_refusal(ERROR_RANGE, "nan");
}
END_TEST

START_TEST(a_file_beyond_the_limit_is_refused_and_one_at_it_is_not)
{
    float *samples = sound_file_sines(440, 48000, 2, 131072);
    write_sound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 2, samples, 131072);
    load.limit_bytes = 1 << 20; /* 131072 frames of 2 * 4 bytes */
    media_unref(must_load());
    load.limit_bytes--;
    expect_refusal(ERROR_TOO_BIG, "1.0 MiB");
    load.limit_bytes++;
    load.rate_hz = 48001; /* three frames more */
    expect_refusal(ERROR_TOO_BIG, "1.0 MiB");
    free(samples);
}
END_TEST

START_TEST(what_a_header_claims_is_not_believed)
{
    float *samples = sound_file_sines(440, 48000, 1, 5000);
    write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, samples, 5000);
    char bytes[10044];
    ck_assert_uint_eq(sound_file_read_bytes(path, bytes, sizeof bytes), sizeof bytes);
    memcpy(bytes + 40, "\xf0\xff\xff\xff", 4); /* length of the data chunk: nearly 4 GiB */
    write_bytes(bytes, sizeof bytes);
    struct media *media = must_load();
    ck_assert_uint_eq(media->n_frames, 5000);
    media_unref(media);
    free(samples);
}
END_TEST

START_TEST(a_file_that_breaks_off_gives_what_is_there_and_says_so)
{
    float *samples = sound_file_sines(440, 48000, 1, 48000);
    write_sound(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 1, samples, 48000);
    char bytes[65536];
    size_t n_bytes = sound_file_read_bytes(path, bytes, sizeof bytes);
    write_bytes(bytes, n_bytes / 2);
    struct media *media = must_load();
    ck_assert_uint_gt(media->n_frames, 10000);
    ck_assert_uint_lt(media->n_frames, 40000);
    ck_assert_ptr_nonnull(strstr(load.warning, "of 48000"));
    media_unref(media);
    free(samples);
}
END_TEST

struct watcher {
    double last;
    int n_calls;
    double cancel_at;
    atomic_bool cancelled;
};

static void watch(void *self, double fraction)
{
    struct watcher *watcher = self;
    ck_assert(fraction > watcher->last && fraction <= 1);
    watcher->last = fraction;
    watcher->n_calls++;
    atomic_store(&watcher->cancelled, fraction >= watcher->cancel_at);
}

/* Ten seconds of sound, watched while they are loaded. */
static void prepare_watched(struct watcher *watcher)
{
    float *samples = sound_file_sines(440, 48000, 1, 480000);
    write_sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, samples, 480000);
    free(samples);
    load.progress = watch;
    load.progress_self = watcher;
    load.cancelled = &watcher->cancelled;
}

START_TEST(progress_rises_to_the_end)
{
    struct watcher watcher = {.cancel_at = 2};
    prepare_watched(&watcher);
    media_unref(must_load());
    ck_assert(watcher.last > 0.98);
    ck_assert_int_gt(watcher.n_calls, 50);
    ck_assert_int_le(watcher.n_calls, 100);
}
END_TEST

START_TEST(a_load_can_be_cancelled_on_its_way)
{
    struct watcher watcher = {.cancel_at = 0.3};
    prepare_watched(&watcher);
    expect_refusal(ERROR_CANCELLED, "cancelled");
    ck_assert(watcher.last < 0.32);
}
END_TEST

int main(void)
{
    TCase *files = tcase_create("media_load");
    tcase_set_timeout(files, 120);
    tcase_add_checked_fixture(files, set_up, tear_down);
    const TTest *const tests[] = {at_its_own_rate_a_file_keeps_every_bit,
                                  a_sound_wanted_at_its_own_rate_is_that_of_the_file,
                                  resampling_keeps_pitch_level_and_time,
                                  the_length_is_exact_for_any_length_and_rate,
                                  integer_formats_arrive_in_full_scale,
                                  lossy_formats_sound_as_they_should,
                                  samples_that_are_no_numbers_become_silence,
                                  huge_samples_stay_finite_through_resampling,
                                  what_is_no_sound_is_refused_with_its_reason,
                                  a_file_beyond_the_limit_is_refused_and_one_at_it_is_not,
                                  what_a_header_claims_is_not_believed,
                                  a_file_that_breaks_off_gives_what_is_there_and_says_so,
                                  progress_rises_to_the_end,
                                  a_load_can_be_cancelled_on_its_way};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(files, tests[i]);
    return suite_run_case("media_load", files);
}
