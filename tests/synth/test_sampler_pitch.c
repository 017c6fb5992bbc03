/* Transposed sounds: their pitch, what strays from it, and that neither depends on how it got there. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_rig.h"
#include "tests/sampler_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE SAMPLER_RIG_RATE
#define N    16384
#define SKIP 2048 /* heard before what is measured: the beginning, at which a sine is none */

/* Plays a sine of this frequency and rate of file on a key, past the beginning; its root is 60. */
static void play_sine(double hz, double file_rate_hz, float key, float tune_cents, float *out, size_t n)
{
    struct sampler_rig made = {0};
    size_t skip = SKIP, frames = (size_t)((double)(n + skip) * exp2((key - 60) / 12 + 0.1) * file_rate_hz / RATE) + 4000;
    float *samples = malloc(frames * sizeof *samples);
    sine_fill(samples, frames, hz, file_rate_hz, 1);
    sampler_rig_add(&made, samples, frames, 1, file_rate_hz);
    struct rig rig = sampler_rig_node(&made);
    rig_set(&rig, "tune", tune_cents);
    rig_start(&rig);
    float *x = sampler_rig_play(&rig, &(struct event){.kind = EVENT_NOTE_ON, .note = key, .value = 127}, 1, n + skip, NULL);
    memcpy(out, x + skip, n * sizeof(float));
    free(x);
    free(samples);
    free(made.instrument.of_key);
    rig_free(&rig);
}

/* Frequency from the way that the phase goes in a third of a second. */
START_TEST(five_octaves_either_way_every_key_is_in_tune_to_a_tenth_of_a_cent)
{
    static const float keys[] = {0, 24, 41, 59, 60, 61, 66.5f, 72, 83, 91, 108, 120};
    static const double rates[] = {44100, 48000, 96000};
    float x[N];
    for (unsigned r = 0; r < ROWS(rates); r++)
        for (unsigned k = 0; k < ROWS(keys); k++) {
            float tune = k % 2 ? 0 : 13;
            double ratio = exp2((double)(keys[k] - 60) / 12 + (double)tune / 1200), hz = 470;
            play_sine(hz / ratio, rates[r], keys[k], tune, x, N);
            double complex first = tone(x, N / 2, hz, RATE), second = tone(x + N / 2, N / 2, hz, RATE);
            double turns = carg(second / first * cexp(-I * 2 * M_PI * hz / RATE * (N / 2))) / (2 * M_PI);
            double cents = 1200 * log2(1 + turns * RATE / (N / 2) / hz);
            ck_assert_msg(fabs(cents) < 0.1, "key %g at %g Hz is %g cents off", (double)keys[k], rates[r], cents);
        }
}
END_TEST

/* What can be kept: up to 0.39 of the slower of the two rates. What is above 0.61 of it is not heard as something else. */
START_TEST(transposed_five_octaves_either_way_nothing_strays_above_minus_90_db)
{
    static const float keys[] = {67, 120, 24, 91, 60.3f, 0, 48, 55, 61, 71.9f, 72, 74, 79, 84, 96, 101.7f, 107.9f, 108.1f};
    static const double freqs[] = {20, 100, 431, 997, 5000, 12000, 15900, 19000, 22300};
    float key = keys[_i], x[N];
    for (unsigned f = 0; f < ROWS(freqs); f++) {
        double heard = freqs[f] * exp2((double)(key - 60) / 12), low = fmin(1, exp2((double)(key - 60) / 12));
        play_sine(freqs[f], RATE, key, 0, x, N);
        if (heard <= 0.39 * RATE * low) {
            double stray = off_tone_db(x, N, heard, RATE), level = decibel(tone_amplitude(x, N, heard, RATE));
            ck_assert_msg(stray < -90, "%g Hz on %g: %g dB", freqs[f], (double)key, stray);
            ck_assert_msg(heard < 45 || fabs(level) < 0.003, "%g Hz on %g: %g dB", freqs[f], (double)key, level);
        } else if (heard >= 0.61 * RATE) {
            double level = decibel(peak(x, N));
            ck_assert_msg(level < -90, "%g Hz on %g is heard: %g dB", freqs[f], (double)key, level);
        }
    }
}
END_TEST

/* Where the pitch moves, over the edges of octaves too, it is the sine that it would be. */
START_TEST(a_glide_is_the_sine_of_its_phase)
{
    static const float keys[] = {48, 60, 72, 96};
    static float cents[N], x[N], wanted[N], samples[32 * N];
    struct sampler_rig made = {0};
    double hz = 300 / exp2((double)(keys[_i] - 60) / 12), place = 0;
    for (unsigned i = 0; i < N; i++) {
        cents[i] = 700 * sinf((float)(2 * M_PI * 3) * (float)i / RATE);
        wanted[i] = (float)sin(2 * M_PI * hz * place / RATE);
        place += exp2((double)(keys[_i] - 60) / 12 + (double)cents[i] / 1200);
    }
    sine_fill(samples, ROWS(samples), hz, RATE, 1);
    sampler_rig_add(&made, samples, ROWS(samples), 1, RATE);
    struct rig rig = sampler_rig_node(&made);
    rig_start(&rig);
    rig_curve(&rig, "tune", cents);
    const struct event on = sampler_rig_on(0, keys[_i], 127);
    float *heard = sampler_rig_play(&rig, &on, 1, N, NULL);
    memcpy(x, heard, sizeof x);
    ck_assert_double_gt(snr_db(wanted + SKIP, x + SKIP, N - SKIP), 90);
    free(heard);
    free(made.instrument.of_key);
    rig_free(&rig);
}
END_TEST

