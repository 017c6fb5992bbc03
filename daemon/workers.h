/* The worker threads: who runs tasks beside the audio thread (graph/crew_shared.h).
 *
 * They sleep in a futex; waking them is the only system call that the audio thread ever makes, and none where there are no
 * workers. Their stacks are small and locked with the rest of the memory.
 */
#pragma once

#include "daemon/jack_driver.h"
#include "graph/crew_rt.h"
#include "graph/ctl.h"
#include "graph/thread.h"

struct workers;

/* Starts n_threads - 1 of them, 2..CREW_MOST threads in all. Null: no memory or thread left. */
DAWD_CTL struct workers *workers_new(unsigned n_threads);
/* Ends them, and leaves the engine to one thread; no driver runs it any more. Null is accepted. */
DAWD_CTL void workers_free(struct workers *workers);

/* Starts what n_threads ask for (1: nothing, *workers is null) and makes it the engine's, whose plans are made for it from now
 * on: before the first node, and before a driver runs. 0; bad_value for more than there are processors: threads that spin would keep
 * each other from running; internal. */
DAWD_CTL int workers_join(struct workers **workers, struct ctl *ctl, unsigned n_threads, struct error *error);

/* What they share; borrowed as long as the workers live. */
DAWD_CTL struct crew *workers_crew(struct workers *workers);

/* Gives all of them the real-time priority that JACK's audio thread has now, or none where it has none: a less urgent worker is
 * one that the audio thread waits for. Says so in the log where it is refused. Null is accepted. */
DAWD_CTL void workers_rank(struct workers *workers, struct jack_driver *jack, struct log *log);
