/* Gates and percentiles against sorting, and the thread that serves all meters. */
#include <check.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/loudness_thread.h"
#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE   48000
#define N      5000
#define WAIT_S 20

/* ---- gates ---------------------------------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Those of at least this power come last; how many they are, and their mean. */
static size_t last_of(const double *sorted, size_t n, double least, double *mean)
{
    size_t first = 0;
    while (first < n && sorted[first] < least)
        first++;
    *mean = 0;
    for (size_t i = first; i < n; i++)
        *mean += sorted[i] / (double)(n - first);
    return n - first;
}

static double lufs(double power)
{
    return 10 * log10(power) - 0.691;
}

/* By the letter of the standards: all stretches are kept. */
static void slow(double *powers, size_t n, double *integrated, double *range)
{
    double mean;
    qsort(powers, n, sizeof *powers, compare);
    size_t n_left = last_of(powers, n, pow(10, (-70 + 0.691) / 10), &mean);
    const double *left = powers + n - n_left;
    size_t n_range = last_of(left, n_left, mean / 100, integrated);
    last_of(left, n_left, mean / 10, integrated);
    *integrated = lufs(*integrated);
    const double *ranked = powers + n - n_range;
    *range = lufs(ranked[(size_t)((double)(n_range - 1) * 0.95 + 0.5)]) -
             lufs(ranked[(size_t)((double)(n_range - 1) * 0.10 + 0.5)]);
}

START_TEST(gates_and_percentiles_are_those_of_all_stretches_kept_and_sorted)
{
    static struct loudness_gate gate;
    static double powers[N];
    static float dice[N];
    for (int round = 0; round < 30; round++) {
        double integrated, range, spread = 2 + 3 * (round % 10), middle = -40 + round;
        noise_fill(dice, N, 1, (uint32_t)round);
        gate = (struct loudness_gate){0};
        for (unsigned i = 0; i < N; i++) {
            powers[i] = loudness_gate_power(middle + spread * (double)dice[i] - (i % 7 == 0 ? 40 : 0));
            loudness_gate_add(&gate, powers[i]);
        }
        slow(powers, N, &integrated, &range);
        ck_assert_double_eq_tol(loudness_gate_integrated(&gate), integrated, 0.05);
        ck_assert_double_eq_tol(loudness_gate_range(&gate), range, 0.2);
    }
}
END_TEST

START_TEST(a_steady_sound_reads_what_it_is_wherever_the_steps_lie)
{
    static struct loudness_gate gate;
    for (double level = -69; level < 30; level += 0.037) {
        gate = (struct loudness_gate){0};
        for (unsigned i = 0; i < 5; i++)
            loudness_gate_add(&gate, loudness_gate_power(level));
        ck_assert_double_eq_tol(loudness_gate_integrated(&gate), level, 1e-9);
        ck_assert_double_eq_tol(loudness_gate_range(&gate), 0, 1e-9);
    }
}
END_TEST

START_TEST(nothing_counted_reads_as_silence)
{
    static struct loudness_gate gate;
    loudness_gate_add(&gate, 0);
    loudness_gate_add(&gate, loudness_gate_power(-70.1));
    ck_assert_double_eq(loudness_gate_integrated(&gate), -200);
    ck_assert_double_eq(loudness_gate_range(&gate), 0);
    loudness_gate_add(&gate, 1e30); /* louder than the last step */
    ck_assert_double_eq_tol(loudness_gate_integrated(&gate), 300 - 0.691, 1e-6);
}
END_TEST

/* ---- the thread ----------------------------------------------------------------------------------------------------- */

static const struct loudness_spec stereo = {2, RATE, false};
static float sound[BLOCK_MAX];
static const float *const in[] = {sound, sound};

/* 187.5 Hz: one period is a block; at -20 dBFS. */
static void block_fill(void)
{
    for (unsigned i = 0; i < BLOCK_MAX; i++)
        sound[i] = (float)(0.1 * sin(2 * M_PI * i / BLOCK_MAX));
}

static void wait_for(const struct loudness *loudness, uint64_t taken)
{
    const struct timespec look = {0, 1000000};
    for (time_t end = time(NULL) + WAIT_S; atomic_load(&loudness->taken) < taken;) {
        ck_assert_msg(time(NULL) < end, "the thread has taken %llu frames", (unsigned long long)loudness->taken);
        nanosleep(&look, NULL);
    }
}

