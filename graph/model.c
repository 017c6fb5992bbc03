/* Two kinds of lists hold the graph together: all nodes by age, and each node's edges by age. Age is what makes everything
 * that is derived from the graph (plans, dumps, drawings, the order of sums) the same from run to run. */
#include "graph/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/compensation.h"
#include "graph/mutant.h"

struct node *model_find(const struct model *model, const char *name)
{
    return map_find(&model->names, name, strlen(name));
}

#define HINT_NODES_MAX 300 /* compared with a wrong name: a client full of typos must not hold up the others */

struct node *model_get(const struct model *model, const char *name, struct error *error)
{
    struct node *node = model_find(model, name);
    if (node)
        return node;
    struct guess guess = guess_begin(name);
    char question[GUESS_BYTES];
    unsigned looked_at = 0;
    for (const struct node *n = model->first; n && looked_at < HINT_NODES_MAX; n = n->next, looked_at++)
        if (n->live)
            guess_offer(&guess, n->name);
    error_set(error, ERROR_NO_SUCH_NODE, "no node is named \"%s\"%s", name,
              guess_ask(&guess, "; /graph/list names them all", question));
    return NULL;
}

struct node *node_new(const struct node_class *class, const char *name, unsigned channels)
{
    struct node *node = calloc(1, sizeof *node);
    if (!node)
        return NULL;
    snprintf(node->name, sizeof node->name, "%s", name);
    node->class = class;
    node->channels = channels ? channels : class->channels;
    /* One more than there are, since calloc may answer 0 bytes with null. */
    node->values = calloc(class->n_params + 1, sizeof *node->values);
    node->notes = calloc(class->n_params + 1, sizeof *node->notes);
    node->texts = calloc(class->n_params + 1, sizeof *node->texts);
    node->queued = calloc(class->n_params + 1, sizeof *node->queued);
    node->steps = calloc(class->n_params + 1, sizeof *node->steps);
    node->stamps = calloc(class->n_params + N_NODE_FACTS, sizeof *node->stamps);
    if (node->values && node->notes && node->texts && node->queued && node->steps && node->stamps)
        return node;
    node_free(node);
    return NULL;
}

void node_free(struct node *node)
{
    /* Also what node_new could only half make. */
    for (unsigned p = 0; node->texts && p < node->class->n_params; p++)
        free(node->texts[p]);
    object_node_free(node->object);
    free(node->watched);
    free(node->stamps);
    free(node->steps);
    free(node->queued);
    free(node->texts);
    free(node->notes);
    free(node->label);
    free(node->cables);
    free(node->mappings);
    if (!MUTANT_FLAW("leak"))
        free(node->values);
    free(node);
}

struct base node_base(const struct node *node, unsigned row)
{
    return (struct base){node->values[row], node->notes[row]};
}

void node_put_base(struct node *node, unsigned row, const struct base *base)
{
    node->n_notes += (base->note != 0) - (node->notes[row] != 0);
    node->values[row] = base->value;
    node->notes[row] = base->note;
}

void node_set_latency(struct model *model, struct node *node)
{
    bool is_linked = node->sequence != 0, was_late = node->latency_frames != 0;
    node->latency_frames = node->object ? node->object->latency_frames : 0;
    if (is_linked)
        model->n_latent += (node->latency_frames != 0) - was_late;
}

unsigned node_voices(const struct node *node)
{
    const struct node *container = node->container;
    return container ? (unsigned)container->values[container->class->voices_by - 1] + POLYPHONY_SPARE : 1;
}

unsigned edge_voices(const struct edge *edge)
{
    unsigned from = node_voices(edge->from), to = node_voices(edge->to);
    return from > to ? from : to;
}

size_t node_bytes(const struct node *node)
{
    size_t n = 0;
    for (const struct node_rt *object = node->object; object; object = object->twin)
        n += object->arena.used_bytes;
    for (unsigned row = 0; node->object && row < node->class->n_params; row++)
        n += media_bytes(node->object->media[row]);
    return n;
}

void model_link_node(struct model *model, struct node *node, uint64_t sequence)
{
    node->sequence = sequence ? sequence : ++model->n_sequence;
    /* The last place of each order is right for a node that nothing leads to or from. */
    for (unsigned layer = 0; layer < N_LAYERS; layer++)
        rank_append(&model->order_end[layer], &node->order[layer]);
    struct node *prev = model->last, *next = model->first;
    /* From both ends, for what is brought back is often among the oldest, or next to what was brought back before it. */
    while (prev && prev->sequence > node->sequence && next->sequence <= node->sequence) {
        prev = prev->prev;
        next = next->next;
    }
    if (prev && prev->sequence > node->sequence)
        prev = next->prev;
    node->prev = prev;
    node->next = prev ? prev->next : model->first;
    *(prev ? &prev->next : &model->first) = node;
    *(node->next ? &node->next->prev : &model->last) = node;
    model->n_linked++;
    model->n_bytes += node_bytes(node);
    model->n_latent += node->latency_frames != 0;
    if (node->container)
        node->container->n_inside++;
}

