/* However lines come, and of however many kinds: no second, wherever it begins, holds more of a kind than is allowed, and what
 * was held back is told to the last line. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log_rate.h"
#include "tests/suite.h"

#define MS         1000000ll
#define SECOND     (1000 * MS)
#define MOST_LINES 20000

/* When lines of one kind were said, in order. */
struct said {
    int64_t at_ns[MOST_LINES];
    unsigned n;
};

/* The most lines that a second holds, wherever it begins. */
static unsigned most_in_a_second(const struct said *said)
{
    unsigned most = 0;
    for (unsigned first = 0, end = 0; first < said->n; first++) {
        while (end < said->n && said->at_ns[end] - said->at_ns[first] < SECOND)
            end++;
        most = end - first > most ? end - first : most;
    }
    return most;
}

static void ask(struct log_rate *rate, const char *format, int64_t now_ns, struct said *said)
{
    struct log_kind *kind = log_rate_find(rate, 1, format, now_ns);
    if (log_kind_admit(kind, now_ns))
        said->at_ns[said->n++] = now_ns;
    else
        kind->n_suppressed++;
}

static struct log_rate rate;
static struct said said;

static void begin(void)
{
    memset(&rate, 0, sizeof rate);
    memset(&said, 0, sizeof said);
}

START_TEST(no_second_holds_more_lines_than_allowed_wherever_it_begins)
{
    begin();
    srand((unsigned)_i + 1);
    /* Bursts and pauses of all lengths: 0.95 s of silence before a burst is what a count that starts anew each second misses. */
    for (int64_t now_ns = SECOND; now_ns < 200 * SECOND; now_ns += rand() % 4 ? rand() % 20 * MS : rand() % 1100 * MS)
        ask(&rate, "one", now_ns, &said);
    ck_assert_uint_gt(said.n, 500);
    ck_assert_uint_eq(most_in_a_second(&said), LOG_KIND_LINES);
}
END_TEST

START_TEST(a_lasting_flood_uses_its_whole_allowance)
{
    begin();
    for (int64_t now_ns = SECOND; now_ns < 11 * SECOND; now_ns += MS)
        ask(&rate, "one", now_ns, &said);
    ck_assert_uint_eq(said.n, 10 * LOG_KIND_LINES);
}
END_TEST

START_TEST(one_kind_does_not_eat_the_allowance_of_another)
{
    begin();
    for (int i = 0; i < 1000; i++)
        ask(&rate, "a flood: %s", SECOND, &said);
    said.n = 0;
    for (unsigned i = 0; i < LOG_KIND_LINES; i++)
        ask(&rate, "a word: %s", SECOND + i, &said);
    ck_assert_uint_eq(said.n, LOG_KIND_LINES);
}
END_TEST

START_TEST(levels_are_kinds_of_their_own)
{
    begin();
    ck_assert_ptr_ne(log_rate_find(&rate, 0, "%s", SECOND), log_rate_find(&rate, 1, "%s", SECOND));
    ck_assert_ptr_eq(log_rate_find(&rate, 1, "%s", SECOND), log_rate_find(&rate, 1, "%s", SECOND));
}
END_TEST

START_TEST(kinds_beyond_the_table_share_one_allowance)
{
    begin();
    for (unsigned i = 0; i < 4 * LOG_KINDS; i++) {
        char format[32];
        snprintf(format, sizeof format, "kind %u", i);
        ask(&rate, format, SECOND + i, &said);
    }
    ck_assert_uint_eq(said.n, LOG_KINDS + LOG_KIND_LINES);
    ck_assert_uint_eq(said.n + rate.others.n_suppressed, 4 * LOG_KINDS);
}
END_TEST

START_TEST(a_kind_keeps_its_place_while_it_has_something_to_tell)
{
    begin();
    for (int i = 0; i < 20; i++)
        ask(&rate, "owes", SECOND, &said);
    for (unsigned i = 0; i < 4 * LOG_KINDS; i++) {
        char format[32];
        snprintf(format, sizeof format, "kind %u", i);
        ask(&rate, format, 10 * SECOND + (int64_t)i * 2 * SECOND, &said);
    }
    ck_assert_uint_eq(log_rate_find(&rate, 1, "owes", 3000 * SECOND)->n_suppressed, 10);
    ck_assert_uint_eq(said.n, LOG_KIND_LINES + 4 * LOG_KINDS); /* the others made room for each other */
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("log rate");
    tcase_add_loop_test(tcase, no_second_holds_more_lines_than_allowed_wherever_it_begins, 0, 5);
    tcase_add_test(tcase, a_lasting_flood_uses_its_whole_allowance);
    tcase_add_test(tcase, one_kind_does_not_eat_the_allowance_of_another);
    tcase_add_test(tcase, levels_are_kinds_of_their_own);
    tcase_add_test(tcase, kinds_beyond_the_table_share_one_allowance);
    tcase_add_test(tcase, a_kind_keeps_its_place_while_it_has_something_to_tell);
    return suite_run_case("log rate", tcase);
}
