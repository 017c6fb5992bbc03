/* The middle of every edit, in four steps: prepare decides what is planned from now on (may be taken back), compile makes the
 * plan (may fail), settle takes what was removed out of the model (cannot fail), and when the audio thread has given the
 * change back, take_back frees. Fading edges pass through here twice: once when they are told to fade, once when the
 * clock says that they are silent. */
#include "graph/batch.h"

#include <stdlib.h>
#include <time.h>

#include "graph/ahead.h"
#include "graph/compensation.h"
#include "graph/plan.h"

/* Plans on their way at most. While no cycle takes them, further edits gather in the open batch: they cost a few bytes
 * each there, a plan each here. */
#define SENT_MAX 64

#define SILENT_UNKNOWN UINT64_MAX

struct batch *batch_open(struct ctl *ctl)
{
    if (!ctl->batch) {
        ctl->batch = calloc(1, sizeof *ctl->batch);
        if (ctl->batch)
            ctl->batch->number = ++ctl->n_batches;
    }
    return ctl->batch;
}

static void edge_retire(struct ctl *ctl, struct edge *edge)
{
    edge_unlink(edge);
    compensation_forget(ctl, edge);
    edge->planned = false;
    edge->retired = true;
    edge->fading_next = ctl->retired_edges;
    ctl->retired_edges = edge;
}

/* A container goes behind what is in it, but not while the batch of that number (0: none) may be taken back. */
static void node_retire_if_gone(struct ctl *ctl, struct node *node, uint64_t number)
{
    if (node->live || node->retired || node->in_first || node->out_first || node->n_inside)
        return;
    model_unlink_node(&ctl->model, node);
    node->retired = true;
    node->next = ctl->retired_nodes;
    ctl->retired_nodes = node;
    if (node->container && node->container->touched_in != number)
        node_retire_if_gone(ctl, node->container, number);
}

/* ---- before the compile: what is part of the sound from now on ----------------------------------------------------- */

/* Takes what has become silent out of the model; what this batch touches has to wait, since it may be rolled back. */
static void sweep(struct ctl *ctl, const struct batch *batch)
{
    uint64_t now = ctl_clock(ctl);
    struct edge **link = &ctl->fading;
    while (*link) {
        struct edge *edge = *link;
        if (edge->live || edge->touched_in == batch->number || edge->silent_at > now) {
            link = &edge->fading_next;
            continue;
        }
        *link = edge->fading_next;
        edge_retire(ctl, edge);
        if (edge->from->touched_in != batch->number)
            node_retire_if_gone(ctl, edge->from, batch->number);
        if (edge->to->touched_in != batch->number)
            node_retire_if_gone(ctl, edge->to, batch->number);
        ctl->must_compile = true;
    }
}

/* An edge that closes a loop together with fading ones waits until they are gone: a dip instead of a click. */
static void admit(struct ctl *ctl, struct batch *batch, struct edge *edge)
{
    edge->planned = edge->is_feedback || order_admit(&ctl->order, LAYER_ENGINE, edge->from, edge->to);
    edge->admitted_in = batch->number;
    ctl->n_waiting += !edge->planned;
}

static void admit_waiting(struct ctl *ctl, struct batch *batch)
{
    if (!ctl->n_waiting)
        return;
    ctl->n_waiting = 0;
    for (struct node *node = ctl->model.first; node; node = node->next)
        for (struct edge *edge = node->out_first; edge; edge = edge->out_next)
            if (edge->live && !edge->planned)
                admit(ctl, batch, edge);
}

static void start_fading(struct ctl *ctl, struct batch *batch, struct edge *edge)
{
    if (edge->fading_since) { /* on its way already, and put back and taken away again since: that way goes on */
        edge->fade_frames = edge->fading_frames;
        return;
    }
    edge->fading_next = ctl->fading;
    ctl->fading = edge;
    edge->fading_since = batch->number;
    edge->fading_frames = edge->fade_frames;
    edge->fading_wait_frames = edge->wait_frames;
    edge->silent_at = SILENT_UNKNOWN;
}

static void prepare(struct ctl *ctl, struct batch *batch)
{
    sweep(ctl, batch);
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++) {
            struct edge *edge = tx->ops[i].edge;
            const struct node *node = tx->ops[i].node;
            ctl->must_compile |= tx->ops[i].kind <= OP_EDGE_SET;
            ctl->must_publish |=
                node && node->class->device && (tx->ops[i].kind <= OP_NODE_RENAME || tx->ops[i].kind == OP_CABLE);
            if (edge && edge->live && !edge->planned)
                admit(ctl, batch, edge);
            else if (edge && !edge->live && edge->planned)
                start_fading(ctl, batch, edge);
        }
    admit_waiting(ctl, batch);
}

