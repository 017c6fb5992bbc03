/* dawd --check: what it finds before anything is started. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

#define ARGUMENTS_MOST 12

static char output[16384];

/* Runs it with these arguments (null at the end) and further ones for its surroundings; returns its exit status. */
static int check(const struct studio *studio, const char *const *arguments)
{
    char program[1024], port[16];
    snprintf(program, sizeof program, "%s", studio_build(NULL, "dawd"));
    snprintf(port, sizeof port, "%u", studio->port);
    const char *argv[8 + ARGUMENTS_MOST] = {program, "--check", "--port", port, "--socket", studio->socket};
    for (unsigned n = 6; *arguments; arguments++)
        argv[n++] = *arguments;
    return process_run(argv, output, sizeof output);
}

static struct studio *open_files(void)
{
    static const char session[] = "# dawd session 1\n/graph/add gain g\n# end\n";
    static const char wrong[] = "# dawd session 1\n/graph/add gian g\n# end\n";
    struct studio *studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true});
    studio_write(studio, "song.dawd", session, sizeof session - 1);
    studio_write(studio, "wrong.dawd", wrong, sizeof wrong - 1);
    studio_write(studio, "token", "0123456789abcdef0123\n", 21);
    return studio;
}

static const char *in_folder(const struct studio *studio, const char *name)
{
    static char path[2][160];
    static unsigned turn;
    char *text = path[turn++ % 2];
    snprintf(text, sizeof path[0], "%s/%s", studio->folder, name);
    return text;
}

START_TEST(what_is_there_is_found_and_nothing_is_left_behind)
{
    struct studio *studio = open_files();
    const char *token = in_folder(studio, "token");
    chmod(token, 0600);
    const char *arguments[] = {"--root", studio->folder, "--token-file", token, in_folder(studio, "song.dawd"), NULL};
    ck_assert_msg(check(studio, arguments) == 0, "%s", output);
    ck_assert_ptr_nonnull(strstr(output, "ok       session "));
    ck_assert_ptr_nonnull(strstr(output, "ok       token "));
    ck_assert_ptr_nonnull(strstr(output, "0 errors, "));
    ck_assert_int_ne(access(studio->socket, F_OK), 0);
    studio_close(studio);
}
END_TEST

START_TEST(what_no_daemon_would_start_with_is_an_error)
{
    struct studio *studio = open_files();
    chmod(in_folder(studio, "token"), 0644);
    static const struct {
        const char *option, *file, *said;
    } rows[] = {
        {"--root", "nowhere", "must be a folder that exists"},
        {"--token-file", "token", "others may use it"},
        {"--root", "song.dawd", "must be a folder"},
        {NULL, "wrong.dawd", "line 2, "},
        {NULL, "missing.dawd", "missing.dawd"},
    };
    for (unsigned i = 0; i < ROWS(rows); i++) {
        const char *file = in_folder(studio, rows[i].file);
        ck_assert_int_eq(check(studio, rows[i].option ? (const char *const[]){rows[i].option, file, NULL}
                                                      : (const char *const[]){file, NULL}),
                         1);
        const char *error = strstr(output, "error    ");
        ck_assert_msg(error && strstr(error, rows[i].said), "%s: %s", rows[i].file, output);
    }
    studio_close(studio);
}
END_TEST

/* As somebody who has neither the limits nor what makes up for them. */
START_TEST(limits_that_keep_the_audio_thread_from_being_in_time_are_a_warning)
{
    struct studio *studio = open_files();
    char command[1400];
    snprintf(command, sizeof command,
             "exec prlimit --rtprio=0 --memlock=65536 %s %s --check --port 0 --socket '' --root %s",
             geteuid() ? "" : "setpriv --bounding-set -sys_nice,-ipc_lock", studio_build(NULL, "dawd"), studio->folder);
    ck_assert_int_eq(process_run((const char *const[]){"sh", "-c", command, NULL}, output, sizeof output), 0);
    ck_assert_msg(strstr(output, "warning  no real-time priority: the limit RLIMIT_RTPRIO is 0") != NULL, "%s", output);
    ck_assert_msg(strstr(output, "warning  memory is not locked: the limit RLIMIT_MEMLOCK is 64 KiB") != NULL, "%s",
                  output);
    studio_close(studio);
}
END_TEST

START_TEST(a_daemon_that_runs_already_is_a_warning_and_goes_on)
{
    struct studio *studio = open_files();
    const char *daemon[] = {"--no-jack", NULL};
    studio->options.arguments = daemon;
    studio_start_daemon(studio);
    ck_assert_int_eq(check(studio, (const char *const[]){"--no-jack", "--root", studio->folder, NULL}), 0);
    ck_assert_msg(strstr(output, "0 errors, 1 warnings") != NULL, "%s", output);
    client_do(&studio->client, "/ping");
    ck_assert_int_eq(access(studio->socket, F_OK), 0);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        what_is_there_is_found_and_nothing_is_left_behind,
        what_no_daemon_would_start_with_is_an_error,
        limits_that_keep_the_audio_thread_from_being_in_time_are_a_warning,
        a_daemon_that_runs_already_is_a_warning_and_goes_on,
    };
    return suite_run("check", 30, tests, ROWS(tests));
}
