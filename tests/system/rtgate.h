/* What the gate library (preload_rtgate.c) has seen on the audio thread of the daemon: a file that both sides map, so that
 * a test reads it while the daemon runs.
 *
 * The window is the time between the entry and the return of the daemon's process callback. Counts begin with the very
 * first cycle.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#define RTGATE_SYSCALLS      512 /* numbers of system calls that are told apart; higher ones count as the last */
#define RTGATE_CULPRIT_BYTES 96
#define RTGATE_STACK_MOST    (128u << 10) /* bytes of stack that the audio thread may use; each function may 16 KiB */

enum rtgate_kind {
    RTGATE_ALLOC, /* malloc and its family */
    RTGATE_FREE,
    RTGATE_LOCK, /* mutexes, conditions, semaphores, taken or not */
    RTGATE_SLEEP,
    RTGATE_IO, /* stdio, files, sockets, memory mappings */
    RTGATE_KINDS
};

struct rtgate {
    _Atomic int32_t tid;                        /* of the newest process thread; 0 before its first cycle */
    _Atomic uint32_t threads;                   /* process threads seen: one more for each reconnection to a server */
    _Atomic uint32_t trapping;                  /* of these, threads with the system call filter in place */
    _Atomic uint64_t cycles;                    /* windows closed */
    _Atomic uint64_t calls[RTGATE_KINDS];       /* of forbidden functions inside the window */
    _Atomic uint64_t inside[RTGATE_SYSCALLS];   /* system calls inside the window, futex apart */
    _Atomic uint64_t outside[RTGATE_SYSCALLS];  /* on the same thread between the windows: JACK's own */
    _Atomic int64_t held_bytes;                 /* of malloc and its family, by all threads since the library came */
    _Atomic uint64_t denormal_cycles;           /* windows that ended with denormals not flushed */
    _Atomic uint64_t stack_bytes;               /* the thread's whole stack */
    _Atomic uint64_t stack_used_bytes;          /* the deepest that it has been, libjack's own frames included */
    _Atomic uint32_t accused[RTGATE_KINDS + 1]; /* whether the culprit below is written; the last row: system calls */
    char culprit[RTGATE_KINDS + 1][RTGATE_CULPRIT_BYTES]; /* the first offender: "function from file+0xoffset" */
};
