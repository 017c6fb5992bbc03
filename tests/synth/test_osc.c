#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"

#define RATE 48000.0
#define N    65536

/* sin of a phase in cycles, in long double: what a perfect oscillator would say. */
static double ideal(long double cycles)
{
    return (double)sinl(2 * (long double)M_PI * (cycles - floorl(cycles)));
}

static struct rig loud_osc(double rate_hz, double freq)
{
    struct rig rig = rig_new("osc", rate_hz, 0);
    rig.unwired = 3;
    rig_set(&rig, "level", 0);
    rig_set(&rig, "freq", (float)freq);
    rig_start(&rig);
    return rig;
}

/* How far x lies from a sine whose phase in cycles is phase[i]: rms of the difference, in dB of full scale. */
static double error_db(const float *x, const long double *phase, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += pow(x[i] - ideal(phase[i]), 2);
    return decibel(sqrt(sum / (double)n));
}

/* Phases of a frequency that differs from frame to frame, starting at 0. */
static long double *phases_of(const float *freq, double rate_hz, size_t n)
{
    long double *phase = malloc(n * sizeof *phase), at = 0;
    for (size_t i = 0; i < n; i++) {
        phase[i] = at;
        at += (long double)freq[i] / rate_hz;
    }
    return phase;
}

static void expect_pitch(double rate_hz, double freq)
{
    struct rig rig = loud_osc(rate_hz, freq);
    float constant[N], *x = rig_run(&rig, NULL, N);
    for (size_t i = 0; i < N; i++)
        constant[i] = (float)freq;
    long double *phase = phases_of(constant, rate_hz, N);
    ck_assert_msg(error_db(x, phase, N) < -135, "%g Hz at %g: %.1f dB", freq, rate_hz, error_db(x, phase, N));
    free(phase);
    free(x);
    rig_free(&rig);
}

START_TEST(every_frequency_is_in_tune_at_every_rate)
{
    static const double rates[] = {44100, 48000, 96000, 192000};
    static const double freqs[] = {0.01, 0.37, 8.1757989, 27.5, 110, 261.6255653, 440, 997, 4186.009, 12543.85, 20000};
    for (size_t r = 0; r < ROWS(rates); r++)
        for (size_t f = 0; f < ROWS(freqs); f++)
            expect_pitch(rates[r], freqs[f]);
}
END_TEST

/* The largest component farther than 8 bins from the tone, relative to the tone. */
static double worst_spur_db(const float *x, size_t n, double hz)
{
    double *amplitude = spectrum(x, n), spur = 0, bin = hz * (double)n / RATE;
    for (size_t k = 0; k <= n / 2; k++)
        if (fabs((double)k - bin) > 8)
            spur = fmax(spur, amplitude[k]);
    double db = decibel(spur / tone_amplitude(x, n, hz, RATE));
    free(amplitude);
    return db;
}

