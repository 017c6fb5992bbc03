#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"

#define RATE 48000.0
#define FADE (1 + RATE / 100) /* frames */
#define N    48000

enum { SINE, TRIANGLE, SAW_UP, SAW_DOWN, SQUARE, N_SHAPES, RANDOM = N_SHAPES, DRIFT };

/* The shapes as their help describes them, for a phase in cycles. */
static double ideal(int shape, double cycles)
{
    double p = cycles - floor(cycles);
    switch (shape) {
    case SINE:
        return sin(2 * M_PI * p);
    case TRIANGLE:
        return p < 0.25 ? 4 * p : p < 0.75 ? 2 - 4 * p : 4 * p - 4;
    case SAW_UP:
        return 2 * p - 1;
    case SAW_DOWN:
        return 1 - 2 * p;
    default:
        return p < 0.5 ? 1 : -1;
    }
}

static struct rig lfo(double rate_hz, int shape, double hz)
{
    struct rig rig = rig_new("lfo", rate_hz, 0);
    rig_set(&rig, "shape", (float)shape);
    rig_set(&rig, "rate", (float)hz);
    rig_start(&rig);
    return rig;
}

/* 2.34375 Hz at 48 kHz: 20480 frames per cycle, so that no edge depends on how theory is rounded. */
START_TEST(the_shapes_are_what_their_help_says)
{
    for (int shape = 0; shape < N_SHAPES; shape++) {
        struct rig rig = lfo(RATE, shape, 2.34375);
        float *x = rig_run(&rig, NULL, N);
        for (size_t i = 0; i < N; i++)
            ck_assert_double_eq_tol(x[i], ideal(shape, (double)i / 20480), 1e-6);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

/* Every frame where a square changes sides, counted over a long time: none may be off by one. */
static void expect_edges(double rate_hz, double hz, double seconds)
{
    struct rig rig = lfo(rate_hz, SQUARE, hz);
    float block[BLOCK_MAX], *out[] = {block}, before = -1;
    uint64_t half = (uint64_t)llround(rate_hz / hz / 2), end = (uint64_t)(seconds * rate_hz);
    for (uint64_t at = 0; at < end; at += BLOCK_MAX) {
        rig_process(&rig, NULL, out, BLOCK_MAX);
        for (unsigned i = 0; i < BLOCK_MAX; i++) {
            bool edge = block[i] != before;
            before = block[i];
            if (edge != ((at + i) % half == 0))
                ck_abort_msg("%g Hz at %g: frame %llu", hz, rate_hz, (unsigned long long)(at + i));
        }
    }
    rig_free(&rig);
}

START_TEST(edges_stay_on_their_frame)
{
    expect_edges(48000, 1, 600);
    expect_edges(48000, 3, 120);
    expect_edges(44100, 7, 120);
    expect_edges(44100, 90, 120);
    expect_edges(96000, 0.5, 120);
}
END_TEST

START_TEST(depth_scales_and_offset_shifts)
{
    struct rig rig = lfo(RATE, SAW_UP, 2.34375);
    rig_set(&rig, "depth", 0.25f);
    rig_set(&rig, "offset", -0.5f);
    float *x = rig_run(&rig, NULL, N);
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol(x[i], -0.5 + 0.25 * ideal(SAW_UP, (double)i / 20480), 1e-6);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(depth_and_offset_are_followed_frame_by_frame)
{
    struct rig rig = lfo(RATE, TRIANGLE, 2.34375);
    float depth[N], offset[N];
    line_fill(depth, N, 0, 1);
    line_fill(offset, N, 1, -1);
    rig_curve(&rig, "depth", depth);
    rig_curve(&rig, "offset", offset);
    float *x = rig_run(&rig, NULL, N);
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol(x[i], offset[i] + depth[i] * ideal(TRIANGLE, (double)i / 20480), 1e-6);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(phase_shifts_by_parts_of_a_cycle)
{
    static const float shifts[] = {0, 0.125f, 0.25f, 0.5f, 0.75f, 1};
    for (int shape = 0; shape < N_SHAPES; shape++)
        for (size_t s = 0; s < ROWS(shifts); s++) {
            struct rig rig = lfo(RATE, shape, 2.34375);
            rig_set(&rig, "phase", shifts[s]);
            float *x = rig_run(&rig, NULL, 20480);
            for (size_t i = 0; i < 20480; i++)
                ck_assert_double_eq_tol(x[i], ideal(shape, (double)i / 20480 + shifts[s]), 1e-6);
            free(x);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(a_changing_rate_is_followed_frame_by_frame)
{
    struct rig rig = lfo(RATE, SINE, 1);
    float hz[N];
    double cycles = 0;
    exponential_fill(hz, N, 0.001, 100);
    rig_curve(&rig, "rate", hz);
    float *x = rig_run(&rig, NULL, N);
    for (size_t i = 0; i < N; i++) {
        ck_assert_double_eq_tol(x[i], ideal(SINE, cycles), 1e-6);
        cycles += hz[i] / RATE;
    }
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(from_its_frame_on_a_shape_goes_over_into_another)
{
    struct rig rig = lfo(RATE, SINE, 2.34375);
    float shape[N];
    for (size_t i = 0; i < N; i++)
        shape[i] = i < 1000 ? SINE : SAW_UP;
    rig_curve(&rig, "shape", shape);
    float *x = rig_run(&rig, NULL, N);
    for (size_t i = 0; i < N; i++) {
        double way = i < 1000 ? 0 : fmin(1, (double)(i - 1000) / FADE), at = (double)i / 20480;
        double theory = (1 - way) * (double)ideal(SINE, at) + way * (double)ideal(SAW_UP, at);
        ck_assert_double_eq_tol((double)x[i], theory, 1e-6);
    }
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(retrigger_starts_a_cycle_on_its_frame)
{
    for (int shape = 0; shape < N_SHAPES; shape++) {
        struct rig rig = lfo(RATE, shape, 2.34375);
        float trigger[N] = {0};
        for (size_t i = 0; i < N; i++)
            trigger[i] = i % 7777 >= 5000 ? 1 : 0.5f;
        rig.block = 100;
        float *x = rig_run(&rig, trigger, N);
        for (size_t i = 0, from = 0; i < N; i++) {
            from = i % 7777 == 5000 ? i : from;
            ck_assert_double_eq_tol(x[i], ideal(shape, (double)(i - from) / 20480), 1e-6);
        }
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(random_is_another_value_in_every_cycle)
{
    struct rig rig = lfo(RATE, RANDOM, 100);
    float *x = rig_run(&rig, NULL, N);
    double sum = 0;
    for (size_t i = 0; i < N; i++) {
        ck_assert(fabsf(x[i]) <= 1);
        ck_assert(i == 0 || (x[i] == x[i - 1]) == (i % 480 != 0));
        sum += (double)(x[i] * x[i]) / N;
    }
    ck_assert_double_eq_tol(sum, 1 / 3.0, 0.1); /* evenly distributed */
    free(x);
    rig_free(&rig);
}
END_TEST

/* Between two values half a cosine: nowhere steeper than pi / 2 times their distance in a cycle. */
START_TEST(drift_goes_smoothly_from_value_to_value)
{
    struct rig stepped = lfo(RATE, RANDOM, 100), smooth = lfo(RATE, DRIFT, 100);
    float *x = rig_run(&stepped, NULL, N), *y = rig_run(&smooth, NULL, N);
    for (size_t i = 0; i + 480 < N; i += 480) {
        ck_assert_double_eq_tol(y[i], x[i], 1e-6);
        ck_assert_double_eq_tol(y[i + 240], (x[i] + x[i + 480]) / 2, 1e-6);
    }
    ck_assert_double_lt(largest_step(y, N), 2 * M_PI / 2 / 480);
    free(x);
    free(y);
    rig_free(&stepped);
    rig_free(&smooth);
}
END_TEST

START_TEST(another_seed_is_another_random_movement)
{
    struct rig one = lfo(RATE, RANDOM, 100), other = rig_new("lfo", RATE, 0);
    rig_set(&other, "shape", RANDOM);
    rig_set(&other, "rate", 100);
    rig_set(&other, "seed", 2);
    rig_start(&other);
    float *x = rig_run(&one, NULL, N), *y = rig_run(&other, NULL, N);
    for (size_t i = 0; i < N; i += 480)
        ck_assert(x[i] != y[i]);
    free(x);
    free(y);
    rig_free(&one);
    rig_free(&other);
}
END_TEST

static float *moving_run(unsigned block)
{
    struct rig rig = lfo(44100, TRIANGLE, 3.7);
    float hz[N], depth[N], phase[N];
    exponential_fill(hz, N, 0.5, 50);
    line_fill(depth, N, 1, 0.2);
    line_fill(phase, N, 0, 1);
    rig.block = block;
    rig_curve(&rig, "rate", hz);
    rig_curve(&rig, "depth", depth);
    rig_curve(&rig, "phase", phase);
    float *x = rig_run(&rig, NULL, N);
    rig_free(&rig);
    return x;
}

START_TEST(the_division_into_blocks_does_not_matter)
{
    float *reference = moving_run(BLOCK_MAX), *single = moving_run(1), *random = moving_run(0);
    ck_assert_double_ge(snr_db(reference, single, N), 100);
    ck_assert_double_ge(snr_db(reference, random, N), 100);
    free(reference);
    free(single);
    free(random);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lfo");
    TCase *tests = tcase_create("lfo");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, the_shapes_are_what_their_help_says);
    tcase_add_test(tests, edges_stay_on_their_frame);
    tcase_add_test(tests, depth_scales_and_offset_shifts);
    tcase_add_test(tests, depth_and_offset_are_followed_frame_by_frame);
    tcase_add_test(tests, phase_shifts_by_parts_of_a_cycle);
    tcase_add_test(tests, a_changing_rate_is_followed_frame_by_frame);
    tcase_add_test(tests, from_its_frame_on_a_shape_goes_over_into_another);
    tcase_add_test(tests, random_is_another_value_in_every_cycle);
    tcase_add_test(tests, drift_goes_smoothly_from_value_to_value);
    tcase_add_test(tests, another_seed_is_another_random_movement);
    tcase_add_test(tests, retrigger_starts_a_cycle_on_its_frame);
    tcase_add_test(tests, the_division_into_blocks_does_not_matter);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
