/* The residuals of band-limited edges, against the kernel that they were integrated from. */
#include <check.h>

#include "graph/dsp/blep.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define PER_FRAME 1024 /* points of the slow reference per frame */
#define POINTS    (BLEP_SIDE * PER_FRAME)

static double bessel_i0(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; k < 50; k++)
        sum += term *= x * x / (4.0 * k * k);
    return sum;
}

static double kernel(double t)
{
    double u = t / BLEP_SIDE, x = M_PI * 2 * 0.461 * t;
    double window = fabs(u) < 1 ? bessel_i0(7.857 * sqrt(1 - u * u)) / bessel_i0(7.857) : 0;
    return window * (x == 0 ? 1 : sin(x) / x);
}

/* What is still to come of a step and of a corner at t >= 0: their integrals from there on, by the midpoint rule. */
static double step_left[POINTS + 1], corner_left[POINTS + 1];

static void integrate(void)
{
    for (int i = POINTS - 1; i >= 0; i--)
        step_left[i] = step_left[i + 1] + kernel((i + 0.5) / PER_FRAME);
    /* Half of a step lies to either side of its middle. */
    for (int i = POINTS; i >= 0; i--)
        step_left[i] *= 0.5 / step_left[0];
    for (int i = POINTS - 1; i >= 0; i--)
        corner_left[i] = corner_left[i + 1] + (step_left[i] + step_left[i + 1]) / 2 / PER_FRAME;
}

static double powers(const float c[4][BLEP_SIDE], int j, double u)
{
    return c[0][j] + u * (c[1][j] + u * (c[2][j] + u * c[3][j]));
}

static double integrated(const float c[4][BLEP_SIDE], int j, double u)
{
    return u * (c[0][j] + u * (c[1][j] / 2 + u * (c[2][j] / 3 + u * c[3][j] / 4))) / BLEP_SEGMENTS;
}

START_TEST(residuals_are_the_integrals_of_the_kernel)
{
    integrate();
    for (int i = 0; i < POINTS; i++) {
        int j = i / PER_FRAME, segment = i % PER_FRAME / (PER_FRAME / BLEP_SEGMENTS);
        double u = (double)(i % (PER_FRAME / BLEP_SEGMENTS)) / (PER_FRAME / BLEP_SEGMENTS);
        ck_assert_double_eq_tol(powers(blep_step[segment], j, u), -step_left[i], 1e-6);
        ck_assert_double_eq_tol(blep_corner[segment][j] + integrated(blep_step[segment], j, u), corner_left[i], 1e-6);
    }
}
END_TEST

START_TEST(the_gain_is_the_response_of_the_kernel)
{
    static float taps[2 * BLEP_SIDE * 16];
    double sum = 0;
    for (int i = 0; i < 2 * BLEP_SIDE * 16; i++)
        sum += taps[i] = (float)kernel((i + 0.5) / 16 - BLEP_SIDE);
    for (double cycles = 0; cycles < 0.5; cycles += 0.0017) {
        double response = cabs(response_at(taps, 2 * BLEP_SIDE * 16, cycles, 16)) / sum;
        ck_assert_double_eq_tol((double)blep_gain((float)cycles), response, cycles < 0.42 ? 1.5e-4 : 2e-5);
    }
    for (float cycles = 0.5f; cycles < 100; cycles *= 1.01f)
        ck_assert_double_eq((double)blep_gain(cycles), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("blep");
    tcase_add_test(tests, residuals_are_the_integrals_of_the_kernel);
    tcase_add_test(tests, the_gain_is_the_response_of_the_kernel);
    return suite_run_case("blep", tests);
}
