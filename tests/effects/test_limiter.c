#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/peak_guard.h"
#include "tests/graph_check.h"
#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/true_peak.h"

#define N       8000
#define MARGIN  (20 * log10(1 - 1.3e-3)) /* the ceiling is kept so much lower */
#define ROUNDED 1e-5                     /* dB, of floats */

static const double rates_hz[] = {44100, 48000, 96000};

static struct rig limiter_new(double rate_hz, unsigned channels, float ceiling_db, float drive_db)
{
    struct rig rig = rig_new("limiter", rate_hz, channels);
    rig_set(&rig, "ceiling", ceiling_db);
    rig_set(&rig, "drive", drive_db);
    return rig;
}

/* ---- the ceiling ----------------------------------------------------------------------------------------------------- */

static uint32_t toss(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static double chance(uint32_t *seed)
{
    return toss(seed) * 0x1p-23 - 1;
}

/* What drives this interpolator as far as it goes: every frame full scale, with the sign of its weight. */
static double monster(const struct interpolator *by, unsigned at)
{
    unsigned taps = 2 * by->side;
    return at < taps ? copysign(1, by->weights[by->points / 2 * taps + at]) : 0;
}

enum { NOISE, BURSTS, SQUARE, WANDERING_SQUARE, CLICKS, STEPS, MONSTERS, ALTERNATING, TONES, HUGE_AND_SOFT, N_SIGNALS };

/* One frame of a signal that something is wrong with. `a` is anything that stays for some hundred frames. */
static double nasty(unsigned signal, const struct interpolator *by, double rate_hz, size_t i, double a, uint32_t *seed)
{
    double size = pow(10, floor(3.99 * fabs(a)));
    switch (signal) {
    case NOISE:
        return 4 * chance(seed);
    case BURSTS:
        return chance(seed) * (a > 0 ? 1000 : 0.3);
    case SQUARE: /* a quarter of half the rate, between the samples */
        return 3 * copysign(1, sin(M_PI / 4 * ((double)i + 0.01 * (double)(i / 500))));
    case WANDERING_SQUARE:
        return 2 * copysign(1, sin(M_PI * (double)i * (0.4 + 0.3 * sin((double)i * 2e-4))));
    case CLICKS:
        return toss(seed) % 500 ? 0.1 * chance(seed) : 1000 * chance(seed);
    case STEPS:
        return a * size;
    case MONSTERS:
        return 3 * size * monster(by, (unsigned)(i % 400)) + 0.2 * chance(seed);
    case ALTERNATING:
        return size * (i % 2 ? 1 : -1) * (i / 13 % 2 ? 1 : -1);
    case TONES:
        return size * (sin(0.9 * (double)i) + sin((1 + a) * (double)i) + sin(2 * M_PI * 60 / rate_hz * (double)i));
    default:
        return i / 700 % 2 ? 1e6 * chance(seed) : 1e-3 * chance(seed);
    }
}

static void nasty_fill(float *x, unsigned signal, const struct interpolator *by, double rate_hz, uint32_t seed)
{
    double a = 0;
    for (size_t i = 0; i < N; i++) {
        a = i % 331 ? a : chance(&seed);
        x[i] = (float)nasty(signal, by, rate_hz, i, a, &seed);
    }
}

/* Plays one signal into a limiter of any settings; how far its true peaks come to, in dB of the ceiling. */
static void play(unsigned signal, double rate_hz, uint32_t seed, const struct interpolator *by, double *over_db,
                 unsigned n_by)
{
    static const float releases_ms[] = {1, 30, 300}, lookaheads_ms[] = {0.5f, 2, 7}, ceilings_db[] = {0, -1, -10};
    static float x[N];
    struct rig rig = limiter_new(rate_hz, 1, ceilings_db[seed % 3], seed % 2 ? 12 : 0);
    rig_set(&rig, "release", releases_ms[seed / 3 % 3]);
    rig_set(&rig, "lookahead", lookaheads_ms[(seed / 3 + signal) % 3]);
    rig_start(&rig);
    nasty_fill(x, signal, &by[toss(&seed) % n_by], rate_hz, seed);
    float *out = rig_run(&rig, x, N);
    for (unsigned k = 0; k < n_by; k++)
        over_db[k] = decibel(true_peak(&by[k], out, N)) - (double)rig.value[rig_row(&rig, "ceiling")];
    free(out);
    rig_free(&rig);
}

/* Annex 2 at four points, and at eight ones a kernel more than five times as long, nowhere exceed the ceiling. One that is twice
 * as long again, under another window, sees what the others do not of sound at half the rate. */
START_TEST(no_true_peak_of_anything_is_above_the_ceiling)
{
    struct interpolator by[] = {interpolator_annex_2(), interpolator_new(8, 32, 2), interpolator_new(4, 64, 8)};
    double worst_db[3] = {-400, -400, -400};
    for (uint32_t seed = 0; seed < 9; seed++)
        for (unsigned signal = 0; signal < N_SIGNALS; signal++) {
            double over_db[3];
            play(signal, rates_hz[_i], seed, by, over_db, 3);
            for (unsigned k = 0; k < 3; k++)
                worst_db[k] = fmax(worst_db[k], over_db[k]);
            ck_assert_msg(over_db[0] <= 0 && over_db[1] <= 0 && over_db[2] <= 0.15,
                          "signal %u, seed %u: %+.6f dB by Annex 2, %+.6f by 64 weights, %+.4f by 128", signal, seed,
                          over_db[0], over_db[1], over_db[2]);
        }
    ck_assert_double_gt(worst_db[1], MARGIN - 2 * ROUNDED);
    for (unsigned k = 0; k < 3; k++)
        interpolator_free(&by[k]);
}
END_TEST

START_TEST(the_weights_keep_what_the_dips_of_the_guard_are_built_on)
{
    struct interpolator by[] = {interpolator_annex_2(), interpolator_new(8, 32, 2)};
    static struct peak_guard guard;
    double most = 0, stray = 0, end = 0;
    peak_guard_init(&guard);
    for (unsigned k = 0; k < 2; k++) /* each point, anywhere on the slope, against the dip of the frame before it */
        for (unsigned point = 0; point < by[k].points; point++)
            for (int at = 0; at < PEAK_GUARD_REACH + 40; at++) {
                double here = at > PEAK_GUARD_REACH ? 0 : (double)guard.shape[PEAK_GUARD_REACH + at], sum = 0, all = 0;
                for (int j = 0; j < (int)(2 * by[k].side); j++) {
                    int up = abs(at + j - (int)by[k].side + 1), down = abs(at - j + (int)by[k].side - 1);
                    double a = up > PEAK_GUARD_REACH ? 0 : (double)guard.shape[PEAK_GUARD_REACH + up];
                    double b = down > PEAK_GUARD_REACH ? 0 : (double)guard.shape[PEAK_GUARD_REACH + down];
                    double weight = fabs(by[k].weights[point * 2 * by[k].side + (unsigned)j]);
                    all += weight;
                    sum += weight * fmax(fabs(a - here), fabs(b - here));
                }
                most = fmax(most, all);
                stray = at ? stray : fmax(stray, sum);
                end = fmax(end, sum - (double)PEAK_GUARD_STRAY * here);
            }
    double deepest = (most - 1) / (most - (double)PEAK_GUARD_STRAY);
    ck_assert_double_lt(stray, (double)PEAK_GUARD_STRAY);
    ck_assert_double_lt(end * deepest, (double)PEAK_GUARD_MARGIN);
    interpolator_free(&by[0]);
    interpolator_free(&by[1]);
}
END_TEST

START_TEST(a_ceiling_that_falls_and_a_drive_that_rises_are_followed)
{
    static float x[N], ceiling_db[N], drive_db[N];
    struct interpolator by = interpolator_new(8, 32, 2);
    struct rig rig = limiter_new(48000, 1, 0, 0);
    noise_fill(x, N, 1, 5);
    line_fill(drive_db, N, 0, 30);
    for (unsigned i = 0; i < N; i++) /* 12 dB within 20 ms, as by a set value */
        ceiling_db[i] = -fminf(fmaxf((float)i - 3000, 0) / 80, 12);
    rig_start(&rig);
    rig_curve(&rig, "ceiling", ceiling_db);
    rig_curve(&rig, "drive", drive_db);
    float *out = rig_run(&rig, x, N);
    for (unsigned i = 0; i + 128 < N; i += 64) {
        double above = i < rig.latency_frames ? 0 : (double)ceiling_db[i - rig.latency_frames];
        ck_assert_double_le(decibel(true_peak(&by, out + i, 128)), above + 0.01);
    }
    free(out);
    rig_free(&rig);
    interpolator_free(&by);
}
END_TEST

/* ---- what passes ----------------------------------------------------------------------------------------------------- */

START_TEST(below_the_ceiling_the_output_is_the_very_input_as_late_as_it_says)
{
    static const float lookaheads_ms[] = {0.5f, 1.7f, 20};
    static float x[4 * N];
    noise_fill(x, 4 * N, 0.3, 3); /* no interpolator makes more than 3.3 times as much of it */
    for (unsigned k = 0; k < ROWS(rates_hz) * ROWS(lookaheads_ms); k++) {
        struct rig rig = limiter_new(rates_hz[k % 3], 2, 0, 0);
        rig_set(&rig, "lookahead", lookaheads_ms[k / 3]);
        rig_start(&rig);
        float *out = rig_run(&rig, x, 4 * N);
        ck_assert_uint_gt(rig.latency_frames, 200);
        ck_assert(peak(out, rig.latency_frames) == 0);
        ck_assert_mem_eq(out + rig.latency_frames, x, (4 * N - rig.latency_frames) * sizeof *x);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_dry_path_beside_it_is_compensated_bit_by_bit)
{
    struct graph_rig *rig = graph_rig_new(48000);
    graph_rig_commit(rig, "add l limiter 1 ceiling=0 lookahead=3 drive=0; add p probe 2; connect in:out.1 l gain=-12; "
                          "connect l p:in.1; connect in:out.1 p:in.2 gain=-12");
    graph_rig_settle(rig);
    graph_rig_run(rig, 2000);
    graph_check_alike(rig, "p");
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_loud_tone_comes_right_up_to_the_ceiling_and_the_readings_say_so)
{
    enum { LONG = 48000 };
    static float x[LONG];
    sine_fill(x, LONG, 997, 48000, 0.5);
    struct rig rig = limiter_new(48000, 2, -3, 12);
    rig_start(&rig);
    float *out = rig_run(&rig, x, LONG);
    ck_assert_double_eq_tol(decibel(tone_amplitude(out + LONG - 9600, 9600, 997, 48000)), -3, 0.05);
    ck_assert_float_eq_tol(rig_reading(&rig, "true_peak"), 12 - 6.02f, 0.02f);
    ck_assert_float_eq_tol(rig_reading(&rig, "gain_reduction"), -(12 - 6.02f + 3), 0.05f);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(a_peak_on_one_side_turns_down_both)
{
    static float left[N], right[N], out[2][N];
    sine_fill(left, N, 300, 48000, 4);
    sine_fill(right, N, 1000, 48000, 0.1);
    struct rig rig = limiter_new(48000, 2, 0, 0);
    rig_start(&rig);
    rig_process(&rig, (const float *[]){left, right}, (float *[]){out[0], out[1]}, N);
    ck_assert_double_eq_tol(decibel(tone_amplitude(out[1] + N - 4800, 4800, 1000, 48000) / 0.1), -12.04, 0.03);
    rig_free(&rig);
}
END_TEST

/* ---- how it moves ---------------------------------------------------------------------------------------------------- */

START_TEST(a_steady_bass_gets_no_harmonics)
{
    enum { LONG = 96000 };
    static float x[LONG];
    sine_fill(x, LONG, 50, 48000, 1);
    struct rig rig = limiter_new(48000, 1, 0, 6);
    rig_start(&rig);
    float *out = rig_run(&rig, x, LONG);
    for (unsigned k = 2; k < 20; k++)
        ck_assert_double_lt(decibel(tone_amplitude(out + LONG - 48000, 48000, 50 * k, 48000)), -120);
    free(out);
    rig_free(&rig);
}
END_TEST

/* The level of a soft tone at every frame, around which a peak comes at frame 4800. */
static float *levels_around_a_peak(float release_ms, unsigned n, uint32_t *peak_at)
{
    float *x = calloc(n, sizeof *x);
    struct rig rig = limiter_new(48000, 1, 0, 0);
    rig_set(&rig, "release", release_ms);
    for (unsigned i = 0; i < n; i++)
        x[i] = 1e-3f; /* whatever is turned down shows at once */
    x[4800] = 4;
    rig_start(&rig);
    float *out = rig_run(&rig, x, n);
    *peak_at = 4800 + rig.latency_frames;
    for (unsigned i = rig.latency_frames; i < n; i++)
        out[i] /= x[i - rig.latency_frames];
    free(x);
    rig_free(&rig);
    return out;
}

/* What is left of a fall, t after it has been held for hold_s: the average that it comes back to has a time five times as long, and
 * has risen meanwhile. */
static double left_of(double t_s, double release_s, double hold_s)
{
    double average = 1 - exp(-hold_s / (5 * release_s)), slow = average * 5 / 4;
    return (1 - slow) * exp(-t_s / release_s) + slow * exp(-t_s / (5 * release_s));
}

START_TEST(the_release_takes_its_time_and_the_gain_falls_before_the_peak_only)
{
    static const float releases_ms[] = {20, 100, 300};
    for (unsigned k = 0; k < ROWS(releases_ms); k++) {
        uint32_t at;
        double release_s = (double)releases_ms[k] / 1000, hold_s = 701 / 48000.0;
        float *gain = levels_around_a_peak(releases_ms[k], 96000, &at);
        double deepest_db = decibel((double)gain[at]);
        ck_assert_double_eq_tol(deepest_db, -12.05, 0.02);
        ck_assert_float_eq(gain[at - 96 - 4], 1); /* two milliseconds and what surrounds a frame */
        for (uint32_t i = at - 96; i < at; i++)
            ck_assert(gain[i + 1] <= gain[i]);
        for (unsigned part = 1; part <= 6; part++) { /* from the middle of the mean that follows the hold */
            size_t i = at + 651 + (size_t)(part * 0.5 * release_s * 48000);
            double left = decibel((double)gain[i]) / deepest_db,
                   theory = left_of(part * 0.5 * release_s, release_s, hold_s);
            ck_assert_msg(fabs(left / theory - 1) < 0.02, "%g ms, after %u halves: %.4f, not %.4f", (double)releases_ms[k],
                          part, left, theory);
        }
        free(gain);
    }
}
END_TEST

START_TEST(a_loud_passage_comes_back_five_times_slower_than_a_peak)
{
    enum { LOUD = 96000, LONG = 192000 };
    static float x[LONG];
    for (unsigned i = 0; i < LONG; i++)
        x[i] = i < LOUD ? (i / 24 % 2 ? 4 : -4) : 1e-3f;
    struct rig rig = limiter_new(48000, 1, 0, 0);
    rig_start(&rig);
    float *out = rig_run(&rig, x, LONG);
    const float *soft = out + LOUD + rig.latency_frames;
    double first_db = decibel((double)soft[24000] / 1e-3), later_db = decibel((double)soft[36000] / 1e-3);
    double measured_ms = 250 / log(first_db / later_db);
    ck_assert_msg(fabs(measured_ms - 500) < 25, "%.1f ms", measured_ms);
    free(out);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_weights_keep_what_the_dips_of_the_guard_are_built_on,
        a_ceiling_that_falls_and_a_drive_that_rises_are_followed,
        below_the_ceiling_the_output_is_the_very_input_as_late_as_it_says,
        a_dry_path_beside_it_is_compensated_bit_by_bit,
        a_loud_tone_comes_right_up_to_the_ceiling_and_the_readings_say_so,
        a_peak_on_one_side_turns_down_both,
        a_steady_bass_gets_no_harmonics,
        the_release_takes_its_time_and_the_gain_falls_before_the_peak_only,
        a_loud_passage_comes_back_five_times_slower_than_a_peak,
    };
    TCase *tcase = tcase_create("physics");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    tcase_add_loop_test(tcase, no_true_peak_of_anything_is_above_the_ceiling, 0, ROWS(rates_hz));
    return suite_run_case("limiter", tcase);
}
