/* Operations check first and change last, and each leaves behind an op that knows how to go back. Nothing here touches what
 * sounds: batch.c turns committed ops into a plan.
 *
 *     check          names, ports, widths, ranges, loops     refused: *error, nothing has changed
 *     take memory    the op, the node or edge, the map       ran out: as well
 *     change         the model, and count the op             cannot fail */
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "graph/cable.h"
#include "graph/container.h"
#include "graph/follow.h"
#include "graph/heard.h"
#include "graph/mapping.h"
#include "graph/mutant.h"

struct tx *tx_open(struct ctl *ctl, double fade_s)
{
    if (ctl->open || !batch_open(ctl))
        return NULL;
    struct tx *tx = calloc(1, sizeof *tx);
    if (!tx)
        return NULL;
    *tx = (struct tx){.ctl = ctl, .fade_frames = ctl_frames(ctl, fade_s), .arrived_ns = ctl->arrived_ns};
    ctl->open = tx;
    return tx;
}

void tx_free(struct tx *tx)
{
    for (size_t i = 0; i < tx->n_ops; i++) {
        free(tx->ops[i].old_name);
        free(tx->ops[i].old_cables);
        free(tx->ops[i].old_mappings);
    }
    free(tx->ops);
    free(tx);
}

void tx_answer(struct tx *tx, const struct error *error, uint64_t frame)
{
    if (tx->completion.done)
        tx->completion.done(tx->completion.user, &(struct outcome){error, frame, tx->revision});
    const struct applied_listener *listener = tx->ctl->applied_listener;
    if (listener && !error->code)
        listener->applied(listener->self, tx->ops, tx->n_ops, frame, tx->revision);
    tx_free(tx);
}

/* What plays by a transaction is heard like what plays by itself; a listener may set values, or commit edits of its own. */
static void events_say(struct ctl *ctl, const struct tx *tx)
{
    for (size_t i = 0; tx->n_values && i < tx->n_ops; i++)
        if (tx->ops[i].kind == OP_EVENT)
            heard_say(ctl, tx->ops[i].node, &tx->ops[i].event);
}

void tx_commit(struct tx *tx, struct completion completion)
{
    struct ctl *ctl = tx->ctl;
    tx->completion = completion;
    ctl->revision += tx->n_ops > tx->n_values; /* values alone make no revision */
    tx->revision = ctl->revision;
    ctl->open = NULL;
    if (ctl->edits)
        ctl->edits->committed(ctl->edits->self, tx->n_ops, tx->revision, !ctl->batch->first);
    struct batch *batch = ctl->batch; /* tx_open saw to it that there is one */
    *(batch->last ? &batch->last->next : &batch->first) = tx;
    batch->last = tx;
    batch->n_values += tx->weight;
    batch->change.at_frame = tx->at_frame;
    if (!tx->at_frame)
        events_say(ctl, tx);
    follow_poll(ctl); /* who reads next finds what the new tempo makes of note values */
    if (batch->n_values >= VALUES_MAX || tx->at_frame)
        batch_flush(ctl);
}

void tx_restore(struct tx *tx)
{
    tx->is_restore = true;
}

bool tx_restores(const struct ctl *ctl)
{
    return ctl->open && ctl->open->is_restore;
}

void tx_rehearse(struct tx *tx)
{
    tx->is_rehearsal = true;
}

void tx_rollback(struct tx *tx)
{
    struct ctl *ctl = tx->ctl;
    if (ctl->edits)
        ctl->edits->dropped(ctl->edits->self);
    tx_undo(tx);
    ctl->open = NULL;
    if (!ctl->batch->first)
        ctl->batch->number = ++ctl->n_batches; /* what it touched is untouched again */
    tx_free(tx);
}

struct op *tx_op_next(struct tx *tx, struct error *error)
{
    if (tx->n_ops == tx->n_capacity) {
        size_t n = 2 * tx->n_capacity + 8;
        struct op *ops = realloc(tx->ops, n * sizeof *ops);
        if (!ops) {
            error_set(error, ERROR_INTERNAL, "memory ran out for the transaction");
            return NULL;
        }
        tx->ops = ops;
        tx->n_capacity = n;
    }
    tx->ops[tx->n_ops] = (struct op){0};
    return &tx->ops[tx->n_ops];
}

void tx_op_done(struct tx *tx)
{
    const struct edit_listener *edits = tx->ctl->edits;
    size_t i = tx->n_ops++;
    if (edits && !tx->is_rehearsal)
        edits->noted(edits->self, i, &tx->ops[i]);
}

void tx_take_place(struct tx *tx, uint64_t place)
{
    tx->place = place;
}

static void edge_drop(struct edge *edge)
{
    edge_unlink(edge);
    edge_free(edge);
}

