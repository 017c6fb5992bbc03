#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define N 2000

static struct rig gain_at(float db, unsigned channels)
{
    struct rig rig = rig_new("gain", 48000, channels);
    rig_set(&rig, "gain", db);
    rig_start(&rig);
    return rig;
}

START_TEST(a_level_is_exact_in_decibels)
{
    float in[N];
    noise_fill(in, N, 1, 1);
    for (float db = -119.75f; db <= 24; db += 0.25f) {
        struct rig rig = gain_at(db, 1);
        float *out = rig_run(&rig, in, N);
        double measured_db = decibel(rms(out, N) / rms(in, N));
        ck_assert_msg(fabs(measured_db - (double)db) < 1e-4, "%g dB came out as %.6f dB", (double)db, measured_db);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(zero_decibels_leave_every_bit_alone)
{
    float in[N];
    noise_fill(in, N, 1, 2);
    struct rig rig = gain_at(0, 1);
    float *out = rig_run(&rig, in, N);
    ck_assert_mem_eq(out, in, sizeof in);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(at_minus_120_decibels_there_is_silence)
{
    float in[N];
    noise_fill(in, N, 1, 3);
    struct rig rig = gain_at(-120, 1);
    float *out = rig_run(&rig, in, N);
    ck_assert(peak(out, N) == 0);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(at_minus_120_decibels_not_even_what_is_no_number_is_heard)
{
    float in[N], db[N];
    for (unsigned i = 0; i < N; i++) {
        in[i] = i % 3 ? NAN : INFINITY;
        db[i] = -120;
    }
    for (int moving = 0; moving <= 1; moving++) {
        struct rig rig = gain_at(-120, 2);
        rig_curve(&rig, "gain", moving ? db : NULL);
        float *out = rig_run(&rig, in, N);
        ck_assert(peak(out, N) == 0);
        free(out);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_moving_level_is_exact_in_every_frame)
{
    float in[N], db[N];
    line_fill(in, N, 1, 1);
    line_fill(db, N, -120, 24);
    struct rig rig = gain_at(0, 1);
    rig_curve(&rig, "gain", db);
    float *out = rig_run(&rig, in, N);
    ck_assert(out[0] == 0);
    for (unsigned i = 1; i < N; i++)
        if (fabs(decibel(out[i]) - (double)db[i]) > 1e-4)
            ck_abort_msg("frame %u: %.6f dB, not %.6f", i, decibel(out[i]), (double)db[i]);
    free(out);
    rig_free(&rig);
}
END_TEST

START_TEST(every_channel_keeps_its_own_signal)
{
    float in[PORT_CHANNELS_MAX][N], out[PORT_CHANNELS_MAX][N];
    const float *ins[PORT_CHANNELS_MAX];
    float *outs[PORT_CHANNELS_MAX];
    for (unsigned c = 0; c < PORT_CHANNELS_MAX; c++) {
        noise_fill(in[c], N, 1, c);
        ins[c] = in[c];
        outs[c] = out[c];
    }
    struct rig rig = gain_at(0, PORT_CHANNELS_MAX);
    rig_process(&rig, ins, outs, N);
    ck_assert_mem_eq(in, out, sizeof in);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_level_is_exact_in_decibels,           zero_decibels_leave_every_bit_alone,
        at_minus_120_decibels_there_is_silence, at_minus_120_decibels_not_even_what_is_no_number_is_heard,
        a_moving_level_is_exact_in_every_frame, every_channel_keeps_its_own_signal,
    };
    TCase *tcase = tcase_create("physics");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("gain", tcase);
}
