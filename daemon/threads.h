/* Starting the daemon's own threads, all in one way.
 *
 * Locked memory makes every byte of every stack resident, so each thread says how much it needs. The signals that end or
 * steer the daemon stay with the main thread; those that report a fault, a limit or a forbidden system call stay open
 * everywhere, also in the threads that libraries start from ours.
 */
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"

#define THREADS_STACK_BYTES       ((size_t)256 << 10)  /* enough for all of our own code */
#define THREADS_STACK_CODEC_BYTES ((size_t)1024 << 10) /* decoders keep whole blocks on the stack (Vorbis) */

/* Starts run(argument) on a new, joinable thread. `name` is what ps shows: at most 15 bytes. 0, or an errno value. */
DAWD_ANY int threads_start(pthread_t *thread, const char *name, size_t stack_bytes, void *(*run)(void *), void *argument);

/* A condition whose waits end by CLOCK_MONOTONIC. */
DAWD_ANY void threads_condition_init(pthread_cond_t *condition);
/* Waits until one of those is told, for so many ns at most. */
DAWD_ANY void threads_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t most_ns);
