/* The band-limited waves of the oscillator, against their Fourier series. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000.0
#define N    16384

enum { SINE, TRIANGLE, SAW, SQUARE, PULSE, N_WAVES };

static struct rig loud(int wave, double hz, double width)
{
    struct rig rig = rig_new("osc", RATE, 0);
    rig.unwired = 3;
    rig_set(&rig, "wave", (float)wave);
    rig_set(&rig, "freq", (float)hz);
    rig_set(&rig, "width", (float)width);
    rig_set(&rig, "level", 0);
    rig_start(&rig);
    return rig;
}

/* One that rests, or the same values given frame by frame. */
static float *wave_run(int wave, double hz, double width, bool moving)
{
    struct rig rig = loud(wave, hz, width);
    float curve[N];
    for (size_t i = 0; i < N; i++)
        curve[i] = (float)hz;
    if (moving)
        rig_curve(&rig, "freq", curve);
    float *x = rig_run(&rig, NULL, N);
    rig_free(&rig);
    return x;
}

/* Sine and cosine part of the k-th partial of a wave of height -1..1: its Fourier series. */
static double complex partial(int wave, double width, int k)
{
    double n = k, sign = k % 2 ? 1 : -1;
    switch (wave) {
    case SINE:
        return k == 1;
    case TRIANGLE:
        return k % 2 ? 8 / (M_PI * M_PI * n * n) * (k % 4 == 1 ? 1 : -1) : 0;
    case SAW:
        return sign * 2 / (M_PI * n);
    default:
        width = wave == SQUARE ? 0.5 : width;
        return 4 / (M_PI * n) * sin(M_PI * n * width) * cexp(I * (M_PI / 2 - M_PI * n * width));
    }
}

static const double pitches_hz[] = {46.875, 110, 440, 997, 1234.5, 1499.5, 1500.5, 1793, 2637, 4186, 5000};

/* Aliases of all pitches, at rest and moving. */
static void expect_no_aliases(int wave, double width, double below_db)
{
    for (size_t p = 0; p < 2 * ROWS(pitches_hz); p++) {
        double hz = pitches_hz[p / 2];
        float *x = wave_run(wave, hz, width, p % 2);
        double db = inharmonic_db(x, N, (float)hz, RATE);
        ck_assert_msg(db < below_db, "wave %d at %g Hz: %.1f dB", wave, hz, db);
        free(x);
    }
}

START_TEST(aliases_lie_below_minus_100_db_up_to_5_khz)
{
    for (int wave = TRIANGLE; wave <= PULSE; wave++)
        expect_no_aliases(wave, 0.1, -100);
}
END_TEST

/* A narrow pulse has partials, not aliases, all over: its largest is no larger than the others. */
START_TEST(the_narrowest_pulse_has_aliases_below_minus_80_db)
{
    expect_no_aliases(PULSE, 0.01, -80);
    expect_no_aliases(PULSE, 0.99, -80);
}
END_TEST

static void expect_partials(int wave, double hz, double width)
{
    float *x = wave_run(wave, hz, width, false);
    for (int k = 1; k * hz < 0.42 * RATE && k < 60; k++) {
        double complex found = tone(x, N, k * (double)(float)hz, RATE), expected = partial(wave, width, k);
        ck_assert_msg(cabs(found - expected) < 2e-4 / k + 2e-6, "wave %d, %g Hz, partial %d: off by %g", wave, hz, k,
                      cabs(found - expected));
    }
    free(x);
}

START_TEST(partials_up_to_0_42_of_the_rate_are_those_of_the_fourier_series)
{
    static const double fs_hz[] = {110, 440, 1234.5, 1600, 3000, 9000};
    for (int wave = 0; wave < N_WAVES; wave++)
        for (size_t f = 0; f < ROWS(fs_hz); f++)
            expect_partials(wave, fs_hz[f], 0.2);
}
END_TEST

