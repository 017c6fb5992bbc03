#include "tests/acoustics.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "tests/spectrum.h"

/* A band-pass of one octave, thrice. */
static void octave(double *x, size_t n, double hz, double rate_hz)
{
    double w = 2 * M_PI * hz / rate_hz, alpha = sin(w) / (2 * M_SQRT2);
    for (unsigned stage = 0; stage < 3; stage++) {
        double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
        for (size_t i = 0; i < n; i++) {
            double y = (alpha * (x[i] - x2) + 2 * cos(w) * y1 - (1 - alpha) * y2) / (1 + alpha);
            x2 = x1;
            x1 = x[i];
            y2 = y1;
            y1 = x[i] = y;
        }
    }
}

/* Decibels per frame of the straight line through what lies between -5 and -35 dB. */
static double slope(const double *decay, size_t n)
{
    double m = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (size_t i = 0; i < n; i++) {
        double db = 10 * log10(decay[i] / decay[0] + 1e-300), x = (double)i;
        if (db > -5 || db < -35)
            continue;
        m++;
        sx += x;
        sy += db;
        sxx += x * x;
        sxy += x * db;
    }
    return (m * sxy - sx * sy) / (m * sxx - sx * sx);
}

double reverberation_time(const float *response, size_t n, double hz, double rate_hz)
{
    double *x = calloc(n, sizeof *x), sum = 0;
    for (size_t i = 0; i < n; i++)
        x[i] = (double)response[i];
    if (hz > 0)
        octave(x, n, hz, rate_hz);
    for (size_t i = n; i-- > 0;)
        x[i] = sum += x[i] * x[i];
    double frames = -60 / slope(x, n);
    free(x);
    return frames / rate_hz;
}

double echo_density(const float *response, size_t n)
{
    double beyond = 0, all = 0, level = rms(response, n);
    for (size_t i = 0; i < n; i++) {
        double weight = 0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)n);
        all += weight;
        beyond += fabs((double)response[i]) > level ? weight : 0;
    }
    return beyond / all / erfc(M_SQRT1_2);
}

double cross_correlation(const float *left, const float *right, size_t n, size_t lag_frames)
{
    double most = 0, scale = (double)n * rms(left, n) * rms(right, n);
    for (size_t lag = 0; lag <= lag_frames; lag++) {
        double one = 0, other = 0;
        for (size_t i = 0; i + lag < n; i++) {
            one += (double)left[i] * (double)right[i + lag];
            other += (double)right[i] * (double)left[i + lag];
        }
        most = fmax(most, fmax(fabs(one), fabs(other)) / scale);
    }
    return most;
}

/* Sums over n = 2^k values, every `stride` of them, into n. */
static void transform(double complex *out, const double *x, size_t n, size_t stride)
{
    if (n == 1) {
        *out = *x;
        return;
    }
    transform(out, x, n / 2, 2 * stride);
    transform(out + n / 2, x + stride, n / 2, 2 * stride);
    for (size_t k = 0; k < n / 2; k++) {
        double complex even = out[k], odd = out[k + n / 2] * cexp(-2 * M_PI * I * (double)k / (double)n);
        out[k] = even + odd;
        out[k + n / 2] = even - odd;
    }
}

double flatness_db(const float *response, size_t n, double decay_s, double rate_hz)
{
    double *x = calloc(n, sizeof *x), sum = 0;
    double complex *bins = calloc(n, sizeof *bins);
    size_t wide = (size_t)(200 / rate_hz * (double)n), bands = 0;
    for (size_t i = 0; i < n; i++)
        x[i] = (double)response[i] * pow(10, 3 * (double)i / (rate_hz * decay_s)) *
               (0.5 - 0.5 * cos(2 * M_PI * (double)i / (double)n));
    transform(bins, x, n, 1);
    for (size_t band = 1; (double)(band + 1) * 200 < 4000; band++, bands++) {
        double mean_power = 0, mean_db = 0;
        for (size_t k = band * wide; k < (band + 1) * wide; k++) {
            mean_power += pow(cabs(bins[k]), 2) / (double)wide;
            mean_db += decibel(cabs(bins[k])) / (double)wide;
        }
        sum += mean_db - 10 * log10(mean_power);
    }
    free(bins);
    free(x);
    return sum / (double)bands;
}
