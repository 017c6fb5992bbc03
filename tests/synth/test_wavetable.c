#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/wavetable.h"
#include "tests/node_rig.h"
#include "tests/player_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000.0
#define N    16384
#define SKIP 1024

enum { BASIC, PULSE, SYNC_SAW, FOLD, FM_PAIR, VOWEL, ORGAN, RESONANCE, N_TABLES };
enum { FM, SYNC };

static struct rig table_rig(int table, double hz, double position)
{
    struct rig rig = rig_new("wavetable", RATE, 0);
    rig.unwired = 3;
    rig_set(&rig, "table", (float)table);
    rig_set(&rig, "freq", (float)hz);
    rig_set(&rig, "position", (float)position);
    rig_set(&rig, "level", 0);
    return rig;
}

static float *table_run(int table, double hz, double position)
{
    struct rig rig = table_rig(table, hz, position);
    rig_start(&rig);
    float *x = rig_run(&rig, NULL, N);
    rig_free(&rig);
    return x;
}

/* One table at many pitches: to make it takes longer than to play it. */
static float *rerun(struct rig *rig, double hz, double position, const float *in, size_t n)
{
    rig_set(rig, "freq", (float)hz);
    rig_set(rig, "position", (float)position);
    float *x = rig_run(rig, in, SKIP + n);
    memmove(x, x + SKIP, n * sizeof *x);
    return x;
}

/* ---- tables ------------------------------------------------------------------------------------------------------------ */

START_TEST(there_are_as_many_tables_as_names)
{
    for (int table = 0; table < N_TABLES; table++) {
        struct rig rig = table_rig(table, 440, 0);
        ck_assert_str_eq(rig.class->params[0].choices[table], wavetable_names[table]);
        rig_free(&rig);
    }
    ck_assert_ptr_null(wavetable_names[N_TABLES]);
}
END_TEST

START_TEST(the_basic_table_has_a_sine_a_triangle_a_saw_and_a_square)
{
    for (int form = 0; form < 4; form++) {
        float *x = table_run(BASIC, 440, form / 3.0);
        double first = tone_amplitude(x, N, 440, RATE);
        for (int k = 2; k * 440 < 0.35 * RATE; k++) {
            double odd = k % 2, expected = (double[]){0, odd / (k * k), 1.0 / k, odd / k}[form];
            ck_assert_double_eq_tol(tone_amplitude(x, N, k * 440, RATE) / first, expected, 1e-5);
        }
        free(x);
    }
}
END_TEST

START_TEST(every_table_just_reaches_full_scale)
{
    for (int table = 0; table < N_TABLES; table++) {
        struct rig rig = table_rig(table, 440, 0);
        rig_start(&rig);
        for (int p = 0; p <= 4; p++) {
            float *x = rerun(&rig, 46.875, p / 4.0, NULL, N);
            ck_assert_double_lt(peak(x, N), 1.1);
            if (table != VOWEL || p % 2 == 0)
                ck_assert_double_gt(peak(x, N), 0.5);
            ck_assert_double_lt(fabs(mean(x, N)), 1e-5);
            free(x);
        }
        rig_free(&rig);
    }
}
END_TEST

/* The two operators of graph/dsp/wavetable_sources.c: the side bands at 1 + 2 m, those below 0 turned round. */
START_TEST(the_fm_table_has_bessel_functions_for_partials)
{
    float *x = table_run(FM_PAIR, 100, 10 / 31.0);
    double index = 9 * 10 / 31.0, scale = tone_amplitude(x, N, 500, RATE) / fabs(jn(2, index) - jn(-3, index));
    for (int k = 1; k < 12; k += 2)
        ck_assert_double_eq_tol(tone_amplitude(x, N, k * 100, RATE) / scale,
                                fabs(jn((k - 1) / 2, index) - jn(-(k + 1) / 2, index)), 1e-4);
    free(x);
}
END_TEST

/* ---- aliases ------------------------------------------------------------------------------------------------------------ */

