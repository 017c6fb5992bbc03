/* What is done, made ready to be kept on a disk: groups of lines, or a snapshot when they would not do.
 *
 *     transactions --> history --> committed      lines of the step + all values that have changed: one group
 *     values                                      at the next look, the newest of each: one group
 *                                                      |
 *                          journal_take <------- [ pending: whole groups, in the form of the file ]
 *
 * The state behind each group is what the session was at some moment, never a mixture. What cannot be told by lines (another
 * session, no memory, too much at a time) asks for a snapshot instead, and until that is taken nothing is written down.
 */
#pragma once

#include "osc/history.h"
#include "osc/journal_text.h"
#include "osc/snapshot.h"

struct server;

struct journal {
    struct step_listener listener;
    struct server *server;
    struct bytes lines;   /* of the group that is being made */
    struct bytes pending; /* groups */
    unsigned n_pending;   /* how many */
    uint64_t sum;         /* of the last group; of the snapshot, where there was none since */
    struct journal_seen seen;
    bool needs_snapshot;
};

/* Writes down what is done from now on, behind a group or a snapshot with this sum: what the session is now. The struct stays
 * where it is. */
DAWD_CTL void journal_open(struct journal *journal, struct server *server, uint64_t sum);
/* Writes nothing more down. */
DAWD_CTL void journal_close(struct journal *journal);

/* Looks for values that have changed. True when there is something to be kept, groups or a snapshot. */
DAWD_CTL bool journal_look(struct journal *journal);
/* Moves the groups behind those in *file. */
DAWD_CTL void journal_take(struct journal *journal, struct bytes *file);
/* Takes a snapshot and goes on from it: groups that are pending are in it. As snapshot_take; *file is its text. */
DAWD_CTL int journal_take_snapshot(struct journal *journal, struct snapshot *snapshot, struct bytes *file,
                                   const char *started, uint64_t hash, struct error *error);
