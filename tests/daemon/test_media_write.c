#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/media_dither.h"
#include "tests/fake_disk.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define KEPT   ((uint64_t)1 << 20)
#define FRAMES 10000

static struct fake_disk disk;
static struct error error;

static void set_up(void)
{
    disk = fake_disk_new(KEPT);
    error = (struct error){0};
}

static void tear_down(void)
{
    fake_disk_free(&disk);
}

static struct media_write *open_as(enum sound_format format, unsigned channels)
{
    struct media_write_spec spec = {fake_disk_io(&disk), format, channels, 48000, true};
    struct media_write *write = media_write_open(&spec, &error);
    ck_assert_msg(write != NULL, "%s", error.text);
    return write;
}

static float *noise(size_t n, uint32_t seed)
{
    float *samples = malloc(n * sizeof *samples);
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)((int32_t)dice(&seed) * 0x1p-31);
    return samples;
}

/* How far a sample may be from what was written. */
static double tolerance(enum sound_format format)
{
    unsigned bits = sound_format_bits(format);
    return bits == 32 ? 0 : bits == 24 ? 0.5 * 0x1p-23 : 1.5 * 0x1p-15;
}

static void check_read_back(enum sound_format format, const float *samples, unsigned channels, size_t n)
{
    float *back = malloc((n + 1) * channels * sizeof *back);
    ck_assert_int_eq(fake_disk_read(&disk, 0, back, (int64_t)n + 1), (int64_t)n);
    size_t i = 0;
    while (i < n * channels && fabs((double)back[i] - (double)samples[i]) <= tolerance(format) * 1.000001)
        i++;
    ck_assert_msg(i == n * channels, "%s, %u channels: sample %zu is %g, not %g", sound_format_names[format], channels, i,
                  (double)back[i], (double)samples[i]);
    free(back);
}

START_TEST(every_format_reads_back_as_it_was_written)
{
    float *samples = noise(FRAMES * 8, 1);
    for (size_t i = 0; i < FRAMES * 8; i++) /* the noise of the dither needs its room */
        samples[i] *= 0.999f;
    for (unsigned format = 0; format < N_SOUND_FORMATS; format++)
        for (unsigned channels = 1; channels <= 8; channels += channels == 1 ? 1 : 3)
            for (size_t n = 1; n <= FRAMES; n = n == 1 ? 4095 : n == 4095 ? 4097 : n == 4097 ? FRAMES : FRAMES + 1) {
                disk.length = 0;
                struct media_write *write = open_as(format, channels);
                for (size_t at = 0, piece = 1; at < n; at += piece, piece = 1 + piece * 3 % 700) {
                    piece = n - at < piece ? n - at : piece;
                    ck_assert(media_write_frames(write, samples + at * channels, piece));
                }
                struct media_written written = media_write_close(write);
                ck_assert(written.n_frames == n && written.cause == 0 && written.n_clipped == 0);
                ck_assert_int_eq(fake_disk_claimed(&disk), (int64_t)n);
                check_read_back(format, samples, channels, n);
            }
    ck_assert_uint_eq(disk.n_closed, N_SOUND_FORMATS * 4 * 4);
    free(samples);
}
END_TEST

START_TEST(a_small_file_is_a_plain_wav_file_that_does_not_know_the_time_of_day)
{
    struct media_write *write = open_as(SOUND_RF64_FLOAT, 2);
    media_write_silence(write, 1000);
    media_write_close(write);
    ck_assert_int_eq(memcmp(disk.bytes, "RIFF", 4), 0);
    ck_assert_ptr_null(memmem(disk.bytes, disk.length, "PEAK", 4)); /* such a chunk holds the time */
}
END_TEST

