#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define N 1000

enum { EQUAL_POWER, LINEAR, MID };

/* What leaves on both sides for a constant input of 1 on one or two channels. */
struct sides {
    double left, right;
};

static struct sides sides_at(unsigned channels, float position, float law)
{
    static float in[N], left[N], right[N];
    line_fill(in, N, 1, 1);
    struct rig rig = rig_new("pan", 48000, channels);
    rig_set(&rig, "position", position);
    rig_set(&rig, "law", law);
    rig_start(&rig);
    rig_process(&rig, (const float *[]){in, in}, (float *[]){left, right}, N);
    rig_free(&rig);
    ck_assert(left[0] == left[N - 1] && right[0] == right[N - 1]);
    return (struct sides){left[0], right[0]};
}

START_TEST(the_power_of_a_mono_signal_is_the_same_everywhere)
{
    for (float position = -1; position <= 1; position += 1 / 128.0f) {
        struct sides at = sides_at(1, position, EQUAL_POWER);
        ck_assert_double_eq_tol(10 * log10(at.left * at.left + at.right * at.right), 0, 0.001);
    }
}
END_TEST

START_TEST(a_mono_signal_stands_where_the_law_says)
{
    for (float position = -1; position <= 1; position += 1 / 64.0f) {
        double d = (position + 1.0) / 2, cosine = cos(d * M_PI / 2), sine = sin(d * M_PI / 2);
        struct sides power = sides_at(1, position, EQUAL_POWER), line = sides_at(1, position, LINEAR);
        struct sides mid = sides_at(1, position, MID);
        ck_assert_double_eq_tol(power.left, cosine, 1e-6);
        ck_assert_double_eq_tol(power.right, sine, 1e-6);
        ck_assert_double_eq_tol(line.left, 1 - d, 1e-6);
        ck_assert_double_eq_tol(line.right, d, 1e-6);
        ck_assert_double_eq_tol(mid.left, sqrt(cosine * (1 - d)), 1e-6);
        ck_assert_double_eq_tol(mid.right, sqrt(sine * d), 1e-6);
    }
}
END_TEST

START_TEST(in_the_middle_a_mono_signal_is_3_or_6_or_4_and_a_half_decibels_down)
{
    ck_assert_double_eq_tol(decibel(sides_at(1, 0, EQUAL_POWER).left), -3.0103, 0.001);
    ck_assert_double_eq_tol(decibel(sides_at(1, 0, LINEAR).right), -6.0206, 0.001);
    ck_assert_double_eq_tol(decibel(sides_at(1, 0, MID).left), -4.5154, 0.001);
}
END_TEST

START_TEST(at_the_ends_one_side_is_whole_and_the_other_silent)
{
    for (unsigned channels = 1; channels <= 2; channels++)
        for (int law = EQUAL_POWER; law <= MID; law++) {
            struct sides left = sides_at(channels, -1, (float)law), right = sides_at(channels, 1, (float)law);
            ck_assert(left.left == 1 && left.right == 0);
            ck_assert(right.left == 0 && right.right == 1);
        }
}
END_TEST

START_TEST(a_balance_in_the_middle_leaves_every_bit_alone)
{
    float left[N], right[N], out_left[N], out_right[N];
    noise_fill(left, N, 1, 1);
    noise_fill(right, N, 1, 2);
    for (int law = EQUAL_POWER; law <= MID; law++) {
        struct rig rig = rig_new("pan", 48000, 2);
        rig_set(&rig, "law", (float)law);
        rig_start(&rig);
        rig_process(&rig, (const float *[]){left, right}, (float *[]){out_left, out_right}, N);
        ck_assert_mem_eq(out_left, left, sizeof left);
        ck_assert_mem_eq(out_right, right, sizeof right);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_balance_only_takes_from_the_side_it_turns_away_from)
{
    for (float position = 0; position <= 1; position += 1 / 64.0f) {
        struct sides right = sides_at(2, position, EQUAL_POWER), left = sides_at(2, -position, EQUAL_POWER);
        ck_assert(right.right == 1 && left.left == 1);
        ck_assert_double_eq_tol(right.left, cos((double)position * M_PI / 2), 1e-6);
        ck_assert_double_eq_tol(left.right, right.left, 1e-7);
    }
}
END_TEST

START_TEST(a_moving_position_and_a_new_law_make_no_step)
{
    float in[N], position[N], law[N], left[N], right[N];
    line_fill(in, N, 1, 1);
    line_fill(position, N, -0.5, 0.5);
    for (unsigned i = 0; i < N; i++)
        law[i] = i < N / 3 ? EQUAL_POWER : i < N / 2 ? MID : LINEAR;
    struct rig rig = rig_new("pan", 48000, 1);
    rig_start(&rig);
    rig_curve(&rig, "position", position);
    rig_curve(&rig, "law", law);
    rig_process(&rig, (const float *[]){in}, (float *[]){left, right}, N);
    ck_assert_double_lt(largest_step(left, N), 0.002);
    ck_assert_double_lt(largest_step(right, N), 0.002);
    ck_assert_double_eq_tol(left[N - 1], 0.25, 1e-6);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_power_of_a_mono_signal_is_the_same_everywhere,
        a_mono_signal_stands_where_the_law_says,
        in_the_middle_a_mono_signal_is_3_or_6_or_4_and_a_half_decibels_down,
        at_the_ends_one_side_is_whole_and_the_other_silent,
        a_balance_in_the_middle_leaves_every_bit_alone,
        a_balance_only_takes_from_the_side_it_turns_away_from,
        a_moving_position_and_a_new_law_make_no_step,
    };
    TCase *tcase = tcase_create("physics");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("pan", tcase);
}
