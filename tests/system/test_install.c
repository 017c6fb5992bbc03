/* What `make install` puts down works from there, and `make uninstall` takes all of it away. Run from the top of the
 * source tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/system/studio.h"
#include "tests/system/suite.h"

#define OUTPUT_BYTES 32768
#define SYSTEM_MOST  2.0
#define USER_MOST    4.0 /* a user's manager has neither capabilities to drop nor namespaces of its own */

static char output[OUTPUT_BYTES];
static char destination[128], prefix_path[160];

/* Runs a shell command, which must succeed; returns what it printed. */
static const char *shell(const char *command)
{
    int status = process_run((const char *const[]){"sh", "-c", command, NULL}, output, sizeof output);
    ck_assert_msg(status == 0, "%s: %d: %s", command, status, output);
    return output;
}

static void make_target(const char *target)
{
    char command[512];
    snprintf(command, sizeof command, "make -s %s DESTDIR=%s PREFIX=/usr 2>&1", target, destination);
    shell(command);
}

static struct studio *open_installed(void)
{
    struct studio *studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true});
    snprintf(destination, sizeof destination, "%s/root", studio->folder);
    snprintf(prefix_path, sizeof prefix_path, "%s/usr", destination);
    make_target("install");
    return studio;
}

static const char *installed(const char *path)
{
    static char whole[256];
    snprintf(whole, sizeof whole, "%s/%s", prefix_path, path);
    return whole;
}

static void start_installed(struct studio *studio)
{
    char program[256], log[128];
    snprintf(program, sizeof program, "%s", installed("bin/dawd"));
    snprintf(log, sizeof log, "%s/installed.log", studio->folder);
    const char *argv[] = {program, "--no-jack", "--port", "0", "--socket", studio->socket, "--root", studio->folder, NULL};
    process_start(&studio->dawd, log, argv, NULL);
    for (double end = now_s() + 5; !client_try_unix(&studio->client, studio->socket); pause_s(0.01))
        ck_assert_msg(now_s() < end, "the installed daemon does not listen: %s", process_output(&studio->dawd));
}

START_TEST(the_installed_programs_run_from_their_place)
{
    struct studio *studio = open_installed();
    char command[900];
    start_installed(studio);
    snprintf(command, sizeof command, "%s --socket %s /graph/add gain g && %s --socket %s /graph/list",
             installed("bin/dawctl"), studio->socket, installed("bin/dawctl"), studio->socket);
    ck_assert(strstr(shell(command), "g gain") != NULL);
    studio_close(studio);
}
END_TEST

/* What bash would show for a line, "|" between. */
static const char *completed(const char *line, struct studio *studio)
{
    char command[1200];
    snprintf(
        command, sizeof command,
        "PATH=%s:$PATH bash -c 'source %s/share/bash-completion/completions/dawctl; COMP_LINE=\"dawctl --socket %s %s\"; "
        "COMP_POINT=${#COMP_LINE}; _dawctl; IFS=\"|\"; echo \"${COMPREPLY[*]}\"'",
        installed("bin"), prefix_path, studio->socket, line);
    return shell(command);
}

START_TEST(bash_completes_what_the_installed_daemon_knows)
{
    struct studio *studio = open_installed();
    char command[900];
    start_installed(studio);
    snprintf(command, sizeof command, "%s --socket %s /graph/add filter deep/lp", installed("bin/dawctl"), studio->socket);
    shell(command);
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
    struct studio *studio = open_installed();
    char command[320];
    snprintf(command, sizeof command, "readelf --dynamic %s", installed("bin/dawd"));
    ck_assert_msg(strstr(shell(command), "BIND_NOW"), "%s", output);
    studio_close(studio);
}
END_TEST

START_TEST(the_manual_is_complete_and_every_program_has_its_page)
{
    static const char *const pages[] = {"man1/dawd.1", "man1/dawctl.1", "man5/dawd-session.5", "man7/dawd-osc.7"};
    struct studio *studio = open_installed();
    for (unsigned i = 0; i < ROWS(pages); i++) {
        char path[80];
        snprintf(path, sizeof path, "share/man/%s", pages[i]);
        ck_assert_msg(access(installed(path), R_OK) == 0, "%s is missing", pages[i]);
    }
    ck_assert(access(installed("share/doc/dawd/osc.md"), R_OK) == 0);
    ck_assert(access(installed("share/doc/dawd/nodes.md"), R_OK) == 0);
    studio_close(studio);
}
END_TEST

