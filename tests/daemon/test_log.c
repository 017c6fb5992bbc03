#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/log.h"
#include "tests/suite.h"

#define OUTPUT_BYTES 131072

/* A log that writes into a pipe, and what has come out of it. */
struct rig {
    struct log *log;
    int fds[2];
    char output[OUTPUT_BYTES];
};

static void rig_open(struct rig *rig, enum log_level level)
{
    memset(rig, 0, sizeof *rig);
    ck_assert_int_eq(pipe2(rig->fds, O_NONBLOCK | O_CLOEXEC), 0);
    rig->log = log_new(rig->fds[1], level);
    ck_assert_ptr_nonnull(rig->log);
}

static const char *rig_read(struct rig *rig)
{
    ssize_t n = read(rig->fds[0], rig->output, OUTPUT_BYTES - 1);
    rig->output[n > 0 ? n : 0] = '\0';
    return rig->output;
}

static void rig_close(struct rig *rig)
{
    log_free(rig->log);
    close(rig->fds[0]);
    close(rig->fds[1]);
}

static void sleep_ms(int ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static unsigned count(const char *text, const char *part)
{
    unsigned n = 0;
    for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
        n++;
    return n;
}

START_TEST(a_line_names_program_and_level)
{
    struct rig rig;
    rig_open(&rig, LOG_INFO);
    log_put(rig.log, LOG_WARNING, "%s has %d ports", "this", 3);
    ck_assert_str_eq(rig_read(&rig), "dawd: warning: this has 3 ports\n");
    rig_close(&rig);
}
END_TEST

START_TEST(lines_below_the_level_are_neither_written_nor_kept)
{
    struct rig rig;
    rig_open(&rig, LOG_WARNING);
    log_put(rig.log, LOG_INFO, "quiet");
    log_put(rig.log, LOG_ERROR, "loud");
    log_level_set(rig.log, LOG_DEBUG);
    log_put(rig.log, LOG_DEBUG, "now too");
    ck_assert_str_eq(rig_read(&rig), "dawd: error: loud\ndawd: debug: now too\n");
    ck_assert_int_eq(log_level(rig.log), LOG_DEBUG);
    rig_close(&rig);
}
END_TEST

START_TEST(nobody_can_forge_a_line)
{
    struct rig rig;
    rig_open(&rig, LOG_INFO);
    log_put(rig.log, LOG_INFO, "name \"%s\"", "x\ndawd: error: \033[2Jall is lost\177");
    ck_assert_str_eq(rig_read(&rig), "dawd: info: name \"x?dawd: error: ?[2Jall is lost?\"\n");
    rig_close(&rig);
}
END_TEST

START_TEST(what_is_no_utf_8_or_a_command_to_the_terminal_does_not_get_through)
{
    struct rig rig;
    rig_open(&rig, LOG_INFO);
    log_put(rig.log, LOG_INFO, "%s", "f\xc3\xbcr \xf0\x9f\x8e\x9b \xc2\x9b 2J \x9b \xff \xc3");
    ck_assert_str_eq(rig_read(&rig), "dawd: info: f\xc3\xbcr \xf0\x9f\x8e\x9b ?? 2J ? ? ?\n");
    rig_close(&rig);
}
END_TEST

START_TEST(equal_lines_within_a_second_are_counted)
{
    struct rig rig;
    rig_open(&rig, LOG_INFO);
    for (int i = 0; i < 42; i++)
        log_put(rig.log, LOG_INFO, "the same");
    log_put(rig.log, LOG_INFO, "another");
    ck_assert_str_eq(rig_read(&rig),
                     "dawd: info: the same\ndawd: info: repeated 41 times: the same\ndawd: info: another\n");
    rig_close(&rig);
}
END_TEST

START_TEST(a_count_is_told_by_the_tick_when_nothing_follows)
{
    struct rig rig;
    rig_open(&rig, LOG_INFO);
    log_put(rig.log, LOG_WARNING, "the same");
    log_put(rig.log, LOG_WARNING, "the same");
    log_tick(rig.log);
    ck_assert_str_eq(rig_read(&rig), "dawd: warning: the same\n");
    sleep_ms(1050);
    log_tick(rig.log);
    ck_assert_str_eq(rig_read(&rig), "dawd: warning: repeated 1 times: the same\n");
    log_tick(rig.log);
    ck_assert_str_eq(rig_read(&rig), "");
    rig_close(&rig);
}
END_TEST

START_TEST(one_kind_cannot_flood_and_what_is_held_back_adds_up)
{
    struct rig rig;
    char expected[64];
    rig_open(&rig, LOG_INFO);
    for (int i = 0; i < 1000; i++)
        log_put(rig.log, LOG_INFO, "packet %d is malformed", i);
    log_put(rig.log, LOG_INFO, "another kind");
    unsigned shown = count(rig_read(&rig), " is malformed");
    ck_assert_uint_eq(shown, LOG_KIND_LINES);
    ck_assert_ptr_nonnull(strstr(rig.output, "another kind"));
    sleep_ms(1050);
    log_tick(rig.log);
    snprintf(expected, sizeof expected, "%d more lines like \"packet 9 is", 1000 - LOG_KIND_LINES);
    ck_assert_ptr_nonnull(strstr(rig_read(&rig), expected));
    log_put(rig.log, LOG_INFO, "packet %d is malformed", 1001);
    ck_assert_str_eq(rig_read(&rig), "dawd: info: packet 1001 is malformed\n");
    rig_close(&rig);
}
END_TEST

START_TEST(the_end_tells_the_outstanding_counts)
{
    struct rig rig;
    rig_open(&rig, LOG_INFO);
    for (int i = 0; i < 20; i++)
        log_put(rig.log, LOG_INFO, "number %d", i);
    rig_read(&rig);
    log_free(rig.log);
    rig.log = NULL;
    ck_assert_ptr_nonnull(strstr(rig_read(&rig), "10 more lines like"));
    rig_close(&rig);
}
END_TEST

#define N_LINES (LOG_KINDS * LOG_KIND_LINES) /* as many as can come at once */

/* Lines of so many kinds that the rate limit stays out of what is tested, and long enough to fill a pipe. */
static void say_unlimited(struct log *log, int number)
{
    char format[64];
    snprintf(format, sizeof format, "line %%d of the kind that is called kind %d", number % LOG_KINDS);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    log_put(log, LOG_INFO, format, number);
#pragma GCC diagnostic pop
}

START_TEST(a_full_stderr_costs_lines_and_no_time)
{
    struct rig rig;
    rig_open(&rig, LOG_INFO);
    ck_assert_int_eq(fcntl(rig.fds[1], F_SETFL, 0), 0); /* a blocking pipe, as a service's stderr is */
    for (int i = 0; i < N_LINES - 1; i++)
        say_unlimited(rig.log, i); /* would hang here, and the test would time out */
    unsigned n_shown = count(rig_read(&rig), "info: line");
    say_unlimited(rig.log, N_LINES - 1);
    unsigned n_missing = 0;
    ck_assert_int_eq(sscanf(rig_read(&rig), "dawd: warning: %u lines are missing here", &n_missing), 1);
    ck_assert_uint_gt(n_missing, 0);
    ck_assert_uint_eq(n_shown + n_missing, N_LINES - 1);
    ck_assert_ptr_nonnull(strstr(rig.output, "dawd: info: line"));
    rig_close(&rig);
}
END_TEST

static void collect(void *self, const struct log_line *line)
{
    char *text = self;
    snprintf(text + strlen(text), OUTPUT_BYTES - strlen(text), "%s:%s;", log_level_name(line->level), line->text);
}

START_TEST(the_tail_is_the_last_lines_oldest_first)
{
    struct rig rig;
    rig_open(&rig, LOG_INFO);
    rig.output[0] = '\0';
    ck_assert_uint_eq(log_tail(rig.log, 5, collect, rig.output), 0);
    log_put(rig.log, LOG_INFO, "one");
    log_put(rig.log, LOG_WARNING, "two");
    log_put(rig.log, LOG_ERROR, "three");
    ck_assert_uint_eq(log_tail(rig.log, 2, collect, rig.output), 2);
    ck_assert_str_eq(rig.output, "warning:two;error:three;");
    rig_close(&rig);
}
END_TEST

static void remember_last(void *self, const struct log_line *line)
{
    snprintf(self, LOG_TEXT_BYTES, "%s", line->text);
}

START_TEST(the_tail_holds_a_thousand_lines)
{
    char last[LOG_TEXT_BYTES] = "", expected[64];
    struct log *log = log_new(-1, LOG_INFO);
    for (int i = 0; i < N_LINES; i++)
        say_unlimited(log, i);
    ck_assert_uint_eq(log_tail(log, 100000, remember_last, last), LOG_LINES);
    snprintf(expected, sizeof expected, "line %d ", N_LINES - 1);
    ck_assert_int_eq(strncmp(last, expected, strlen(expected)), 0);
    log_free(log);
}
END_TEST

static void *chatter(void *argument)
{
    for (int i = 0; i < 2000; i++) {
        log_put(argument, LOG_INFO, "%d", i);
        log_put(argument, LOG_WARNING, "%d", i % 3);
    }
    log_tick(argument);
    return NULL;
}

static void ignore(void *self, const struct log_line *line)
{
    log_put(self, LOG_DEBUG, "a callback may use the log: %s", line->text);
}

START_TEST(many_threads_can_talk_at_once)
{
    pthread_t threads[4];
    struct log *log = log_new(-1, LOG_DEBUG);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, chatter, log);
    for (int i = 0; i < 100; i++)
        log_tail(log, 10, ignore, log);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_gt(log_tail(log, LOG_LINES, ignore, log), 0);
    log_free(log);
}
END_TEST

