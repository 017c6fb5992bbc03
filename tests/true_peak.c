#include "tests/true_peak.h"

#include <math.h>
#include <stdlib.h>

const double true_peak_annex_2[2][12] = {
    {0.001708984375, 0.010986328125, -0.0196533203125, 0.033203125, -0.0594482421875, 0.1373291015625, 0.97216796875,
     -0.102294921875, 0.047607421875, -0.026611328125, 0.014892578125, -0.00830078125},
    {-0.0291748046875, 0.029296875, -0.0517578125, 0.089111328125, -0.16650390625, 0.465087890625, 0.77978515625,
     -0.2003173828125, 0.1015625, -0.0582275390625, 0.0330810546875, -0.0189208984375},
};

static double bessel(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; k < 40; k++)
        sum += term *= x * x / (4.0 * k * k);
    return sum;
}

struct interpolator interpolator_new(unsigned points, unsigned side, double beta)
{
    struct interpolator by = {points, side, calloc((size_t)points * 2 * side, sizeof(double))};
    for (unsigned k = 0; k < points * 2 * side; k++) {
        double t = (double)(k % (2 * side)) - (side - 1) - (double)(k / (2 * side)) / points, u = t / side;
        double window = fabs(u) < 1 ? bessel(beta * sqrt(1 - u * u)) / bessel(beta) : 0;
        by.weights[k] = t == 0 ? 1 : window * sin(M_PI * t) / (M_PI * t);
    }
    return by;
}

struct interpolator interpolator_annex_2(void)
{
    struct interpolator by = {4, 6, calloc(4 * 12, sizeof(double))};
    for (unsigned k = 0; k < 12; k++) {
        by.weights[k] = true_peak_annex_2[0][11 - k];
        by.weights[12 + k] = true_peak_annex_2[1][11 - k];
        by.weights[24 + k] = true_peak_annex_2[1][k];
        by.weights[36 + k] = true_peak_annex_2[0][k];
    }
    return by;
}

void interpolator_free(struct interpolator *by)
{
    free(by->weights);
}

double true_peak(const struct interpolator *by, const float *x, size_t n)
{
    double most = 0;
    unsigned taps = 2 * by->side;
    for (size_t i = 0; i + taps <= n; i++)
        for (unsigned point = 0; point < by->points; point++) {
            const double *weights = by->weights + (size_t)point * taps;
            double sum = 0;
            for (unsigned k = 0; k < taps; k++)
                sum += weights[k] * (double)x[i + k];
            most = fmax(most, fabs(sum));
        }
    return most;
}
