/* The line that bends sound, against the plain way to read between samples. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/moving_line.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000

/* What eight points half way between two samples, or at f, make of a sine. */
static double complex gain_at(double f, double hz)
{
    FLOAT8 w;
    double complex sum = 0;
    eight_weights((float)f, &w);
    for (int k = 0; k < 8; k++)
        sum += (double)w[k] * cexp(2 * M_PI * I * hz / RATE_HZ * (k - 3 - f));
    return sum;
}

START_TEST(eight_points_err_no_more_than_the_header_says)
{
    static const struct {
        double hz, error_db, loss_db;
    } rows[] = {{1000, -110, 0.001}, {5000, -60, 0.02}, {10000, -60, 0.02}, {12000, -60, 0.02}, {15000, -28, 0.33}};
    for (unsigned r = 0; r < ROWS(rows); r++)
        for (int i = 0; i <= 64; i++) {
            double complex gain = gain_at(i / 64.0, rows[r].hz);
            ck_assert_double_le(decibel(cabs(gain - 1)), rows[r].error_db);
            ck_assert_double_ge(decibel(cabs(gain)), -rows[r].loss_db);
        }
}
END_TEST

START_TEST(eight_points_never_amplify_so_that_a_loop_of_98_percent_dies_away)
{
    for (int i = 0; i <= 64; i++)
        for (double hz = 0; hz <= RATE_HZ / 2; hz += 100)
            ck_assert_double_le(cabs(gain_at(i / 64.0, hz)), 1.002);
}
END_TEST

START_TEST(a_sample_is_exact_and_so_is_every_cubic)
{
    float x[8];
    noise_fill(x, 8, 1, 1);
    ck_assert(eight_point(0, x) == x[3] && eight_point(1, x) == x[4]);
    for (unsigned power = 0; power <= 3; power++)
        for (int i = 0; i <= 64; i++) {
            double f = i / 64.0;
            for (int k = 0; k < 8; k++)
                x[k] = (float)pow(k - 3, power);
            ck_assert_double_eq_tol(eight_point((float)f, x), pow(f, power), 2e-5);
        }
}
END_TEST

START_TEST(four_at_a_time_are_the_same_bits_as_one)
{
    float x[40], f[4], out[4];
    noise_fill(x, 40, 1, 2);
    for (unsigned seed = 0; seed < 200; seed++) {
        const float *from[4];
        noise_fill(f, 4, 0.5, seed);
        for (unsigned k = 0; k < 4; k++) {
            f[k] += 0.5f;
            from[k] = x + (seed * (k + 3)) % 32;
        }
        eight_point_four(f, from, out);
        for (unsigned k = 0; k < 4; k++)
            ck_assert(out[k] == eight_point(f[k], from[k]));
    }
}
END_TEST

/* What was heard `ago` frames before frame i, from a sound that lies in a row. */
static float heard_at(const float *x, unsigned i, double ago)
{
    float near[8];
    int whole = (int)ago;
    for (int k = 0; k < 8; k++) {
        int at = (int)i - whole - 4 + k;
        near[k] = at < 0 ? 0 : x[at];
    }
    return eight_point((float)(1 - (ago - whole)), near);
}

START_TEST(any_distance_is_heard_wherever_the_ring_ends)
{
    enum { N = 20000, MOST = 300 };
    static float x[N], place[N];
    struct arena arena = {0};
    struct moving_line line = {0};
    struct moving_taps taps;
    unsigned at = 0;
    noise_fill(x, N, 1, 3);
    noise_fill(place, N, 1, 4);
    ck_assert(moving_line_init(&line, &arena, MOST));
    for (unsigned from = 0, n; from < N; from += n) {
        double ago[MOVING_FRAMES];
        float out[MOVING_FRAMES];
        n = 1 + from % MOVING_FRAMES;
        n = n < N - from ? n : N - from;
        /* near and far by turns: runs of one frame and of many */
        for (unsigned i = 0; i < n; i++)
            ago[i] = from / 1000 % 2 ? 4 + 2 * fabs((double)place[from + i]) : 152 + 148 * (double)place[from + i];
        moving_taps_set(&taps, &line, at, ago, n);
        for (unsigned i = 0, run; i < n; i += run) {
            run = moving_run(&taps, &line, at, n - i);
            ck_assert(run >= 1 && run <= n - i);
            moving_line_read(&line, &taps, i, out + i, run);
            moving_line_write(&line, at, x + from + i, run);
            at = (at + run) % line.size;
        }
        for (unsigned i = 0; i < n; i++)
            ck_assert_float_eq_tol(out[i], heard_at(x, from + i, ago[i]), 1e-6f);
    }
    arena_deinit(&arena);
}
END_TEST

START_TEST(distances_beyond_what_the_line_has_are_held)
{
    enum { MOST = 200 };
    struct arena arena = {0};
    struct moving_line line = {0};
    struct moving_taps taps;
    float x = 1, out[2];
    ck_assert(moving_line_init(&line, &arena, MOST));
    moving_line_write(&line, 0, &x, 1); /* frame 0 */
    moving_taps_set(&taps, &line, MOVING_LEAST, (double[]){-1e9}, 1);
    moving_line_read(&line, &taps, 0, &out[0], 1);
    moving_taps_set(&taps, &line, MOST, (double[]){1e9}, 1);
    moving_line_read(&line, &taps, 0, &out[1], 1);
    ck_assert(out[0] == 1 && out[1] == 1);
    arena_deinit(&arena);
}
END_TEST

START_TEST(what_is_no_sound_or_below_hearing_is_not_kept)
{
    struct arena arena = {0};
    struct moving_line line = {0};
    static const float x[] = {NAN, INFINITY, -INFINITY, 1e31f, 1e-9f, -1e-9f};
    ck_assert(moving_line_init(&line, &arena, 100));
    moving_line_write(&line, 0, x, ROWS(x));
    ck_assert(moving_line_is_empty(&line));
    moving_line_write(&line, 0, (float[]){1}, 1);
    ck_assert(!moving_line_is_empty(&line));
    moving_line_clear(&line);
    ck_assert(moving_line_is_empty(&line));
    arena_deinit(&arena);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        eight_points_err_no_more_than_the_header_says, eight_points_never_amplify_so_that_a_loop_of_98_percent_dies_away,
        a_sample_is_exact_and_so_is_every_cubic,       four_at_a_time_are_the_same_bits_as_one,
        any_distance_is_heard_wherever_the_ring_ends,  distances_beyond_what_the_line_has_are_held,
        what_is_no_sound_or_below_hearing_is_not_kept,
    };
    return suite_run("moving line", 60, tests, ROWS(tests));
}
