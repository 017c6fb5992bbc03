#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000.0
#define N       32768
#define SKIP    4096
#define LATENCY 47
#define ALL_HZ  48000 /* nothing is held */

static float in[SKIP + N];

static struct rig crusher_new(float bits, float rate_hz)
{
    struct rig rig = rig_new("bitcrusher", RATE_HZ, 1);
    rig_set(&rig, "bits", bits);
    rig_set(&rig, "rate", rate_hz);
    return rig;
}

/* What it makes of `in`, as early as that: SKIP + N - LATENCY frames, free(). */
static float *render(struct rig *rig)
{
    rig_start(rig);
    ck_assert_uint_eq(rig->latency_frames, LATENCY);
    float *out = rig_run(rig, in, SKIP + N);
    memmove(out, out + LATENCY, (SKIP + N - LATENCY) * sizeof *out);
    return out;
}

START_TEST(all_bits_and_all_samples_pass_the_signal)
{
    noise_fill(in, SKIP + N, 1, 3);
    struct rig rig = crusher_new(24, ALL_HZ);
    float *out = render(&rig);
    for (unsigned i = 0; i < SKIP + N - LATENCY; i++)
        if (fabs((double)out[i] - (double)in[i]) > 0x1p-24)
            ck_abort_msg("frame %u: %.9g, not %.9g", i, (double)out[i], (double)in[i]);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(every_bit_is_6_decibels_of_noise)
{
    sine_fill(in, SKIP + N, 997.123, RATE_HZ, 1);
    for (float bits = 2; bits <= 20; bits += bits < 12 ? 0.5f : 1) {
        struct rig rig = crusher_new(bits, ALL_HZ);
        float *out = render(&rig);
        double db = snr_db(in, out, SKIP + N - LATENCY), theory = 6.0206 * (double)bits + 1.7609;
        /* Of few steps the error is no noise yet. */
        ck_assert_msg(fabs(db - theory) < (bits < 5 ? 1.5 : 0.5), "%g bits: %.2f dB, not %.2f", (double)bits, db, theory);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(there_are_as_many_steps_as_the_bits_say)
{
    line_fill(in, SKIP + N, -1, 1);
    for (unsigned bits = 1; bits <= 8; bits++) {
        struct rig rig = crusher_new((float)bits, ALL_HZ);
        float *out = render(&rig);
        unsigned steps = 0;
        for (unsigned i = 1; i < SKIP + N - LATENCY; i++) {
            steps += out[i] != out[i - 1];
            ck_assert_float_eq(out[i] * (float)(1 << (bits - 1)), roundf(out[i] * (float)(1 << (bits - 1))));
        }
        ck_assert_uint_eq(steps, 1u << bits);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(dither_turns_distortion_into_noise)
{
    /* One and a half steps high. */
    sine_fill(in, SKIP + N, 1000, RATE_HZ, 1.5 / 128);
    double third[2], power[2];
    for (int dither = 0; dither <= 1; dither++) {
        struct rig rig = crusher_new(8, ALL_HZ);
        rig_set(&rig, "dither", (float)dither);
        float *out = render(&rig);
        third[dither] = tone_amplitude(out, N, 3000, RATE_HZ) * 128;
        for (unsigned i = 0; i < N; i++)
            out[i] -= in[i];
        power[dither] = pow(rms(out, N) * 128, 2);
        free(out);
        rig_free(&rig);
    }
    ck_assert_double_ge(third[0], 0.05);
    ck_assert_double_le(third[1], 0.01);
    ck_assert_double_eq_tol(power[1], 0.25, 0.01); /* 1/12 of rounding and 1/6 of the noise, in steps */
}
END_TEST

START_TEST(images_are_where_a_hold_puts_them_and_nothing_else_is)
{
    static const float rates_hz[] = {3000, 7919, 12345, 30000, 42000};
    static const double tones_hz[] = {440, 1117, 3301};
    for (unsigned k = 0; k < ROWS(rates_hz) * ROWS(tones_hz); k++) {
        double clock = (double)rates_hz[k / ROWS(tones_hz)], hz = tones_hz[k % ROWS(tones_hz)], sum = 0, all;
        if (hz > 0.4 * clock)
            continue;
        sine_fill(in, SKIP + N, hz, RATE_HZ, 1);
        struct rig rig = crusher_new(24, (float)clock);
        float *out = render(&rig);
        for (int image = -40; image <= 40; image++) {
            double at = fabs(image * clock + hz), fall = fabs(sin(M_PI * at / clock) / (M_PI * at / clock));
            if (at > 0.46 * RATE_HZ)
                continue;
            double heard = tone_amplitude(out + SKIP - LATENCY, N, at, RATE_HZ);
            if (at < 0.41 * RATE_HZ)
                ck_assert_msg(fabs(heard - fall) < 2e-4, "%g Hz at %g Hz, image %.0f Hz: %g, not %g", hz, clock, at, heard,
                              fall);
            sum += heard * heard / 2;
        }
        /* All other power: that of the last bit of the spectrum, where the edges end, is left out. */
        all = pow(rms(out + SKIP - LATENCY, N), 2);
        ck_assert_msg(fabs(all - sum) < 2e-2 * all, "%g Hz at %g Hz: power %g, not %g", hz, clock, all, sum);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(no_edge_folds_back)
{
    /* A clock of which all images lie on multiples of 100 Hz, and all that folds does not: 48000 is none of 700. */
    sine_fill(in, SKIP + N, 700, RATE_HZ, 1);
    struct rig rig = crusher_new(24, 6300);
    float *out = render(&rig);
    ck_assert_double_le(inharmonic_db(out + SKIP - LATENCY, N, 700, RATE_HZ), -75);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(the_dry_signal_is_as_late_as_the_crushed_one)
{
    sine_fill(in, SKIP + N, 1000, RATE_HZ, 0.5);
    static const float mixes[] = {0, 0.5f, 1};
    for (unsigned k = 0; k < ROWS(mixes); k++) {
        struct rig rig = crusher_new(24, ALL_HZ);
        rig_set(&rig, "mix", mixes[k]);
        float *out = render(&rig);
        ck_assert_double_ge(snr_db(in, out, SKIP + N - LATENCY), 130);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(bits_that_glide_change_the_steps_without_a_gap)
{
    static float bits[SKIP + N];
    exponential_fill(bits, SKIP + N, 2, 12);
    sine_fill(in, SKIP + N, 100, RATE_HZ, 0.9);
    struct rig rig = crusher_new(2, ALL_HZ);
    rig_curve(&rig, "bits", bits);
    float *out = render(&rig);
    for (unsigned i = 0; i < SKIP + N - LATENCY; i++) {
        /* The clock hears a frame AHEAD of which others have come: 15. */
        double step = pow(2, 1 - (double)bits[i + 15]);
        ck_assert_double_le(fabs((double)out[i] - (double)in[i]), 0.5001 * step + 1e-7);
    }
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(the_rate_comes_to_its_end_without_a_click)
{
    static float rate[SKIP + N];
    sine_fill(in, SKIP + N, 500, RATE_HZ, 0.5);
    exponential_fill(rate, SKIP + N, 30000, 48000);
    for (unsigned i = 0; i < SKIP + N; i++)
        rate[i] = rate[i] > 47999 ? 48000 : rate[i];
    struct rig rig = crusher_new(24, 30000);
    rig_curve(&rig, "rate", rate);
    float *out = render(&rig);
    ck_assert_double_le(largest_step(out, SKIP + N - LATENCY), 2 * largest_step(in, SKIP + N));
    free(out);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        all_bits_and_all_samples_pass_the_signal,
        every_bit_is_6_decibels_of_noise,
        there_are_as_many_steps_as_the_bits_say,
        dither_turns_distortion_into_noise,
        images_are_where_a_hold_puts_them_and_nothing_else_is,
        no_edge_folds_back,
        the_dry_signal_is_as_late_as_the_crushed_one,
        bits_that_glide_change_the_steps_without_a_gap,
        the_rate_comes_to_its_end_without_a_click,
    };
    return suite_run("bitcrusher", 20, tests, ROWS(tests));
}
