#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

/* Only the echoes, once, at full level, unless told otherwise afterwards. */
static struct rig delay_new(double rate_hz, unsigned channels, float time_s, float feedback)
{
    struct rig rig = rig_new("delay", rate_hz, channels);
    rig_set(&rig, "time", time_s);
    rig_set(&rig, "feedback", feedback);
    rig_set(&rig, "mix", 1);
    return rig;
}

static float *floats_new(size_t n)
{
    float *x = calloc(n, sizeof *x);
    ck_assert_ptr_nonnull(x);
    return x;
}

/* Nothing but the impulses at multiples of `every`, the k-th of them feedback^(k - 1) high to the rounding of float. */
static void check_echoes(const float *out, size_t n, size_t every, double feedback)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = i / every;
        double expected = i % every || i == 0 ? 0 : pow(feedback, (double)k - 1);
        if (fabs(out[i] - expected) > (double)k * 6e-8 * expected)
            ck_abort_msg("frame %zu: %.9g, not %.9g", i, (double)out[i], expected);
    }
}

START_TEST(an_impulse_returns_on_the_frame_and_decays_exactly)
{
    static const double rates_hz[] = {44100, 48000, 96000, 192000};
    static const float times_s[] = {0.005f, 0.01f, 0.25f, 0.3f, 1}, feedbacks[] = {0, 0.5f, 0.7f, 0.99f};
    for (unsigned r = 0; r < ROWS(rates_hz); r++)
        for (unsigned t = 0; t < ROWS(times_s); t++)
            for (unsigned f = 0; f < ROWS(feedbacks); f++) {
                size_t every = (size_t)lround(rates_hz[r] * (double)times_s[t]);
                if (rates_hz[r] == 44100 && t == 0) /* 220.5 frames */
                    continue;
                struct rig rig = delay_new(rates_hz[r], 1, times_s[t], feedbacks[f]);
                float *out = rig_impulse_response(&rig, 6 * every + 100);
                check_echoes(out, 6 * every + 100, every, feedbacks[f]);
                free(out);
                rig_free(&rig);
            }
}
END_TEST

START_TEST(the_shortest_and_the_longest_time_are_exact)
{
    struct rig shortest = delay_new(48000, 1, 0.001f, 0.9f), longest = delay_new(48000, 1, 8, 0.5f);
    float *out = rig_impulse_response(&shortest, 4800);
    check_echoes(out, 4800, 48, 0.9f);
    free(out);
    out = rig_impulse_response(&longest, 2 * 384000 + 10);
    check_echoes(out, 2 * 384000 + 10, 384000, 0.5f);
    free(out);
    rig_free(&shortest);
    rig_free(&longest);
}
END_TEST

/* Runs with the time given frame by frame, as if it might move. */
static float *run_moving(struct rig *rig, const float *in, size_t n, float time_s)
{
    float *time = floats_new(n);
    line_fill(time, n, time_s, time_s);
    rig_curve(rig, "time", time);
    float *out = rig_run(rig, in, n);
    free(time);
    return out;
}

START_TEST(a_time_beyond_the_memory_is_held_at_it)
{
    enum { N = 5000 };
    static const float longest_s[] = {0.01f, 0.0123f, 0.05f}, times_s[] = {0.02f, 0.0123f, 8};
    static float in[N];
    noise_fill(in, N, 1, 8);
    for (unsigned k = 0; k < ROWS(longest_s); k++)
        for (int moving = 0; moving <= 1; moving++) {
            struct rig held = delay_new(48000, 1, times_s[k], 0.5f), meant = delay_new(48000, 1, longest_s[k], 0.5f);
            rig_set(&held, "longest", longest_s[k]);
            rig_start(&held);
            rig_start(&meant);
            float *out = moving ? run_moving(&held, in, N, times_s[k]) : rig_run(&held, in, N);
            float *expected = rig_run(&meant, in, N);
            ck_assert_mem_eq(out, expected, sizeof in);
            free(out);
            free(expected);
            rig_free(&held);
            rig_free(&meant);
        }
}
END_TEST

START_TEST(a_time_that_might_move_sounds_bit_for_bit_as_one_that_stands_still)
{
    enum { N = 20000 };
    static const float times_s[] = {0.001f, 0.00123f, 0.0377f, 0.1f};
    static float in[N];
    noise_fill(in, N, 1, 9);
    for (unsigned k = 0; k < ROWS(times_s); k++) {
        struct rig still = delay_new(48000, 2, times_s[k], 0.9f), moving = delay_new(48000, 2, times_s[k], 0.9f);
        rig_start(&still);
        rig_start(&moving);
        float *expected = rig_run(&still, in, N), *out = run_moving(&moving, in, N, times_s[k]);
        for (unsigned i = 0; i < N; i++)
            if (out[i] != expected[i])
                ck_abort_msg("%g s, frame %u: %g, not %g", (double)times_s[k], i, (double)out[i], (double)expected[i]);
        free(expected);
        free(out);
        rig_free(&still);
        rig_free(&moving);
    }
}
END_TEST

