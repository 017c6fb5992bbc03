/* Keeps a layer of the graph free of cycles while edges come and go.
 *
 * The nodes of a layer stand in a list (graph/rank.h) in which edges lead forward. An edge that agrees with the present
 * order costs nothing. One that does not is searched for a way back from both of its ends at once, as in two-way search
 * (B. Haeupler, T. Kavitha, R. Mathew, S. Sen, R. Tarjan, "Incremental cycle detection, topological ordering, and strong
 * component maintenance", ACM TALG 8, 2012), and only the smaller of the two sides moves past the other: a chain that is
 * built against its order costs no more than one built along it. Removing an edge never invalidates the order. Feedback
 * edges are in none.
 */
#pragma once

#include <stddef.h>

#include "graph/model.h"

/* Memory that the searches share. The order itself is in the nodes, as one place per layer. */
struct order {
    struct node **backward, **forward; /* scratch of one search; an all-zero struct is ready for use */
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

/* The shortest way from one node to another along live edges, feedback too: its nodes from `to` back to `from`, *n of them,
 * valid until the next call; a node leads to itself. Null when there is none. Needs order_reserve for all nodes. */
DAWD_CTL const struct node **order_walk(struct order *order, struct node *from, struct node *to, size_t *n);
