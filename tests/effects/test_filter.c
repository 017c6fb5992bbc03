#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

enum { LOWPASS, HIGHPASS, BANDPASS, NOTCH, PEAK, ALLPASS };

struct setting {
    int mode;
    double cutoff_hz, q, rate_hz;
};

static struct rig filter_new(struct setting setting)
{
    struct rig rig = rig_new("filter", setting.rate_hz, 1);
    rig_set(&rig, "mode", (float)setting.mode);
    rig_set(&rig, "cutoff", (float)setting.cutoff_hz);
    rig_set(&rig, "q", (float)setting.q);
    rig_start(&rig);
    return rig;
}

static float *curve_new(size_t n, double from, double to)
{
    float *curve = malloc(n * sizeof *curve);
    ck_assert_ptr_nonnull(curve);
    exponential_fill(curve, n, from, to);
    return curve;
}

/* Runs with its cutoff given frame by frame, though it stays the same: the filter cannot know. */
static float *run_moving(struct rig *rig, const float *in, size_t n, double cutoff_hz)
{
    float *cutoff = curve_new(n, cutoff_hz, cutoff_hz);
    rig_curve(rig, "cutoff", cutoff);
    float *out = rig_run(rig, in, n);
    free(cutoff);
    return out;
}

/* The analogue filter at the frequency that the bilinear transform shows at hz, cutoff on cutoff. */
static double complex prototype(struct setting setting, double hz)
{
    double complex s = I * tan(M_PI * hz / setting.rate_hz) / tan(M_PI * setting.cutoff_hz / setting.rate_hz);
    double complex band = s / (float)setting.q, below = s * s + band + 1;
    switch (setting.mode) {
    case LOWPASS:
        return 1 / below;
    case HIGHPASS:
        return s * s / below;
    case BANDPASS:
        return band / below;
    case NOTCH:
        return (s * s + 1) / below;
    case PEAK:
        return (1 - s * s) / below;
    default:
        return (s * s - band + 1) / below;
    }
}

/* Compares at hz: within 0.01 dB and the angle of it, against full scale where the prototype is nearly silent. */
static void check_response(struct setting setting, const float *impulse_response, size_t n, double hz, const char *form)
{
    double complex expected = prototype(setting, hz), measured = response_at(impulse_response, n, hz, setting.rate_hz);
    double tolerance = fmax(cabs(expected) * (pow(10, 0.01 / 20) - 1), 1e-6);
    ck_assert_msg(cabs(measured - expected) < tolerance,
                  "%s, mode %d, cutoff %g, q %g, rate %g: %.4f dB at %g Hz, not %.4f", form, setting.mode,
                  setting.cutoff_hz, setting.q, setting.rate_hz, decibel(cabs(measured)), hz, decibel(cabs(expected)));
}

/* Until an impulse has decayed by 150 dB: the larger of the two digital poles decides. */
static size_t ring_down_frames(struct setting setting)
{
    double g = tan(M_PI * setting.cutoff_hz / setting.rate_hz), k = 1 / setting.q;
    double complex root = csqrt(k * k / 4 - 1), poles[] = {-k / 2 + root, -k / 2 - root};
    double radius = 0;
    for (unsigned i = 0; i < 2; i++)
        radius = fmax(radius, cabs((1 + g * poles[i]) / (1 - g * poles[i])));
    return 100 + (size_t)(17.3 / -log(radius));
}

static void check_setting(struct setting setting, bool moving)
{
    static const double parts[] = {0.1, 0.5, 0.9, 0.99, 1, 1.01, 1.1, 2, 10};
    size_t n = ring_down_frames(setting);
    float *in = malloc(n * sizeof *in);
    impulse_fill(in, n, 0);
    struct rig rig = filter_new(setting);
    float *out = moving ? run_moving(&rig, in, n, setting.cutoff_hz) : rig_run(&rig, in, n);
    for (unsigned i = 0; i < ROWS(parts); i++)
        if (parts[i] * setting.cutoff_hz < 0.49 * setting.rate_hz)
            check_response(setting, out, n, parts[i] * setting.cutoff_hz, moving ? "moving" : "still");
    rig_free(&rig);
    free(in);
    free(out);
}