static void edge_op_undo(struct ctl *ctl, struct op *op)
{
    struct model *model = &ctl->model;
    struct edge *edge = op->edge;
    edge->fade_frames = op->old_fade_frames;
    edge->wait_frames = op->old_wait_frames;
    if (op->kind == OP_EDGE_REMOVE) {
        if (!edge->is_feedback) /* edges that followed it may have turned the order */
            order_admit(&ctl->order, LAYER_MODEL, edge->from, edge->to);
        edge_set_live(model, edge, true);
        return;
    }
    edge->gain_db = op->old_gain_db;
    edge->depth = op->old_depth;
    if (op->kind == OP_EDGE_SET)
        return;
    edge_set_live(model, edge, false);
    if (op->made)
        edge_drop(edge);
    else
        edge_move(edge, op->old_sequence);
}

static void value_op_undo(struct ctl *ctl, const struct op *op)
{
    if (MUTANT_FLAW("forget"))
        return;
    /* What is rolled back before anybody could look has not changed; a batch that fails later has. */
    if (ctl->open)
        node_restore_base(op->node, op->row, &op->old_base, &op->old_stamp);
    else
        node_set_base(&ctl->model, op->node, op->row, &op->old_base);
    ctl->follow_is_late |= op->old_base.note != 0;
}

static void op_undo(struct ctl *ctl, struct op *op)
{
    struct model *model = &ctl->model;
    switch (op->kind) {
    case OP_NODE_ADD:
        model_unname_node(model, op->node);
        model_unlink_node(model, op->node);
        device_release(model, op->node);
        node_free(op->node);
        break;
    case OP_NODE_REMOVE:
        /* The place that the name left in the map is still there: no memory is needed. */
        model_name_node(model, op->node);
        break;
    case OP_EDGE_ADD:
    case OP_EDGE_REMOVE:
    case OP_EDGE_SET:
        edge_op_undo(ctl, op);
        break;
    case OP_NODE_COMPENSATE:
        op->node->is_uncompensated = op->old_flag;
        break;
    case OP_NODE_RENAME:
        container_rename(model, op->node, op->old_name);
        free(op->old_name);
        break;
    case OP_CABLE:
        free(op->node->cables);
        op->node->cables = op->old_cables;
        break;
    case OP_MAPPING:
        mappings_put(model, op->node, &op->old_mappings);
        free(op->old_mappings);
        op->old_mappings = NULL;
        break;
    case OP_LABEL:
        free(op->node->label);
        op->node->label = op->old_name;
        stamp_fact(model, op->node, NODE_LABEL);
        break;
    case OP_SYNC:
        model->sync = op->old_sync;
        break;
    case OP_MARK:
        tempo_list_put(&model->tempo, op->old_mark);
        break;
    case OP_VALUE:
        value_op_undo(ctl, op);
        break;
    case OP_ORDER:
        ctl->n_orders--;
        break;
    case OP_EVENT:
        play_taken_back(op->node);
        break;
    }
}

void tx_undo_to(struct tx *tx, size_t n)
{
    while (tx->n_ops > n) {
        struct op *op = &tx->ops[--tx->n_ops];
        if (op->kind >= OP_VALUE) {
            tx->n_values--;
            tx->weight -= op->node ? value_weight(op->node) : 1;
        }
        op_undo(tx->ctl, op);
    }
}

void tx_undo(struct tx *tx)
{
    tx_undo_to(tx, 0);
}

/* The lowest device port numbers in a row: a driver goes through all up to the highest in every cycle. */
static int device_take(struct ctl *ctl, struct node *node, struct error *error)
{
    struct model *model = &ctl->model;
    unsigned run = 0, n = (unsigned)ctl->limits.most[LIMIT_DEVICE_PORTS];
    for (unsigned i = 0; i < n; i++) {
        run = model->device_used[i] ? 0 : run + 1;
        if (run < node->channels)
            continue;
        node->device_first = i + 1 - run;
        memset(&model->device_used[node->device_first], true, run);
        return 0;
    }
    return error_set(error, ERROR_TOO_BIG, "all %u ports that the sound card may have are in use (--limit device-ports=N)",
                     n);
}

static int spec_check(const struct ctl *ctl, const struct node_spec *spec, struct error *error)
{
    const struct node_class *class = spec->class;
    if (name_check(spec->name, error) || (spec->label && label_check(spec->label, error)))
        return (int)error->code;
    struct node *taken = model_find(&ctl->model, spec->name);
    if (taken)
        return error_set(error, ERROR_NAME_TAKEN, "there is a node named \"%s\" already (%s)", spec->name,
                         taken->class->name);
    if (container_check(&ctl->model, class, spec->name, container_of_name(&ctl->model, spec->name), error))
        return (int)error->code;
    if (spec->channels && !class->channels_max)
        return error_set(error, ERROR_UNSUPPORTED, "%s: the width of this type cannot be chosen", class->name);
    if (spec->channels > class->channels_max)
        return error_set(error, ERROR_RANGE, "channels %u is outside its range 1 to %u", spec->channels,
                         class->channels_max);
    if (ctl->model.n_nodes >= ctl->limits.most[LIMIT_NODES] && !MUTANT_FLAW("unbounded"))
        return error_set(error, ERROR_TOO_BIG, "there are %u nodes, as many as may be (--limit nodes=N)",
                         ctl->model.n_nodes);
    return 0;
}

