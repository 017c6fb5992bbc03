#include "tests/spectrum.h"

#include <math.h>
#include <stdlib.h>

void sine_fill(float *x, size_t n, double hz, double rate, double amplitude)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(amplitude * sin(2 * M_PI * fmod(hz / rate * (double)i, 1)));
}

/* The finaliser of MurmurHash3 over a counter: every bit of the counter reaches every bit of the result. */
static uint32_t scramble(uint32_t x)
{
    x = (x ^ x >> 16) * 0x85ebca6bu;
    x = (x ^ x >> 13) * 0xc2b2ae35u;
    return x ^ x >> 16;
}

void noise_fill(float *x, size_t n, double amplitude, uint32_t seed)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(amplitude * (scramble((uint32_t)i * 0x9e3779b9u + scramble(seed + 1)) / 2147483648.0 - 1));
}

void impulse_fill(float *x, size_t n, size_t at)
{
    for (size_t i = 0; i < n; i++)
        x[i] = i == at;
}

void line_fill(float *x, size_t n, double from, double to)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(from + (to - from) * (double)i / (double)(n - 1));
}

void exponential_fill(float *x, size_t n, double from, double to)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(from * pow(to / from, (double)i / (double)(n - 1)));
}

double decibel(double ratio)
{
    return ratio > 1e-20 ? 20 * log10(ratio) : -400;
}

double rms(const float *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * x[i];
    return sqrt(sum / (double)n);
}

double peak(const float *x, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]))
            return INFINITY;
        most = fmax(most, fabs(x[i]));
    }
    return most;
}

double mean(const float *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

double largest_step(const float *x, size_t n)
{
    double most = 0;
    for (size_t i = 1; i < n; i++)
        most = fmax(most, fabs((double)x[i] - x[i - 1]));
    return most;
}

bool all_finite(const float *x, size_t n)
{
    return isfinite(peak(x, n));
}

double snr_db(const float *reference, const float *x, size_t n)
{
    double error = 0;
    for (size_t i = 0; i < n; i++)
        error += ((double)x[i] - reference[i]) * ((double)x[i] - reference[i]);
    if (!isfinite(error))
        return -400;
    return error == 0 ? 400 : decibel(rms(reference, n) / sqrt(error / (double)n));
}

/* The seven-term Blackman-Harris window (H.-H. Albrecht, "A family of cosine-sum windows for high-resolution
 * measurements", ICASSP 2001): side lobes at -180 dB, mean value a[0]. */
static const double a[] = {0.27105140069342, -0.43329793923448, 0.21812299954311, -0.06592544638803,
                           0.01081174209837, -0.00077658482522, 0.00001388721735};

static double window(size_t i, size_t n)
{
    double sum = 0;
    for (int k = 0; k < 7; k++)
        sum += a[k] * cos(2 * M_PI * k * (double)i / (double)n);
    return sum / a[0];
}

double complex tone(const float *x, size_t n, double hz, double rate)
{
    double complex sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * window(i, n) * cexp(-2 * M_PI * I * fmod(hz / rate * (double)i, 1));
    return 2 * I * sum / (double)n;
}

double tone_amplitude(const float *x, size_t n, double hz, double rate)
{
    return cabs(tone(x, n, hz, rate));
}

double complex response_at(const float *impulse_response, size_t n, double hz, double rate)
{
    double complex sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += impulse_response[i] * cexp(-2 * M_PI * I * fmod(hz / rate * (double)i, 1));
    return sum;
}

/* Fourier transform of n = 2^k values at in[0], in[stride], … by splitting into even and odd. */
static void transform(const double complex *in, double complex *out, size_t n, size_t stride)
{
    if (n == 1) {
        out[0] = in[0];
        return;
    }
    transform(in, out, n / 2, 2 * stride);
    transform(in + stride, out + n / 2, n / 2, 2 * stride);
    for (size_t k = 0; k < n / 2; k++) {
        double complex even = out[k], odd = out[k + n / 2] * cexp(-2 * M_PI * I * (double)k / (double)n);
        out[k] = even + odd;
        out[k + n / 2] = even - odd;
    }
}

double *spectrum(const float *x, size_t n)
{
    double complex *in = malloc(n * sizeof *in), *out = malloc(n * sizeof *out);
    double *amplitude = malloc((n / 2 + 1) * sizeof *amplitude);
    if (!in || !out || !amplitude || n & (n - 1))
        abort();
    for (size_t i = 0; i < n; i++)
        in[i] = x[i] * window(i, n);
    transform(in, out, n, 1);
    for (size_t k = 0; k <= n / 2; k++)
        amplitude[k] = 2 * cabs(out[k]) / (double)n;
    free(in);
    free(out);
    return amplitude;
}

double inharmonic_db(const float *x, size_t n, double hz, double rate)
{
    double *amplitude = spectrum(x, n), most = 0, stray = 0;
    for (size_t k = 0; k <= n / 2; k++) {
        double harmonic = round((double)k * rate / (double)n / hz) * hz;
        most = fmax(most, amplitude[k]);
        if (fabs((double)k - harmonic * (double)n / rate) > 8)
            stray = fmax(stray, amplitude[k]);
    }
    free(amplitude);
    return decibel(stray) - decibel(most);
}

double off_tone_db(const float *x, size_t n, double hz, double rate)
{
    double *amplitude = spectrum(x, n), most = 0;
    for (size_t k = 0; k <= n / 2; k++)
        if (fabs((double)k - hz * (double)n / rate) > 8)
            most = fmax(most, amplitude[k]);
    free(amplitude);
    return decibel(most);
}