START_TEST(a_pitch_given_frame_by_frame_sounds_as_one_that_rests)
{
    for (int wave = 0; wave < N_WAVES; wave++)
        for (size_t p = 0; p < ROWS(pitches_hz); p++) {
            float *rests = wave_run(wave, pitches_hz[p], 0.3, false), *moves = wave_run(wave, pitches_hz[p], 0.3, true);
            ck_assert_double_ge(snr_db(rests, moves, N), 120);
            free(rests);
            free(moves);
        }
}
END_TEST

/* The reference is the sum of partials with the phases of the glide; those near half the rate are left to the fade. */
START_TEST(a_glide_through_all_octaves_has_no_seams)
{
    struct rig rig = loud(SAW, 440, 0.5);
    float hz[N], *x;
    double cycles = 0, worst = 0;
    exponential_fill(hz, N, 200, 8000);
    rig_curve(&rig, "freq", hz);
    x = rig_run(&rig, NULL, N);
    for (size_t i = 0; i < N; i++) {
        double sum = 0, in_the_fade = 0;
        for (int k = 1; k * (double)hz[i] < RATE / 2; k++) {
            double term = (k % 2 ? 1 : -1) * 2 / (M_PI * k) * sin(2 * M_PI * k * cycles);
            if (k == 1 || k * (double)hz[i] < 0.42 * RATE)
                sum += term;
            else
                in_the_fade += fabs(term);
        }
        worst = fmax(worst, fabs(x[i] - sum) - in_the_fade);
        cycles += hz[i] / RATE;
    }
    ck_assert_double_lt(worst, 2e-3);
    free(x);
    rig_free(&rig);
}
END_TEST

/* Whether a vibrato 10 % wide takes one of the partials there. */
static bool in_a_band(double at_hz, double hz)
{
    for (int k = 1; k * hz < RATE; k++)
        if (fabs(at_hz - k * hz) < 0.1 * k * hz + 450 + 20 * k)
            return true;
    return false;
}

/* The largest amplitude between these bands, relative to the fundamental. */
static double between_bands_db(int wave, double hz)
{
    struct rig rig = loud(wave, hz, 0.3);
    float curve[N], *x;
    for (size_t i = 0; i < N; i++)
        curve[i] = (float)(hz * (1 + 0.1 * sin(2 * M_PI * 50 / RATE * (double)i)));
    rig_curve(&rig, "freq", curve);
    x = rig_run(&rig, NULL, N);
    double *amplitude = spectrum(x, N), worst = 0;
    for (size_t bin = 0; bin <= N / 2; bin++)
        if (!in_a_band((double)bin * RATE / N, hz))
            worst = fmax(worst, amplitude[bin]);
    free(amplitude);
    free(x);
    rig_free(&rig);
    return decibel(worst / cabs(partial(wave, 0.3, 1)));
}

START_TEST(vibrato_of_10_percent_50_times_a_second_has_aliases_below_minus_80_db)
{
    static const double fs_hz[] = {1200, 2000, 3000, 5000};
    for (int wave = TRIANGLE; wave <= PULSE; wave++)
        for (size_t f = 0; f < ROWS(fs_hz); f++)
            ck_assert_msg(between_bands_db(wave, fs_hz[f]) < -80, "wave %d at %g Hz: %.1f dB", wave, fs_hz[f],
                          between_bands_db(wave, fs_hz[f]));
}
END_TEST

