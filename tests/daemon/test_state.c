/* The state folder: in which order things reach the disk, and what is left when any call fails or is the last one. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/crash_mark.h"
#include "daemon/state_folder.h"
#include "graph/hash.h"
#include "graph/node.h"
#include "osc/journal_file.h"
#include "tests/noted_calls.h"
#include "tests/suite.h"

#define CALLS_MOST 200

/* ---- a folder --------------------------------------------------------------------------------------------------------- */

static char path[64];
static struct state_folder folder;
static struct error failure;

static void open_folder(void)
{
    strcpy(path, "/tmp/dawd-state-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(path));
    ck_assert_msg(!state_folder_open(&folder, path, &failure), "%s", failure.text);
}

static void close_folder(void)
{
    char command[100];
    is_armed = false;
    state_folder_close(&folder);
    snprintf(command, sizeof command, "rm -rf %s", path);
    ck_assert_int_eq(system(command), 0);
}

/* Where the text of one thing several times in a row counts once. */
static void expect_calls(const char *expected)
{
    char seen[sizeof calls] = "", *last = NULL;
    is_armed = false;
    for (char *word = strtok(calls, " "); word; word = strtok(NULL, " ")) {
        if (!last || strcmp(last, word) != 0)
            snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s%s", last ? " " : "", word);
        last = word;
    }
    ck_assert_str_eq(seen, expected);
}

static struct bytes session_of(unsigned number)
{
    struct bytes text = {0};
    bytes_print(&text, "session %u, which is written in more than one piece, for it is long enough for that\n", number);
    return text;
}

static uint64_t sum_of(unsigned number)
{
    struct bytes text = session_of(number);
    uint64_t sum = hash_bytes(0, text.data, text.n);
    bytes_deinit(&text);
    return sum;
}

static int put(unsigned number)
{
    struct bytes text = session_of(number);
    int code = state_folder_put(&folder, &text, sum_of(number), &failure);
    bytes_deinit(&text);
    return code;
}

static int add(uint64_t *sum)
{
    static const char lines[] = "/node/out/ceiling -1.0\n/node/out/ceiling -2.0\n";
    struct bytes groups = {0};
    journal_file_add(sum, lines, strlen(lines), &groups);
    int code = state_folder_add(&folder, &groups, &failure);
    bytes_deinit(&groups);
    return code;
}

/* The number of the session that is there, and the groups that go on from it. */
static unsigned number_there(unsigned *n_groups)
{
    struct bytes session = {0}, journal = {0};
    struct journal_reader reader;
    const char *lines;
    size_t n;
    unsigned number = 0;
    *n_groups = 0;
    ck_assert_msg(!state_folder_read(&folder, "session", &session, &failure), "%s", failure.text);
    bytes_add_byte(&session, '\0');
    ck_assert_int_eq(sscanf((const char *)session.data, "session %u,", &number), 1);
    struct bytes whole = session_of(number);
    ck_assert_uint_eq(session.n - 1, whole.n);
    ck_assert_msg(!state_folder_read(&folder, "journal", &journal, &failure), "%s", failure.text);
    if (journal_read(&reader, (const char *)journal.data, journal.n, sum_of(number))) {
        while (journal_read_group(&reader, &lines, &n))
            continue;
        *n_groups = reader.n_groups;
    }
    bytes_deinit(&whole);
    bytes_deinit(&session);
    bytes_deinit(&journal);
    return number;
}

/* ---- order ----------------------------------------------------------------------------------------------------------- */

START_TEST(a_snapshot_is_on_the_disk_before_it_has_the_name_and_its_journal_after_that)
{
    ck_assert(!put(1) && !put(2));
    arm(-1, false);
    ck_assert_msg(!put(3), "%s", failure.text);
    expect_calls("name-session.2 second-session.1 make write sync name-session sync-folder "
                 "make write sync name-journal sync-folder");
}
END_TEST

START_TEST(groups_are_on_the_disk_when_they_count)
{
    uint64_t sum = sum_of(1);
    ck_assert(!put(1));
    arm(-1, false);
    ck_assert(!add(&sum));
    expect_calls("write sync-data");
}
END_TEST

START_TEST(a_start_is_noted_on_the_disk_before_it_is_tried)
{
    arm(-1, false);
    ck_assert(!state_folder_put_starts(&folder, &(struct starts){0}, &failure));
    expect_calls("make write sync name-starts sync-folder");
    arm(-1, false);
    ck_assert(!state_folder_clear_starts(&folder, &failure));
    expect_calls("remove sync-folder");
}
END_TEST

/* ---- failures -------------------------------------------------------------------------------------------------------- */

/* Two sessions, groups behind both, with the n-th call failing; what may be there then. */
static bool survives(long n, bool all)
{
    uint64_t sum = sum_of(1);
    unsigned n_groups, added = 0;
    ck_assert(!put(1));
    for (unsigned i = 0; i < 3; i++)
        ck_assert(!add(&sum));
    arm(n, all);
    for (unsigned i = 0; i < 2; i++)
        added += !add(&sum);
    bool is_put = !put(2);
    bool was_reached = n_left < 0;
    is_armed = false;
    unsigned number = number_there(&n_groups);
    ck_assert_uint_ge(number, is_put ? 2 : 1);
    if (number == 1)
        ck_assert_uint_ge(n_groups, 3 + added);
    else
        ck_assert_uint_eq(n_groups, 0);
    return was_reached;
}

START_TEST(whatever_call_fails_what_was_told_to_be_kept_is_there)
{
    long n = 0;
    while (survives(n, false))
        ck_assert_int_lt(++n, CALLS_MOST);
    ck_assert_int_gt(n, 15);
}
END_TEST

START_TEST(whatever_call_is_the_last_one_what_was_told_to_be_kept_is_there)
{
    long n = 0;
    while (survives(n, true))
        ck_assert_int_lt(++n, CALLS_MOST);
    ck_assert_int_gt(n, 15);
}
END_TEST

START_TEST(nothing_is_added_to_a_journal_that_has_failed)
{
    uint64_t sum = sum_of(1);
    ck_assert(!put(1));
    arm(2, false);
    ck_assert_int_eq(add(&sum), ERROR_IO);
    ck_assert_ptr_nonnull(strstr(failure.text, "Input/output error"));
    ck_assert_int_eq(add(&sum), ERROR_IO);
    is_armed = false;
    ck_assert(!put(2));
    sum = sum_of(2);
    ck_assert(!add(&sum));
}
END_TEST

/* ---- one of each ----------------------------------------------------------------------------------------------------- */

START_TEST(a_folder_belongs_to_one)
{
    struct state_folder second;
    ck_assert_int_eq(state_folder_open(&second, path, &failure), ERROR_BUSY);
    ck_assert_ptr_nonnull(strstr(failure.text, path));
    state_folder_close(&second);
    state_folder_close(&folder);
    ck_assert(!state_folder_open(&folder, path, &failure));
}
END_TEST

START_TEST(a_journal_is_gone_on_with_behind_its_last_whole_group)
{
    uint64_t sum = sum_of(1);
    unsigned n_groups;
    struct bytes journal = {0};
    ck_assert(!put(1) && !add(&sum));
    ck_assert(!state_folder_read(&folder, "journal", &journal, &failure));
    uint64_t behind = sum;
    ck_assert(!add(&sum));
    ck_assert(!state_folder_resume(&folder, journal.n, &failure));
    ck_assert(!add(&behind));
    ck_assert_uint_eq(number_there(&n_groups), 1);
    ck_assert_uint_eq(n_groups, 2);
    bytes_deinit(&journal);
}
END_TEST

START_TEST(two_older_snapshots_are_kept)
{
    struct bytes text = {0};
    for (unsigned i = 1; i <= 5; i++)
        ck_assert(!put(i));
    ck_assert(!state_folder_read(&folder, "session.1", &text, &failure));
    ck_assert_int_eq(strncmp((const char *)text.data, "session 4,", 10), 0);
    bytes_clear(&text, 0);
    ck_assert(!state_folder_read(&folder, "session.2", &text, &failure));
    ck_assert_int_eq(strncmp((const char *)text.data, "session 3,", 10), 0);
    bytes_deinit(&text);
}
END_TEST

static bool is_aside(unsigned number)
{
    char name[100];
    snprintf(name, sizeof name, "%s/aside/%04u.session", path, number);
    return access(name, F_OK) == 0;
}

START_TEST(the_newest_eight_lie_aside_and_none_of_them_twice)
{
    unsigned number = 0;
    for (unsigned i = 1; i <= 11; i++) {
        ck_assert(!put(i));
        for (unsigned k = 0; k < 2; k++)
            ck_assert_msg(!state_folder_put_aside(&folder, &number, &failure), "%s", failure.text);
        ck_assert_uint_eq(number, i);
    }
    for (unsigned i = 1; i <= 11; i++)
        ck_assert_int_eq(is_aside(i), i > 3);
}
END_TEST

static void check_starts(unsigned crashes, unsigned kills)
{
    struct starts starts = state_folder_starts(&folder);
    ck_assert_uint_eq(starts.crashes, crashes);
    ck_assert_uint_eq(starts.kills, kills);
}

START_TEST(crashes_count_and_kills_where_nothing_was_done)
{
    check_starts(0, 0);
    struct starts starts = {0};
    ck_assert(!state_folder_put_starts(&folder, &starts, &failure));
    check_starts(0, 1);
    starts = state_folder_starts(&folder);
    ck_assert(!state_folder_put_starts(&folder, &starts, &failure));
    check_starts(0, 2);
    crash_mark();
    check_starts(1, 1);
    starts = state_folder_starts(&folder);
    ck_assert(!state_folder_put_starts(&folder, &starts, &failure));
    state_folder_mark_used(&folder);
    check_starts(1, 0);
    crash_mark();
    check_starts(2, 0);
    ck_assert(!state_folder_clear_starts(&folder, &failure));
    check_starts(0, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_snapshot_is_on_the_disk_before_it_has_the_name_and_its_journal_after_that,
                                  groups_are_on_the_disk_when_they_count,
                                  a_start_is_noted_on_the_disk_before_it_is_tried,
                                  whatever_call_fails_what_was_told_to_be_kept_is_there,
                                  whatever_call_is_the_last_one_what_was_told_to_be_kept_is_there,
                                  nothing_is_added_to_a_journal_that_has_failed,
                                  a_folder_belongs_to_one,
                                  a_journal_is_gone_on_with_behind_its_last_whole_group,
                                  two_older_snapshots_are_kept,
                                  the_newest_eight_lie_aside_and_none_of_them_twice,
                                  crashes_count_and_kills_where_nothing_was_done};
    TCase *tcase = tcase_create("state folder");
    tcase_add_checked_fixture(tcase, open_folder, close_folder);
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("state folder", tcase);
}
