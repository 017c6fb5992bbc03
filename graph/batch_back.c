/* The other end of every edit: what the audio thread has given back is answered, and what it replaced is freed. */
#include <stdlib.h>

#include "graph/ahead.h"
#include "graph/compensation.h"
#include "graph/plan.h"

void retired_free(struct edge *edges, struct node *nodes)
{
    for (struct edge *edge = edges, *next; edge; edge = next) {
        next = edge->fading_next;
        edge_free(edge);
    }
    for (struct node *node = nodes, *next; node; node = next) {
        next = node->next;
        node_free(node);
    }
}

void retired_objects_free(struct node_rt *objects)
{
    for (struct node_rt *object = objects, *next; object; object = next) {
        next = object->next_retired;
        object_node_free(object);
    }
}

/* The kernel takes 0.2 ms for each MiB that it gets back: all of 200 rooms at once would hold up whoever plays. */
#define LEFTOVERS_BYTES ((size_t)4 << 20)

void leftovers_free_some(struct ctl *ctl)
{
    for (size_t bytes = 0; ctl->leftovers && bytes < LEFTOVERS_BYTES;) {
        struct node_rt *object = ctl->leftovers;
        ctl->leftovers = object->twin;
        object->twin = NULL;
        bytes += object->arena.used_bytes;
        object_node_free(object);
    }
}

/* What is there once per voice is freed bit by bit. */
static void leave_over(struct ctl *ctl, struct node *node)
{
    struct node_rt *last = node->object;
    if (!last || !last->twin)
        return;
    while (last->twin)
        last = last->twin;
    last->twin = ctl->leftovers;
    ctl->leftovers = node->object;
    node->object = NULL;
}

static void retired_take(struct ctl *ctl, struct batch *batch)
{
    bool had_device = false;
    for (struct node *node = batch->retired_nodes; node; node = node->next) {
        device_release(&ctl->model, node);
        had_device |= node->class->device != DEVICE_NONE;
        leave_over(ctl, node);
    }
    retired_free(batch->retired_edges, batch->retired_nodes);
    compensation_free_all(batch->retired_compensations);
    retired_objects_free(batch->retired_objects);
    batch->retired_objects = NULL;
    batch->retired_edges = NULL;
    batch->retired_nodes = NULL;
    batch->retired_compensations = NULL;
    if (had_device)
        batch->device_wish = device_publish(ctl);
}

static void applied_add(struct ctl *ctl, const struct batch *batch)
{
    uint64_t applied_ns = batch->change.applied_ns;
    for (const struct tx *tx = batch->first; tx && applied_ns; tx = tx->next)
        if (tx->n_ops && tx->arrived_ns)
            histogram_add(&ctl->applied, applied_ns > tx->arrived_ns ? applied_ns - tx->arrived_ns : 0);
}

static void take_back(struct ctl *ctl, struct batch *batch)
{
    if (!batch->change.at_frame) {
        ctl->n_sent--;
        ctl->n_values_sent -= batch->n_values;
    }
    ctl->n_orders -= batch->change.n_orders;
    ahead_returned(ctl, batch);
    applied_add(ctl, batch);
    plan_free(batch->change.plan);
    batch->change.plan = NULL;
    for (struct edge *edge = ctl->fading; edge; edge = edge->fading_next)
        if (edge->fading_since == batch->number)
            edge->silent_at = batch->change.frame + edge->fading_wait_frames + edge->fading_frames;
    compensation_returned(ctl, batch->number, batch->change.frame);
    batch->returned = true;
}

/* Frees what went with those that are back, up to the first that is not: that one may be a change that waits for its time, and
 * sets a node which was removed meanwhile. */
static void retired_take_all(struct ctl *ctl)
{
    for (struct batch *batch = ctl->under_way; batch && batch->returned; batch = batch->next)
        if (!batch->is_freed) {
            retired_take(ctl, batch);
            batch->is_freed = true;
        }
}

static bool is_ready(const struct ctl *ctl, const struct batch *batch)
{
    return batch->returned && (batch->is_freed || !batch->retired_nodes) &&
           (!batch->device_wish || !ctl->device || ctl->device->fulfilled(ctl->device->self) >= batch->device_wish);
}

/* What waits for its time keeps no other answer waiting. */
static void answer_ready(struct ctl *ctl)
{
    for (struct batch *batch = ctl->under_way, *next; batch; batch = next) {
        next = batch->next;
        if (is_ready(ctl, batch))
            batch_answer(batch, &(struct error){0});
        else if (!batch->change.at_frame)
            return;
    }
}

void batch_finish_all(struct ctl *ctl)
{
    struct change *change;
    while ((change = outbox_returned(&ctl->outbox)))
        take_back(ctl, (struct batch *)change);
    retired_take_all(ctl);
    answer_ready(ctl);
    for (struct batch **link = &ctl->under_way; *link;) {
        struct batch *batch = *link;
        if (batch->first || !batch->is_freed || !is_ready(ctl, batch)) {
            link = &batch->next;
            continue;
        }
        *link = batch->next;
        batch_free(batch);
    }
}