/* Frequencies that divide the rate concentrate the rounding in a few harmonics, the others spread it. */
START_TEST(spurs_lie_below_minus_140_db)
{
    static const double freqs[] = {50,   187.5, 440,    997,  1000,  2000,  3000, 4800,
                                   5000, 6000,  7999.5, 8000, 11025, 15000, 19999};
    for (size_t f = 0; f < ROWS(freqs); f++) {
        struct rig rig = loud_osc(RATE, freqs[f]);
        rig_set(&rig, "phase", 0.1f);
        float *x = rig_run(&rig, NULL, N);
        double db = worst_spur_db(x, N, (float)freqs[f]);
        ck_assert_msg(db < -140, "%g Hz: %.1f dB", freqs[f], db);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(after_an_hour_the_phase_is_exact)
{
    const double freq = (float)439.7;
    struct rig rig = loud_osc(RATE, freq);
    float block[BLOCK_MAX], *out[] = {block};
    uint64_t hour = (uint64_t)(3600 * RATE) / BLOCK_MAX * BLOCK_MAX;
    for (uint64_t i = 0; i < hour; i += BLOCK_MAX)
        rig_process(&rig, NULL, out, BLOCK_MAX);
    rig_process(&rig, NULL, out, BLOCK_MAX);
    for (unsigned i = 0; i < BLOCK_MAX; i++)
        ck_assert_double_eq_tol(block[i], ideal((long double)freq / RATE * (hour + i)), 5e-7);
    rig_free(&rig);
}
END_TEST

START_TEST(a_swept_frequency_is_followed_frame_by_frame)
{
    struct rig rig = loud_osc(RATE, 440);
    float freq[N];
    exponential_fill(freq, N, 20, 20000);
    rig_curve(&rig, "freq", freq);
    float *x = rig_run(&rig, NULL, N);
    long double *phase = phases_of(freq, RATE, N);
    ck_assert_double_lt(error_db(x, phase, N), -130);
    free(phase);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(frequency_modulation_at_audio_rate_has_the_side_bands_of_theory)
{
    const double carrier = 6000, modulator = 1500, index = 2;
    struct rig rig = loud_osc(RATE, carrier);
    float freq[N];
    for (size_t i = 0; i < N; i++)
        freq[i] = (float)(carrier + index * modulator * cos(2 * M_PI * modulator / RATE * (double)i));
    rig_curve(&rig, "freq", freq);
    float *x = rig_run(&rig, NULL, N);
    /* Sampling the frequency makes the index sin(w/2) / (w/2) times as small: w is the modulator's step. */
    double half = M_PI * modulator / RATE, sampled = index * half / sin(half);
    for (int k = 0; k < 4; k++)
        ck_assert_double_eq_tol(tone_amplitude(x, N, carrier + k * modulator, RATE), fabs(jn(k, sampled)), 1e-4);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(fine_detunes_by_cents)
{
    for (float cents = -100; cents <= 100; cents += 12.5f) {
        struct rig rig = loud_osc(RATE, 1000);
        rig_set(&rig, "fine", cents);
        float *x = rig_run(&rig, NULL, N);
        long double phase[N];
        for (size_t i = 0; i < N; i++)
            phase[i] = 1000 * powl(2, cents / 1200.0L) / RATE * i;
        ck_assert_msg(error_db(x, phase, N) < -130, "%g cents", (double)cents);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_gliding_fine_is_followed_frame_by_frame)
{
    struct rig rig = loud_osc(RATE, 440);
    float cents[N];
    long double phase[N], at = 0;
    line_fill(cents, N, -100, 100);
    for (size_t i = 0; i < N; i++) {
        phase[i] = at;
        at += 440 * exp2l(cents[i] / 1200.0L) / RATE;
    }
    rig_curve(&rig, "fine", cents);
    float *x = rig_run(&rig, NULL, N);
    ck_assert_double_lt(error_db(x, phase, N), -130);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(phase_shifts_by_parts_of_a_cycle)
{
    static const float shifts[] = {0, 0.1f, 0.25f, 0.5f, 0.999f, 1};
    for (size_t s = 0; s < ROWS(shifts); s++) {
        struct rig rig = loud_osc(RATE, 440);
        rig_set(&rig, "phase", shifts[s]);
        float *x = rig_run(&rig, NULL, 4800);
        for (size_t i = 0; i < 4800; i++)
            ck_assert_double_eq_tol(x[i], ideal(440 / (long double)RATE * i + shifts[s]), 5e-7);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(phase_modulation_at_audio_rate_is_exact)
{
    struct rig rig = loud_osc(RATE, 440);
    float shift[N];
    long double phase[N];
    for (size_t i = 0; i < N; i++) {
        shift[i] = (float)(0.5 + 0.5 * sin(2 * M_PI * 700 / RATE * (double)i));
        phase[i] = 440 / (long double)RATE * i + shift[i];
    }
    rig_curve(&rig, "phase", shift);
    float *x = rig_run(&rig, NULL, N);
    ck_assert_double_lt(error_db(x, phase, N), -130);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(level_is_the_peak_in_decibels)
{
    for (float db = -60; db <= 0; db += 7.5f) {
        struct rig rig = loud_osc(RATE, 997);
        rig_set(&rig, "level", db);
        float *x = rig_run(&rig, NULL, N);
        ck_assert_double_eq_tol(decibel(tone_amplitude(x, N, 997, RATE)), db, 0.001);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_lowest_level_is_silence)
{
    struct rig rig = loud_osc(RATE, 997);
    float level[N];
    line_fill(level, N, 0, -120);
    rig_curve(&rig, "level", level);
    float *x = rig_run(&rig, NULL, N);
    ck_assert_double_eq_tol(decibel(peak(x + N / 2 - 500, 1000)), -60, 1);
    free(x);
    rig_set(&rig, "level", -120);
    x = rig_run(&rig, NULL, N);
    ck_assert_double_eq(peak(x, N), 0);
    free(x);
    rig_free(&rig);
}
END_TEST

static float *modulated_run(unsigned block)
{
    struct rig rig = loud_osc(RATE, 440);
    float freq[N], fine[N], level[N];
    exponential_fill(freq, N, 100, 15000);
    line_fill(fine, N, 100, -100);
    line_fill(level, N, -20, 0);
    rig.block = block;
    rig_curve(&rig, "freq", freq);
    float *x = rig_run(&rig, NULL, N / 2);
    rig_set(&rig, "freq", 15000);
    rig_curve(&rig, "fine", fine);
    rig_curve(&rig, "level", level);
    float *y = rig_run(&rig, NULL, N / 2);
    x = realloc(x, N * sizeof *x);
    memcpy(x + N / 2, y, N / 2 * sizeof *x);
    free(y);
    rig_free(&rig);
    return x;
}

START_TEST(the_division_into_blocks_does_not_matter)
{
    static const unsigned blocks[] = {0, 1, 17, 64};
    float *reference = modulated_run(BLOCK_MAX);
    for (size_t b = 0; b < ROWS(blocks); b++) {
        float *x = modulated_run(blocks[b]);
        ck_assert_mem_eq(reference, x, N * sizeof *x);
        free(x);
    }
    free(reference);
}
END_TEST

START_TEST(all_channels_are_the_same)
{
    struct rig rig = rig_new("osc", RATE, PORT_CHANNELS_MAX);
    float x[PORT_CHANNELS_MAX][1000], *out[PORT_CHANNELS_MAX];
    for (unsigned c = 0; c < PORT_CHANNELS_MAX; c++)
        out[c] = x[c];
    rig_start(&rig);
    rig_process(&rig, NULL, out, 1000);
    ck_assert_uint_eq(rig.n_out, PORT_CHANNELS_MAX);
    ck_assert_double_gt(peak(x[0], 1000), 0.1);
    for (unsigned c = 1; c < PORT_CHANNELS_MAX; c++)
        ck_assert_mem_eq(x[0], x[c], sizeof x[0]);
    rig_free(&rig);
}
END_TEST

START_TEST(what_the_rate_cannot_hold_stays_at_half_of_it)
{
    struct rig rig = loud_osc(16000, 20000);
    rig_set(&rig, "phase", 0.25f);
    float *x = rig_run(&rig, NULL, 1000);
    for (size_t i = 0; i < 1000; i++)
        ck_assert_double_eq_tol(x[i], i % 2 ? -1 : 1, 1e-6);
    free(x);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("osc");
    TCase *tests = tcase_create("osc");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_frequency_is_in_tune_at_every_rate);
    tcase_add_test(tests, spurs_lie_below_minus_140_db);
    tcase_add_test(tests, after_an_hour_the_phase_is_exact);
    tcase_add_test(tests, a_swept_frequency_is_followed_frame_by_frame);
    tcase_add_test(tests, frequency_modulation_at_audio_rate_has_the_side_bands_of_theory);
    tcase_add_test(tests, fine_detunes_by_cents);
    tcase_add_test(tests, a_gliding_fine_is_followed_frame_by_frame);
    tcase_add_test(tests, phase_shifts_by_parts_of_a_cycle);
    tcase_add_test(tests, phase_modulation_at_audio_rate_is_exact);
    tcase_add_test(tests, level_is_the_peak_in_decibels);
    tcase_add_test(tests, the_lowest_level_is_silence);
    tcase_add_test(tests, the_division_into_blocks_does_not_matter);
    tcase_add_test(tests, all_channels_are_the_same);
    tcase_add_test(tests, what_the_rate_cannot_hold_stays_at_half_of_it);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
