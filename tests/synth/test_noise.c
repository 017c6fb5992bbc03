#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define N (1u << 17)

enum { WHITE, PINK, BROWN, BLUE, N_COLOURS };

/* What the power per Hz does per octave. */
static const double db_per_octave[] = {0, -3.0103, -6.0206, 3.0103};

static struct rig noise_rig(double rate_hz, int colour, unsigned seed, unsigned channels)
{
    struct rig rig = rig_new("noise", rate_hz, channels);
    rig_set(&rig, "colour", (float)colour);
    rig_set(&rig, "seed", (float)seed);
    rig_set(&rig, "level", -20);
    rig_start(&rig);
    return rig;
}

static float *noise_run(double rate_hz, int colour, unsigned seed, size_t n)
{
    struct rig rig = noise_rig(rate_hz, colour, seed, 1);
    float *x = rig_run(&rig, NULL, n);
    rig_free(&rig);
    return x;
}

static double band_power(const double *amplitude, double low_hz, double high_hz, double rate_hz)
{
    double power = 0;
    for (size_t k = (size_t)(low_hz * N / rate_hz) + 1; (double)k < high_hz * N / rate_hz; k++)
        power += amplitude[k] * amplitude[k];
    return power;
}

/* The same seed makes the same white noise, so that what a colour does to it is known band by band, without averaging for
 * minutes. The reference is its own mean: levels have a test of their own. */
static void expect_slope(double rate_hz, int colour)
{
    float *x = noise_run(rate_hz, WHITE, 5, N), *y = noise_run(rate_hz, colour, 5, N);
    double *before = spectrum(x, N), *after = spectrum(y, N), error[40], sum = 0;
    int bands = 0;
    for (double hz = 20; hz * 1.26 < 20000; hz *= 1.26, bands++) {
        double ratio = band_power(after, hz, hz * 1.26, rate_hz) / band_power(before, hz, hz * 1.26, rate_hz);
        error[bands] = 10 * log10(ratio) - db_per_octave[colour] * log2(hz);
        sum += error[bands];
    }
    for (int b = 0; b < bands; b++)
        ck_assert_msg(fabs(error[b] - sum / bands) < 0.4, "colour %d at %g, %g Hz: %.2f dB off", colour, rate_hz,
                      20 * pow(1.26, b), error[b] - sum / bands);
    free(before);
    free(after);
    free(x);
    free(y);
}

START_TEST(colours_have_their_slopes_at_every_rate)
{
    static const double rates_hz[] = {44100, 48000, 96000, 192000};
    for (size_t r = 0; r < ROWS(rates_hz); r++)
        for (int colour = PINK; colour < N_COLOURS; colour++)
            expect_slope(rates_hz[r], colour);
}
END_TEST

START_TEST(white_noise_is_even_over_all_octaves)
{
    float *x = noise_run(48000, WHITE, 9, N);
    double *amplitude = spectrum(x, N), whole = band_power(amplitude, 0, 24000, 48000) / 24000;
    /* The scatter of a band falls with the number of independent values in it. */
    for (double hz = 750; hz < 24000; hz *= 2)
        ck_assert_double_eq_tol(10 * log10(band_power(amplitude, hz, 2 * hz, 48000) / hz / whole), 0,
                                60 / sqrt(hz * N / 48000));
    free(amplitude);
    free(x);
}
END_TEST

START_TEST(white_noise_is_evenly_distributed)
{
    float *x = noise_run(48000, WHITE, 3, N);
    unsigned bins[64] = {0};
    for (size_t i = 0; i < N; i++) {
        double part = (x[i] / (0.1 * sqrt(3)) + 1) / 2;
        ck_assert(part >= 0 && part <= 1);
        bins[(unsigned)fmin(63, part * 64)]++;
    }
    double chi_square = 0, expected = N / 64.0;
    for (int b = 0; b < 64; b++)
        chi_square += pow(bins[b] - expected, 2) / expected;
    /* Of 63 degrees of freedom: 99.99 % of all sequences lie between. */
    ck_assert(chi_square > 27 && chi_square < 113);
    free(x);
}
END_TEST

static double correlation(const float *x, const float *y, size_t n)
{
    double xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < n; i++) {
        xy += (double)x[i] * y[i];
        xx += (double)x[i] * x[i];
        yy += (double)y[i] * y[i];
    }
    return xy / sqrt(xx * yy);
}

START_TEST(white_noise_has_no_echo_of_itself)
{
    float *x = noise_run(48000, WHITE, 7, N);
    for (size_t lag = 1; lag < 3000; lag = lag < 70 ? lag + 1 : lag * 2)
        ck_assert_double_lt(fabs(correlation(x, x + lag, N - lag)), 4.5 / sqrt(N));
    ck_assert_double_lt(fabs(mean(x, N)), 0.1 * 4.5 / sqrt(N));
    free(x);
}
END_TEST

START_TEST(channels_and_seeds_have_nothing_in_common)
{
    float *x[PORT_CHANNELS_MAX + 1];
    struct rig rig = noise_rig(48000, WHITE, 1, PORT_CHANNELS_MAX);
    for (unsigned c = 0; c < PORT_CHANNELS_MAX; c++)
        x[c] = malloc(N * sizeof(float));
    rig_process(&rig, NULL, x, N);
    x[PORT_CHANNELS_MAX] = noise_run(48000, WHITE, 2, N);
    for (unsigned a = 0; a <= PORT_CHANNELS_MAX; a++)
        for (unsigned b = 0; b < a; b++)
            for (size_t lag = 0; lag < 3; lag++)
                ck_assert_double_lt(fabs(correlation(x[a], x[b] + lag, N - lag)), 4.5 / sqrt(N));
    for (unsigned c = 0; c <= PORT_CHANNELS_MAX; c++)
        free(x[c]);
    rig_free(&rig);
}
END_TEST

START_TEST(the_level_is_the_rms_of_every_colour)
{
    static const double tolerance_db[] = {0.05, 0.5, 2, 0.05}; /* the low end of pink and brown scatters */
    for (int colour = 0; colour < N_COLOURS; colour++) {
        float *x = noise_run(48000, colour, 11, 4 * N);
        ck_assert_double_eq_tol(decibel(rms(x, 4 * N)), -20, tolerance_db[colour]);
        free(x);
    }
}
END_TEST

START_TEST(the_lowest_level_is_silence)
{
    struct rig rig = noise_rig(48000, PINK, 1, 1);
    rig_set(&rig, "level", -120);
    float *x = rig_run(&rig, NULL, 1000);
    ck_assert_double_eq(peak(x, 1000), 0);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(a_seed_makes_the_same_noise_however_time_is_divided)
{
    for (int colour = 0; colour < N_COLOURS; colour++) {
        float *whole = noise_run(48000, colour, 4, N / 4);
        struct rig rig = noise_rig(48000, colour, 4, 1);
        rig.block = 0;
        float *cut = rig_run(&rig, NULL, N / 4);
        ck_assert_double_ge(snr_db(whole, cut, N / 4), colour == WHITE ? 400 : 110);
        free(whole);
        free(cut);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        colours_have_their_slopes_at_every_rate,
        white_noise_is_even_over_all_octaves,
        white_noise_is_evenly_distributed,
        white_noise_has_no_echo_of_itself,
        channels_and_seeds_have_nothing_in_common,
        the_level_is_the_rms_of_every_colour,
        the_lowest_level_is_silence,
        a_seed_makes_the_same_noise_however_time_is_divided,
    };
    TCase *tcase = tcase_create("noise");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("noise", tcase);
}
