#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define N           2000
#define INPUTS_MOST 32

static float in[2 * INPUTS_MOST][N], out[2][N];
static const float *ins[2 * INPUTS_MOST];
static float *const outs[2] = {out[0], out[1]};

static struct rig mixer_new(unsigned inputs, unsigned channels)
{
    struct rig rig = rig_new("mixer", 48000, channels);
    rig_set(&rig, "inputs", (float)inputs);
    for (unsigned c = 0; c < 2 * INPUTS_MOST; c++) {
        noise_fill(in[c], N, 1, c);
        ins[c] = in[c];
    }
    return rig;
}

static void mix(struct rig *rig)
{
    if (!rig->state)
        rig_start(rig);
    rig_process(rig, ins, outs, N);
}

/* A parameter of a strip, counted from 1. */
static const char *of_strip(const char *what, unsigned strip)
{
    static char name[16];
    snprintf(name, sizeof name, "%s%u", what, strip);
    return name;
}

START_TEST(untouched_strips_are_summed_bit_by_bit_in_their_order)
{
    for (unsigned channels = 1; channels <= 2; channels++)
        for (unsigned inputs = 2; inputs <= INPUTS_MOST; inputs++) {
            struct rig rig = mixer_new(inputs, channels);
            mix(&rig);
            for (unsigned i = 0; i < N; i++)
                for (unsigned side = 0; side < 2; side++) {
                    float sum = 0;
                    for (unsigned s = 0; s < inputs; s++)
                        sum += in[channels == 1 ? s : 2 * s + side][i];
                    ck_assert_float_eq(out[side][i], sum);
                }
            rig_free(&rig);
        }
}
END_TEST

START_TEST(every_strip_has_its_own_level_and_place)
{
    struct rig rig = mixer_new(4, 2);
    static const float dbs[] = {-6, 0, 12, -120}, pans[] = {-0.5f, 1, 0.25f, 0};
    for (unsigned s = 0; s < 4; s++) {
        rig_set(&rig, of_strip("gain", s + 1), dbs[s]);
        rig_set(&rig, of_strip("pan", s + 1), pans[s]);
    }
    mix(&rig);
    for (unsigned i = 0; i < N; i++)
        for (unsigned side = 0; side < 2; side++) {
            double sum = 0;
            for (unsigned s = 0; s < 3; s++) {
                double away = fmax(0, side ? -pans[s] : pans[s]);
                sum += pow(10, dbs[s] / 20.0) * cos(away * M_PI / 2) * in[2 * s + side][i];
            }
            ck_assert_double_eq_tol(out[side][i], sum, 2e-6);
        }
    rig_free(&rig);
}
END_TEST

