/* What `make install` puts down works from there, and `make uninstall` takes all of it away. Run from the top of the
 * source tree. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/system/studio.h"
#include "tests/system/suite.h"

#define OUTPUT_BYTES 16384

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

static bool has_systemd(void)
{
    return system("command -v systemd-analyze >/dev/null") == 0;
}

/* Puts a unit into the studio's folder with programs that exist: those below the temporary folder. */
static void unit_copy(const struct studio *studio, const char *unit)
{
    char command[512];
    snprintf(command, sizeof command, "sed 's|@bindir@|%s/bin|' scripts/systemd/%s >%s/$(basename %s)", prefix_path, unit,
             studio->folder, unit);
    shell(command);
}

START_TEST(systemd_finds_nothing_to_say_about_the_service)
{
    if (!has_systemd())
        return;
    struct studio *studio = open_installed();
    char command[512];
    unit_copy(studio, "dawd.service");
    snprintf(command, sizeof command, "XDG_RUNTIME_DIR=%s systemd-analyze verify --user --man=no %s/dawd.service 2>&1",
             studio->folder, studio->folder);
    ck_assert_str_eq(shell(command), "");
    studio_close(studio);
}
END_TEST

START_TEST(the_service_of_a_machine_is_hardly_exposed)
{
    if (!has_systemd())
        return;
    struct studio *studio = open_installed();
    char command[512];
    double exposure = 10;
    unit_copy(studio, "system/dawd.service");
    unit_copy(studio, "system/jackd.service");
    snprintf(command, sizeof command, "systemd-analyze verify --man=no %s/dawd.service 2>&1", studio->folder);
    ck_assert_str_eq(shell(command), "");
    snprintf(command, sizeof command, "systemd-analyze security --offline=true %s/dawd.service | tail -n 1",
             studio->folder);
    const char *at = strstr(shell(command), "dawd.service: ");
    ck_assert_msg(at && sscanf(at, "dawd.service: %lf", &exposure) == 1, "%s", output);
    bool fine = exposure <= 2.0;
    printf("REL S1 exposure=%.1f verify=clean %s\n", exposure, fine ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(fine);
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
        systemd_finds_nothing_to_say_about_the_service,
        the_service_of_a_machine_is_hardly_exposed,
        uninstall_leaves_no_file_behind,
    };
    return suite_run("install", 60, tests, ROWS(tests));
}
