/* Long work off the control thread: one worker that runs jobs in order and hands each back.
 *
 *     control                          loader thread
 *     loader_push ----- queue ----->   run
 *     loader_poll <---- finished ---   (loader_fd becomes readable)
 *     done
 *
 * A job is the first member of its maker's own struct. The loader touches nothing else; `run` sees only what the job carries.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "graph/thread.h"

struct loader;

/* One piece of work. Its maker's until it is pushed, and again from the moment `done` is called. */
struct job {
    DAWD_LOAD void (*run)(struct job *job); /* the work; looks at `cancelled` every few ms */
    DAWD_CTL void (*done)(struct job *job); /* called exactly once after each push; owns the job from then on */
    bool must_run;                          /* set by its maker: what was promised is done, also when the loader ends */
    atomic_bool cancelled;                  /* set by job_cancel or loader_free; may come too late to stop anything */
    bool ran;                               /* for done: whether run was called (a job cancelled in the queue is not run) */
    struct job *next;                       /* the loader's own */
};

/* Starts the worker. Null: no memory, thread or descriptor left. */
DAWD_CTL struct loader *loader_new(void);
/* The same for other work: a thread of this name (15 bytes at most) and stack. */
DAWD_CTL struct loader *loader_new_named(const char *name, size_t stack_bytes);
/* Cancels everything, waits for the running job, calls `done` (which must not push now) for all that were pushed, frees.
 * Null is accepted. */
DAWD_CTL void loader_free(struct loader *loader);
/* The same with a bound: false, and nothing is freed or called, when no job has come back for patience_s seconds. */
DAWD_CTL bool loader_free_within(struct loader *loader, unsigned patience_s);

/* Queues a job (takes it until `done`). */
DAWD_CTL void loader_push(struct loader *loader, struct job *job);
/* Asks a job between push and done to end early. */
DAWD_CTL void job_cancel(struct job *job);

/* Readable while finished jobs wait for loader_poll; for poll(), never to be read or closed. */
DAWD_CTL int loader_fd(const struct loader *loader);
/* Calls `done` for each finished job, in the order of their pushes, and returns their number. `done` may push. */
DAWD_CTL unsigned loader_poll(struct loader *loader);
