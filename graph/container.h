/* Containers on the side of the model: which nodes are inside of one, and what may be. */
#pragma once

#include "graph/tx.h"

/* The live container that a node of this name is inside of: "pad" of "pad/osc" and "pad/lfo/slow". Null: none. */
DAWD_CTL struct node *container_of_name(const struct model *model, const char *name);

/* Whether a node of this class may have this name, inside of `container` (null: of none). unsupported for what cannot be
 * there several times; name_taken for a container whose name others begin with. */
DAWD_CTL int container_check(const struct model *model, const struct node_class *class, const char *name,
                             const struct node *container, struct error *error);

/* Whether these two may be connected, as far as containers are concerned. */
DAWD_CTL int container_check_edge(const struct node *from, const struct node *to, struct error *error);

/* Adds what the class of a new container brings along. As tx_add_node and tx_connect; what has been done by then stays, and
 * the caller takes it back. */
DAWD_CTL int container_fill(struct tx *tx, const struct node *container, struct error *error);
/* Removes all that is inside. As tx_remove_node; likewise. */
DAWD_CTL int container_empty(struct tx *tx, const struct node *container, struct error *error);

/* The name that stands to `name` as that of a node inside stands to its container's. `made` has room for
 * CONTAINER_NAME_BYTES; a name that is too long is cut off, and too long for name_check all the same. */
#define CONTAINER_NAME_BYTES (2 * NAME_BYTES)
DAWD_CTL void container_name_inside(const struct node *node, const char *name, char *made);

/* Connects `copy`, and all in it, as `container` is, whose nodes are there under their names: within, and with `outside` to
 * the same others. As tx_connect; what has been done by then stays. */
DAWD_CTL int container_copy_edges(struct tx *tx, const struct node *container, struct node *copy, bool outside,
                                  struct error *error);

/* Whether a node can get this name, and all that is inside of it theirs. As tx_rename_node. */
DAWD_CTL int container_check_rename(const struct model *model, const struct node *node, const char *name,
                                    struct error *error);
/* Gives a live node and all that is inside of it their names, which are free; needs map_reserve for one of them, or undoes
 * this. */
DAWD_CTL void container_rename(struct model *model, struct node *node, const char *name);
