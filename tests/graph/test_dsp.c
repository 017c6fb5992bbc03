/* The shared building blocks of graph/dsp that the nodes' own tests do not reach on their own. */
#include <check.h>

#include "graph/dsp/blend.h"
#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/delay_line.h"
#include "graph/dsp/fastmath.h"
#include "graph/dsp/highest.h"
#include "graph/dsp/onepole.h"
#include "graph/dsp/svf.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

START_TEST(exp2_is_exact_to_float_and_at_zero)
{
    for (float x = -126; x <= 127; x += 0.00137f) {
        if (fabs((double)fast_exp2(x) / exp2((double)x) - 1) > 2e-7)
            ck_abort_msg("2^%g came out as %g", (double)x, (double)fast_exp2(x));
    }
    ck_assert(fast_exp2(0) == 1 && fast_exp2(10) == 1024 && fast_exp2(-126) == 0x1p-126f);
}
END_TEST

START_TEST(decibels_are_exact)
{
    for (float db = -150; db <= 150; db += 0.01f)
        ck_assert_double_eq_tol(decibel(decibel_gain(db)), (double)db, 1e-4);
    ck_assert(decibel_gain(0) == 1);
}
END_TEST

START_TEST(log2_is_exact_to_float_and_at_one)
{
    for (float x = 1.2e-38f; x < 3e38f; x *= 1.00017f)
        ck_assert_double_eq_tol((double)fast_log2(x), log2((double)x), 7e-7 + 6e-8 * fabs(log2((double)x)));
    ck_assert(fast_log2(1) == 0 && fast_log2(1024) == 10 && fast_log2(0x1p-126f) == -126);
    for (float db = -179; db < 150; db += 0.01f)
        ck_assert_double_eq_tol((double)decibel_of(decibel_gain(db)), (double)db, 1.2e-4);
}
END_TEST

START_TEST(the_tangent_is_exact_from_almost_0_to_almost_a_pole)
{
    for (double x = 1e-5; x < 0.4999; x *= 1.003)
        ck_assert_msg(fabs(fast_tan_pi(x) / tan(M_PI * x) - 1) < 2e-10, "tan(pi %g)", x);
}
END_TEST

START_TEST(the_cosine_is_exact_at_both_ends)
{
    for (int i = 0; i <= 4096; i++)
        ck_assert_double_eq_tol(fast_cos_quarter((float)i / 4096), cos(M_PI / 2 * i / 4096), 1e-7);
    ck_assert(fast_cos_quarter(0) == 1 && fast_cos_quarter(1) == 0);
}
END_TEST

/* Block lengths from 1 to 256 by turns, cut anywhere in a round. */
static void check_highest(unsigned window)
{
    enum { N = 6000 };
    static float in[N], out[N];
    struct arena arena = {0};
    struct highest highest;
    ck_assert(highest_init(&highest, &arena, window));
    noise_fill(in, N, 1, window);
    for (unsigned i = 0; i < N; i++)
        out[i] = in[i] = fabsf(in[i] * in[i] * in[i]);
    for (unsigned at = 0, n = 1; at < N; at += n) {
        n = at % 3 ? at * 7 % BLOCK_MAX + 1 : BLOCK_MAX;
        n = n < N - at ? n : N - at;
        highest_run(&highest, out + at, n);
    }
    for (unsigned i = 0; i < N; i++) {
        float most = 0;
        for (unsigned k = i < window ? 0 : i + 1 - window; k <= i; k++)
            most = fmaxf(most, in[k]);
        ck_assert_msg(out[i] == most, "window %u, frame %u: %g, not %g", window, i, (double)out[i], (double)most);
    }
    arena_deinit(&arena);
}

START_TEST(the_highest_of_a_window_is_that_whatever_its_length_and_the_blocks)
{
    static const unsigned windows[] = {1, 2, 3, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100, 255, 481, 1000, 2048};
    for (unsigned k = 0; k < ROWS(windows); k++)
        check_highest(windows[k]);
}
END_TEST

START_TEST(the_state_of_a_filter_loses_energy_whatever_is_done_to_it)
{
    enum { N = 100000 };
    static float g[N], k[N];
    static const float mix[3] = {0, 0, 1};
    struct svf svf = {1, -0.5};
    double energy = svf.s1 * svf.s1 + svf.s2 * svf.s2;
    noise_fill(g, N, 5, 1);
    noise_fill(k, N, 2.5, 2);
    for (unsigned i = 0; i < N; i++) {
        struct svf_coefficients c = svf_coefficients(exp((double)g[i]), 0.025 * exp(2.5 + (double)k[i]));
        svf_tick(&svf, &c, mix, 0);
        double now = svf.s1 * svf.s1 + svf.s2 * svf.s2;
        if (now > energy * (1 + 1e-12))
            ck_abort_msg("frame %u: from %g to %g", i, energy, now);
        energy = now;
    }
    ck_assert_double_lt(energy, 1e-12);
}
END_TEST