START_TEST(many_meters_are_measured_while_nobody_waits)
{
    struct loudness_thread *thread = loudness_thread_new(NULL, LOUDNESS_BYTES_MAX);
    struct loudness_service service = loudness_thread_service(thread);
    struct loudness *meters[16];
    struct error error = {0};
    block_fill();
    for (unsigned m = 0; m < ROWS(meters); m++)
        ck_assert_int_eq(service.listen(service.self, &stereo, &meters[m], &error), 0);
    for (unsigned b = 0; b < 120; b++)
        for (unsigned m = 0; m < ROWS(meters); m++)
            loudness_run_rt(meters[m], in, 0, BLOCK_MAX);
    for (unsigned m = 0; m < ROWS(meters); m++) {
        wait_for(meters[m], 120 * BLOCK_MAX);
        ck_assert_float_eq_tol(loudness_value_rt(meters[m], LOUDNESS_TRUE_PEAK), -20, 0.05);
        ck_assert_float_gt(loudness_value_rt(meters[m], LOUDNESS_INTEGRATED), -24);
        ck_assert_float_lt(loudness_value_rt(meters[m], LOUDNESS_INTEGRATED), -20);
        ck_assert_uint_eq(meters[m]->lost, 0);
        service.release(service.self, meters[m]);
    }
    loudness_thread_free(thread);
}
END_TEST

START_TEST(a_meter_may_go_at_any_moment_while_it_is_measured)
{
    struct loudness_thread *thread = loudness_thread_new(NULL, LOUDNESS_BYTES_MAX);
    struct loudness_service service = loudness_thread_service(thread);
    struct loudness *meters[4] = {NULL};
    struct error error = {0};
    block_fill();
    for (unsigned turn = 0; turn < 200; turn++) {
        struct loudness **meter = &meters[turn % ROWS(meters)];
        if (*meter)
            service.release(service.self, *meter);
        ck_assert_int_eq(service.listen(service.self, &stereo, meter, &error), 0);
        for (unsigned m = 0; m < ROWS(meters); m++)
            for (unsigned b = 0; b < 30 && meters[m]; b++)
                loudness_run_rt(meters[m], in, 0, BLOCK_MAX);
        loudness_reset_rt(*meter);
        sched_yield();
    }
    for (unsigned m = 0; m < ROWS(meters); m++)
        service.release(service.self, meters[m]);
    loudness_thread_free(thread);
}
END_TEST

START_TEST(meters_beyond_the_memory_that_is_theirs_are_refused_and_come_again_when_others_go)
{
    struct loudness_thread *thread = loudness_thread_new(NULL, 3 * loudness_measure_bytes(&stereo));
    struct loudness_service service = loudness_thread_service(thread);
    const struct loudness_spec again = {2, RATE, true};
    struct loudness *meters[5];
    struct error error = {0};
    for (unsigned m = 0; m < 3; m++)
        ck_assert_int_eq(service.listen(service.self, &stereo, &meters[m], &error), 0);
    ck_assert_int_eq(service.listen(service.self, &stereo, &meters[3], &error), ERROR_TOO_BIG);
    ck_assert_ptr_nonnull(strstr(error.text, "KiB"));
    ck_assert_int_eq(service.listen(service.self, &again, &meters[3], &error), 0);
    for (unsigned m = 0; m < 4; m++)
        service.release(service.self, meters[m]);
    int code = ERROR_TOO_BIG;
    for (time_t end = time(NULL) + WAIT_S; code && time(NULL) < end;)
        code = service.listen(service.self, &stereo, &meters[4], &error);
    ck_assert_int_eq(code, 0);
    service.release(service.self, meters[4]);
    loudness_thread_free(thread);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        gates_and_percentiles_are_those_of_all_stretches_kept_and_sorted,
        a_steady_sound_reads_what_it_is_wherever_the_steps_lie,
        nothing_counted_reads_as_silence,
        many_meters_are_measured_while_nobody_waits,
        a_meter_may_go_at_any_moment_while_it_is_measured,
        meters_beyond_the_memory_that_is_theirs_are_refused_and_come_again_when_others_go,
    };
    return suite_run("loudness", 60, tests, ROWS(tests));
}
