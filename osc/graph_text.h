/* The graph as text: the commands that build it, and a drawing. */
#pragma once

#include "graph/model.h"
#include "osc/bytes.h"

/* Appends the line that adds the node with every value that is not the default; for a node that always exists, a line per
 * such value. */
DAWD_CTL void graph_text_node(const struct node *node, struct bytes *text);
/* Appends a line per live connection out of the node. */
DAWD_CTL void graph_text_edges(const struct node *node, struct bytes *text);
/* Appends all nodes, then all connections, oldest first: text form, one command per line. */
DAWD_CTL void graph_text_osc(const struct model *model, struct bytes *text);
/* Appends a graph in Graphviz's language: nodes with type and moved values, modulation dashed. */
DAWD_CTL void graph_text_dot(const struct model *model, struct bytes *text);
