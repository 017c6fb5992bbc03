#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000.0
#define N    2000

/* n frames with a signal and a trigger. */
static void run(struct rig *rig, const float *in, const float *trigger, float *out, size_t n)
{
    rig_process(rig, (const float *const[]){in, trigger}, (float *const[]){out}, n);
}

START_TEST(a_value_is_taken_in_the_frame_in_which_the_trigger_rises)
{
    struct rig rig = rig_new("sample_hold", RATE, 0);
    float in[N], trigger[N] = {0}, out[N], held = 0;
    rig_start(&rig);
    rig.block = 17;
    noise_fill(in, N, 1, 1);
    for (size_t i = 0; i < N; i++)
        trigger[i] = i % 100 >= 40 && i % 100 < 60 ? 0.51f : 0.5f;
    run(&rig, in, trigger, out, N);
    for (size_t i = 0; i < N; i++) {
        held = i % 100 == 40 ? in[i] : held;
        ck_assert_float_eq(out[i], held);
    }
    rig_free(&rig);
}
END_TEST

START_TEST(a_trigger_that_is_high_from_the_beginning_counts)
{
    struct rig rig = rig_new("sample_hold", RATE, 0);
    float in[100], trigger[100], out[100];
    rig_start(&rig);
    for (int i = 0; i < 100; i++) {
        in[i] = 3 + (float)i;
        trigger[i] = 1;
    }
    run(&rig, in, trigger, out, 100);
    ck_assert(out[0] == 3 && out[99] == 3);
    rig_free(&rig);
}
END_TEST

START_TEST(the_clock_strikes_at_its_rate_to_the_frame)
{
    struct rig rig = rig_new("sample_hold", RATE, 0);
    float *in = malloc(480000 * sizeof *in);
    rig_set(&rig, "rate", 100);
    rig_start(&rig);
    for (int i = 0; i < 480000; i++)
        in[i] = (float)i;
    float *out = malloc(480000 * sizeof *out);
    run(&rig, in, NULL, out, 480000);
    for (int i = 0; i < 480000; i++)
        ck_assert_float_eq(out[i], (float)(i / 480 * 480));
    free(in);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(without_clock_and_trigger_it_stays_at_0)
{
    struct rig rig = rig_new("sample_hold", RATE, 0);
    float in[N], out[N];
    rig_start(&rig);
    noise_fill(in, N, 1, 1);
    run(&rig, in, NULL, out, N);
    ck_assert_double_eq(peak(out, N), 0);
    rig_free(&rig);
}
END_TEST

START_TEST(what_is_not_sound_is_not_held)
{
    struct rig rig = rig_new("sample_hold", RATE, 0);
    float in[] = {0.25f, NAN, INFINITY, 0.5f}, trigger[] = {1, 0, 1, 0}, out[4];
    rig_start(&rig);
    run(&rig, in, trigger, out, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq(out[i], 0.25f);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_value_is_taken_in_the_frame_in_which_the_trigger_rises,
        a_trigger_that_is_high_from_the_beginning_counts,
        the_clock_strikes_at_its_rate_to_the_frame,
        without_clock_and_trigger_it_stays_at_0,
        what_is_not_sound_is_not_held,
    };
    TCase *tcase = tcase_create("sample_hold");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("sample_hold", tcase);
}
