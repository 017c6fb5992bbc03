/* What the operating system lets us have: a real-time audio thread and memory that stays in memory.
 *
 * JACK says neither: when it is refused, it prints a line and goes on without. So both are looked at from outside, and a
 * refusal is explained by its cause.
 */
#pragma once

#include <jack/jack.h>
#include <stdbool.h>

#include "daemon/jack_causes.h"
#include "graph/thread.h"

struct jack_rights {
    bool realtime;
    bool memory_locked;
    int priority;                          /* of the audio thread, where it is real-time */
    char realtime_cause[JACK_CAUSE_BYTES]; /* why not; empty when it is */
    char memory_cause[JACK_CAUSE_BYTES];
};

/* What the kernel goes by when it refuses a real-time priority. */
struct jack_rights_facts {
    unsigned limit;    /* RLIMIT_RTPRIO */
    bool is_exempt;    /* CAP_SYS_NICE: the limit does not count */
    bool has_filter;   /* of system calls (seccomp) */
    bool has_no_share; /* the control group is known to have no real-time share */
};

/* Locks all memory that the process has, its pages fetched now, and all that it will get, as it is first touched (what the
 * audio thread uses is touched when it is made; stacks and what a hostile file only claims cost nothing that way). Refused
 * unless the limit is infinite (or does not count): with a finite one later allocations would fail at the limit. JACK itself
 * only locks its shared segment. To be called with the client open and not yet active. */
DAWD_JACK void jack_rights_lock_memory(struct jack_rights *rights);

/* Looks how the client's audio thread is scheduled. To be called after its first cycle: it gets its priority by then. */
DAWD_JACK void jack_rights_check_realtime(struct jack_rights *rights, jack_client_t *client);

/* Writes into `cause` (JACK_CAUSE_BYTES) why the priority was refused with this errno value: to this process, */
DAWD_ANY void jack_rights_refused(unsigned priority, int code, char *cause);
/* or to one of which these facts hold. */
DAWD_ANY void jack_rights_explain(const struct jack_rights_facts *facts, unsigned priority, int code, char *cause);
