#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/player_rig.h"
#include "tests/spectrum.h"

#define RATE PLAYER_RIG_RATE
#define N    20000 /* frames of an ordinary file */

/* Plays one sine of this frequency and rate of file at a speed, past the beginning. */
static void play_sine(double hz, double file_rate_hz, double speed, float *out, size_t n)
{
    size_t skip = 256, frames = (size_t)((double)(n + skip) * speed * file_rate_hz / RATE) + 1000;
    float *samples = malloc(frames * sizeof(float)), *x;
    sine_fill(samples, frames, hz, file_rate_hz, 1);
    struct media media = player_media(samples, frames, 1, file_rate_hz);
    struct rig rig = player_new(&media);
    rig_set(&rig, "rate", (float)speed);
    rig_start(&rig);
    x = rig_run(&rig, NULL, n + skip);
    memcpy(out, x + skip, n * sizeof(float));
    free(x);
    free(samples);
    rig_free(&rig);
}

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
            ck_assert_msg(off_tone_db(x, 32768, heard, RATE) < -95, "%g Hz at %g", freqs[f], speed);
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
        ck_assert_msg(off_tone_db(x, 32768, -1e6, RATE) < -95, "%g Hz at %g", cases[c].hz, cases[c].speed);
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
        struct media media = player_media(samples, frames, 1, rates[r]);
        struct rig rig = player_new(&media);
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

/* Noise, then 18 whole cycles that are looped: any seam but the right one shows. The start is moved behind the noise while
 * that plays, so that the first round begins elsewhere than the others. */
START_TEST(the_seam_of_a_loop_is_not_heard_at_any_speed)
{
    static const double speeds[] = {0.3, 0.75, 1.0001, 1.37, 2.5, 4};
    static float samples[12000], left[4 * N], right[4 * N];
    const double hz = 18 * RATE / 8000;
    noise_fill(samples, 4000, 1, 1);
    sine_fill(samples + 4000, 8000, hz, RATE, 1);
    struct media media = player_media(samples, 12000, 1, RATE);
    for (size_t s = 0; s < ROWS(speeds); s++) {
        double speed = (float)speeds[s];
        struct rig rig = player_new(&media);
        rig_set(&rig, "loop", 1);
        rig_set(&rig, "rate", (float)speed);
        rig_start(&rig);
        player_run(&rig, left, right, 500);
        rig_set(&rig, "start", (float)(4000 / RATE));
        player_run(&rig, left + 500, right + 500, 4 * N - 500);
        size_t from = (size_t)(4200 / speed);
        double distance = distance_db(left, from, 4 * N - from, hz, speed);
        ck_assert_msg(distance < -95, "%g: %g dB", speed, distance);
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
    struct media media = player_media(samples, 5 * CYCLE, 1, 44100);
    struct rig rig = player_new(&media);
    rig_set(&rig, "loop", 1);
    rig_start(&rig);
    uint64_t blocks = (uint64_t)(600 * RATE / BLOCK_MAX);
    for (uint64_t b = 0; b < blocks; b++)
        player_run(&rig, left, right, BLOCK_MAX);
    player_run(&rig, left, right, BLOCK_MAX);
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
        struct media media = player_media(samples, n, 1, 4 * RATE);
        struct rig rig = player_new(&media);
        rig_set(&rig, "loop", 1);
        rig_set(&rig, "rate", 4);
        rig_start(&rig);
        player_run(&rig, left, right, 5000);
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
    struct media media = player_media(samples, N, 1, RATE);
    struct rig rig = player_new(&media);
    rig_start(&rig);
    rig_curve(&rig, "rate", rate);
    player_run(&rig, left, right, n);
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
    struct media media = player_media(samples, N, 1, RATE);
    struct rig rig = player_new(&media);
    rig_start(&rig);
    for (size_t i = 0; i < N; i++)
        rate[i] = i < 100 ? 1 : 1.01f;
    rig_curve(&rig, "rate", rate);
    player_run(&rig, left, right, 1000);
    rig_set(&rig, "rate", 1);
    player_run(&rig, left + 1000, right + 1000, 1000);
    rig_set(&rig, "rate", 0.99f);
    player_run(&rig, left + 2000, right + 2000, 1000);
    ck_assert_double_lt(largest_step(left, 3000), 2 * M_PI * 500 * 1.01 / RATE * 1.001);
    rig_free(&rig);
}
END_TEST

static float *eventful_run(unsigned block, const struct media *media)
{
    static float play[N], loop[N], start[N], rate[N], gain[N], right[N];
    float *left = malloc(N * sizeof(float));
    struct rig rig = player_new(media);
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
    player_run(&rig, left, right, N);
    rig_free(&rig);
    return left;
}

START_TEST(the_division_into_blocks_does_not_matter)
{
    static const unsigned blocks[] = {0, 1, 17, 64};
    float samples[2 * 1700];
    noise_fill(samples, 2 * 1700, 1, 1);
    struct media media = player_media(samples, 1700, 2, RATE);
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
    Suite *suite = suite_create("player_speed");
    TCase *tests = tcase_create("player_speed");
    tcase_set_timeout(tests, 240);
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
