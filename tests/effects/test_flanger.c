#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000

/* One channel, and notches that stand still. */
static struct rig flanger_new(float delay_ms, float feedback, float mix)
{
    struct rig rig = rig_new("flanger", RATE_HZ, 1);
    rig_set(&rig, "depth", 0);
    rig_set(&rig, "delay", delay_ms);
    rig_set(&rig, "feedback", feedback);
    rig_set(&rig, "mix", mix);
    return rig;
}

/* Where the response is least, between two frequencies: the answer to a search that halves the way at each side in turn. */
static double least_at(const float *out, size_t n, double from_hz, double to_hz)
{
    while (to_hz - from_hz > 1e-5 * to_hz) {
        double a = from_hz + (to_hz - from_hz) / 3, b = to_hz - (to_hz - from_hz) / 3;
        if (cabs(response_at(out, n, a, RATE_HZ)) < cabs(response_at(out, n, b, RATE_HZ)))
            to_hz = b;
        else
            from_hz = a;
    }
    return (from_hz + to_hz) / 2;
}

START_TEST(notches_lie_at_odd_multiples_of_half_of_one_by_the_delay)
{
    enum { N = 8000 }; /* 0.8 to the power of its round trips is less than 1e-4 */
    static const float delays_ms[] = {0.3f, 1, 1.2345f, 3.77f}, feedbacks[] = {0, 0.8f, -0.8f};
    for (unsigned d = 0; d < ROWS(delays_ms); d++)
        for (unsigned f = 0; f < ROWS(feedbacks); f++) {
            struct rig rig = flanger_new(delays_ms[d], feedbacks[f], 0.5f);
            float *out = rig_impulse_response(&rig, N);
            double spacing_hz = 1000 / (double)delays_ms[d];
            for (double hz = spacing_hz / 2; hz < 12000; hz += spacing_hz * (1 + floor(hz / 1500))) {
                double found_hz = least_at(out, N, hz - spacing_hz / 10, hz + spacing_hz / 10);
                ck_assert_double_eq_tol(found_hz / hz, 1, 0.001);
                ck_assert_double_lt(decibel(cabs(response_at(out, N, found_hz, RATE_HZ))), -40);
            }
            free(out);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(inverted_notches_lie_at_all_multiples_of_one_by_the_delay)
{
    enum { N = 4000 };
    struct rig rig = flanger_new(1.2345f, -0.7f, 0.5f);
    rig_set(&rig, "invert", 1);
    float *out = rig_impulse_response(&rig, N);
    for (unsigned k = 0; k < 12; k++)
        ck_assert_double_lt(decibel(cabs(response_at(out, N, k * 1000 / (double)1.2345f, RATE_HZ))), -40);
    free(out);
    rig_free(&rig);
}
END_TEST

/* What noise keeps of its power, if it is white: the sum over the impulse response, by hand. */
static double noise_power(double mix, double feedback, double sign)
{
    double g = 1 + sign * feedback;
    return (1 - mix) * (1 - mix) + mix * mix * g * g / (1 - feedback * feedback);
}

START_TEST(the_whole_response_is_that_of_the_loop)
{
    enum { N = 6000 };
    static const float feedbacks[] = {0, 0.5f, -0.5f, 0.9f, -0.9f}, mixes[] = {0, 0.25f, 0.5f, 1};
    for (unsigned k = 0; k < 2 * ROWS(feedbacks) * ROWS(mixes); k++) {
        double mix = (double)mixes[k % 4], feedback = (double)feedbacks[k / 4 % 5], sign = k < 20 ? 1 : -1;
        struct rig rig = flanger_new(0.987f, (float)feedback, (float)mix);
        rig_set(&rig, "invert", k >= 20);
        float *out = rig_impulse_response(&rig, N);
        double scale = sqrt(noise_power(mix, 0, 1) / noise_power(mix, feedback, sign));
        for (double hz = 10; hz < 10000; hz += 271) {
            double complex z = cexp(-2 * M_PI * I * hz * 0.987e-3);
            double complex theory = scale * (1 - mix + sign * mix * (1 + sign * feedback) * z / (1 - feedback * z));
            ck_assert_double_eq_tol(cabs(response_at(out, N, hz, RATE_HZ) - theory), 0,
                                    0.002 + 0.0005 / pow(1 - fabs(feedback), 2));
        }
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(feedback_makes_peaks_that_are_as_high_as_it_says)
{
    enum { N = 30000 };
    static const float feedbacks[] = {0.5f, 0.9f, 0.98f};
    for (unsigned f = 0; f < ROWS(feedbacks); f++) {
        struct rig rig = flanger_new(1, feedbacks[f], 0.5f);
        float *out = rig_impulse_response(&rig, N);
        /* 1 / (1 - feedback), scaled for noise by the root of (1 - feedback). */
        for (double hz = 0; hz < 20000; hz += 1000)
            ck_assert_double_eq_tol(decibel(cabs(response_at(out, N, hz, RATE_HZ))), -10 * log10(1 - (double)feedbacks[f]),
                                    0.05);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(noise_is_as_loud_with_any_feedback)
{
    enum { N = 4 * RATE_HZ };
    static float in[N];
    static const float feedbacks[] = {-0.95f, -0.5f, 0.5f, 0.95f}, mixes[] = {0.3f, 0.5f, 1};
    noise_fill(in, N, 1, 5);
    for (unsigned m = 0; m < ROWS(mixes); m++)
        for (unsigned f = 0; f < ROWS(feedbacks); f++) {
            struct rig with = flanger_new(1, feedbacks[f], mixes[m]), without = flanger_new(1, 0, mixes[m]);
            rig_start(&with);
            rig_start(&without);
            float *out = rig_run(&with, in, N), *expected = rig_run(&without, in, N);
            ck_assert_double_eq_tol(decibel(rms(out, N) / rms(expected, N)), 0, 0.2);
            free(out);
            free(expected);
            rig_free(&with);
            rig_free(&without);
        }
}
END_TEST

/* How late the copy is in milliseconds, frame by frame and channel by channel: of a ramp, a copy is less by as much as it
 * is late. */
static void delays_take(struct rig *rig, unsigned channels, size_t n, float **delay_ms)
{
    const float *ins[2];
    float *in = calloc(n, sizeof *in);
    line_fill(in, n, 1, 2);
    ins[0] = ins[1] = in;
    rig_set(rig, "mix", 1);
    rig_set(rig, "feedback", 0);
    rig_start(rig);
    rig_process(rig, ins, delay_ms, n);
    for (unsigned c = 0; c < channels; c++)
        for (size_t i = 0; i < n; i++)
            delay_ms[c][i] = (float)(((double)in[i] - (double)delay_ms[c][i]) * (double)(n - 1) * 1000 / RATE_HZ);
    free(in);
}

START_TEST(the_delay_sways_by_octaves_and_the_channels_one_ahead_of_the_other)
{
    enum { N = RATE_HZ };
    static float left[N], right[N];
    struct rig rig = rig_new("flanger", RATE_HZ, 2);
    rig_set(&rig, "rate", 3);
    rig_set(&rig, "depth", 1.2f);
    rig_set(&rig, "delay", 4);
    rig_set(&rig, "stereo_phase", 0.25f);
    delays_take(&rig, 2, N, (float *[]){left, right});
    for (unsigned i = 1000; i < N; i++) {
        double angle = 2 * M_PI * 3 * i / RATE_HZ;
        /* a step of float is 0.0003 ms of this ramp */
        ck_assert_double_eq_tol(left[i], 4 * exp2((double)1.2f * sin(angle)), 0.001);
        ck_assert_double_eq_tol(right[i], 4 * exp2((double)1.2f * cos(angle)), 0.001);
    }
    rig_free(&rig);
}
END_TEST

START_TEST(a_delay_that_is_modulated_at_audio_rate_is_followed)
{
    enum { N = RATE_HZ };
    static float left[N], curve[N];
    struct rig rig = rig_new("flanger", RATE_HZ, 1);
    rig_set(&rig, "depth", 0);
    for (unsigned i = 0; i < N; i++)
        curve[i] = 2 + 0.5f * sinf(0.05f * (float)i); /* 382 Hz */
    rig_curve(&rig, "delay", curve);
    delays_take(&rig, 1, N, (float *[]){left});
    for (unsigned i = 1000; i < N; i++)
        ck_assert_float_eq_tol(left[i], curve[i], 0.001f);
    rig_free(&rig);
}
END_TEST

START_TEST(any_modulation_stays_bounded)
{
    enum { N = 4 * RATE_HZ };
    static float in[N], delay_ms[N], depth[N];
    noise_fill(in, N, 0.5, 1);
    noise_fill(delay_ms, N, 1, 2);
    noise_fill(depth, N, 1.5, 3);
    for (unsigned i = 0; i < N; i++) {
        delay_ms[i] = 1.414f * powf(2, 3.8f * delay_ms[i]);
        depth[i] += 1.5f;
    }
    struct rig rig = flanger_new(1, 0.98f, 1);
    rig_set(&rig, "rate", 20);
    rig_start(&rig);
    rig_curve(&rig, "delay", delay_ms);
    rig_curve(&rig, "depth", depth);
    float *out = rig_run(&rig, in, N);
    ck_assert_double_lt(peak(out, N), 20);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(at_the_zero_the_copy_meets_the_signal)
{
    enum { N = 4800, LATE = 144 };
    static float in[N];
    noise_fill(in, N, 1, 7);
    struct rig rig = flanger_new(3, 0, 0.5f), dry = flanger_new(3, 0, 0);
    rig_set(&rig, "zero", 3);
    rig_set(&rig, "invert", 1);
    rig_set(&dry, "zero", 3);
    rig_start(&rig);
    rig_start(&dry);
    float *out = rig_run(&rig, in, N), *late = rig_run(&dry, in, N);
    ck_assert_uint_eq(rig.latency_frames, LATE);
    ck_assert_double_lt(peak(out, N), 1e-6);
    ck_assert(peak(late, LATE) == 0);
    ck_assert_mem_eq(late + LATE, in, (N - LATE) * sizeof *in);
    free(out);
    free(late);
    rig_free(&rig);
    rig_free(&dry);
}
END_TEST

START_TEST(beyond_the_zero_the_notches_are_those_of_the_distance_from_it)
{
    enum { N = 4000 };
    static const float delays_ms[] = {1.1f, 2.9f, 3.1f, 5};
    for (unsigned d = 0; d < ROWS(delays_ms); d++) {
        struct rig rig = flanger_new(delays_ms[d], 0, 0.5f);
        rig_set(&rig, "zero", 3);
        float *out = rig_impulse_response(&rig, N);
        double spacing_hz = 1000 / fabs((double)delays_ms[d] - 3);
        for (double hz = spacing_hz / 2; hz < 12000; hz += spacing_hz)
            ck_assert_double_eq_tol(least_at(out, N, hz - spacing_hz / 10, hz + spacing_hz / 10) / hz, 1, 0.001);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(inverting_does_not_click)
{
    enum { N = RATE_HZ };
    static float in[N], invert[N];
    sine_fill(in, N, 100, RATE_HZ, 1);
    for (unsigned i = 0; i < N; i++)
        invert[i] = (float)(i / 3000 % 2);
    struct rig rig = flanger_new(1, 0, 0.5f);
    rig_start(&rig);
    rig_curve(&rig, "invert", invert);
    float *out = rig_run(&rig, in, N);
    /* the tone's own slope, and 1 in 10 ms */
    ck_assert_double_lt(largest_step(out + 100, N - 100), 2 * M_PI * 100 / RATE_HZ + 1 / 480.0);
    free(out);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        notches_lie_at_odd_multiples_of_half_of_one_by_the_delay,
        inverted_notches_lie_at_all_multiples_of_one_by_the_delay,
        the_whole_response_is_that_of_the_loop,
        feedback_makes_peaks_that_are_as_high_as_it_says,
        noise_is_as_loud_with_any_feedback,
        the_delay_sways_by_octaves_and_the_channels_one_ahead_of_the_other,
        a_delay_that_is_modulated_at_audio_rate_is_followed,
        any_modulation_stays_bounded,
        at_the_zero_the_copy_meets_the_signal,
        beyond_the_zero_the_notches_are_those_of_the_distance_from_it,
        inverting_does_not_click,
    };
    return suite_run("flanger", 60, tests, ROWS(tests));
}