static const double pitches_hz[] = {27.5, 110, 440, 997, 1234.5, 1499.5, 2637, 4186, 5000};

START_TEST(aliases_lie_below_minus_100_db_up_to_5_khz)
{
    for (int table = 0; table < N_TABLES; table++) {
        struct rig rig = table_rig(table, 440, 0);
        rig_start(&rig);
        for (size_t f = 0; f < ROWS(pitches_hz); f++)
            for (int p = 0; p < 3; p++) {
                float *x = rerun(&rig, pitches_hz[f], p * 0.47, NULL, N);
                double db = inharmonic_db(x, N, (float)pitches_hz[f], RATE);
                ck_assert_msg(db < -100, "table %d at %g Hz, position %g: %.1f dB", table, pitches_hz[f], p * 0.47, db);
                free(x);
            }
        rig_free(&rig);
    }
}
END_TEST

/* The largest amplitude that no side band has: of 3002 Hz, with a vibrato of 50 Hz, the k-th partial has all of its own 2 k Hz
 * above multiples of 50, up to 16 for the eight below half the rate. Those above would fold to 50 - 2 k. */
static double beside_bands(const float *x, size_t n)
{
    double *amplitude = spectrum(x, n), worst = 0;
    for (size_t bin = 0; bin <= n / 2; bin++) {
        double beyond = fmod((double)bin * RATE / (double)n, 50);
        worst = fmax(worst, beyond > 24 && beyond < 43 ? amplitude[bin] : 0);
    }
    free(amplitude);
    return worst;
}

START_TEST(vibrato_of_10_percent_50_times_a_second_has_aliases_below_minus_80_db)
{
    enum { LONG = 65536 };
    static float in[SKIP + LONG];
    sine_fill(in, SKIP + LONG, 50, RATE, 1);
    for (int table = 0; table < N_TABLES; table++) {
        struct rig rig = table_rig(table, 440, 0);
        rig.unwired = 1 << SYNC;
        rig_set(&rig, "fm_depth", 0.1f);
        rig_start(&rig);
        for (double hz = 3002; hz <= 5002; hz += 1000) {
            float *still = rerun(&rig, hz, 0.8, NULL, N), *x = rerun(&rig, hz, 0.8, in, LONG);
            double *partials = spectrum(still, N), loudest = 0;
            for (size_t bin = 0; bin < N / 2; bin++)
                loudest = fmax(loudest, partials[bin]);
            double db = decibel(beside_bands(x, LONG) / loudest);
            free(partials);
            ck_assert_msg(db < -80, "table %d at %g Hz: %.1f dB", table, hz, db);
            free(still);
            free(x);
        }
        rig_free(&rig);
    }
}
END_TEST

START_TEST(synced_by_a_sine_aliases_lie_below_minus_80_db)
{
    static const double masters_hz[] = {440.1, 1234.5, 3300, 5000.3};
    float in[SKIP + N];
    for (int table = 0; table < N_TABLES; table++) {
        struct rig rig = table_rig(table, 440, 0);
        rig.unwired = 1 << FM;
        rig_start(&rig);
        for (size_t m = 0; m < 4; m++) {
            sine_fill(in, SKIP + N, masters_hz[m], RATE, 0.5);
            float *x = rerun(&rig, 1.5 * masters_hz[m], 0.6, in, N);
            double db = inharmonic_db(x, N, masters_hz[m], RATE);
            ck_assert_msg(db < -80, "table %d at %g Hz: %.1f dB", table, masters_hz[m], db);
            free(x);
        }
        rig_free(&rig);
    }
}
END_TEST

/* ---- pitch and position --------------------------------------------------------------------------------------------------- */

START_TEST(every_frequency_is_in_tune)
{
    static const double freqs_hz[] = {0.01, 8.1757989, 27.5, 440, 997, 4186.009, 12543.85, 20000};
    for (size_t f = 0; f < ROWS(freqs_hz); f++) {
        float *x = table_run(BASIC, freqs_hz[f], 0);
        for (size_t i = 0; i < N; i += 7) {
            long double cycles = (long double)(float)freqs_hz[f] / RATE * i;
            ck_assert_double_eq_tol(x[i], (double)sinl(2 * (long double)M_PI * (cycles - floorl(cycles))), 2e-6);
        }
        free(x);
    }
}
END_TEST