START_TEST(eight_frames_at_once_leave_the_state_of_eight_single_ones)
{
    enum { N = 1003 };
    float x[N], at_once[N], single[N];
    static const float mix[3] = {1, -1, -1};
    noise_fill(x, N, 1, 3);
    struct svf_coefficients c = svf_coefficients(svf_tangent(300, 1 / 48000.0), 0.1);
    struct svf_block block;
    struct svf a = {0}, b = {0};
    svf_block_set(&block, c, mix);
    svf_block_run(&block, &a, x, at_once, N);
    for (unsigned i = 0; i < N; i++)
        single[i] = svf_tick(&b, &c, mix, x[i]);
    ck_assert_double_gt(snr_db(single, at_once, N), 130);
    /* What eight frames add is rounded to float, at most this much of what the state (below 1 here) can hold. */
    ck_assert_double_lt(hypot(b.s1, b.s2), 1);
    ck_assert_double_eq_tol(a.s1, b.s1, 0x1p-23);
    ck_assert_double_eq_tol(a.s2, b.s2, 0x1p-23);
}
END_TEST

START_TEST(a_one_pole_is_3_decibels_down_at_its_cutoff)
{
    enum { N = 48000 };
    static float out[N];
    for (double hz = 10; hz <= 20000; hz *= 2.1) {
        struct onepole pole = {0};
        for (unsigned i = 0; i < N; i++)
            out[i] = onepole_lowpass(&pole, i == 0, onepole_gain(hz / 48000));
        ck_assert_double_eq_tol(decibel(cabs(response_at(out, N, hz, 48000))), -3.0103, 0.001);
        ck_assert_double_eq_tol(cabs(response_at(out, N, 0, 48000)), 1, 1e-5);
    }
}
END_TEST

START_TEST(interpolation_meets_the_samples_and_never_amplifies)
{
    float w[4];
    for (int i = 0; i <= 64; i++) {
        lagrange_weights((float)i / 64, w);
        ck_assert_float_eq_tol(w[0] + w[1] + w[2] + w[3], 1, 1e-6f);
        for (double hz = 0; hz <= 0.5; hz += 0.01)
            ck_assert_double_le(cabs(response_at(w, 4, hz, 1)), 1 + 1e-6);
    }
    lagrange_weights(0, w);
    ck_assert(w[0] == 0 && w[1] == 1 && w[2] == 0 && w[3] == 0);
    lagrange_weights(1, w);
    ck_assert(w[0] == 0 && w[1] == 0 && w[2] == 1 && w[3] == 0);
}
END_TEST

START_TEST(a_time_given_as_a_float_means_a_whole_frame_where_it_can)
{
    for (int frames = 4; frames < 8 * 192000; frames += 977) {
        struct delay_tap tap = delay_tap_at((float)(frames / 192000.0), 192000);
        ck_assert_msg(tap.whole == (unsigned)frames && tap.fraction == 0, "%d frames: %u + %g", frames, tap.whole,
                      (double)tap.fraction);
    }
    struct delay_tap half = delay_tap_at(0.0050104167f, 48000);
    ck_assert_uint_eq(half.whole, 240);
    ck_assert_float_eq_tol(half.fraction, 0.5f, 1e-4f);
}
END_TEST

START_TEST(a_blend_glides_in_equal_steps_and_rests_exactly)
{
    static const float rows[2][3] = {{1, 0, 0}, {0, 0.3f, -1}};
    struct blend blend = {0};
    blend_init(&blend, rows[0], 48000);
    ck_assert(blend_rests_at(&blend, rows[0]));
    for (unsigned i = 0; i < blend.all_frames; i++) {
        float before = blend.now[2];
        blend_next(&blend, rows[1]);
        ck_assert_double_le(fabs((double)blend.now[2] - (double)before), 1.001 / 480);
    }
    ck_assert(blend_rests_at(&blend, rows[1]));
    ck_assert_mem_eq(blend.now, rows[1], sizeof blend.now);
}
END_TEST

START_TEST(a_parameter_is_one_value_per_frame_in_any_shape)
{
    float room[8];
    static const float given[] = {5, 6, 7, 8, 9};
    const struct param constant = {.value = 3}, frames = {.frames = given, .value = 5};
    ck_assert(control_frames(&constant, room, 8)[7] == 3);
    ck_assert_ptr_eq(control_stretch(&frames, 2, room, 3), given + 2);
    ck_assert(control_rests_at(&constant, 3) && !control_rests_at(&constant, 2) && !control_rests_at(&frames, 5));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        exp2_is_exact_to_float_and_at_zero,
        decibels_are_exact,
        log2_is_exact_to_float_and_at_one,
        the_highest_of_a_window_is_that_whatever_its_length_and_the_blocks,
        the_tangent_is_exact_from_almost_0_to_almost_a_pole,
        the_cosine_is_exact_at_both_ends,
        the_state_of_a_filter_loses_energy_whatever_is_done_to_it,
        eight_frames_at_once_leave_the_state_of_eight_single_ones,
        a_one_pole_is_3_decibels_down_at_its_cutoff,
        interpolation_meets_the_samples_and_never_amplifies,
        a_time_given_as_a_float_means_a_whole_frame_where_it_can,
        a_blend_glides_in_equal_steps_and_rests_exactly,
        a_parameter_is_one_value_per_frame_in_any_shape,
    };
    TCase *tcase = tcase_create("physics");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("shared signal processing", tcase);
}
