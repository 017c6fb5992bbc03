#include <check.h>
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

enum { BELL, LOW_SHELF, HIGH_SHELF, LOWPASS, HIGHPASS, NOTCH };

struct band {
    int type;
    double hz, gain_db, q;
};

static void band_value(struct rig *rig, unsigned number, const char *param, double value)
{
    char name[16];
    snprintf(name, sizeof name, "%s%u", param, number);
    rig_set(rig, name, (float)value);
}

static void band_set(struct rig *rig, unsigned number, struct band band)
{
    band_value(rig, number, "on", 1);
    band_value(rig, number, "type", band.type);
    band_value(rig, number, "freq", band.hz);
    band_value(rig, number, "gain", band.gain_db);
    band_value(rig, number, "q", band.q);
}

/* One band, the others off. */
static struct rig eq_new(struct band band, double rate_hz)
{
    struct rig rig = rig_new("eq", rate_hz, 1);
    for (unsigned number = 2; number <= 8; number++)
        band_value(&rig, number, "on", 0);
    band_set(&rig, 1, band);
    rig_start(&rig);
    return rig;
}

/* Runs with a parameter given frame by frame, though it stays the same: the node cannot know. */
static float *run_moving(struct rig *rig, const float *in, size_t n, const char *param, double value)
{
    float *curve = malloc(n * sizeof *curve);
    line_fill(curve, n, value, value);
    rig_curve(rig, param, curve);
    float *out = rig_run(rig, in, n);
    rig_curve(rig, param, NULL);
    free(curve);
    return out;
}

/* ---- the response ------------------------------------------------------------------------------------------------------ */

/* R. Bristow-Johnson's prototypes. */
static double analogue_db(struct band band, double hz)
{
    double a = pow(10, band.gain_db / 40);
    double complex s = I * hz / band.hz, ring = s / band.q, h;
    switch (band.type) {
    case BELL:
        h = (s * s + a * ring + 1) / (s * s + ring / a + 1);
        break;
    case LOW_SHELF:
        h = a * (s * s + sqrt(a) * ring + a) / (a * s * s + sqrt(a) * ring + 1);
        break;
    case HIGH_SHELF:
        h = a * (a * s * s + sqrt(a) * ring + 1) / (s * s + sqrt(a) * ring + a);
        break;
    default:
        h = (band.type == LOWPASS ? 1 : band.type == HIGHPASS ? s * s : s * s + 1) / (s * s + ring + 1);
    }
    return decibel(cabs(h));
}

static void check_response(struct band band, double rate_hz, bool moving, double most_db)
{
    static const double probes_hz[] = {200, 1000, 4000, 9000, 13000, 16000, 20000};
    enum { N = 8192 };
    static float in[N];
    impulse_fill(in, N, 0);
    struct rig rig = eq_new(band, rate_hz);
    float *out = moving ? run_moving(&rig, in, N, "freq1", band.hz) : rig_run(&rig, in, N);
    for (unsigned i = 0; i < ROWS(probes_hz); i++) {
        double measured = decibel(cabs(response_at(out, N, probes_hz[i], rate_hz))),
               wanted = analogue_db(band, probes_hz[i]);
        ck_assert_msg(wanted < -40 || fabs(measured - wanted) < most_db,
                      "type %d at %g Hz, %g dB, q %g, rate %g: %.3f dB at %g Hz, not %.3f", band.type, band.hz,
                      band.gain_db, band.q, rate_hz, measured, probes_hz[i], wanted);
    }
    free(out);
    rig_free(&rig);
}

START_TEST(every_band_has_the_shape_of_its_analogue_model)
{
    static const double freqs_hz[] = {300, 3000, 9000, 16000}, qs[] = {0.3, 0.70710678, 2}, gains_db[] = {-24, 6, 24};
    for (int type = BELL; type <= NOTCH; type++)
        for (unsigned f = 0; f < ROWS(freqs_hz); f++)
            for (unsigned q = 0; q < ROWS(qs); q++)
                for (unsigned g = 0; g < (type <= HIGH_SHELF ? ROWS(gains_db) : 1); g++) {
                    struct band band = {type, freqs_hz[f], gains_db[g], qs[q]};
                    double most_db = type <= HIGH_SHELF ? 0.28 : 0.8;
                    check_response(band, 48000, false, most_db);
                    check_response(band, 48000, true, most_db);
                    check_response(band, 96000, false, most_db);
                    check_response(band, 44100, false, type <= HIGH_SHELF ? 1.1 : 3);
                }
}
END_TEST

