/* A value on its way. */
#include <math.h>

#include "graph/glide_shared.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

START_TEST(a_glide_is_a_straight_line)
{
    struct glide glide;
    glide_start(&glide, -1, 3, 480);
    for (uint32_t i = 0; i <= 600; i++) {
        double theory = i < 480 ? -1 + 4 * (double)i / 480 : 3;
        MUST(fabs((double)glide_linear(&glide, i) - theory) < 5e-7, "at frame %u", i);
    }
    ck_assert(glide_linear(&glide, 0) == -1);
    ck_assert(glide_linear(&glide, 480) == 3);
}
END_TEST

START_TEST(a_logarithmic_glide_is_straight_in_octaves)
{
    struct glide glide;
    glide_start(&glide, 20, 20000, 48000);
    for (uint32_t i = 0; i <= 50000; i += 7) {
        double part = i < 48000 ? i / 48000.0 : 1;
        double octaves = log2((double)glide_log(&glide, i) / 20);
        MUST(fabs(octaves - part * log2(1000)) < 2e-6, "at frame %u: %g octaves", i, octaves);
    }
    glide_start(&glide, 1000, 10, 100);
    ck_assert_double_eq_tol((double)glide_log(&glide, 50), 100, 1e-4);
    ck_assert(glide_log(&glide, 100) == 10);
}
END_TEST

START_TEST(the_way_does_not_depend_on_how_time_is_cut)
{
    uint32_t seed = 7;
    for (unsigned round = 0; round < 200; round++) {
        struct glide whole, cut;
        glide_start(&whole, 0.1f, 0.7f, 1 + dice_below(&seed, 3000));
        cut = whole;
        for (uint32_t at = 0, n; at < 3500; at += n) {
            MUST(glide_linear(&cut, 0) == glide_linear(&whole, at), "linear, at %u", at);
            MUST(glide_log(&cut, 0) == glide_log(&whole, at), "logarithmic, at %u", at);
            n = 1 + dice_below(&seed, 300);
            glide_advance(&cut, n);
        }
        MUST(glide_is_settled(&cut), "not settled");
    }
}
END_TEST

START_TEST(no_frames_at_all_are_a_jump)
{
    struct glide glide;
    glide_start(&glide, 1, 5, 0);
    ck_assert(glide_is_settled(&glide));
    ck_assert(glide_linear(&glide, 0) == 5 && glide_log(&glide, 0) == 5 && glide_linear(&glide, 9) == 5);
    glide_advance(&glide, 100);
    ck_assert(glide_is_settled(&glide) && glide_linear(&glide, 0) == 5);
    glide_jump(&glide, 2);
    ck_assert(glide_is_settled(&glide) && glide_linear(&glide, 0) == 2);
}
END_TEST

START_TEST(one_frame_more_is_not_settled)
{
    struct glide glide;
    glide_start(&glide, 0, 1, 3);
    glide_advance(&glide, 2);
    ck_assert(!glide_is_settled(&glide));
    glide_advance(&glide, 1);
    ck_assert(glide_is_settled(&glide));
    ck_assert(glide_linear(&glide, 0) == 1);
}
END_TEST

START_TEST(turning_round_in_the_middle_begins_where_it_stands)
{
    struct glide glide;
    glide_start(&glide, 1, 0, 1000);
    glide_advance(&glide, 250);
    glide_start(&glide, glide_linear(&glide, 0), 1, 1000);
    ck_assert(glide_linear(&glide, 0) == 0.75f);
    ck_assert_double_eq_tol((double)glide_linear(&glide, 500), 0.875, 1e-7);
    ck_assert(glide_linear(&glide, 1000) == 1);
}
END_TEST

START_TEST(the_longest_glide_neither_wraps_nor_turns_back)
{
    struct glide glide;
    glide_start(&glide, 0, 1, UINT32_MAX);
    float before = 0;
    for (unsigned i = 0; i < 5000; i++) {
        glide_advance(&glide, 1000000);
        float now = glide_linear(&glide, 0);
        MUST(now >= before && now <= 1, "step %u", i);
        before = now;
    }
    ck_assert(glide_is_settled(&glide) && before == 1);
    ck_assert(glide_linear(&glide, UINT32_MAX) == 1);
}
END_TEST

START_TEST(equal_ends_are_one_value_all_the_way)
{
    struct glide glide;
    glide_start(&glide, 0.3f, 0.3f, 777);
    for (uint32_t i = 0; i < 800; i++)
        MUST(glide_linear(&glide, i) == 0.3f && glide_log(&glide, i) == 0.3f, "at frame %u", i);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_glide_is_a_straight_line,
        a_logarithmic_glide_is_straight_in_octaves,
        the_way_does_not_depend_on_how_time_is_cut,
        no_frames_at_all_are_a_jump,
        one_frame_more_is_not_settled,
        turning_round_in_the_middle_begins_where_it_stands,
        the_longest_glide_neither_wraps_nor_turns_back,
        equal_ends_are_one_value_all_the_way,
    };
    return suite_run("glide", 60, tests, ROWS(tests));
}
