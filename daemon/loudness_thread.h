/* The thread that measures loudness, for all meters.
 *
 *     control    listen, release (a lock for a few pointers)
 *     audio      nothing: it wakes nobody
 *     loudness   every 20 ms while there is a meter: a turn for each; asleep otherwise
 *
 * What control has released the thread frees, at its next turn: nobody ever waits for it.
 */
#pragma once

#include "daemon/log.h"
#include "daemon/loudness_measure.h"

#define LOUDNESS_BYTES_MAX ((size_t)512 << 20) /* of all meters: some 800 of two channels at 48 kHz */

struct loudness_thread;

/* Starts it; keeps the log, which may be null. Null: no memory or thread left. */
DAWD_CTL struct loudness_thread *loudness_thread_new(struct log *log, size_t bytes_max);
/* All nodes are gone. Ends the thread, frees. Null is accepted. */
DAWD_CTL void loudness_thread_free(struct loudness_thread *thread);

/* The service for the graph, which borrows the thread. */
DAWD_CTL struct loudness_service loudness_thread_service(struct loudness_thread *thread);