START_TEST(between_two_frames_the_time_is_exact_for_what_is_not_shrill)
{
    enum { N = 24000 };
    static float in[N];
    static const double times_s[] = {0.00101, 0.0123456, 0.1000052, 0.3333333};
    sine_fill(in, N, 1000, 48000, 1);
    for (unsigned k = 0; k < ROWS(times_s); k++) {
        struct rig rig = delay_new(48000, 1, (float)times_s[k], 0);
        rig_start(&rig);
        float *out = rig_run(&rig, in, N);
        double complex heard = tone(out + N - 4800, 4800, 1000, 48000) / tone(in + N - 4800, 4800, 1000, 48000);
        double frames = -carg(heard * cexp(2 * M_PI * I * 1000 * times_s[k])) / (2 * M_PI) * 48;
        ck_assert_double_eq_tol(decibel(cabs(heard)), 0, 0.001);
        ck_assert_msg(fabs(frames) < 0.002, "%g s: %.4f frames late", times_s[k], frames);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(the_mix_goes_from_the_very_input_to_the_echoes_alone)
{
    enum { N = 2000 };
    float in[N];
    static const float mixes[] = {0, 0.25f, 1};
    noise_fill(in, N, 1, 1);
    for (unsigned k = 0; k < ROWS(mixes); k++) {
        struct rig rig = delay_new(48000, 1, 0.01f, 0);
        rig_set(&rig, "mix", mixes[k]);
        rig_start(&rig);
        float *out = rig_run(&rig, in, N);
        for (unsigned i = 480; i < N; i++)
            if (out[i] != (1 - mixes[k]) * in[i] + mixes[k] * in[i - 480])
                ck_abort_msg("frame %u at mix %g", i, (double)mixes[k]);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

/* Heights of the first four echoes of impulses of these heights, per channel: echo[k][c]. */
static void stereo_echoes(float spread, float left, float right, float echo[4][2])
{
    enum { N = 2500 };
    float in[2][N] = {{left}, {right}}, out[2][N];
    struct rig rig = delay_new(48000, 2, 0.01f, 0.5f);
    rig_set(&rig, "spread", spread);
    rig_start(&rig);
    rig_process(&rig, (const float *[]){in[0], in[1]}, (float *[]){out[0], out[1]}, N);
    for (unsigned k = 0; k < 4; k++)
        for (unsigned c = 0; c < 2; c++)
            echo[k][c] = out[c][480 * (k + 1)];
    rig_free(&rig);
}

START_TEST(spread_sends_the_echoes_from_side_to_side)
{
    static const float apart[4][2] = {{1, 0}, {0.5f, 0}, {0.25f, 0}, {0.125f, 0}};
    static const float across[4][2] = {{1, 0}, {0, 0.5f}, {0.25f, 0}, {0, 0.125f}};
    float echo[4][2];
    stereo_echoes(0, 1, 0, echo);
    ck_assert_mem_eq(echo, apart, sizeof echo);
    stereo_echoes(1, 1, 1, echo);
    ck_assert_mem_eq(echo, across, sizeof echo);
    stereo_echoes(1, 0, 2, echo);
    ck_assert_mem_eq(echo, across, sizeof echo);
    stereo_echoes(0.5f, 1, 1, echo);
    for (unsigned k = 0; k < 4; k++)
        ck_assert_float_eq_tol(echo[k][0] + echo[k][1], 1.5f * powf(0.5f, (float)k), 1e-6f);
}
END_TEST

/* The gain of the k-th echo at this frequency, with a cut set. */
static double echo_db(const char *cut, float cut_hz, unsigned k, double hz)
{
    enum { N = 12000, EVERY = 2400 };
    struct rig rig = delay_new(48000, 1, 0.05f, 0.9f);
    rig_set(&rig, cut, cut_hz);
    float *out = rig_impulse_response(&rig, N);
    /* the cut rings on into the next echo by less than 1e-6 at these frequencies */
    double gain = decibel(cabs(response_at(out + k * EVERY, EVERY, hz, 48000)) / pow((double)0.9f, k - 1));
    free(out);
    rig_free(&rig);
    return gain;
}

START_TEST(every_echo_loses_3_decibels_at_a_cut)
{
    for (unsigned k = 1; k <= 3; k++) {
        ck_assert_double_eq_tol(echo_db("low_cut", 100, k, 100), -3.0103 * k, 0.01);
        ck_assert_double_eq_tol(echo_db("low_cut", 100, k, 5000), 0, 0.01);
        ck_assert_double_eq_tol(echo_db("high_cut", 2000, k, 2000), -3.0103 * k, 0.01);
        ck_assert_double_eq_tol(echo_db("high_cut", 2000, k, 50), 0, 0.01);
    }
}
END_TEST

START_TEST(a_cut_that_is_off_takes_nothing_even_when_it_may_move)
{
    enum { N = 4800 };
    float in[N], low_hz[N], high_hz[N];
    noise_fill(in, N, 1, 1);
    line_fill(low_hz, N, 10, 10);
    line_fill(high_hz, N, 20000, 20000);
    struct rig rig = delay_new(48000, 1, 0.01f, 0);
    rig_start(&rig);
    rig_curve(&rig, "low_cut", low_hz);
    rig_curve(&rig, "high_cut", high_hz);
    float *out = rig_run(&rig, in, N);
    ck_assert_mem_eq(out + 480, in, (N - 480) * sizeof *in);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(a_cut_that_was_off_has_forgotten)
{
    enum { N = 2400 };
    float in[N], silence[N] = {0};
    static const char *const cuts[] = {"low_cut", "high_cut"};
    static const float on_hz[] = {100, 100}, off_hz[] = {10, 20000};
    line_fill(in, N, 1, 1);
    for (unsigned k = 0; k < 2; k++) {
        struct rig rig = delay_new(48000, 2, 0.01f, 0);
        rig_set(&rig, cuts[k], on_hz[k]);
        rig_start(&rig);
        free(rig_run(&rig, in, N));
        rig_set(&rig, cuts[k], off_hz[k]);
        free(rig_run(&rig, silence, N));
        rig_set(&rig, cuts[k], on_hz[k]);
        float *out = rig_run(&rig, silence, N);
        ck_assert(peak(out, N) == 0);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_cut_comes_and_goes_without_a_step)
{
    enum { N = 48000 };
    static float in[N], low_hz[N], high_hz[N];
    sine_fill(in, N, 50, 48000, 1);
    for (unsigned i = 0; i < N; i++) {
        float part = 0.5f - 0.5f * cosf(2 * (float)M_PI * (float)i / N);
        low_hz[i] = fminf(fmaxf(10 * powf(2, 6 * part - 1), 10), 300);
        high_hz[i] = fminf(fmaxf(20000 * powf(2, 1 - 6 * part), 800), 20000);
    }
    struct rig rig = delay_new(48000, 1, 0.01f, 0);
    rig_start(&rig);
    rig_curve(&rig, "low_cut", low_hz);
    rig_curve(&rig, "high_cut", high_hz);
    float *out = rig_run(&rig, in, N);
    ck_assert_double_lt(largest_step(out + 600, N - 600), 1.1 * 2 * M_PI * 50 / 48000);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(a_gliding_time_bends_the_pitch_and_adds_nothing)
{
    enum { N = 96000, WINDOW = 32768 };
    static float in[N], time_s[N];
    sine_fill(in, N, 1000, 48000, 0.5);
    line_fill(time_s, N, 0.05, 0.05 + 0.25 * (N - 1) / 48000);
    struct rig rig = delay_new(48000, 1, 0.05f, 0);
    rig_start(&rig);
    rig_curve(&rig, "time", time_s);
    float *out = rig_run(&rig, in, N);
    const float *glide = out + N - WINDOW;
    ck_assert_double_eq_tol(decibel(tone_amplitude(glide, WINDOW, 750, 48000) / 0.5), 0, 0.01);
    double stray_db = inharmonic_db(glide, WINDOW, 750, 48000);
    ck_assert_msg(stray_db < -90, "stray tones at %.1f dB", stray_db);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(any_modulation_of_the_time_stays_bounded)
{
    enum { N = 192000 };
    static float in[N], time_s[N];
    noise_fill(in, N, 0.5, 1);
    noise_fill(time_s, N, 1, 2);
    for (unsigned i = 0; i < N; i++)
        time_s[i] = 0.0895f * powf(2, 6.48f * time_s[i]);
    struct rig rig = delay_new(48000, 2, 0.1f, 0.99f);
    rig_start(&rig);
    rig_curve(&rig, "time", time_s);
    float *out = rig_run(&rig, in, N);
    ck_assert_double_lt(peak(out, N), 50);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(what_is_not_sound_leaves_no_echo)
{
    enum { N = 4800 };
    static const float poisons[] = {NAN, INFINITY, -INFINITY, 1e38f};
    float in[N] = {0};
    for (unsigned k = 0; k < ROWS(poisons); k++) {
        in[100] = poisons[k];
        struct rig rig = delay_new(48000, 2, 0.01f, 0.99f);
        rig_set(&rig, "low_cut", 100);
        rig_set(&rig, "high_cut", 1000);
        rig_set(&rig, "spread", 0.5f);
        rig_start(&rig);
        float *out = rig_run(&rig, in, N);
        ck_assert(peak(out + 101, N - 101) == 0);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        an_impulse_returns_on_the_frame_and_decays_exactly,
        the_shortest_and_the_longest_time_are_exact,
        a_time_beyond_the_memory_is_held_at_it,
        a_time_that_might_move_sounds_bit_for_bit_as_one_that_stands_still,
        between_two_frames_the_time_is_exact_for_what_is_not_shrill,
        the_mix_goes_from_the_very_input_to_the_echoes_alone,
        spread_sends_the_echoes_from_side_to_side,
        every_echo_loses_3_decibels_at_a_cut,
        a_cut_that_is_off_takes_nothing_even_when_it_may_move,
        a_cut_that_was_off_has_forgotten,
        a_cut_comes_and_goes_without_a_step,
        a_gliding_time_bends_the_pitch_and_adds_nothing,
        any_modulation_of_the_time_stays_bounded,
        what_is_not_sound_leaves_no_echo,
    };
    TCase *tcase = tcase_create("physics");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("delay", tcase);
}
