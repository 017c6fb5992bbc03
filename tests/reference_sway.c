/* What sways, from its definition. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/reference.h"

/* Cycles since the beginning, of channel c. */
static double cycles(const struct reference *r, unsigned c, size_t i)
{
    double all = reference_value(r, "rate") * (double)i / r->rate_hz + c * reference_value(r, "stereo_phase");
    return all - floor(all);
}

/* -1 to 1 around a jump at 0, t cycles from it. */
static double jump(double t, double width)
{
    return fabs(t) < width / 2 ? sin(M_PI * t / width) : t < 0 ? -1 : 1;
}

/* p is 0..1. */
static double tremolo_shape(unsigned shape, double p, double width)
{
    double from_start = p < 0.5 ? p : p - 1;
    switch (shape) {
    case 0:
        return cos(2 * M_PI * p);
    case 1:
        return 1 - 4 * fabs(from_start);
    case 2:
        return jump(0.25 - fabs(p - 0.25 < 0.5 ? p - 0.25 : p - 1.25), width);
    case 3:
        return 2 * from_start - jump(from_start, width);
    default:
        return jump(from_start, width) - 2 * from_start;
    }
}

void reference_tremolo(const struct reference *r)
{
    double width = fmin(reference_value(r, "edge") / 1000 * reference_value(r, "rate"), 0.5);
    for (unsigned c = 0; c < r->channels; c++)
        for (size_t i = 0; i < r->n; i++) {
            double w = tremolo_shape((unsigned)reference_value(r, "shape"), cycles(r, c, i), width);
            r->out[c][i] = r->in[c][i] * (1 - reference_value(r, "depth") * (0.5 - 0.5 * w));
        }
}

/* ---- between the samples ---------------------------------------------------------------------------------------------- */

#define POINTS   8
#define MOMENTS  4
#define UNKNOWNS (POINTS + MOMENTS)
#define PLACES   1024

/* Gauss, the largest pivot first; the last column is the right side, and becomes the answer. */
static void solve(double a[UNKNOWNS][UNKNOWNS + 1])
{
    for (unsigned i = 0; i < UNKNOWNS; i++) {
        unsigned pivot = i;
        double row[UNKNOWNS + 1];
        for (unsigned r = i; r < UNKNOWNS; r++)
            pivot = fabs(a[r][i]) > fabs(a[pivot][i]) ? r : pivot;
        memcpy(row, a[pivot], sizeof row);
        memcpy(a[pivot], a[i], sizeof row);
        for (unsigned k = 0; k <= UNKNOWNS; k++)
            a[i][k] = row[k] / row[i];
        for (unsigned r = 0; r < UNKNOWNS; r++) {
            double factor = a[r][i];
            for (unsigned k = 0; k <= UNKNOWNS && r != i; k++)
                a[r][k] -= factor * a[i][k];
        }
    }
}

/* The integral of cos(x w) over the band. */
static double band(double x)
{
    double edge = 2 * M_PI * 0.27;
    return x == 0 ? edge : sin(x * edge) / x;
}

/* The weights of eight samples at -3 to 4 for a point at f: of those that are right for every cubic, the ones with the least
 * squared error from 0 to 0.27 of the rate, by Lagrange's multipliers. */
static void weights_find(double f, double w[POINTS])
{
    double a[UNKNOWNS][UNKNOWNS + 1] = {{0}};
    for (unsigned k = 0; k < POINTS; k++) {
        double away = k - 3.0 - f;
        for (unsigned l = 0; l < POINTS; l++)
            a[k][l] = band((double)k - l);
        for (unsigned m = 0; m < MOMENTS; m++)
            a[k][POINTS + m] = a[POINTS + m][k] = pow(away, m);
        a[k][UNKNOWNS] = band(away);
    }
    a[POINTS][UNKNOWNS] = 1;
    solve(a);
    for (unsigned k = 0; k < POINTS; k++)
        w[k] = a[k][UNKNOWNS];
}

struct points {
    double w[PLACES + 1][POINTS];
};

static void points_fill(struct points *points)
{
    for (unsigned i = 0; i <= PLACES; i++)
        weights_find((double)i / PLACES, points->w[i]);
}

/* The sound of n frames at any time, silence before it. */
static double between(const struct points *points, const double *x, double time)
{
    long whole = (long)floor(time);
    double place = (time - (double)whole) * PLACES, sum = 0;
    unsigned at = place < PLACES ? (unsigned)place : PLACES - 1;
    for (int k = 0; k < POINTS; k++) {
        long i = whole + k - 3;
        double w = points->w[at][k] + (place - at) * (points->w[at + 1][k] - points->w[at][k]);
        sum += i < 0 ? 0 : w * x[i];
    }
    return sum;
}

/* ---- bent ------------------------------------------------------------------------------------------------------------ */

/* The loop first, then both paths, scaled for the power of white noise. */
static void flanger_channel(const struct reference *r, const struct points *points, unsigned c)
{
    double feedback = reference_value(r, "feedback"), mix = reference_value(r, "mix"),
           s = reference_value(r, "invert") > 0 ? -1 : 1, g = 1 + s * feedback;
    double power = mix * mix * g * g / (1 - feedback * feedback) + (1 - mix) * (1 - mix);
    double scale = sqrt((mix * mix + (1 - mix) * (1 - mix)) / power);
    double *line = calloc(r->n + POINTS, sizeof *line);
    long late = lround(reference_value(r, "zero") / 1000 * r->rate_hz);
    for (size_t i = 0; i < r->n; i++) {
        double octaves = reference_value(r, "depth") * sin(2 * M_PI * cycles(r, c, i));
        double ago = reference_value(r, "delay") / 1000 * r->rate_hz * exp2(octaves);
        double copy = between(points, line, (double)i - fmin(fmax(ago, 4), 0.04 * r->rate_hz + 1));
        line[i] = r->in[c][i] + feedback * copy;
        r->out[c][i] = scale * ((1 - mix) * ((long)i < late ? 0 : r->in[c][(long)i - late]) + s * mix * g * copy);
    }
    free(line);
}

