/* What was done, and what of it was undone: the steps of a session.
 *
 *     oldest [ 1 ] [ 2 ] [ 3 ] | [ 4 ] [ 5 ] newest        | n_done: /undo takes 3, /redo takes 4, an edit forgets 4 and 5
 *
 * Every transaction that edits is a step, and so is what one client does to one value within a second. An undo is a
 * transaction like any other. The history listens to the transactions themselves (graph/op.h), so nothing that edits can
 * forget to tell it. It holds a bounded number of steps and bytes, and forgets the oldest first.
 */
#pragma once

#include "graph/host.h"
#include "osc/undo_step.h"

/* The steps of one session. An all-zero struct is none. */
struct past {
    struct undo_step **steps; /* oldest first; their numbers follow one another */
    size_t n, n_capacity;
    size_t n_done; /* of them; those behind were undone */
    size_t n_bytes;
    uint64_t n_ever; /* number of the newest */
    uint64_t sealed; /* of the newest step that values no longer add to, nor to any before it */
};

/* What a transaction has done to the history, until it cannot be taken back any more. */
struct entry {
    enum { ENTRY_NOTHING, ENTRY_ADDED, ENTRY_GREW, ENTRY_MOVED, ENTRY_OPENED } kind;
    uint64_t number;           /* of the step that it added, or that grew */
    struct base before;        /* ENTRY_GREW: the value that it had set until then */
    long moved;                /* ENTRY_MOVED: steps redone, or undone where negative */
    struct past before_opened; /* ENTRY_OPENED */
};

/* Who keeps what is done, beside the history, and takes its lines from it. No function may touch the engine. */
struct step_listener {
    void *self;
    /* A transaction is committed that does this, its values among the rest; an undo and a redo too. Null: it makes another
     * session, or memory ran out for its lines. The step is borrowed for the call. */
    DAWD_CTL void (*committed)(void *self, const struct undo_step *step);
    /* One that was committed has not happened after all. */
    DAWD_CTL void (*taken_back)(void *self);
};

struct history {
    struct edit_listener listener;
    const struct step_listener *keeper; /* null: nobody */
    const struct ctl *ctl;
    const struct host *host;
    /* What is being run; all-zero between requests. */
    struct peer client;
    const uint8_t *packet; /* borrowed */
    size_t n_packet;
    size_t steps_max, bytes_max; /* of the past */
    struct past past;
    /* The open transaction. */
    struct undo_step *open; /* what it has done so far; null: nothing */
    char *label;            /* of it; or null */
    bool has_failed;        /* memory ran out */
    bool is_off;            /* it is not written down */
    bool opens;             /* it makes another session */
    long moved;             /* as in struct entry */
    /* Those that may be taken back, oldest first. */
    struct entry *entries;
    size_t n_entries, n_entries_capacity;
    bool has_lost_entries; /* memory ran out for one */
};

/* Listens to the engine's transactions from now on, and is told no more once the engine is gone. The struct stays where it
 * is. */
DAWD_CTL void history_init(struct history *history, struct ctl *ctl, const struct host *host);
DAWD_CTL void history_deinit(struct history *history);

/* Who asks, and for what, from now on: what is done meanwhile is told by the packet's text (borrowed), and is the client's.
 * A null packet: nobody asks any more. */
DAWD_CTL void history_asked(struct history *history, const struct peer *client, const uint8_t *packet, size_t n);

/* Of the open transaction: its name (copied; what memory has no room for is left out); that it makes another session, whose
 * history begins with it. */
DAWD_CTL void history_label(struct history *history, const char *label);
DAWD_CTL void history_open_session(struct history *history);

/* Stages undo of the newest n steps on call->tx, or redo of the oldest n undone ones. 0, no_match when there is none, range
 * when there are fewer, or why it cannot be done; files that are missing are noted in the request. */
DAWD_CTL int history_stage(struct history *history, struct call *call, int64_t n, bool is_back);