void model_unlink_node(struct model *model, struct node *node)
{
    for (unsigned layer = 0; layer < N_LAYERS; layer++)
        rank_remove(&node->order[layer]);
    *(node->prev ? &node->prev->next : &model->first) = node->next;
    *(node->next ? &node->next->prev : &model->last) = node->prev;
    model->n_linked--;
    model->n_bytes -= node_bytes(node);
    model->n_latent -= node->latency_frames != 0;
    if (node->container)
        node->container->n_inside--;
}

void model_name_node(struct model *model, struct node *node)
{
    map_put(&model->names, node->name, node);
    node->live = true;
    model->n_nodes++;
    stamp_appear(model, node);
}

void model_unname_node(struct model *model, struct node *node)
{
    map_remove(&model->names, node->name);
    node->live = false;
    model->n_nodes--;
    stamp_vanish(model, node);
}

void model_rename_node(struct model *model, struct node *node, const char *name)
{
    stamp_vanish(model, node);
    map_remove(&model->names, node->name);
    snprintf(node->name, sizeof node->name, "%s", name);
    map_put(&model->names, node->name, node);
    stamp_appear(model, node);
}

void edge_link(struct edge *edge)
{
    struct node *from = edge->from, *to = edge->to;
    struct edge *out = from->out_last, *in = to->in_last;
    while (out && out->sequence > edge->sequence)
        out = out->out_prev;
    while (in && in->sequence > edge->sequence)
        in = in->in_prev;
    edge->out_prev = out;
    edge->out_next = out ? out->out_next : from->out_first;
    *(out ? &out->out_next : &from->out_first) = edge;
    *(edge->out_next ? &edge->out_next->out_prev : &from->out_last) = edge;
    from->n_out++;
    edge->in_prev = in;
    edge->in_next = in ? in->in_next : to->in_first;
    *(in ? &in->in_next : &to->in_first) = edge;
    *(edge->in_next ? &edge->in_next->in_prev : &to->in_last) = edge;
    to->n_in++;
}

void edge_unlink(struct edge *edge)
{
    struct node *from = edge->from, *to = edge->to;
    *(edge->out_prev ? &edge->out_prev->out_next : &from->out_first) = edge->out_next;
    *(edge->out_next ? &edge->out_next->out_prev : &from->out_last) = edge->out_prev;
    from->n_out--;
    *(edge->in_prev ? &edge->in_prev->in_next : &to->in_first) = edge->in_next;
    *(edge->in_next ? &edge->in_next->in_prev : &to->in_last) = edge->in_prev;
    to->n_in--;
}

void edge_move(struct edge *edge, uint64_t sequence)
{
    edge_unlink(edge);
    edge->sequence = sequence;
    edge_link(edge);
}

void edge_free(struct edge *edge)
{
    compensation_free(edge->compensation);
    object_edge_free(edge->object);
    free(edge);
}

void edge_set_live(struct model *model, struct edge *edge, bool live)
{
    edge->live = live;
    model->n_edges += live ? 1 : -1u;
}

static bool edge_is_like(const struct edge *a, const struct edge *b)
{
    return a->from == b->from && a->to == b->to && a->from_port == b->from_port && a->to_port == b->to_port &&
           a->is_feedback == b->is_feedback && a->from_first == b->from_first && a->n_from == b->n_from &&
           a->to_first == b->to_first && a->n_to == b->n_to;
}

/* A mixer has thousands of inputs, each of its sources a few outputs: the shorter list decides the cost. */
struct edge *edge_find(const struct edge *like)
{
    bool by_out = like->from->n_out <= like->to->n_in;
    struct edge *edge = by_out ? like->from->out_first : like->to->in_first;
    while (edge && !edge_is_like(edge, like))
        edge = by_out ? edge->out_next : edge->in_next;
    return edge;
}

struct edge edge_between(const struct edge *edge, struct node *from, struct node *to)
{
    return (struct edge){.from = from,
                         .to = to,
                         .from_port = edge->from_port,
                         .to_port = edge->to_port,
                         .from_first = edge->from_first,
                         .to_first = edge->to_first,
                         .n_from = edge->n_from,
                         .n_to = edge->n_to,
                         .gain_db = edge->gain_db,
                         .depth = edge->depth,
                         .is_feedback = edge->is_feedback};
}

bool node_is_planned(const struct node *node)
{
    if (node->live)
        return true;
    /* What is inside of it is younger than it is. */
    for (const struct node *inside = node->n_inside ? node->next : NULL; inside; inside = inside->next)
        if (inside->container == node && node_is_planned(inside))
            return true;
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
        if (edge->planned)
            return true;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (edge->planned)
            return true;
    return false;
}

/* Every edge is in one list of outputs: through these each is met once. */
void model_deinit(struct model *model)
{
    for (struct node *node = model->first; node; node = node->next)
        for (struct edge *edge = node->out_first, *next; edge; edge = next) {
            next = edge->out_next;
            edge_free(edge);
        }
    for (struct node *node = model->first, *next; node; node = next) {
        next = node->next;
        node_free(node);
    }
    map_deinit(&model->names);
    tempo_list_deinit(&model->tempo);
    *model = (struct model){0};
}