START_TEST(at_every_moment_the_file_claims_what_can_be_read)
{
    float *samples = noise(2 * FRAMES, 2);
    for (unsigned format = 0; format < N_SOUND_FORMATS; format++) {
        disk.length = 0;
        struct media_write *write = open_as(format, 2);
        for (size_t at = 0; at < FRAMES; at += 500) {
            ck_assert(media_write_frames(write, samples + 2 * at, 500));
            int64_t readable = fake_disk_readable(&disk), lag = (int64_t)at + 500 - readable;
            /* The encoder holds back what is no whole block. */
            ck_assert_int_ge(lag, 0);
            ck_assert_int_lt(lag, sound_format_extension(format)[0] == 'f' ? 4096 : 1);
            if (readable) /* without a block, FLAC says that the length is unknown */
                ck_assert_int_eq(fake_disk_claimed(&disk), readable);
        }
        media_write_close(write);
    }
    free(samples);
}
END_TEST

/* Writes until the disk is full, in pieces of 1000 frames. */
static struct media_written fill(enum sound_format format, unsigned channels, const float *samples)
{
    struct media_write *write = open_as(format, channels);
    for (size_t at = 0; at < FRAMES; at += 1000)
        if (!media_write_frames(write, samples + at * channels, 1000)) {
            ck_assert(!media_write_frames(write, samples, 1000)); /* and never again */
            ck_assert(!media_write_silence(write, 1));
            break;
        }
    return media_write_close(write);
}

static void check_filled(enum sound_format format, unsigned channels, const float *samples)
{
    struct media_written written = fill(format, channels, samples);
    const char *name = sound_format_names[format];
    ck_assert_msg(written.cause == disk.write_errno, "%s: cause %d", name, written.cause);
    ck_assert_msg(fake_disk_readable(&disk) == (int64_t)written.n_frames, "%s, full at %llu: %llu frames, readable %lld",
                  name, (unsigned long long)disk.capacity, (unsigned long long)written.n_frames,
                  (long long)fake_disk_readable(&disk));
    if (written.n_frames)
        ck_assert_int_eq(fake_disk_claimed(&disk), (int64_t)written.n_frames);
    check_read_back(format, samples, channels, written.n_frames);
}

START_TEST(on_a_full_disk_the_file_ends_at_its_last_whole_frame_and_says_so)
{
    float *samples = noise(3 * FRAMES, 3);
    for (size_t i = 0; i < (size_t)3 * FRAMES; i++)
        samples[i] *= 0.999f;
    for (unsigned format = 0; format < N_SOUND_FORMATS; format++)
        for (unsigned k = 0, rounds = RIG_ROUNDS(40, 8); k < rounds; k++) {
            disk.write_errno = k % 2 ? ENOSPC : EIO;
            disk.most = k % 3 ? 0 : 777;
            disk.length = 0;
            disk.capacity = UINT64_MAX;
            ck_assert_int_eq(fill(format, 1 + k % 3, samples).cause, 0);
            disk.capacity = 200 + (disk.length - 200) * k / rounds;
            disk.length = 0;
            check_filled(format, 1 + k % 3, samples);
        }
    free(samples);
}
END_TEST

START_TEST(a_disk_that_is_full_from_the_beginning_gives_no_file)
{
    for (unsigned format = 0; format < N_SOUND_FORMATS; format++)
        for (disk.capacity = 0; disk.capacity < 40; disk.capacity += 13) {
            struct media_write_spec spec = {fake_disk_io(&disk), format, 2, 48000, true};
            disk.length = 0;
            error = (struct error){0};
            struct media_write *write = media_write_open(&spec, &error);
            if (!write) {
                ck_assert_int_eq(error.code, ERROR_IO);
                ck_assert_ptr_nonnull(strstr(error.text, strerror(ENOSPC)));
                continue;
            }
            /* FLAC writes its head with the first sound. */
            media_write_silence(write, 10000);
            struct media_written written = media_write_close(write);
            ck_assert(written.n_frames == 0 && written.cause == ENOSPC);
        }
}
END_TEST