START_TEST(between_two_cycles_lies_their_mixture)
{
    float *sine = table_run(BASIC, 300, 0), *triangle = table_run(BASIC, 300, 1 / 3.0), *x = table_run(BASIC, 300, 0.1);
    for (size_t i = 0; i < N; i++)
        ck_assert_double_eq_tol(x[i], 0.7 * sine[i] + 0.3 * triangle[i], 3e-6);
    free(sine);
    free(triangle);
    free(x);
}
END_TEST

/* Through all levels: the partials below 0.35 of the rate are whole, those above are left to the fade. */
START_TEST(a_glide_through_all_octaves_has_no_seams)
{
    struct rig rig = table_rig(BASIC, 440, 2 / 3.0);
    float hz[N], *x;
    double cycles = 0, worst = 0, scale = 0;
    exponential_fill(hz, N, 100, 12000);
    rig_start(&rig);
    rig_curve(&rig, "freq", hz);
    x = rig_run(&rig, NULL, N);
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0, end = turn ? N : 500; i < end; i++) {
            double sum = 0, in_the_fade = 0;
            cycles = i ? cycles + (double)hz[i - 1] / RATE : 0;
            for (int k = 1; k * (double)hz[i] < RATE / 2 && k <= 512; k++) {
                double term = (k % 2 ? 1 : -1) / (double)k * sin(2 * M_PI * k * cycles);
                sum += term * (k * (double)hz[i] < 0.35 * RATE || k == 1);
                in_the_fade += fabs(term) * !(k * (double)hz[i] < 0.35 * RATE || k == 1);
            }
            if (!turn)
                scale = fabs(sum) > 0.3 ? x[i] / sum : scale; /* the height of the saw, which begins with few in the fade */
            else
                worst = fmax(worst, fabs(x[i] / scale - sum) - in_the_fade);
        }
    }
    ck_assert_double_lt(worst, 0.05);
    free(x);
    rig_free(&rig);
}
END_TEST

static float *eventful(unsigned block, unsigned unwired)
{
    struct rig rig = table_rig(FOLD, 440, 0);
    static float in[N], hz[N], position[N], phase[N];
    rig.block = block;
    rig.unwired = unwired;
    rig_set(&rig, "fm_depth", 0.5f);
    rig_start(&rig);
    for (int i = 0; i < N; i++) {
        in[i] = (float)sin(2 * M_PI * 310 / RATE * i);
        position[i] = (float)(0.5 + 0.5 * sin(2 * M_PI * 700 / RATE * i));
    }
    exponential_fill(hz, N, 20, 6000);
    line_fill(phase, N, 0, 1);
    rig_curve(&rig, "freq", hz);
    rig_curve(&rig, "position", position);
    rig_curve(&rig, "phase", phase);
    float *x = rig_run(&rig, in, N);
    rig_free(&rig);
    return x;
}

START_TEST(the_division_into_blocks_does_not_matter)
{
    for (unsigned unwired = 0; unwired < 4; unwired++) {
        float *reference = eventful(BLOCK_MAX, unwired), *x = eventful(17, unwired);
        ck_assert(all_finite(reference, N) && peak(reference, N) < 4);
        ck_assert_double_ge(snr_db(reference, x, N), 110);
        free(reference);
        free(x);
    }
}
END_TEST

/* ---- files -------------------------------------------------------------------------------------------------------------- */

/* A file of two channels: the first has cycles of one partial each, 1, 2, 3…; the second is full of something else. */
static float *partials_file(unsigned cycle, unsigned n_cycles)
{
    float *x = calloc((size_t)cycle * n_cycles * 2, sizeof *x);
    for (unsigned i = 0; i < cycle * n_cycles; i++) {
        x[2 * i] = 0.5f * (float)sin(2 * M_PI * (i / cycle + 1) * i / cycle);
        x[2 * i + 1] = i % 5 ? 1 : -1;
    }
    return x;
}

