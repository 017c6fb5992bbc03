/* The kernel by which tables are read (graph/dsp/wavetable_kernel.h), without any table. */
#include <check.h>
#include <complex.h>
#include <math.h>

#include "graph/dsp/wavetable_kernel.h"
#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

/* What comes of a partial of f cycles per coefficient, read all along one of them: its mean, turned with it, is the partial, and
 * what goes round that are the images. */
static double images_db(double f)
{
    enum { PLACES = 64 };
    double complex y[PLACES], mean = 0;
    double power = 0;
    for (int i = 0; i < PLACES; i++) {
        double t = (i + 0.5) / PLACES;
        y[i] = 0;
        for (int k = 0; k < WAVETABLE_TAPS; k++) {
            int row = k < WAVETABLE_TAPS / 2 ? k : WAVETABLE_TAPS - 1 - k;
            double value = 0, x = k == row ? t - 0.5 : 0.5 - t;
            for (int d = 5; d >= 0; d--)
                value = value * x + (double)wavetable_kernel[row][d];
            y[i] += value * cexp(2 * M_PI * I * f * (k - 2 - t));
        }
        mean += y[i] / PLACES;
    }
    for (int i = 0; i < PLACES; i++)
        power += cabs(y[i] - mean) * cabs(y[i] - mean) / PLACES;
    return decibel(sqrt(power) / cabs(mean));
}

/* As far as floats go. */
START_TEST(all_images_of_a_partial_together_lie_104_db_below_it_and_lower_for_lower_ones)
{
    for (double f = 0.25; f > 0.002; f -= 0.0005)
        ck_assert_double_lt(images_db(f), fmax(-104.1 + decibel(4 * f), -135));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {all_images_of_a_partial_together_lie_104_db_below_it_and_lower_for_lower_ones};
    return suite_run("wavetable kernel", 10, tests, ROWS(tests));
}
