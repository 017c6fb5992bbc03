#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/band_bank.h"
#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define N       48000
#define LAST    24000 /* frames that are judged, when all has settled */

/* By theory: centres in even steps of octaves from 90 Hz to 11 kHz. */
static double apart(unsigned bands)
{
    return log(11000 / 90.0) / (bands - 1);
}

static double centre_hz(unsigned bands, double band)
{
    return 90 * exp(apart(bands) * band);
}

/* Gain of one of the band-passes in a row, at a frequency so many bands away from the centre (on the warped axis). */
static double section_gain(unsigned bands, double band, double hz)
{
    double centre = tan(M_PI * centre_hz(bands, band) / RATE_HZ), w = tan(M_PI * hz / RATE_HZ) / centre;
    double width = tan(M_PI * centre_hz(bands, band + 0.5) / RATE_HZ) - tan(M_PI * centre_hz(bands, band - 0.5) / RATE_HZ);
    double x = (w - 1 / w) / (BANK_WIDTH * width / centre);
    return 1 / sqrt(1 + x * x);
}

static struct rig vocoder_new(unsigned bands)
{
    struct rig rig = rig_new("vocoder", RATE_HZ, 1);
    rig_set(&rig, "bands", (float)bands);
    rig_set(&rig, "hiss", 0);
    return rig;
}

/* What a voice and a carrier become; free(). */
static float *speak(struct rig *rig, const float *voice, const float *carrier, size_t n)
{
    float *out = calloc(n, sizeof *out);
    rig_process(rig, (const float *[]){voice, carrier}, (float *[]){out}, n);
    return out;
}

/* The level of a tone of the carrier while the voice is another tone: the same voice opens each band by its share. */
static double tone_through(unsigned bands, double voice_hz, double carrier_hz)
{
    static float voice[N], carrier[N];
    struct rig rig = vocoder_new(bands);
    rig_set(&rig, "attack", 50);
    rig_set(&rig, "release", 50);
    rig_start(&rig);
    sine_fill(voice, N, voice_hz, RATE_HZ, 0.5);
    sine_fill(carrier, N, carrier_hz, RATE_HZ, 0.5);
    float *out = speak(&rig, voice, carrier, N);
    double level = tone_amplitude(out + N - LAST, LAST, carrier_hz, RATE_HZ);
    free(out);
    rig_free(&rig);
    return level;
}

/* By theory: the sum of all bands, each turned over against the next one, with the levels of a tone. Of what a level is made,
 * one part falls off by w on the other side. */
static double complex theory_through(unsigned bands, double voice_hz, double carrier_hz)
{
    double complex sum = 0;
    for (unsigned band = 0; band < bands; band++) {
        double w = tan(M_PI * voice_hz / RATE_HZ) / tan(M_PI * centre_hz(bands, band) / RATE_HZ);
        double level = pow(section_gain(bands, band, voice_hz), 3) * sqrt((1 + 1 / (w * w)) / 2);
        double gain = section_gain(bands, band, carrier_hz);
        double turn = carrier_hz > centre_hz(bands, band) ? -acos(gain) : acos(gain);
        sum += (band % 2 ? -1 : 1) * level * gain * gain * cexp(2 * I * turn);
    }
    return sum;
}

START_TEST(a_band_of_the_voice_opens_that_band_of_the_carrier_and_others_as_little_as_theory_says)
{
    static const unsigned bands[] = {8, 20, 40};
    for (unsigned k = 0; k < ROWS(bands); k++) {
        unsigned n = bands[k], middle = n / 2;
        double own = tone_through(n, centre_hz(n, middle), centre_hz(n, middle));
        double own_theory = cabs(theory_through(n, centre_hz(n, middle), centre_hz(n, middle)));
        for (unsigned band = 1; band<n; band += n> 20 ? 3 : 2) {
            double db = decibel(tone_through(n, centre_hz(n, middle), centre_hz(n, band)) / own);
            double theory_db = decibel(cabs(theory_through(n, centre_hz(n, middle), centre_hz(n, band))) / own_theory);
            ck_assert_msg(fabs(db - theory_db) < 0.7, "%u bands, voice in %u, carrier in %u: %.2f dB, not %.2f", n, middle,
                          band, db, theory_db);
        }
        double next_db = decibel(tone_through(n, centre_hz(n, middle), centre_hz(n, middle + 3)) / own);
        ck_assert_double_lt(next_db, -25);
    }
}
END_TEST

