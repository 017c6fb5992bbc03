/* The test's end of the gate library: the shared file it writes, the environment a daemon needs for it, and what the kernel
 * itself says about the audio thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tests/system/rtgate.h"
#include "tests/system/studio.h"

struct gate {
    struct rtgate *seen; /* live */
    char path[128];
    char preload[600], result[160], mutant[64]; /* "NAME=value" */
    const char *environment[4];                 /* of the daemon: for struct studio_options */
};

/* Starts the studio's daemon under the gate and waits for its first cycles. `mutant` is "KIND@SITE", or null for none. The
 * gate must outlive the daemon. */
void gate_open(struct gate *gate, struct studio *studio, const char *mutant);
void gate_close(struct gate *gate);

/* A moment in the life of the audio thread. */
struct gate_moment {
    uint64_t cycles;
    long switches; /* voluntary context switches */
    long minor_faults, major_faults;
};

struct gate_moment gate_moment(const struct gate *gate, const struct studio *studio);

/* System calls other than futex, inside and outside the window. */
uint64_t gate_syscalls(const struct gate *gate);
/* Whether the kernel schedules the thread as SCHED_FIFO. */
bool gate_is_fifo(const struct gate *gate, const struct studio *studio);
/* Prints the first offender of each kind, if any. */
void gate_accuse(const struct gate *gate);
