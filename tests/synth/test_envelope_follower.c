#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000.0

enum { PEAK, RMS };

static struct rig follower(int mode, double attack_ms, double release_ms)
{
    struct rig rig = rig_new("envelope_follower", RATE, 0);
    rig_set(&rig, "mode", (float)mode);
    rig_set(&rig, "attack", (float)attack_ms);
    rig_set(&rig, "release", (float)release_ms);
    rig_start(&rig);
    return rig;
}

/* Silence, then half a second of 0.5, then silence. */
static void expect_times(double attack_ms, double release_ms)
{
    struct rig rig = follower(PEAK, attack_ms, release_ms);
    float *in = calloc(48000, sizeof *in), *x;
    for (int i = 0; i < 24000; i++)
        in[i] = -0.5f;
    x = rig_run(&rig, in, 48000);
    for (int i = 0; i < 24000; i++) {
        double rising = 1 - exp(-(i + 1) / (attack_ms * RATE / 1000)), falling = exp(-(i + 1) / (release_ms * RATE / 1000));
        ck_assert_double_eq_tol(x[i], 0.5 * rising, 2e-5);
        ck_assert_double_eq_tol(x[24000 + i], x[23999] * falling, 2e-5);
    }
    free(in);
    free(x);
    rig_free(&rig);
}

START_TEST(a_step_is_followed_63_percent_in_the_times)
{
    expect_times(5, 100);
    expect_times(100, 20);
}
END_TEST

/* What is left of the way of a step after t through two lags in a row. */
static double two_lags(double t_ms, double a_ms, double b_ms)
{
    return (a_ms * exp(-t_ms / a_ms) - b_ms * exp(-t_ms / b_ms)) / (a_ms - b_ms);
}

START_TEST(the_power_goes_through_its_mean_of_20_ms_and_then_the_times)
{
    struct rig rig = follower(RMS, 5, 100);
    float *in = calloc(48000, sizeof *in), *x;
    for (int i = 0; i < 24000; i++)
        in[i] = 0.5f;
    x = rig_run(&rig, in, 48000);
    for (int i = 100; i < 24000; i += 100) {
        double t_ms = (i + 1) * 1000 / RATE;
        ck_assert_double_eq_tol(x[i], 0.5 * sqrt(1 - two_lags(t_ms, 20, 5)), 3e-3);
        ck_assert_double_eq_tol(x[24000 + i], 0.5 * sqrt(two_lags(t_ms, 20, 100)), 3e-3);
    }
    free(in);
    free(x);
    rig_free(&rig);
}
END_TEST

static double shown_db(double hz)
{
    struct rig rig = follower(RMS, 5, 100);
    float *in = malloc(96000 * sizeof *in), *x;
    sine_fill(in, 96000, hz, RATE, 0.8);
    x = rig_run(&rig, in, 96000);
    double db = decibel(mean(x + 48000, 48000)) - decibel(0.8 / sqrt(2));
    free(in);
    free(x);
    rig_free(&rig);
    return db;
}

START_TEST(with_its_usual_times_a_sine_is_shown_by_its_rms)
{
    ck_assert_double_eq_tol(shown_db(1000), 0, 0.05);
    ck_assert_double_eq_tol(shown_db(200), 0, 0.15);
    ck_assert_double_eq_tol(shown_db(50), 0, 0.4);
}
END_TEST

START_TEST(the_rms_of_a_sine_is_its_amplitude_by_root_2)
{
    struct rig rig = follower(RMS, 200, 200);
    float *in = malloc(96000 * sizeof *in), *x;
    sine_fill(in, 96000, 1000, RATE, 0.8);
    x = rig_run(&rig, in, 96000);
    ck_assert_double_eq_tol(decibel(mean(x + 95000, 960)), decibel(0.8 / sqrt(2)), 0.01);
    free(in);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(without_attack_the_peak_is_met)
{
    struct rig rig = follower(PEAK, 0, 1000);
    float *in = malloc(48000 * sizeof *in), *x;
    sine_fill(in, 48000, 440, RATE, 0.8);
    x = rig_run(&rig, in, 48000);
    ck_assert_double_eq_tol(peak(x, 48000), 0.8, 1e-4);
    ck_assert_double_gt(x[47999], 0.79);
    free(in);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(a_change_of_mode_does_not_jump)
{
    struct rig rig = follower(PEAK, 0, 1000);
    float in[1000], *x;
    for (int i = 0; i < 1000; i++)
        in[i] = 0.3f;
    free(rig_run(&rig, in, 1000));
    rig_set(&rig, "mode", RMS);
    x = rig_run(&rig, in, 1000);
    ck_assert_double_eq_tol(x[0], 0.3, 1e-6);
    free(x);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_step_is_followed_63_percent_in_the_times,
        the_power_goes_through_its_mean_of_20_ms_and_then_the_times,
        with_its_usual_times_a_sine_is_shown_by_its_rms,
        the_rms_of_a_sine_is_its_amplitude_by_root_2,
        without_attack_the_peak_is_met,
        a_change_of_mode_does_not_jump,
    };
    TCase *tcase = tcase_create("envelope_follower");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("envelope_follower", tcase);
}
