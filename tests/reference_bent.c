/* What bends and what crushes, from its definition. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/white.h"
#include "tests/reference.h"

#define REACH 64 /* frames to either side of the filters between the rates */

/* ---- between the rates ----------------------------------------------------------------------------------------------- */

/* A Kaiser window, t from -1 to 1, its Bessel functions by their power series. */
static double kaiser(double t, double beta)
{
    double above = 1, below = 1, a = 1, b = 1;
    for (int k = 1; k < 40; k++) {
        above += a *= beta * beta / 4 * (1 - t * t) / (k * k);
        below += b *= beta * beta / 4 / (k * k);
    }
    return fabs(t) >= 1 ? 0 : above / below;
}

static double sinc(double t)
{
    return t == 0 ? 1 : sin(M_PI * t) / (M_PI * t);
}

/* A low-pass of 120 dB that ends at half the rate, t frames from its middle. */
static double kernel(double t)
{
    return sinc(t) * kaiser(t / REACH, 12.3);
}

/* The values of the kernel at all frames of the high rate, REACH * factor in the middle. */
static double *kernel_table(unsigned factor)
{
    double *table = calloc(2 * REACH * factor + 1, sizeof *table);
    for (int k = -REACH * (int)factor; k <= REACH * (int)factor; k++)
        table[k + REACH * (int)factor] = kernel((double)k / factor);
    return table;
}

static void up(const double *in, double *out, size_t n, unsigned factor, const double *table)
{
    for (size_t i = 0; i < n * factor; i++)
        for (long k = (long)(i / factor) - REACH; k <= (long)(i / factor) + REACH; k++) {
            long t = (long)i - k * (long)factor + REACH * (long)factor;
            if (k >= 0 && k < (long)n && t >= 0 && t <= 2 * REACH * (long)factor)
                out[i] += in[k] * table[t];
        }
}

static void down(const double *in, double *out, size_t n, unsigned factor, const double *table)
{
    for (size_t i = 0; i < n; i++)
        for (long t = 0; t <= 2 * REACH * (long)factor; t++) {
            long k = (long)(i * factor) + t - REACH * (long)factor;
            if (k >= 0 && k < (long)(n * factor))
                out[i] += in[k] * table[t] / factor;
        }
}

/* ---- curves ---------------------------------------------------------------------------------------------------------- */

static double tube(double u)
{
    return 0.116666136 * tanh(0.12 * u - 0.83) + 1.02711951 * tanh(1.16 * u - 0.434);
}

/* The first and second antiderivative of a clipper, and of a zigzag. */
static double clip_first(double u)
{
    return fabs(u) < 1 ? u * u / 2 : fabs(u) - 0.5;
}

static double clip_second(double u)
{
    double v = fabs(u);
    return v < 1 ? u * u * u / 6 : copysign(v * v / 2 - v / 2 + 1.0 / 6, u);
}

static double fold_first(double u)
{
    double v = remainder(u, 4);
    return fabs(v) < 1 ? (v * v - 1) / 2 : (1 - pow(fabs(v) - 2, 2)) / 2;
}

static double fold_second(double u)
{
    double v = remainder(u, 4), w = fabs(v) < 1 ? v : copysign(fabs(v) - 2, v);
    return w * (w * w - 3) / 6;
}

/* Half of the triangle: from a, where it is 1, to b, where it is 0. Where both are alike the curve is the straight line
 * that its second antiderivative shows about them. */
static double half(double a, double b, double (*first)(double), double (*second)(double))
{
    double d = b - a, at = (2 * a + b) / 3, h = 1e-4;
    if (fabs(d) < 1e-4)
        return (first(at + h) - first(at - h)) / (4 * h);
    return (second(b) - second(a) - d * first(a)) / (d * d);
}

/* Frame i of the high rate. */
static double bent(unsigned shape, const double *u, size_t i)
{
    double before = i ? u[i - 1] : u[0], after = u[i + 1];
    switch (shape) {
    case 0:
        return tanh(u[i]);
    case 1:
        return tube(u[i]);
    case 2:
        return half(u[i], before, clip_first, clip_second) + half(u[i], after, clip_first, clip_second);
    default:
        return half(u[i], before, fold_first, fold_second) + half(u[i], after, fold_first, fold_second);
    }
}

/* What takes the level back: see shaper_makeup. */
static double makeup(unsigned shape, double gain)
{
    static const double ends[] = {0.94, 1.057, 0.91, 0.537}, bend[] = {2.25, 2.3, 0.95, -0.2};
    double v = gain * pow(10, -18 / 20.0) / ends[shape];
    return sqrt((1 + bend[shape] * v * v + pow(v, 4)) / (1 + v * v)) / gain;
}

/* ---- the node -------------------------------------------------------------------------------------------------------- */

