/* What an argument may stand for. */
#include <math.h>

#include <check.h>

#include "osc/packet.h"
#include "tests/suite.h"

START_TEST(numbers_are_taken_in_any_type_that_loses_nothing)
{
    int64_t whole = 99;
    double number = 99;
    bool truth = false;
    ck_assert(arg_integer(&(struct arg){.tag = 'i', .i = -7}, &whole) && whole == -7);
    ck_assert(arg_integer(&(struct arg){.tag = 'h', .h = INT64_MAX}, &whole) && whole == INT64_MAX);
    ck_assert(arg_integer(&(struct arg){.tag = 'f', .f = 3.0f}, &whole) && whole == 3);
    ck_assert(arg_integer(&(struct arg){.tag = 'd', .d = -0x1p53}, &whole) && whole == -((int64_t)1 << 53));
    ck_assert(arg_integer(&(struct arg){.tag = 'T'}, &whole) && whole == 1);
    ck_assert(arg_number(&(struct arg){.tag = 'h', .h = 1 << 20}, &number) && number == 0x1p20);
    ck_assert(arg_number(&(struct arg){.tag = 'f', .f = 0.1f}, &number) && number == (double)0.1f);
    ck_assert(arg_number(&(struct arg){.tag = 'F'}, &number) && number == 0);
    ck_assert(arg_truth(&(struct arg){.tag = 'i', .i = 1}, &truth) && truth);
    ck_assert(arg_truth(&(struct arg){.tag = 'f', .f = 0.0f}, &truth) && !truth);
}
END_TEST

START_TEST(numbers_that_would_lose_something_are_refused)
{
    int64_t whole = 99;
    double number = 99;
    bool truth = true;
    ck_assert(!arg_integer(&(struct arg){.tag = 'f', .f = 0.5f}, &whole));
    ck_assert(!arg_integer(&(struct arg){.tag = 'd', .d = 0x1p60}, &whole));
    ck_assert(!arg_integer(&(struct arg){.tag = 'd', .d = NAN}, &whole));
    ck_assert(!arg_integer(&(struct arg){.tag = 's', .s = "1"}, &whole));
    ck_assert(!arg_number(&(struct arg){.tag = 'h', .h = ((int64_t)1 << 53) + 1}, &number));
    ck_assert(!arg_number(&(struct arg){.tag = 'f', .f = INFINITY}, &number));
    ck_assert(!arg_number(&(struct arg){.tag = 'N'}, &number));
    ck_assert(!arg_truth(&(struct arg){.tag = 'i', .i = 2}, &truth));
    ck_assert(whole == 99 && number == 99 && truth);
    ck_assert_ptr_null(arg_string(&(struct arg){.tag = 'b', .b = (const uint8_t *)"x", .n_bytes = 1}));
    ck_assert_str_eq(arg_string(&(struct arg){.tag = 'S', .s = "x"}), "x");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("args");
    tcase_add_test(tests, numbers_are_taken_in_any_type_that_loses_nothing);
    tcase_add_test(tests, numbers_that_would_lose_something_are_refused);
    return suite_run_case("args", tests);
}
