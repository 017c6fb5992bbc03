#include <math.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/graph_copy.h"

void graph_copy_check(const struct ctl *ctl, struct graph_copy *copy)
{
    unsigned n_nodes = 0, n_edges = 0;
    bool is_quiet = !copy->is_open && !copy->way->n && !ctl->under_way;
    copy->is_unclear &= !is_quiet;
    for (unsigned i = 0; i < COPY_NODES; i++) {
        struct graph_copy_node *node = &copy->nodes[i];
        if (!node->live)
            continue;
        const struct node *real = model_find(&ctl->model, node->name);
        MUST(real && real->class == node->class && real->channels == node->channels, "%s is not what it was", node->name);
        if (is_quiet)
            for (unsigned row = 0; row <= node->class->n_params; row++)
                node->values[row] = (float)node->lines[row].to, node->notes[row] = node->heard[row];
        for (unsigned row = 0; row <= node->class->n_params && !copy->is_unclear; row++)
            MUST(real->notes[row] == node->notes[row], "frame %lu: %s of %s follows another note",
                 (unsigned long)copy->frame, node_class_row(node->class, row)->name, node->name);
        /* The number of one that follows is that of the tempo when control has looked. */
        for (unsigned row = 0; row <= node->class->n_params && !copy->is_unclear; row++)
            MUST((!is_quiet && real->notes[row]) || real->values[row] == node->values[row],
                 "frame %lu: %s of %s is %g, not %g", (unsigned long)copy->frame, node_class_row(node->class, row)->name,
                 node->name, (double)real->values[row], (double)node->values[row]);
        n_nodes++;
    }
    for (unsigned i = 0; i < COPY_EDGES; i++) {
        const struct graph_copy_edge *edge = &copy->edges[i];
        if (!edge->live)
            continue;
        struct edge like = {.from = model_find(&ctl->model, copy->nodes[edge->from].name),
                            .to = model_find(&ctl->model, copy->nodes[edge->to].name),
                            .to_port = edge->modulates ? 1 : 0,
                            .from_first = edge->from_first,
                            .n_from = edge->n_from,
                            .n_to = edge->n_to,
                            .is_feedback = edge->is_feedback};
        const struct edge *real = edge_find(&like);
        MUST(real && real->live && (double)real->gain_db == edge->gain_db && (double)real->depth == edge->depth,
             "the edge from %s to %s is not what it was", like.from->name, like.to->name);
        n_edges++;
    }
    MUST(ctl->model.n_nodes == n_nodes && ctl->model.n_edges == n_edges, "%u nodes and %u edges, not %u and %u",
         ctl->model.n_nodes, ctl->model.n_edges, n_nodes, n_edges);
}
