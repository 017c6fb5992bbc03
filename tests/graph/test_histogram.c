/* What a histogram tells, against the sorted times themselves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/histogram_shared.h"
#include "tests/graph_check.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define N_TIMES 20000

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static struct histogram_summary summary_of(const struct histogram *histogram)
{
    return histogram_summarize(&histogram, 1);
}

/* Nearest rank, the slow way. */
static double ranked(const uint64_t *sorted, size_t n, double share)
{
    return (double)sorted[(size_t)fmax(1, ceil(share * (double)n)) - 1];
}

static void check_near(double value, double truth, const char *what)
{
    MUST(fabs(value - truth) <= fmax(4, truth / HISTOGRAM_STEPS), "%s: %g ns, not %g ns", what, value, truth);
}

/* Times whose logarithm is spread by `octaves` around `middle`. */
static void check_spread(double middle_ns, double octaves, uint32_t seed, size_t n)
{
    static struct histogram histogram;
    static uint64_t times[N_TIMES];
    double sum = 0;
    memset(&histogram, 0, sizeof histogram);
    for (size_t i = 0; i < n; i++) {
        times[i] = (uint64_t)(middle_ns * exp2(octaves * (dice_below(&seed, 2001) / 1000.0 - 1)));
        sum += (double)times[i];
        histogram_add(&histogram, times[i]);
    }
    qsort(times, n, sizeof *times, by_size);
    struct histogram_summary summary = summary_of(&histogram);
    ck_assert_uint_eq(summary.count, n);
    ck_assert(summary.min == (double)times[0]);
    ck_assert(summary.max == (double)times[n - 1]);
    MUST(fabs(summary.mean - sum / (double)n) <= 1e-9 * summary.mean, "mean %g, not %g", summary.mean, sum / (double)n);
    check_near(summary.median, ranked(times, n, 0.5), "median");
    check_near(summary.p95, ranked(times, n, 0.95), "p95");
    check_near(summary.p99, ranked(times, n, 0.99), "p99");
    MUST(summary.min <= summary.median && summary.median <= summary.p95 && summary.p95 <= summary.p99 &&
             summary.p99 <= summary.max,
         "out of order around %g ns", middle_ns);
}

START_TEST(percentiles_agree_with_sorting_to_a_sixteenth)
{
    for (unsigned i = 0; i < 12; i++)
        for (double octaves = 0; octaves < 6; octaves += 1.3)
            check_spread(30 * pow(5, i), octaves, 7 + i, i % 2 ? N_TIMES : 1 + i * 37);
}
END_TEST

START_TEST(a_single_time_is_told_exactly_whatever_it_is)
{
    static const uint64_t times[] = {
        0, 1, 63, 64, 65, 127, 128, 1000, 5333333, 1ull << 40, (1ull << 40) - 1, 1ull << 50, UINT64_MAX};
    for (unsigned i = 0; i < sizeof times / sizeof *times; i++) {
        struct histogram histogram = {0};
        histogram_add(&histogram, times[i]);
        struct histogram_summary summary = summary_of(&histogram);
        double time = (double)times[i];
        MUST(summary.count == 1 && summary.min == time && summary.max == time && summary.mean == time, "%g", time);
        MUST(summary.median == time && summary.p99 == time, "median %g of %g", summary.median, time);
    }
}
END_TEST

/* The stated error holds only if each time lies in the bucket that is as wide as the header says. */
START_TEST(buckets_follow_each_other_without_a_gap)
{
    unsigned bucket = 0;
    uint64_t start = 0;
    for (uint64_t ns = 0; ns < 1ull << 41; ns += 1 + ns / 997) {
        unsigned now = histogram_bucket(ns);
        MUST(now == bucket || now == bucket + 1, "%llu ns: bucket %u behind %u", (unsigned long long)ns, now, bucket);
        if (now != bucket)
            start = ns;
        MUST(now == HISTOGRAM_BUCKETS - 1 || ns - start <= (ns < 64 ? 4 : ns / HISTOGRAM_STEPS), "%llu ns: too wide",
             (unsigned long long)ns);
        bucket = now;
    }
    ck_assert_uint_eq(bucket, HISTOGRAM_BUCKETS - 1);
}
END_TEST

START_TEST(several_histograms_are_told_as_one)
{
    static struct histogram a, b, all, empty;
    const struct histogram *const parts[] = {&a, &empty, &b}, *const whole[] = {&all};
    for (uint32_t i = 0, seed = 3; i < 3000; i++) {
        uint64_t ns = 100 + dice_below(&seed, 1000000);
        histogram_add(i % 3 ? &a : &b, ns);
        histogram_add(&all, ns);
    }
    struct histogram_summary x = histogram_summarize(parts, 3), y = histogram_summarize(whole, 1);
    ck_assert(memcmp(&x, &y, sizeof x) == 0);
}
END_TEST

START_TEST(an_empty_one_and_a_cleared_one_tell_nothing)
{
    static struct histogram histogram;
    struct histogram_summary nothing = {0}, summary = summary_of(&histogram);
    ck_assert(memcmp(&summary, &nothing, sizeof summary) == 0);
    histogram_add(&histogram, 500);
    histogram_add(&histogram, 90000);
    histogram_clear(&histogram);
    summary = summary_of(&histogram);
    ck_assert(memcmp(&summary, &nothing, sizeof summary) == 0);
    histogram_add(&histogram, 700);
    summary = summary_of(&histogram);
    ck_assert(summary.count == 1 && summary.min == 700 && summary.max == 700 && summary.p95 == 700);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        percentiles_agree_with_sorting_to_a_sixteenth, a_single_time_is_told_exactly_whatever_it_is,
        buckets_follow_each_other_without_a_gap,       several_histograms_are_told_as_one,
        an_empty_one_and_a_cleared_one_tell_nothing,
    };
    return suite_run("histogram", 60, tests, sizeof tests / sizeof *tests);
}
