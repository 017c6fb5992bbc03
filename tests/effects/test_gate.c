#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define MS      48 /* frames */
#define PAST_MS 10 /* that the level looks back */

static struct rig gate_new(float threshold_db, float hysteresis_db, float hold_ms)
{
    struct rig rig = rig_new("gate", RATE_HZ, 1);
    rig_set(&rig, "threshold", threshold_db);
    rig_set(&rig, "hysteresis", hysteresis_db);
    rig_set(&rig, "hold", hold_ms);
    return rig;
}

/* The gain of every frame, as a factor, where `key` is what is listened to and what is heard is 1. */
static float *gains_new(struct rig *rig, const float *key, size_t n)
{
    float *one = calloc(n, sizeof *one), *out = calloc(n, sizeof *out);
    ck_assert(one && out);
    for (size_t i = 0; i < n; i++)
        one[i] = 1;
    rig_start(rig);
    rig_process(rig, (const float *const[]){one, key}, (float *const[]){out}, n);
    free(one);
    return out;
}

/* How often the gate turns from opening to closing or back. */
static unsigned n_turns(const float *gain, size_t n)
{
    unsigned turns = 0;
    int was = 0;
    for (size_t i = 1; i < n; i++) {
        int way = gain[i] > gain[i - 1] ? 1 : gain[i] < gain[i - 1] ? -1 : 0;
        turns += way && was && way != was;
        was = way ? way : was;
    }
    return turns;
}

static bool ever_opens(float threshold_db, double level_db)
{
    enum { N = 2000, AT = 777 };
    static float key[N];
    struct rig rig = gate_new(threshold_db, 6, 0);
    memset(key, 0, sizeof key);
    key[AT] = -(float)pow(10, level_db / 20);
    float *gain = gains_new(&rig, key, N);
    bool opens = peak(gain, N) > 0;
    for (unsigned i = 0; i < AT; i++)
        ck_assert_float_eq(gain[i], 0);
    ck_assert(!opens || gain[AT] > 0.03f); /* 1 - exp(-1/24): in the very frame */
    free(gain);
    rig_free(&rig);
    return opens;
}

START_TEST(it_opens_at_its_threshold_and_in_that_frame)
{
    for (float threshold_db = -90; threshold_db < 0; threshold_db += 7.3f) {
        ck_assert(ever_opens(threshold_db, (double)threshold_db + 0.001));
        ck_assert(!ever_opens(threshold_db, (double)threshold_db - 0.001));
    }
}
END_TEST

/* One loud frame, then a tone at this level. */
static bool stays_open(double hz, double level_db)
{
    enum { N = RATE_HZ };
    static float key[N];
    struct rig rig = gate_new(-30, 6, 0);
    sine_fill(key, N, hz, RATE_HZ, pow(10, level_db / 20));
    key[0] = 1;
    float *gain = gains_new(&rig, key, N);
    bool stays = gain[N - 1] > 0.999f;
    ck_assert_uint_le(n_turns(gain, N), 1);
    free(gain);
    rig_free(&rig);
    return stays;
}

START_TEST(it_closes_below_the_threshold_less_the_hysteresis)
{
    static const double tones_hz[] = {50, 100, 997, 7919};
    for (unsigned t = 0; t < ROWS(tones_hz); t++) {
        ck_assert(stays_open(tones_hz[t], -35.99));
        ck_assert(!stays_open(tones_hz[t], -36.01));
    }
}
END_TEST