START_TEST(a_file_is_read_cycle_by_cycle_whatever_their_length_and_its_rate)
{
    static const unsigned cycles[] = {64, 600, 2048, 4096};
    for (size_t c = 0; c < 4; c++)
        for (unsigned part = 0; part < 3; part++) {
            float *samples = partials_file(cycles[c], 3);
            struct media media = player_media(samples, 3 * cycles[c], 2, c % 2 ? 44100 : 96000);
            struct rig rig = table_rig(BASIC, 500, part / 2.0);
            rig_set(&rig, "cycle", (float)cycles[c]);
            rig_media(&rig, "file", &media);
            rig_start(&rig);
            float *x = rig_run(&rig, NULL, N);
            for (unsigned k = 1; k < 5; k++)
                ck_assert_double_eq_tol(tone_amplitude(x, N, k * 500, RATE), k == part + 1 ? 0.5 : 0, 1e-5);
            free(x);
            rig_free(&rig);
            free(samples);
        }
}
END_TEST

START_TEST(a_file_shorter_than_a_cycle_is_one)
{
    float *samples = partials_file(337, 1);
    struct media media = player_media(samples, 337, 2, 48000);
    struct rig rig = table_rig(BASIC, 500, 0.5);
    rig_media(&rig, "file", &media);
    rig_start(&rig);
    float *x = rig_run(&rig, NULL, N);
    ck_assert_double_eq_tol(tone_amplitude(x, N, 500, RATE), 0.5, 1e-5);
    free(x);
    rig_free(&rig);
    free(samples);
}
END_TEST

START_TEST(a_file_without_a_cycle_is_refused_with_why)
{
    float one = 1;
    struct media none = player_media(&one, 1, 1, 48000);
    struct rig rig = table_rig(BASIC, 500, 0);
    struct error error = {0};
    rig_media(&rig, "file", &none);
    ck_assert_int_eq(rig_try(&rig, &error), ERROR_BAD_FILE);
    ck_assert_ptr_nonnull(strstr(error.text, "has no cycle in it"));
    rig_free(&rig);
}
END_TEST

START_TEST(of_a_long_file_the_first_256_cycles_are_taken)
{
    float *samples = calloc(64 * 300, sizeof *samples);
    for (int i = 0; i < 64 * 300; i++)
        samples[i] = (float)sin(2 * M_PI * i / 64) * (i / 64 == 255 ? 0.5f : 0.1f);
    struct media media = player_media(samples, 64 * 300, 1, 48000);
    struct rig rig = table_rig(BASIC, 500, 1);
    rig_set(&rig, "cycle", 64);
    rig_media(&rig, "file", &media);
    rig_start(&rig);
    float *x = rig_run(&rig, NULL, N);
    ck_assert_double_eq_tol(tone_amplitude(x, N, 500, RATE), 0.5, 1e-5);
    free(x);
    rig_free(&rig);
    free(samples);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        there_are_as_many_tables_as_names,
        the_basic_table_has_a_sine_a_triangle_a_saw_and_a_square,
        every_table_just_reaches_full_scale,
        the_fm_table_has_bessel_functions_for_partials,
        aliases_lie_below_minus_100_db_up_to_5_khz,
        vibrato_of_10_percent_50_times_a_second_has_aliases_below_minus_80_db,
        synced_by_a_sine_aliases_lie_below_minus_80_db,
        every_frequency_is_in_tune,
        between_two_cycles_lies_their_mixture,
        a_glide_through_all_octaves_has_no_seams,
        the_division_into_blocks_does_not_matter,
        a_file_is_read_cycle_by_cycle_whatever_their_length_and_its_rate,
        a_file_shorter_than_a_cycle_is_one,
        a_file_without_a_cycle_is_refused_with_why,
        of_a_long_file_the_first_256_cycles_are_taken,
    };
    TCase *tcase = tcase_create("wavetable");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("wavetable", tcase);
}
