/* Every call into the kernel that the state folder makes, failing once and in several ways: what comes back afterwards is the state
 * of before with all of its groups, or the new one whole, and the new one for certain when it was said to be there. Row D11 of the
 * reliability catalogue. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/state_folder.h"
#include "graph/node.h"
#include "osc/journal_file.h"
#include "tests/failing_calls.h"
#include "tests/suite.h"

#define GROUPS     3 /* in the journal of the old state */
#define OLD        17u
#define NEW        18u
#define TEXT_BYTES 200

static char path[] = "/tmp/dawd-state-XXXXXX";
static struct state_folder folder;
static struct error error;

/* ---- states ---------------------------------------------------------------------------------------------------------- */

/* A session that says which it is; its sum is its number. */
static struct bytes session_text(unsigned number)
{
    struct bytes text = {0};
    bytes_print(&text, "# session %u\n", number);
    while (text.n < TEXT_BYTES)
        bytes_print(&text, "/graph/add osc n%zu\n", text.n);
    return text;
}

static void group_add(uint64_t *sum, unsigned number, struct bytes *groups)
{
    char lines[TEXT_BYTES];
    memset(lines, 'a' + (int)number, sizeof lines);
    lines[sizeof lines - 1] = '\n';
    journal_file_add(sum, lines, sizeof lines, groups);
}

static int put(unsigned number)
{
    struct bytes text = session_text(number);
    int code = state_folder_put(&folder, &text, number, &error);
    bytes_deinit(&text);
    return code;
}

/* The sum behind n groups of the old state, and these groups. */
static uint64_t groups_of_old(unsigned from, unsigned n, struct bytes *groups)
{
    uint64_t sum = OLD;
    struct bytes before = {0};
    for (unsigned i = 0; i < n; i++)
        group_add(&sum, i, i < from ? &before : groups);
    bytes_deinit(&before);
    return sum;
}

static int add(unsigned from, unsigned n)
{
    struct bytes groups = {0};
    groups_of_old(from, n, &groups);
    int code = state_folder_add(&folder, &groups, &error);
    bytes_deinit(&groups);
    return code;
}

/* The old state, made anew. */
static void begin(void)
{
    ck_assert_int_eq(state_folder_open(&folder, path, &error), 0);
    ck_assert_int_eq(put(OLD), 0);
    ck_assert_int_eq(add(0, GROUPS), 0);
}

/* What a start would find. */
struct found {
    unsigned number;   /* of the session; 0: none that is whole */
    bool has_journal;  /* that goes on from it */
    unsigned n_groups; /* whole ones, in their order */
};

static struct found look(void)
{
    struct found found = {0};
    struct bytes text = {0}, journal = {0};
    struct journal_reader reader;
    const char *lines;
    size_t n;
    ck_assert_int_eq(state_folder_read(&folder, "session", &text, &error), 0);
    for (unsigned number = OLD; number <= NEW; number++) {
        struct bytes whole = session_text(number);
        if (whole.n == text.n && memcmp(whole.data, text.data, text.n) == 0)
            found.number = number;
        bytes_deinit(&whole);
    }
    ck_assert_int_eq(state_folder_read(&folder, "journal", &journal, &error), 0);
    found.has_journal = journal_read(&reader, (const char *)journal.data, journal.n, found.number);
    while (found.has_journal && journal_read_group(&reader, &lines, &n))
        found.n_groups += n == TEXT_BYTES && lines[0] == (char)('a' + found.n_groups);
    bytes_deinit(&text);
    bytes_deinit(&journal);
    return found;
}

/* ---- what is tried --------------------------------------------------------------------------------------------------- */

static int put_new(void)
{
    return put(NEW);
}

static bool is_new(const struct found *found)
{
    return found->number == NEW && found->has_journal && found->n_groups == 0;
}

static bool is_old_or_new(const struct found *found)
{
    return found->number == NEW || (found->number == OLD && found->n_groups == GROUPS);
}

static int add_one(void)
{
    return add(GROUPS, GROUPS + 1);
}

