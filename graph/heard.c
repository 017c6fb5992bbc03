#include "graph/heard.h"

#include "graph/preset.h"

#define BUSY_S 0.5 /* for how long who has played is taken to go on: control then looks every millisecond */

void heard_listen(struct ctl *ctl, struct heard_listener *listener)
{
    listener->next = ctl->heard_listeners;
    ctl->heard_listeners = listener;
}

/* What is heard mostly comes from one node for a while. */
static struct node *node_of(const struct ctl *ctl, uint64_t sequence, struct node *last)
{
    if (last && last->sequence == sequence)
        return last;
    for (struct node *node = ctl->model.first; node; node = node->next)
        if (node->live && node->sequence == sequence)
            return node;
    return NULL;
}

static void program_load(struct ctl *ctl, struct node *node, unsigned program)
{
    struct error unused;
    if (program >= node->class->n_presets)
        return;
    struct tx *tx = tx_open(ctl, 0);
    if (!tx)
        return;
    if (preset_stage(tx, node, &node->class->presets[program], -1, &unused))
        tx_rollback(tx);
    else
        tx_commit(tx, (struct completion){0});
}

static void tell(const struct ctl *ctl, struct node *node, const struct heard *heard)
{
    for (const struct heard_listener *to = ctl->heard_listeners; to; to = to->next)
        to->heard(to->self, node, heard);
}

void heard_say(struct ctl *ctl, struct node *node, const struct event *event)
{
    if (event->kind == EVENT_CONTROL)
        tell(ctl, node, &(struct heard){node->sequence, ctl_clock(ctl), *event});
}

/* A listener may remove nodes, which stay in memory until the next flush. */
void heard_poll(struct ctl *ctl)
{
    struct heard heard;
    struct node *node = NULL;
    for (unsigned i = 0; i < HEARD_CAPACITY && ring_pop(&ctl->engine->heard, &heard); i++) {
        node = node_of(ctl, heard.sequence, node);
        ctl->heard_at = ctl_clock(ctl) + 1;
        if (!node || !node->live)
            continue;
        if (heard.event.kind == EVENT_PROGRAM)
            program_load(ctl, node, heard.event.number);
        tell(ctl, node, &heard);
    }
}

bool heard_is_busy(const struct ctl *ctl)
{
    return ctl->heard_at && ctl_clock(ctl) < ctl->heard_at + ctl_frames(ctl, BUSY_S);
}
