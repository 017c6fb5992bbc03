#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000.0
#define N       32768
#define SKIP    4096 /* frames until the filters have settled */

enum { TANH, TUBE, HARD, FOLD, N_SHAPES };
enum { X1, X2, X4, X8 };

static struct rig distortion_new(unsigned shape, float drive_db, unsigned oversample, unsigned channels)
{
    struct rig rig = rig_new("distortion", RATE_HZ, channels);
    rig_set(&rig, "shape", (float)shape);
    rig_set(&rig, "drive", drive_db);
    rig_set(&rig, "oversample", (float)oversample);
    return rig;
}

/* What a started distortion makes of a signal; N frames after SKIP others, free(). */
static float *render(struct rig *rig, const float *in)
{
    rig_start(rig);
    float *out = rig_run(rig, in, SKIP + N);
    memmove(out, out + SKIP, N * sizeof *out);
    return out;
}

static float in[SKIP + N];

static double aliases_db(unsigned shape, float drive_db, unsigned oversample)
{
    sine_fill(in, SKIP + N, 5000, RATE_HZ, 1);
    struct rig rig = distortion_new(shape, drive_db, oversample, 1);
    float *out = render(&rig, in);
    double db = inharmonic_db(out, N, 5000, RATE_HZ);
    free(out);
    rig_free(&rig);
    return db;
}

START_TEST(aliases_of_a_full_5_khz_sine_are_where_the_table_says)
{
    /* The most of 0, 10 and 20 dB of drive: docs/sound/distortion.md. */
    static const double most_db[N_SHAPES][2] = {
        [TANH] = {-57, -105}, [TUBE] = {-53, -95}, [HARD] = {-85, -100}, [FOLD] = {-45, -60}};
    for (unsigned shape = 0; shape < N_SHAPES; shape++)
        for (unsigned factor = X4; factor <= X8; factor++)
            for (float drive = 0; drive <= 20; drive += 10) {
                double db = aliases_db(shape, drive, factor);
                ck_assert_msg(db <= most_db[shape][factor - X4], "shape %u, x%u, %g dB: %.1f dB", shape, 1u << factor,
                              (double)drive, db);
            }
}
END_TEST

/* out / in of a signal of -18 dB rms, in dB. */
static double gain_db(unsigned shape, float drive_db, bool noise)
{
    if (noise)
        noise_fill(in, SKIP + N, 1, 3);
    else
        sine_fill(in, SKIP + N, 300, RATE_HZ, 1);
    /* Noise up to 3 kHz: what is folded is as wide as a multiple of it, and what is above half the rate is not heard. */
    for (unsigned pass = 0; noise && pass < 32; pass++)
        for (unsigned i = SKIP + N - 1; i > 0; i--)
            in[i] = 0.5f * (in[i] + in[i - 1]);
    double scale = pow(10, -18 / 20.0) / rms(in, SKIP + N);
    for (unsigned i = 0; i < SKIP + N; i++)
        in[i] *= (float)scale;
    struct rig rig = distortion_new(shape, drive_db, X4, 1);
    float *out = render(&rig, in);
    double db = decibel(rms(out, N)) + 18;
    free(out);
    rig_free(&rig);
    return db;
}

START_TEST(drive_does_not_change_the_level_of_a_sine_or_of_noise)
{
    static const double most_db[N_SHAPES] = {[TANH] = 1, [TUBE] = 1, [HARD] = 1, [FOLD] = 3};
    for (unsigned shape = 0; shape < N_SHAPES; shape++)
        for (float drive = 0; drive <= (shape == FOLD ? 36 : 48); drive += 3)
            for (int noise = 0; noise <= 1; noise++) {
                double db = gain_db(shape, drive, noise);
                ck_assert_msg(fabs(db) < most_db[shape], "shape %u, %g dB, %s: %.2f dB", shape, (double)drive,
                              noise ? "noise" : "sine", db);
            }
}
END_TEST

