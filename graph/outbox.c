/* The queue is a plain array with a moving start. Messages are numbered for ever, so that a node can remember where its newest
 * queued value stands and find out later, by comparing numbers only, whether that one has left or a change has come in
 * between. */
#include "graph/outbox.h"

#include <stdlib.h>

int outbox_reserve(struct outbox *outbox)
{
    if (outbox->first + outbox->n_queued < outbox->n_capacity)
        return 0;
    /* Moved to the front only when half of it has gone: by then moving costs less than what was sent. */
    if (outbox->first > outbox->n_capacity / 2) {
        memmove(outbox->queue, outbox->queue + outbox->first, outbox->n_queued * sizeof *outbox->queue);
        outbox->first = 0;
        return 0;
    }
    size_t n = 2 * outbox->n_capacity + 64;
    struct rt_message *queue = realloc(outbox->queue, n * sizeof *queue);
    if (!queue)
        return ERROR_INTERNAL;
    outbox->queue = queue;
    outbox->n_capacity = n;
    return 0;
}

static bool send(struct outbox *outbox, const struct rt_message *message)
{
    /* The place on the way back is reserved here, before the change leaves. */
    if (message->change && outbox->n_under_way == RT_TO_CTL_CAPACITY)
        return false;
    if (!ring_push(&outbox->engine->ctl_to_rt, message))
        return false;
    outbox->n_under_way += message->change != NULL;
    return true;
}

/* Returns the message's number in the queue, or 0 when it is in the ring already. Numbers count from 1. */
static uint64_t send_or_queue(struct outbox *outbox, const struct rt_message *message)
{
    if (!outbox->n_queued && send(outbox, message))
        return 0;
    outbox->queue[outbox->first + outbox->n_queued++] = *message;
    return outbox->n_gone + outbox->n_queued;
}

void outbox_change(struct outbox *outbox, struct change *change)
{
    uint64_t number = send_or_queue(outbox, &(struct rt_message){.change = change});
    if (number)
        outbox->n_change = number;
}

int outbox_value(struct outbox *outbox, struct node *node, const struct value_rt *value)
{
    uint64_t waiting = node->queued[value->row];
    if (waiting > outbox->n_gone && waiting > outbox->n_change) {
        outbox->queue[outbox->first + (waiting - outbox->n_gone) - 1].value = *value;
        outbox->n_coalesced++;
        return 0;
    }
    if (outbox_reserve(outbox))
        return ERROR_INTERNAL;
    node->queued[value->row] = send_or_queue(outbox, &(struct rt_message){.value = *value});
    return 0;
}

int outbox_event(struct outbox *outbox, const struct value_rt *event)
{
    if (outbox_reserve(outbox))
        return ERROR_INTERNAL;
    send_or_queue(outbox, &(struct rt_message){.value = *event});
    return 0;
}

void outbox_pump(struct outbox *outbox)
{
    while (outbox->n_queued && send(outbox, &outbox->queue[outbox->first])) {
        outbox->first++;
        outbox->n_queued--;
        outbox->n_gone++;
    }
    if (!outbox->n_queued)
        outbox->first = 0;
}

struct change *outbox_returned(struct outbox *outbox)
{
    struct change *change;
    if (!ring_pop(&outbox->engine->rt_to_ctl, &change))
        return NULL;
    outbox->n_under_way--;
    return change;
}

bool outbox_is_busy(const struct outbox *outbox)
{
    return outbox->n_queued || outbox->n_under_way || ring_fill(&outbox->engine->ctl_to_rt);
}

void outbox_deinit(struct outbox *outbox)
{
    free(outbox->queue);
}
