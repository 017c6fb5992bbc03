/* The oscillator under its inputs: hard sync and frequency modulation. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000.0
#define N    32768
#define SKIP 1024

enum { SINE, TRIANGLE, SAW, SQUARE, PULSE, N_WAVES };
enum { FM, SYNC };

static struct rig loud(int wave, double hz, int input)
{
    struct rig rig = rig_new("osc", RATE, 0);
    rig.unwired = 3u & ~(1u << input);
    rig_set(&rig, "wave", (float)wave);
    rig_set(&rig, "freq", (float)hz);
    rig_set(&rig, "width", 0.3f);
    rig_set(&rig, "level", 0);
    rig_start(&rig);
    return rig;
}

/* N frames of a wave whose inputs both are `in`, once it has run for SKIP frames. */
static float *driven(struct rig *rig, const float *in)
{
    float *x = rig_run(rig, in, SKIP + N);
    memmove(x, x + SKIP, N * sizeof *x);
    return x;
}

static float *synced(int wave, double hz, double master_hz)
{
    static float in[SKIP + N];
    struct rig rig = loud(wave, hz, SYNC);
    sine_fill(in, SKIP + N, master_hz, RATE, 0.5);
    float *x = driven(&rig, in);
    rig_free(&rig);
    return x;
}

/* A wave at a phase in cycles, as text books draw it. */
static double naive(int wave, double cycles)
{
    double c = cycles - floor(cycles), turned = fmod(c + 0.25, 1), width = wave == SQUARE ? 0.5 : (double)0.3f;
    switch (wave) {
    case SINE:
        return sin(2 * M_PI * c);
    case TRIANGLE:
        return 1 - 2 * fabs(2 * turned - 1);
    case SAW:
        return c < 0.5 ? 2 * c : 2 * c - 2;
    default:
        return (c < width ? 2 : 0) - 2 * width;
    }
}

/* The amplitude of the k-th partial of one that begins anew `ratio` of its cycles after it began: by the rule of the middle. */
static double partial(int wave, double ratio, int k)
{
    enum { STEPS = 16000 };
    double complex sum = 0;
    for (int i = 0; i < STEPS; i++) {
        double t = (i + 0.5) / STEPS;
        sum += naive(wave, t * ratio) * cexp(-2 * M_PI * I * k * t);
    }
    return 2 * cabs(sum) / STEPS;
}

static const double masters_hz[] = {93, 440.1, 1234.5, 2637, 3300, 5000.3};

START_TEST(synced_by_a_sine_aliases_lie_below_minus_95_db)
{
    static const double ratios[] = {1.5, 1 / 1.5, 2.7};
    for (int wave = 0; wave < N_WAVES; wave++)
        for (size_t m = 0; m < 6; m++)
            for (size_t r = 0; r < 3; r++) {
                float *x = synced(wave, ratios[r] * masters_hz[m], masters_hz[m]);
                double db = inharmonic_db(x, N, masters_hz[m], RATE);
                ck_assert_msg(db < -95, "wave %d at %g x %g Hz: %.1f dB", wave, ratios[r], masters_hz[m], db);
                free(x);
            }
}
END_TEST

START_TEST(synced_partials_are_those_of_the_cut_wave)
{
    for (int wave = 0; wave < N_WAVES; wave++)
        for (size_t m = 0; m < 6; m++) {
            float *x = synced(wave, 1.7 * masters_hz[m], masters_hz[m]);
            for (int k = 1; k * masters_hz[m] < 0.42 * RATE && k < 30; k++) {
                double found = tone_amplitude(x, N, k * masters_hz[m], RATE),
                       expected = partial(wave, (double)(float)(1.7 * masters_hz[m]) / masters_hz[m], k);
                ck_assert_msg(fabs(found - expected) < 3e-4, "wave %d, %g Hz, partial %d: %g, not %g", wave, masters_hz[m],
                              k, found, expected);
            }
            free(x);
        }
}
END_TEST

/* Sampled, the modulator is a little deeper: w / 2 / sin(w / 2) times, w being its step. */
static double sampled(double index, double modulator_hz)
{
    double half = M_PI * modulator_hz / RATE;
    return index * half / sin(half);
}

static float *modulated(int wave, double carrier_hz, double modulator_hz, double index)
{
    static float in[SKIP + N];
    struct rig rig = loud(wave, carrier_hz, FM);
    rig_set(&rig, "fm_depth", (float)(index * modulator_hz / carrier_hz));
    for (size_t i = 0; i < SKIP + N; i++)
        in[i] = (float)cos(2 * M_PI * modulator_hz / RATE * (double)i);
    float *x = driven(&rig, in);
    rig_free(&rig);
    return x;
}

START_TEST(side_bands_of_frequency_modulation_are_bessel_functions)
{
    static const double modulators_hz[] = {70, 500, 1500}, indices[] = {0.3, 1, 2.4048, 5};
    for (size_t m = 0; m < 3; m++)
        for (size_t d = 0; d < 4; d++) {
            float *x = modulated(SINE, 10000, modulators_hz[m], indices[d]);
            for (int k = -4; k <= 4; k++) {
                double found = tone_amplitude(x, N, 10000 + k * modulators_hz[m], RATE);
                ck_assert_double_eq_tol(found, fabs(jn(k, sampled(indices[d], modulators_hz[m]))), 1e-4);
            }
            free(x);
        }
}
END_TEST

/* Side bands below 0 Hz come back with the other sign: of a carrier of 1000 Hz and a modulator of 600, the second below, at -200
 * Hz, is the only one at 200. */
