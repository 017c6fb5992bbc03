/* What `make install` puts down works from there, and `make uninstall` takes all of it away. Run from the top of the
 * source tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/installed.h"

static void start_installed(struct studio *studio)
{
    char program[256], log[128];
    snprintf(program, sizeof program, "%s", installed_path("bin/dawd"));
    snprintf(log, sizeof log, "%s/installed.log", studio->folder);
    const char *argv[] = {program, "--no-jack", "--port", "0", "--socket", studio->socket, "--root", studio->folder, NULL};
    process_start(&studio->dawd, log, argv, NULL);
    for (double end = now_s() + 5; !client_try_unix(&studio->client, studio->socket); pause_s(0.01))
        ck_assert_msg(now_s() < end, "the installed daemon does not listen: %s", process_output(&studio->dawd));
}

START_TEST(the_installed_programs_run_from_their_place)
{
    struct studio *studio = installed_open();
    char command[900];
    start_installed(studio);
    snprintf(command, sizeof command, "%s --socket %s /graph/add gain g && %s --socket %s /graph/list",
             installed_path("bin/dawctl"), studio->socket, installed_path("bin/dawctl"), studio->socket);
    ck_assert(strstr(installed_shell(command), "g gain") != NULL);
    studio_close(studio);
}
END_TEST

/* What bash would show for a line, "|" between. */
static const char *completed(const char *line, struct studio *studio)
{
    char command[1200];
    snprintf(
        command, sizeof command,
        "PATH=%s:$PATH bash -c 'source %sshare/bash-completion/completions/dawctl; COMP_LINE=\"dawctl --socket %s %s\"; "
        "COMP_POINT=${#COMP_LINE}; _dawctl; IFS=\"|\"; echo \"${COMPREPLY[*]}\"'",
        installed_path("bin"), installed_path(""), studio->socket, line);
    return installed_shell(command);
}

START_TEST(bash_completes_what_the_installed_daemon_knows)
{
    struct studio *studio = installed_open();
    char command[900];
    start_installed(studio);
    snprintf(command, sizeof command, "%s --socket %s /graph/add filter deep/lp", installed_path("bin/dawctl"),
             studio->socket);
    installed_shell(command);
    ck_assert_str_eq(completed("/graph/conn", studio), "/graph/connect\n");
    ck_assert_str_eq(completed("/graph/connect deep/lp:o", studio), "out\n");
    ck_assert_str_eq(completed("/graph/connect in deep/lp:cu", studio), "cutoff\n");
    ck_assert_str_eq(completed("/node/de", studio), "/node/deep/lp/\n");
    ck_assert_str_eq(completed("/node/deep/lp/mode h", studio), "highpass\n");
    ck_assert_str_eq(completed("/graph/connect in out ", studio), "gain|depth|feedback\n");
    studio_close(studio);
}
END_TEST

/* What is looked up at its first call would be so on the audio thread: a search through the tables of all libraries. */
START_TEST(the_daemon_knows_where_all_functions_are_before_it_runs)
{
    struct studio *studio = installed_open();
    char command[320];
    snprintf(command, sizeof command, "readelf --dynamic %s", installed_path("bin/dawd"));
    ck_assert_ptr_nonnull(strstr(installed_shell(command), "BIND_NOW"));
    studio_close(studio);
}
END_TEST

START_TEST(the_manual_is_complete_and_every_program_has_its_page)
{
    static const char *const pages[] = {"man1/dawd.1", "man1/dawctl.1", "man5/dawd-session.5", "man7/dawd-osc.7"};
    struct studio *studio = installed_open();
    for (unsigned i = 0; i < ROWS(pages); i++) {
        char path[80];
        snprintf(path, sizeof path, "share/man/%s", pages[i]);
        ck_assert_msg(access(installed_path(path), R_OK) == 0, "%s is missing", pages[i]);
    }
    ck_assert(access(installed_path("share/doc/dawd/osc.md"), R_OK) == 0);
    ck_assert(access(installed_path("share/doc/dawd/nodes.md"), R_OK) == 0);
    ck_assert(access(installed_path("share/doc/dawd/sound/reverb.md"), R_OK) == 0);
    ck_assert(access(installed_path("share/doc/dawd/chains/vocal.dawd"), R_OK) == 0);
    studio_close(studio);
}
END_TEST

START_TEST(the_service_starts_the_installed_daemon)
{
    struct studio *studio = installed_open();
    char command[600];
    snprintf(command, sizeof command, "grep -x 'ExecStart=/usr/bin/dawd --state %%S/dawd/state $DAWD_OPTIONS' %s",
             installed_path("lib/systemd/user/dawd.service"));
    installed_shell(command);
    studio_close(studio);
}
END_TEST

START_TEST(the_user_of_the_services_can_be_made)
{
    struct studio *studio = installed_open();
    const char *root = installed_root();
    char command[700];
    snprintf(command, sizeof command,
             "mkdir %s/etc && systemd-sysusers --root=%s >%s/said 2>&1; grep -c '^dawd:.*:/var/lib/dawd:' %s/etc/passwd",
             root, root, root, root);
    ck_assert_str_eq(installed_shell(command), "1\n");
    studio_close(studio);
}
END_TEST

START_TEST(uninstall_leaves_no_file_behind)
{
    struct studio *studio = installed_open();
    char command[400];
    installed_make("uninstall");
    snprintf(command, sizeof command, "find %s -type f", installed_root());
    ck_assert_str_eq(installed_shell(command), "");
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_installed_programs_run_from_their_place,
        bash_completes_what_the_installed_daemon_knows,
        the_daemon_knows_where_all_functions_are_before_it_runs,
        the_manual_is_complete_and_every_program_has_its_page,
        the_service_starts_the_installed_daemon,
        the_user_of_the_services_can_be_made,
        uninstall_leaves_no_file_behind,
    };
    return suite_run("install", 60, tests, ROWS(tests));
}