static int node_make(struct tx *tx, const struct node_spec *spec, struct node **made, struct error *error)
{
    struct ctl *ctl = tx->ctl;
    struct node *node = node_new(spec->class, spec->name, spec->channels);
    if (!node)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the node \"%s\"", spec->name);
    /* From here on it is the caller's to free, whatever fails. */
    *made = node;
    node->container = container_of_name(&ctl->model, spec->name);
    if (spec->label && *spec->label && !(node->label = strdup(spec->label)))
        return error_set(error, ERROR_INTERNAL, "memory ran out for the node \"%s\"", spec->name);
    for (unsigned p = 0; p < spec->class->n_params; p++) {
        node_put_base(node, p, &(struct base){spec->values[p], spec->notes ? spec->notes[p] : 0});
        if (spec->texts && spec->texts[p] && !(node->texts[p] = strdup(spec->texts[p])))
            return error_set(error, ERROR_INTERNAL, "memory ran out for the node \"%s\"", spec->name);
    }
    if (spec->class->empty_by) /* what it brings along is added by itself, and told so */
        node->values[spec->class->empty_by - 1] = 1;
    node->values[spec->class->n_params] = spec->bypassed;
    ctl->follow_is_late |= node->n_notes != 0;
    struct object_spec object = ctl_object_spec(ctl, node);
    object.media = spec->media;
    object.again = tx->is_restore || spec->again;
    uint64_t most_bytes = ctl->limits.most[LIMIT_MEMORY] << 20, in_use = ctl->model.n_bytes + ctl->stock.n_bytes;
    object.most_bytes = most_bytes > in_use ? most_bytes - in_use : 1;
    if (!tx->is_rehearsal && object_node_new(spec->class, &object, &node->object, error))
        return (int)error->code;
    node_set_latency(&ctl->model, node);
    if (ctl->model.n_bytes + node_bytes(node) + ctl->stock.n_bytes > most_bytes)
        return error_set(
            error, ERROR_TOO_BIG,
            "\"%s\" takes %zu KiB, and %zu of %llu MiB are in use, what is leaving included (--limit memory=N)", spec->name,
            node_bytes(node) >> 10, (ctl->model.n_bytes + ctl->stock.n_bytes) >> 20,
            (unsigned long long)ctl->limits.most[LIMIT_MEMORY]);
    return spec->class->device ? device_take(ctl, node, error) : 0;
}

int tx_add_node(struct tx *tx, const struct node_spec *spec, struct error *error)
{
    struct ctl *ctl = tx->ctl;
    struct node *node = NULL;
    struct op *op = tx_op_next(tx, error);
    if (!op || spec_check(ctl, spec, error) || node_make(tx, spec, &node, error)) {
        if (node)
            node_free(node);
        return (int)error->code;
    }
    /* The last that can fail: once it is linked, every search and every look at names meets the node. */
    if (order_reserve(&ctl->order, ctl->model.n_linked + 1) || map_reserve(&ctl->model.names)) {
        device_release(&ctl->model, node);
        node_free(node);
        return error_set(error, ERROR_INTERNAL, "memory ran out for the node \"%s\"", spec->name);
    }
    model_link_node(&ctl->model, node, tx->place);
    model_name_node(&ctl->model, node);
    tx->place = 0;
    op->kind = OP_NODE_ADD;
    op->node = node;
    tx_op_done(tx);
    size_t n_before = tx->n_ops - 1;
    bool is_full = spec->class->empty_by && spec->values[spec->class->empty_by - 1] == 0;
    if (!is_full || !container_fill(tx, node, error))
        return 0;
    tx_undo_to(tx, n_before);
    return (int)error->code;
}

int tx_disconnect_inputs(struct tx *tx, struct node *node, struct error *error)
{
    for (struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (edge->live && tx_remove_edge(tx, edge, error))
            return (int)error->code;
    return 0;
}

int tx_remove_node(struct tx *tx, const char *name, struct error *error)
{
    struct node *node = model_get(&tx->ctl->model, name, error);
    if (!node)
        return (int)error->code;
    if (node->fixture)
        return error_set(error, ERROR_DENIED, "the node \"%s\" is part of every session and cannot be removed", name);
    size_t n_before = tx->n_ops;
    if (container_empty(tx, node, error))
        goto undo;
    for (struct edge *edge = node->out_first; edge; edge = edge->out_next)
        if (edge->live && tx_remove_edge(tx, edge, error))
            goto undo;
    if (tx_disconnect_inputs(tx, node, error) || tx_clear_mappings(tx, node, error) || tx_drop_sync(tx, node, error))
        goto undo;
    struct op *op = tx_op_next(tx, error);
    if (!op)
        goto undo;
    *op = (struct op){.kind = OP_NODE_REMOVE, .node = node};
    node->touched_in = tx->ctl->batch->number;
    model_unname_node(&tx->ctl->model, node);
    tx_op_done(tx);
    return 0;
undo:
    tx_undo_to(tx, n_before);
    return (int)error->code;
}