START_TEST(the_service_starts_the_installed_daemon)
{
    struct studio *studio = open_installed();
    char command[600];
    snprintf(command, sizeof command, "grep -x 'ExecStart=/usr/bin/dawd $DAWD_OPTIONS' %s",
             installed("lib/systemd/user/dawd.service"));
    shell(command);
    studio_close(studio);
}
END_TEST

/* What a command prints that finds the installed files in their places: over those of this machine. */
static const char *in_place(const char *command)
{
    char whole[1200];
    snprintf(whole, sizeof whole,
             "unshare -m%s sh -c 'mount -t overlay overlay -o lowerdir=%s:/usr /usr && export XDG_RUNTIME_DIR=/tmp && (%s) "
             "2>&1'",
             geteuid() ? "r" : "", prefix_path, command);
    return shell(whole);
}

/* What `systemd-analyze` makes of a unit, from 0 to 10. */
static double exposure(const char *unit)
{
    char command[300];
    double exposure = 10;
    snprintf(command, sizeof command, "systemd-analyze security --offline=true --no-pager %s | tail -n 1", unit);
    const char *at = strstr(in_place(command), ".service: ");
    ck_assert_msg(at && sscanf(at, ".service: %lf", &exposure) == 1, "%s: %s", unit, output);
    return exposure;
}

/* The unit of a user, and with it in words what its manager cannot but give: a user who is not root, without capabilities. */
static double exposure_of_a_user(const struct studio *studio)
{
    char command[512];
    snprintf(command, sizeof command, "sed '/^UMask/a User=somebody\\nCapabilityBoundingSet=' %s >%s/user.service",
             installed("lib/systemd/user/dawd.service"), studio->folder);
    shell(command);
    snprintf(command, sizeof command, "%s/user.service", studio->folder);
    return exposure(command);
}

START_TEST(the_services_are_hardly_exposed_and_systemd_has_nothing_to_say_about_them)
{
    struct studio *studio = open_installed();
    const char *said = in_place("systemd-analyze verify --man=no dawd.service jackd.service; "
                                "systemd-analyze verify --user --man=no dawd.service");
    bool is_clean = *said == '\0';
    if (!is_clean)
        printf("%s\n", said);
    double system = exposure("dawd.service"), user = exposure_of_a_user(studio);
    bool fine = is_clean && system <= SYSTEM_MOST && user <= USER_MOST;
    printf("REL S1 exposure_system=%.1f exposure_user=%.1f verify=%s %s\n", system, user, is_clean ? "clean" : "complains",
           fine ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(fine);
    studio_close(studio);
}
END_TEST

/* Files are opened by openat2(), which these take away: seen under a running systemd, told by no tool. */
START_TEST(no_service_forbids_what_files_are_opened_with)
{
    struct studio *studio = open_installed();
    ck_assert_str_eq(in_place("grep -lE \"^(RestrictSUIDSGID|DynamicUser)=\" /usr/lib/systemd/*/dawd.service || true"), "");
    ck_assert_ptr_nonnull(strstr(in_place("systemd-analyze syscall-filter @system-service @file-system"), "openat2"));
    studio_close(studio);
}
END_TEST

START_TEST(the_user_of_the_services_can_be_made)
{
    struct studio *studio = open_installed();
    char command[700];
    snprintf(command, sizeof command,
             "mkdir %s/etc && systemd-sysusers --root=%s >%s/said 2>&1; grep -c '^dawd:.*:/var/lib/dawd:' %s/etc/passwd",
             destination, destination, destination, destination);
    ck_assert_str_eq(shell(command), "1\n");
    studio_close(studio);
}
END_TEST

START_TEST(uninstall_leaves_no_file_behind)
{
    struct studio *studio = open_installed();
    char command[400];
    make_target("uninstall");
    snprintf(command, sizeof command, "find %s -type f", destination);
    ck_assert_str_eq(shell(command), "");
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
        the_services_are_hardly_exposed_and_systemd_has_nothing_to_say_about_them,
        no_service_forbids_what_files_are_opened_with,
        the_user_of_the_services_can_be_made,
        uninstall_leaves_no_file_behind,
    };
    return suite_run("install", 60, tests, ROWS(tests));
}
