/* P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968): as good as least squares for times
 * that scatter evenly, within a few percent, and right while fewer than 29 % of them are wrong. */
#include "osc/taps.h"

#include <math.h>
#include <string.h>

#include "graph/tempo.h"

#define NS_PER_MINUTE 60e9
#define PAUSE_NS      (NS_PER_MINUTE / TEMPO_BPM_MIN)
#define BOUNCE_NS     (NS_PER_MINUTE / TEMPO_BPM_MAX)
#define PAUSE_BEATS   2.5
#define OTHER         0.15 /* by which part of a beat two in a row are off where the tempo is another */

static double between(const struct taps *taps, unsigned from, unsigned to)
{
    return (double)(taps->at_ns[to] - taps->at_ns[from]);
}

static void sort(double *values, unsigned n)
{
    for (unsigned i = 1; i < n; i++)
        for (unsigned k = i; k > 0 && values[k - 1] > values[k]; k--) {
            double value = values[k];
            values[k] = values[k - 1];
            values[k - 1] = value;
        }
}

/* Nanoseconds per beat of the first n taps, two or more. */
static double beat_of(const struct taps *taps, unsigned n)
{
    double slopes[TAPS_MOST * (TAPS_MOST - 1) / 2];
    unsigned n_slopes = 0;
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = i + 1; k < n; k++)
            slopes[n_slopes++] = between(taps, i, k) / (k - i);
    sort(slopes, n_slopes);
    return (slopes[n_slopes / 2] + slopes[(n_slopes - 1) / 2]) / 2;
}

static void keep_last(struct taps *taps, unsigned n)
{
    memmove(taps->at_ns, taps->at_ns + taps->n - n, n * sizeof taps->at_ns[0]);
    taps->n = n;
}

static bool is_after_pause(const struct taps *taps, double gap)
{
    return gap > PAUSE_NS || (taps->n > 1 && gap > PAUSE_BEATS * beat_of(taps, taps->n));
}

/* The last two beats differ from those before, in the same direction. */
static bool is_other(const struct taps *taps)
{
    unsigned n = taps->n;
    if (n < 4)
        return false;
    double beat = beat_of(taps, n - 2), last = between(taps, n - 2, n - 1) / beat - 1;
    double before = between(taps, n - 3, n - 2) / beat - 1;
    return fmin(fabs(last), fabs(before)) > OTHER && (last > 0) == (before > 0);
}

bool taps_add(struct taps *taps, uint64_t now_ns, double *bpm)
{
    double gap = taps->n ? (double)(now_ns - taps->at_ns[taps->n - 1]) : 0;
    if (taps->n && gap < BOUNCE_NS)
        return false;
    if (taps->n && is_after_pause(taps, gap))
        taps->n = 0;
    if (taps->n == TAPS_MOST)
        keep_last(taps, TAPS_MOST - 1);
    taps->at_ns[taps->n++] = now_ns;
    if (is_other(taps))
        keep_last(taps, 3);
    if (taps->n < 2)
        return false;
    *bpm = fmin(fmax(NS_PER_MINUTE / beat_of(taps, taps->n), TEMPO_BPM_MIN), TEMPO_BPM_MAX);
    return true;
}
