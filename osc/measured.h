/* What is measured of nodes, readings and levels, looked at on behalf of all who subscribed to it.
 *
 *     a pass meets a node ──measured_want──▶ node->watched: the rows that somebody wants, and what they were last
 *     measured_poll       ──▶ all nodes with such rows: another value than last time is a change like any other
 *
 * So nodes that nobody watches cost nothing, and many who watch the same cost one look.
 */
#pragma once

#include "graph/model.h"
#include "osc/level.h"

struct ctl;
struct sub;
struct subs;
struct writer;

enum measured_kind {
    MEASURED_READING,
    MEASURED_NOTES, /* that are on (osc/notes_on.h) */
    MEASURED_LEVEL, /* with all its channels */
};

struct measured_row {
    uint64_t number; /* of its newest change; 0: nothing is known of it yet */
    enum measured_kind kind;
    unsigned row;       /* of the readings, or n of level_address */
    struct level level; /* where it is one */
    uint64_t hash;      /* of the notes */
    unsigned n_values;
    float values[PORT_CHANNELS_MAX];
};

/* Of a node: behind node->watched. */
struct measured_node {
    uint64_t ready_frame; /* of engine time, by which levels are known */
    unsigned n_rows;
    struct measured_row rows[];
};

/* All of a server. The pointers are good as long as no node got or lost a name, which `n_names` tells. */
struct measured {
    struct node **nodes; /* with rows that somebody wants; owned */
    size_t n, capacity;
    uint64_t n_names;   /* stamps.n_names of then */
    size_t n_unchecked; /* nodes whose rows may have lost the last who wanted them, at the end of the list */
};

/* Writes the address of a row behind the n bytes of `address`, which hold "/node/NAME/". */
DAWD_CTL void measured_address(const struct node *node, const struct measured_row *row, char *address, size_t n,
                               size_t bytes);
DAWD_CTL void measured_write(struct writer *results, const struct node *node, const struct measured_row *row);

/* Notes which rows of the node the subscription wants; without memory, none. */
DAWD_CTL void measured_want(struct measured *measured, const struct ctl *ctl, struct node *node, const struct sub *sub);
/* Looks at all rows, and drops, some nodes at a time, what nobody wants any more. */
DAWD_CTL void measured_poll(struct subs *subs, struct ctl *ctl);
/* A subscription has ended. */
DAWD_CTL void measured_recheck(struct measured *measured);
DAWD_CTL void measured_deinit(struct measured *measured);