START_TEST(the_dry_signal_is_as_late_as_is_told_to_the_bit)
{
    noise_fill(in, SKIP + N, 0.5, 5);
    for (unsigned factor = X1; factor <= X8; factor++) {
        struct rig rig = distortion_new(HARD, 20, factor, 1);
        rig_set(&rig, "mix", 0);
        rig_start(&rig);
        float *out = rig_run(&rig, in, N);
        ck_assert_uint_gt(rig.latency_frames, 0);
        ck_assert_mem_eq(out + rig.latency_frames, in, (N - rig.latency_frames) * sizeof *in);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(half_dry_and_half_bent_do_not_comb)
{
    /* Below the knee hard is a wire, but for the treble that its antialiasing takes at low factors. */
    static const double most_db[] = {[X2] = 1.4, [X4] = 0.35, [X8] = 0.1};
    for (unsigned factor = X2; factor <= X8; factor++)
        for (double hz = 40; hz < 20000; hz *= 1.31) {
            sine_fill(in, SKIP + N, hz, RATE_HZ, 0.5);
            struct rig rig = distortion_new(HARD, 0, factor, 1);
            rig_set(&rig, "mix", 0.5f);
            float *out = render(&rig, in);
            double db = decibel(tone_amplitude(out, N, hz, RATE_HZ) / 0.5);
            db -= decibel((1 + pow(10, 0.018 / 20)) / 2); /* the makeup at 0 dB, no more than 0.02 dB */
            ck_assert_msg(db < 0.05 && db > -most_db[factor], "x%u at %.0f Hz: %.3f dB", 1u << factor, hz, db);
            free(out);
            rig_free(&rig);
        }
}
END_TEST

/* The curves in double precision, from their definitions. */
static double curve(unsigned shape, double u)
{
    double v = remainder(u, 4);
    switch (shape) {
    case TANH:
        return tanh(u);
    case TUBE:
        return 0.116666136 * tanh(0.12 * u - 0.83) + 1.02711951 * tanh(1.16 * u - 0.434);
    case HARD:
        return fmin(fmax(u, -1), 1);
    default:
        return fabs(v) <= 1 ? v : copysign(2, v) - v;
    }
}

/* The amplitude of the k-th partial that the curve makes of a sine. */
static double partial(unsigned shape, double amplitude, double bias, unsigned k)
{
    enum { POINTS = 4096 };
    double complex sum = 0;
    for (unsigned i = 0; i < POINTS; i++) {
        double t = 2 * M_PI * i / POINTS;
        sum += curve(shape, amplitude * sin(t) + bias) * cexp(-I * k * t);
    }
    return 2 * cabs(sum) / POINTS;
}

START_TEST(the_partials_of_a_sine_are_those_of_the_curve)
{
    static const float drives_db[] = {6, 20}, biases[] = {0, -0.4f};
    sine_fill(in, SKIP + N, 300, RATE_HZ, 0.7);
    for (unsigned k = 0; k < 4 * N_SHAPES; k++) {
        unsigned shape = k / 4;
        struct rig rig = distortion_new(shape, drives_db[k / 2 % 2], X8, 1);
        rig_set(&rig, "bias", biases[k % 2]);
        float *out = render(&rig, in);
        double amplitude = 0.7 * pow(10, (double)drives_db[k / 2 % 2] / 20), bias = (double)biases[k % 2];
        double scale = tone_amplitude(out, N, 300, RATE_HZ) / partial(shape, amplitude, bias, 1);
        for (unsigned p = 2; p < 12; p++) {
            double heard = tone_amplitude(out, N, 300 * p, RATE_HZ), meant = scale * partial(shape, amplitude, bias, p);
            ck_assert_msg(fabs(heard - meant) < 2e-4 * scale, "shape %u, drive %g, bias %g, partial %u: %g, not %g", shape,
                          (double)drives_db[k / 2 % 2], bias, p, heard, meant);
        }
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(only_an_uneven_curve_makes_even_partials)
{
    sine_fill(in, SKIP + N, 300, RATE_HZ, 0.5);
    for (unsigned shape = 0; shape < N_SHAPES; shape++)
        for (int biased = 0; biased <= 1; biased++) {
            struct rig rig = distortion_new(shape, 12, X4, 1);
            rig_set(&rig, "bias", biased ? 0.5f : 0);
            float *out = render(&rig, in);
            double db = decibel(tone_amplitude(out, N, 600, RATE_HZ) / tone_amplitude(out, N, 300, RATE_HZ));
            bool even = shape == TUBE || biased;
            ck_assert_msg(even ? db > -30 : db < -110, "shape %u, biased %d: %.1f dB", shape, biased, db);
            ck_assert_double_le(fabs(mean(out + 16000, 16000)), 1e-4); /* whole cycles */
            free(out);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(silence_stays_silent_under_a_bias_that_moves)
{
    static float drive[N], bias[N], silence[N];
    noise_fill(bias, N, 1, 6);
    noise_fill(drive, N, 20, 7);
    for (unsigned i = 0; i < N; i++)
        drive[i] += 20;
    for (unsigned shape = 0; shape < N_SHAPES; shape++) {
        struct rig rig = distortion_new(shape, 20, X4, 1);
        rig_start(&rig);
        rig_curve(&rig, "bias", bias);
        rig_curve(&rig, "drive", drive);
        float *out = rig_run(&rig, NULL, N);
        ck_assert_mem_eq(out, silence, sizeof silence);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_tone_is_3_decibels_down_at_its_frequency)
{
    for (double hz = 300; hz < 10000; hz *= 3) {
        double heard[2];
        sine_fill(in, SKIP + N, hz, RATE_HZ, 0.25);
        for (int on = 0; on <= 1; on++) {
            struct rig rig = distortion_new(TANH, 6, X2, 1);
            if (on)
                rig_set(&rig, "tone", (float)hz);
            float *out = render(&rig, in);
            heard[on] = tone_amplitude(out, N, hz, RATE_HZ);
            free(out);
            rig_free(&rig);
        }
        ck_assert_double_eq_tol(decibel(heard[1] / heard[0]), -3.0103, 0.01);
    }
}
END_TEST

START_TEST(another_shape_comes_without_a_click)
{
    sine_fill(in, SKIP + N, 200, RATE_HZ, 0.5);
    for (unsigned from = 0; from < N_SHAPES; from++)
        for (unsigned to = 0; to < N_SHAPES; to++) {
            struct rig rig = distortion_new(from, 6, X4, 1);
            rig_start(&rig);
            float *before = rig_run(&rig, in, 12003);
            rig_set(&rig, "shape", (float)to);
            float *after = rig_run(&rig, in + 12003, 6000);
            /* The steepest that a sine of 0.5 gets here: folded, it is as steep as before, but never more. */
            double steepest = 1.2 * fmax(largest_step(before + 4000, 8000), largest_step(after + 3000, 3000));
            ck_assert_double_le(largest_step(after, 6000), steepest);
            ck_assert_double_le(fabs((double)after[0] - (double)before[12002]), steepest);
            free(before);
            free(after);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(drive_that_is_modulated_makes_its_side_bands_and_nothing_else)
{
    static float drive[SKIP + N];
    sine_fill(in, SKIP + N, 3000, RATE_HZ, 0.001);
    sine_fill(drive, SKIP + N, 7000, RATE_HZ, 6);
    for (unsigned i = 0; i < SKIP + N; i++)
        drive[i] += 12;
    struct rig rig = distortion_new(HARD, 12, X8, 1);
    rig_start(&rig);
    rig_curve(&rig, "drive", drive);
    float *out = rig_run(&rig, in, SKIP + N);
    /* The makeup takes back what the drive gives: far below the knee nothing is left of the modulation but the difference of two ways
     * to interpolate, and it lies at multiples of 1 kHz. */
    ck_assert_double_le(inharmonic_db(out + SKIP, N, 1000, RATE_HZ), -100);
    ck_assert_double_eq_tol(decibel(tone_amplitude(out + SKIP, N, 3000, RATE_HZ) / 0.001), 0, 1);
    free(out);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        aliases_of_a_full_5_khz_sine_are_where_the_table_says,
        drive_does_not_change_the_level_of_a_sine_or_of_noise,
        the_dry_signal_is_as_late_as_is_told_to_the_bit,
        half_dry_and_half_bent_do_not_comb,
        the_partials_of_a_sine_are_those_of_the_curve,
        only_an_uneven_curve_makes_even_partials,
        silence_stays_silent_under_a_bias_that_moves,
        the_tone_is_3_decibels_down_at_its_frequency,
        another_shape_comes_without_a_click,
        drive_that_is_modulated_makes_its_side_bands_and_nothing_else,
    };
    return suite_run("distortion", 30, tests, ROWS(tests));
}
