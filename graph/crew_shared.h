/* The crew: the audio thread and some workers, who run the tasks of a plan at the same time.
 *
 *     audio     call ── drain ── round: run, run, … ▶ wait for the last ── round … ── end
 *                │                   │  ▲
 *                │ (futex, if one sleeps) ▼  │ what a task has made ready
 *     worker    wakes, spins ───── run, run, … spins ────────────────────────────── spins ── sleeps
 *
 * A round is a block. Tasks that wait for nobody are dealt out in equal shares, the same in every round, so that a track stays
 * in the cache of one processor; who has finished a share helps the others. What becomes ready later is run by the thread that
 * made it so, and what that cannot run itself stands in a queue. Which thread runs what differs from block to block; what a
 * task reads does not, so the sound has the same bits.
 *
 * Everything is claimed by moving on a word in which the number of the round stands: whoever comes late, with what it read in
 * an older round, fails to claim anything and has touched nothing but the crew. So a plan may be freed as soon as a later
 * one runs. What a worker has claimed the audio thread has to wait for, and it counts when that takes long.
 *
 * Waking costs the audio thread some 10 us, and workers come some 40 us late: a period is only shared when it has work enough.
 */
#pragma once

#include "graph/step_rt.h"
#include "graph/watch_shared.h"

#define CREW_TASKS_MAX 4095 /* a plan with more is run by one thread */
#define CREW_MOST      16   /* threads, the audio thread among them */

/* The number of the round stands in the upper 40 bits of all that is claimed, which lasts for a hundred years of blocks; below
 * it a place of the queue or a task, or two places of 12 bits. */
#define CREW_ROUND_SHIFT 24
#define CREW_PLACE_BITS  12

/* Work of a cycle, as if by one thread, above which it is shared, and below which it is not any more. */
#define CREW_ON_NS  150000.0
#define CREW_OFF_NS 110000.0

struct engine_rt;

/* One thread. But for the share they are its own during a round, and the audio thread's in between. */
struct crew_member {
    _Alignas(64) _Atomic uint64_t share; /* of plan->task_first: round, end, the next to be claimed */
    _Alignas(64) uint64_t busy_ns;       /* in tasks of this cycle */
    struct watch_note longest;           /* of them */
};

/* Made by control before a driver runs, and freed after it. */
struct crew {
    unsigned n_threads; /* 2..CREW_MOST */
    double on_ns, off_ns;
    DAWD_RT void (*wake)(void *self); /* wakes everyone who waits for `call` to change */
    void *self;
    /* This round. */
    struct moment moment;    /* what its tasks run on */
    _Atomic bool has_faults; /* steps have some to tell of */
    _Atomic bool has_heard;  /* likewise: what was played */
    uint64_t round;          /* the audio thread's; 0: there has been none */
    uint32_t n_tasks;
    _Alignas(64) _Atomic uint64_t head; /* of the queue: round, place that is claimed next */
    _Alignas(64) _Atomic uint32_t tail; /* of the queue: places filled, or about to be */
    _Alignas(64) _Atomic uint32_t done; /* tasks */
    /* Who sleeps. */
    _Alignas(64) _Atomic uint32_t call; /* changes when workers are wanted */
    _Atomic uint32_t n_asleep;
    /* The audio thread's own. */
    double work_ns; /* of a cycle, lately */
    uint64_t from_ns;
    bool is_shared; /* this cycle */
    /* For anyone. */
    _Atomic uint64_t n_shared; /* cycles */
    _Atomic uint64_t n_late;   /* rounds whose last task let the audio thread wait for long */

    struct crew_member members[CREW_MOST];      /* the first is the audio thread */
    _Atomic uint64_t ready[CREW_TASKS_MAX + 1]; /* the queue: round, task; the last place stays empty */
};
