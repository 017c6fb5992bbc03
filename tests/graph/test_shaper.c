/* The curves of graph/dsp/shaper.h against their definitions, and their antialiasing against the plain integral. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "graph/dsp/shaper.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

START_TEST(the_rational_tanh_is_right_to_3e_7)
{
    for (double x = -20; x < 20; x += 0.00037) {
        double right = tanh((double)(float)x);
        ck_assert_double_le(fabs((double)shaper_tanh((float)x) - right), 3e-7 * fabs(right));
    }
    ck_assert_float_eq(shaper_tanh(0), 0);
    ck_assert_float_eq(shaper_tanh(-1e6f), -shaper_tanh(1e6f));
}
END_TEST

START_TEST(the_tube_has_a_slope_of_1_and_more_room_on_one_side)
{
    ck_assert_double_eq_tol(((double)shaper_tube(1e-2f) - (double)shaper_tube(-1e-2f)) / 2e-2, 1, 2e-3);
    float rest = shaper_tube(0), above = shaper_tube(100) - rest, below = shaper_tube(-100) - rest;
    ck_assert_float_eq_tol(above, 1.64f, 0.05f);
    ck_assert_float_eq_tol(below, -0.65f, 0.05f);
    for (float x = -20; x < 20; x += 0.01f)
        ck_assert_float_ge(shaper_tube(x + 0.01f), shaper_tube(x) - 3e-7f);
}
END_TEST

static double curve(enum shaper shape, double u)
{
    double v = remainder(u, 4);
    if (shape == SHAPER_HARD)
        return fmin(fmax(u, -1), 1);
    return fabs(v) <= 1 ? v : copysign(2, v) - v;
}

/* The middle rule over the two ways of a triangle: between straight pieces wrong by the square of a step at the most. */
static double under_triangle(enum shaper shape, const float *u)
{
    enum { POINTS = 20000 };
    double sum = 0;
    for (unsigned i = 0; i < POINTS; i++) {
        double t = (i + 0.5) / POINTS;
        sum += t * curve(shape, (double)u[0] + t * ((double)u[1] - (double)u[0]));
        sum += (1 - t) * curve(shape, (double)u[1] + t * ((double)u[2] - (double)u[1]));
    }
    return sum / POINTS;
}

static uint32_t seed = 1;

/* From -1 to 1. */
static double dice(void)
{
    seed = seed * 1664525 + 1013904223;
    return (double)(int32_t)seed * 0x1p-31;
}

START_TEST(the_antialiased_curves_are_the_integral_under_a_triangle_at_any_distance)
{
    /* From nothing at all to many folds from frame to frame. */
    static const double ways[] = {0, 1e-38, 1e-20, 1e-9, 1e-6, 1e-4, 0.01, 0.3, 0.99, 1, 1.01, 2, 2.7, 9};
    for (unsigned k = 0; k < 40 * sizeof ways / sizeof *ways; k++)
        for (enum shaper shape = SHAPER_HARD; shape <= SHAPER_FOLD; shape++) {
            double way = ways[k / 40], middle = k % 4 ? 3 * dice() : k % 8 ? 1 : -1; /* corners among them */
            float u[3], y;
            for (unsigned i = 0; i < 3; i++)
                u[i] = (float)(middle + way * dice());
            shaper_run(shape, u + SHAPER_PAST, &y, 1);
            double right = under_triangle(shape, u);
            ck_assert_msg(fabs((double)y - right) < 2e-6, "shape %d, %.9g %.9g %.9g: %.9g, not %.9g", shape, (double)u[0],
                          (double)u[1], (double)u[2], (double)y, right);
        }
}
END_TEST

START_TEST(what_stands_still_gives_the_curve_itself)
{
    for (float x = -7; x < 7; x += 0.013f)
        for (enum shaper shape = SHAPER_HARD; shape <= SHAPER_FOLD; shape++) {
            float y, u[3] = {x, x, x};
            shaper_run(shape, u + SHAPER_PAST, &y, 1);
            ck_assert_double_eq_tol((double)y, curve(shape, (double)x), 1e-6);
        }
}
END_TEST

START_TEST(the_loudest_stays_within_the_curve)
{
    static float u[SHAPER_PAST + SHAPER_STRETCH], y[SHAPER_STRETCH];
    for (unsigned i = 0; i < SHAPER_PAST + SHAPER_STRETCH; i++)
        u[i] = (float)(i % 3 ? dice() : copysign(1, dice())) * SHAPER_MOST;
    for (enum shaper shape = 0; shape < N_SHAPERS; shape++) {
        shaper_run(shape, u + SHAPER_PAST, y, SHAPER_STRETCH);
        ck_assert_double_le(peak(y, SHAPER_STRETCH), 1.2);
    }
}
END_TEST

START_TEST(a_stretch_may_be_cut_anywhere)
{
    static float u[SHAPER_PAST + SHAPER_STRETCH], whole[SHAPER_STRETCH], cut[SHAPER_STRETCH];
    noise_fill(u, SHAPER_PAST + SHAPER_STRETCH, 5, 3);
    for (enum shaper shape = 0; shape < N_SHAPERS; shape++) {
        shaper_run(shape, u + SHAPER_PAST, whole, SHAPER_STRETCH);
        for (unsigned at = 0, n = 1; at < SHAPER_STRETCH; at += n, n = n * 5 % 23 + 1) {
            n = SHAPER_STRETCH - at < n ? SHAPER_STRETCH - at : n;
            shaper_run(shape, u + SHAPER_PAST + at, cut + at, n);
        }
        ck_assert_mem_eq(whole, cut, sizeof whole);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_rational_tanh_is_right_to_3e_7,
        the_tube_has_a_slope_of_1_and_more_room_on_one_side,
        the_antialiased_curves_are_the_integral_under_a_triangle_at_any_distance,
        what_stands_still_gives_the_curve_itself,
        the_loudest_stays_within_the_curve,
        a_stretch_may_be_cut_anywhere,
    };
    return suite_run("shapers", 20, tests, sizeof tests / sizeof *tests);
}