static void bend(const struct reference *r, const double *in, double *wet, size_t n)
{
    unsigned shape = (unsigned)reference_value(r, "shape"), factor = 1u << (unsigned)reference_value(r, "oversample");
    double gain = reference_gain(reference_value(r, "drive")), bias = reference_value(r, "bias");
    double *table = kernel_table(factor), *u = calloc(n * factor + 1, sizeof *u), *y = calloc(n * factor, sizeof *y);
    up(in, u, n, factor, table);
    for (size_t i = 0; i <= n * factor; i++)
        u[i] = gain * u[i] + bias;
    double rest = bent(shape, (const double[]){bias, bias, bias}, 1);
    for (size_t i = 0; i < n * factor; i++)
        y[i] = (bent(shape, u, i) - rest) * makeup(shape, gain);
    down(y, wet, n, factor, table);
    free(table);
    free(u);
    free(y);
}

/* Filters that look ahead sound before the first frame: so many frames of silence stand in front. */
#define LEAD (2 * (size_t)REACH)

void reference_distortion(const struct reference *r)
{
    static const unsigned latencies[] = {1, 81, 86, 87};
    unsigned latency = latencies[(unsigned)reference_value(r, "oversample")];
    double tone = reference_value(r, "tone"), plain = fmin(fmax(tone / 10000 - 1, 0), 1), mix = reference_value(r, "mix");
    double level = reference_gain(reference_value(r, "output"));
    size_t n = r->n + LEAD;
    for (unsigned c = 0; c < r->channels; c++) {
        struct reference_pole low = {0}, high = {0};
        double *wet = calloc(n, sizeof *wet), *dry = calloc(n, sizeof *dry);
        memcpy(dry + LEAD, r->in[c], r->n * sizeof *dry);
        bend(r, dry, wet, n);
        for (size_t i = 0; i < n; i++) {
            double x = wet[i] - reference_lowpass(&low, wet[i], 3, r->rate_hz);
            x = plain * x + (1 - plain) * reference_lowpass(&high, x, tone, r->rate_hz);
            if (i + latency >= LEAD && i + latency < n)
                r->out[c][i + latency - LEAD] = (1 - mix) * dry[i] + mix * level * x;
        }
        free(wet);
        free(dry);
    }
}

/* ---- bits and samples ------------------------------------------------------------------------------------------------ */

#define SIDE  32  /* frames that a band-limited step reaches, */
#define FINE  512 /* and values of it in each */
#define AHEAD 15  /* frames that the newest one is ahead of the clock */

/* Band-limited step of 1 less the step itself, from 0 on: the kernel of graph/dsp/blep.h, integrated from there to its end. */
static double *step_table(void)
{
    double *table = calloc(SIDE * FINE + 2, sizeof *table), cutoff = 2 * 0.461;
    for (int i = SIDE * FINE - 1; i >= 0; i--) {
        double t = (i + 0.5) / FINE;
        table[i] = table[i + 1] - cutoff * sinc(cutoff * t) * kaiser(t / SIDE, 7.857) / FINE;
    }
    return table;
}

static double step_beside(const double *table, double t)
{
    double at = fabs(t) * FINE, part = at - floor(at);
    size_t k = (size_t)at;
    return k >= SIDE * FINE ? 0 : (t < 0 ? -1 : 1) * (table[k] + part * (table[k + 1] - table[k]));
}

/* x at this place, rounded to steps, with the noise of frame i. */
static double crushed(const struct reference *r, unsigned c, double place, long i)
{
    struct white white = white_of(c);
    double x = 0, size = pow(2, 1 - reference_value(r, "bits"));
    if (place == floor(place))
        x = place < 0 ? 0 : r->in[c][(size_t)place];
    for (long k = (long)floor(place) - REACH; place != floor(place) && k <= (long)floor(place) + REACH; k++)
        x += k >= 0 && k < (long)r->n ? r->in[c][k] * kernel(place - (double)k) : 0;
    double hiss = (double)white_at(&white, 2 * (uint32_t)i) + (double)white_at(&white, 2 * (uint32_t)i + 1);
    return x == 0 ? 0 : size * rint(x / size + reference_value(r, "dither") / 2 * hiss);
}

/* All steps of channel c, added up. */
static void hold(const struct reference *r, unsigned c, double *wet)
{
    double *table = step_table(), held = 0, every = r->rate_hz / reference_value(r, "rate");
    for (double place = -AHEAD - 1; place < (double)r->n; place += every) {
        long first = (long)ceil(place);
        double next = crushed(r, c, place, first + AHEAD);
        for (long i = first - SIDE; i < (long)r->n; i++) {
            double naive = i >= first ? 1 : 0;
            double beside = i < first + SIDE ? step_beside(table, (double)i - place) : 0;
            if (i >= 0)
                wet[i] += (next - held) * (naive + beside);
        }
        held = next;
    }
    free(table);
}

void reference_bitcrusher(const struct reference *r)
{
    double rate = reference_value(r, "rate"), mix = reference_value(r, "mix");
    for (unsigned c = 0; c < r->channels; c++) {
        double *wet = calloc(r->n, sizeof *wet);
        if (rate < 48000)
            hold(r, c, wet);
        for (long i = 0; i < (long)r->n; i++) {
            double y = rate < 48000 ? wet[i] : crushed(r, c, (double)i, i + AHEAD);
            if (i + AHEAD + SIDE < (long)r->n)
                r->out[c][i + AHEAD + SIDE] = (1 - mix) * r->in[c][i] + mix * y;
        }
        free(wet);
    }
}
