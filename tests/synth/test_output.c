#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"

#define N 5000

/* Runs two channels through an output and returns what reached the device. */
static void output_run(struct rig *rig, const float *left, const float *right, float sound[2][N])
{
    const float *in[] = {left, right};
    float *device[] = {sound[0], sound[1]}, *out[RIG_CHANNELS_MAX] = {0};
    rig->device = device;
    rig_process(rig, in, out, N);
}

START_TEST(sound_below_the_ceiling_passes_bit_by_bit)
{
    struct rig rig = rig_new("output", 48000, 0);
    float left[N], right[N], sound[2][N];
    noise_fill(left, N, 1, 1);
    noise_fill(right, N, 1e-30, 2);
    left[10] = 1;
    left[11] = -1;
    left[12] = -0.0f;
    rig.block = 0;
    rig_start(&rig);
    output_run(&rig, left, right, sound);
    ck_assert_mem_eq(sound[0], left, sizeof left);
    ck_assert_mem_eq(sound[1], right, sizeof right);
    ck_assert_double_eq(rig_reading(&rig, "clipped"), 0);
    ck_assert_double_eq(rig_reading(&rig, "nonfinite"), 0);
    rig_free(&rig);
}
END_TEST

START_TEST(nothing_exceeds_the_ceiling)
{
    static const float ceilings[] = {-60, -6.0206f, 0, 6.0206f, 24};
    for (size_t k = 0; k < ROWS(ceilings); k++) {
        struct rig rig = rig_new("output", 48000, 0);
        float left[N], right[N], sound[2][N], most = (float)pow(10, ceilings[k] / 20);
        noise_fill(left, N, 40, 1);
        noise_fill(right, N, 40, 2);
        left[100] = FLT_MAX;
        left[101] = -FLT_MAX;
        rig_set(&rig, "ceiling", ceilings[k]);
        rig_start(&rig);
        output_run(&rig, left, right, sound);
        for (size_t i = 0; i < N; i++)
            ck_assert_double_eq_tol(sound[0][i], fmaxf(-most, fminf(most, left[i])), 2e-6 * most);
        ck_assert_double_eq(rig_reading(&rig, "nonfinite"), 0);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_moving_ceiling_is_followed_frame_by_frame)
{
    struct rig rig = rig_new("output", 48000, 0);
    float x[N], ceiling[N], sound[2][N];
    for (size_t i = 0; i < N; i++)
        x[i] = i % 2 ? 10 : -10;
    line_fill(ceiling, N, -40, 10);
    rig_start(&rig);
    rig_curve(&rig, "ceiling", ceiling);
    output_run(&rig, x, x, sound);
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol(sound[1][i] / (i % 2 ? 1 : -1), pow(10, ceiling[i] / 20), 1e-5);
    rig_free(&rig);
}
END_TEST

START_TEST(what_is_no_number_becomes_silence_and_is_counted)
{
    struct rig rig = rig_new("output", 48000, 0);
    float left[N] = {0}, right[N], sound[2][N];
    noise_fill(right, N, 0.5, 1);
    left[3] = NAN;
    left[256] = INFINITY;
    left[257] = -INFINITY;
    right[257] = NAN; /* the same frame counts once */
    right[4999] = -NAN;
    rig_start(&rig);
    output_run(&rig, left, right, sound);
    ck_assert_double_eq(peak(sound[0], N), 0);
    ck_assert_double_eq(sound[1][257], 0);
    ck_assert_double_eq(sound[1][4999], 0);
    ck_assert_mem_eq(sound[1], right, 257 * sizeof(float));
    ck_assert_double_eq(rig_reading(&rig, "nonfinite"), 4);
    ck_assert_double_eq(rig_reading(&rig, "clipped"), 0);
    rig_free(&rig);
}
END_TEST

START_TEST(clipped_frames_are_counted_over_all_channels_and_blocks)
{
    struct rig rig = rig_new("output", 48000, 0);
    float left[N] = {0}, right[N] = {0}, sound[2][N];
    for (size_t i = 0; i < N; i += 10)
        left[i] = 1.0001f;
    for (size_t i = 0; i < N; i += 100)
        right[i] = -2; /* frames that clip on the left already */
    right[5] = 3;
    rig.block = 0;
    rig_start(&rig);
    output_run(&rig, left, right, sound);
    ck_assert_double_eq(rig_reading(&rig, "clipped"), N / 10 + 1);
    output_run(&rig, left, right, sound);
    ck_assert_double_eq(rig_reading(&rig, "clipped"), 2 * (N / 10 + 1));
    rig_free(&rig);
}
END_TEST

START_TEST(a_channel_without_a_port_is_left_out)
{
    struct rig rig = rig_new("output", 48000, 2);
    float loud[N], quiet[N], sound[N], *device[] = {NULL, sound}, *out[RIG_CHANNELS_MAX] = {0};
    const float *in[] = {loud, quiet};
    noise_fill(loud, N, 4, 1);
    noise_fill(quiet, N, 1, 1);
    rig.device = device;
    rig_start(&rig);
    rig_process(&rig, in, out, N);
    ck_assert_mem_eq(sound, quiet, sizeof quiet);
    ck_assert_double_eq(rig_reading(&rig, "clipped"), 0);
    rig_free(&rig);
}
END_TEST

START_TEST(it_is_a_device_of_the_engine)
{
    const struct node_class *class = node_class_find("output");
    ck_assert_int_eq(class->device, DEVICE_OUTPUT);
    ck_assert_uint_eq(class->channels, 2);
    ck_assert_uint_eq(class->channels_max, PORT_CHANNELS_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("output");
    TCase *tests = tcase_create("output");
    tcase_add_test(tests, sound_below_the_ceiling_passes_bit_by_bit);
    tcase_add_test(tests, nothing_exceeds_the_ceiling);
    tcase_add_test(tests, a_moving_ceiling_is_followed_frame_by_frame);
    tcase_add_test(tests, what_is_no_number_becomes_silence_and_is_counted);
    tcase_add_test(tests, clipped_frames_are_counted_over_all_channels_and_blocks);
    tcase_add_test(tests, a_channel_without_a_port_is_left_out);
    tcase_add_test(tests, it_is_a_device_of_the_engine);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
