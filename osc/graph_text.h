/* The graph as text: the commands that build it, and a drawing. */
#pragma once

#include "graph/cable.h"
#include "graph/mapping.h"
#include "graph/model.h"
#include "osc/bytes.h"

/* Appends the line that adds the node with every value that is not the default, and not transient; for a node that always
 * exists, a line per such value. */
DAWD_CTL void graph_text_node(const struct node *node, struct bytes *text);
/* Appends the line that gives the node a label; null: that takes it away. */
DAWD_CTL void graph_text_label(const struct node *node, const char *label, struct bytes *text);
/* Appends a line per live connection out of the node. */
DAWD_CTL void graph_text_edges(const struct node *node, struct bytes *text);
/* Appends the line that makes one connection, or that takes it away. */
DAWD_CTL void graph_text_edge(const struct edge *edge, struct bytes *text);
DAWD_CTL void graph_text_disconnect(const struct edge *edge, struct bytes *text);
/* Appends the line that wishes for a connection outside, of an output node (is_source) or of an input node. */
DAWD_CTL void graph_text_cable(const char *node, bool is_source, const struct cable *cable, struct bytes *text);
/* Appends the line that maps a controller to a parameter of the node, or that takes the mapping away. */
DAWD_CTL void graph_text_mapping(const struct node *node, const struct mapping *mapping, struct bytes *text);
DAWD_CTL void graph_text_unmap(const struct node *node, const struct mapping *mapping, struct bytes *text);
/* The words of enum mapping_mode that follow "relative", by mode; of the first "", of the second "pickup". */
extern const char *const graph_text_mapping_modes[N_MAPPING_MODES];
/* Appends what a mark says, a line each; of one that says nothing, the line that takes it away. */
DAWD_CTL void graph_text_mark(const struct tempo_mark *mark, struct bytes *text);
/* Appends a line per tempo and signature that is not the default. */
DAWD_CTL void graph_text_tempo(const struct tempo_list *list, struct bytes *text);
/* Appends tempo and signatures, all nodes, then all connections, oldest first: text form, one command per line. Run in this order they build a
 * graph of the same text, whose sums are added up in the same order: it sounds the same to the last bit. */
DAWD_CTL void graph_text_osc(const struct model *model, struct bytes *text);
/* The model's n_edges live edges, oldest first, to be freed with free(). Null when memory ran out. */
DAWD_CTL const struct edge **graph_text_by_age(const struct model *model);
/* Appends a graph in Graphviz's language: nodes with type and moved values, modulation dashed. */
DAWD_CTL void graph_text_dot(const struct model *model, struct bytes *text);
