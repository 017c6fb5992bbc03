#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/allpass_chain.h"
#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000

/* One channel, and notches that stand still. */
static struct rig phaser_new(float stages, float centre_hz, float feedback)
{
    struct rig rig = rig_new("phaser", RATE_HZ, 1);
    rig_set(&rig, "depth", 0);
    rig_set(&rig, "stages", stages);
    rig_set(&rig, "centre", centre_hz);
    rig_set(&rig, "feedback", feedback);
    return rig;
}

/* What the chain makes of a frequency: every stage turns it by twice the angle whose tangent is hz / centre, warped. */
static double complex chain_at(double hz, double centre_hz, unsigned stages)
{
    double ratio = tan(M_PI * hz / RATE_HZ) / tan(M_PI * centre_hz / RATE_HZ);
    return cexp(-2 * I * stages * atan(ratio));
}

/* Where the k-th notch is, from 0. */
static double notch_hz(unsigned k, double centre_hz, unsigned stages)
{
    return RATE_HZ / M_PI * atan(tan(M_PI * centre_hz / RATE_HZ) * tan(M_PI * (2 * k + 1) / (2 * stages)));
}

START_TEST(there_are_half_as_many_notches_as_stages_and_they_are_in_their_places)
{
    enum { N = 24000 };
    static const float centres_hz[] = {300, 1000, 5000}, feedbacks[] = {0, 0.7f, -0.7f};
    for (unsigned stages = 2; stages <= 12; stages += 2)
        for (unsigned k = 0; k < 9; k++) {
            double centre_hz = (double)centres_hz[k / 3];
            struct rig rig = phaser_new((float)stages, centres_hz[k / 3], feedbacks[k % 3]);
            float *out = rig_impulse_response(&rig, N);
            for (unsigned notch = 0; notch < stages / 2; notch++)
                ck_assert_double_lt(decibel(cabs(response_at(out, N, notch_hz(notch, centre_hz, stages), RATE_HZ))), -80);
            free(out);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(between_the_notches_there_is_no_other)
{
    enum { N = 8192 };
    for (unsigned stages = 2; stages <= 12; stages += 2) {
        struct rig rig = phaser_new((float)stages, 1000, 0);
        float *out = rig_impulse_response(&rig, N);
        unsigned n_least = 0;
        double before[2] = {1, 1};
        for (double hz = 10; hz < 23900; hz *= 1.025) {
            double now = cabs(response_at(out, N, hz, RATE_HZ));
            n_least += before[1] < before[0] && before[1] < now && before[1] < 0.3;
            before[0] = before[1];
            before[1] = now;
        }
        ck_assert_uint_eq(n_least, stages / 2);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_whole_response_is_that_of_a_loop_without_delay)
{
    enum { N = 24000 };
    static const float feedbacks[] = {0, 0.6f, -0.6f, 0.95f, -0.95f};
    for (unsigned k = 0; k < 2 * ROWS(feedbacks); k++) {
        double feedback = (double)feedbacks[k % 5], sign = k < 5 ? 1 : -1, g = 1 + sign * feedback;
        struct rig rig = phaser_new(6, 3000, feedbacks[k % 5]);
        rig_set(&rig, "invert", k >= 5);
        rig_set(&rig, "mix", 0.4f);
        float *out = rig_impulse_response(&rig, N);
        double scale = sqrt(0.52 / (0.36 + 0.16 * g * g / (1 - feedback * feedback)));
        for (double hz = 50; hz < 23000; hz *= 1.3) {
            double complex z = chain_at(hz, 3000, 6);
            double complex theory = scale * (0.6 + sign * 0.4 * g * z / (1 - feedback * z));
            ck_assert_double_eq_tol(cabs(response_at(out, N, hz, RATE_HZ) - theory), 0, 1e-5);
        }
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_notches_sway_by_octaves_and_the_channels_one_ahead_of_the_other)
{
    enum { N = RATE_HZ, WINDOW = 480 };
    static float in[N], left[N], right[N];
    struct rig rig = rig_new("phaser", RATE_HZ, 2);
    rig_set(&rig, "rate", 1);
    rig_set(&rig, "depth", 2);
    rig_set(&rig, "centre", 1000);
    rig_set(&rig, "stages", 2);
    rig_set(&rig, "feedback", 0);
    rig_set(&rig, "stereo_phase", 0.25f);
    /* With two stages the notch is at the centre: there a tone of 2 kHz is silent, half way between 1 kHz and 4 kHz. */
    sine_fill(in, N, 2000, RATE_HZ, 1);
    rig_start(&rig);
    rig_process(&rig, (const float *[]){in, in}, (float *[]){left, right}, N);
    /* one octave up: the sine is 1/2, at 1/12 and 5/12 of the cycle; the right one a quarter before */
    static const double left_at[] = {1 / 12.0, 5 / 12.0}, right_at[] = {2 / 12.0, 10 / 12.0};
    for (unsigned k = 0; k < 2; k++) {
        ck_assert_double_lt(rms(left + (unsigned)(left_at[k] * N) - WINDOW / 2, WINDOW), 0.02);
        ck_assert_double_lt(rms(right + (unsigned)(right_at[k] * N) - WINDOW / 2, WINDOW), 0.02);
        ck_assert_double_gt(rms(left + (unsigned)((left_at[k] + 0.5) * N), WINDOW), 0.3);
    }
    rig_free(&rig);
}
END_TEST

START_TEST(a_chain_in_a_loop_only_ever_loses_energy_whatever_is_done_to_its_centre)
{
    enum { N = 4800 };
    static float hz[N];
    struct allpass_chain chain = {0};
    struct allpass_steps steps = {0};
    double before = 0;
    noise_fill(hz, N, 1, 1);
    for (unsigned k = 0; k < ALLPASS_MOST; k++) {
        chain.u[k] = (DOUBLE2){1, -1};
        before += 2;
    }
    for (unsigned i = 0; i < N; i++) {
        DOUBLE2 out;
        double now = 0;
        float centre_hz = 600 * powf(2, 5 * hz[i]);
        allpass_steps_set(&steps, 0, &centre_hz, 1.0 / RATE_HZ, 1);
        allpass_steps_set(&steps, 1, &centre_hz, 1.0 / RATE_HZ, 1);
        allpass_tick(&chain, steps.a, steps.b, 0.98, ALLPASS_MOST, (DOUBLE2){0}, &out);
        for (unsigned k = 0; k < ALLPASS_MOST; k++)
            now += chain.u[k][0] * chain.u[k][0] + chain.u[k][1] * chain.u[k][1];
        ck_assert_double_le(now, before * (1 + 1e-14));
        /* what is lost is what the loop does not give back */
        ck_assert_double_eq_tol(before - now, (1 - 0.98 * 0.98) * (out[0] * out[0] + out[1] * out[1]), 1e-12);
        before = now;
    }
    ck_assert_double_lt(before, 1);
}
END_TEST

START_TEST(any_modulation_stays_bounded)
{
    enum { N = 4 * RATE_HZ };
    static float in[N], centre_hz[N];
    struct rig rig = phaser_new(12, 1000, 0.98f);
    noise_fill(in, N, 0.5, 1);
    noise_fill(centre_hz, N, 1, 2);
    for (unsigned i = 0; i < N; i++)
        centre_hz[i] = 447 * powf(2, 4.4f * centre_hz[i]);
    rig_set(&rig, "mix", 1);
    rig_set(&rig, "depth", 4);
    rig_set(&rig, "rate", 20);
    rig_start(&rig);
    rig_curve(&rig, "centre", centre_hz);
    float *out = rig_run(&rig, in, N);
    ck_assert_double_lt(peak(out, N), 10);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(stages_come_and_go_without_a_step)
{
    enum { N = RATE_HZ };
    static float in[N], stages[N];
    struct rig rig = phaser_new(2, 1000, 0.5f);
    sine_fill(in, N, 100, RATE_HZ, 1);
    for (unsigned i = 0; i < N; i++)
        stages[i] = (float)(2 + 2 * (i / 1500 * 5 % 6));
    rig_start(&rig);
    rig_curve(&rig, "stages", stages);
    float *out = rig_run(&rig, in, N);
    /* Twice the level at most, and twice that in 10 ms; a step would be a hundred times as steep. */
    ck_assert_double_lt(largest_step(out + 1000, N - 1000), 2 * 2 * M_PI * 100 / RATE_HZ + 4 / 480.0);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(the_mix_goes_from_the_very_input)
{
    enum { N = 5000 };
    static float in[N];
    struct rig rig = phaser_new(6, 1000, 0.7f);
    noise_fill(in, N, 1, 4);
    rig_set(&rig, "mix", 0);
    rig_start(&rig);
    float *out = rig_run(&rig, in, N);
    ck_assert_mem_eq(out, in, sizeof in);
    free(out);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        there_are_half_as_many_notches_as_stages_and_they_are_in_their_places,
        between_the_notches_there_is_no_other,
        the_whole_response_is_that_of_a_loop_without_delay,
        the_notches_sway_by_octaves_and_the_channels_one_ahead_of_the_other,
        a_chain_in_a_loop_only_ever_loses_energy_whatever_is_done_to_its_centre,
        any_modulation_stays_bounded,
        stages_come_and_go_without_a_step,
        the_mix_goes_from_the_very_input,
    };
    return suite_run("phaser", 60, tests, ROWS(tests));
}