START_TEST(sharp_bells_are_exact_where_they_ring)
{
    for (double hz = 1000; hz <= 16000; hz *= 2)
        for (double gain_db = -24; gain_db <= 24; gain_db += 48) {
            enum { N = 1 << 16 };
            static float in[N];
            impulse_fill(in, N, 0);
            struct rig rig = eq_new((struct band){BELL, hz, gain_db, 40}, 48000);
            float *out = rig_run(&rig, in, N);
            ck_assert_double_eq_tol(decibel(cabs(response_at(out, N, hz, 48000))), gain_db, 0.1);
            free(out);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(a_cut_takes_away_what_its_boost_has_added)
{
    enum { N = 48000 };
    static float in[N];
    noise_fill(in, N, 0.5, 3);
    for (int type = BELL; type <= HIGH_SHELF; type++)
        for (double hz = 60; hz < 20000; hz *= 5) {
            struct rig boost = eq_new((struct band){type, hz, 15, 1.5}, 48000);
            struct rig cut = eq_new((struct band){type, hz, -15, 1.5}, 48000);
            float *lifted = rig_run(&boost, in, N), *back = rig_run(&cut, lifted, N);
            ck_assert_double_gt(snr_db(in, back, N), 110);
            free(lifted);
            free(back);
            rig_free(&boost);
            rig_free(&cut);
        }
}
END_TEST

START_TEST(a_flat_eq_gives_the_very_samples)
{
    enum { N = 5000 };
    static float in[N];
    noise_fill(in, N, 1, 9);
    in[100] = -0.0f;
    for (int on = 0; on < 2; on++) {
        struct rig rig = rig_new("eq", 48000, 1);
        for (unsigned number = 1; number <= 8; number++)
            band_value(&rig, number, "on", on);
        rig_start(&rig);
        float *out = rig_run(&rig, in, N), *again = run_moving(&rig, in, N, "freq3", 777);
        ck_assert_mem_eq(in, out, sizeof in);
        ck_assert_mem_eq(in, again, sizeof in);
        free(out);
        free(again);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(bands_add_up_in_any_number)
{
    static const struct band bands[] = {{LOW_SHELF, 90, 4, 0.7}, {BELL, 200, -8, 2},         {BELL, 700, 5, 1},
                                        {BELL, 1500, -3, 4},     {BELL, 3000, 6, 0.6},       {BELL, 6000, -9, 3},
                                        {NOTCH, 8000, 0, 5},     {HIGH_SHELF, 12000, 7, 0.7}};
    enum { N = 16384 };
    static float in[N];
    impulse_fill(in, N, 0);
    for (unsigned n = 1; n <= 8; n++) {
        struct rig rig = rig_new("eq", 48000, 1);
        for (unsigned k = 0; k < 8; k++) {
            band_set(&rig, k + 1, bands[k]);
            band_value(&rig, k + 1, "on", k < n);
        }
        rig_set(&rig, "output", -6);
        rig_start(&rig);
        float *out = rig_run(&rig, in, N);
        for (double hz = 40; hz < 20000; hz *= 1.7) {
            double wanted = -6;
            for (unsigned k = 0; k < n; k++)
                wanted += analogue_db(bands[k], hz);
            ck_assert_double_eq_tol(decibel(cabs(response_at(out, N, hz, 48000))), wanted, 0.4);
        }
        free(out);
        rig_free(&rig);
    }
}
END_TEST

/* ---- motion ------------------------------------------------------------------------------------------------------------ */

START_TEST(eight_frames_at_once_sound_as_cell_by_cell)
{
    enum { N = 24000 };
    static float in[N];
    static const struct band bands[] = {{BELL, 20, 24, 10},        {BELL, 1000, -24, 0.3}, {LOW_SHELF, 50, -20, 1},
                                        {HIGH_SHELF, 9000, 20, 2}, {LOWPASS, 15000, 0, 1}, {HIGHPASS, 30, 0, 0.7},
                                        {NOTCH, 4000, 0, 10}};
    noise_fill(in, N, 0.5, 1);
    for (unsigned k = 0; k < ROWS(bands); k++) {
        struct rig still = eq_new(bands[k], 48000), moving = eq_new(bands[k], 48000);
        float *at_once = rig_run(&still, in, N), *cells = run_moving(&moving, in, N, "freq1", (double)(float)bands[k].hz);
        double agree_db = snr_db(cells, at_once, N);
        ck_assert_msg(agree_db > 120, "band %u: %.1f dB", k, agree_db);
        free(at_once);
        free(cells);
        rig_free(&still);
        rig_free(&moving);
    }
}
END_TEST

START_TEST(without_input_any_modulation_only_lets_it_fade)
{
    enum { N = 96000 };
    static float in[N], hz[N], gain[N], q[N], type[N], on[N];
    struct rig rig = eq_new((struct band){BELL, 1000, 0, 1}, 48000);
    noise_fill(in, N / 4, 1, 2);
    noise_fill(hz, N, 1, 3);
    noise_fill(gain, N, 24, 4);
    noise_fill(q, N, 1, 5);
    noise_fill(type, N, 0.499, 6);
    noise_fill(on, N, 0.499, 7);
    for (unsigned i = 0; i < N; i++) {
        hz[i] = 450 * powf(2, 5.4f * hz[i]);
        q[i] = 2 * powf(2, 4.3f * q[i]);
        type[i] = floorf(6 * (type[i] + 0.5f));
        on[i] = on[i] > -0.4f;
    }
    rig_curve(&rig, "freq1", hz);
    rig_curve(&rig, "gain1", gain);
    rig_curve(&rig, "q1", q);
    rig_curve(&rig, "type1", type);
    rig_curve(&rig, "on1", on);
    float *out = rig_run(&rig, in, N);
    double loudest = peak(out, N / 4);
    ck_assert_double_lt(loudest, 300);
    for (unsigned part = 1; part < 4; part++)
        ck_assert_double_lt(decibel(peak(out + part * N / 4 + 9600, N / 4 - 9600) / loudest), -100);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(a_bell_that_sweeps_and_grows_has_no_steps)
{
    enum { N = 48000 };
    static float in[N], hz[N], gain[N];
    sine_fill(in, N, 100, 48000, 1);
    exponential_fill(hz, N, 10000, 20);
    line_fill(gain, N, -24, 24);
    struct rig rig = eq_new((struct band){BELL, 1000, 0, 2}, 48000);
    rig_curve(&rig, "freq1", hz);
    rig_curve(&rig, "gain1", gain);
    float *out = rig_run(&rig, in, N);
    /* what the bell lifts, and no corner from cell to cell: the second difference of a sine is that much smaller */
    double corner = 0;
    for (unsigned i = 2; i < N; i++)
        corner = fmax(corner, fabs((double)out[i] - 2 * (double)out[i - 1] + (double)out[i - 2]));
    ck_assert_double_lt(corner, 2 * 16 * pow(2 * M_PI * 100 / 48000, 2));
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(a_sweep_leaves_nothing_above_what_rings)
{
    enum { N = 1 << 16 };
    static float in[N], hz[N], gain[N];
    sine_fill(in, N, 1000, 48000, 1);
    for (unsigned i = 0; i < N; i++) {
        double wave = 0.5 + 0.5 * sin(2 * M_PI * 5 * i / 48000);
        hz[i] = (float)(200 * pow(25, wave));
        gain[i] = (float)(24 * (2 * wave - 1));
    }
    struct rig rig = eq_new((struct band){BELL, 1000, 24, 4}, 48000);
    rig_curve(&rig, "freq1", hz);
    rig_curve(&rig, "gain1", gain);
    float *out = rig_run(&rig, in, N);
    double *lines = spectrum(out, N), tone = lines[N / 48];
    /* cells of eight frames would show as images of the tone around every 6 kHz */
    for (unsigned k = N / 48000.0 * 4500; k <= N / 2; k++)
        ck_assert_msg(decibel(lines[k] / tone) < -120, "%.1f dB at %.0f Hz", decibel(lines[k] / tone), k * 48000.0 / N);
    free(lines);
    free(out);
    rig_free(&rig);
}
END_TEST

/* The largest difference between neighbours while one parameter of a band changes every 1000 frames; of a sine of 100 Hz. */
static double step_while(struct band band, const char *param, const float *values, unsigned n_values)
{
    size_t n = (size_t)n_values * 1000;
    float *in = malloc(n * sizeof *in), *curve = malloc(n * sizeof *curve);
    sine_fill(in, n, 100, 48000, 1);
    for (size_t i = 0; i < n; i++)
        curve[i] = values[i / 1000];
    struct rig rig = eq_new(band, 48000);
    rig_curve(&rig, param, curve);
    float *out = rig_run(&rig, in, n);
    double step = largest_step(out, n);
    free(out);
    free(in);
    free(curve);
    rig_free(&rig);
    return step;
}

START_TEST(another_type_or_a_switch_does_not_click)
{
    static const float types[] = {BELL, LOWPASS, NOTCH, HIGHPASS, HIGH_SHELF, LOW_SHELF, LOWPASS, BELL, LOW_SHELF};
    static const float on[] = {1, 0, 1, 0, 0, 1, 1, 0};
    /* the sine's own slope by the boost, and the way from the lowest to the highest in 10 ms, filters' answers included */
    double loudest = pow(10, 9.0 / 20), most = 1.5 * (loudest * 2 * M_PI * 100 / 48000 + 2 * loudest / 480);
    ck_assert_double_lt(step_while((struct band){BELL, 1000, 9, 1}, "type1", types, ROWS(types)), most);
    for (int type = BELL; type <= NOTCH; type++)
        ck_assert_double_lt(step_while((struct band){type, 150, 9, 1}, "on1", on, ROWS(on)), most);
}
END_TEST

START_TEST(a_band_switched_off_is_gone_after_10_ms_and_comes_back_clean)
{
    enum { N = 4800, LATER = 2400 };
    float in[N];
    noise_fill(in, N, 1, 17);
    struct rig rig = eq_new((struct band){HIGHPASS, 500, 0, 3}, 48000);
    free(rig_run(&rig, in, N));
    rig_set(&rig, "on1", 0);
    float *out = rig_run(&rig, in, N);
    ck_assert_mem_eq(out + 600, in + 600, (N - 600) * sizeof *in);
    rig_set(&rig, "on1", 1);
    float *back = rig_run(&rig, in, N);
    struct rig other = eq_new((struct band){HIGHPASS, 500, 0, 3}, 48000);
    float *always = rig_run(&other, in, N);
    ck_assert_double_gt(snr_db(always + LATER, back + LATER, N - LATER), 60);
    free(out);
    free(back);
    free(always);
    rig_free(&rig);
    rig_free(&other);
}
END_TEST

START_TEST(a_glide_ends_on_the_very_filter)
{
    enum { N = 48000, GLIDE = 960, LATER = 24000 };
    static float in[N], hz[N];
    noise_fill(in, N, 0.5, 21);
    exponential_fill(hz, GLIDE, 200, 2000);
    for (unsigned i = GLIDE - 1; i < N; i++)
        hz[i] = 2000;
    struct rig glides = eq_new((struct band){BELL, 200, 12, 2}, 48000),
               stands = eq_new((struct band){BELL, 2000, 12, 2}, 48000);
    rig_curve(&glides, "freq1", hz);
    float *out = rig_run(&glides, in, N), *wanted = rig_run(&stands, in, N);
    ck_assert_double_gt(snr_db(wanted + LATER, out + LATER, N - LATER), 120);
    free(out);
    free(wanted);
    rig_free(&glides);
    rig_free(&stands);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_band_has_the_shape_of_its_analogue_model,
        sharp_bells_are_exact_where_they_ring,
        a_cut_takes_away_what_its_boost_has_added,
        a_flat_eq_gives_the_very_samples,
        bands_add_up_in_any_number,
        eight_frames_at_once_sound_as_cell_by_cell,
        without_input_any_modulation_only_lets_it_fade,
        a_bell_that_sweeps_and_grows_has_no_steps,
        a_sweep_leaves_nothing_above_what_rings,
        another_type_or_a_switch_does_not_click,
        a_band_switched_off_is_gone_after_10_ms_and_comes_back_clean,
        a_glide_ends_on_the_very_filter,
    };
    return suite_run("eq", 60, tests, ROWS(tests));
}
