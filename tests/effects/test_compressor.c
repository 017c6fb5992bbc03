#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000

enum { IN, KEY };

/* Gain, in dB, that every frame of n has got: what is heard is 0.001, what is listened to is `key`. */
static double *gains_new(struct rig *rig, const float *key, size_t n)
{
    float *soft = calloc(n, sizeof *soft), *out = calloc(n, sizeof *out);
    double *gain = calloc(n, sizeof *gain);
    ck_assert(soft && out && gain);
    for (size_t i = 0; i < n; i++)
        soft[i] = 0.001f;
    rig_start(rig);
    rig_process(rig, (const float *const[]){[IN] = soft, [KEY] = key}, (float *const[]){out}, n);
    for (size_t i = 0; i < n; i++)
        gain[i] = decibel((double)out[i] / (double)soft[i]);
    free(soft);
    free(out);
    return gain;
}

static struct rig compressor_new(float threshold_db, float ratio, float knee_db)
{
    struct rig rig = rig_new("compressor", RATE_HZ, 1);
    rig_set(&rig, "threshold", threshold_db);
    rig_set(&rig, "ratio", ratio);
    rig_set(&rig, "knee", knee_db);
    return rig;
}

/* ---- the curve ------------------------------------------------------------------------------------------------------- */

/* The level that comes out of one that goes in: two straight lines, and between them the parabola that touches both. */
static double curve(double in_db, double threshold_db, double ratio, double knee_db)
{
    double over = in_db - threshold_db, t = (over + knee_db / 2) / knee_db;
    if (over >= knee_db / 2)
        return threshold_db + over / ratio;
    if (over <= -knee_db / 2)
        return in_db;
    return in_db + (1 / ratio - 1) * knee_db / 2 * t * t;
}

/* What is left of a tone after a while, in dB. */
static double tone_through(struct rig *rig, double hz, double level_db)
{
    enum { N = 3 * RATE_HZ };
    static float in[N];
    sine_fill(in, N, hz, RATE_HZ, pow(10, level_db / 20));
    rig_start(rig);
    float *out = rig_run(rig, in, N);
    double left_db = decibel(tone_amplitude(out + 2 * RATE_HZ, RATE_HZ, hz, RATE_HZ));
    free(out);
    return left_db;
}

START_TEST(tones_come_out_at_the_level_that_the_curve_says)
{
    static const double tones_hz[] = {50, 997, 6000}, ratios[] = {1.5, 4, 100}, knees_db[] = {0, 6, 30};
    for (unsigned t = 0; t < ROWS(tones_hz); t++)
        for (unsigned k = 0; k < ROWS(ratios); k++)
            for (double in_db = -50; in_db <= 0; in_db += 12.5) {
                struct rig rig = compressor_new(-26, (float)ratios[k], (float)knees_db[k]);
                double out_db = tone_through(&rig, tones_hz[t], in_db);
                double expected_db = curve(in_db, -26, ratios[k], knees_db[k] + 1e-9);
                ck_assert_msg(fabs(out_db - expected_db) < 0.1, "%g Hz, 1:%g, %g dB gave %.3f, not %.3f", tones_hz[t],
                              ratios[k], in_db, out_db, expected_db);
                rig_free(&rig);
            }
}
END_TEST