START_TEST(when_even_the_header_cannot_be_written_the_last_one_counts)
{
    float *samples = noise(4000, 4);
    struct media_write *write = open_as(SOUND_RF64_24, 2);
    ck_assert(media_write_frames(write, samples, 1000));
    disk.header_errno = EIO;
    disk.capacity = disk.length + 500 * 6;
    ck_assert(!media_write_frames(write, samples + 2000, 1000));
    struct media_written written = media_write_close(write);
    ck_assert_uint_eq(written.n_frames, 1000);
    ck_assert_int_eq(fake_disk_claimed(&disk), 1000);
    free(samples);
}
END_TEST

START_TEST(when_the_last_header_cannot_be_written_the_one_before_counts)
{
    float *samples = noise(20000, 4);
    for (unsigned format = 0; format < N_SOUND_FORMATS; format++) {
        disk.length = disk.header_errno = 0;
        struct media_write *write = open_as(format, 2);
        ck_assert(media_write_frames(write, samples, 10000));
        disk.header_errno = EIO;
        struct media_written written = media_write_close(write);
        ck_assert_int_eq(written.cause, EIO);
        ck_assert_int_eq(fake_disk_claimed(&disk), (int64_t)written.n_frames);
        ck_assert_uint_ge(written.n_frames, 10000 - 4096);
    }
    free(samples);
}
END_TEST

START_TEST(what_is_no_number_becomes_silence)
{
    const float samples[] = {0.5f, NAN, -0.25f, INFINITY, -INFINITY, 0.125f}, expected[] = {0.5f, 0, -0.25f, 0, 0, 0.125f};
    struct media_write *write = open_as(SOUND_RF64_FLOAT, 1);
    media_write_frames(write, samples, 6);
    media_write_close(write);
    check_read_back(SOUND_RF64_FLOAT, expected, 1, 6);
}
END_TEST

START_TEST(beyond_full_scale_whole_numbers_are_clipped_and_counted_and_floats_kept)
{
    const float samples[] = {1.5f, -1.5f, 0.5f, -1, 1e30f};
    struct media_write *write = open_as(SOUND_RF64_24, 1);
    media_write_frames(write, samples, 5);
    ck_assert_uint_eq(media_write_close(write).n_clipped, 3);
    check_read_back(SOUND_RF64_24, (const float[]){1 - 0x1p-23f, -1, 0.5f, -1, 1 - 0x1p-23f}, 1, 5);
    disk.length = 0;
    write = open_as(SOUND_RF64_FLOAT, 1);
    media_write_frames(write, samples, 5);
    ck_assert_uint_eq(media_write_close(write).n_clipped, 0);
    check_read_back(SOUND_RF64_FLOAT, samples, 1, 5);
}
END_TEST

START_TEST(what_has_24_bits_passes_24_bits_unchanged)
{
    float samples[4096];
    uint32_t seed = 5;
    for (unsigned i = 0; i < 4096; i++)
        samples[i] = (float)((int32_t)dice(&seed) >> 8) * 0x1p-23f;
    struct media_write *write = open_as(SOUND_FLAC_24, 1);
    media_write_frames(write, samples, 4096);
    media_write_close(write);
    float back[4096];
    ck_assert_int_eq(fake_disk_read(&disk, 0, back, 4096), 4096);
    ck_assert_int_eq(memcmp(back, samples, sizeof samples), 0);
}
END_TEST

/* Mean and power of the error in steps of 16 bits, over a constant level. */
static void error_of_level(double level, double *mean, double *power)
{
    enum { N = 100000 };
    static float in[N];
    static int32_t out[N];
    struct media_dither dither;
    for (unsigned i = 0; i < N; i++)
        in[i] = (float)level;
    media_dither_init(&dither, 16);
    media_dither_run(&dither, in, out, N);
    *mean = *power = 0;
    for (unsigned i = 0; i < N; i++) {
        double off = out[i] * 0x1p-16 - (double)in[i] * 0x1p15;
        *mean += off / N;
        *power += off * off / N;
    }
}

