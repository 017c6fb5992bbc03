/* Connections carried over from one node to another, for a replacement and for a copy.
 *
 *     replace    a ──▶ old ─╲▶ b     old and its edges fade out; new gets its name, its place, and edges like those,
 *                a ─╱▶ new ──▶ b     in their places: it fades in meanwhile
 *     copy       a ──▶ node ──▶ b    node stays as it is; its copy gets the same, behind all others
 *                a ──▶ copy ──▶ b */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "graph/cable.h"
#include "graph/mapping.h"

struct carried {
    struct edge was, *edge;
};

/* What is carried from one node to the other. */
struct carry {
    const struct node *from;
    struct node *to;
    struct carried *edges; /* each once */
    size_t n;
    bool keeps_place;
    struct mapping_carry mappings;
    char misfits[300]; /* those that cannot be carried */
};

/* The live edges of a node. 0 or internal. */
static int edges_note(struct carry *carry, struct error *error)
{
    const struct node *node = carry->from;
    carry->edges = malloc((node->n_in + node->n_out + 1) * sizeof *carry->edges);
    if (!carry->edges)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the connections of \"%s\"", node->name);
    for (struct edge *edge = node->out_first; edge; edge = edge->out_next)
        if (edge->live)
            carry->edges[carry->n++] = (struct carried){*edge, edge};
    for (struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (edge->live && edge->from != node) /* one from the node to itself is noted already */
            carry->edges[carry->n++] = (struct carried){*edge, edge};
    return 0;
}

/* All channels stay all channels; a selection stays what it is, as far as there are so many. */
static bool channels_fit(unsigned *first, unsigned *n, unsigned width_before, unsigned width)
{
    if (*n == width_before)
        *n = width;
    return *first + *n <= width;
}

/* What stands for a port that the other class does not have: its first of the same kind, where the port is that as well. */
static bool stand_in(const struct port_info *ports, unsigned n_ports, const struct port_info *like,
                     const struct port_info *of, unsigned n_of, unsigned *port)
{
    unsigned first = 0;
    while (first < n_of && of[first].events != like->events)
        first++;
    for (*port = 0; *port < n_ports && ports[*port].events != like->events;)
        ++*port;
    return &of[first] == like && *port < n_ports;
}

static bool output_fits(const struct carry *carry, struct edge *edge)
{
    const struct node *from = carry->from;
    struct error unused;
    unsigned width = node_output_channels(from, edge->from_port), port = edge->from_port;
    edge->from = carry->to;
    const struct node_class *class = carry->to->class;
    if (node_output_find(carry->to, from->class->outputs[port].name, &edge->from_port, &unused) &&
        !stand_in(class->outputs, class->n_outputs, &from->class->outputs[port], from->class->outputs,
                  from->class->n_outputs, &edge->from_port))
        return false;
    return channels_fit(&edge->from_first, &edge->n_from, width, node_output_channels(carry->to, edge->from_port));
}

static bool input_fits(const struct carry *carry, struct edge *edge)
{
    const struct node *from = carry->from;
    const struct node_class *class = carry->to->class;
    struct error unused;
    bool modulates = edge->to_port >= from->class->n_inputs;
    unsigned width = node_input_channels(from, edge->to_port), port = edge->to_port;
    edge->to = carry->to;
    if (node_input_find(carry->to, node_input_name(from, port), &edge->to_port, &unused) &&
        (modulates || !stand_in(class->inputs, class->n_inputs, &from->class->inputs[port], from->class->inputs,
                                from->class->n_inputs, &edge->to_port)))
        return false;
    return modulates == (edge->to_port >= class->n_inputs) &&
           channels_fit(&edge->to_first, &edge->n_to, width, node_input_channels(carry->to, edge->to_port));
}

static void misfit_note(struct carry *carry, const struct edge *edge)
{
    size_t at = strlen(carry->misfits);
    snprintf(carry->misfits + at, sizeof carry->misfits - at, "%s%s:%s to %s:%s", at ? ", " : "", edge->from->name,
             edge->from->class->outputs[edge->from_port].name, edge->to->name, node_input_name(edge->to, edge->to_port));
}

/* The way by which a new node comes in, for by two of them its sound would rise with the square of the fade, and that of what it
 * takes the place of fall so: together they would dip by 6 dB. What makes nothing out of silence is fed slowly, so that what it
 * keeps of that begins slowly too. */
static bool comes_in_by(const struct node *node, const struct edge *edge)
{
    const struct node_class *class = node->class;
    bool by_input = class->sleeps.can || !class->n_outputs;
    return by_input ? edge->to == node && edge->to_port < class->n_inputs : edge->from == node;
}

