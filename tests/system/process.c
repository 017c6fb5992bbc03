#include "tests/system/process.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/watchman.h"

double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void pause_s(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&t, NULL);
}

void rig_fail(const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ck_abort_msg("%s", text);
    abort();
}

/* In the child: no allocation, no return. */
static _Noreturn void become(const char *log, const char *const *argv, const char *const *environment)
{
    setpgid(0, 0);
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    for (int fd = 3; fd < 256; fd++)
        close(fd);
    for (; environment && *environment; environment++)
        putenv((char *)*environment);
    execvp(argv[0], (char *const *)argv);
    dprintf(2, "cannot run %s\n", argv[0]);
    _exit(127);
}

void process_start(struct process *process, const char *log, const char *const *argv, const char *const *environment)
{
    *process = (struct process){0};
    snprintf(process->log, sizeof process->log, "%s", log);
    process->pid = fork();
    if (process->pid < 0)
        rig_fail("cannot fork for %s", argv[0]);
    if (process->pid == 0)
        become(process->log, argv, environment);
    watchman_started(process->pid);
}

bool process_wait(struct process *process, double timeout_s)
{
    double end = now_s() + timeout_s;
    for (int status; process->pid; pause_s(0.005)) {
        if (waitpid(process->pid, &status, WNOHANG) == process->pid) {
            process->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            watchman_ended(process->pid);
            process->pid = 0;
        } else if (now_s() > end) {
            return false;
        }
    }
    return true;
}

void process_stop(struct process *process)
{
    if (!process->pid)
        return;
    kill(process->pid, SIGTERM);
    if (process_wait(process, 2))
        return;
    kill(process->pid, SIGKILL);
    process_wait(process, 2);
}

const char *process_output(const struct process *process)
{
    static char text[PROCESS_LOG_BYTES + 1];
    text[0] = '\0';
    FILE *file = fopen(process->log, "r");
    if (!file)
        return text;
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fseek(file, size > PROCESS_LOG_BYTES ? size - PROCESS_LOG_BYTES : 0, SEEK_SET);
    text[fread(text, 1, PROCESS_LOG_BYTES, file)] = '\0';
    fclose(file);
    return text;
}

bool process_says(const struct process *process, const char *text, double timeout_s)
{
    for (double end = now_s() + timeout_s;; pause_s(0.01)) {
        if (strstr(process_output(process), text))
            return true;
        if (now_s() > end)
            return false;
    }
}

int process_run(const char *const *argv, char *output, size_t output_bytes)
{
    char log[64] = "/tmp/dawd-run-XXXXXX";
    int fd = mkstemp(log);
    if (fd < 0)
        rig_fail("cannot make a temporary file in /tmp");
    close(fd);
    struct process process;
    process_start(&process, log, argv, NULL);
    bool ended = process_wait(&process, 10);
    snprintf(output, output_bytes, "%s", process_output(&process));
    unlink(log);
    if (!ended) {
        process_stop(&process);
        rig_fail("%s did not end within 10 s; it said: %s", argv[0], output);
    }
    return process.status;
}