/* A phase that turns by itself is a pitch of its own: 300 Hz and a phase that turns 100 times a second are 400 Hz. */
START_TEST(a_turning_phase_counts_as_pitch)
{
    for (int wave = TRIANGLE; wave <= SAW; wave++) {
        struct rig rig = loud(wave, 1800, 0.5);
        float turns[N], *x, *expected = wave_run(wave, 2400, 0.5, false);
        for (size_t i = 0; i < N; i++)
            turns[i] = (float)fmod((double)i * 600 / RATE, 1);
        rig_curve(&rig, "phase", turns);
        x = rig_run(&rig, NULL, N);
        ck_assert_double_gt(snr_db(expected + 1, x + 1, N - 1), 90);
        free(x);
        free(expected);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(no_wave_has_a_mean)
{
    for (int wave = 0; wave < N_WAVES; wave++)
        for (int k = 0; k < 4; k++) {
            double hz = (double[]){93.75, 750, 3000, 12000}[k]; /* whole cycles in N frames */
            float *x = wave_run(wave, hz, 0.1, false);
            ck_assert_double_eq_tol(mean(x, N), 0, 1e-5);
            free(x);
        }
}
END_TEST

/* The width sweeps 20 times a second: of the pulse's mean nothing may be heard, only the partials' bands. */
START_TEST(a_moving_width_does_not_thump)
{
    struct rig rig = loud(PULSE, 3000, 0.5);
    float width[N], *x;
    for (size_t i = 0; i < N; i++)
        width[i] = (float)(0.5 + 0.4 * sin(2 * M_PI * 20 / RATE * (double)i));
    rig_curve(&rig, "width", width);
    x = rig_run(&rig, NULL, N);
    ck_assert_double_lt(decibel(tone_amplitude(x, N, 20, RATE)), -90);
    free(x);
    rig_free(&rig);
}
END_TEST

/* Far from its edges a slow wave is the naive one. */
START_TEST(slow_waves_are_straight_lines_between_their_edges)
{
    struct rig saw = loud(SAW, 0.5, 0.5), square = loud(SQUARE, 0.5, 0.5);
    float *line = rig_run(&saw, NULL, 96000), *steps = rig_run(&square, NULL, 96000);
    for (int i = 0; i < 96000; i++) {
        double cycles = i / 96000.0;
        if (abs(i - 48000) > 32)
            ck_assert_double_eq_tol(line[i], cycles < 0.5 ? 2 * cycles : 2 * cycles - 2, 1e-6);
        if (abs(i - 48000) > 32 && i > 32 && i < 96000 - 32)
            ck_assert_double_eq_tol(steps[i], cycles < 0.5 ? 1 : -1, 1e-6);
    }
    free(line);
    free(steps);
    rig_free(&saw);
    rig_free(&square);
}
END_TEST

START_TEST(overshoot_is_that_of_gibbs)
{
    float *x = wave_run(SQUARE, 100, 0.5, false);
    ck_assert_double_eq_tol(peak(x, N), 1.179, 0.01);
    free(x);
}
END_TEST

static float *moving_everything(int wave, unsigned block)
{
    struct rig rig = loud(wave, 440, 0.5);
    float hz[N], width[N], phase[N], form[N];
    exponential_fill(hz, N, 20, 6000);
    line_fill(width, N, 0.05, 0.95);
    line_fill(phase, N, 0, 1);
    for (size_t i = 0; i < N; i++)
        form[i] = (float)(i / 1000 % 2 ? SAW : wave);
    rig.block = block;
    rig_curve(&rig, "freq", hz);
    rig_curve(&rig, "width", width);
    rig_curve(&rig, "phase", phase);
    rig_curve(&rig, "wave", form);
    float *x = rig_run(&rig, NULL, N);
    rig_free(&rig);
    return x;
}

START_TEST(the_division_into_blocks_does_not_matter)
{
    for (int wave = 0; wave < N_WAVES; wave++) {
        float *reference = moving_everything(wave, BLOCK_MAX), *x = moving_everything(wave, 17);
        ck_assert_double_ge(snr_db(reference, x, N), 120);
        free(reference);
        free(x);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        aliases_lie_below_minus_100_db_up_to_5_khz,
        the_narrowest_pulse_has_aliases_below_minus_80_db,
        partials_up_to_0_42_of_the_rate_are_those_of_the_fourier_series,
        a_pitch_given_frame_by_frame_sounds_as_one_that_rests,
        a_glide_through_all_octaves_has_no_seams,
        vibrato_of_10_percent_50_times_a_second_has_aliases_below_minus_80_db,
        a_turning_phase_counts_as_pitch,
        no_wave_has_a_mean,
        a_moving_width_does_not_thump,
        slow_waves_are_straight_lines_between_their_edges,
        overshoot_is_that_of_gibbs,
        the_division_into_blocks_does_not_matter,
    };
    TCase *tcase = tcase_create("waves");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("waves of the oscillator", tcase);
}
