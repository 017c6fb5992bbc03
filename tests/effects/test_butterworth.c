#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

enum { LOWPASS, HIGHPASS };

struct setting {
    int mode;
    unsigned order;
    double cutoff_hz, rate_hz;
};

static struct rig filter_new(struct setting setting)
{
    struct rig rig = rig_new("butterworth", setting.rate_hz, 1);
    rig_set(&rig, "mode", (float)setting.mode);
    rig_set(&rig, "order", (float)setting.order);
    rig_set(&rig, "cutoff", (float)setting.cutoff_hz);
    rig_start(&rig);
    return rig;
}

static float *floats_new(size_t n)
{
    float *x = calloc(n, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

/* Runs with its cutoff given frame by frame, though it stays the same: the filter cannot know. */
static float *run_moving(struct rig *rig, const float *in, size_t n, double cutoff_hz)
{
    float *cutoff = floats_new(n);
    line_fill(cutoff, n, cutoff_hz, cutoff_hz);
    rig_curve(rig, "cutoff", cutoff);
    float *out = rig_run(rig, in, n);
    free(cutoff);
    return out;
}

/* Frequency of the analogue filter that the bilinear transform shows at hz, relative to the cutoff. */
static double warped(struct setting setting, double hz)
{
    return tan(M_PI * hz / setting.rate_hz) / tan(M_PI * setting.cutoff_hz / setting.rate_hz);
}

/* Magnitude by the formula that defines the filter, without any poles. */
static double prototype(struct setting setting, double hz)
{
    double w = warped(setting, hz), edge = setting.mode == LOWPASS ? w : 1 / w;
    return 1 / sqrt(1 + pow(edge, 2.0 * setting.order));
}

/* Until an impulse has decayed by 150 dB: the sharpest pair of poles, k = 2 sin(pi / 2 order), decides. */
static size_t ring_down_frames(struct setting setting)
{
    double g = tan(M_PI * setting.cutoff_hz / setting.rate_hz), angle = M_PI / (2 * setting.order);
    double complex pole = -sin(angle) + I * cos(angle);
    return 200 + (size_t)(17.3 / -log(cabs((1 + g * pole) / (1 - g * pole))));
}

static void check_response(struct setting setting, bool moving)
{
    static const double parts[] = {0.01, 0.1, 0.5, 0.9, 0.99, 1, 1.01, 1.1, 2, 10};
    size_t n = ring_down_frames(setting);
    float *in = floats_new(n);
    impulse_fill(in, n, 0);
    struct rig rig = filter_new(setting);
    float *out = moving ? run_moving(&rig, in, n, setting.cutoff_hz) : rig_run(&rig, in, n);
    for (unsigned i = 0; i < ROWS(parts); i++) {
        double hz = parts[i] * setting.cutoff_hz;
        if (hz > 0.49 * setting.rate_hz)
            continue;
        double expected = prototype(setting, hz), measured = cabs(response_at(out, n, hz, setting.rate_hz));
        double tolerance = fmax(expected * (pow(10, 0.01 / 20) - 1), 1e-6);
        ck_assert_msg(fabs(measured - expected) < tolerance,
                      "%s, mode %d, order %u, cutoff %g, rate %g: %.4f dB at %g Hz, not %.4f", moving ? "moving" : "still",
                      setting.mode, setting.order, setting.cutoff_hz, setting.rate_hz, decibel(measured), hz,
                      decibel(expected));
    }
    rig_free(&rig);
    free(in);
    free(out);
}

START_TEST(every_response_is_that_of_the_prototype)
{
    static const double rates_hz[] = {44100, 48000, 192000}, cutoffs_hz[] = {50, 1000, 5000, 20000};
    for (int mode = LOWPASS; mode <= HIGHPASS; mode++)
        for (unsigned order = 2; order <= 16; order += 2)
            for (unsigned r = 0; r < ROWS(rates_hz); r++)
                for (unsigned c = 0; c < ROWS(cutoffs_hz); c++)
                    for (int moving = 0; moving <= 1; moving++)
                        check_response((struct setting){mode, order, cutoffs_hz[c], rates_hz[r]}, moving);
}
END_TEST

START_TEST(the_lowest_cutoff_is_exact_too)
{
    for (int moving = 0; moving <= 1; moving++) {
        check_response((struct setting){LOWPASS, 10, 10, 192000}, moving);
        check_response((struct setting){HIGHPASS, 10, 10, 192000}, moving);
    }
}
END_TEST

/* Level of a sine that has gone through. */
static double level_db(struct setting setting, double hz)
{
    enum { N = 48000, WINDOW = 12000 };
    static float in[N];
    sine_fill(in, N, hz, setting.rate_hz, 1);
    struct rig rig = filter_new(setting);
    float *out = rig_run(&rig, in, N);
    double db = decibel(tone_amplitude(out + N - WINDOW, WINDOW, hz, setting.rate_hz));
    free(out);
    rig_free(&rig);
    return db;
}

START_TEST(a_sine_at_the_cutoff_is_3_decibels_down_at_any_order)
{
    static const double cutoffs_hz[] = {100, 1000, 4321, 15000};
    for (int mode = LOWPASS; mode <= HIGHPASS; mode++)
        for (unsigned order = 2; order <= 16; order += 2)
            for (unsigned c = 0; c < ROWS(cutoffs_hz); c++)
                ck_assert_double_eq_tol(level_db((struct setting){mode, order, cutoffs_hz[c], 48000}, cutoffs_hz[c]),
                                        -3.0103, 0.005);
}
END_TEST

/* One octave beyond the cutoff and two: down to 192 dB below what goes in, where the rounding of the input is not yet
 * heard beside it. */
START_TEST(the_slope_is_6_decibels_per_octave_for_each_order)
{
    for (unsigned order = 4; order <= 16; order += 2) {
        struct setting low = {LOWPASS, order, 100, 48000}, high = {HIGHPASS, order, 4000, 48000};
        double octave = 20 * log10(warped(low, 400) / warped(low, 200));
        ck_assert_double_eq_tol(level_db(low, 200) - level_db(low, 400), order * octave, 0.02);
        octave = 20 * log10(warped(high, 2000) / warped(high, 1000));
        ck_assert_double_eq_tol(level_db(high, 2000) - level_db(high, 1000), order * octave, 0.02);
    }
}
END_TEST

START_TEST(eight_frames_at_once_sound_as_one_at_a_time)
{
    enum { N = 24000 };
    static float in[N];
    noise_fill(in, N, 0.5, 1);
    for (int mode = LOWPASS; mode <= HIGHPASS; mode++)
        for (unsigned order = 2; order <= 16; order += 2)
            for (double cutoff_hz = 10; cutoff_hz <= 20000; cutoff_hz *= 3.5) {
                struct setting setting = {mode, order, cutoff_hz, 48000};
                struct rig still = filter_new(setting), moving = filter_new(setting);
                float *at_once = rig_run(&still, in, N), *single = run_moving(&moving, in, N, cutoff_hz);
                double agree_db = snr_db(single, at_once, N);
                ck_assert_msg(agree_db > 110, "mode %d, order %u, cutoff %g: %.1f dB", mode, order, cutoff_hz, agree_db);
                free(at_once);
                free(single);
                rig_free(&still);
                rig_free(&moving);
            }
}
END_TEST

START_TEST(without_input_any_modulation_only_lets_it_fade)
{
    enum { N = 96000 };
    static float in[N], cutoff[N], mode[N];
    noise_fill(in, N / 4, 1, 2);
    noise_fill(cutoff, N, 1, 3);
    noise_fill(mode, N, 1, 4);
    for (unsigned i = 0; i < N; i++) {
        cutoff[i] = 450 * powf(2, 5.4f * cutoff[i]);
        mode[i] = i % 3000 ? mode[i - (i > 0)] : mode[i] > 0;
    }
    for (unsigned order = 2; order <= 16; order += 2) {
        struct rig rig = filter_new((struct setting){LOWPASS, order, 1000, 48000});
        rig_curve(&rig, "cutoff", cutoff);
        rig_curve(&rig, "mode", mode);
        float *out = rig_run(&rig, in, N);
        ck_assert_double_lt(peak(out, N / 4), 100);
        for (unsigned part = 1; part < 4; part++)
            ck_assert_double_lt(decibel(peak(out + part * N / 4 + 12000, N / 4 - 12000)), -100);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_sweep_through_the_spectrum_has_no_steps)
{
    enum { N = 48000 };
    static float in[N], cutoff[N];
    sine_fill(in, N, 100, 48000, 1);
    exponential_fill(cutoff, N, 10000, 20);
    struct rig rig = filter_new((struct setting){LOWPASS, 10, 1000, 48000});
    rig_curve(&rig, "cutoff", cutoff);
    float *out = rig_run(&rig, in, N);
    ck_assert_double_lt(largest_step(out, N), 1.5 * 2 * M_PI * 100 / 48000);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(a_change_of_mode_does_not_click)
{
    enum { N = 6000 };
    float in[N], mode[N];
    sine_fill(in, N, 100, 48000, 1);
    for (unsigned i = 0; i < N; i++)
        mode[i] = i / 2000 == 1 ? HIGHPASS : LOWPASS;
    struct rig rig = filter_new((struct setting){LOWPASS, 4, 500, 48000});
    rig_curve(&rig, "mode", mode);
    float *out = rig_run(&rig, in, N);
    ck_assert_double_lt(peak(out + 1000, 900), 1.01);
    ck_assert_double_lt(peak(out + 3000, 900), 0.01);
    /* the sine's own slope, and two fades of full scale in 10 ms */
    ck_assert_double_lt(largest_step(out, N), 2 * M_PI * 100 / 48000 + 2 * 2 / 480.0);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(every_channel_is_filtered_alone)
{
    enum { N = 3000, CHANNELS = 3 };
    static float in[CHANNELS][N], out[CHANNELS][N], cutoff[N];
    line_fill(cutoff, N, 500, 2000);
    for (int moving = 0; moving <= 1; moving++) {
        struct rig rig = rig_new("butterworth", 48000, CHANNELS);
        rig_start(&rig);
        rig_curve(&rig, "cutoff", moving ? cutoff : NULL);
        for (unsigned c = 0; c < CHANNELS; c++)
            noise_fill(in[c], N, 1, c);
        rig_process(&rig, (const float *[]){in[0], in[1], in[2]}, (float *[]){out[0], out[1], out[2]}, N);
        for (unsigned c = 0; c < CHANNELS; c++) {
            struct rig mono = rig_new("butterworth", 48000, 1);
            rig_start(&mono);
            rig_curve(&mono, "cutoff", moving ? cutoff : NULL);
            float *alone = rig_run(&mono, in[c], N);
            ck_assert_mem_eq(alone, out[c], sizeof out[c]);
            free(alone);
            rig_free(&mono);
        }
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_response_is_that_of_the_prototype,
        the_lowest_cutoff_is_exact_too,
        a_sine_at_the_cutoff_is_3_decibels_down_at_any_order,
        the_slope_is_6_decibels_per_octave_for_each_order,
        eight_frames_at_once_sound_as_one_at_a_time,
        without_input_any_modulation_only_lets_it_fade,
        a_sweep_through_the_spectrum_has_no_steps,
        a_change_of_mode_does_not_click,
        every_channel_is_filtered_alone,
    };
    TCase *tcase = tcase_create("physics");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("butterworth", tcase);
}
