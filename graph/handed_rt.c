/* An array, of which a block takes the beginning; what is left, in floods only, moves up. */
#include "graph/handed_rt.h"

#include <stddef.h>
#include <string.h>

#include "graph/mutant.h"

#include "graph/rt_only.h"

static void count_taken(struct inbox *inbox, int n)
{
    uint32_t taken = atomic_load_explicit(&inbox->n_taken, memory_order_relaxed) + (uint32_t)n;
    atomic_store_explicit(&inbox->n_taken, taken, memory_order_relaxed);
}

static void count_lost(struct inbox *inbox)
{
    atomic_fetch_add_explicit(&inbox->lost, 1, memory_order_relaxed);
}

static void append(struct inbox *inbox, const struct event *event, uint32_t duration_frames)
{
    inbox->handed[inbox->n_handed++] = (struct handed){*event, duration_frames};
}

/* An off that finds no room: nothing of it is lost, its note ends as soon as it can. What waits to be struck is told as well. */
static void let_go(struct inbox *inbox, const struct event *off)
{
    struct held *held = held_find_rt(inbox, off);
    bool waits = false;
    for (unsigned i = 0; i < inbox->n_handed; i++) {
        const struct event *on = &inbox->handed[i].event;
        if (on->kind != EVENT_NOTE_ON || on->source != off->source || on->note != off->note || on->channel != off->channel)
            continue;
        inbox->handed[i].duration_frames = 1;
        waits = true;
    }
    if (held && (!waits || held->source == off->source))
        held_until_rt(inbox, held, 0);
}

void handed_add_rt(struct inbox *inbox, const struct event *event, uint32_t duration_frames)
{
    if (inbox->n_handed < inbox->handed_most) {
        append(inbox, event, duration_frames);
        return;
    }
    count_taken(inbox, 1);
    if (event->kind == EVENT_NOTE_OFF)
        let_go(inbox, event);
    else
        count_lost(inbox);
}

bool handed_add_of_edge_rt(struct inbox *inbox, const struct event *event, uint32_t duration_frames)
{
    if (inbox->n_handed < inbox->handed_most / 2) {
        count_taken(inbox, -1);
        append(inbox, event, duration_frames);
        return true;
    }
    if (event->kind == EVENT_NOTE_OFF)
        return false;
    count_lost(inbox);
    return true;
}

void handed_count_rt(struct inbox *inbox)
{
    count_taken(inbox, 1);
}

void handed_take_rt(const struct filling *filling)
{
    struct inbox *inbox = filling->inbox;
    unsigned n = 0;
    for (; n < inbox->n_handed && held_has_room_rt(inbox); n++)
        held_take_rt(filling, &inbox->handed[n].event, inbox->handed[n].duration_frames);
    inbox->n_handed = MUTANT_FLAW("spilling") ? 0 : inbox->n_handed - n;
    inbox->n_unlike = 0;
    count_taken(inbox, (int)n);
    memmove(inbox->handed, inbox->handed + n, inbox->n_handed * sizeof *inbox->handed);
}

void handed_drop_rt(struct inbox *inbox, uint32_t source)
{
    unsigned n = 0;
    for (unsigned i = 0; i < inbox->n_handed; i++)
        if (inbox->handed[i].event.source != source)
            inbox->handed[n++] = inbox->handed[i];
    count_taken(inbox, (int)(inbox->n_handed - n));
    inbox->n_handed = n;
    inbox->n_unlike = 0;
}

/* Of two that say the same of one thing, the later one counts. */
static void keep(struct inbox *inbox, const struct handed *handed)
{
    const struct event *event = &handed->event;
    for (unsigned i = 0; i < inbox->n_unlike; i++) {
        struct event *kept = &inbox->handed[i].event;
        if (kept->kind == event->kind && kept->channel == event->channel && kept->number == event->number &&
            kept->note == event->note) {
            *kept = *event;
            return;
        }
    }
    inbox->handed[inbox->n_unlike++] = *handed;
}

/* Hours may pass so, and clients play on: what waits stays bounded by what there is to say. */
void handed_idle_rt(struct inbox *inbox)
{
    unsigned n = inbox->n_handed;
    for (unsigned i = inbox->n_unlike; i < n; i++) {
        struct handed handed = inbox->handed[i];
        struct held *held = handed.event.kind == EVENT_NOTE_OFF ? held_find_rt(inbox, &handed.event) : NULL;
        if (held)
            held_until_rt(inbox, held, 0);
        else if (handed.event.kind > EVENT_NOTE_ON)
            keep(inbox, &handed);
    }
    inbox->n_handed = inbox->n_unlike;
    count_taken(inbox, (int)(n - inbox->n_handed));
}
