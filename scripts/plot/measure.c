/* What is drawn of a curve. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scripts/plot/plot.h"
#include "tests/spectrum.h"

#define POINTS         600   /* about one per pixel */
#define FFT_FRAMES     65536 /* 0.7 Hz per bin */
#define DENSITY_FRAMES 16384
#define DENSITY_BANDS  60
#define TRANSFER_HZ    1000
#define TRANSFER_FROM  (-60) /* dB */
#define STEP_FRAMES    24000 /* of each level of a transfer */
#define STEP_HEARD     9600  /* the end of it, when all has settled */

/* ---- input ---------------------------------------------------------------------------------------------------------- */

static float *input_make(const char *words, size_t n)
{
    double hz = 0, db = 0, from_s = 0, to_s = (double)n / RATE_HZ;
    float *x = calloc(n, sizeof *x);
    if (!x)
        give_up("memory ran out");
    if (!*words || strcmp(words, "none") == 0)
        return x;
    if (strcmp(words, "impulse") == 0) {
        x[0] = 1;
    } else if (sscanf(words, "noise %lf", &db) == 1) {
        noise_fill(x, n, pow(10, db / 20), 1);
    } else if (sscanf(words, "sine %lf %lf %lf %lf", &hz, &db, &from_s, &to_s) >= 2) {
        size_t from = (size_t)(from_s * RATE_HZ), to = (size_t)(to_s * RATE_HZ);
        if (from < n)
            sine_fill(x + from, (to < n ? to : n) - from, hz, RATE_HZ, pow(10, db / 20));
    } else {
        give_up("input \"%s\" is none of: impulse, noise DB, sine HZ DB [FROM TO], none", words);
    }
    return x;
}

/* ---- what is measured ----------------------------------------------------------------------------------------------- */

static void point(FILE *to, double x, double y)
{
    fprintf(to, "%.6g %.5g\n", x, y);
}

static void response(const struct picture *picture, const float *x, size_t n, FILE *to)
{
    double low = picture->x[0] > 0 ? picture->x[0] : 20, high = picture->x[1] > low ? picture->x[1] : 20000;
    for (unsigned i = 0; i < POINTS; i++) {
        double hz = low * pow(high / low, (double)i / (POINTS - 1));
        point(to, hz, decibel(cabs(response_at(x, n, hz, RATE_HZ))));
    }
}

/* The largest of the bins that fall into one pixel: lines stay visible however thin they are. */
static void draw_spectrum(const struct picture *picture, const float *x, size_t n, FILE *to)
{
    double low = picture->x[0], high = picture->x[1] > low ? picture->x[1] : 20000, most = 0;
    if (n < FFT_FRAMES)
        give_up("a spectrum needs %d frames, there are %zu", FFT_FRAMES, n);
    double *bins = spectrum(x, FFT_FRAMES);
    unsigned pixel = 0;
    for (unsigned bin = 0; bin <= FFT_FRAMES / 2; bin++) {
        double hz = (double)bin * RATE_HZ / FFT_FRAMES;
        if (hz < low || hz > high)
            continue;
        unsigned now = (unsigned)((hz - low) / (high - low) * POINTS);
        if (now != pixel)
            point(to, low + (high - low) * pixel / POINTS, decibel(most));
        most = now != pixel ? bins[bin] : fmax(most, bins[bin]);
        pixel = now;
    }
    free(bins);
}

/* Of noise: the mean power of many short spectra, and of the bins in each of a row of bands of equal ratio. */
static void density(const struct picture *picture, const float *x, size_t n, FILE *to)
{
    double low = picture->x[0] > 0 ? picture->x[0] : 20, high = picture->x[1] > low ? picture->x[1] : 20000;
    double power[DENSITY_FRAMES / 2 + 1] = {0};
    unsigned n_spectra = 0;
    for (size_t at = 0; at + DENSITY_FRAMES <= n; at += DENSITY_FRAMES / 2, n_spectra++) {
        double *bins = spectrum(x + at, DENSITY_FRAMES);
        for (unsigned bin = 0; bin <= DENSITY_FRAMES / 2; bin++)
            power[bin] += bins[bin] * bins[bin];
        free(bins);
    }
    for (unsigned i = 0; i < DENSITY_BANDS; i++) {
        double from = low * pow(high / low, (double)i / DENSITY_BANDS), ratio = pow(high / low, 1.0 / DENSITY_BANDS),
               sum = 0;
        unsigned first = (unsigned)(from * DENSITY_FRAMES / RATE_HZ), n_bins = 0;
        for (; first + n_bins <= from * ratio * DENSITY_FRAMES / RATE_HZ && first + n_bins <= DENSITY_FRAMES / 2; n_bins++)
            sum += power[first + n_bins];
        if (n_bins && n_spectra)
            point(to, from * sqrt(ratio), decibel(sqrt(sum / n_bins / n_spectra)));
    }
}

static void wave(const float *x, size_t n, FILE *to)
{
    size_t step = n / 3000 + 1;
    for (size_t i = 0; i < n; i += step)
        point(to, 1e3 * (double)i / RATE_HZ, (double)x[i]);
}

static void level(const float *x, size_t n, FILE *to)
{
    size_t window = n / POINTS + 1;
    for (size_t i = 0; i + window <= n; i += window)
        point(to, (double)i / RATE_HZ, decibel(peak(x + i, window)));
}

/* A staircase of levels, a decibel each; what comes out of the last part of every step. */
static void transfer(const struct curve *curve, FILE *to)
{
    size_t n_steps = 1 - TRANSFER_FROM, n = n_steps * STEP_FRAMES;
    float *x = input_make("none", n);
    sine_fill(x, n, TRANSFER_HZ, RATE_HZ, 1);
    for (size_t i = 0; i < n; i++)
        x[i] *= (float)pow(10, (TRANSFER_FROM + (double)(i / STEP_FRAMES)) / 20);
    float *y = take(curve, x, n);
    for (size_t step = 0; step < n_steps; step++)
        point(to, TRANSFER_FROM + (double)step,
              decibel(rms(y + (step + 1) * STEP_FRAMES - STEP_HEARD, STEP_HEARD) * sqrt(2)));
    free(x);
    free(y);
}

void measure(const struct picture *picture, const struct curve *curve, FILE *to)
{
    if (strcmp(picture->measure, "transfer") == 0) {
        transfer(curve, to);
        return;
    }
    size_t from = (size_t)(picture->from_s * RATE_HZ), n = from + (size_t)(picture->seconds * RATE_HZ);
    float *x = input_make(curve->input, n), *y = take(curve, x, n);
    if (strcmp(picture->measure, "response") == 0)
        response(picture, y + from, n - from, to);
    else if (strcmp(picture->measure, "spectrum") == 0)
        draw_spectrum(picture, y + from, n - from, to);
    else if (strcmp(picture->measure, "density") == 0)
        density(picture, y + from, n - from, to);
    else if (strcmp(picture->measure, "wave") == 0)
        wave(y + from, n - from, to);
    else
        level(y + from, n - from, to);
    free(x);
    free(y);
}