START_TEST(every_response_is_that_of_the_prototype)
{
    static const double rates_hz[] = {44100, 48000, 192000}, cutoffs_hz[] = {50, 1000, 5000, 20000},
                        qs[] = {0.3, 0.70710678, 8, 40};
    for (int mode = LOWPASS; mode <= ALLPASS; mode++)
        for (unsigned r = 0; r < ROWS(rates_hz); r++)
            for (unsigned c = 0; c < ROWS(cutoffs_hz); c++)
                for (unsigned q = 0; q < ROWS(qs) && (qs[q] < 10 || c); q++) {
                    check_setting((struct setting){mode, cutoffs_hz[c], qs[q], rates_hz[r]}, false);
                    check_setting((struct setting){mode, cutoffs_hz[c], qs[q], rates_hz[r]}, true);
                }
}
END_TEST

START_TEST(the_lowest_and_sharpest_filter_is_exact_too)
{
    check_setting((struct setting){BANDPASS, 10, 40, 48000}, false);
    check_setting((struct setting){BANDPASS, 10, 40, 48000}, true);
    check_setting((struct setting){LOWPASS, 10, 0.70710678, 192000}, false);
    check_setting((struct setting){HIGHPASS, 10, 0.70710678, 192000}, true);
}
END_TEST

START_TEST(eight_frames_at_once_sound_as_one_at_a_time)
{
    enum { N = 48000 };
    static float in[N];
    static const double qs[] = {0.3, 0.70710678, 40};
    noise_fill(in, N, 0.5, 1);
    for (int mode = LOWPASS; mode <= ALLPASS; mode++)
        for (double cutoff_hz = 10; cutoff_hz <= 20000; cutoff_hz *= 3.5)
            for (unsigned q = 0; q < ROWS(qs); q++) {
                struct setting setting = {mode, cutoff_hz, qs[q], 48000};
                struct rig still = filter_new(setting), moving = filter_new(setting);
                float *at_once = rig_run(&still, in, N), *single = run_moving(&moving, in, N, cutoff_hz);
                double agree_db = snr_db(single, at_once, N);
                ck_assert_msg(agree_db > 120, "mode %d, cutoff %g, q %g: %.1f dB", mode, cutoff_hz, qs[q], agree_db);
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
    static float in[N], cutoff[N], q[N];
    struct rig rig = filter_new((struct setting){LOWPASS, 1000, 40, 48000});
    noise_fill(in, N / 4, 1, 2);
    noise_fill(cutoff, N, 1, 3);
    noise_fill(q, N, 1, 4);
    for (unsigned i = 0; i < N; i++) {
        cutoff[i] = 450 * powf(2, 5.4f * cutoff[i]);
        q[i] = 3.46f * powf(2, 3.5f * q[i]);
    }
    rig_curve(&rig, "cutoff", cutoff);
    rig_curve(&rig, "q", q);
    float *out = rig_run(&rig, in, N);
    double loudest = peak(out, N / 4);
    ck_assert_double_lt(loudest, 100);
    for (unsigned part = 1; part < 4; part++)
        ck_assert_double_lt(decibel(peak(out + part * N / 4 + 4800, N / 4 - 4800) / loudest), -100);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(a_sweep_through_the_spectrum_has_no_steps)
{
    enum { N = 48000 };
    static float in[N];
    sine_fill(in, N, 100, 48000, 1);
    struct rig rig = filter_new((struct setting){LOWPASS, 1000, 4, 48000});
    float *cutoff = curve_new(N, 10000, 20);
    rig_curve(&rig, "cutoff", cutoff);
    float *out = rig_run(&rig, in, N);
    /* the steepest sine that can leave: 100 Hz at the height of the resonance */
    ck_assert_double_lt(largest_step(out, N), 1.1 * 4 * 2 * M_PI * 100 / 48000);
    free(cutoff);
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
        mode[i] = (float)(i / 1000) - (i >= 5500);
    struct rig rig = filter_new((struct setting){LOWPASS, 2000, 1, 48000});
    rig_curve(&rig, "mode", mode);
    float *out = rig_run(&rig, in, N);
    /* the sine's own slope and up to two times full scale in 10 ms */
    ck_assert_double_lt(largest_step(out, N), 1.2 * (2 * M_PI * 100 / 48000 + 2 / 480.0));
    free(out);
    rig_free(&rig);
}
END_TEST

/* Level of a sine of 200 Hz through a low-pass of 20 kHz, relative to its input. */
static double driven_db(float drive_db, double amplitude)
{
    enum { N = 9600 };
    static float in[N];
    sine_fill(in, N, 200, 48000, amplitude);
    struct rig rig = filter_new((struct setting){LOWPASS, 20000, 0.70710678, 48000});
    rig_set(&rig, "drive", drive_db);
    float *out = rig_run(&rig, in, N);
    double level = decibel(tone_amplitude(out + 960, N - 960, 200, 48000) / amplitude);
    free(out);
    rig_free(&rig);
    return level;
}

START_TEST(drive_lifts_what_is_soft_and_keeps_what_is_loud)
{
    ck_assert_double_eq_tol(driven_db(0, 1e-4), 0, 0.001);
    ck_assert_double_eq_tol(driven_db(12, 1e-4), 12, 0.01);
    ck_assert_double_eq_tol(driven_db(36, 1e-5), 36, 0.01);
    /* at full scale the wave goes towards a square of the same height, whose fundamental is 4 / pi */
    ck_assert_double_gt(driven_db(36, 1), 1);
    ck_assert_double_lt(driven_db(36, 1), decibel(4 / M_PI));
}
END_TEST

START_TEST(full_scale_stays_full_scale_at_any_drive)
{
    enum { N = 4800 };
    float in[N], drive[N];
    line_fill(in, N, -1, -1);
    line_fill(drive, N, 0, 36);
    struct rig rig = filter_new((struct setting){LOWPASS, 20000, 0.70710678, 48000});
    rig_curve(&rig, "drive", drive);
    float *out = rig_run(&rig, in, N);
    for (unsigned i = 100; i < N; i++)
        if (fabs(out[i] + 1.0) > 1e-5)
            ck_abort_msg("at %g dB: %g", (double)drive[i], (double)out[i]);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(without_drive_it_is_linear)
{
    enum { N = 9600 };
    static float a[N], b[N], sum[N];
    noise_fill(a, N, 0.5, 5);
    sine_fill(b, N, 777, 48000, 100);
    for (unsigned i = 0; i < N; i++)
        sum[i] = a[i] + b[i];
    struct rig rigs[3];
    float *out[3];
    const float *in[] = {a, b, sum};
    for (unsigned k = 0; k < 3; k++) {
        rigs[k] = filter_new((struct setting){PEAK, 700, 3, 48000});
        out[k] = rig_run(&rigs[k], in[k], N);
    }
    for (unsigned i = 0; i < N; i++)
        out[0][i] += out[1][i];
    ck_assert_double_gt(snr_db(out[2], out[0], N), 120);
    for (unsigned k = 0; k < 3; k++) {
        free(out[k]);
        rig_free(&rigs[k]);
    }
}
END_TEST

START_TEST(a_cutoff_beyond_the_spectrum_stays_below_it)
{
    enum { N = 8000 };
    float in[N];
    line_fill(in, N, 1, 1);
    for (int moving = 0; moving < 2; moving++) {
        struct rig rig = filter_new((struct setting){LOWPASS, 20000, 0.70710678, 8000});
        float *out = moving ? run_moving(&rig, in, N, 20000) : rig_run(&rig, in, N);
        ck_assert(all_finite(out, N));
        ck_assert_double_eq_tol(out[N - 1], 1, 1e-6);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_response_is_that_of_the_prototype,
        the_lowest_and_sharpest_filter_is_exact_too,
        eight_frames_at_once_sound_as_one_at_a_time,
        without_input_any_modulation_only_lets_it_fade,
        a_sweep_through_the_spectrum_has_no_steps,
        a_change_of_mode_does_not_click,
        drive_lifts_what_is_soft_and_keeps_what_is_loud,
        full_scale_stays_full_scale_at_any_drive,
        without_drive_it_is_linear,
        a_cutoff_beyond_the_spectrum_stays_below_it,
    };
    TCase *tcase = tcase_create("physics");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("filter", tcase);
}
