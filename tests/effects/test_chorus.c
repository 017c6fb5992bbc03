#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000

/* The voices alone. */
static struct rig chorus_new(unsigned channels, float voices, float delay_ms, float depth_ms)
{
    struct rig rig = rig_new("chorus", RATE_HZ, channels);
    rig_set(&rig, "voices", voices);
    rig_set(&rig, "delay", delay_ms);
    rig_set(&rig, "depth", depth_ms);
    rig_set(&rig, "mix", 1);
    return rig;
}

/* How late the sound is in milliseconds, frame by frame: of a ramp, what comes later is less by as much as it is late. */
static void delays_take(struct rig *rig, unsigned channels, size_t n, float **delay_ms)
{
    const float *ins[2];
    float *in = calloc(n, sizeof *in);
    line_fill(in, n, 1, 2);
    ins[0] = ins[1] = in;
    rig_start(rig);
    rig_process(rig, ins, delay_ms, n);
    for (unsigned c = 0; c < channels; c++)
        for (size_t i = 0; i < n; i++)
            delay_ms[c][i] = (float)(((double)in[i] - (double)delay_ms[c][i]) * (double)(n - 1) * 1000 / RATE_HZ);
    free(in);
}

START_TEST(a_voice_sways_between_delay_and_depth_later)
{
    enum { N = RATE_HZ, FROM = 3000 };
    static float left[N], right[N];
    static const float rates_hz[] = {0.5f, 3, 20}, depths_ms[] = {0, 1.5f, 20};
    for (unsigned k = 0; k < 9; k++) {
        struct rig rig = chorus_new(2, 1, 7, depths_ms[k % 3]);
        double depth_ms = (double)depths_ms[k % 3], least = INFINITY, most = 0;
        rig_set(&rig, "rate", rates_hz[k / 3]);
        delays_take(&rig, 2, N, (float *[]){left, right});
        for (unsigned i = FROM; i < N; i++) {
            double sine = sin(2 * M_PI * (double)rates_hz[k / 3] * i / RATE_HZ);
            /* a step of float is 0.0003 ms of this ramp */
            ck_assert_double_eq_tol(left[i], 7 + depth_ms * (0.5 + 0.5 * sine), 0.002);
            ck_assert_double_eq_tol(right[i], 7 + depth_ms * (0.5 - 0.5 * sine), 0.002);
            least = fmin(least, (double)left[i]);
            most = fmax(most, (double)left[i]);
        }
        if (k / 3)
            ck_assert(fabs(least - 7) < 0.01 && fabs(most - 7 - depth_ms) < 0.01);
        rig_free(&rig);
    }
}
END_TEST

/* Where the k-th voice of channel c is at the beginning, in frames. */
static double place(unsigned voices, unsigned k, double side)
{
    return 480 + 480 * (0.5 + 0.5 * sin(2 * M_PI * (k + side) / voices));
}

START_TEST(an_impulse_returns_where_the_phases_of_the_voices_put_it)
{
    enum { N = 2000 };
    static const float spreads[] = {0, 0.5f, 1};
    for (unsigned voices = 1; voices <= 8; voices++)
        for (unsigned s = 0; s < ROWS(spreads); s++) {
            float in[N], out[2][N];
            struct rig rig = chorus_new(2, (float)voices, 10, 10);
            impulse_fill(in, N, 0);
            rig_set(&rig, "rate", 0.01f); /* stands still, almost */
            rig_set(&rig, "spread", spreads[s]);
            rig_start(&rig);
            rig_process(&rig, (const float *[]){in, in}, (float *[]){out[0], out[1]}, N);
            for (unsigned c = 0; c < 2; c++) {
                double centre = 0, expected = 0, sum = 0, stray = 0;
                for (unsigned k = 0; k < voices; k++)
                    expected += place(voices, k, (double)spreads[s] * c / 2) / voices;
                for (unsigned i = 0; i < N; i++) {
                    double nearest = INFINITY;
                    for (unsigned k = 0; k < voices; k++)
                        nearest = fmin(nearest, fabs(i - place(voices, k, (double)spreads[s] * c / 2)));
                    stray = nearest > 5 ? fmax(stray, fabs((double)out[c][i])) : stray;
                    sum += (double)out[c][i];
                    centre += i * (double)out[c][i];
                }
                ck_assert_double_eq_tol(sum, sqrt(voices), 0.002);
                ck_assert_double_eq_tol(centre / sum, expected, 0.5);
                ck_assert_double_eq(stray, 0);
            }
            rig_free(&rig);
        }
}
END_TEST

