/* Keeping what is committed: from the journal in memory to the state folder, off the control thread.
 *
 *     control   journal (osc/journal.h) --every 250 ms, if there is something--> job: groups, or a snapshot
 *     thread    dawd-state              writes, waits for the disk, comes back
 *     control   whoever waits for it is answered; the next job
 *
 * One job at a time. While the disk stands still the journal grows to its bound, and becomes a snapshot. After a failure
 * nothing is known of the file, so the next job is a snapshot too, and is tried once a second.
 */
#pragma once

#include "daemon/loader.h"
#include "daemon/log.h"
#include "daemon/state_folder.h"
#include "graph/host.h"
#include "osc/journal.h"

/* Somebody who waits for what was committed until then. */
struct state_wait {
    uint64_t job; /* number of the one that has it */
    void (*done)(void *user, const struct error *error);
    void *user;
    struct state_wait *next;
};

struct state {
    struct state_folder folder;
    struct log *log;
    struct server *server; /* null: nothing is written down yet */
    struct loader *worker;
    struct journal journal;
    struct state_wait *waits; /* oldest first */
    struct host_kept kept;    /* as it is told */
    char *started;            /* what the command line named, or what it named before; null */
    uint64_t started_hash;    /* of what that held */
    /* Of the newest snapshot. */
    uint64_t identity;    /* of its session */
    size_t journal_bytes; /* behind it */
    int64_t snapshot_ms;
    /* The way to the disk. */
    uint64_t n_jobs, n_done; /* ever */
    int64_t next_ms;         /* before which none is made */
    bool has_failed;
    bool is_used;       /* something was done since the start */
    int64_t settled_ms; /* when the start counts as a good one; 0: it does */
};

/* Opens and locks the folder. 0, or as state_folder_open, with nothing to undo. */
DAWD_CTL int state_open(struct state *state, const char *path, struct log *log, struct error *error);
/* Writes down what is done from now on: behind a group or snapshot with this sum, n bytes into the journal that is open; or
 * behind a snapshot that is still to be taken, where none is. 0, or internal. */
DAWD_CTL int state_follow(struct state *state, struct server *server, uint64_t sum, size_t n, struct error *error);
/* To be called in each turn of control's wheel. */
DAWD_CTL void state_tick(struct state *state);
/* Readable when state_tick has something to do; -1 before state_follow. */
DAWD_CTL int state_fd(const struct state *state);
/* Writes nothing more down; the last of it is on its way to the disk. A good end. */
DAWD_CTL void state_end(struct state *state);
/* Waits until it is there, closes, answers who still waits. False, and nothing is closed, when the disk has not answered for so
 * long. */
DAWD_CTL bool state_close(struct state *state, unsigned patience_s);

/* As in struct host. */
DAWD_CTL int state_keep(struct state *state, void (*done)(void *user, const struct error *error), void *user,
                        struct error *error);
DAWD_CTL void state_kept(const struct state *state, struct host_kept *kept);
