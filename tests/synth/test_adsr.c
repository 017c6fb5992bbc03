#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000.0

static struct rig adsr(double rate_hz, double attack_s, double decay_s, double sustain, double release_s, double curve)
{
    struct rig rig = rig_new("adsr", rate_hz, 0);
    rig_set(&rig, "attack", (float)attack_s);
    rig_set(&rig, "decay", (float)decay_s);
    rig_set(&rig, "sustain", (float)sustain);
    rig_set(&rig, "release", (float)release_s);
    rig_set(&rig, "curve", (float)curve);
    rig_start(&rig);
    return rig;
}

/* n frames with the gate open from frame `on` to frame `off` - 1; free(). */
static float *gated_run(struct rig *rig, size_t n, size_t on, size_t off, const float *retrigger)
{
    float *gate = calloc(n, sizeof *gate), *out = malloc(n * sizeof *out);
    for (size_t i = on; i < off; i++)
        gate[i] = 1;
    rig_process(rig, (const float *const[]){gate, retrigger}, (float *const[]){out}, n);
    free(gate);
    return out;
}

/* Where a stage is after the part t of its time. */
static double way(double t, double curve)
{
    double k = curve * log(1000);
    return k == 0 ? t : expm1(-k * t) / expm1(-k);
}

/* 100 ms, 200 ms and 300 ms, gate on at frame 1000 and off at frame 30000. */
static void expect_stages(double curve)
{
    struct rig rig = adsr(RATE, 0.1, 0.2, 0.6, 0.3, curve);
    float *x = gated_run(&rig, 48000, 1000, 30000, NULL);
    for (int i = 0; i < 48000; i++) {
        double wanted = 0;
        if (i >= 1000 && i < 5800)
            wanted = way((i - 1000) / 4800.0, curve);
        else if (i >= 5800 && i < 15400)
            wanted = 1 - 0.4 * way((i - 5800) / 9600.0, curve);
        else if (i >= 15400 && i < 30000)
            wanted = 0.6;
        else if (i >= 30000 && i < 44400)
            wanted = 0.6 * (1 - way((i - 30000) / 14400.0, curve));
        ck_assert_msg(fabs(x[i] - wanted) < 3e-6, "curve %g, frame %d: %g, not %g", curve, i, (double)x[i], wanted);
    }
    ck_assert(x[5799] < 1 && x[5800] == 1 && x[15400] == 0.6f && x[29999] == 0.6f);
    ck_assert(x[44399] > 0 && x[44400] == 0);
    free(x);
    rig_free(&rig);
}

START_TEST(stages_take_their_times_to_the_frame_whatever_the_curve)
{
    static const double curves[] = {-1, -0.5, -0.007, -0.001, 0, 0.004, 0.0073, 0.5, 1};
    for (size_t k = 0; k < ROWS(curves); k++)
        expect_stages((float)curves[k]);
}
END_TEST

