/* One step of the history: what a transaction did, written down so that it can be done the other way round, and once more.
 *
 *     op                       back                              forth
 *     node added               /graph/remove lp                  /graph/add filter lp cutoff 800.0      and its place
 *     edge removed             /graph/connect a:out lp:in        /graph/disconnect a:out lp:in
 *     value set                /node/lp/cutoff 500.0             /node/lp/cutoff 800.0
 *
 * Nothing in it points into the graph: nodes are known by the names that they had when it happened, and have again when the
 * steps behind it are undone. What has a place in an order gets its old number back, so that undone is as if it had never
 * been done, to the last byte of a session.
 */
#pragma once

#include "graph/op.h"
#include "osc/bytes.h"
#include "osc/peer.h"

struct call;

/* One op of it. */
struct record {
    size_t op; /* its index in the transaction */
    enum { RECORD_LINES, RECORD_VALUE, RECORD_MARK, RECORD_CABLES } kind;
    size_t name;                               /* in the step's text, of the node: RECORD_VALUE, RECORD_CABLES */
    size_t back, forth;                        /* in the step's text: lines; wishes; RECORD_VALUE: forth names the row */
    uint64_t back_place, forth_place;          /* RECORD_LINES: number in its order of what they make; 0: none */
    unsigned n_back, n_forth;                  /* RECORD_CABLES: how many wishes */
    bool is_source;                            /* RECORD_CABLES: of an output node */
    unsigned row;                              /* RECORD_VALUE */
    struct base before, after;                 /* RECORD_VALUE */
    struct tempo_mark mark_before, mark_after; /* RECORD_MARK */
};

struct undo_step {
    /* What it does. */
    struct record *records; /* in the order in which it happened */
    size_t n_records, n_capacity;
    struct bytes text;
    char *label; /* as the client named it; null: it did not */
    /* When it was done. */
    uint64_t number;   /* counts those of a session */
    uint64_t revision; /* of the graph, with it */
    uint64_t at_ns;    /* the newest of its edits, by the engine's clock */
    /* Of one that can grow: sets of one value by one client. */
    bool is_value;
    uint64_t node; /* its sequence */
    struct peer client;
};

DAWD_CTL void undo_step_free(struct undo_step *step);
/* Forgets what it does, keeping its memory. */
DAWD_CTL void undo_step_clear(struct undo_step *step);

/* Writes down the i-th op of a transaction, in the place of whatever was written down from the i-th on. False when memory ran
 * out; the step is of no use then. */
DAWD_CTL bool undo_step_note(struct undo_step *step, size_t i, const struct op *op);
/* The same for a value that is set by itself. */
DAWD_CTL bool undo_step_note_value(struct undo_step *step, size_t i, const struct node *node, unsigned row,
                                   const struct base *before, const struct base *after);

/* Stages all of it on call->tx, which restores. 0, or why it cannot be done; files that are missing are noted in the request. */
DAWD_CTL int undo_step_stage(struct call *call, const struct undo_step *step, bool is_back);

/* Appends it as lines of the language, in the order in which they are to be done. They say nothing of places in
 * orders. */
DAWD_CTL void undo_step_print(const struct undo_step *step, bool is_back, struct bytes *text);
/* What it is called: its label, or its first line. Writes n bytes at most, with the terminator. */
DAWD_CTL void undo_step_name(const struct undo_step *step, char *name, size_t n);

/* Memory that it takes. */
DAWD_CTL size_t undo_step_bytes(const struct undo_step *step);