/* The other half of that: the old one hears its input until it is not heard any more. */
static void old_hold(const struct tx *tx, struct carry *carry)
{
    bool is_heard = false;
    for (size_t i = 0; i < carry->n; i++)
        is_heard |= carry->edges[i].was.from == carry->from;
    uint32_t late = carry->to->object ? carry->to->object->latency_frames : 0;
    for (size_t i = 0; is_heard && i < carry->n; i++)
        if (carry->edges[i].was.from != carry->from)
            carry->edges[i].edge->wait_frames = tx->fade_frames + late;
}

static int edge_carry(struct tx *tx, struct carry *carry, const struct edge *edge, struct error *error)
{
    struct edge like = edge_between(edge, edge->from, edge->to);
    bool fits = (edge->from != carry->from || output_fits(carry, &like)) &&
                (edge->to != carry->from || input_fits(carry, &like)) && edge_widths_fit(&like);
    if (!fits) {
        misfit_note(carry, edge);
        return 0;
    }
    like.fade_frames = tx->fade_frames;
    if (carry->keeps_place) {
        tx_take_place(tx, edge->sequence);
        like.fade_frames = comes_in_by(carry->to, &like) ? tx->fade_frames : 0;
    }
    return tx_put_edge_like(tx, &like, error);
}

static int edges_carry(struct tx *tx, struct carry *carry, bool drop, struct error *error)
{
    for (size_t i = 0; i < carry->n; i++)
        if (edge_carry(tx, carry, &carry->edges[i].was, error))
            return (int)error->code;
    if (!*carry->misfits || drop)
        return 0;
    return error_set(error, ERROR_CONFLICT, "what %s (%s) has, these connections do not fit: %.300s", carry->to->name,
                     carry->to->class->name, carry->misfits);
}

int tx_copy_edges(struct tx *tx, struct node *from, struct node *to, struct error *error)
{
    struct carry carry = {.from = from, .to = to};
    size_t n_before = tx->n_ops;
    if (edges_note(&carry, error) || edges_carry(tx, &carry, false, error))
        tx_undo_to(tx, n_before);
    free(carry.edges);
    return (int)error->code;
}

/* The old one is only out of sight: what was noted of it is still true. */
static int replace(struct tx *tx, const struct node_spec *spec, struct carry *carry, bool drop, struct error *error)
{
    bool is_followed = tx->ctl->model.sync.source == carry->from;
    if (edges_note(carry, error) || mapping_carry_note(&tx->ctl->model, carry->from, &carry->mappings, error) ||
        tx_remove_node(tx, spec->name, error))
        return (int)error->code;
    tx_take_place(tx, carry->from->sequence);
    if (tx_add_node(tx, spec, error))
        return (int)error->code;
    carry->to = model_find(&tx->ctl->model, spec->name);
    carry->to->heir_of = carry->from;
    const struct cables *cables = carry->from->class->device == spec->class->device ? carry->from->cables : NULL;
    if (carry->from->is_uncompensated && tx_compensate(tx, spec->name, false, error))
        return (int)error->code;
    if (cables && cables->n && tx_put_cables(tx, carry->to, cables->cables, cables->n, error))
        return (int)error->code;
    const struct sync sync = {.source = carry->to};
    if (is_followed && spec->class == carry->from->class && tx_set_sync(tx, &sync, error))
        return (int)error->code;
    if (tx_carry_mappings(tx, &carry->mappings, carry->from, carry->to, error))
        return (int)error->code;
    old_hold(tx, carry);
    return edges_carry(tx, carry, drop, error);
}

int tx_replace_node(struct tx *tx, const struct node_spec *spec, bool drop, struct error *error)
{
    struct node *node = model_get(&tx->ctl->model, spec->name, error);
    if (!node)
        return (int)error->code;
    if (node->fixture)
        return error_set(error, ERROR_DENIED, "the node \"%s\" is part of every session and cannot be replaced",
                         node->name);
    if (node->class->voices_by || spec->class->voices_by)
        return error_set(
            error, ERROR_UNSUPPORTED,
            "\"%s\": %s cannot be replaced, or put in the place of something else, for what is inside is made "
            "for its voices: /graph/copy makes another one, with more voices if wished, /graph/add an empty one",
            node->name, node->class->voices_by ? node->class->name : spec->class->name);
    struct carry carry = {.from = node, .keeps_place = true};
    size_t n_before = tx->n_ops;
    if (replace(tx, spec, &carry, drop, error))
        tx_undo_to(tx, n_before);
    tx->place = 0;
    free(carry.edges);
    free(carry.mappings.carried);
    return (int)error->code;
}
