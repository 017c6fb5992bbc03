#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define N 10000

/* What a probe is to read. */
struct truth {
    double least, most, rms, dc, nonfinite;
};

/* Sums in the largest type there is. */
static struct truth truth_of(const float *const *x, unsigned channels, size_t from, size_t n)
{
    long double sum = 0, squares = 0, count = 0;
    struct truth truth = {INFINITY, -INFINITY};
    for (unsigned c = 0; c < channels; c++)
        for (size_t i = from; i < n; i++) {
            if (!isfinite(x[c][i])) {
                truth.nonfinite++;
                continue;
            }
            truth.least = fmin(truth.least, x[c][i]);
            truth.most = fmax(truth.most, x[c][i]);
            sum += x[c][i];
            squares += (long double)x[c][i] * x[c][i];
            count++;
        }
    truth.rms = (double)sqrtl(squares / count);
    truth.dc = (double)(sum / count);
    return truth;
}

/* To the last bit of a float. */
static void check_readings(struct rig *rig, struct truth truth)
{
    ck_assert_float_eq(rig_reading(rig, "min"), (float)truth.least);
    ck_assert_float_eq(rig_reading(rig, "max"), (float)truth.most);
    ck_assert_float_eq(rig_reading(rig, "rms"), (float)truth.rms);
    ck_assert_float_eq(rig_reading(rig, "dc"), (float)truth.dc);
    ck_assert_float_eq(rig_reading(rig, "nonfinite"), (float)truth.nonfinite);
}

static struct rig probe_new(unsigned channels)
{
    struct rig rig = rig_new("probe", 48000, channels);
    rig_start(&rig);
    return rig;
}

START_TEST(every_bit_passes)
{
    static uint32_t bits[N];
    static float in[N];
    for (unsigned i = 0, x = 1; i < N; i++)
        bits[i] = x = x * 1664525u + 1013904223u;
    memcpy(in, bits, sizeof in);
    struct rig rig = probe_new(1);
    float *out = rig_run(&rig, in, N);
    ck_assert_mem_eq(out, in, sizeof in);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(readings_are_those_of_the_slow_sums_at_any_width_and_division)
{
    static float in[PORT_CHANNELS_MAX][N];
    static const unsigned blocks[] = {256, 0, 1, 7, 64};
    const float *ins[PORT_CHANNELS_MAX];
    float *outs[PORT_CHANNELS_MAX] = {NULL};
    for (unsigned c = 0; c < PORT_CHANNELS_MAX; c++) {
        ins[c] = in[c];
        noise_fill(in[c], N, 0.1 * (c + 1), c);
        in[c][0] += 0.5f;
    }
    for (unsigned channels = 1; channels <= PORT_CHANNELS_MAX; channels++)
        for (unsigned b = 0; b < ROWS(blocks); b++) {
            struct rig rig = probe_new(channels);
            rig.block = blocks[b];
            rig_process(&rig, ins, outs, N);
            check_readings(&rig, truth_of(ins, channels, 0, N));
            rig_free(&rig);
        }
}
END_TEST

START_TEST(a_sine_reads_as_theory_has_it)
{
    enum { SECOND = 48000 };
    static float in[SECOND];
    sine_fill(in, SECOND, 1000, 48000, 0.5);
    struct rig rig = probe_new(1);
    free(rig_run(&rig, in, SECOND));
    ck_assert_double_eq_tol(rig_reading(&rig, "rms"), 0.5 / sqrt(2), 1e-7);
    ck_assert_double_eq_tol(rig_reading(&rig, "dc"), 0, 1e-9);
    ck_assert_double_eq_tol(rig_reading(&rig, "min"), -0.5, 1e-7);
    ck_assert_double_eq_tol(rig_reading(&rig, "max"), 0.5, 1e-7);
    rig_free(&rig);
}
END_TEST

/* One block far off full scale and one as far off on the other side, with blocks of small sound between them: what a plain
 * sum has lost by then is all that is left at the end. */
START_TEST(what_a_large_sum_cannot_hold_is_not_lost)
{
    enum { FRAMES = 100 * BLOCK_MAX };
    static float in[FRAMES];
    line_fill(in, FRAMES, 0.001, 0.001);
    memset(in, 0, BLOCK_MAX * sizeof *in);
    memset(in + FRAMES - BLOCK_MAX, 0, BLOCK_MAX * sizeof *in);
    in[0] = 1e15f;
    in[FRAMES - 1] = -1e15f;
    struct rig rig = probe_new(1);
    free(rig_run(&rig, in, FRAMES));
    ck_assert_float_eq_tol(rig_reading(&rig, "dc"), 0.001f * 98 / 100, 1e-10f);
    rig_free(&rig);
}
END_TEST

START_TEST(what_is_no_number_is_counted_and_left_out)
{
    static float in[N];
    const float *ins[] = {in};
    noise_fill(in, N, 1, 5);
    for (unsigned i = 0; i < N; i += 97)
        in[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
    struct rig rig = probe_new(1);
    rig.block = 0;
    float *out = rig_run(&rig, in, N);
    ck_assert_mem_eq(out, in, sizeof in);
    check_readings(&rig, truth_of(ins, 1, 0, N));
    ck_assert_float_eq(rig_reading(&rig, "nonfinite"), (N + 96) / 97);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(nothing_but_garbage_reads_as_nothing)
{
    float in[300];
    line_fill(in, 300, NAN, NAN);
    struct rig rig = probe_new(1);
    free(rig_run(&rig, in, 300));
    check_readings(&rig, (struct truth){.nonfinite = 300});
    rig_free(&rig);
}
END_TEST

START_TEST(the_edge_of_reset_begins_anew_with_that_frame)
{
    static float in[N], reset[N];
    const float *ins[] = {in};
    noise_fill(in, N, 1, 6);
    in[1230] = -5;
    in[7000] = NAN;
    for (unsigned i = 0; i < N; i++)
        reset[i] = i == 100 || (i >= 1234 && i < 4000);
    struct rig rig = probe_new(1);
    rig_curve(&rig, "reset", reset);
    free(rig_run(&rig, in, N));
    check_readings(&rig, truth_of(ins, 1, 1234, N));
    rig_free(&rig);
}
END_TEST

START_TEST(reset_can_be_set_between_blocks_and_must_be_lifted_to_act_again)
{
    static float in[N];
    const float *ins[] = {in};
    noise_fill(in, N, 1, 7);
    struct rig rig = probe_new(1);
    free(rig_run(&rig, in, 1000));
    rig_set(&rig, "reset", 1);
    free(rig_run(&rig, in, 3000));
    free(rig_run(&rig, in + 3000, N - 3000));
    check_readings(&rig, truth_of(ins, 1, 0, N));
    rig_set(&rig, "reset", 0);
    free(rig_run(&rig, in, 10));
    rig_set(&rig, "reset", 1);
    free(rig_run(&rig, in, 500));
    check_readings(&rig, truth_of(ins, 1, 0, 500));
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_bit_passes,
        readings_are_those_of_the_slow_sums_at_any_width_and_division,
        a_sine_reads_as_theory_has_it,
        what_a_large_sum_cannot_hold_is_not_lost,
        what_is_no_number_is_counted_and_left_out,
        nothing_but_garbage_reads_as_nothing,
        the_edge_of_reset_begins_anew_with_that_frame,
        reset_can_be_set_between_blocks_and_must_be_lifted_to_act_again,
    };
    TCase *tcase = tcase_create("physics");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("probe", tcase);
}