START_TEST(modulation_goes_through_zero)
{
    float *x = modulated(SINE, 1000, 600, 3);
    ck_assert_double_eq_tol(tone_amplitude(x, N, 200, RATE), fabs(jn(2, sampled(3, 600))), 1e-4);
    ck_assert_double_eq_tol(tone_amplitude(x, N, 1000, RATE), fabs(jn(0, sampled(3, 600))), 1e-4);
    free(x);
}
END_TEST

/* The largest amplitude where no partial of the naive wave comes. */
START_TEST(a_vibrato_by_cable_has_aliases_below_minus_80_db)
{
    for (int wave = TRIANGLE; wave < N_WAVES; wave++) {
        float *x = modulated(wave, 3000, 50, 300 / 50.0);
        double *amplitude = spectrum(x, N), worst = 0, first = 0;
        for (size_t bin = 0; bin <= N / 2; bin++) {
            double hz = (double)bin * RATE / N;
            bool is_band = false;
            for (int k = 1; k < 16; k++)
                is_band |= fabs(hz - k * 3000) < 0.1 * k * 3000 + 450 + 20 * k;
            worst = fmax(worst, is_band ? 0 : amplitude[bin]);
            first = fmax(first, amplitude[bin]);
        }
        ck_assert_msg(decibel(worst / first) < -80, "wave %d: %.1f dB", wave, decibel(worst / first));
        free(amplitude);
        free(x);
    }
}
END_TEST

/* A ramp that rises through 0 a part of a frame after frame 200: the cycle begins there, 3 frames late and heard 11 later. */
START_TEST(a_cycle_begins_between_the_frames)
{
    float in[2048], *x[2];
    for (int part = 0; part < 2; part++) {
        struct rig rig = loud(SINE, 100, SYNC);
        for (int i = 0; i < 2048; i++)
            in[i] = ((float)(i - 200) - (part ? 0.6f : 0.1f)) / 2048;
        x[part] = rig_run(&rig, in, 2048);
        rig_free(&rig);
    }
    double complex turn = tone(x[1] + 400, 1600, 100, RATE) / tone(x[0] + 400, 1600, 100, RATE);
    ck_assert_double_eq_tol(carg(turn), -2 * M_PI * 100 / RATE * 0.5, 1e-5);
    double since = carg(tone(x[0] + 400, 1600, 100, RATE)) / (2 * M_PI) * RATE / 100;
    ck_assert_double_eq_tol(fmod(400 - since + 960, 480), fmod(200 + 0.1 + 3 + 11, 480), 0.1);
    free(x[0]);
    free(x[1]);
}
END_TEST

static float *eventful(int wave, unsigned block)
{
    struct rig rig = loud(wave, 700, SYNC);
    static float in[N], hz[N], width[N], phase[N], form[N];
    rig.unwired = 0;
    rig.block = block;
    noise_fill(in, N, 1, 5);
    for (int i = 0; i < N; i++)
        in[i] = 0.1f * in[i] + (float)sin(2 * M_PI * 300 / RATE * i);
    exponential_fill(hz, N, 100, 6000);
    line_fill(width, N, 0.1, 0.9);
    line_fill(phase, N, 0, 1);
    for (int i = 0; i < N; i++)
        form[i] = (float)(i / 1700 % 2 ? SAW : wave);
    rig_curve(&rig, "freq", hz);
    rig_curve(&rig, "width", width);
    rig_curve(&rig, "phase", phase);
    rig_curve(&rig, "wave", form);
    float *x = rig_run(&rig, in, N);
    rig_free(&rig);
    return x;
}

START_TEST(the_division_into_blocks_does_not_matter)
{
    for (int wave = 0; wave < N_WAVES; wave++) {
        float *reference = eventful(wave, BLOCK_MAX), *x = eventful(wave, 17);
        ck_assert(all_finite(reference, N) && peak(reference, N) < 6);
        ck_assert_double_ge(snr_db(reference, x, N), 120);
        free(reference);
        free(x);
    }
}
END_TEST

START_TEST(a_cable_that_comes_or_goes_does_not_click)
{
    struct rig rig = loud(SINE, 400, SYNC);
    float in[4800], most = 0;
    sine_fill(in, 4800, 300, RATE, 1);
    for (int round = 0; round < 6; round++) {
        rig.unwired = round % 2 ? 3 : 1;
        float *x = rig_run(&rig, in, 4800);
        if (round % 2)
            most = fmaxf(most, (float)largest_step(x + 600, 4200));
        else if (round)
            most = fmaxf(most, (float)largest_step(x, 300)); /* the jumps of the sync still are soft */
        free(x);
    }
    ck_assert_double_lt(most, 1.1);
    rig_free(&rig);
}
END_TEST

START_TEST(what_is_no_number_neither_syncs_nor_modulates)
{
    float in[4096];
    for (int i = 0; i < 4096; i++)
        in[i] = i % 3 ? NAN : i % 2 ? INFINITY : -INFINITY;
    for (int wave = 0; wave < N_WAVES; wave++) {
        struct rig rig = loud(wave, 500, SYNC);
        rig.unwired = 0;
        float *x = rig_run(&rig, in, 4096);
        ck_assert(all_finite(x, 4096) && peak(x, 4096) < 2);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        synced_by_a_sine_aliases_lie_below_minus_95_db,
        synced_partials_are_those_of_the_cut_wave,
        a_cycle_begins_between_the_frames,
        side_bands_of_frequency_modulation_are_bessel_functions,
        modulation_goes_through_zero,
        a_vibrato_by_cable_has_aliases_below_minus_80_db,
        the_division_into_blocks_does_not_matter,
        a_cable_that_comes_or_goes_does_not_click,
        what_is_no_number_neither_syncs_nor_modulates,
    };
    TCase *tcase = tcase_create("sync");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("inputs of the oscillator", tcase);
}