void reference_flanger(const struct reference *r)
{
    struct points *points = calloc(1, sizeof *points);
    points_fill(points);
    for (unsigned c = 0; c < r->channels; c++)
        flanger_channel(r, points, c);
    free(points);
}

/* ---- many ------------------------------------------------------------------------------------------------------------ */

/* A cut fades out over the octave at the end of its range, where it is off. */
static double cut(const struct reference *r, struct reference_pole *low, struct reference_pole *high, double x)
{
    double low_hz = reference_value(r, "low_cut"), high_hz = reference_value(r, "high_cut");
    x -= (low_hz > 10) * fmin(low_hz / 10 - 1, 1) * reference_lowpass(low, x, low_hz, r->rate_hz);
    double share = (high_hz < 20000) * fmin(2 - high_hz / 10000, 1);
    return x + share * (reference_lowpass(high, x, high_hz, r->rate_hz) - x);
}

static void chorus_channel(const struct reference *r, const struct points *points, unsigned c)
{
    double feedback = reference_value(r, "feedback"), mix = reference_value(r, "mix"),
           delay = reference_value(r, "delay") / 1000 * r->rate_hz, depth = reference_value(r, "depth") / 1000 * r->rate_hz;
    unsigned voices = (unsigned)reference_value(r, "voices");
    double *line = calloc(r->n + POINTS, sizeof *line);
    struct reference_pole low = {0}, high = {0};
    for (size_t i = 0; i < r->n; i++) {
        double sum = 0, now = (double)i;
        for (unsigned k = 0; k < voices; k++) {
            double ahead = (k + reference_value(r, "spread") * c / r->channels) / voices;
            double sine = sin(2 * M_PI * (reference_value(r, "rate") * now / r->rate_hz + ahead));
            sum += between(points, line, now - delay - depth * (0.5 + 0.5 * sine));
        }
        line[i] = cut(r, &low, &high, r->in[c][i] + feedback * between(points, line, now - delay - depth / 2));
        r->out[c][i] = (1 - mix) * r->in[c][i] + mix * sqrt((1 - feedback * feedback) / voices) * sum;
    }
    free(line);
}

void reference_chorus(const struct reference *r)
{
    struct points *points = calloc(1, sizeof *points);
    points_fill(points);
    for (unsigned c = 0; c < r->channels; c++)
        chorus_channel(r, points, c);
    free(points);
}

/* ---- turned ---------------------------------------------------------------------------------------------------------- */

/* Through n all-passes in the form of a rotation; the states move on when told. */
static double chain(double *u, unsigned n, double a, double x, bool moves_on)
{
    double b = sqrt(1 - a * a);
    for (unsigned k = 0; k < n; k++) {
        double y = a * x + b * u[k];
        if (moves_on)
            u[k] = b * x - a * u[k];
        x = y;
    }
    return x;
}

static void phaser_channel(const struct reference *r, unsigned c)
{
    double feedback = reference_value(r, "feedback"), mix = reference_value(r, "mix"),
           s = reference_value(r, "invert") > 0 ? -1 : 1, g = 1 + s * feedback, u[12] = {0};
    double power = mix * mix * g * g / (1 - feedback * feedback) + (1 - mix) * (1 - mix);
    double scale = sqrt((mix * mix + (1 - mix) * (1 - mix)) / power);
    unsigned n = (unsigned)reference_value(r, "stages");
    for (size_t i = 0; i < r->n; i++) {
        double octaves = reference_value(r, "depth") * sin(2 * M_PI * cycles(r, c, i));
        double w = tan(M_PI * fmin(reference_value(r, "centre") * exp2(octaves) / r->rate_hz, 0.49));
        double a = (w - 1) / (w + 1);
        /* The chain answers with a straight line to whatever enters: two points of it, and where the loop closes. */
        double at_0 = chain(u, n, a, 0, false), slope = chain(u, n, a, 1, false) - at_0;
        double enters = (r->in[c][i] + feedback * at_0) / (1 - feedback * slope);
        r->out[c][i] = scale * ((1 - mix) * r->in[c][i] + s * mix * g * chain(u, n, a, enters, true));
    }
}

void reference_phaser(const struct reference *r)
{
    for (unsigned c = 0; c < r->channels; c++)
        phaser_channel(r, c);
}

/* ---- multiplied ------------------------------------------------------------------------------------------------------ */

/* At twice the rate, the product is 81 frames late, and so is the signal; nothing of a recording folds. */
void reference_ringmod(const struct reference *r)
{
    double mix = reference_value(r, "mix");
    size_t late = reference_value(r, "oversample") > 0 ? 81 : 0;
    for (unsigned c = 0; c < r->channels; c++)
        for (size_t i = late; i < r->n; i++) {
            double x = r->in[c][i - late], carrier = r->in[r->channels + c][i - late];
            r->out[c][i] = (1 - mix) * x + mix * x * carrier;
        }
}