START_TEST(noise_is_as_loud_with_any_number_of_voices_and_any_feedback)
{
    enum { N = 10 * RATE_HZ };
    static float in[N];
    noise_fill(in, N, 1, 3);
    for (unsigned voices = 1; voices <= 8; voices++) {
        struct rig rig = chorus_new(1, (float)voices, 10, 10);
        rig_set(&rig, "feedback", 0.13f * (float)voices - 0.5f);
        rig_start(&rig);
        float *out = rig_run(&rig, in, N);
        /* Where two voices meet they are 3 dB louder; and what lies above 15 kHz is lost between the samples. */
        ck_assert_double_eq_tol(decibel(rms(out + RATE_HZ, N - RATE_HZ) / rms(in, N)), -0.3, 0.5);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(what_is_fed_back_returns_from_the_middle)
{
    enum { N = 6000, MIDDLE = 480 + 96 };
    float in[N];
    struct rig rig = chorus_new(1, 1, 10, 4);
    impulse_fill(in, N, 0);
    rig_set(&rig, "feedback", 0.5f);
    rig_set(&rig, "rate", 0.01f);
    rig_start(&rig);
    float *out = rig_run(&rig, in, N);
    /* The voice is in the middle too, and leaves it by a frame in 0.3 s. */
    for (unsigned k = 1; k < 9; k++)
        ck_assert_double_eq_tol(mean(out + k * MIDDLE - 10, 20) * 20, sqrt(0.75) * pow(0.5, k - 1), 0.002);
    free(out);
    rig_free(&rig);
}
END_TEST

/* The gain of a voice that stands still, with a cut set. */
static double voice_db(const char *cut, float cut_hz, double hz)
{
    enum { N = 8000 };
    float in[N];
    struct rig rig = chorus_new(1, 1, 10, 0);
    impulse_fill(in, N, 0);
    rig_set(&rig, cut, cut_hz);
    rig_start(&rig);
    float *out = rig_run(&rig, in, N);
    double db = decibel(cabs(response_at(out, N, hz, RATE_HZ)));
    free(out);
    rig_free(&rig);
    return db;
}

START_TEST(voices_lose_3_decibels_at_a_cut)
{
    ck_assert_double_eq_tol(voice_db("low_cut", 200, 200), -3.0103, 0.01);
    ck_assert_double_eq_tol(voice_db("low_cut", 200, 5000), 0, 0.01);
    ck_assert_double_eq_tol(voice_db("high_cut", 5000, 5000), -3.0103, 0.01);
    ck_assert_double_eq_tol(voice_db("high_cut", 5000, 50), 0, 0.01);
}
END_TEST

START_TEST(a_tone_is_out_of_tune_by_the_slope_of_the_delay)
{
    enum { N = 4 * RATE_HZ, WINDOW = 2048 };
    static float in[N];
    struct rig rig = chorus_new(1, 1, 10, 4);
    sine_fill(in, N, 4000, RATE_HZ, 1);
    rig_set(&rig, "rate", 0.5f);
    rig_start(&rig);
    float *out = rig_run(&rig, in, N);
    /* Half way up, at 2 s, and half way down, at 3 s, the delay changes by pi rate depth in a second. */
    double slope = M_PI * 0.5 * 0.004;
    for (int half = 2; half <= 3; half++) {
        const float *x = out + half * RATE_HZ - WINDOW / 2;
        double hz = 4000 * (1 - (half % 2 ? -slope : slope));
        ck_assert_double_eq_tol(tone_amplitude(x, WINDOW, hz, RATE_HZ), 1, 0.01);
    }
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(the_mix_goes_from_the_very_input)
{
    enum { N = 5000 };
    static float in[N];
    struct rig rig = chorus_new(1, 3, 10, 4);
    noise_fill(in, N, 1, 4);
    rig_set(&rig, "mix", 0);
    rig_start(&rig);
    float *out = rig_run(&rig, in, N);
    ck_assert_mem_eq(out, in, sizeof in);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(voices_come_and_go_without_a_step)
{
    enum { N = RATE_HZ };
    static float in[N], voices[N];
    struct rig rig = chorus_new(1, 1, 10, 4);
    line_fill(in, N, 1, 1);
    for (unsigned i = 0; i < N; i++)
        voices[i] = (float)(1 + i / 1000 * 3 % 8);
    rig_start(&rig);
    rig_curve(&rig, "voices", voices);
    float *out = rig_run(&rig, in, N);
    ck_assert_double_lt(largest_step(out + 1000, N - 1000), (sqrt(8) - 1) / 480 + 1e-4);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(any_modulation_stays_bounded)
{
    enum { N = 2 * RATE_HZ };
    static float in[N], curve[4][N];
    static const char *const params[] = {"delay", "depth", "spread", "rate"};
    static const float low[] = {1, 0, 0, 0.01f}, high[] = {50, 20, 1, 20};
    struct rig rig = chorus_new(2, 4, 10, 4);
    noise_fill(in, N, 0.5, 1);
    rig_set(&rig, "feedback", 0.98f);
    rig_start(&rig);
    for (unsigned k = 0; k < 4; k++) {
        noise_fill(curve[k], N, 0.5, 2 + k);
        for (unsigned i = 0; i < N; i++)
            curve[k][i] = low[k] + (high[k] - low[k]) * (0.5f + curve[k][i]);
        rig_curve(&rig, params[k], curve[k]);
    }
    float *out = rig_run(&rig, in, N);
    ck_assert_double_lt(peak(out, N), 20);
    free(out);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_voice_sways_between_delay_and_depth_later,
        an_impulse_returns_where_the_phases_of_the_voices_put_it,
        noise_is_as_loud_with_any_number_of_voices_and_any_feedback,
        what_is_fed_back_returns_from_the_middle,
        voices_lose_3_decibels_at_a_cut,
        a_tone_is_out_of_tune_by_the_slope_of_the_delay,
        the_mix_goes_from_the_very_input,
        voices_come_and_go_without_a_step,
        any_modulation_stays_bounded,
    };
    return suite_run("chorus", 60, tests, ROWS(tests));
}