START_TEST(with_all_bands_open_alike_the_carrier_keeps_its_spectrum)
{
    static const unsigned bands[] = {8, 20, 40};
    for (unsigned k = 0; k < ROWS(bands); k++) {
        static struct band_bank bank;
        static struct band_state state;
        static float x[N], out[N], row[BANK_STRETCH][BANK_ROW];
        memset(&bank, 0, sizeof bank);
        memset(&state, 0, sizeof state);
        band_bank_init(&bank, bands[k], 90, 11000, RATE_HZ);
        impulse_fill(x, N, 0);
        for (unsigned i = 0; i < BANK_STRETCH * BANK_ROW; i++)
            row[i / BANK_ROW][i % BANK_ROW] = 1;
        for (unsigned i = 0; i < N; i += BANK_STRETCH)
            band_bank_sum(&bank, &state, row, x + i, out + i, BANK_STRETCH);
        for (double band = 2; band < bands[k] - 3.5; band += 0.1) {
            double db = decibel(cabs(response_at(out, LAST, centre_hz(bands[k], band), RATE_HZ)));
            ck_assert_msg(fabs(db) < (centre_hz(bands[k], band) < 6000 ? 1 : 1.4), "%u bands, at band %.1f: %.2f dB",
                          bands[k], band, db);
        }
    }
}
END_TEST

/* A voice that is there from N / 4 to N / 2, in a band that is quick to follow; the levels of a carrier in the same one. */
static float *opened(float attack_ms, float release_ms)
{
    static float voice[N], carrier[N];
    struct rig rig = vocoder_new(8);
    rig_set(&rig, "attack", attack_ms);
    rig_set(&rig, "release", release_ms);
    rig_start(&rig);
    sine_fill(voice, N, centre_hz(8, 7), RATE_HZ, 0.5);
    for (unsigned i = 0; i < N; i++)
        voice[i] = i < N / 4 || i >= N / 2 ? 0 : voice[i];
    sine_fill(carrier, N, centre_hz(8, 7), RATE_HZ, 0.5);
    float *out = speak(&rig, voice, carrier, N);
    rig_free(&rig);
    return out;
}

/* Milliseconds from frame `from` on until the level has gone 63 % of its way. */
static double time_ms(const float *out, size_t from, bool rises, double full)
{
    double aim = full * (rises ? 1 - exp(-1) : exp(-1));
    for (size_t i = from; i + 96 < N; i++) { /* whole cycles, more or less */
        double level = sqrt(2) * rms(out + i, 96);
        if (rises ? level >= aim : level <= aim)
            return (double)(i + 48 - from) / 48;
    }
    return INFINITY;
}

START_TEST(attack_and_release_take_their_time)
{
    static const float times_ms[][2] = {{10, 20}, {20, 60}, {30, 10}};
    for (unsigned k = 0; k < ROWS(times_ms); k++) {
        float *out = opened(times_ms[k][0], times_ms[k][1]);
        double full = sqrt(2) * rms(out + N / 2 - 4800, 4800);
        double attack = time_ms(out, N / 4, true, full), release = time_ms(out, N / 2, false, full);
        ck_assert_msg(fabs(attack / (double)times_ms[k][0] - 1) < 0.05, "attack %.2f ms, not %g", attack,
                      (double)times_ms[k][0]);
        ck_assert_msg(fabs(release / (double)times_ms[k][1] - 1) < 0.05, "release %.2f ms, not %g", release,
                      (double)times_ms[k][1]);
        free(out);
    }
}
END_TEST

