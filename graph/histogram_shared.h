/* How long something takes, of how many: times sorted into buckets that get wider with the time.
 *
 *     buckets     16 of 4 ns | 16 of 4 ns | 16 of 8 ns | 16 of 16 ns | …         | all that is longer
 *     from        0            64 ns        128 ns       256 ns        … 1100 s
 *
 * One thread adds, any thread reads; adding is a handful of loads and stores and never waits. Count, sum, smallest and
 * largest are exact. What is read from the buckets (median, percentiles) is off by less than the bucket's width: by less than
 * a sixteenth of itself, below 64 ns by less than 4 ns. Who reads while somebody adds may miss the last few.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "graph/thread.h"

#define HISTOGRAM_STEPS   16 /* buckets per octave */
#define HISTOGRAM_OCTAVES 34 /* from 2^6 ns to 2^40 ns */
#define HISTOGRAM_BUCKETS ((HISTOGRAM_OCTAVES + 1) * HISTOGRAM_STEPS)

/* All-zero: empty. */
struct histogram {
    _Atomic uint64_t count, sum_ns;
    _Atomic uint64_t min_ns, max_ns; /* of no meaning while count is 0 */
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* What it comes to, in ns; all 0 when there is nothing in it. Percentiles are by nearest rank: of p99, one in a hundred is
 * longer. */
struct histogram_summary {
    uint64_t count;
    double min, median, mean, p95, p99, max;
};

/* The bucket of a time: its octave and the four bits behind its highest. */
DAWD_ANY static inline unsigned histogram_bucket(uint64_t ns)
{
    if (ns < 64)
        return (unsigned)ns / 4;
    unsigned octave = 63u - (unsigned)__builtin_clzll(ns);
    unsigned bucket = (octave - 5) * HISTOGRAM_STEPS + ((unsigned)(ns >> (octave - 4)) & (HISTOGRAM_STEPS - 1));
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* One writer, so a load and a store suffice. */
DAWD_ANY static inline void histogram_count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by, memory_order_relaxed);
}

/* Adds one time. The writer only. */
DAWD_ANY static inline void histogram_add(struct histogram *histogram, uint64_t ns)
{
    uint64_t n = atomic_load_explicit(&histogram->count, memory_order_relaxed);
    if (!n || ns < atomic_load_explicit(&histogram->min_ns, memory_order_relaxed))
        atomic_store_explicit(&histogram->min_ns, ns, memory_order_relaxed);
    if (!n || ns > atomic_load_explicit(&histogram->max_ns, memory_order_relaxed))
        atomic_store_explicit(&histogram->max_ns, ns, memory_order_relaxed);
    histogram_count(&histogram->sum_ns, ns);
    histogram_count(&histogram->buckets[histogram_bucket(ns)], 1);
    histogram_count(&histogram->count, 1);
}

/* Empties it. The writer only; about as much work as adding a hundred times. */
DAWD_ANY static inline void histogram_clear(struct histogram *histogram)
{
    atomic_store_explicit(&histogram->count, 0, memory_order_relaxed);
    atomic_store_explicit(&histogram->sum_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&histogram->max_ns, 0, memory_order_relaxed);
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        atomic_store_explicit(&histogram->buckets[i], 0, memory_order_relaxed);
}

/* What all n of them come to together. Any thread; takes some microseconds. */
DAWD_ANY struct histogram_summary histogram_summarize(const struct histogram *const *histograms, unsigned n);