START_TEST(a_long_attack_arrives_on_its_frame_in_blocks_of_any_length)
{
    static const unsigned blocks[] = {BLOCK_MAX, 1, 17, 0};
    for (size_t b = 0; b < ROWS(blocks); b++) {
        struct rig rig = adsr(44100, 7, 1, 0, 1, 0.5);
        rig.block = blocks[b];
        float *x = gated_run(&rig, 7 * 44100 + 100, 3, 7 * 44100 + 100, NULL);
        ck_assert(x[7 * 44100 + 2] < 1 && x[7 * 44100 + 3] == 1 && x[7 * 44100 + 4] < 1);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(no_times_follow_the_gate)
{
    struct rig rig = adsr(RATE, 0, 0, 0.5, 0, 0.5);
    float *x = gated_run(&rig, 1000, 100, 500, NULL);
    for (int i = 0; i < 1000; i++)
        ck_assert_float_eq(x[i], i >= 100 && i < 500 ? 0.5f : 0);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(a_gate_that_closes_early_releases_from_where_the_attack_was)
{
    struct rig rig = adsr(RATE, 0.1, 0.1, 0.5, 0.1, 0);
    float *x = gated_run(&rig, 20000, 0, 2400, NULL);
    ck_assert_double_eq_tol(x[2400], 0.5, 1e-3);
    ck_assert_double_lt(largest_step(x, 20000), 3e-4);
    ck_assert(x[7199] > 0 && x[7200] == 0);
    free(x);
    rig_free(&rig);
}
END_TEST

/* Gate open again half way through the release. */
static float *again_run(bool from_zero)
{
    struct rig rig = adsr(RATE, 0.1, 0.1, 1, 0.1, 0);
    rig_set(&rig, "from_zero", from_zero);
    float *before = gated_run(&rig, 12400, 0, 10000, NULL), *x = gated_run(&rig, 10000, 0, 10000, NULL);
    ck_assert_double_eq_tol(before[12399], 0.5, 1e-3);
    free(before);
    rig_free(&rig);
    return x;
}

START_TEST(a_gate_that_opens_again_rises_from_where_the_release_was_or_from_0)
{
    float *soft = again_run(false), *hard = again_run(true);
    ck_assert_double_eq_tol(soft[0], 0.5, 1e-3);
    ck_assert(soft[4799] < 1 && soft[4800] == 1);
    ck_assert(hard[0] == 0 && hard[4799] < 1 && hard[4800] == 1);
    free(soft);
    free(hard);
}
END_TEST

START_TEST(retrigger_starts_the_attack_anew_while_the_gate_is_open)
{
    struct rig rig = adsr(RATE, 0.1, 0.1, 0.5, 0.1, 0);
    float retrigger[30000] = {0}, *x;
    for (int i = 20000; i < 20100; i++)
        retrigger[i] = 1;
    retrigger[29000] = 1; /* the gate is closed */
    x = gated_run(&rig, 30000, 0, 25000, retrigger);
    ck_assert_float_eq(x[19999], 0.5f);
    for (int i = 0; i < 4800; i++)
        ck_assert_double_eq_tol(x[20000 + i], 0.5 + 0.5 * i / 4800, 1e-5);
    ck_assert(x[24799] < 1 && x[24800] == 1 && x[29999] == 0);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(sustain_and_times_are_followed_while_they_move)
{
    struct rig rig = adsr(RATE, 0, 0, 1, 0.1, 0);
    float sustain[10000], attack[10000], *x;
    line_fill(sustain, 10000, 1, 0.2);
    rig_curve(&rig, "sustain", sustain);
    x = gated_run(&rig, 10000, 0, 10000, NULL);
    ck_assert_mem_eq(x, sustain, sizeof sustain);
    free(x);
    rig_free(&rig);
    rig = adsr(RATE, 1, 0, 1, 0.1, 0);
    line_fill(attack, 10000, 0.5, 0.05);
    rig_curve(&rig, "attack", attack);
    x = gated_run(&rig, 10000, 0, 10000, NULL);
    double at = 0;
    for (int i = 0; i < 10000; i++) {
        ck_assert_double_eq_tol(x[i], fmin(at, 1), 1e-5);
        at += 1 / (attack[i] * RATE);
    }
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(the_gate_opens_by_hand_too)
{
    struct rig rig = adsr(RATE, 0.01, 0.01, 0.5, 0.01, 0);
    rig_set(&rig, "open", 1);
    float *x = gated_run(&rig, 4800, 0, 0, NULL);
    ck_assert(x[480] == 1 && x[4799] == 0.5f);
    free(x);
    rig_set(&rig, "open", 0);
    x = gated_run(&rig, 4800, 0, 0, NULL);
    ck_assert(x[479] > 0 && x[480] == 0);
    free(x);
    rig_free(&rig);
}
END_TEST

/* Gates and triggers at frames of chance, times and levels that move and rest by turns: two seconds in such blocks. */
static float *eventful_run(unsigned block, bool keeps_moving)
{
    enum { N = 96000 };
    static float gate[N], retrigger[N], sustain[N], decay[N];
    struct rig rig = adsr(RATE, 0.0137, 0.3, 0.4, 0.2, 0.5);
    float *out = malloc(N * sizeof *out);
    uint32_t chance = 1;
    for (size_t i = 0; i < N; i++) {
        chance = chance * 1664525u + 1013904223u;
        gate[i] = i % 9001 ? gate[i - 1] : chance >> 30 ? 1 : 0;
        retrigger[i] = chance >> 20 == 77;
        sustain[i] = i / 10000 % 2 ? 0.4f : 0.4f + 0.3f * (float)sin((double)i / 999);
        decay[i] = i / 7000 % 2 ? 0.3f : 0.3f + 0.2f * (float)sin((double)i / 777);
    }
    rig.block = block;
    if (keeps_moving) {
        rig_curve(&rig, "sustain", sustain);
        rig_curve(&rig, "decay", decay);
    }
    rig_process(&rig, (const float *const[]){gate, retrigger}, (float *const[]){out}, N);
    rig_free(&rig);
    return out;
}

START_TEST(the_bits_do_not_depend_on_how_time_is_cut)
{
    static const unsigned blocks[] = {1, 64, 0};
    for (unsigned moving = 0; moving < 2; moving++) {
        float *whole = eventful_run(BLOCK_MAX, moving);
        for (size_t b = 0; b < ROWS(blocks); b++) {
            float *cut = eventful_run(blocks[b], moving);
            ck_assert_mem_eq(whole, cut, 96000 * sizeof *whole);
            free(cut);
        }
        free(whole);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        stages_take_their_times_to_the_frame_whatever_the_curve,
        a_long_attack_arrives_on_its_frame_in_blocks_of_any_length,
        no_times_follow_the_gate,
        a_gate_that_closes_early_releases_from_where_the_attack_was,
        a_gate_that_opens_again_rises_from_where_the_release_was_or_from_0,
        retrigger_starts_the_attack_anew_while_the_gate_is_open,
        sustain_and_times_are_followed_while_they_move,
        the_gate_opens_by_hand_too,
        the_bits_do_not_depend_on_how_time_is_cut,
    };
    TCase *tcase = tcase_create("adsr");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("adsr", tcase);
}
