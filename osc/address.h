/* Which addresses beneath /node/ are taken. */
#pragma once

#include "graph/model.h"

/* Whether the way to a name is none that was mistyped: nothing is named like its first part, or has a name that begins with it, but a
 * container nearly is. 0, or no_such_node, which asks. */
DAWD_CTL int address_check_way(const struct model *model, const char *name, struct error *error);

/* Whether a node of this class may have this name: /node/a/gain must mean one thing only, so no node may take the address of
 * another one's value. `self`: name of the node that is to be replaced or renamed, or `name`. 0; bad_value for a name that
 * ends in what every node has; name_taken. */
DAWD_CTL int address_check_free(const struct model *model, const struct node_class *class, const char *name,
                                const char *self, struct error *error);