/* Loops of odd lengths, shorter than what is looked at in one go too: their octaves stand on frames of their own. */
START_TEST(time_may_be_cut_anyhow_however_high)
{
    static const unsigned loops[] = {7, 1001, 9999};
    enum { LENGTH = 12000 };
    static float samples[2 * 20000], cents[LENGTH];
    noise_fill(samples, ROWS(samples), 0.5, 7);
    for (unsigned i = 0; i < LENGTH; i++)
        cents[i] = i < 4000 ? 0 : 1100 * sinf((float)i * 0.001f);
    struct sampler_rig made = {0};
    struct instrument_zone *zone = sampler_rig_add(&made, samples, 20000, 2, 44100);
    zone->loop_mode = INSTRUMENT_SUSTAINS;
    zone->loop_start = 9001;
    zone->loop_end = 9001 + loops[_i];
    zone->crossfade_frames = loops[_i] / 3;
    const struct event events[] = {sampler_rig_on(10, 67, 127),   sampler_rig_on(300, 115, 80), sampler_rig_on(301, 84, 80),
                                   sampler_rig_on(4000, 99, 100), sampler_rig_off(9000, 99),    sampler_rig_off(9500, 67)};
    sampler_rig_cut(&made, &(struct sampler_cuts){"tune", cents, events, ROWS(events), LENGTH});
}
END_TEST

/* Frames of the file that are heard as they are, amid others. */
START_TEST(a_sound_at_its_own_pitch_may_be_bent_at_any_frame)
{
    enum { LENGTH = 4000 };
    static float samples[2 * LENGTH], cents[LENGTH];
    noise_fill(samples, ROWS(samples), 0.5, 8);
    for (unsigned i = 0; i < LENGTH; i++)
        cents[i] = i < 901 ? 0 : i < 1407 ? 1200 : i < 2003 ? 0 : i < 2100 ? -1200 : i % 13 ? 0 : 30;
    struct sampler_rig made = {0};
    sampler_rig_add(&made, samples, LENGTH, 2, RATE);
    const struct event on = sampler_rig_on(10, 60, 127);
    sampler_rig_cut(&made, &(struct sampler_cuts){"tune", cents, &on, 1, LENGTH});
}
END_TEST

/* One cycle as a loop, as a wavetable would be: nothing but what is below half the rate is heard of its partials. */
START_TEST(a_loop_of_one_cycle_keeps_its_partials_and_no_others)
{
    enum { CYCLE = 601, PARTIALS = 200 };
    static float samples[CYCLE], x[N];
    struct sampler_rig made = {0};
    float key = 60 + 12 * (float)_i;
    double hz = (double)RATE / CYCLE * exp2((double)_i);
    for (unsigned i = 0; i < CYCLE; i++)
        for (unsigned k = 1; k <= PARTIALS; k++)
            samples[i] += (float)(sin(2 * M_PI * k * i / CYCLE) / k);
    struct instrument_zone *zone = sampler_rig_add(&made, samples, CYCLE, 1, RATE);
    zone->loop_mode = INSTRUMENT_LOOPS;
    zone->loop_end = CYCLE;
    struct rig rig = sampler_rig_node(&made);
    rig_start(&rig);
    const struct event on = sampler_rig_on(0, key, 127);
    float *heard = sampler_rig_play(&rig, &on, 1, N + 3 * SKIP, NULL);
    memcpy(x, heard + 3 * SKIP, sizeof x);
    double *amplitude = spectrum(x, N), bin = (double)RATE / N;
    for (unsigned k = 1; k <= PARTIALS && k * hz < 0.39 * RATE; k++)
        ck_assert_double_eq_tol(tone_amplitude(x, N, k * hz, RATE) * k, 1, 0.001);
    for (unsigned i = 0; i * bin < 0.39 * RATE; i++)
        if (fabs(remainder(i * bin, hz)) > 8 * bin)
            ck_assert_msg(decibel(amplitude[i]) < -90, "%g Hz at %g dB", i * bin, decibel(amplitude[i]));
    free(amplitude);
    free(heard);
    free(made.instrument.of_key);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("pitch");
    tcase_add_test(tcase, five_octaves_either_way_every_key_is_in_tune_to_a_tenth_of_a_cent);
    tcase_add_loop_test(tcase, transposed_five_octaves_either_way_nothing_strays_above_minus_90_db, 0, RIG_ROUNDS(18, 4));
    tcase_add_loop_test(tcase, a_glide_is_the_sine_of_its_phase, 0, RIG_ROUNDS(4, 2));
    tcase_add_loop_test(tcase, time_may_be_cut_anyhow_however_high, 0, 3);
    tcase_add_test(tcase, a_sound_at_its_own_pitch_may_be_bent_at_any_frame);
    tcase_add_loop_test(tcase, a_loop_of_one_cycle_keeps_its_partials_and_no_others, 0, RIG_ROUNDS(6, 3));
    tcase_set_timeout(tcase, 30);
    return suite_run_case("sampler_pitch", tcase);
}
