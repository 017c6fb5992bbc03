#include "graph/play.h"

#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "graph/heard.h"

uint32_t play_source(uint32_t client)
{
    return SOURCE_CLIENTS | client;
}

bool play_is_heard_by(const struct node *node)
{
    const struct node_class *class = node->class;
    return port_info_of_events(class->inputs, class->n_inputs) < class->n_inputs;
}

static int check(const struct node *node, struct error *error)
{
    if (play_is_heard_by(node))
        return 0;
    return error_set(error, ERROR_UNSUPPORTED, "%s (%s) takes no notes: it has no input for them", node->name,
                     node->class->name);
}

/* ---- how much may wait ----------------------------------------------------------------------------------------------- */

static struct inbox *inbox_of(const struct node *node)
{
    return node->object ? node->object->inbox : NULL;
}

static bool ends_notes(const struct event *event)
{
    return event->kind == EVENT_NOTE_OFF || (event->kind == EVENT_CONTROL && event->number >= CONTROL_SOUND_OFF);
}

/* The more so as a flood at one node is to hold up no other. */
static int check_room(const struct node *node, const struct event *event, struct error *error)
{
    const struct inbox *inbox = inbox_of(node);
    if (!inbox)
        return 0;
    int32_t n = (int32_t)(inbox->n_sent - atomic_load_explicit(&inbox->n_taken, memory_order_relaxed));
    int32_t most = (int32_t)inbox->handed_most / (ends_notes(event) ? 1 : 2);
    if (n < most)
        return 0;
    return error_set(error, ERROR_BUSY,
                     "%s has %d notes and controllers to play yet, of %d that may wait: send fewer at once, or again in a "
                     "moment",
                     node->name, n, most);
}

static int check_outbox(const struct ctl *ctl, const struct event *event, struct error *error)
{
    size_t most = (size_t)CTL_TO_RT_CAPACITY * (ends_notes(event) ? 2 : 1);
    if (ctl->outbox.n_queued < most)
        return 0;
    return error_set(error, ERROR_BUSY, "the audio thread has not taken the last %zu notes and values yet",
                     ctl->outbox.n_queued);
}

static void count_sent(const struct node *node, int n)
{
    if (inbox_of(node))
        inbox_of(node)->n_sent += (uint32_t)n;
}

void play_taken_back(const struct node *node)
{
    count_sent(node, -1);
}

/* ---------------------------------------------------------------------------------------------------------------------- */

struct value_rt play_value(const struct node *node, const struct event *event, uint32_t duration_frames)
{
    return (struct value_rt){.node = node->object,
                             .row = node->class->n_params + VALUE_EVENT,
                             .event = *event,
                             .duration_frames = duration_frames};
}

int tx_play_event(struct tx *tx, struct node *node, const struct event *event, uint32_t duration_frames,
                  struct error *error)
{
    if (check(node, error) || check_room(node, event, error) || tx_check_room(tx, value_weight(node), error))
        return (int)error->code;
    struct op *op = tx_op_next(tx, error);
    if (!op)
        return (int)error->code;
    *op = (struct op){.kind = OP_EVENT, .node = node, .event = *event, .duration_frames = duration_frames};
    tx->n_values++;
    tx->weight += value_weight(node);
    count_sent(node, 1);
    tx_op_done(tx);
    return 0;
}

/* It must not overtake what was committed. */
static int play_in_tx(struct ctl *ctl, struct node *node, const struct event *event, uint32_t duration_frames,
                      struct error *error)
{
    struct tx *tx = tx_open(ctl, 0);
    if (!tx)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the note");
    if (tx_play_event(tx, node, event, duration_frames, error)) {
        tx_rollback(tx);
        return (int)error->code;
    }
    tx_commit(tx, (struct completion){0});
    return 0;
}

int ctl_play(struct ctl *ctl, struct node *node, const struct event *event, uint32_t duration_frames, struct error *error)
{
    if (check(node, error))
        return (int)error->code;
    if (ctl->batch && ctl->batch->first)
        return play_in_tx(ctl, node, event, duration_frames, error);
    if (check_room(node, event, error) || check_outbox(ctl, event, error))
        return (int)error->code;
    struct value_rt message = play_value(node, event, duration_frames);
    message.arrived_ns = ctl->arrived_ns;
    if (outbox_event(&ctl->outbox, &message))
        return error_set(error, ERROR_INTERNAL, "memory ran out for the note");
    ctl->n_values++;
    count_sent(node, 1);
    heard_say(ctl, node, event);
    return 0;
}

int ctl_source_gone(struct ctl *ctl, uint32_t source, struct error *error)
{
    if (outbox_event(&ctl->outbox, &(struct value_rt){.event = {.source = source}}))
        return error_set(error, ERROR_INTERNAL, "memory ran out for the notes of a client that has gone");
    return 0;
}

/* With its first event, what is on was shown anew. */
bool play_was_played(const struct node *node)
{
    const struct inbox *inbox = inbox_of(node);
    return inbox && atomic_load_explicit(&inbox->turn, memory_order_relaxed);
}

uint32_t play_active(const struct node *node)
{
    const struct inbox *inbox = inbox_of(node);
    return inbox ? atomic_load_explicit(&inbox->active, memory_order_relaxed) : 0;
}

uint64_t play_lost(const struct node *node)
{
    const struct inbox *inbox = inbox_of(node);
    return inbox ? atomic_load_explicit(&inbox->lost, memory_order_relaxed) : 0;
}

static unsigned shown_read(const struct inbox_shown *shown, struct play_note *notes)
{
    unsigned n = atomic_load_explicit(&shown->n, memory_order_acquire);
    for (unsigned i = 0; i < n; i++) {
        uint64_t word = atomic_load_explicit(&shown->note[i], memory_order_acquire);
        uint32_t bits = (uint32_t)word;
        memcpy(&notes[i].note, &bits, sizeof bits);
        notes[i].channel = (uint8_t)(word >> 32);
    }
    return n;
}

static int by_channel(const void *a, const void *b)
{
    const struct play_note *left = a, *right = b;
    int channels = left->channel - right->channel;
    return channels ? channels : (left->note > right->note) - (left->note < right->note);
}

/* Several sources may hold one. */
static unsigned once_each(struct play_note *notes, unsigned n)
{
    unsigned n_kept = 0;
    qsort(notes, n, sizeof *notes, by_channel);
    for (unsigned i = 0; i < n; i++)
        if (!n_kept || by_channel(&notes[n_kept - 1], &notes[i]) != 0)
            notes[n_kept++] = notes[i];
    return n_kept;
}

unsigned play_notes(const struct node *node, struct play_note *notes)
{
    const struct inbox *inbox = inbox_of(node);
    for (uint32_t turn, n; inbox;) {
        turn = atomic_load_explicit(&inbox->turn, memory_order_acquire);
        n = shown_read(&inbox->shown[turn % 2], notes);
        if (atomic_load_explicit(&inbox->turn, memory_order_relaxed) == turn)
            return once_each(notes, n);
    }
    return 0;
}
