/* The limiter from its definition: peaks by sums over all weights, windows and means by looking at every value again. */
#include <math.h>
#include <stdlib.h>

#include "tests/reference.h"
#include "tests/true_peak.h"

#define SIDE   32
#define REACH  191
#define STRAY  0.7
#define MARGIN 1.3e-3

static double bessel(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; k < 30; k++)
        sum += term *= x * x / (4.0 * k * k);
    return sum;
}

/* A sinc of 32 crossings to either side under a Kaiser window. */
static double kernel(double t)
{
    double u = t / SIDE;
    return t == 0 ? 1 : fabs(u) >= 1 ? 0 : sin(M_PI * t) / (M_PI * t) * bessel(2 * sqrt(1 - u * u)) / bessel(2);
}

static double at(const double *x, size_t n, long i)
{
    return i < 0 || i >= (long)n ? 0 : x[i];
}

/* The largest that the sound comes to from frame i on until before the next one. */
static double peak_at(const double *x, size_t n, double weights[8][2 * SIDE], long i)
{
    double most = 0;
    for (int point = 0; point < 8; point++) {
        double sum = 0, annex = 0;
        for (int k = 0; k < 2 * SIDE; k++)
            sum += weights[point][k] * at(x, n, i + k - SIDE + 1);
        for (int k = 0; k < 12 && point % 2; k++)
            annex += true_peak_annex_2[point == 1 || point == 7 ? 0 : 1][point < 4 ? k : 11 - k] * at(x, n, i + 6 - k);
        most = fmax(most, fmax(fabs(sum), fabs(annex)));
    }
    return most;
}

/* Of all channels. */
static double *peaks(double *const *x, unsigned channels, size_t n)
{
    double *most = calloc(n, sizeof *most), weights[8][2 * SIDE];
    for (int k = 0; k < 8 * 2 * SIDE; k++)
        weights[k / (2 * SIDE)][k % (2 * SIDE)] = kernel(k % (2 * SIDE) - SIDE + 1 - k / (2 * SIDE) / 8.0);
    for (unsigned c = 0; c < channels; c++)
        for (size_t i = 0; i < n; i++)
            most[i] = fmax(most[i], peak_at(x[c], n, weights, (long)i));
    return most;
}

/* In place: the largest of the last `window`. */
static void hold(double *x, size_t n, size_t window)
{
    for (size_t i = n; i-- > 0;)
        for (size_t k = 1; k < window && k <= i; k++)
            x[i] = fmax(x[i], x[i - k]);
}

/* In place: the mean of the last `size`. */
static void average(double *x, size_t n, size_t size)
{
    for (size_t i = n; i-- > 0;) {
        double sum = x[i];
        for (size_t k = 1; k < size && k <= i; k++)
            sum += x[i - k];
        x[i] = sum / (double)size;
    }
}

/* What is beyond 40 dB comes back within 10 ms. */
static void release(double *held, size_t n, double frames, double rate_hz)
{
    const double most = 40 / (20 * log10(2));
    double fast = 0, slow = 0;
    for (size_t i = 0; i < n; i++) {
        slow += (fmin(held[i], most) - slow) * (1 - exp(-1 / (5 * frames)));
        double aim = fmin(slow, fast), now = fast + (aim - fast) * (1 - exp(-1 / frames));
        now -= fmax(now - most, 0) * (1 - exp(-1 / (0.01 * rate_hz)));
        bool enough = now < 174 / 0x1p20;
        fast = fmax(held[i], enough ? 0 : now);
        slow = enough && held[i] == 0 ? 0 : slow;
        held[i] = fast;
    }
}

/* Octaves that every frame is turned down by, `attack` - 1 frames later. */
static double *octaves(const double *peak, size_t n, double ceiling, size_t attack, const struct reference *r)
{
    double *x = calloc(n, sizeof *x);
    size_t left = attack - 4 + 2;
    for (size_t i = 0; i < n; i++)
        x[i] = peak[i] > ceiling ? log2(peak[i] / ceiling) : 0;
    hold(x, n, attack + 5 + (size_t)(0.0125 * r->rate_hz));
    release(x, n, reference_value(r, "release") / 1000 * r->rate_hz, r->rate_hz);
    for (size_t boxes = 3; boxes; boxes--) {
        size_t size = left / boxes;
        average(x, n, size);
        left -= size;
    }
    return x;
}

/* One dip after the other, each as deep as a peak needs that no other one has taken care of. */
static double *dips(const double *peak, size_t n, double ceiling)
{
    double *dip = calloc(n, sizeof *dip), end = exp(-(REACH + 1) / 30.5);
    for (size_t i = 0; i < n; i++) {
        double depth = peak[i] > ceiling ? (peak[i] - ceiling) / (peak[i] - STRAY * ceiling) : 0;
        if (depth <= dip[i])
            continue;
        for (long k = -REACH; k <= REACH; k++)
            if ((long)i + k >= 0 && (long)i + k < (long)n)
                dip[(long)i + k] = fmax(dip[(long)i + k], depth * (exp(-labs(k) / 30.5) - end) / (1 - end));
    }
    return dip;
}

/* The sound begins SIDE frames late, since its first frame swings before it comes. */
void reference_limiter(const struct reference *r)
{
    size_t attack = (size_t)lround(reference_value(r, "lookahead") / 1000 * r->rate_hz), n = r->n + SIDE;
    size_t late = SIDE + attack - 1 + REACH;
    double ceiling = pow(10, reference_value(r, "ceiling") / 20) * (1 - MARGIN), *x[REFERENCE_CHANNELS];
    for (unsigned c = 0; c < r->channels; c++) {
        x[c] = calloc(n, sizeof *x[c]);
        for (size_t i = SIDE; i < n; i++)
            x[c][i] = r->in[c][i - SIDE] * pow(10, reference_value(r, "drive") / 20);
    }
    double *peak = peaks(x, r->channels, n), *down = octaves(peak, n, ceiling, attack, r);
    for (unsigned c = 0; c < r->channels; c++)
        for (size_t i = 0; i < n; i++)
            x[c][i] *= exp2(-at(down, n, (long)(i + attack - 1)));
    double *again = peaks(x, r->channels, n), *dip = dips(again, n, ceiling);
    for (unsigned c = 0; c < r->channels; c++) {
        for (size_t i = late; i < r->n; i++)
            r->out[c][i] = x[c][i - late] * (1 - dip[i - late]);
        free(x[c]);
    }
    free(peak);
    free(down);
    free(again);
    free(dip);
}
