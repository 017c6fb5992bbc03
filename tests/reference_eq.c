/* The equaliser's design step by step: the power response of every band fitted at four frequencies, as its head says
 * (graph/dsp/matched_rt.c), by Gaussian elimination; then the roots of numerator and denominator, and a plain biquad.
 */
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/reference.h"

enum { BELL, LOW_SHELF, HIGH_SHELF, LOWPASS, HIGHPASS, NOTCH };

/* A ratio of polynomials of the second order. */
struct ratio {
    double above[3], below[3];
};

static double at(const double c[3], double x)
{
    return c[0] + c[1] * x + c[2] * x * x;
}

/* |c0 + c1 s + c2 s^2|^2 at s = i w as a polynomial in w^2. */
static void power_of(const double c[3], double power[3])
{
    power[0] = c[0] * c[0];
    power[1] = c[1] * c[1] - 2 * c[0] * c[2];
    power[2] = c[2] * c[2];
}

/* |H|^2 over the square of the frequency, for a boost by the factor a^2. */
static struct ratio prototype(int type, double a, double q)
{
    struct ratio s = {{type != HIGHPASS, 0, type != LOWPASS}, {1, 1 / q, 1}}, power;
    if (type == BELL)
        s = (struct ratio){{1, a / q, 1}, {1, 1 / (a * q), 1}};
    if (type == HIGH_SHELF)
        s = (struct ratio){{1, sqrt(a) / q, a}, {1, 1 / (sqrt(a) * q), 1 / a}};
    power_of(s.above, power.above);
    power_of(s.below, power.below);
    return power;
}

static double sine_power(double f)
{
    return pow(sin(M_PI * f), 2);
}

/* |1 + s1 v + s2 v^2|^2 along v^2 = -V, where the square of the frequency is top V / (1 + V). */
static void line_of(const double power[3], double top, double s[3])
{
    double e[] = {power[0], 2 * power[0] + power[1] * top, power[0] + power[1] * top + power[2] * top * top};
    s[0] = sqrt(e[0]);
    s[2] = sqrt(e[2]);
    s[1] = sqrt(e[1] + 2 * s[0] * s[2]);
}

/* The squares of the four frequencies, in the unit of the filter's own: where the phase of all poles and zeros along that
 * line is a whole number of half turns. */
static void points_of(const double zeros[3], const double poles[3], double top, double x[4])
{
    double z[3], p[3], v[4];
    line_of(zeros, top, z);
    line_of(poles, top, p);
    double a = p[2] * z[2], b = p[0] * z[2] + p[2] * z[0] + p[1] * z[1], c = p[0] * z[0];
    v[0] = (b - sqrt(b * b - 4 * a * c)) / (2 * a);
    v[2] = (b + sqrt(b * b - 4 * a * c)) / (2 * a);
    v[1] = (p[1] * z[0] + z[1] * p[0]) / (p[1] * z[2] + z[1] * p[2]);
    v[3] = fmax(pow(1.2 * 2 / M_PI * (2 * p[1] / p[2] + 2 * z[1] / z[2] + 1), 2), 1.2 * v[2]);
    for (int i = 0; i < 4; i++)
        x[i] = top * v[i] / (1 + v[i]);
}

/* What becomes of c0 + c1 X + c2 X^2 where X = k p / (1 - d p), without the denominator. */
static void bent(const double c[3], double k, double d, double to[3])
{
    to[0] = c[0];
    to[1] = c[1] * k - 2 * d * c[0];
    to[2] = c[0] * d * d - c[1] * k * d + c[2] * k * k;
}

static void eliminate(double m[4][5])
{
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++)
            for (int j = 4; k != i && j >= i; j--)
                m[k][j] -= m[k][i] / m[i][i] * m[i][j];
}

