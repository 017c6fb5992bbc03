/* Inside of transactions and batches: shared by tx.c, batch.c, batch_back.c, ahead.c, ctl.c and device.c, nobody else's
 * business.
 *
 *     transactions   t1   t2   t3        each a list of ops that know the way back, each with its own answer
 *                     \   |   /
 *     batch            change            one plan, one frame; number, retired edges and nodes
 *                         |
 *     engine          ctl_to_rt ... rt_to_ctl
 */
#pragma once

#include "graph/op.h"
#include "graph/transport.h"

/* Bounds what one cycle may have to take in: a transaction holds as many values at most, a batch that has got so many goes
 * at once, and none goes while so many are under way. */
#define VALUES_MAX 4096

/* A transaction: ctl->open, then in the list of a batch until it is answered and freed. */
struct tx {
    struct ctl *ctl;
    struct op *ops; /* in the order of the edits, which is not the order of undoing */
    size_t n_ops, n_capacity;
    uint32_t fade_frames; /* of the edges that it connects or disconnects */
    uint64_t revision;    /* of the model, with it; 0 until committed */
    uint64_t place;       /* in the order of nodes or edges, of the next that is made; 0: behind all others */
    uint64_t arrived_ns;  /* as in struct value_rt */
    struct completion completion;
    struct tx *next;   /* in the batch, by commit */
    uint64_t at_frame; /* of engine time; 0: at once */
    unsigned n_values; /* ops of kind OP_VALUE, OP_ORDER and OP_EVENT */
    unsigned weight;   /* of these: as many as if no node had voices */
    bool is_rehearsal; /* nodes have no objects: it will be rolled back */
    bool is_restore;   /* nodes were there before */
    bool is_exchange;  /* it has cleared the graph: what it connects fades in when that has faded out */
};

/* What control remembers of one change: goes down as `change` and comes back as the same pointer. Until it is back, the
 * change is the audio thread's; everything behind it stays control's. */
struct batch {
    struct change change;    /* first: a change that comes back is its batch */
    struct tx *first, *last; /* oldest first: their answers leave in this order */
    uint64_t number;         /* from 1; a rollback that leaves the open batch empty gives it another one */
    uint64_t device_wish;    /* answers wait until it is fulfilled; 0: none */
    bool returned;           /* the audio thread has taken it; it may still wait for device ports, or behind an older one */
    bool is_freed;           /* what is retired in it has been */
    bool is_ahead;           /* it has a time, and is one of ctl->ahead */
    bool cuts;               /* as SCHEDULE_MOST_CUTS counts */
    struct edge *retired_edges;                 /* linked by fading_next; freed when no plan holds them */
    struct node *retired_nodes;                 /* linked by next */
    struct node_rt *retired_objects;            /* linked by next_retired */
    struct compensation *retired_compensations; /* linked by next */
    struct batch *next;                         /* in ctl->under_way */
    unsigned n_values;                          /* in its transactions, by weight */
};

/* The open batch, made if there is none. Null when memory ran out. Batches come back in the order in which they were
 * sent. */
DAWD_CTL struct batch *batch_open(struct ctl *ctl);
/* Compiles and sends the open batch if there is anything in it. When memory runs out its transactions are rolled back and
 * answered so. */
DAWD_CTL void batch_flush(struct ctl *ctl);
/* Takes what the audio thread gave back, frees, answers. Answers keep the order of the commits: one that waits for device
 * ports keeps the later ones waiting; those with a time come at their time. */
DAWD_CTL void batch_finish_all(struct ctl *ctl);
/* Answers the transactions, in their order, and frees them. */
DAWD_CTL void batch_answer(struct batch *batch, const struct error *error);
/* Answers a batch that will not come back with `cancelled` and frees it with everything that is retired in it. */
DAWD_CTL void batch_cancel(struct batch *batch);
/* Frees a batch whose transactions are answered. */
DAWD_CTL void batch_free(struct batch *batch);

/* Frees lists of edges (linked by fading_next) and nodes (linked by next) that no plan holds any more. */
DAWD_CTL void retired_free(struct edge *edges, struct node *nodes);

/* The same for objects, linked by next_retired. */
DAWD_CTL void retired_objects_free(struct node_rt *objects);
/* Frees some of ctl->leftovers, as many as take no time to speak of. */
DAWD_CTL void leftovers_free_some(struct ctl *ctl);

/* Undoes the steps in reverse; needs no memory and cannot fail. The model is as before, provided that nothing younger is
 * left in it: of several transactions the newest is undone first. */
DAWD_CTL void tx_undo(struct tx *tx);
DAWD_CTL void tx_free(struct tx *tx);
/* Refuses one more value or order of this weight: too_big, or busy. */
DAWD_CTL int tx_check_room(const struct tx *tx, unsigned weight, struct error *error);
/* What a value for a node costs the audio thread: it is set for each voice, but some of these at once are as much as another. */
DAWD_CTL unsigned value_weight(const struct node *node);
/* The next free step, zeroed, or null with *error set. It counts only once n_ops says so. */
DAWD_CTL struct op *tx_op_next(struct tx *tx, struct error *error);
/* Counts the step, which has happened, and tells the listener. */
DAWD_CTL void tx_op_done(struct tx *tx);
/* Takes back the steps from the n-th on: for an operation of several that fails half way. */
DAWD_CTL void tx_undo_to(struct tx *tx, size_t n);
/* Removes a live edge. 0 or internal. */
DAWD_CTL int tx_remove_edge(struct tx *tx, struct edge *edge, struct error *error);
/* What a new edge is like: between ports and channels of nodes that are in the model, its gain, depth, feedback
 * and fade. */
DAWD_CTL int tx_put_edge(struct tx *tx, const struct edge *wanted, struct error *error);
/* The same for what is made after an edge that there is or was, in a place where it closes no loop that was not closed. */
DAWD_CTL int tx_put_edge_like(struct tx *tx, const struct edge *wanted, struct error *error);
/* Whether the widths of both ends can be connected. */
DAWD_ANY bool edge_widths_fit(const struct edge *edge);
/* Calls the completion, once, and frees. */
DAWD_CTL void tx_answer(struct tx *tx, const struct error *error, uint64_t frame);

/* How long a set takes: glide_s seconds, or the parameter's own glide when that is negative; at once where there is nothing
 * between two values. */
DAWD_CTL uint32_t value_glide_frames(const struct ctl *ctl, const struct param_info *info, double glide_s);

/* An event on its way to the object of a node. */
DAWD_CTL struct value_rt play_value(const struct node *node, const struct event *event, uint32_t duration_frames);
/* One that tx_play_event has taken does not go. */
DAWD_CTL void play_taken_back(const struct node *node);

/* Gives the node's device port numbers back. */
DAWD_CTL void device_release(struct model *model, const struct node *node);
/* Tells the driver which ports the model has now; returns the number of the wish, or 0 when there is no device. */
DAWD_CTL uint64_t device_publish(const struct ctl *ctl);
