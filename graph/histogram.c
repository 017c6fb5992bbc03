/* Reading: the buckets of all histograms are added up first, so that every percentile is of the same moment. */
#include "graph/histogram_shared.h"

#include <math.h>

static uint64_t load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static double bucket_start(unsigned bucket)
{
    if (bucket < HISTOGRAM_STEPS)
        return 4.0 * bucket;
    return ldexp(HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS, (int)(bucket / HISTOGRAM_STEPS) + 1);
}

/* Within its bucket the k-th of c is taken to lie where it would if they were spread evenly. */
static double quantile(const uint64_t *buckets, const struct histogram_summary *summary, double share)
{
    double rank = fmax(1, ceil(share * (double)summary->count)), below = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        double here = (double)buckets[i];
        if (below + here < rank) {
            below += here;
            continue;
        }
        double start = bucket_start(i), width = i < HISTOGRAM_BUCKETS - 1 ? bucket_start(i + 1) - start : 0;
        return fmin(fmax(start + width * (rank - below - 0.5) / here, summary->min), summary->max);
    }
    return summary->max;
}

struct histogram_summary histogram_summarize(const struct histogram *const *histograms, unsigned n)
{
    struct histogram_summary summary = {.min = INFINITY};
    uint64_t buckets[HISTOGRAM_BUCKETS] = {0};
    double sum = 0;
    for (unsigned k = 0; k < n; k++) {
        const struct histogram *histogram = histograms[k];
        if (!load(&histogram->count))
            continue;
        for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
            uint64_t here = load(&histogram->buckets[i]);
            buckets[i] += here;
            summary.count += here;
        }
        sum += (double)load(&histogram->sum_ns);
        summary.min = fmin(summary.min, (double)load(&histogram->min_ns));
        summary.max = fmax(summary.max, (double)load(&histogram->max_ns));
    }
    if (!summary.count)
        return (struct histogram_summary){0};
    summary.mean = sum / (double)summary.count;
    summary.median = quantile(buckets, &summary, 0.5);
    summary.p95 = quantile(buckets, &summary, 0.95);
    summary.p99 = quantile(buckets, &summary, 0.99);
    return summary;
}
