/* Inside of transactions and batches: shared by tx.c, batch.c, ctl.c and device.c, nobody else's business.
 *
 *     transactions   t1   t2   t3        each a list of ops that know the way back, each with its own answer
 *                     \   |   /
 *     batch            change            one plan, one frame; number, retired edges and nodes
 *                         |
 *     engine          ctl_to_rt ... rt_to_ctl
 */
#pragma once

#include "graph/transport.h"

/* Those up to OP_EDGE_SET need a plan; all but the last two make a revision. */
enum op_kind {
    OP_NODE_ADD,
    OP_NODE_REMOVE,
    OP_EDGE_ADD,
    OP_EDGE_REMOVE,
    OP_EDGE_SET, /* gain and depth of a live edge */
    OP_MARK,     /* of tempo or signature */
    OP_VALUE,
    OP_ORDER, /* to the transport */
};

/* One step of a transaction, with what it takes to go back. Which fields mean something is up to the kind. It is written
 * down when the model is edited, so an op that exists has happened. */
struct op {
    enum op_kind kind;
    struct node *node;
    struct edge *edge;
    /* OP_EDGE_ADD brings back an edge that still fades, or makes one. */
    bool made; /* the edge was not in the lists before */
    /* OP_VALUE, in the unit of the parameter. */
    unsigned row;
    float value, old_value;
    struct stamp old_stamp;
    uint32_t glide_frames;
    /* Operations on edges: how it was. */
    float old_gain_db, old_depth;
    uint32_t old_fade_frames;
    uint64_t old_sequence; /* OP_EDGE_ADD of one that still fades */
    union {
        struct tempo_mark old_mark; /* OP_MARK: what was at its place */
        struct transport_order order;
    };
};

/* A transaction: ctl->open, then in the list of a batch until it is answered and freed. */
/* Bounds what one cycle may have to take in: a transaction holds as many values at most, a batch that has got so many goes
 * at once, and none goes while so many are under way. */
#define VALUES_MAX 4096

struct tx {
    struct ctl *ctl;
    struct op *ops; /* in the order of the edits, which is not the order of undoing */
    size_t n_ops, n_capacity;
    uint32_t fade_frames; /* of the edges that it connects or disconnects */
    uint64_t revision;    /* of the model, with it; 0 until committed */
    uint64_t arrived_ns;  /* as in struct value_rt */
    struct completion completion;
    struct tx *next;   /* in the batch, by commit */
    unsigned n_values; /* ops of kind OP_VALUE and OP_ORDER */
    bool is_rehearsal; /* nodes have no objects: it will be rolled back */
    bool is_restore;   /* nodes were there before */
};

/* What control remembers of one change: goes down as `change` and comes back as the same pointer. Until it is back, the
 * change is the audio thread's; everything behind it stays control's. */
struct batch {
    struct change change;    /* first: a change that comes back is its batch */
    struct tx *first, *last; /* oldest first: their answers leave in this order */
    uint64_t number;         /* from 1; a rollback that leaves the open batch empty gives it another one */
    uint64_t device_wish;    /* answers wait until it is fulfilled; 0: none */
    bool returned;           /* the audio thread has taken it; it may still wait for device ports, or behind an older one */
    struct edge *retired_edges; /* linked by fading_next; freed when no plan holds them */
    struct node *retired_nodes; /* linked by next */
    struct batch *next;         /* in ctl->under_way */
    unsigned n_values;          /* in its transactions */
};

/* The open batch, made if there is none. Null when memory ran out. Batches come back in the order in which they were
 * sent. */
DAWD_CTL struct batch *batch_open(struct ctl *ctl);
/* Compiles and sends the open batch if there is anything in it. When memory runs out its transactions are rolled back and
 * answered so. */
DAWD_CTL void batch_flush(struct ctl *ctl);
/* Takes what the audio thread gave back, frees, answers. Answers keep the order of the commits: one that waits for device
 * ports keeps the later ones waiting. */
DAWD_CTL void batch_finish_all(struct ctl *ctl);
/* Answers a batch that will not come back with `cancelled` and frees it with everything that is retired in it. */
DAWD_CTL void batch_cancel(struct batch *batch);
/* Frees a batch whose transactions are answered. */
DAWD_CTL void batch_free(struct batch *batch);

/* Frees lists of edges (linked by fading_next) and nodes (linked by next) that no plan holds any more. */
DAWD_CTL void retired_free(struct edge *edges, struct node *nodes);

/* Undoes the steps in reverse; needs no memory and cannot fail. The model is as before, provided that nothing younger is
 * left in it: of several transactions the newest is undone first. */
DAWD_CTL void tx_undo(struct tx *tx);
DAWD_CTL void tx_free(struct tx *tx);
/* Refuses one more value or order: too_big, or busy. */
DAWD_CTL int tx_check_room(const struct tx *tx, struct error *error);
/* The next free step, zeroed, or null with *error set. It counts only once n_ops says so. */
DAWD_CTL struct op *tx_op_next(struct tx *tx, struct error *error);
/* Removes a live edge. 0 or internal. */
DAWD_CTL int tx_remove_edge(struct tx *tx, struct edge *edge, struct error *error);
/* Calls the completion, once, and frees. */
DAWD_CTL void tx_answer(struct tx *tx, const struct error *error, uint64_t frame);

/* How long a set takes: glide_s seconds, or the parameter's own glide when that is negative; at once where there is nothing
 * between two values. */
DAWD_CTL uint32_t value_glide_frames(const struct ctl *ctl, const struct param_info *info, double glide_s);

/* Gives the node's device port numbers back. */
DAWD_CTL void device_release(struct model *model, const struct node *node);
/* Tells the driver which ports the model has now; returns the number of the wish, or 0 when there is no device. */
DAWD_CTL uint64_t device_publish(const struct ctl *ctl);
