/* Keeps a layer of the graph free of cycles while edges come and go.
 *
 * The dynamic topological sort of Pearce and Kelly ("A dynamic topological sort algorithm for directed acyclic graphs",
 * ACM JEA 11, 2006): an edge that agrees with the present order costs nothing; one that does not reorders only the nodes
 * between its ends. Removing an edge never invalidates the order.
 */
#pragma once

#include <stddef.h>

#include "graph/model.h"

/* Memory that the searches share. The order itself is in the nodes, as one number per layer. */
struct order {
    struct node **nodes; /* scratch of one search; an all-zero struct is ready for use */
    uint64_t *numbers;
    size_t n_capacity;
};

/* Makes room for a search over n_nodes. 0, or ERROR_INTERNAL when memory ran out. */
DAWD_CTL int order_reserve(struct order *order, size_t n_nodes);
DAWD_CTL void order_deinit(struct order *order);

/* Arranges the layer so that an edge from -> to agrees with it; the edge itself is not marked. Needs order_reserve for
 * all nodes of the model; cannot fail otherwise. False when `to` already leads to `from`, or is it: the order is as
 * before. */
DAWD_CTL bool order_admit(struct order *order, enum layer layer, struct node *from, struct node *to);

/* Right after a refusal: writes the loop that the edge would have closed, "from -> to -> … -> from", cut at `bytes`. */
DAWD_CTL void order_path(const struct node *from, const struct node *to, char *text, size_t bytes);
