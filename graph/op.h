/* What edits are made of: the steps of a transaction, and who is told of them.
 *
 *     tx_add_node, tx_connect, …  ──▶ the model is edited, an op says how to go back ──▶ noted
 *     tx_commit / tx_rollback                                                        ──▶ committed / dropped
 *     memory runs out for the plan of what was committed                             ──▶ taken_back
 */
#pragma once

#include "graph/model.h"
#include "graph/transport_shared.h"

/* Those up to OP_EDGE_SET need a plan; all but the last three make a revision. */
enum op_kind {
    OP_NODE_ADD,
    OP_NODE_REMOVE,
    OP_EDGE_ADD,
    OP_EDGE_REMOVE,
    OP_NODE_COMPENSATE,
    OP_EDGE_SET, /* gain and depth of a live edge */
    OP_NODE_RENAME,
    OP_LABEL,
    OP_CABLE,
    OP_MAPPING,
    OP_MARK, /* of tempo or signature */
    OP_SYNC, /* whom the transport follows */
    OP_VALUE,
    OP_ORDER, /* to the transport */
    OP_EVENT, /* for a node: a note, a controller */
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
    struct base base, old_base;
    struct stamp old_stamp;
    uint32_t glide_frames;
    /* Operations on edges: how it was. */
    float old_gain_db, old_depth;
    uint32_t old_fade_frames, old_wait_frames;
    uint64_t old_sequence;         /* OP_EDGE_ADD of one that still fades */
    struct cables *old_cables;     /* OP_CABLE: owned */
    struct mappings *old_mappings; /* OP_MAPPING: owned; null: there were none */
    char *old_name;                /* OP_NODE_RENAME, OP_LABEL (null: it had none): owned */
    bool old_flag;                 /* OP_NODE_COMPENSATE: whether it was opted out */
    union {
        struct {
            struct tempo_mark old_mark, new_mark; /* OP_MARK: what was at its place, and what is */
        };
        struct {
            struct sync old_sync, new_sync; /* OP_SYNC */
        };
        struct transport_order order;
        struct {
            struct event event; /* OP_EVENT */
            uint32_t duration_frames;
        };
    };
};

/* Who is told of each transaction that the engine has taken in, after its completion; ctl->applied_listener, or null. The nodes
 * and edges of its ops may have gone since. */
struct applied_listener {
    void *self;
    DAWD_CTL void (*applied)(void *self, const struct op *ops, size_t n, uint64_t frame, uint64_t revision);
};

/* Who keeps a record of all edits, so that they can be told or taken back later; ctl->edits, or null. No function may touch
 * the engine; what an op points to is borrowed for the call. */
struct edit_listener {
    void *self;
    /* The open transaction has made its i-th step (from 0); a step that it took back by itself is followed by another i-th,
     * or by none. Not of transactions that can only be rolled back. */
    DAWD_CTL void (*noted)(void *self, size_t i, const struct op *op);
    /* The open transaction ends with n steps; its edits make this revision. is_first: none before it can be taken back any
     * more. */
    DAWD_CTL void (*committed)(void *self, size_t n, uint64_t revision, bool is_first);
    DAWD_CTL void (*dropped)(void *self); /* rolled back */
    /* The newest transaction that was committed, and not told of so yet, has not happened after all. */
    DAWD_CTL void (*taken_back)(void *self);
    /* A value is set outside of any transaction. */
    DAWD_CTL void (*valued)(void *self, const struct node *node, unsigned row, const struct base *before,
                            const struct base *after);
};
