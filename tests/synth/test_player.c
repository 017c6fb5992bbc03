#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"

#define RATE 48000.0
#define N    20000 /* frames of an ordinary file */
#define FADE 240   /* frames of 5 ms */

static struct media sound(float *samples, size_t n, unsigned channels, double rate_hz)
{
    return (struct media){.samples = samples, .n_frames = n, .channels = channels, .rate_hz = rate_hz};
}

static struct rig player(const struct media *media)
{
    struct rig rig = rig_new("player", RATE, 0);
    rig_media(&rig, "file", media);
    return rig;
}

/* Both channels of n frames: out[0] and out[1]. */
static void run(struct rig *rig, float *left, float *right, size_t n)
{
    float *out[] = {left, right};
    rig_process(rig, NULL, out, n);
}

/* Largest difference between neighbouring frames. */
static double largest_step(const float *x, size_t n)
{
    double most = 0;
    for (size_t i = 1; i < n; i++)
        most = fmax(most, fabs((double)x[i] - x[i - 1]));
    return most;
}

/* Plays one sine of this frequency and rate of file at a speed, past the beginning. */
static void play_sine(double hz, double file_rate_hz, double speed, float *out, size_t n)
{
    size_t skip = 256, frames = (size_t)((double)(n + skip) * speed * file_rate_hz / RATE) + 1000;
    float *samples = malloc(frames * sizeof(float)), *x;
    sine_fill(samples, frames, hz, file_rate_hz, 1);
    struct media media = sound(samples, frames, 1, file_rate_hz);
    struct rig rig = player(&media);
    rig_set(&rig, "rate", (float)speed);
    rig_start(&rig);
    x = rig_run(&rig, NULL, n + skip);
    memcpy(out, x + skip, n * sizeof(float));
    free(x);
    free(samples);
    rig_free(&rig);
}

/* Everything but the tone itself, in dB of full scale. */
static double stray_db(const float *x, size_t n, double hz)
{
    double *amplitude = spectrum(x, n), most = 0;
    for (size_t k = 0; k <= n / 2; k++)
        if (fabs((double)k - hz * (double)n / RATE) > 8)
            most = fmax(most, amplitude[k]);
    free(amplitude);
    return decibel(most);
}

/* ---- at the speed of the recording --------------------------------------------------------------------------------- */

START_TEST(a_file_plays_from_the_first_to_the_last_frame_bit_by_bit)
{
    float samples[2 * N], left[N + 1000], right[N + 1000];
    noise_fill(samples, 2 * N, 1, 1);
    struct media media = sound(samples, N, 2, RATE);
    struct rig rig = player(&media);
    rig.block = 0;
    rig_start(&rig);
    run(&rig, left, right, N + 1000);
    for (size_t i = 0; i < N; i++)
        ck_assert(left[i] == samples[2 * i] && right[i] == samples[2 * i + 1]);
    ck_assert_double_eq(peak(left + N, 1000), 0);
    ck_assert_double_eq(peak(right + N, 1000), 0);
    ck_assert_double_eq(rig_reading(&rig, "playing"), 0);
    ck_assert_double_eq_tol(rig_reading(&rig, "position"), N / RATE, 1e-6);
    rig_free(&rig);
}
END_TEST

START_TEST(a_mono_file_plays_on_both_sides)
{
    float samples[N], left[N], right[N];
    noise_fill(samples, N, 1, 1);
    struct media media = sound(samples, N, 1, RATE);
    struct rig rig = player(&media);
    rig_start(&rig);
    run(&rig, left, right, N);
    ck_assert_mem_eq(left, samples, sizeof left);
    ck_assert_mem_eq(right, samples, sizeof right);
    rig_free(&rig);
}
END_TEST

START_TEST(of_many_channels_the_first_two_play)
{
    float samples[6 * 3000], left[3000], right[3000];
    noise_fill(samples, 6 * 3000, 1, 1);
    struct media media = sound(samples, 3000, 6, RATE);
    struct rig rig = player(&media);
    rig_start(&rig);
    run(&rig, left, right, 3000);
    for (size_t i = 0; i < 3000; i++)
        ck_assert(left[i] == samples[6 * i] && right[i] == samples[6 * i + 1]);
    rig_free(&rig);
}
END_TEST

