/* What has changed since when: what tells clients of changes asks here and looks at nothing else.
 *
 *     set, undo, session ──▶ node_set_base ───▶ stamp of that row = the next number
 *                                          └──▶ the node moves to the newest end of a list
 *
 *     oldest [ a: 3 ] [ c: 17 ] [ b: 41 ] newest        all that changed after 17: walk back from the newest while > 17
 *
 * Numbers count through all changes of a model. A look costs as much as there are nodes that changed, however many there are
 * and whoever looks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/note.h"

struct model;
struct node;

/* What a node has besides its parameters and can be told like a value: a row of its stamps, behind those. The first is set like
 * one too (node_bypass). */
enum node_fact { NODE_BYPASS, NODE_LABEL, N_NODE_FACTS };

/* Of one row of a node's parameters. All-zero: as it was when the node was made. */
struct stamp {
    uint64_t number;    /* of its newest change */
    uint64_t set;       /* of the newest that somebody made; the tempo moves what follows it */
    uint64_t by;        /* who made it: stamps.by of then */
    uint64_t set_ns;    /* when: stamps.now_ns of then */
    uint64_t shared_ns; /* until then it counts as set by several */
    bool is_known;      /* `by` knows what it has become, since no other has set it lately */
    bool is_norm;       /* it was given as a place from 0 to 1 */
};

/* Of a model. */
struct stamps {
    struct node *first, *last; /* live nodes, by the newest of their changes */
    uint64_t n;                /* changes ever: the newest number */
    uint64_t n_names;          /* nodes that got or lost a name, ever */
    /* Kept by whoever calls: who is setting values at this moment, if it is somebody who need not be told of them. */
    uint64_t by;     /* 0: nobody in particular */
    bool is_norm;    /* as a place from 0 to 1 */
    uint64_t now_ns; /* by any clock that goes on */
};

/* Gives a row its value, and the note value that this follows; it is a change if either was another one. */
DAWD_CTL void node_set_base(struct model *model, struct node *node, unsigned row, const struct base *base);
/* The tempo has brought a row that follows a note value to another number. */
DAWD_CTL void node_follow_base(struct model *model, struct node *node, unsigned row, float value);
/* Takes a change back that nobody has looked at yet. */
DAWD_CTL void node_restore_base(struct node *node, unsigned row, const struct base *base, const struct stamp *stamp);

/* One of the facts has become another. */
DAWD_CTL void stamp_fact(struct model *model, struct node *node, enum node_fact fact);

/* All rows of a node that has got its name: it begins to be seen. */
DAWD_CTL void stamp_appear(struct model *model, struct node *node);
/* The node loses its name. */
DAWD_CTL void stamp_vanish(struct model *model, struct node *node);
/* Moves the node to the newest end for a change that is kept elsewhere, and returns its number. */
DAWD_CTL uint64_t stamp_next(struct model *model, struct node *node);

/* The oldest of the nodes that have changed after `number`, or null. */
DAWD_CTL struct node *stamp_after(const struct model *model, uint64_t number);
