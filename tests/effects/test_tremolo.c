#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

enum { SINE, TRIANGLE, SQUARE, SAW_UP, SAW_DOWN };

#define RATE_HZ 48000

static struct rig tremolo_new(float rate_hz, float depth, float shape)
{
    struct rig rig = rig_new("tremolo", RATE_HZ, 1);
    rig_set(&rig, "rate", rate_hz);
    rig_set(&rig, "depth", depth);
    rig_set(&rig, "shape", shape);
    return rig;
}

/* The gain curve: what becomes of a steady 1. */
static float *gains(struct rig *rig, size_t n)
{
    float *in = calloc(n, sizeof *in);
    line_fill(in, n, 1, 1);
    rig_start(rig);
    float *out = rig_run(rig, in, n);
    free(in);
    return out;
}

START_TEST(the_gain_of_a_sine_is_a_raised_cosine_from_full_level_on)
{
    enum { N = 10 * RATE_HZ };
    static const float rates_hz[] = {0.01f, 0.7f, 5, 100}, depths[] = {0, 0.3f, 1};
    for (unsigned r = 0; r < ROWS(rates_hz); r++)
        for (unsigned d = 0; d < ROWS(depths); d++) {
            struct rig rig = tremolo_new(rates_hz[r], depths[d], SINE);
            float *gain = gains(&rig, N);
            for (unsigned i = 0; i < N; i += 7) {
                double cosine = cos(2 * M_PI * (double)rates_hz[r] * i / RATE_HZ);
                ck_assert_double_eq_tol(gain[i], 1 - (double)depths[d] * (0.5 - 0.5 * cosine), 3e-7);
            }
            free(gain);
            rig_free(&rig);
        }
}
END_TEST

/* Where the gain first goes through a half, behind frame `from`: between the frames. */
static double crossing(const float *gain, unsigned from)
{
    unsigned i = from;
    while ((gain[i] < 0.5f) == (gain[i + 1] < 0.5f))
        i++;
    return i + (0.5 - (double)gain[i]) / ((double)gain[i + 1] - (double)gain[i]);
}

