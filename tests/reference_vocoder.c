/* The vocoder from its definition: every band is a bilinear band-pass taken twice, in direct form. */
#include <math.h>
#include <stdlib.h>

#include "graph/dsp/white.h"
#include "tests/reference.h"

#define LOW_HZ  90.0
#define HIGH_HZ 11000.0
#define WIDTH   1.1

/* Two past inputs and outputs. */
struct past {
    double x[2], y[2];
};

/* (b0 + b1 z^-1 + b2 z^-2) / (a0 + a1 z^-1 + a2 z^-2). */
static double biquad(struct past *past, const double b[3], const double a[3], double x)
{
    double y = (b[0] * x + b[1] * past->x[0] + b[2] * past->x[1] - a[1] * past->y[0] - a[2] * past->y[1]) / a[0];
    past->x[1] = past->x[0];
    past->x[0] = x;
    past->y[1] = past->y[0];
    past->y[0] = y;
    return y;
}

/* A band of one channel, or of the voice. */
struct band {
    struct past first, second, third, low;
};

/* The band; if asked for, its level: of it once more, and what is a quarter of a turn behind that. */
static double band_next(struct band *band, double g, double k, double x, double *level)
{
    double a[] = {1 + k * g + g * g, 2 * g * g - 2, 1 - k * g + g * g};
    double pass[] = {k * g, 0, -k * g}, low[] = {k * g * g, 2 * k * g * g, k * g * g};
    double once = biquad(&band->first, pass, a, x);
    double twice = biquad(&band->second, pass, a, once);
    if (level)
        *level = hypot(biquad(&band->third, pass, a, twice), biquad(&band->low, low, a, twice)) * M_SQRT1_2;
    return twice;
}

static double apart(const struct reference *r)
{
    return log(HIGH_HZ / LOW_HZ) / (reference_value(r, "bands") - 1);
}

/* Such that the edges half way to the neighbours are where they would be without the bilinear transform. */
static double k_of(const struct reference *r, int band)
{
    double centre_hz = LOW_HZ * exp(apart(r) * band), to_edge = exp(apart(r) / 2);
    double width = tan(M_PI * centre_hz * to_edge / r->rate_hz) - tan(M_PI * centre_hz / to_edge / r->rate_hz);
    return WIDTH * width / tan(M_PI * centre_hz / r->rate_hz);
}

static double g_of(const struct reference *r, int band)
{
    return tan(M_PI * LOW_HZ * exp(apart(r) * band) / r->rate_hz);
}

/* The levels of all bands at every frame: level[i * n_bands + band]. */
static double *levels(const struct reference *r, int n_bands)
{
    double *level = calloc(r->n * (size_t)n_bands, sizeof *level);
    double up = 1 - exp(-1000 / (reference_value(r, "attack") * r->rate_hz));
    double down = 1 - exp(-1000 / (reference_value(r, "release") * r->rate_hz));
    for (int band = 0; band < n_bands; band++) {
        struct band at = {0};
        double y = 0, now;
        for (size_t i = 0; i < r->n; i++) {
            band_next(&at, g_of(r, band), k_of(r, band), (r->in[0][i] + r->in[1][i]) / 2, &now);
            y += (now > y ? up : down) * (now - y);
            y = y < (double)SLEEP_LEVEL ? 0 : y;
            level[i * (size_t)n_bands + (size_t)band] = y;
        }
    }
    return level;
}

static double level_at(const double *level, int n_bands, int band)
{
    return band < 0 || band >= n_bands ? 0 : level[band];
}

/* What the bank comes to, at the centre of a band and half way to the next: its gain is their mean. */
static double bank_gain(double apart, double k)
{
    double centre = 0, half = 0;
    for (int m = -20; m <= 20; m++) {
        double x = 2 * sinh(m * apart) / k, y = 2 * sinh((m + 0.5) * apart) / k, sign = m % 2 ? -1 : 1;
        centre += sign * (1 - x * x) / pow(1 + x * x, 2);
        half += sign * 2 * y / pow(1 + y * y, 2);
    }
    return sqrt(fabs(centre * half));
}

/* The instrument and the hiss: high-passed noise while any band is open. */
static double *carrier(const struct reference *r, unsigned c, const double *level, int n_bands)
{
    double *x = calloc(r->n, sizeof *x), g = tan(M_PI * 5000 / r->rate_hz);
    double b[] = {1, -2, 1}, a[] = {1 + M_SQRT2 * g + g * g, 2 * g * g - 2, 1 - M_SQRT2 * g + g * g};
    struct white white = white_of(0);
    struct past past = {{0}, {0}};
    for (size_t i = 0; i < r->n; i++) {
        double open = 0;
        for (int band = 0; band < n_bands; band++)
            open += level[i * (size_t)n_bands + (size_t)band];
        double noise = open > 0 ? 0.5 * (double)white_at(&white, (uint32_t)i) : 0;
        x[i] = r->in[r->channels + c][i] + reference_value(r, "hiss") * biquad(&past, b, a, noise);
    }
    return x;
}

void reference_vocoder(const struct reference *r)
{
    int n_bands = (int)reference_value(r, "bands");
    double *level = levels(r, n_bands), k = 2 * sinh(apart(r) / 2) * WIDTH, mix = reference_value(r, "mix");
    double gain = 8 * sqrt(n_bands) / bank_gain(apart(r), k) * reference_gain(reference_value(r, "output"));
    double bands = reference_value(r, "shift") * log(2) / apart(r), part = bands - floor(bands);
    for (unsigned c = 0; c < r->channels; c++) {
        double *x = carrier(r, c, level, n_bands);
        for (size_t i = 0; i < r->n; i++)
            r->out[c][i] = (1 - mix) * r->in[c][i];
        for (int band = 0; band < n_bands; band++) {
            struct band at = {0};
            int from = band - (int)floor(bands);
            for (size_t i = 0; i < r->n; i++) {
                const double *now = level + i * (size_t)n_bands;
                double open = (1 - part) * level_at(now, n_bands, from) + part * level_at(now, n_bands, from - 1);
                double pass = band_next(&at, g_of(r, band), k_of(r, band), x[i], NULL);
                r->out[c][i] += (band % 2 ? -1 : 1) * mix * gain * open * pass;
            }
        }
        free(x);
    }
    free(level);
}