/* Triangular dither of two steps: whatever the sample, the error is 0 on average, and its power a quarter of a step. */
START_TEST(the_error_of_16_bits_does_not_depend_on_the_sound)
{
    for (double part = 0; part < 1; part += 0.125) {
        double mean, power;
        error_of_level((100 + part) / 32768, &mean, &power);
        ck_assert_msg(fabs(mean) < 0.01, "%g of a step: mean %g", part, mean); /* 6 sigma */
        ck_assert_msg(fabs(power - 0.25) < 0.008, "%g of a step: power %g", part, power);
    }
}
END_TEST

START_TEST(equal_sound_gives_equal_files)
{
    static unsigned char first[KEPT];
    float *samples = noise(2 * FRAMES, 6);
    for (unsigned format = 0; format < N_SOUND_FORMATS; format++) {
        uint64_t length = 0;
        for (unsigned round = 0; round < 2; round++) {
            disk.length = 0;
            struct media_write *write = open_as(format, 2);
            /* In other pieces: what comes out does not depend on them. */
            for (size_t at = 0; at < FRAMES; at += round ? 1000 : 250)
                media_write_frames(write, samples + 2 * at, round ? 1000 : 250);
            media_write_close(write);
            ck_assert(!round || disk.length == length);
            ck_assert(!round || memcmp(first, disk.bytes, length) == 0);
            length = disk.length;
            memcpy(first, disk.bytes, length);
        }
    }
    free(samples);
}
END_TEST

START_TEST(past_4_GiB_no_frame_is_forgotten)
{
    uint64_t n = ((uint64_t)1 << 32) / 32 + 1000003; /* of 8 floats */
    struct media_write *write = open_as(SOUND_RF64_FLOAT, 8);
    const float last[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    ck_assert(media_write_silence(write, n - 1));
    ck_assert(media_write_frames(write, last, 1));
    struct media_written written = media_write_close(write);
    ck_assert_uint_eq(written.n_frames, n);
    ck_assert_int_eq(fake_disk_claimed(&disk), (int64_t)n);
    ck_assert_int_eq(memcmp(disk.bytes, "RF64", 4), 0);
    float back[16];
    ck_assert_int_eq(fake_disk_read(&disk, (int64_t)n - 1, back, 2), 1);
}
END_TEST

START_TEST(an_ordinary_file_works_alike)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/dawd-write-%d", (int)getpid());
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct media_write_spec spec = {media_io_fd(fd), SOUND_RF64_16, 2, 44100, true};
    struct media_write *write = media_write_open(&spec, &error);
    ck_assert_ptr_nonnull(write);
    ck_assert_int_gt(media_write_room(write), 0);
    media_write_silence(write, 12345);
    ck_assert_uint_eq(media_write_close(write).n_frames, 12345);
    ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
    SF_INFO info = {0};
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    ck_assert(info.frames == 12345 && info.samplerate == 44100 && info.channels == 2);
    sf_close(file);
    unlink(path);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("media_write");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_format_reads_back_as_it_was_written);
    tcase_add_test(tests, a_small_file_is_a_plain_wav_file_that_does_not_know_the_time_of_day);
    tcase_add_test(tests, at_every_moment_the_file_claims_what_can_be_read);
    tcase_add_test(tests, on_a_full_disk_the_file_ends_at_its_last_whole_frame_and_says_so);
    tcase_add_test(tests, a_disk_that_is_full_from_the_beginning_gives_no_file);
    tcase_add_test(tests, when_even_the_header_cannot_be_written_the_last_one_counts);
    tcase_add_test(tests, when_the_last_header_cannot_be_written_the_one_before_counts);
    tcase_add_test(tests, what_is_no_number_becomes_silence);
    tcase_add_test(tests, beyond_full_scale_whole_numbers_are_clipped_and_counted_and_floats_kept);
    tcase_add_test(tests, what_has_24_bits_passes_24_bits_unchanged);
    tcase_add_test(tests, the_error_of_16_bits_does_not_depend_on_the_sound);
    tcase_add_test(tests, equal_sound_gives_equal_files);
    tcase_add_test(tests, past_4_GiB_no_frame_is_forgotten);
    tcase_add_test(tests, an_ordinary_file_works_alike);
    return suite_run_case("media_write", tests);
}