/* The ratio in p = sin^2(w/2) / sin^2(w0/2). */
static struct ratio fit(int type, double f, const struct ratio *model)
{
    static const double one[] = {1, 0, 0};
    double t = fmin(fmax(0.42, 1.06 * f), 0.4925), top = t * t / (f * f), own = sine_power(f), x[4], m[4][5] = {{0}};
    bool has_zeros = type == BELL || type == HIGH_SHELF;
    bool given[] = {type == HIGHPASS || type == NOTCH, type == NOTCH, false, false};
    struct ratio near, found;
    bent(model->above, 1 - own / 2, own / 2, near.above);
    bent(model->below, 1 - own / 2, own / 2, near.below);
    points_of(has_zeros ? model->above : one, model->below, top, x);
    for (int i = 0; i < 4; i++) {
        double p = sine_power(f * sqrt(x[i])) / own, above = at(near.above, p), below = at(near.below, p);
        double off = at(model->above, x[i]) / at(model->below, x[i]) * below / above;
        double part[] = {p / above, p * p / above, p / below, p * p / below};
        for (int j = 0; j < 4; j++)
            part[j] *= !given[j];
        double row[] = {part[0], part[1], -off * part[2], -off * part[3]};
        for (int j = 0; j < 4; j++) {
            for (int k = 0; k < 4; k++)
                m[j][k] += row[j] * row[k] + (j / 2 == k / 2 ? 1e-3 * part[j] * part[k] : 0);
            m[j][4] += row[j] * (off - 1);
        }
    }
    for (int j = 0; j < 4; j++)
        m[j][j] += given[j];
    eliminate(m);
    for (int j = 0; j < 3; j++) {
        found.above[j] = near.above[j] + (j ? m[j - 1][4] / m[j - 1][j - 1] : 0);
        found.below[j] = near.below[j] + (j ? m[j + 1][4] / m[j + 1][j + 1] : 0);
    }
    return found;
}

/* b0 + b1 z^-1 + b2 z^-2 with that power response and no zeros outside of the circle: at w = 0 and at the end of the spectrum
 * its values are roots of the power, and b0 b2 follows from the square of p. */
static void factor(const double power[3], double own, double b[3])
{
    double start = sqrt(power[0]), end = sqrt(fmax(at(power, 1 / own), 0)), even = (start + end) / 2;
    double product = power[2] / (own * own) / 16;
    double odd = sqrt(fmax(even * even - 4 * product, 0));
    b[0] = (even + odd) / 2;
    b[1] = (start - end) / 2;
    b[2] = (even - odd) / 2;
}

static void biquad(const double b[3], const double a[3], double scale, double *x, size_t n)
{
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (size_t i = 0; i < n; i++) {
        double y = (b[0] * x[i] + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2) / a[0];
        x2 = x1;
        x1 = x[i];
        y2 = y1;
        y1 = y;
        x[i] = y * scale;
    }
}

static double band_value(const struct reference *r, const char *param, unsigned band)
{
    char name[32];
    snprintf(name, sizeof name, "%s%u", param, band);
    return reference_value(r, name);
}

static void run_band(const struct reference *r, unsigned band)
{
    int type = (int)band_value(r, "type", band);
    bool shelf = type == LOW_SHELF || type == HIGH_SHELF, has_gain = shelf || type == BELL;
    double gain_db = has_gain ? band_value(r, "gain", band) : 0, q = band_value(r, "q", band);
    double f = fmin(band_value(r, "freq", band) / r->rate_hz, 0.475), own = sine_power(f), b[3], a[3];
    struct ratio model = prototype(shelf ? HIGH_SHELF : type, pow(10, fabs(gain_db) / 40), shelf ? fmin(q, 2) : q);
    struct ratio found = fit(shelf ? HIGH_SHELF : type, f, &model);
    /* A low shelf is what a high shelf leaves, lifted. */
    bool inverse = (type == LOW_SHELF) != (gain_db < 0);
    double scale = type == LOW_SHELF ? reference_gain(gain_db) : 1;
    factor(inverse ? found.below : found.above, own, b);
    factor(inverse ? found.above : found.below, own, a);
    for (unsigned c = 0; c < r->channels && (!has_gain || gain_db != 0); c++)
        biquad(b, a, scale, r->out[c], r->n);
}

void reference_eq(const struct reference *r)
{
    for (unsigned c = 0; c < r->channels; c++)
        memcpy(r->out[c], r->in[c], r->n * sizeof(double));
    for (unsigned band = 1; band <= 8; band++)
        if (band_value(r, "on", band) > 0)
            run_band(r, band);
    for (unsigned c = 0; c < r->channels; c++)
        for (size_t i = 0; i < r->n; i++)
            r->out[c][i] *= reference_gain(reference_value(r, "output"));
}
