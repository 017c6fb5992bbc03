#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000.0

enum { LINEAR, EXPONENTIAL };

static struct rig slew(int shape, double rise_s, double fall_s)
{
    struct rig rig = rig_new("slew", RATE, 0);
    rig_set(&rig, "shape", (float)shape);
    rig_set(&rig, "rise", (float)rise_s);
    rig_set(&rig, "fall", (float)fall_s);
    rig_start(&rig);
    return rig;
}

/* One second at 1 from frame 0 on, one at 0. */
static float *step_run(struct rig *rig)
{
    float in[2 * 48000] = {0};
    for (int i = 0; i < 48000; i++)
        in[i] = 1;
    return rig_run(rig, in, 2 * 48000);
}

START_TEST(a_linear_slew_takes_its_time_for_1_to_the_frame)
{
    struct rig rig = slew(LINEAR, 0.25, 0.5);
    float *x = step_run(&rig);
    for (int i = 0; i < 12000; i++)
        ck_assert_double_eq_tol(x[i], (i + 1) / 12000.0, 1e-6);
    ck_assert(x[11998] < 1 && x[11999] == 1 && x[47999] == 1);
    for (int i = 0; i < 24000; i++)
        ck_assert_double_eq_tol(x[48000 + i], 1 - (i + 1) / 24000.0, 1e-6);
    ck_assert(x[48000 + 23998] > 0 && x[48000 + 23999] == 0);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(an_exponential_slew_comes_63_percent_of_the_way_in_its_time)
{
    struct rig rig = slew(EXPONENTIAL, 0.1, 0.02);
    float *x = step_run(&rig);
    for (int i = 0; i < 48000; i++)
        ck_assert_double_eq_tol(x[i], 1 - exp(-(i + 1) / 4800.0), 1e-5);
    for (int i = 0; i < 48000; i++)
        ck_assert_double_eq_tol(x[48000 + i], x[47999] * exp(-(i + 1) / 960.0), 1e-5);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(no_time_passes_the_signal_on)
{
    for (int shape = LINEAR; shape <= EXPONENTIAL; shape++) {
        struct rig rig = slew(shape, 0, 0);
        float in[5000];
        noise_fill(in, 5000, 1, 3);
        float *x = rig_run(&rig, in, 5000);
        ck_assert_mem_eq(x, in, sizeof in);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_longest_time_is_kept_to_a_thousandth)
{
    for (int shape = LINEAR; shape <= EXPONENTIAL; shape++) {
        struct rig rig = rig_new("slew", 192000, 0);
        float in[192000], *x;
        rig_set(&rig, "shape", (float)shape);
        rig_set(&rig, "rise", 60);
        rig_start(&rig);
        for (int i = 0; i < 192000; i++)
            in[i] = 1;
        x = rig_run(&rig, in, 192000);
        ck_assert_double_eq_tol(x[191999] / (shape == LINEAR ? 1 / 60.0 : 1 - exp(-1 / 60.0)), 1, 1e-3);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_moving_time_is_followed_frame_by_frame)
{
    struct rig rig = slew(LINEAR, 1, 1);
    float rise[4800], in[4800], *x;
    double y = 0;
    line_fill(rise, 4800, 0.5, 0.05);
    for (int i = 0; i < 4800; i++)
        in[i] = 1;
    rig_curve(&rig, "rise", rise);
    x = rig_run(&rig, in, 4800);
    for (int i = 0; i < 4800; i++) {
        y = fmin(1, y + 1 / (rise[i] * RATE));
        ck_assert_double_eq_tol(x[i], y, 1e-6);
    }
    free(x);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_linear_slew_takes_its_time_for_1_to_the_frame,
        an_exponential_slew_comes_63_percent_of_the_way_in_its_time,
        no_time_passes_the_signal_on,
        the_longest_time_is_kept_to_a_thousandth,
        a_moving_time_is_followed_frame_by_frame,
    };
    TCase *tcase = tcase_create("slew");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("slew", tcase);
}