START_TEST(a_loop_has_its_exact_length_round_after_round)
{
    static const struct {
        size_t n, start;
    } cases[] = {{1, 0}, {2, 1}, {7, 0}, {7, 3}, {255, 0}, {256, 0}, {1000, 777}, {5003, 1234}};
    float samples[5003], left[N], right[N];
    noise_fill(samples, 5003, 1, 1);
    for (size_t c = 0; c < ROWS(cases); c++) {
        size_t n = cases[c].n, start = cases[c].start;
        struct media media = sound(samples, n, 1, RATE);
        struct rig rig = player(&media);
        rig_set(&rig, "loop", 1);
        rig_set(&rig, "start", (float)((double)start / RATE));
        rig.block = 0;
        rig_start(&rig);
        run(&rig, left, right, N);
        for (size_t i = 0; i < N; i++)
            ck_assert_msg(left[i] == samples[start + i % (n - start)], "%zu frames from %zu: frame %zu", n, start, i);
        ck_assert_double_eq(rig_reading(&rig, "playing"), 1);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(start_is_the_nearest_frame_of_the_file)
{
    static const double starts[] = {1, 100, 12345.4, 12345.6, N - 1};
    float samples[N], left[N], right[N];
    noise_fill(samples, N, 1, 1);
    struct media media = sound(samples, N, 1, RATE);
    for (size_t s = 0; s < ROWS(starts); s++) {
        size_t first = (size_t)lround(starts[s]);
        struct rig rig = player(&media);
        rig_set(&rig, "start", (float)(starts[s] / RATE));
        rig_start(&rig);
        run(&rig, left, right, N);
        ck_assert_mem_eq(left, samples + first, (N - first) * sizeof(float));
        ck_assert_double_eq(peak(left + N - first, first), 0);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_start_behind_the_end_is_silence)
{
    float samples[N], left[1000], right[1000];
    noise_fill(samples, N, 1, 1);
    struct media media = sound(samples, N, 1, RATE);
    for (int loop = 0; loop < 2; loop++) {
        struct rig rig = player(&media);
        rig_set(&rig, "loop", (float)loop);
        rig_set(&rig, "start", 86400);
        rig_start(&rig);
        run(&rig, left, right, 1000);
        ck_assert_double_eq(peak(left, 1000), 0);
        ck_assert_double_eq(rig_reading(&rig, "playing"), 0);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(without_a_file_or_with_an_empty_one_there_is_silence)
{
    struct media empty = sound(NULL, 0, 2, RATE);
    const struct media *none[] = {NULL, &empty};
    float left[1000], right[1000], play[1000];
    for (size_t m = 0; m < ROWS(none); m++) {
        struct rig rig = player(none[m]);
        rig_set(&rig, "loop", 1);
        rig_set(&rig, "rate", 1.5f);
        rig_start(&rig);
        for (size_t i = 0; i < 1000; i++)
            play[i] = i / 100 % 2 == 0;
        rig_curve(&rig, "play", play);
        run(&rig, left, right, 1000);
        ck_assert_double_eq(peak(left, 1000), 0);
        ck_assert_double_eq(peak(right, 1000), 0);
        ck_assert_double_eq(rig_reading(&rig, "playing"), 0);
        ck_assert_double_eq(rig_reading(&rig, "position"), 0);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(gain_is_in_decibels_and_moves_frame_by_frame)
{
    float samples[N], gain[N], left[N], right[N];
    for (size_t i = 0; i < N; i++)
        samples[i] = 0.5f;
    line_fill(gain, N, -120, 24);
    struct media media = sound(samples, N, 1, RATE);
    struct rig rig = player(&media);
    rig_start(&rig);
    rig_curve(&rig, "gain", gain);
    run(&rig, left, right, N);
    ck_assert_double_eq(left[0], 0);
    for (size_t i = 1; i < N; i++)
        ck_assert_double_eq_tol(right[i] / (0.5 * pow(10, gain[i] / 20)), 1, 1e-5);
    rig_free(&rig);
}
END_TEST

/* ---- play, stop, play again ---------------------------------------------------------------------------------------- */

/* A file of ones shows the fade itself. */
static struct rig constant_player(struct media *media, float samples[N])
{
    for (size_t i = 0; i < N; i++)
        samples[i] = 1;
    *media = sound(samples, N, 1, RATE);
    return player(media);
}

static void switch_at(float *play, size_t n, size_t off, size_t on)
{
    for (size_t i = 0; i < n; i++)
        play[i] = i < off || i >= on;
}

START_TEST(stopping_fades_out_from_its_frame_in_5_ms)
{
    struct media media;
    float samples[N], play[4000], left[4000], right[4000];
    struct rig rig = constant_player(&media, samples);
    switch_at(play, 4000, 1001, 4000);
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    run(&rig, left, right, 4000);
    for (size_t i = 0; i < 4000; i++)
        ck_assert_double_eq_tol(left[i], i < 1001 ? 1 : fmax(0, 1 - (i - 1000.0) / FADE), 1e-6);
    ck_assert_mem_eq(left, right, sizeof left);
    ck_assert_double_eq(rig_reading(&rig, "playing"), 0);
    rig_free(&rig);
}
END_TEST

START_TEST(playing_again_begins_at_the_start_on_its_frame)
{
    float samples[N], play[N], left[N], right[N];
    noise_fill(samples, N, 1, 1);
    struct media media = sound(samples, N, 1, RATE);
    struct rig rig = player(&media);
    switch_at(play, N, 5000, 7777);
    rig.block = 0;
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    run(&rig, left, right, N);
    ck_assert_mem_eq(left, samples, 5000 * sizeof(float));
    ck_assert_double_eq(peak(left + 5000 + FADE, 7777 - 5000 - FADE), 0);
    ck_assert_mem_eq(left + 7777, samples, (N - 7777) * sizeof(float));
    rig_free(&rig);
}
END_TEST

START_TEST(playing_again_while_it_fades_out_waits_for_silence)
{
    float samples[N], play[N], left[N], right[N];
    sine_fill(samples, N, 50, RATE, 1);
    struct media media = sound(samples, N, 1, RATE);
    struct rig rig = player(&media);
    switch_at(play, N, 5040, 5100); /* at the top of the wave, and back on half way down */
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    run(&rig, left, right, N);
    ck_assert_double_lt(largest_step(left, N), 2 * M_PI * 50 / RATE + 1.0 / FADE + 1e-6);
    ck_assert_mem_eq(left + 5040 + FADE, samples, (N - 5040 - FADE) * sizeof(float));
    rig_free(&rig);
}
END_TEST

START_TEST(starting_again_inside_the_file_does_not_click)
{
    struct media media;
    float samples[N], play[N], left[N], right[N];
    struct rig rig = constant_player(&media, samples);
    rig_set(&rig, "start", (float)(1000 / RATE));
    switch_at(play, N, 5000, 6000);
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    run(&rig, left, right, 15000);
    ck_assert_double_lt(largest_step(left, 15000), 1.0 / FADE + 1e-6);
    ck_assert_double_eq(left[6000 + FADE], 1);
    rig_free(&rig);
}
END_TEST

START_TEST(a_player_made_silent_plays_when_switched_on)
{
    float samples[N], left[N], right[N];
    noise_fill(samples, N, 1, 1);
    struct media media = sound(samples, N, 1, RATE);
    struct rig rig = player(&media);
    rig_set(&rig, "play", 0);
    rig_start(&rig);
    run(&rig, left, right, 1000);
    ck_assert_double_eq(peak(left, 1000), 0);
    ck_assert_double_eq(rig_reading(&rig, "playing"), 0);
    rig_set(&rig, "play", 1);
    run(&rig, left, right, N);
    ck_assert_mem_eq(left, samples, sizeof left);
    rig_free(&rig);
}
END_TEST

START_TEST(after_the_end_it_plays_again_when_switched_off_and_on)
{
    float samples[2000], play[N], left[N], right[N];
    noise_fill(samples, 2000, 1, 1);
    struct media media = sound(samples, 2000, 1, RATE);
    struct rig rig = player(&media);
    switch_at(play, N, 5000, 5001);
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    run(&rig, left, right, N);
    ck_assert_double_eq(peak(left + 2000, 3001), 0);
    ck_assert_mem_eq(left + 5001, samples, sizeof samples);
    ck_assert_double_eq(peak(left + 7001, N - 7001), 0);
    rig_free(&rig);
}
END_TEST

START_TEST(a_loop_that_is_switched_off_plays_to_the_end)
{
    float samples[1000], loop[N], left[N], right[N];
    noise_fill(samples, 1000, 1, 1);
    struct media media = sound(samples, 1000, 1, RATE);
    struct rig rig = player(&media);
    for (size_t i = 0; i < N; i++)
        loop[i] = i < 3500;
    rig_start(&rig);
    rig_curve(&rig, "loop", loop);
    run(&rig, left, right, N);
    for (size_t i = 0; i < 4000; i++)
        ck_assert(left[i] == samples[i % 1000]);
    ck_assert_double_eq(peak(left + 4000, N - 4000), 0);
    rig_free(&rig);
}
END_TEST

START_TEST(the_position_is_told)
{
    float samples[N], left[N], right[N];
    noise_fill(samples, N, 1, 1);
    struct media media = sound(samples, N, 1, 44100);
    struct rig rig = player(&media);
    rig_set(&rig, "rate", 0.5f);
    rig_set(&rig, "start", 0.1f);
    rig_start(&rig);
    run(&rig, left, right, 4800);
    ck_assert_double_eq(rig_reading(&rig, "playing"), 1);
    ck_assert_double_eq_tol(rig_reading(&rig, "position"), 0.15, 1e-5);
    rig_free(&rig);
}
END_TEST

/* ---- at other speeds ----------------------------------------------------------------------------------------------- */

/* What can be kept: up to 0.4 of the slower of the two rates. Measured: -97 dB at the worst. */
START_TEST(other_speeds_add_nothing_above_minus_95_db)
{
    static const double speeds[] = {0.25, 0.5, 0.9438743, 1.0594631, 1.25, 1.5, 2, 3.3, 4};
    static const double freqs[] = {100, 997, 5000, 10000, 15000, 19000};
    float x[32768];
    for (size_t s = 0; s < ROWS(speeds); s++)
        for (size_t f = 0; f < ROWS(freqs); f++) {
            double speed = (float)speeds[s], heard = freqs[f] * speed;
            if (heard > 0.4 * RATE)
                continue;
            play_sine(freqs[f], RATE, speed, x, 32768);
            ck_assert_msg(stray_db(x, 32768, heard) < -95, "%g Hz at %g", freqs[f], speed);
            ck_assert_msg(fabs(decibel(tone_amplitude(x, 32768, heard, RATE))) < 0.02, "%g Hz at %g", freqs[f], speed);
        }
}
END_TEST

/* 23 kHz at twice the speed would be 46 kHz and fold to 2 kHz. What folds to above 0.4 of the rate is only weakened. */
START_TEST(what_is_too_high_at_a_speed_is_removed)
{
    static const struct {
        double hz, speed;
    } cases[] = {{23000, 1.25}, {20000, 1.5}, {23000, 1.5}, {15000, 2}, {23000, 2},
                 {10000, 3},    {22000, 3},   {8000, 4},    {23000, 4}};
    float x[32768];
    for (size_t c = 0; c < ROWS(cases); c++) {
        play_sine(cases[c].hz, RATE, cases[c].speed, x, 32768);
        ck_assert_msg(stray_db(x, 32768, -1e6) < -95, "%g Hz at %g", cases[c].hz, cases[c].speed);
    }
}
END_TEST

/* rms of the difference from a sine of `hz` whose time runs at the given speed from the first frame on, in dB */
static double distance_db(const float *x, size_t from, size_t n, double hz, double speed)
{
    double sum = 0;
    for (size_t i = from; i < from + n; i++)
        sum += pow(x[i] - sin(2 * M_PI * fmod(hz * speed / RATE * (double)i, 1)), 2);
    return decibel(sqrt(sum / (double)n));
}

START_TEST(pitch_and_time_are_right_when_the_rates_differ)
{
    static const double rates[] = {44100, 32000, 96000, 192000, 8000};
    for (size_t r = 0; r < ROWS(rates); r++) {
        size_t frames = (size_t)rates[r] * 20, n = (size_t)RATE * 20;
        float *samples = malloc(frames * sizeof(float));
        sine_fill(samples, frames, 997, rates[r], 1);
        struct media media = sound(samples, frames, 1, rates[r]);
        struct rig rig = player(&media);
        rig_start(&rig);
        float *x = rig_run(&rig, NULL, n + 1000);
        ck_assert_msg(distance_db(x, n - 50000, 49000, 997, 1) < -100, "%g Hz: %g dB", rates[r],
                      distance_db(x, n - 50000, 49000, 997, 1));
        ck_assert_double_lt(peak(x + n, 1000), 1e-6); /* the end is where it was recorded */
        ck_assert_double_gt(peak(x + n - 100, 100), 0.1);
        free(x);
        free(samples);
        rig_free(&rig);
    }
}
END_TEST

/* The file holds noise before the loop, whole cycles in it: any seam but the right one shows. */
START_TEST(the_seam_of_a_loop_is_not_heard_at_any_speed)
{
    static const double speeds[] = {0.3, 0.75, 1.0001, 1.37, 2.5, 4};
    static float samples[9000], left[4 * N], right[4 * N];
    for (size_t s = 0; s < ROWS(speeds); s++) {
        double speed = (float)speeds[s];
        noise_fill(samples, 1000, 1, 1);
        sine_fill(samples + 1000, 8000, 18 * RATE / 8000, RATE, 1);
        struct media media = sound(samples, 9000, 1, RATE);
        struct rig rig = player(&media);
        rig_set(&rig, "loop", 1);
        rig_set(&rig, "start", (float)(1000 / RATE));
        rig_set(&rig, "rate", (float)speed);
        rig_start(&rig);
        run(&rig, left, right, 4 * N);
        size_t second = (size_t)(8000 / speed) - 100; /* in the first round the noise is before the start, and is heard */
        ck_assert_msg(distance_db(left, second, 4 * N - second, 18 * RATE / 8000, speed) < -95, "%g: %g dB", speed,
                      distance_db(left, second, 4 * N - second, 18 * RATE / 8000, speed));
        rig_free(&rig);
    }
}
END_TEST

/* Ten minutes of a loop of an odd length at an odd ratio of rates: the phase tells the sum of all rounds. */
START_TEST(a_loop_at_another_rate_does_not_drift)
{
    enum { CYCLE = 441 };
    static float samples[5 * CYCLE], left[BLOCK_MAX], right[BLOCK_MAX];
    sine_fill(samples, 5 * CYCLE, 100, 44100, 1);
    struct media media = sound(samples, 5 * CYCLE, 1, 44100);
    struct rig rig = player(&media);
    rig_set(&rig, "loop", 1);
    rig_start(&rig);
    uint64_t blocks = (uint64_t)(600 * RATE / BLOCK_MAX);
    for (uint64_t b = 0; b < blocks; b++)
        run(&rig, left, right, BLOCK_MAX);
    run(&rig, left, right, BLOCK_MAX);
    for (unsigned i = 0; i < BLOCK_MAX; i++) {
        double cycles = fmod((double)(blocks * BLOCK_MAX + i) * 100, RATE) / RATE;
        ck_assert_double_eq_tol(left[i], sin(2 * M_PI * cycles), 2e-5);
    }
    rig_free(&rig);
}
END_TEST

/* Loops shorter than the kernel, and shorter than one step, still have their mean and never read outside the file. */
START_TEST(the_shortest_loops_play_at_the_highest_speed)
{
    float samples[] = {0.25f, 0.75f, 0.5f}, left[5000], right[5000];
    for (size_t n = 1; n <= 3; n++) {
        struct media media = sound(samples, n, 1, 4 * RATE);
        struct rig rig = player(&media);
        rig_set(&rig, "loop", 1);
        rig_set(&rig, "rate", 4);
        rig_start(&rig);
        run(&rig, left, right, 5000);
        for (size_t i = 1000; i < 5000; i++)
            ck_assert_double_eq_tol(left[i], mean(samples, n), n == 1 ? 1e-4 : 0.3);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_gliding_rate_is_followed_frame_by_frame)
{
    const size_t n = N / 5;
    float samples[N], rate[N], left[N], right[N];
    double position = 0, sum = 0;
    sine_fill(samples, N, 1500, RATE, 1);
    exponential_fill(rate, n, 0.25, 4);
    struct media media = sound(samples, N, 1, RATE);
    struct rig rig = player(&media);
    rig_start(&rig);
    rig_curve(&rig, "rate", rate);
    run(&rig, left, right, n);
    for (size_t i = 0; i < n; i++) {
        if (i > 500)
            sum += pow(left[i] - sin(2 * M_PI * fmod(1500 / RATE * position, 1)), 2);
        position += rate[i];
    }
    ck_assert_double_lt(decibel(sqrt(sum / (double)n)), -100);
    rig_free(&rig);
}
END_TEST

START_TEST(a_rate_that_passes_through_1_stays_continuous)
{
    float samples[N], rate[N], left[N], right[N];
    sine_fill(samples, N, 500, RATE, 1);
    struct media media = sound(samples, N, 1, RATE);
    struct rig rig = player(&media);
    rig_start(&rig);
    for (size_t i = 0; i < N; i++)
        rate[i] = i < 100 ? 1 : 1.01f;
    rig_curve(&rig, "rate", rate);
    run(&rig, left, right, 1000);
    rig_set(&rig, "rate", 1);
    run(&rig, left + 1000, right + 1000, 1000);
    rig_set(&rig, "rate", 0.99f);
    run(&rig, left + 2000, right + 2000, 1000);
    ck_assert_double_lt(largest_step(left, 3000), 2 * M_PI * 500 * 1.01 / RATE * 1.001);
    rig_free(&rig);
}
END_TEST

static float *eventful_run(unsigned block, const struct media *media)
{
    static float play[N], loop[N], start[N], rate[N], gain[N], right[N];
    float *left = malloc(N * sizeof(float));
    struct rig rig = player(media);
    for (size_t i = 0; i < N; i++) {
        play[i] = i < 3111 || i > 3333;
        loop[i] = i < 15000;
        start[i] = i < 9000 ? 0.001f : (float)(0.001 + (double)i * 1e-6);
        rate[i] = (float)exp2(sin((double)i / 700));
        gain[i] = (float)(-6 + 6 * sin((double)i / 300));
    }
    rig.block = block;
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    rig_curve(&rig, "loop", loop);
    rig_curve(&rig, "start", start);
    rig_curve(&rig, "rate", rate);
    rig_curve(&rig, "gain", gain);
    run(&rig, left, right, N);
    rig_free(&rig);
    return left;
}

START_TEST(the_division_into_blocks_does_not_matter)
{
    static const unsigned blocks[] = {0, 1, 17, 64};
    float samples[2 * 1700];
    noise_fill(samples, 2 * 1700, 1, 1);
    struct media media = sound(samples, 1700, 2, RATE);
    float *reference = eventful_run(BLOCK_MAX, &media);
    for (size_t b = 0; b < ROWS(blocks); b++) {
        float *x = eventful_run(blocks[b], &media);
        ck_assert_msg(snr_db(reference, x, N) >= 100, "%u frames: %g dB", blocks[b], snr_db(reference, x, N));
        free(x);
    }
    ck_assert_double_gt(rms(reference, N), 0.05);
    free(reference);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("player");
    TCase *tests = tcase_create("player");
    tcase_set_timeout(tests, 240);
    tcase_add_test(tests, a_file_plays_from_the_first_to_the_last_frame_bit_by_bit);
    tcase_add_test(tests, a_mono_file_plays_on_both_sides);
    tcase_add_test(tests, of_many_channels_the_first_two_play);
    tcase_add_test(tests, a_loop_has_its_exact_length_round_after_round);
    tcase_add_test(tests, start_is_the_nearest_frame_of_the_file);
    tcase_add_test(tests, a_start_behind_the_end_is_silence);
    tcase_add_test(tests, without_a_file_or_with_an_empty_one_there_is_silence);
    tcase_add_test(tests, gain_is_in_decibels_and_moves_frame_by_frame);
    tcase_add_test(tests, stopping_fades_out_from_its_frame_in_5_ms);
    tcase_add_test(tests, playing_again_begins_at_the_start_on_its_frame);
    tcase_add_test(tests, playing_again_while_it_fades_out_waits_for_silence);
    tcase_add_test(tests, starting_again_inside_the_file_does_not_click);
    tcase_add_test(tests, a_player_made_silent_plays_when_switched_on);
    tcase_add_test(tests, after_the_end_it_plays_again_when_switched_off_and_on);
    tcase_add_test(tests, a_loop_that_is_switched_off_plays_to_the_end);
    tcase_add_test(tests, the_position_is_told);
    tcase_add_test(tests, other_speeds_add_nothing_above_minus_95_db);
    tcase_add_test(tests, what_is_too_high_at_a_speed_is_removed);
    tcase_add_test(tests, pitch_and_time_are_right_when_the_rates_differ);
    tcase_add_test(tests, the_seam_of_a_loop_is_not_heard_at_any_speed);
    tcase_add_test(tests, a_loop_at_another_rate_does_not_drift);
    tcase_add_test(tests, the_shortest_loops_play_at_the_highest_speed);
    tcase_add_test(tests, a_gliding_rate_is_followed_frame_by_frame);
    tcase_add_test(tests, a_rate_that_passes_through_1_stays_continuous);
    tcase_add_test(tests, the_division_into_blocks_does_not_matter);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