START_TEST(a_steady_tone_holds_its_bands_steady)
{
    static float voice[N], carrier[N];
    struct rig rig = vocoder_new(20);
    rig_set(&rig, "attack", 0.1f);
    rig_set(&rig, "release", 1);
    rig_start(&rig);
    sine_fill(voice, N, centre_hz(20, 2), RATE_HZ, 0.5);
    sine_fill(carrier, N, centre_hz(20, 2), RATE_HZ, 0.5);
    float *out = speak(&rig, voice, carrier, N);
    double tone = tone_amplitude(out + N - LAST, LAST, centre_hz(20, 2), RATE_HZ);
    double third = tone_amplitude(out + N - LAST, LAST, 3 * centre_hz(20, 2), RATE_HZ);
    ck_assert_double_lt(decibel(third / tone), -40); /* a rectifier as quick would give -10 */
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(a_voice_that_is_silent_silences_every_carrier)
{
    static float silence[N], voice[N], carrier[N];
    noise_fill(carrier, N, 1, 1);
    noise_fill(voice, N, 1, 2);
    for (int wired = 0; wired <= 1; wired++) {
        struct rig rig = vocoder_new(20);
        rig.unwired = wired ? 0 : 2;
        rig_set(&rig, "hiss", 1);
        rig_start(&rig);
        float *out = speak(&rig, silence, wired ? carrier : silence, N);
        ck_assert(peak(out, N) == 0);
        free(out);
        out = speak(&rig, voice, wired ? carrier : silence, N);
        ck_assert_double_gt(decibel(rms(out, N)), -30);
        free(out);
        out = speak(&rig, silence, wired ? carrier : silence, N);
        ck_assert(peak(out + N - 4800, 4800) < 1e-6);
        free(out);
        free(speak(&rig, silence, wired ? carrier : silence, N));
        rig_free(&rig);
    }
}
END_TEST

START_TEST(without_a_cable_the_voice_whispers)
{
    static float voice[N], silence[N];
    struct rig rig = vocoder_new(20);
    rig.unwired = 2;
    rig_start(&rig);
    sine_fill(voice, N, centre_hz(20, 12), RATE_HZ, 0.5);
    float *out = speak(&rig, voice, silence, N);
    double *lines = spectrum(out + N - 16384, 16384), in_band = 0, all = 0;
    for (unsigned i = 1; i <= 8192; i++) {
        double hz = i * (double)RATE_HZ / 16384, power = lines[i] * lines[i];
        all += power;
        in_band += hz > centre_hz(20, 10) && hz < centre_hz(20, 14) ? power : 0;
    }
    ck_assert_double_gt(decibel(rms(out + N - LAST, LAST)), -40);
    ck_assert_double_gt(in_band / all, 0.9);
    free(lines);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(a_shift_opens_the_bands_so_many_octaves_further_up)
{
    static float voice[N], carrier[N];
    static const float shifts[] = {-1, 0.5f, 1.3f};
    for (unsigned k = 0; k < ROWS(shifts); k++) {
        double best_hz = 0, most = 0;
        struct rig rig = vocoder_new(40);
        rig_set(&rig, "shift", shifts[k]);
        rig_start(&rig);
        sine_fill(voice, N, 1000, RATE_HZ, 0.5);
        impulse_fill(carrier, N, 0);
        for (unsigned i = 0; i < N; i += 480) /* all multiples of 100 Hz, equally loud */
            carrier[i] = 1;
        float *out = speak(&rig, voice, carrier, N);
        for (double hz = 100; hz < 10000; hz += 100) {
            double level = tone_amplitude(out + N - LAST, LAST, hz, RATE_HZ);
            best_hz = level > most ? hz : best_hz;
            most = fmax(level, most);
        }
        ck_assert_msg(fabs(log2(best_hz / 1000) - (double)shifts[k]) < 0.15, "%g octaves: %g Hz", (double)shifts[k],
                      best_hz);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(hiss_gives_a_dull_carrier_an_s)
{
    static float voice[N], carrier[N];
    double levels[2];
    for (int with = 0; with <= 1; with++) {
        struct rig rig = vocoder_new(20);
        rig_set(&rig, "hiss", (float)with);
        rig_start(&rig);
        sine_fill(voice, N, 7000, RATE_HZ, 0.3);
        sine_fill(carrier, N, 200, RATE_HZ, 0.5);
        float *out = speak(&rig, voice, carrier, N);
        levels[with] = decibel(rms(out + N - LAST, LAST));
        free(out);
        rig_free(&rig);
    }
    ck_assert_double_lt(levels[0], -60);
    ck_assert_double_gt(levels[1], -30);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_band_of_the_voice_opens_that_band_of_the_carrier_and_others_as_little_as_theory_says,
        with_all_bands_open_alike_the_carrier_keeps_its_spectrum,
        attack_and_release_take_their_time,
        a_steady_tone_holds_its_bands_steady,
        a_voice_that_is_silent_silences_every_carrier,
        without_a_cable_the_voice_whispers,
        a_shift_opens_the_bands_so_many_octaves_further_up,
        hiss_gives_a_dull_carrier_an_s,
    };
    return suite_run("vocoder", 60, tests, ROWS(tests));
}
