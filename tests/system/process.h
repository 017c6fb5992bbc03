/* A child program of a system test: jackd, dawd, dawctl, oscsend.
 *
 * All waiting is bounded; what goes wrong on the test's own side ends the test with a sentence. A child that is left behind
 * is ended by the watchman (watchman.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROCESS_LOG_BYTES 65536

struct process {
    pid_t pid;     /* 0: not running, or already waited for */
    int status;    /* exit status, or 128 + signal; valid once it has been waited for */
    char log[256]; /* file that takes its standard output and error */
};

/* Starts argv[0] (looked up in PATH; null at the end) with `environment` ("NAME=value", null at the end; may itself be
 * null) added to the test's own, and its output appended to `log`. */
void process_start(struct process *process, const char *log, const char *const *argv, const char *const *environment);

/* True when it has ended, within the time: `status` is then filled. */
bool process_wait(struct process *process, double timeout_s);

/* Asks with SIGTERM, then insists with SIGKILL after two seconds. Nothing when it is not running. */
void process_stop(struct process *process);

/* True as soon as the log holds `text`, false after the time. */
bool process_says(const struct process *process, const char *text, double timeout_s);

/* The whole log, at most its last PROCESS_LOG_BYTES; a buffer of the module, valid until the next call. */
const char *process_output(const struct process *process);

/* Runs a program to its end (10 s at most) and returns its exit status, with what it printed in `output`. */
int process_run(const char *const *argv, char *output, size_t output_bytes);

/* Seconds on the monotonic clock, and a pause. */
double now_s(void);
void pause_s(double seconds);

/* Ends the test program with a sentence about the test's own surroundings. */
_Noreturn __attribute__((format(printf, 1, 2))) void rig_fail(const char *format, ...);
