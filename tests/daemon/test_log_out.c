/* The journal's end of the log, with a journal that is a socket of the test. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "tests/suite.h"

/* A log that writes into a pipe which the environment calls the journal's. */
struct rig {
    char folder[64], path[80], stream[64];
    int fds[2], journal;
    struct log *log;
    char text[65536];
};

static struct rig rig;

static void journal_begin(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", rig.path);
    unlink(rig.path);
    rig.journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(rig.journal, (struct sockaddr *)&at, sizeof at), 0);
}

static void setup(void)
{
    struct stat stat;
    rig = (struct rig){.folder = "/tmp/dawd-journal-XXXXXX", .journal = -1};
    ck_assert_ptr_nonnull(mkdtemp(rig.folder));
    snprintf(rig.path, sizeof rig.path, "%s/socket", rig.folder);
    ck_assert_int_eq(pipe2(rig.fds, O_NONBLOCK | O_CLOEXEC), 0);
    ck_assert_int_eq(fstat(rig.fds[1], &stat), 0);
    snprintf(rig.stream, sizeof rig.stream, "%llu:%llu", (unsigned long long)stat.st_dev, (unsigned long long)stat.st_ino);
    rig.log = log_new(rig.fds[1], LOG_INFO);
}

static void teardown(void)
{
    log_free(rig.log);
    close(rig.fds[0]);
    close(rig.fds[1]);
    if (rig.journal >= 0)
        close(rig.journal);
    unlink(rig.path);
    rmdir(rig.folder);
}

/* The next entry of the journal, or what has come on stderr; "" when there is none. */
static const char *take(int fd)
{
    ssize_t n = read(fd, rig.text, sizeof rig.text - 1);
    rig.text[n > 0 ? n : 0] = '\0';
    return rig.text;
}

START_TEST(where_stderr_is_the_journal_lines_become_entries_with_fields)
{
    journal_begin();
    ck_assert(log_use_journal(rig.log, rig.stream, rig.path));
    log_put(rig.log, LOG_WARNING, "the disk is %s", "slow");
    ck_assert_str_eq(take(rig.journal), "PRIORITY=4\nSYSLOG_IDENTIFIER=dawd\nMESSAGE=the disk is slow\n");
    log_put_about(rig.log, LOG_ERROR, &(struct log_about){"fault", "lp"}, "lp is silent");
    ck_assert_str_eq(take(rig.journal), "PRIORITY=3\nSYSLOG_IDENTIFIER=dawd\nMESSAGE=lp is silent\n"
                                        "DAWD_KIND=fault\nDAWD_NODE=lp\n");
    log_put_about(rig.log, LOG_INFO, &(struct log_about){"session", NULL}, "opened");
    ck_assert_str_eq(take(rig.journal), "PRIORITY=6\nSYSLOG_IDENTIFIER=dawd\nMESSAGE=opened\nDAWD_KIND=session\n");
    ck_assert_str_eq(take(rig.fds[0]), "");
}
END_TEST

START_TEST(where_it_is_not_they_are_lines_on_stderr)
{
    static const char *const streams[] = {NULL, "", "7", "8:1", "no:number"};
    journal_begin();
    for (unsigned i = 0; i < sizeof streams / sizeof streams[0]; i++)
        ck_assert(!log_use_journal(rig.log, streams[i], rig.path));
    log_put_about(rig.log, LOG_WARNING, &(struct log_about){"fault", "lp"}, "lp is silent");
    ck_assert_str_eq(take(rig.fds[0]), "dawd: warning: lp is silent\n");
    ck_assert_str_eq(take(rig.journal), "");
}
END_TEST