static bool has_one_more(const struct found *found)
{
    return found->number == OLD && found->n_groups == GROUPS + 1;
}

static bool has_old_groups(const struct found *found)
{
    return found->number == OLD && found->n_groups >= GROUPS;
}

static int resume(void)
{
    struct bytes journal = {0};
    bool was = failing.is_armed;
    failing.is_armed = false;
    state_folder_read(&folder, "journal", &journal, &error);
    failing.is_armed = was;
    size_t n = journal.n;
    bytes_deinit(&journal);
    return state_folder_resume(&folder, n, &error);
}

static int put_aside(void)
{
    unsigned number;
    return state_folder_put_aside(&folder, &number, &error);
}

static int put_starts(void)
{
    return state_folder_put_starts(&folder, &(struct starts){1, 2}, &error);
}

static int clear_starts(void)
{
    return state_folder_clear_starts(&folder, &error);
}

static bool is_old(const struct found *found)
{
    return found->number == OLD && found->has_journal && found->n_groups == GROUPS;
}

static const struct {
    const char *name;
    int (*act)(void);
    bool (*done)(const struct found *found);   /* what is there when it says that it is done */
    bool (*failed)(const struct found *found); /* and when it says that it has failed */
} works[] = {
    {"put", put_new, is_new, is_old_or_new},    {"add", add_one, has_one_more, has_old_groups},
    {"resume", resume, is_old, is_old},         {"put aside", put_aside, is_old, is_old},
    {"put starts", put_starts, is_old, is_old}, {"clear starts", clear_starts, is_old, is_old},
};

static unsigned n_points, n_told;

/* With the fault at call n; false when it came to its end before that. */
static bool try(unsigned work, long n, int cause)
{
    begin();
    failing_from(n, cause);
    int code = works[work].act();
    bool has_failed = failing_ends();
    state_folder_close(&folder);
    ck_assert_int_eq(state_folder_open(&folder, path, &error), 0);
    struct found found = look();
    ck_assert_msg(code ? works[work].failed(&found) : works[work].done(&found),
                  "%s, call %ld with %s: %s, but session %u with %u groups is there", works[work].name, n, strerror(cause),
                  code ? "failed" : "done", found.number, found.n_groups);
    ck_assert_msg(has_failed || code == 0, "%s fails for no reason: %s", works[work].name, error.text);
    n_points += has_failed;
    n_told += has_failed && code;
    state_folder_close(&folder);
    return has_failed;
}

START_TEST(whatever_call_fails_the_state_of_before_comes_back_or_the_new_one)
{
    static const int causes[] = {EIO, ENOSPC, EINTR, EDQUOT};
    char command[64];
    ck_assert_ptr_nonnull(mkdtemp(path));
    for (unsigned work = 0; work < ROWS(works); work++)
        for (unsigned c = 0; c < ROWS(causes); c++)
            for (long n = 0; try(work, n, causes[c]); n++)
                ck_assert_int_lt((int)n, 1000);
    printf("REL D11 of=state points=%u told=%u torn=0 %s\n", n_points, n_told, n_points >= 200 ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert_uint_ge(n_points, 200);
    snprintf(command, sizeof command, "rm -rf %s", path);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

/* After a write of which nobody knows what has become, nothing is added behind it until a snapshot begins a journal anew. */
START_TEST(behind_a_group_that_failed_none_is_added)
{
    char command[64];
    ck_assert_ptr_nonnull(mkdtemp(path));
    begin();
    failing_from(0, ENOSPC);
    ck_assert_int_ne(add_one(), 0);
    failing_ends();
    ck_assert_int_ne(add_one(), 0);
    ck_assert_int_eq(put(NEW), 0);
    struct found found = look();
    ck_assert(is_new(&found));
    state_folder_close(&folder);
    snprintf(command, sizeof command, "rm -rf %s", path);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {whatever_call_fails_the_state_of_before_comes_back_or_the_new_one,
                                  behind_a_group_that_failed_none_is_added};
    return suite_run("a state folder with faults", 60, tests, ROWS(tests));
}
