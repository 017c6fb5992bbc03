#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define CARRIER 2 /* bit of the port */

static struct rig ringmod_new(float hz, bool doubled)
{
    struct rig rig = rig_new("ringmod", RATE_HZ, 1);
    rig_set(&rig, "freq", hz);
    rig_set(&rig, "oversample", doubled);
    rig.unwired = CARRIER;
    return rig;
}

/* Runs a signal through, with a carrier or null. */
static void run(struct rig *rig, const float *in, const float *carrier, float *out, size_t n)
{
    static const float silence[1 << 16];
    rig_process(rig, (const float *[]){in, carrier ? carrier : silence}, (float *[]){out}, n);
}

START_TEST(two_tones_become_their_sum_and_their_difference_of_half_the_level)
{
    enum { N = 48000, FROM = 1000 };
    static float in[N], carrier[N], out[N];
    static const double tones_hz[] = {1000, 5000}, carriers_hz[] = {30, 440, 3000};
    for (unsigned k = 0; k < 24; k++) {
        double f1 = tones_hz[k % 2], f2 = carriers_hz[k / 2 % 3], level = k >= 12 ? 0.6 : 1;
        struct rig rig = ringmod_new((float)f2, k / 6 % 2);
        rig.unwired = k >= 12 ? 0 : CARRIER;
        sine_fill(in, N, f1, RATE_HZ, 0.8);
        sine_fill(carrier, N, f2, RATE_HZ, 0.6);
        rig_start(&rig);
        run(&rig, in, carrier, out, N);
        for (int side = -1; side <= 1; side += 2)
            ck_assert_double_eq_tol(decibel(tone_amplitude(out + FROM, N - FROM, f1 + side * f2, RATE_HZ)),
                                    decibel(0.8 * level / 2), 0.002);
        ck_assert_double_lt(decibel(tone_amplitude(out + FROM, N - FROM, f1, RATE_HZ)), -110);
        ck_assert_double_lt(decibel(tone_amplitude(out + FROM, N - FROM, f2, RATE_HZ)), -110);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_product_is_that_of_signal_and_sine_frame_by_frame)
{
    enum { N = 48000 };
    static float in[N], out[N];
    struct rig rig = ringmod_new(777, false);
    noise_fill(in, N, 1, 1);
    rig_start(&rig);
    run(&rig, in, NULL, out, N);
    for (unsigned i = 0; i < N; i++)
        ck_assert_double_eq_tol(out[i], (double)in[i] * sin(2 * M_PI * 777 * i / RATE_HZ), 1e-6);
    rig_free(&rig);
}
END_TEST

START_TEST(at_twice_the_rate_nothing_folds)
{
    enum { N = 1 << 15, FROM = 1000 };
    static float in[N + FROM], out[N + FROM];
    /* The sum of 15 and 13 kHz would come back at 20 kHz. */
    for (unsigned doubled = 0; doubled < 2; doubled++) {
        struct rig rig = ringmod_new(13000, doubled);
        sine_fill(in, N + FROM, 15000, RATE_HZ, 1);
        rig_start(&rig);
        run(&rig, in, NULL, out, N + FROM);
        double fold_db = decibel(tone_amplitude(out + FROM, N, 20000, RATE_HZ));
        ck_assert_double_eq_tol(decibel(tone_amplitude(out + FROM, N, 2000, RATE_HZ)), decibel(0.5), 0.01);
        if (doubled)
            ck_assert_double_lt(fold_db, -95);
        else
            ck_assert_double_eq_tol(fold_db, decibel(0.5), 0.01);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(of_what_can_be_heard_a_carrier_up_to_8_kHz_folds_to_where_nothing_is_heard)
{
    enum { N = 1 << 15 };
    static float in[N], out[N];
    for (double tone_hz = 1000; tone_hz <= 20000; tone_hz += 1900) {
        struct rig rig = ringmod_new(8000, false);
        sine_fill(in, N, tone_hz, RATE_HZ, 1);
        rig_start(&rig);
        run(&rig, in, NULL, out, N);
        double *bins = spectrum(out, N);
        for (unsigned bin = 0; bin < 19980.0 / RATE_HZ * N; bin++) {
            double hz = (double)bin * RATE_HZ / N;
            bool meant = fabs(hz - fabs(tone_hz - 8000)) < 15 || fabs(hz - tone_hz - 8000) < 15;
            ck_assert(meant || decibel(bins[bin]) < -100);
        }
        free(bins);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_mix_is_with_a_signal_that_is_as_late)
{
    enum { N = 4000 };
    static float in[N], one[N], out[N];
    noise_fill(in, N, 1, 2);
    line_fill(one, N, 1, 1);
    for (unsigned doubled = 0; doubled < 2; doubled++) {
        struct rig rig = ringmod_new(100, doubled);
        rig_set(&rig, "mix", 0);
        rig.unwired = 0;
        rig_start(&rig);
        run(&rig, in, one, out, N);
        unsigned late = rig.latency_frames;
        ck_assert(doubled ? late > 0 : late == 0);
        ck_assert_mem_eq(out + late, in, (N - late) * sizeof *in);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(times_one_it_is_the_signal)
{
    enum { N = 8000 };
    static float in[N], one[N], out[N];
    struct rig rig = ringmod_new(100, true);
    sine_fill(in, N, 3000, RATE_HZ, 1);
    line_fill(one, N, 1, 1);
    rig.unwired = 0;
    rig_start(&rig);
    run(&rig, in, one, out, N);
    unsigned late = rig.latency_frames;
    for (unsigned i = 1000; i < N; i++)
        ck_assert_double_eq_tol(out[i], in[i - late], 1e-4);
    rig_free(&rig);
}
END_TEST

START_TEST(a_carrier_comes_and_goes_without_a_step)
{
    enum { N = 4800 };
    static float in[N], carrier[N], out[3 * N];
    struct rig rig = ringmod_new(50, false);
    line_fill(in, N, 1, 1);
    sine_fill(carrier, N, 10, RATE_HZ, -1);
    rig_start(&rig);
    for (unsigned k = 0; k < 3; k++) {
        rig.unwired = k == 1 ? 0 : CARRIER;
        run(&rig, in, carrier, out + k * N, N);
    }
    ck_assert_double_lt(largest_step(out, 3 * N), 2 * M_PI * 50 / RATE_HZ + 2 / 480.0);
    /* in the end each alone */
    for (unsigned i = 1000; i < N; i++) {
        ck_assert_float_eq_tol(out[N + i], carrier[i], 1e-6f);
        ck_assert_double_eq_tol(out[2 * N + i], sin(2 * M_PI * 50 * (2 * N + i) / RATE_HZ), 1e-5);
    }
    rig_free(&rig);
}
END_TEST

START_TEST(a_frequency_that_moves_at_audio_rate_is_followed)
{
    enum { N = 48000 };
    static float in[N], hz[N];
    struct rig rig = ringmod_new(1000, false);
    double cycles = 0;
    line_fill(in, N, 1, 1);
    for (unsigned i = 0; i < N; i++)
        hz[i] = 1000 + 900 * sinf(0.05f * (float)i);
    rig_start(&rig);
    rig_curve(&rig, "freq", hz);
    static float out[N];
    run(&rig, in, NULL, out, N);
    for (unsigned i = 0; i < N; i++) {
        ck_assert_double_eq_tol(out[i], sin(2 * M_PI * cycles), 1e-5);
        cycles += (double)hz[i] / RATE_HZ;
    }
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        two_tones_become_their_sum_and_their_difference_of_half_the_level,
        the_product_is_that_of_signal_and_sine_frame_by_frame,
        at_twice_the_rate_nothing_folds,
        of_what_can_be_heard_a_carrier_up_to_8_kHz_folds_to_where_nothing_is_heard,
        the_mix_is_with_a_signal_that_is_as_late,
        times_one_it_is_the_signal,
        a_carrier_comes_and_goes_without_a_step,
        a_frequency_that_moves_at_audio_rate_is_followed,
    };
    return suite_run("ringmod", 60, tests, ROWS(tests));
}
