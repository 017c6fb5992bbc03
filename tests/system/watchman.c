#include "tests/system/watchman.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/process.h"

#define PROGRAMS_MAX   16
#define LOG_LINES      30
#define GOING_S        2.0 /* that a program may take to end by itself */
#define CLIENTS_GONE_S 0.3 /* that a JACK server needs to notice the end of the test's own clients */

static pid_t watchman;
static int speaking = -1; /* our end of its pipe: a positive number has started, a negative has ended, 0: go home */

/* ---- the watchman's own process -------------------------------------------------------------------------------------- */

static void show_log(const char *folder, const char *name)
{
    struct process log = {0};
    snprintf(log.log, sizeof log.log, "%.120s/%.120s", folder, name);
    const char *text = process_output(&log), *from = text + strlen(text);
    for (unsigned lines = 0; from > text && lines <= LOG_LINES; lines += *--from == '\n')
        ;
    fprintf(stderr, "---- the end of %s ----\n%s\n", name, *from == '\n' ? from + 1 : from);
}

static void show_logs(const char *folder)
{
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (strstr(entry->d_name, ".log"))
            show_log(folder, entry->d_name);
    if (directory)
        closedir(directory);
}

static void end_program(pid_t program)
{
    kill(program, SIGTERM);
    for (double end = now_s() + GOING_S; kill(program, 0) == 0; pause_s(0.02)) {
        if (now_s() < end)
            continue;
        kill(program, SIGKILL);
        return;
    }
}

/* The newest first: a JACK server whose clients die while it ends crashes, and stays on JACK's list of servers. */
static void end_programs(const pid_t *programs, unsigned n)
{
    pause_s(CLIENTS_GONE_S);
    while (n > 0)
        end_program(programs[--n]);
}

static unsigned forget(pid_t *programs, unsigned n, pid_t pid)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < n; i++)
        if (programs[i] != pid)
            programs[kept++] = programs[i];
    return kept;
}

static void watch(int listening, const char *folder)
{
    pid_t programs[PROGRAMS_MAX], word;
    unsigned n = 0;
    while (read(listening, &word, sizeof word) == sizeof word) {
        if (word == 0)
            return;
        if (word < 0)
            n = forget(programs, n, -word);
        else if (n < PROGRAMS_MAX)
            programs[n++] = word;
    }
    show_logs(folder);
    end_programs(programs, n);
    char output[64];
    process_run((const char *const[]){"rm", "-rf", folder, NULL}, output, sizeof output);
}

/* ---- the test's side ------------------------------------------------------------------------------------------------- */

static void say(pid_t word)
{
    if (speaking >= 0 && write(speaking, &word, sizeof word) != sizeof word)
        rig_fail("the watchman of the test has gone");
}

static void part(void)
{
    close(speaking);
    speaking = -1;
    waitpid(watchman, NULL, 0);
}

void watchman_start(const char *folder)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        rig_fail("no pipe left");
    watchman = fork();
    if (watchman < 0)
        rig_fail("cannot fork");
    if (watchman == 0) {
        setsid(); /* a test that takes too long is killed with its whole process group */
        close(ends[1]);
        watch(ends[0], folder);
        _exit(0);
    }
    close(ends[0]);
    speaking = ends[1];
}

void watchman_started(pid_t pid)
{
    say(pid);
}

void watchman_ended(pid_t pid)
{
    say(-pid);
}

void watchman_dismiss(void)
{
    say(0);
    part();
}

void watchman_alarm(void)
{
    part();
}