/* ---- the change itself --------------------------------------------------------------------------------------------- */

static struct value_rt value_of(const struct op *op)
{
    if (op->kind == OP_EVENT)
        return play_value(op->node, &op->event, op->duration_frames);
    return (struct value_rt){.node = op->node->object,
                             .row = op->row,
                             .value = op->base.value,
                             .glide_frames = op->glide_frames,
                             .ticks = note_ticks(op->base.note)};
}

/* Who plays an instrument while it is replaced holds the keys on. */
static bool inherits(const struct op *op)
{
    const struct node *node = op->node, *from = op->kind == OP_NODE_ADD ? node->heir_of : NULL;
    return from && node->object && from->object && node->object->inbox && from->object->inbox &&
           node_voices(node) == node_voices(from);
}

static void heir_fill(struct batch *batch, struct node *node)
{
    const struct node_rt *before = node->heir_of->object;
    for (struct node_rt *object = node->object; object; object = object->twin, before = before->twin)
        batch->change.values[batch->change.n_values++] =
            (struct value_rt){.node = object, .row = node->class->n_params + VALUE_HEIR, .before = before};
    node->heir_of = NULL;
}

static bool is_value(const struct op *op)
{
    return op->kind == OP_VALUE || op->kind == OP_EVENT;
}

/* One for each voice. */
static int values_fill(struct batch *batch)
{
    size_t n = 0;
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            n += is_value(&tx->ops[i]) || inherits(&tx->ops[i]) ? node_voices(tx->ops[i].node) : 0;
    if (n && !(batch->change.values = malloc(n * sizeof *batch->change.values)))
        return ERROR_INTERNAL;
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++) {
            if (inherits(&tx->ops[i]))
                heir_fill(batch, tx->ops[i].node);
            struct value_rt value = is_value(&tx->ops[i]) ? value_of(&tx->ops[i]) : (struct value_rt){0};
            for (; value.node; value.node = value.node->twin)
                batch->change.values[batch->change.n_values++] = value;
        }
    return 0;
}

static unsigned n_ops_of(const struct batch *batch, enum op_kind kind)
{
    unsigned n = 0;
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            n += tx->ops[i].kind == kind;
    return n;
}

/* Musical time and the orders to the transport. */
static int transport_fill(const struct ctl *ctl, struct batch *batch)
{
    struct change *change = &batch->change;
    bool must_map = ctl->must_map && !change->at_frame;
    if ((must_map || n_ops_of(batch, OP_MARK)) && !(change->map = transport_map_new(ctl, (uint32_t)ctl->rate_hz)))
        return ERROR_INTERNAL;
    unsigned n_orders = n_ops_of(batch, OP_ORDER);
    if (n_orders && !(change->orders = malloc(n_orders * sizeof *change->orders)))
        return ERROR_INTERNAL;
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            if (tx->ops[i].kind == OP_ORDER)
                change->orders[change->n_orders++] = tx->ops[i].order;
    return 0;
}