START_TEST(a_strip_at_an_end_is_silent_on_the_other_side)
{
    for (unsigned channels = 1; channels <= 2; channels++)
        for (int end = -1; end <= 1; end += 2) {
            struct rig rig = mixer_new(2, channels);
            rig_set(&rig, "pan1", (float)end);
            rig_set(&rig, "gain2", -120);
            mix(&rig);
            ck_assert(peak(out[end < 0], N) == 0);
            ck_assert_mem_eq(out[end > 0], in[channels == 2 && end > 0], sizeof out[0]);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(a_mute_fades_out_in_10_ms_and_is_silence_then_whatever_comes_in)
{
    static float mute[N];
    struct rig rig = mixer_new(2, 1);
    for (unsigned i = 0; i < N; i++) {
        in[0][i] = i < 600 ? 1 : NAN;
        in[1][i] = 0;
        mute[i] = i >= 100;
    }
    rig_start(&rig);
    rig_curve(&rig, "mute1", mute);
    mix(&rig);
    ck_assert(out[0][99] == 1 && out[1][99] == 1);
    for (unsigned i = 100; i < 580; i++)
        ck_assert_float_eq_tol(out[0][i], 1 - (float)(i - 99) / 480, 1e-4f);
    ck_assert(peak(out[0] + 581, N - 581) == 0 && peak(out[1] + 581, N - 581) == 0);
    rig_free(&rig);
}
END_TEST

START_TEST(a_mute_that_is_lifted_half_way_turns_back_without_a_step)
{
    static float mute[N];
    struct rig rig = mixer_new(2, 2);
    for (unsigned c = 0; c < 4; c++)
        line_fill(in[c], N, c < 2, c < 2);
    for (unsigned i = 0; i < N; i++)
        mute[i] = (i >= 100 && i < 340) || (i >= 1000 && i < 1010);
    rig_start(&rig);
    rig_curve(&rig, "mute1", mute);
    mix(&rig);
    ck_assert_double_lt(largest_step(out[0], N), 1.01 / 480);
    ck_assert_float_eq_tol(out[0][339], 0.5f, 1e-3f);
    ck_assert(out[0][990] == 1 && out[0][N - 1] == 1);
    rig_free(&rig);
}
END_TEST

START_TEST(a_strip_that_is_added_muted_is_never_heard)
{
    struct rig rig = mixer_new(2, 2);
    rig_set(&rig, "mute1", 1);
    line_fill(in[0], N, NAN, NAN);
    mix(&rig);
    ck_assert_mem_eq(out[0], in[2], sizeof out[0]);
    ck_assert_mem_eq(out[1], in[3], sizeof out[1]);
    rig_free(&rig);
}
END_TEST

START_TEST(a_strip_at_minus_120_decibels_is_silence_whatever_comes_in)
{
    static float db[N];
    for (int moving = 0; moving <= 1; moving++) {
        struct rig rig = mixer_new(2, 2);
        rig_set(&rig, "gain1", -120);
        line_fill(in[0], N, NAN, NAN);
        line_fill(in[1], N, INFINITY, INFINITY);
        line_fill(db, N, -120, -120);
        rig_start(&rig);
        rig_curve(&rig, "gain1", moving ? db : NULL);
        mix(&rig);
        ck_assert_mem_eq(out[0], in[2], sizeof out[0]);
        ck_assert_mem_eq(out[1], in[3], sizeof out[1]);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(gliding_levels_and_places_are_exact_in_every_frame)
{
    static float db[N], pan[N];
    struct rig rig = mixer_new(2, 1);
    line_fill(in[0], N, 1, 1);
    line_fill(in[1], N, 0, 0);
    line_fill(db, N, -60, 24);
    line_fill(pan, N, -1, 1);
    rig_start(&rig);
    rig_curve(&rig, "gain1", db);
    rig_curve(&rig, "pan1", pan);
    mix(&rig);
    for (unsigned i = 0; i < N; i++) {
        double gain = pow(10, (double)db[i] / 20);
        ck_assert_double_eq_tol(out[0][i], gain * cos(fmax(0, pan[i]) * M_PI / 2), 2e-5 * gain);
        ck_assert_double_eq_tol(out[1][i], gain * cos(fmax(0, -pan[i]) * M_PI / 2), 2e-5 * gain);
    }
    rig_free(&rig);
}
END_TEST

START_TEST(outputs_that_share_memory_with_inputs_still_hear_all_of_them)
{
    for (unsigned channels = 1; channels <= 2; channels++) {
        static float apart[2][N];
        struct rig rig = mixer_new(5, channels), in_place = mixer_new(5, channels);
        mix(&rig);
        memcpy(apart, out, sizeof apart);
        in_place.in_place = true;
        mix(&in_place);
        ck_assert_mem_eq(apart, out, sizeof apart);
        rig_free(&rig);
        rig_free(&in_place);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        untouched_strips_are_summed_bit_by_bit_in_their_order,
        every_strip_has_its_own_level_and_place,
        a_strip_at_an_end_is_silent_on_the_other_side,
        a_mute_fades_out_in_10_ms_and_is_silence_then_whatever_comes_in,
        a_mute_that_is_lifted_half_way_turns_back_without_a_step,
        a_strip_that_is_added_muted_is_never_heard,
        a_strip_at_minus_120_decibels_is_silence_whatever_comes_in,
        gliding_levels_and_places_are_exact_in_every_frame,
        outputs_that_share_memory_with_inputs_still_hear_all_of_them,
    };
    TCase *tcase = tcase_create("physics");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("mixer", tcase);
}