START_TEST(a_square_is_open_for_half_of_each_cycle_and_jumps_in_the_time_of_an_edge)
{
    static const float edges_ms[] = {1, 5, 20};
    for (unsigned k = 0; k < ROWS(edges_ms); k++) {
        struct rig rig = tremolo_new(4, 1, SQUARE);
        rig_set(&rig, "edge", edges_ms[k]);
        float *gain = gains(&rig, RATE_HZ);
        double edge = (double)edges_ms[k] * RATE_HZ / 1000;
        for (unsigned half = 1; half < 7; half++) {
            ck_assert_double_eq_tol(crossing(gain, half * 6000 - 3000), half * 6000, 0.01);
            float first = half % 2, last = 1 - first;
            ck_assert_float_eq_tol(gain[(unsigned)(half * 6000 - edge / 2 - 1)], first, 1e-6);
            ck_assert_float_eq_tol(gain[(unsigned)(half * 6000 + edge / 2 + 1)], last, 1e-6);
            /* a quarter of an edge away from its middle: (1 +- sin 45) / 2 */
            ck_assert_float_eq_tol(gain[(unsigned)(half * 6000 + edge / 4)], first > last ? 0.146447f : 0.853553f, 1e-5);
        }
        free(gain);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(between_their_edges_saws_are_straight_and_each_the_mirror_of_the_other)
{
    struct rig up = tremolo_new(2, 1, SAW_UP), down = tremolo_new(2, 1, SAW_DOWN);
    float *rising = gains(&up, RATE_HZ), *falling = gains(&down, RATE_HZ);
    for (unsigned i = 0; i < RATE_HZ; i++) {
        unsigned at = i % 24000;
        ck_assert_float_eq_tol(rising[i] + falling[i], 1, 1e-6);
        if (at > 120 && at < 24000 - 120)
            ck_assert_float_eq_tol(rising[i], (float)at / 24000, 1e-6f);
    }
    free(rising);
    free(falling);
    rig_free(&up);
    rig_free(&down);
}
END_TEST

START_TEST(a_triangle_is_straight_both_ways)
{
    struct rig rig = tremolo_new(2, 1, TRIANGLE);
    float *gain = gains(&rig, RATE_HZ);
    for (unsigned i = 0; i < RATE_HZ; i++)
        ck_assert_float_eq_tol(gain[i], fabsf(1 - (float)(i % 24000) / 12000), 1e-6f);
    free(gain);
    rig_free(&rig);
}
END_TEST

START_TEST(a_square_as_fast_as_its_edges_is_a_sine)
{
    struct rig rig = tremolo_new(100, 1, SQUARE);
    rig_set(&rig, "edge", 10);
    float *gain = gains(&rig, RATE_HZ);
    for (unsigned i = 0; i < RATE_HZ; i++)
        ck_assert_double_eq_tol(gain[i], 0.5 + 0.5 * sin(2 * M_PI * 100 * i / RATE_HZ), 1e-5);
    free(gain);
    rig_free(&rig);
}
END_TEST

/* How loud anything from hz on is at most, beside a tone of 500 Hz that is chopped 8 times a second. */
static double splatter(float shape, float edge_ms, double hz)
{
    enum { N = 1 << 16 };
    static float in[N];
    struct rig rig = tremolo_new(8, 1, shape);
    sine_fill(in, N, 500, RATE_HZ, 1);
    rig_set(&rig, "edge", edge_ms);
    rig_start(&rig);
    float *out = rig_run(&rig, in, N);
    double *bins = spectrum(out, N), most = 0;
    for (unsigned bin = (unsigned)(hz / RATE_HZ * N); bin <= N / 2; bin++)
        most = fmax(most, bins[bin]);
    free(bins);
    free(out);
    rig_free(&rig);
    return most;
}

START_TEST(jumps_do_not_click)
{
    static const double ends_hz[] = {1000, 2000, 5000};
    static const float edges_ms[] = {2, 5, 20};
    for (unsigned shape = SQUARE; shape <= SAW_DOWN; shape++)
        for (unsigned k = 0; k < 9; k++) {
            /* The k-th side band of a square is 1 / (pi k) high, that of a saw half of it; half a cosine of e cycles in
             * place of the jump makes it less by (2 k e)^2 - 1, or more. What is left is the rounding of float, the same in every cycle. */
            double harmonic = (ends_hz[k / 3] - 500) / 8, e = (double)edges_ms[k % 3] * 8 / 1000;
            double most = (shape == SQUARE ? 1 : 0.5) / (M_PI * harmonic) / (pow(2 * harmonic * e, 2) - 1);
            double heard = splatter((float)shape, edges_ms[k % 3], ends_hz[k / 3]);
            ck_assert_msg(heard < most + 1.2e-7, "shape %u, %g ms: %.1f dB from %g Hz on, not %.1f", shape,
                          (double)edges_ms[k % 3], decibel(heard), ends_hz[k / 3], decibel(most));
        }
}
END_TEST

START_TEST(every_channel_is_ahead_of_the_one_before_by_the_stereo_phase)
{
    enum { N = 24000, CHANNELS = 8 };
    static float in[N], out[CHANNELS][N];
    float *const outs[] = {out[0], out[1], out[2], out[3], out[4], out[5], out[6], out[7]};
    struct rig rig = rig_new("tremolo", RATE_HZ, CHANNELS);
    line_fill(in, N, 1, 1);
    rig_set(&rig, "rate", 3);
    rig_set(&rig, "depth", 1);
    rig_set(&rig, "stereo_phase", 0.3f);
    rig_start(&rig);
    rig_process(&rig, (const float *[]){in, in, in, in, in, in, in, in}, outs, N);
    for (unsigned c = 0; c < CHANNELS; c++)
        for (unsigned i = 0; i < N; i += 5)
            ck_assert_double_eq_tol(out[c][i], 0.5 + 0.5 * cos(2 * M_PI * (3.0 * i / RATE_HZ + (double)0.3f * c)), 2e-6);
    rig_free(&rig);
}
END_TEST

START_TEST(a_rate_that_moves_is_followed_frame_by_frame)
{
    enum { N = RATE_HZ };
    static float in[N], rate_hz[N];
    struct rig rig = tremolo_new(1, 1, SINE);
    double cycles = 0;
    line_fill(in, N, 1, 1);
    for (unsigned i = 0; i < N; i++)
        rate_hz[i] = 50 + 49 * sinf(0.13f * (float)i); /* a kilohertz */
    rig_start(&rig);
    rig_curve(&rig, "rate", rate_hz);
    float *gain = rig_run(&rig, in, N);
    for (unsigned i = 0; i < N; i++) {
        ck_assert_double_eq_tol(gain[i], 0.5 + 0.5 * cos(2 * M_PI * cycles), 1e-6);
        cycles += (double)rate_hz[i] / RATE_HZ;
    }
    free(gain);
    rig_free(&rig);
}
END_TEST

START_TEST(locked_it_is_loudest_on_the_beat)
{
    enum { N = RATE_HZ, FROM = 123456 };
    struct rig rig = tremolo_new(1.9f, 1, SINE);
    rig_set(&rig, "lock", 1);
    rig.ticks[rig_row(&rig, "rate")] = 960; /* a quarter: 24000 frames at 120 bpm */
    rig.is_rolling = true;
    rig.position = FROM;
    float *gain = gains(&rig, N);
    for (unsigned i = 0; i < N; i++)
        ck_assert_double_eq_tol(gain[i], 0.5 + 0.5 * cos(2 * M_PI * (FROM + i) / 24000), M_PI / 24000); /* a frame */
    free(gain);
    rig_free(&rig);
}
END_TEST

START_TEST(another_shape_comes_without_a_step)
{
    enum { N = RATE_HZ };
    static float in[N], shape[N];
    struct rig rig = tremolo_new(3, 1, SINE);
    line_fill(in, N, 1, 1);
    for (unsigned i = 0; i < N; i++)
        shape[i] = (float)(i / 1000 % 5);
    rig_set(&rig, "edge", 10);
    rig_start(&rig);
    rig_curve(&rig, "shape", shape);
    float *gain = rig_run(&rig, in, N);
    /* 1 in 10 ms, and at most as much again from the steepest edge */
    ck_assert_double_lt(largest_step(gain, N), 1 / 480.0 + M_PI / 2 / 480);
    free(gain);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_gain_of_a_sine_is_a_raised_cosine_from_full_level_on,
        a_square_is_open_for_half_of_each_cycle_and_jumps_in_the_time_of_an_edge,
        between_their_edges_saws_are_straight_and_each_the_mirror_of_the_other,
        a_triangle_is_straight_both_ways,
        a_square_as_fast_as_its_edges_is_a_sine,
        jumps_do_not_click,
        every_channel_is_ahead_of_the_one_before_by_the_stereo_phase,
        a_rate_that_moves_is_followed_frame_by_frame,
        locked_it_is_loudest_on_the_beat,
        another_shape_comes_without_a_step,
    };
    return suite_run("tremolo", 60, tests, ROWS(tests));
}