static int compile(struct ctl *ctl, struct batch *batch)
{
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    int code = plan_compile(&ctl->model, &batch->change.plan);
    clock_gettime(CLOCK_MONOTONIC, &end);
    ctl->compile_ns = (uint64_t)((end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec);
    return code;
}

void batch_answer(struct batch *batch, const struct error *error)
{
    for (struct tx *tx = batch->first, *next; tx; tx = next) {
        next = tx->next;
        tx_answer(tx, error, batch->change.frame);
    }
    batch->first = batch->last = NULL;
}

static struct tx *reversed(struct tx *tx)
{
    struct tx *first = NULL;
    for (struct tx *next; tx; tx = next) {
        next = tx->next;
        tx->next = first;
        first = tx;
    }
    return first;
}

static void undo_newest_first(struct batch *batch)
{
    batch->first = reversed(batch->first);
    for (struct tx *tx = batch->first; tx; tx = tx->next) {
        const struct edit_listener *edits = tx->ctl->edits;
        tx_undo(tx);
        if (edits)
            edits->taken_back(edits->self);
    }
    batch->first = reversed(batch->first);
}

/* Takes back what prepare decided. */
static void unprepare(struct ctl *ctl, const struct batch *batch)
{
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            if (tx->ops[i].edge && tx->ops[i].edge->admitted_in == batch->number) {
                tx->ops[i].edge->planned = false;
                ctl->n_waiting++; /* it may have been live before */
            }
    for (struct edge **link = &ctl->fading; *link;) {
        struct edge *edge = *link;
        if (edge->fading_since == batch->number) {
            *link = edge->fading_next;
            edge->fading_since = 0;
        } else {
            link = &edge->fading_next;
        }
    }
}

/* Memory ran out in the compile: nothing has happened, for any of the transactions. */
static void give_up(struct ctl *ctl, struct batch *batch)
{
    struct error error = {0};
    error_set(&error, ERROR_INTERNAL, "memory ran out for the plan of %u nodes; nothing was changed", ctl->model.n_nodes);
    compensation_unprepare(ctl, batch->number);
    unprepare(ctl, batch);
    undo_newest_first(batch);
    batch_answer(batch, &error);
    batch_free(batch);
}

/* From here on nothing can fail: what the transactions removed leaves the model for good. */
static void settle(struct ctl *ctl, struct batch *batch)
{
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++) {
            struct edge *edge = tx->ops[i].edge;
            if (edge && !edge->retired && !edge->live && !edge->planned)
                edge_retire(ctl, edge);
        }
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            if (tx->ops[i].kind == OP_NODE_REMOVE)
                node_retire_if_gone(ctl, tx->ops[i].node, 0);
    for (struct edge **link = &ctl->fading; *link;) {
        struct edge *edge = *link;
        if (edge->live) {
            *link = edge->fading_next;
            edge->fading_since = 0;
        } else {
            link = &edge->fading_next;
        }
    }
    batch->retired_compensations = compensation_take_dropped(ctl);
    batch->retired_edges = ctl->retired_edges;
    batch->retired_nodes = ctl->retired_nodes;
    batch->retired_objects = ctl->retired_objects;
    ctl->retired_objects = NULL;
    ctl->retired_edges = NULL;
    ctl->retired_nodes = NULL;
}

/* The plan is made: the model follows it. */
static void planned(struct ctl *ctl, struct batch *batch)
{
    settle(ctl, batch);
    if (ctl->must_publish)
        batch->device_wish = device_publish(ctl);
    ctl->must_compile = false;
    ctl->must_publish = ctl->must_publish && ctl->device && !batch->device_wish; /* memory ran out: with the next edit */
}

static bool edits_graph(const struct batch *batch)
{
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            if (tx->ops[i].kind <= OP_EDGE_SET)
                return true;
    return false;
}

void batch_flush(struct ctl *ctl)
{
    struct batch *batch = ctl->batch;
    bool has_time = batch && batch->change.at_frame;
    /* For one with a time ahead_open has seen to it that there is room. */
    if (!batch || (!has_time && (ctl->n_sent >= SENT_MAX || ctl->n_values_sent >= VALUES_MAX || compensation_is_full(ctl))))
        return;
    /* What only sets values at a time would be no more than that with a plan in it. */
    bool is_planned = !has_time || edits_graph(batch);
    if (is_planned)
        prepare(ctl, batch);
    if (!batch->first && !ctl->must_compile && !ctl->must_map)
        return;
    ctl->batch = NULL;
    if (outbox_reserve(&ctl->outbox) || values_fill(batch) || transport_fill(ctl, batch) ||
        (is_planned && ctl->must_compile && (compensation_prepare(ctl, batch) || compile(ctl, batch)))) {
        give_up(ctl, batch);
        return;
    }
    if (is_planned)
        planned(ctl, batch);
    ctl->must_map &= has_time;
    ahead_sent(ctl, batch);
    struct batch **link = &ctl->under_way;
    while (*link)
        link = &(*link)->next;
    *link = batch;
    if (!has_time) {
        ctl->n_sent++;
        ctl->n_values_sent += batch->n_values;
    }
    ctl->n_values += batch->change.n_values;
    outbox_change(&ctl->outbox, &batch->change);
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

void batch_cancel(struct batch *batch)
{
    struct error error = {0};
    if (!batch->returned)
        error_set(&error, ERROR_CANCELLED, "the engine was shut down before this took effect");
    batch_answer(batch, &error);
    retired_free(batch->retired_edges, batch->retired_nodes);
    batch_free(batch);
}

void batch_free(struct batch *batch)
{
    compensation_free_all(batch->retired_compensations);
    retired_objects_free(batch->retired_objects);
    plan_free(batch->change.plan);
    free(batch->change.values);
    free(batch->change.orders);
    free(batch->change.map);
    free(batch);
}
