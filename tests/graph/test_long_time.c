/* The end of 32 bits, from close before it: the day that leads there is run by the system tests. */
#include "tests/graph_check.h"
#include "tests/long_time.h"
#include "tests/suite.h"

START_TEST(the_drivers_count_wraps_and_nobody_hears)
{
    struct long_time told = long_time_run(UINT32_MAX - 5000000, 10000000, 0);
    ck_assert_uint_eq(told.n_wraps, 1);
    ck_assert_uint_eq(told.n_jumps, 0);
    ck_assert_uint_eq(told.n_off_time, 0);
    ck_assert_uint_eq(told.n_late, 0);
    ck_assert_uint_gt(told.n_events, 15);
    ck_assert_double_lt(told.phase_error, 1e-4);
}
END_TEST

START_TEST(a_cycle_that_was_lost_at_the_wrap_is_counted_and_time_goes_on_over_it)
{
    struct long_time told = long_time_run(UINT32_MAX - 50 * 8192 - 100, 1000000, 50);
    ck_assert_uint_gt(told.n_jumps, 0);
    ck_assert_uint_eq(told.n_frames, 123 * 8192 + 8192);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_drivers_count_wraps_and_nobody_hears,
        a_cycle_that_was_lost_at_the_wrap_is_counted_and_time_goes_on_over_it,
    };
    return suite_run("long time", 60, tests, ROWS(tests));
}
