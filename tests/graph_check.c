#include "tests/graph_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- everything in words -------------------------------------------------------------------------------------------- */

static void edge_print(FILE *out, const struct edge *edge)
{
    fprintf(out, "  %s%u.%u+%u -> %s %u.%u+%u gain %a depth %a", edge->is_feedback ? "back " : "", edge->from_port,
            edge->from_first, edge->n_from, edge->to->name, edge->to_port, edge->to_first, edge->n_to,
            (double)edge->gain_db, (double)edge->depth);
}

static void node_print(FILE *out, const struct node *node, bool everything)
{
    fprintf(out, "node %s %s channels %u live %d fixture %d compensated %d:", node->name, node->class->name, node->channels,
            node->live, node->fixture, !node->is_uncompensated);
    for (unsigned p = 0; p < node->class->n_params; p++)
        fprintf(out, " %s %a", node->class->params[p].name, (double)node->values[p]);
    fprintf(out, "\n");
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
        if (everything || edge->live) {
            edge_print(out, edge);
            if (everything)
                fprintf(out, " fade %u live %d planned %d", edge->fade_frames, edge->live, edge->planned);
            fprintf(out, "\n");
        }
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (everything || edge->live)
            fprintf(out, "  hears %s %d\n", edge->from->name, edge->live);
}

static char *dump(const struct ctl *ctl, bool everything)
{
    const struct model *model = &ctl->model;
    char *text;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    ck_assert_ptr_nonnull(out);
    fprintf(out, "nodes %u edges %u\n", model->n_nodes, model->n_edges);
    if (everything)
        fprintf(out, "revision %llu linked %zu\n", (unsigned long long)ctl->revision, model->n_linked);
    for (unsigned i = 0; everything && i < DEVICE_PORTS_MAX; i++)
        if (model->device_used[i])
            fprintf(out, "port %u\n", i);
    for (size_t i = 0; i < model->tempo.n; i++) {
        const struct tempo_mark *mark = &model->tempo.marks[i];
        char at[BARS_BYTES];
        bars_print(&mark->at, at);
        fprintf(out, "mark %s tempo %u signature %u/%u\n", at, mark->micro_bpm, mark->numerator, mark->denominator);
    }
    for (const struct node *node = model->first; node; node = node->next)
        if (everything || node->live)
            node_print(out, node, everything);
    fclose(out);
    return text;
}

char *graph_dump(const struct ctl *ctl)
{
    return dump(ctl, true);
}

char *graph_dump_live(const struct ctl *ctl)
{
    return dump(ctl, false);
}

/* ---- the model ------------------------------------------------------------------------------------------------------ */

static void check_edges(const struct node *node, unsigned *n_live)
{
    unsigned n_out = 0, n_in = 0;
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next, n_out++) {
        const struct edge *next = edge->out_next;
        MUST(edge->from == node, "an edge of another node in the list of %s", node->name);
        MUST((next ? next->out_prev : node->out_last) == edge, "the list of edges out of %s is torn", node->name);
        MUST(!edge->retired, "a retired edge of %s is in its list", node->name);
        MUST(!edge->live || (edge->from->live && edge->to->live), "a live edge from %s to %s that is not", node->name,
             edge->to->name);
        MUST(!edge->is_feedback == !edge->object->line, "a line where there should be none, from %s on", node->name);
        MUST(!edge->live || edge->is_feedback ||
                 edge->from->order[LAYER_MODEL].number < edge->to->order[LAYER_MODEL].number,
             "the order of the model is wrong between %s and %s", node->name, edge->to->name);
        MUST(!edge->planned || edge->is_feedback ||
                 edge->from->order[LAYER_ENGINE].number < edge->to->order[LAYER_ENGINE].number,
             "the order of the engine is wrong between %s and %s", node->name, edge->to->name);
        *n_live += edge->live;
    }
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next, n_in++) {
        const struct edge *next = edge->in_next;
        MUST(edge->to == node, "an edge to another node in the list of %s", node->name);
        MUST((next ? next->in_prev : node->in_last) == edge, "the list of edges into %s is torn", node->name);
        MUST(!next || edge->sequence < next->sequence || (edge->sequence == next->sequence && !(edge->live && next->live)),
             "the edges into %s are out of sequence", node->name);
    }
    MUST(n_out == node->n_out && n_in == node->n_in, "%s has %u edges out and %u in, and counts %u and %u", node->name,
         n_out, n_in, node->n_out, node->n_in);
}

void graph_check_model(const struct ctl *ctl)
{
    const struct model *model = &ctl->model;
    unsigned n_nodes = 0, n_edges = 0;
    size_t n_linked = 0, n_keys = 0;
    for (const struct node *node = model->first; node; node = node->next, n_linked++) {
        MUST((node->next ? node->next->prev : model->last) == node, "the list of nodes is torn at %s", node->name);
        MUST(!node->next || node->sequence < node->next->sequence ||
                 (node->sequence == node->next->sequence && !(node->live && node->next->live)),
             "the nodes are out of sequence at %s", node->name);
        MUST(!node->retired, "the retired node %s is in the list", node->name);
        MUST(!node->live || model_find(model, node->name) == node, "%s is not found by its name", node->name);
        n_nodes += node->live;
        check_edges(node, &n_edges);
    }
    for (size_t i = 0; i < model->names.n_slots; i++)
        n_keys += model->names.slots[i].value != NULL;
    ck_assert_uint_eq(n_nodes, model->n_nodes);
    ck_assert_uint_eq(n_keys, n_nodes);
    ck_assert_uint_eq(n_edges, model->n_edges);
    ck_assert_uint_eq(n_linked, model->n_linked);
}

/* ---- the sound of a graph at rest ------------------------------------------------------------------------------------ */

/* What channel c of a node's only output carries when everything stands still. */
static double value_at(const struct node *node, unsigned c);

double graph_arrives_at(const struct node *node, unsigned to_port, unsigned channel)
{
    double sum = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next) {
        if (!edge->live || edge->gain_db <= -120 || edge->to_port != to_port || channel < edge->to_first ||
            channel >= edge->to_first + edge->n_to)
            continue;
        double x = 0;
        unsigned at = channel - edge->to_first;
        if (edge->n_from == edge->n_to)
            x = value_at(edge->from, edge->from_first + at);
        else if (edge->n_from == 1)
            x = value_at(edge->from, edge->from_first);
        else
            for (unsigned i = 0; i < edge->n_from; i++)
                x += value_at(edge->from, edge->from_first + i) / edge->n_from;
        sum += x * pow(10, (double)edge->gain_db / 20);
    }
    return sum;
}

static double value_at(const struct node *node, unsigned c)
{
    if (node->class == &rig_source)
        return (double)node->values[0] + c;
    if (node->class == &rig_sum)
        return graph_arrives_at(node, 0, 0) + 2 * graph_arrives_at(node, 1, 0) + 4 * graph_arrives_at(node, 2, 0);
    return graph_arrives_at(node, 0, c) * pow(10, (double)node->values[0] / 20); /* a gain */
}
