/* Values as clients write them. */
#include <math.h>
#include <string.h>

#include "graph/param.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

static const char *const shapes[] = {"sine", "square", "saw", NULL};
static const struct param_info cutoff = {"cutoff", "Hz", "", NULL, 20, 20000, 1000, 0.01f, .curve = CURVE_LOG};
static const struct param_info mix = {"mix", "", "", NULL, 0.1f, 0.9f, 0.5f, 0.01f};
static const struct param_info shape = {"shape", "", "", shapes, 0, 2, 0, .kind = PARAM_CHOICE};
static const struct param_info on = {"on", "", "", NULL, 0, 1, 0, .kind = PARAM_SWITCH};
static const struct param_info order = {"order", "", "", NULL, -4, 12, 2, .kind = PARAM_INTEGER};
static const struct param_info file = {"file", "", "", NULL, 0, 0, 0, .kind = PARAM_FILE};

/* Takes a number that must be taken, and returns what became of it. */
static float taken(const struct param_info *info, double number)
{
    struct error error = {0};
    float value = NAN;
    MUST(param_from_number(info, number, &value, &error) == 0, "%s", error.text);
    return value;
}

/* A number that must be refused with this code, and a text that holds both words. */
static void check_refused(const struct param_info *info, double number, enum error_code code, const char *word,
                          const char *other)
{
    struct error error = {0};
    float value = 77;
    MUST(param_from_number(info, number, &value, &error) == (int)code, "%s %g: %s", info->name, number, error.text);
    ck_assert_int_eq(error.code, code);
    ck_assert(value == 77);
    MUST(strstr(error.text, info->name) && strstr(error.text, word) && strstr(error.text, other), "%s", error.text);
}

START_TEST(numbers_within_the_range_are_taken_as_they_are)
{
    ck_assert(taken(&cutoff, 20) == 20.0f);
    ck_assert(taken(&cutoff, 20000) == 20000.0f);
    ck_assert(taken(&cutoff, 440.5) == 440.5f);
    ck_assert(taken(&order, -4) == -4.0f);
    ck_assert(taken(&order, 12) == 12.0f);
    ck_assert(taken(&on, 1) == 1.0f);
    ck_assert(taken(&shape, 2) == 2.0f);
}
END_TEST

START_TEST(the_ends_of_a_range_are_compared_as_the_floats_they_are)
{
    ck_assert(taken(&mix, 0.1) == 0.1f); /* the double lies below the float */
    ck_assert(taken(&mix, 0.9) == 0.9f);
    ck_assert(taken(&mix, (double)0.1f) == 0.1f);
}
END_TEST

START_TEST(numbers_outside_are_refused_with_value_unit_and_range)
{
    check_refused(&cutoff, 19.9, ERROR_RANGE, "19.9 Hz", "20 to 20000 Hz");
    check_refused(&cutoff, 30000, ERROR_RANGE, "30000 Hz", "20 to 20000 Hz");
    check_refused(&cutoff, -1e300, ERROR_RANGE, "-1e+300", "20 to 20000");
    check_refused(&cutoff, (double)INFINITY, ERROR_RANGE, "inf", "20 to 20000");
    check_refused(&cutoff, (double)-INFINITY, ERROR_RANGE, "-inf", "20 to 20000");
    check_refused(&mix, 0.91, ERROR_RANGE, "mix 0.91 is", "0.1 to 0.9");
    check_refused(&order, 13, ERROR_RANGE, "13", "-4 to 12");
    check_refused(&order, 1e30, ERROR_RANGE, "1e+30", "-4 to 12");
    check_refused(&shape, 3, ERROR_RANGE, "3", "0 to 2");
    check_refused(&on, -1, ERROR_RANGE, "-1", "0 to 1");
}
END_TEST

START_TEST(what_is_not_a_number_is_a_bad_value)
{
    const struct param_info *const all[] = {&cutoff, &mix, &shape, &on, &order};
    for (unsigned i = 0; i < ROWS(all); i++)
        check_refused(all[i], (double)NAN, ERROR_BAD_VALUE, "NaN", "not a number");
}
END_TEST

START_TEST(fractions_are_refused_where_whole_numbers_are_needed)
{
    check_refused(&order, 1.5, ERROR_BAD_VALUE, "1.5", "whole");
    check_refused(&shape, 0.25, ERROR_BAD_VALUE, "0.25", "whole");
    check_refused(&on, 0.5, ERROR_BAD_VALUE, "0.5", "whole");
}
END_TEST

START_TEST(what_lies_between_the_steps_is_refused_with_both_neighbours)
{
    static const struct param_info even = {"order", "", "", NULL, 2, 16, 4, .kind = PARAM_INTEGER, .step = 2};
    struct error error = {0};
    float value = 0;
    ck_assert_int_eq(param_from_number(&even, 6, &value, &error), 0);
    ck_assert(value == 6);
    ck_assert_int_eq(param_from_number(&even, 7, &value, &error), ERROR_RANGE);
    ck_assert_str_eq(error.text, "order 7 is no multiple of 2: 6 or 8 would be");
    ck_assert(value == 6);
}
END_TEST

START_TEST(a_file_is_no_number)
{
    check_refused(&file, 3, ERROR_BAD_TYPE, "3", "path");
}
END_TEST

START_TEST(the_words_of_a_choice_are_its_indices)
{
    for (unsigned i = 0; shapes[i]; i++) {
        struct error error = {0};
        float value = NAN;
        ck_assert_int_eq(param_from_word(&shape, shapes[i], &value, &error), 0);
        ck_assert(value == (float)i);
    }
    ck_assert_uint_eq(param_choice_last(&shape), 2);
}
END_TEST

START_TEST(an_unknown_word_is_refused_with_the_choices_there_are)
{
    static const char *const words[] = {"", "Sine", "sin", "sines", "triangle"};
    for (unsigned i = 0; i < ROWS(words); i++) {
        struct error error = {0};
        float value = 77;
        ck_assert_int_eq(param_from_word(&shape, words[i], &value, &error), ERROR_BAD_VALUE);
        ck_assert(value == 77);
        MUST(strstr(error.text, words[i]) && strstr(error.text, "sine, square, saw"), "%s", error.text);
    }
}
END_TEST

START_TEST(a_word_where_a_number_is_needed_is_a_bad_type)
{
    const struct param_info *const all[] = {&cutoff, &mix, &on, &order};
    for (unsigned i = 0; i < ROWS(all); i++) {
        struct error error = {0};
        float value = 77;
        ck_assert_int_eq(param_from_word(all[i], "loud", &value, &error), ERROR_BAD_TYPE);
        ck_assert(value == 77);
        MUST(strstr(error.text, all[i]->name) && strstr(error.text, "loud") && strstr(error.text, "takes"), "%s",
             error.text);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        numbers_within_the_range_are_taken_as_they_are,
        the_ends_of_a_range_are_compared_as_the_floats_they_are,
        numbers_outside_are_refused_with_value_unit_and_range,
        what_is_not_a_number_is_a_bad_value,
        fractions_are_refused_where_whole_numbers_are_needed,
        what_lies_between_the_steps_is_refused_with_both_neighbours,
        a_file_is_no_number,
        the_words_of_a_choice_are_its_indices,
        an_unknown_word_is_refused_with_the_choices_there_are,
        a_word_where_a_number_is_needed_is_a_bad_type,
    };
    return suite_run("param", 60, tests, ROWS(tests));
}
