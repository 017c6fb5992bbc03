/* The envelope of a voice against its formula, frame by frame. */
#include <check.h>
#include <math.h>

#include "graph/dsp/envelope.h"
#include "tests/suite.h"

#define RATE_HZ 1000
#define N       400

static struct param attack = {.value = 0.05f}, decay = {.value = 0.1f}, sustain = {.value = 0.5f},
                    release = {.value = 0.08f}, curve = {.value = 0};
static const struct envelope_by by = {&attack, &decay, &sustain, &release, &curve, RATE_HZ};

static double way(double t, double bend)
{
    double k = bend * log(1000);
    return t >= 1 ? 1 : k == 0 ? t : (1 - exp(-k * t)) / (1 - exp(-k));
}

/* Attack, decay, sustain; let go at frame 200. */
static double theory(unsigned i, double bend)
{
    if (i < 50)
        return way(i / 50.0, bend);
    if (i < 200)
        return 1 - 0.5 * way((i - 50) / 100.0, bend);
    return 0.5 * (1 - way((i - 200) / 80.0, bend));
}

static void run(float *out, unsigned block)
{
    struct envelope envelope = {0};
    envelope_open(&envelope, &by, 0);
    for (unsigned i = 0, n; i < N; i += n) {
        unsigned end = i < 200 ? 200 : N;
        n = end - i < block ? end - i : block;
        if (i == 200)
            envelope_close(&envelope, &by, 0);
        envelope_run(&envelope, &by, out + i, 0, n);
    }
    ck_assert_int_eq(envelope.stage, ENVELOPE_REST);
}

START_TEST(every_stage_takes_its_time_to_the_frame_and_has_its_shape)
{
    static const float curves[] = {0, 1, -1, 0.3f};
    static const unsigned blocks[] = {1, 7, 64, 400};
    float out[N];
    for (unsigned k = 0; k < 16; k++) {
        curve.value = curves[k / 4];
        run(out, blocks[k % 4]);
        for (unsigned i = 0; i < N; i++)
            ck_assert_double_eq_tol((double)out[i], theory(i, (double)curve.value), 2e-6);
        ck_assert_float_eq(out[50], 1);
        ck_assert_float_gt(out[279], 0);
        ck_assert_float_eq(out[280], 0);
    }
}
END_TEST

START_TEST(it_opens_anew_from_where_it_is)
{
    struct envelope envelope = {0};
    float out[300];
    curve.value = 0;
    envelope_open(&envelope, &by, 0);
    envelope_run(&envelope, &by, out, 0, 200);
    envelope_close(&envelope, &by, 0);
    envelope_run(&envelope, &by, out, 0, 41);
    ck_assert_double_eq_tol((double)out[40], 0.25, 1e-6);
    envelope_open(&envelope, &by, 0);
    envelope_run(&envelope, &by, out, 0, 51);
    for (unsigned i = 0; i <= 50; i++)
        ck_assert_double_eq_tol((double)out[i], 0.25 + 0.75 * i / 50.0, 1e-6);
}
END_TEST

START_TEST(a_sustain_level_that_moves_is_followed)
{
    struct envelope envelope = {0};
    float levels[300], out[300];
    for (unsigned i = 0; i < 300; i++)
        levels[i] = (float)i / 300;
    struct param moving = {.frames = levels, .value = 0};
    struct envelope_by follows = by;
    follows.sustain = &moving;
    envelope_open(&envelope, &follows, 0);
    envelope_run(&envelope, &follows, out, 0, 300);
    for (unsigned i = 150; i < 300; i++)
        ck_assert_float_eq(out[i], levels[i]);
    for (unsigned i = 51; i < 300; i++)
        ck_assert_float_lt(fabsf(out[i] - out[i - 1]), 0.02f);
}
END_TEST

START_TEST(what_never_rose_rests_at_once)
{
    struct envelope envelope = {0};
    envelope_open(&envelope, &by, 0);
    envelope_close(&envelope, &by, 0);
    ck_assert_int_eq(envelope.stage, ENVELOPE_REST);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_stage_takes_its_time_to_the_frame_and_has_its_shape,
        it_opens_anew_from_where_it_is,
        a_sustain_level_that_moves_is_followed,
        what_never_rose_rests_at_once,
    };
    return suite_run("envelope", 60, tests, ROWS(tests));
}