START_TEST(levels_have_names)
{
    ck_assert_int_eq(log_level_parse("warning"), LOG_WARNING);
    ck_assert_int_eq(log_level_parse("Warning"), LOG_LEVEL_END);
    ck_assert_int_eq(log_level_parse(""), LOG_LEVEL_END);
    ck_assert_str_eq(log_level_name(LOG_DEBUG), "debug");
}
END_TEST

START_TEST(without_a_log_nothing_happens)
{
    log_put(NULL, LOG_ERROR, "nobody hears this");
    log_tick(NULL);
    log_free(NULL);
}
END_TEST

int main(void)
{
    TCase *lines = tcase_create("log");
    tcase_set_timeout(lines, 60);
    tcase_add_test(lines, a_line_names_program_and_level);
    tcase_add_test(lines, lines_below_the_level_are_neither_written_nor_kept);
    tcase_add_test(lines, nobody_can_forge_a_line);
    tcase_add_test(lines, what_is_no_utf_8_or_a_command_to_the_terminal_does_not_get_through);
    tcase_add_test(lines, equal_lines_within_a_second_are_counted);
    tcase_add_test(lines, a_count_is_told_by_the_tick_when_nothing_follows);
    tcase_add_test(lines, one_kind_cannot_flood_and_what_is_held_back_adds_up);
    tcase_add_test(lines, the_end_tells_the_outstanding_counts);
    tcase_add_test(lines, a_full_stderr_costs_lines_and_no_time);
    tcase_add_test(lines, the_tail_is_the_last_lines_oldest_first);
    tcase_add_test(lines, the_tail_holds_a_thousand_lines);
    tcase_add_test(lines, many_threads_can_talk_at_once);
    tcase_add_test(lines, levels_have_names);
    tcase_add_test(lines, without_a_log_nothing_happens);
    return suite_run_case("log", lines);
}
