#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/player_rig.h"
#include "tests/spectrum.h"

#define RATE PLAYER_RIG_RATE
#define N    20000 /* frames of an ordinary file */
#define FADE 240   /* frames of 5 ms */

/* ---- at the speed of the recording --------------------------------------------------------------------------------- */

START_TEST(a_file_plays_from_the_first_to_the_last_frame_bit_by_bit)
{
    float samples[2 * N], left[N + 1000], right[N + 1000];
    noise_fill(samples, 2 * N, 1, 1);
    struct media media = player_media(samples, N, 2, RATE);
    struct rig rig = player_new(&media);
    rig.block = 0;
    rig_start(&rig);
    player_run(&rig, left, right, N + 1000);
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
    struct media media = player_media(samples, N, 1, RATE);
    struct rig rig = player_new(&media);
    rig_start(&rig);
    player_run(&rig, left, right, N);
    ck_assert_mem_eq(left, samples, sizeof left);
    ck_assert_mem_eq(right, samples, sizeof right);
    rig_free(&rig);
}
END_TEST

START_TEST(of_many_channels_the_first_two_play)
{
    float samples[6 * 3000], left[3000], right[3000];
    noise_fill(samples, 6 * 3000, 1, 1);
    struct media media = player_media(samples, 3000, 6, RATE);
    struct rig rig = player_new(&media);
    rig_start(&rig);
    player_run(&rig, left, right, 3000);
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
        struct media media = player_media(samples, n, 1, RATE);
        struct rig rig = player_new(&media);
        rig_set(&rig, "loop", 1);
        rig_set(&rig, "start", (float)((double)start / RATE));
        rig.block = 0;
        rig_start(&rig);
        player_run(&rig, left, right, N);
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
    struct media media = player_media(samples, N, 1, RATE);
    for (size_t s = 0; s < ROWS(starts); s++) {
        size_t first = (size_t)lround(starts[s]);
        struct rig rig = player_new(&media);
        rig_set(&rig, "start", (float)(starts[s] / RATE));
        rig_start(&rig);
        player_run(&rig, left, right, N);
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
    struct media media = player_media(samples, N, 1, RATE);
    for (int loop = 0; loop < 2; loop++) {
        struct rig rig = player_new(&media);
        rig_set(&rig, "loop", (float)loop);
        rig_set(&rig, "start", 86400);
        rig_start(&rig);
        player_run(&rig, left, right, 1000);
        ck_assert_double_eq(peak(left, 1000), 0);
        ck_assert_double_eq(rig_reading(&rig, "playing"), 0);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(without_a_file_or_with_an_empty_one_there_is_silence)
{
    struct media empty = player_media(NULL, 0, 2, RATE);
    const struct media *none[] = {NULL, &empty};
    float left[1000], right[1000], play[1000];
    for (size_t m = 0; m < ROWS(none); m++) {
        struct rig rig = player_new(none[m]);
        rig_set(&rig, "loop", 1);
        rig_set(&rig, "rate", 1.5f);
        rig_start(&rig);
        for (size_t i = 0; i < 1000; i++)
            play[i] = i / 100 % 2 == 0;
        rig_curve(&rig, "play", play);
        player_run(&rig, left, right, 1000);
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
    struct media media = player_media(samples, N, 1, RATE);
    struct rig rig = player_new(&media);
    rig_start(&rig);
    rig_curve(&rig, "gain", gain);
    player_run(&rig, left, right, N);
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
    *media = player_media(samples, N, 1, RATE);
    return player_new(media);
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
    player_run(&rig, left, right, 4000);
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
    struct media media = player_media(samples, N, 1, RATE);
    struct rig rig = player_new(&media);
    switch_at(play, N, 5000, 7777);
    rig.block = 0;
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    player_run(&rig, left, right, N);
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
    struct media media = player_media(samples, N, 1, RATE);
    struct rig rig = player_new(&media);
    switch_at(play, N, 5040, 5100); /* at the top of the wave, and back on half way down */
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    player_run(&rig, left, right, N);
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
    player_run(&rig, left, right, 15000);
    ck_assert_double_lt(largest_step(left, 15000), 1.0 / FADE + 1e-6);
    ck_assert_double_eq(left[6000 + FADE], 1);
    rig_free(&rig);
}
END_TEST

START_TEST(starting_again_inside_the_file_after_its_end_does_not_click)
{
    struct media media;
    float samples[N], play[N], left[N], right[N];
    struct rig rig = constant_player(&media, samples);
    media.n_frames = 3000;
    rig_set(&rig, "start", (float)(1000 / RATE));
    switch_at(play, N, 5000, 6000);
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    player_run(&rig, left, right, 7000);
    ck_assert_double_lt(largest_step(left + 5000, 2000), 1.0 / FADE + 1e-6);
    ck_assert_double_eq(left[6000 + FADE], 1);
    rig_free(&rig);
}
END_TEST

START_TEST(a_player_made_silent_plays_when_switched_on)
{
    float samples[N], left[N], right[N];
    noise_fill(samples, N, 1, 1);
    struct media media = player_media(samples, N, 1, RATE);
    struct rig rig = player_new(&media);
    rig_set(&rig, "play", 0);
    rig_start(&rig);
    player_run(&rig, left, right, 1000);
    ck_assert_double_eq(peak(left, 1000), 0);
    ck_assert_double_eq(rig_reading(&rig, "playing"), 0);
    rig_set(&rig, "play", 1);
    player_run(&rig, left, right, N);
    ck_assert_mem_eq(left, samples, sizeof left);
    rig_free(&rig);
}
END_TEST

START_TEST(after_the_end_it_plays_again_when_switched_off_and_on)
{
    float samples[2000], play[N], left[N], right[N];
    noise_fill(samples, 2000, 1, 1);
    struct media media = player_media(samples, 2000, 1, RATE);
    struct rig rig = player_new(&media);
    switch_at(play, N, 5000, 5001);
    rig_start(&rig);
    rig_curve(&rig, "play", play);
    player_run(&rig, left, right, N);
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
    struct media media = player_media(samples, 1000, 1, RATE);
    struct rig rig = player_new(&media);
    for (size_t i = 0; i < N; i++)
        loop[i] = i < 3990; /* shortly before a seam, within its block */
    rig_start(&rig);
    rig_curve(&rig, "loop", loop);
    player_run(&rig, left, right, N);
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
    struct media media = player_media(samples, N, 1, 44100);
    struct rig rig = player_new(&media);
    rig_set(&rig, "rate", 0.5f);
    rig_set(&rig, "start", 0.1f);
    rig_start(&rig);
    player_run(&rig, left, right, 4800);
    ck_assert_double_eq(rig_reading(&rig, "playing"), 1);
    ck_assert_double_eq_tol(rig_reading(&rig, "position"), 0.15, 1e-5);
    rig_free(&rig);
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
    tcase_add_test(tests, starting_again_inside_the_file_after_its_end_does_not_click);
    tcase_add_test(tests, a_player_made_silent_plays_when_switched_on);
    tcase_add_test(tests, after_the_end_it_plays_again_when_switched_off_and_on);
    tcase_add_test(tests, a_loop_that_is_switched_off_plays_to_the_end);
    tcase_add_test(tests, the_position_is_told);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