START_TEST(by_the_mean_power_a_sine_counts_3_db_less)
{
    static const double tones_hz[] = {50, 1000, 6000};
    for (unsigned t = 0; t < ROWS(tones_hz); t++) {
        struct rig rig = compressor_new(-20, 4, 0);
        rig_set(&rig, "detector", 1);
        ck_assert_double_eq_tol(tone_through(&rig, tones_hz[t], -4), curve(-4 - 3.01, -20, 4, 1e-9) + 3.01, 0.1);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(what_is_below_the_knee_stays_as_it_is_to_the_bit)
{
    enum { N = 20000 };
    static float in[N];
    struct rig rig = compressor_new(-20, 8, 10);
    noise_fill(in, N, 0.0559, 4); /* -25.05 dB */
    rig_start(&rig);
    float *out = rig_run(&rig, in, N);
    ck_assert_mem_eq(in, out, sizeof in);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(makeup_and_mix_are_gains)
{
    struct rig rig = compressor_new(-20, 2, 0);
    rig_set(&rig, "makeup", 5);
    ck_assert_double_eq_tol(tone_through(&rig, 1000, 0), -5, 0.1);
    rig_free(&rig);
    rig = compressor_new(-20, 2, 0);
    rig_set(&rig, "mix", 0.25f);
    ck_assert_double_eq_tol(tone_through(&rig, 1000, 0), decibel(0.75 + 0.25 * pow(10, -0.5)), 0.1);
    ck_assert_float_eq_tol(rig_reading(&rig, "gain_reduction"), -10, 0.1f);
    rig_free(&rig);
}
END_TEST

/* ---- times ----------------------------------------------------------------------------------------------------------- */

#define LOUD_AT  4800
#define LOUD_END (LOUD_AT + 4 * RATE_HZ)
#define N_STEP   (LOUD_END + 12 * RATE_HZ)

/* Silence, full scale, silence: 0 Hz, or a tone. */
static float *step_new(double hz)
{
    float *key = calloc(N_STEP, sizeof *key);
    ck_assert_ptr_nonnull(key);
    for (size_t i = LOUD_AT; i < LOUD_END; i++)
        key[i] = hz > 0 ? (float)sin(2 * M_PI * hz / RATE_HZ * ((double)(i - LOUD_AT) + 0.25)) : 1;
    return key;
}

/* The first frame from `from` on that is beyond a gain, on the way up or down. */
static size_t crossing(const double *gain_db, size_t from, double at_db, bool is_rising)
{
    size_t i = from;
    while (i + 1 < N_STEP && (is_rising ? gain_db[i] < at_db : gain_db[i] > at_db))
        i++;
    return i;
}

static void check_times(double hz, float attack_ms, float release_ms, float hold_ms)
{
    float *key = step_new(hz);
    struct rig rig = compressor_new(-20, 2, 0);
    rig_set(&rig, "attack", attack_ms);
    rig_set(&rig, "release", release_ms);
    rig_set(&rig, "hold", hold_ms);
    double *gain_db = gains_new(&rig, key, N_STEP);
    double share = 1 - exp(-1), quarter_ms = hz > 0 ? 250 / hz : 0, hold_end = LOUD_END + hold_ms * RATE_HZ / 1000.0;
    double attack = ((double)crossing(gain_db, LOUD_AT, -10 * share, false) - LOUD_AT) * 1000 / RATE_HZ;
    double release = ((double)crossing(gain_db, LOUD_END, -10 * (1 - share), true) - hold_end) * 1000 / RATE_HZ;
    double tolerance = 0.05, frame_ms = 1000.0 / RATE_HZ;
    ck_assert_msg(fabs(attack - attack_ms) <= tolerance * attack_ms + frame_ms + quarter_ms, "attack of %g: %g ms, %g Hz",
                  (double)attack_ms, attack, hz);
    ck_assert_msg(fabs(release - release_ms) <= tolerance * release_ms + frame_ms + quarter_ms,
                  "release of %g: %g ms, %g Hz", (double)release_ms, release, hz);
    free(gain_db);
    free(key);
    rig_free(&rig);
}

START_TEST(attack_and_release_take_the_time_to_63_percent_of_the_decibels)
{
    check_times(0, 0.1f, 5, 0);
    check_times(0, 5, 1, 0);
    check_times(0, 10, 150, 10);
    check_times(0, 500, 2000, 50);
    check_times(1000, 5, 100, 10);
    check_times(1000, 20, 20, 10);
    check_times(100, 100, 400, 10);
}
END_TEST

/* By power both poles are gone through first: 63 % of them after 21.5 ms; in dB, of a step from silence, sooner. */
START_TEST(by_the_mean_power_a_long_attack_is_as_long)
{
    float *key = step_new(1000);
    struct rig rig = compressor_new(-20, 2, 0);
    rig_set(&rig, "attack", 300);
    rig_set(&rig, "detector", 1);
    double *gain_db = gains_new(&rig, key, N_STEP);
    double attack = ((double)crossing(gain_db, LOUD_AT, -8.495 * (1 - exp(-1)), false) - LOUD_AT) * 1000 / RATE_HZ;
    ck_assert_double_eq_tol(attack, 300, 20);
    free(gain_db);
    free(key);
    rig_free(&rig);
}
END_TEST

START_TEST(a_low_note_is_not_bent_by_a_short_release)
{
    enum { N = 3 * RATE_HZ };
    static float in[N];
    static const double tones_hz[] = {50, 60, 100};
    for (unsigned t = 0; t < ROWS(tones_hz); t++) {
        struct rig rig = compressor_new(-20, 4, 6);
        rig_set(&rig, "release", 20);
        rig_set(&rig, "attack", 1);
        sine_fill(in, N, tones_hz[t], RATE_HZ, 1);
        rig_start(&rig);
        float *out = rig_run(&rig, in, N);
        double fundamental = tone_amplitude(out + N / 2, N / 2, tones_hz[t], RATE_HZ);
        for (int k = 2; k < 8; k++) {
            double db = decibel(tone_amplitude(out + N / 2, N / 2, k * tones_hz[t], RATE_HZ) / fundamental);
            ck_assert_msg(db < -90, "%g Hz: partial %d at %.1f dB", tones_hz[t], k, db);
        }
        free(out);
        rig_free(&rig);
    }
}
END_TEST

/* ---- look-ahead ------------------------------------------------------------------------------------------------------ */

START_TEST(the_look_ahead_delays_wet_and_dry_alike)
{
    enum { N = 5000, AHEAD = 240 };
    static float in[N];
    noise_fill(in, N, 0.01, 6);
    for (int k = 0; k <= 2; k++) {
        struct rig rig = compressor_new(-20, 2, 0);
        rig_set(&rig, "lookahead", 5);
        rig_set(&rig, "mix", 0.5f * (float)k);
        rig.in_place = k == 1;
        rig_start(&rig);
        ck_assert_uint_eq(rig.latency_frames, AHEAD);
        float *out = rig_run(&rig, in, N);
        ck_assert_mem_eq(out + AHEAD, in, (N - AHEAD) * sizeof *in);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(with_look_ahead_the_gain_is_there_with_the_peak_and_stays_as_long)
{
    enum { N = 9600, AT = 4800, AHEAD = 480 };
    static float key[N];
    struct rig rig = compressor_new(-20, 100, 0);
    rig_set(&rig, "lookahead", 10);
    rig_set(&rig, "hold", 0);
    rig_set(&rig, "attack", 2);
    rig_set(&rig, "release", 1);
    impulse_fill(key, N, AT);
    double *gain_db = gains_new(&rig, key, N);
    /* The impulse itself is heard at AT + AHEAD, after five attacks. */
    ck_assert_double_eq_tol(gain_db[AT + AHEAD], -19.8 * (1 - exp(-5)), 0.05);
    ck_assert_double_gt(gain_db[AT + AHEAD + 48 * 8], -0.1);
    free(gain_db);
    rig_free(&rig);
}
END_TEST

/* ---- what is listened to --------------------------------------------------------------------------------------------- */

START_TEST(the_sidechain_counts_if_it_has_a_cable)
{
    enum { N = RATE_HZ };
    static float loud[N], soft[N], out[N];
    for (unsigned unwired = 0; unwired <= 2; unwired += 2) {
        struct rig rig = compressor_new(-20, 2, 0);
        rig.unwired = unwired;
        sine_fill(loud, N, 1000, RATE_HZ, 1);
        sine_fill(soft, N, 700, RATE_HZ, 0.01);
        rig_start(&rig);
        rig_process(&rig, (const float *const[]){loud, soft}, (float *const[]){out}, N);
        ck_assert_float_eq_tol(rig_reading(&rig, "gain_reduction"), unwired ? -10 : 0, 0.1f);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(all_channels_have_one_gain_by_the_loudest)
{
    enum { N = RATE_HZ };
    static float left[N], right[N], out[2][N];
    struct rig rig = rig_new("compressor", RATE_HZ, 2);
    noise_fill(left, N, 0.01, 1);
    noise_fill(right, N, 1, 2);
    rig_start(&rig);
    rig_process(&rig, (const float *const[]){left, right, left, right}, (float *const[]){out[0], out[1]}, N);
    for (unsigned i = 0; i < N; i++)
        ck_assert_float_eq_tol(out[0][i] * right[i], out[1][i] * left[i], 1e-8f);
    ck_assert_double_lt(rms(out[0], N), 0.5 * rms(left, N));
    rig_free(&rig);
}
END_TEST

START_TEST(the_low_cut_takes_12_db_per_octave_from_what_counts)
{
    static const double tones_hz[] = {100, 200, 1000};
    for (unsigned t = 0; t < ROWS(tones_hz); t++) {
        struct rig rig = compressor_new(-60, 2, 0);
        rig_set(&rig, "sidechain_low_cut", 200);
        double g = tan(M_PI * 200 / RATE_HZ) / tan(M_PI * tones_hz[t] / RATE_HZ); /* 2nd-order Butterworth, bilinear */
        double counts_db = -10 * log10(1 + pow(g, 4));
        ck_assert_double_eq_tol(tone_through(&rig, tones_hz[t], 0), -(60 + counts_db) / 2, 0.1);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(changing_the_detector_or_what_is_listened_to_moves_no_gain_at_once)
{
    enum { N = RATE_HZ, BLOCK = 256 };
    static float key[N], soft[N], out[N];
    struct rig rig = compressor_new(-40, 4, 0);
    sine_fill(key, N, 1000, RATE_HZ, 1);
    for (unsigned i = 0; i < N; i++)
        soft[i] = 0.001f;
    rig_start(&rig);
    for (unsigned at = 0; at + BLOCK <= N; at += BLOCK) {
        rig_set(&rig, "detector", (float)(at / 8192 % 2));
        rig.unwired = at / 12288 % 2 ? 2 : 0;
        rig_process(&rig, (const float *const[]){soft + at, key + at}, (float *const[]){out + at}, BLOCK);
    }
    for (unsigned i = RATE_HZ / 4; i + BLOCK < N; i++) /* attack 10 ms: of 30 dB, 0.06 dB per frame */
        ck_assert_double_le(fabs(decibel((double)out[i] / (double)out[i - 1])), 0.07);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        tones_come_out_at_the_level_that_the_curve_says,
        by_the_mean_power_a_sine_counts_3_db_less,
        what_is_below_the_knee_stays_as_it_is_to_the_bit,
        makeup_and_mix_are_gains,
        attack_and_release_take_the_time_to_63_percent_of_the_decibels,
        by_the_mean_power_a_long_attack_is_as_long,
        a_low_note_is_not_bent_by_a_short_release,
        the_look_ahead_delays_wet_and_dry_alike,
        with_look_ahead_the_gain_is_there_with_the_peak_and_stays_as_long,
        the_sidechain_counts_if_it_has_a_cable,
        all_channels_have_one_gain_by_the_loudest,
        the_low_cut_takes_12_db_per_octave_from_what_counts,
        changing_the_detector_or_what_is_listened_to_moves_no_gain_at_once,
    };
    return suite_run("compressor", 30, tests, ROWS(tests));
}
