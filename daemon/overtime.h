/* The end of a cycle that does not end. A real-time thread that computes without a pause takes a whole processor from everybody
 * else, so the kernel is told to interrupt it (RLIMIT_RTTIME), and a new process goes on from the last state.
 *
 *     thread that computes            control
 *     --------------------------------------------------------
 *     SIGXCPU: leaves a note,
 *     wakes control, sleeps    --->   names the node in the log
 *                                     ends the process by SIGXCPU
 *     100 ms later: says what it
 *     knows, and does it itself
 *
 * The limit counts threads with real-time priority alone: the audio thread and its workers, but none that has been refused the
 * priority, nor a cycle in JACK's freewheel mode, which takes it away.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/log.h"
#include "graph/ctl.h"
#include "graph/thread.h"

struct overtime {
    struct log *log; /* borrowed */
    int fd;          /* readable when control should look; -1: closed */
    unsigned limit_ms;
    _Atomic bool is_reached;
};

/* Sets the limit, for the whole process: 200 ms, less where the process was given less. The struct stays where it is until
 * overtime_close; one at a time. Where the limit cannot be set, the log says so and all goes on without. */
DAWD_CTL void overtime_open(struct overtime *overtime, struct log *log);
DAWD_CTL void overtime_close(struct overtime *overtime);

/* A period is computed in one go, so the limit is two of them where that is more than usual. */
DAWD_CTL void overtime_fit(struct overtime *overtime, unsigned period_frames, unsigned rate_hz);

/* When the limit was reached, says so with the node that was running, and does not return. */
DAWD_CTL void overtime_look(struct overtime *overtime, const struct ctl *ctl);