START_TEST(hold_attack_and_release_take_their_time)
{
    enum { N = 3 * RATE_HZ, AT = 100 * MS, END = 500 * MS };
    static float key[N];
    static const float times_ms[][3] = {{0.1f, 0, 5}, {5, 30, 200}, {50, 500, 20}}; /* attack, hold, release */
    for (unsigned i = AT; i <= END; i++)
        key[i] = 1;
    for (unsigned k = 0; k < ROWS(times_ms); k++) {
        struct rig rig = gate_new(-30, 6, times_ms[k][1]);
        rig_set(&rig, "attack", times_ms[k][0]);
        rig_set(&rig, "release", times_ms[k][2]);
        float *gain = gains_new(&rig, key, N);
        unsigned up = AT, fall = END, down;
        while (gain[up] < 0.63212f)
            up++;
        while (gain[fall] >= gain[fall - 1])
            fall++;
        for (down = fall; gain[down] > 0.36788f;)
            down++;
        double attack_ms = (double)(up + 1 - AT) / MS, release_ms = (double)(down + 1 - fall) / MS;
        ck_assert_double_eq_tol(attack_ms, (double)times_ms[k][0], 0.02 * (double)times_ms[k][0] + 1.0 / MS);
        ck_assert_double_eq_tol(release_ms, (double)times_ms[k][2], 0.02 * (double)times_ms[k][2] + 1.0 / MS);
        ck_assert_uint_eq(fall - 1 - END, (unsigned)((times_ms[k][1] + PAST_MS) * MS));
        free(gain);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(what_dies_away_closes_it_once)
{
    enum { N = 4 * RATE_HZ };
    static float key[N];
    static const double tones_hz[] = {50, 61.7, 110, 440, 3000};
    for (unsigned t = 0; t <= ROWS(tones_hz); t++)
        for (double decay_s = 0.1; decay_s < 2; decay_s *= 2) {
            struct rig rig = gate_new(-20, 0, 0);
            if (t < ROWS(tones_hz))
                sine_fill(key, N, tones_hz[t], RATE_HZ, 1);
            else
                noise_fill(key, N, 1, 7);
            for (unsigned i = 0; i < N; i++)
                key[i] *= (float)exp(-(double)i / RATE_HZ / decay_s);
            float *gain = gains_new(&rig, key, N);
            ck_assert_msg(n_turns(gain, N) == 1, "tone %u, %g s: %u turns", t, decay_s, n_turns(gain, N));
            free(gain);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(noise_that_wanders_about_the_threshold_does_not_make_it_chatter)
{
    enum { N = 10 * RATE_HZ };
    static float key[N];
    struct rig rig = gate_new(-30, 6, 0);
    noise_fill(key, N, 1, 9);
    for (unsigned i = 0; i < N; i++)
        key[i] *= (float)pow(10, (-30 + 3 * sin(2 * M_PI * i * 3 / RATE_HZ)) / 20);
    float *gain = gains_new(&rig, key, N);
    ck_assert_uint_eq(n_turns(gain, N), 0);
    ck_assert_float_eq(gain[N - 1], 1);
    free(gain);
    rig_free(&rig);
}
END_TEST

START_TEST(open_it_is_the_sound_to_the_bit_and_closed_it_is_the_range)
{
    enum { N = RATE_HZ };
    static float key[N], in[N], out[N];
    static const float ranges_db[] = {-120, -60, -12};
    noise_fill(in, N, 0.5, 3);
    for (unsigned i = 0; i < N / 2; i++)
        key[i] = 1;
    for (unsigned k = 0; k < ROWS(ranges_db); k++) {
        struct rig rig = gate_new(-30, 6, 0);
        rig_set(&rig, "range", ranges_db[k]);
        rig_set(&rig, "release", 10);
        rig_start(&rig);
        rig_process(&rig, (const float *const[]){in, key}, (float *const[]){out}, N);
        ck_assert_mem_eq(out + N / 4, in + N / 4, (N / 4) * sizeof *in);
        double floor = k ? pow(10, (double)ranges_db[k] / 20) : 0;
        for (unsigned i = N * 9 / 10; i < N; i++)
            ck_assert_double_eq_tol((double)out[i], floor * (double)in[i], 1e-4 * floor * fabs((double)in[i]) + 1e-30);
        ck_assert_float_eq_tol(rig_reading(&rig, "gain_reduction"), ranges_db[k], 0.1f);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(with_look_ahead_it_is_open_when_the_sound_comes_and_closes_after_its_end)
{
    enum { N = RATE_HZ, AT = 4800, END = 9600, AHEAD = 5 * MS };
    static float in[N], out[N];
    struct rig rig = gate_new(-30, 6, 20);
    rig_set(&rig, "lookahead", 5);
    noise_fill(in, N, 0.5, 3);
    memset(in, 0, AT * sizeof *in);
    memset(in + END, 0, (N - END) * sizeof *in);
    in[AT] = in[END - 1] = 0.5f;
    rig_start(&rig);
    ck_assert_uint_eq(rig.latency_frames, AHEAD);
    rig_process(&rig, (const float *const[]){in, in}, (float *const[]){out}, N);
    for (unsigned i = AT; i < END; i++)
        ck_assert_double_eq_tol((double)out[i + AHEAD], (double)in[i], 1e-4);
    rig_free(&rig);
}
END_TEST

START_TEST(what_opens_it_is_the_sidechain_if_that_has_a_cable)
{
    enum { N = RATE_HZ };
    static float in[N], key[N], out[N];
    sine_fill(in, N, 1000, RATE_HZ, 1);
    for (unsigned unwired = 0; unwired <= 2; unwired += 2) {
        struct rig rig = gate_new(-30, 6, 0);
        rig.unwired = unwired;
        rig_start(&rig);
        rig_process(&rig, (const float *const[]){in, key}, (float *const[]){out}, N);
        ck_assert_double_eq_tol(peak(out, N), unwired ? 1 : 0, 0.01);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        it_opens_at_its_threshold_and_in_that_frame,
        it_closes_below_the_threshold_less_the_hysteresis,
        hold_attack_and_release_take_their_time,
        what_dies_away_closes_it_once,
        noise_that_wanders_about_the_threshold_does_not_make_it_chatter,
        open_it_is_the_sound_to_the_bit_and_closed_it_is_the_range,
        with_look_ahead_it_is_open_when_the_sound_comes_and_closes_after_its_end,
        what_opens_it_is_the_sidechain_if_that_has_a_cable,
    };
    return suite_run("gate", 30, tests, ROWS(tests));
}