START_TEST(a_journal_that_cannot_be_reached_reads_the_level_from_stderr_and_is_found_again)
{
    ck_assert(log_use_journal(rig.log, rig.stream, rig.path));
    log_put(rig.log, LOG_WARNING, "nobody listens");
    ck_assert_str_eq(take(rig.fds[0]), "<4>nobody listens\n");
    journal_begin();
    log_put(rig.log, LOG_INFO, "somebody does");
    ck_assert_ptr_nonnull(strstr(take(rig.journal), "MESSAGE=somebody does\n"));
    close(rig.journal);
    log_put(rig.log, LOG_ERROR, "not any more");
    ck_assert_str_eq(take(rig.fds[0]), "<3>not any more\n");
    journal_begin(); /* another one at the same place */
    log_put(rig.log, LOG_INFO, "again");
    ck_assert_ptr_nonnull(strstr(take(rig.journal), "MESSAGE=again\n"));
}
END_TEST

START_TEST(nobody_forges_a_field)
{
    journal_begin();
    ck_assert(log_use_journal(rig.log, rig.stream, rig.path));
    log_put_about(rig.log, LOG_INFO, &(struct log_about){"a\nPRIORITY=0", "b\n_UID=0\n"}, "c\nMESSAGE=%s", "d\nPRIORITY=1");
    ck_assert_str_eq(take(rig.journal), "PRIORITY=6\nSYSLOG_IDENTIFIER=dawd\nMESSAGE=c?MESSAGE=d?PRIORITY=1\n"
                                        "DAWD_KIND=a?PRIORITY=0\nDAWD_NODE=b?_UID=0?\n");
}
END_TEST

/* A writer of its own, for the log's limit on lines would not fill anything. */
START_TEST(a_journal_that_does_not_read_holds_nobody_up_and_what_is_missing_is_counted)
{
    struct log_out out;
    char text[600];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    journal_begin();
    log_out_init(&out, rig.fds[1]);
    ck_assert(log_out_to_journal(&out, rig.stream, rig.path));
    for (unsigned i = 0; i < 2000; i++) /* more than socket and pipe hold */
        log_out_say(&out, 6, "info", NULL, text);
    unsigned n_entries = 0, n_bytes = 0, n_missing = 0;
    while (*take(rig.journal))
        n_entries++;
    for (const char *said; *(said = take(rig.fds[0]));)
        n_bytes += (unsigned)strlen(said);
    ck_assert_uint_gt(n_entries, 0);
    log_out_say(&out, 6, "info", NULL, "at last");
    ck_assert_int_eq(sscanf(strstr(take(rig.journal), "MESSAGE="), "MESSAGE=%u lines are missing", &n_missing), 1);
    ck_assert_uint_eq(n_missing, 2000 - n_entries - n_bytes / (unsigned)(strlen(text) + strlen("<6>\n")));
    ck_assert_ptr_nonnull(strstr(take(rig.journal), "MESSAGE=at last\n"));
    log_out_deinit(&out);
}
END_TEST

START_TEST(a_kind_of_its_own_is_limited_by_itself)
{
    journal_begin();
    ck_assert(log_use_journal(rig.log, rig.stream, rig.path));
    for (unsigned i = 0; i < 100; i++)
        log_put_about(rig.log, LOG_WARNING, &(struct log_about){"request", NULL}, "%s", i % 2 ? "one" : "other");
    log_put_about(rig.log, LOG_WARNING, &(struct log_about){"fault", "lp"}, "%s", "lp is silent");
    unsigned n = 0;
    bool is_told = false;
    while (*take(rig.journal)) {
        n++;
        is_told |= strstr(rig.text, "DAWD_NODE=lp\n") != NULL;
    }
    ck_assert_uint_le(n, LOG_KIND_LINES + 1);
    ck_assert(is_told);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("journal");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, where_stderr_is_the_journal_lines_become_entries_with_fields);
    tcase_add_test(tcase, where_it_is_not_they_are_lines_on_stderr);
    tcase_add_test(tcase, a_journal_that_cannot_be_reached_reads_the_level_from_stderr_and_is_found_again);
    tcase_add_test(tcase, nobody_forges_a_field);
    tcase_add_test(tcase, a_journal_that_does_not_read_holds_nobody_up_and_what_is_missing_is_counted);
    tcase_add_test(tcase, a_kind_of_its_own_is_limited_by_itself);
    return suite_run_case("log_out", tcase);
}
