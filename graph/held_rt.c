/* Each event looks through EVENTS_HELD_MOST notes at most. */
#include "graph/held_rt.h"

#include <stddef.h>

#include "graph/thread.h"

#include "graph/rt_only.h"

/* Kept free in each list for what must go out: controllers of all channels back to rest, and the silence of one of them. Offs that
 * find no room wait. */
#define RESERVED (4 * EVENT_CHANNELS + 1)
/* What one event may come to: the oldest note goes off, its own goes off, and is on again. */
#define OF_ONE   3

#define PEDAL_DOWN 64.0f

static bool has_room(const struct inbox *inbox, unsigned n)
{
    return inbox->list.n + n <= EVENTS_MOST - RESERVED;
}

bool held_has_room_rt(const struct inbox *inbox)
{
    return has_room(inbox, OF_ONE);
}

static void emit(const struct filling *filling, struct event event)
{
    struct event_list *list = &filling->inbox->list;
    event.offset = filling->offset;
    if (list->n < EVENTS_MOST)
        list->event[list->n++] = event;
}

/* ---- notes that are on ---------------------------------------------------------------------------------------------- */

bool held_is_of_rt(const struct held *held, uint32_t source)
{
    return source == SOURCE_NONE || held->source == source;
}

static bool is_same_note(const struct held *held, const struct event *event)
{
    return held->note == event->note && held->channel == event->channel;
}

/* Any other one that holds the same note; null: nobody does. */
static struct held *other_holder(struct inbox *inbox, const struct event *event, const struct held *not_this)
{
    for (unsigned i = 0; i < inbox->n_held; i++)
        if (&inbox->held[i] != not_this && is_same_note(&inbox->held[i], event))
            return &inbox->held[i];
    return NULL;
}

/* The one that an off means: the source's own, or, where a client says it, any client's, for two calls of oscsend are two
 * clients to us. */
struct held *held_find_rt(struct inbox *inbox, const struct event *event)
{
    struct held *of_clients = NULL;
    for (unsigned i = 0; i < inbox->n_held; i++) {
        struct held *held = &inbox->held[i];
        if (!is_same_note(held, event))
            continue;
        if (held->source == event->source)
            return held;
        if (held->source >= SOURCE_CLIENTS && event->source >= SOURCE_CLIENTS)
            of_clients = held;
    }
    return of_clients;
}

void held_next_end_rt(struct inbox *inbox)
{
    inbox->next_end = NEVER;
    for (unsigned i = 0; i < inbox->n_held; i++)
        if (inbox->held[i].ends_at < inbox->next_end)
            inbox->next_end = inbox->held[i].ends_at;
}

void held_until_rt(struct inbox *inbox, struct held *held, uint64_t frame)
{
    uint64_t before = held->ends_at;
    held->ends_at = frame;
    if (frame <= inbox->next_end)
        inbox->next_end = frame;
    else if (before == inbox->next_end)
        held_next_end_rt(inbox);
}

/* Its off goes out, unless somebody else holds the note; without room it stays, and ends as soon as there is. */
void held_release_rt(const struct filling *filling, struct held *held, float value)
{
    struct inbox *inbox = filling->inbox;
    struct event off = {.kind = EVENT_NOTE_OFF, .channel = held->channel, .note = held->note, .value = value};
    bool is_last = !other_holder(inbox, &off, held);
    if (is_last && !has_room(inbox, 1)) {
        held_until_rt(inbox, held, filling->end);
        return;
    }
    if (is_last)
        emit(filling, off);
    uint64_t ended_at = held->ends_at;
    *held = inbox->held[--inbox->n_held];
    if (ended_at == inbox->next_end && ended_at != NEVER)
        held_next_end_rt(inbox);
}

/* Again and again from the end, so that what moves into a place has been looked at. */
static void release_all(const struct filling *filling, uint32_t source, int channel)
{
    for (unsigned i = filling->inbox->n_held; i-- > 0;) {
        struct held *held = &filling->inbox->held[i];
        if (held_is_of_rt(held, source) && (channel < 0 || held->channel == channel))
            held_release_rt(filling, held, 0);
    }
}

/* What a note that begins has to know of those that are on; null: there is none. */
struct met {
    struct held *own; /* the same note of its source */
    struct held *any; /* the same note */
    struct held *oldest;
};

static struct met meet(struct inbox *inbox, const struct event *event)
{
    struct met met = {0};
    uint32_t most = 0;
    for (struct held *held = inbox->held; held < inbox->held + inbox->n_held; held++) {
        uint32_t age = inbox->n_struck - held->serial;
        if (age > most) {
            most = age;
            met.oldest = held;
        }
        if (!is_same_note(held, event))
            continue;
        met.any = held;
        if (held->source == event->source)
            met.own = held;
    }
    return met;
}

static struct held *place_take(struct inbox *inbox)
{
    struct held *held = &inbox->held[inbox->n_held++];
    held->ends_at = NEVER;
    return held;
}

/* Who plays more notes than fingers can hold wants to hear the newest: an instrument would take a voice from the oldest. */
static void note_on(const struct filling *filling, const struct event *event, uint32_t duration_frames)
{
    struct inbox *inbox = filling->inbox;
    struct met met = meet(inbox, event);
    bool is_on = met.any != NULL;
    if (inbox->is_closed)
        return;
    if (!met.own && inbox->n_held == EVENTS_HELD_MOST) {
        bool is_same = is_same_note(met.oldest, event);
        held_release_rt(filling, met.oldest, 0);
        is_on = is_same ? other_holder(inbox, event, NULL) != NULL : is_on;
    }
    if (is_on)
        emit(filling, (struct event){.kind = EVENT_NOTE_OFF, .channel = event->channel, .note = event->note});
    emit(filling, *event);
    struct held *own = met.own ? met.own : place_take(inbox);
    own->note = event->note;
    own->channel = event->channel;
    own->velocity = (uint16_t)(event->value * HELD_VELOCITY);
    own->source = event->source;
    own->serial = inbox->n_struck++;
    held_until_rt(inbox, own, duration_frames ? filling->frame + filling->offset + duration_frames : NEVER);
}

static void note_off(const struct filling *filling, const struct event *event)
{
    struct held *held = held_find_rt(filling->inbox, event);
    if (held)
        held_release_rt(filling, held, event->value);
}

/* ---- controllers ---------------------------------------------------------------------------------------------------- */

static void emit_control(const struct filling *filling, unsigned channel, unsigned number, float value)
{
    emit(filling,
         (struct event){.kind = EVENT_CONTROL, .channel = (uint8_t)channel, .number = (uint8_t)number, .value = value});
}

void held_reset_rt(const struct filling *filling, unsigned c, uint32_t source)
{
    uint32_t *by = filling->inbox->moved_by[c];
    bool goes[N_MOVED];
    for (unsigned k = 0; k < N_MOVED; k++) {
        goes[k] = by[k] && (source == SOURCE_NONE || by[k] == source);
        by[k] = goes[k] ? SOURCE_NONE : by[k];
    }
    if (goes[MOVED_PEDAL])
        emit_control(filling, c, CONTROL_PEDAL, 0);
    if (goes[MOVED_BEND])
        emit(filling, (struct event){.kind = EVENT_BEND, .channel = (uint8_t)c});
    if (goes[MOVED_TOUCH]) {
        emit_control(filling, c, CONTROL_MODULATION, 0);
        emit(filling, (struct event){.kind = EVENT_PRESSURE, .channel = (uint8_t)c});
    }
}

void held_end_rt(const struct filling *filling, uint32_t source)
{
    release_all(filling, source, -1);
    for (unsigned c = 0; c < EVENT_CHANNELS; c++)
        held_reset_rt(filling, c, source);
}

/* What MIDI says to a whole channel. */
static void mode_message(const struct filling *filling, const struct event *event)
{
    if (event->number == CONTROL_RESET) {
        held_reset_rt(filling, event->channel, event->source);
        return;
    }
    release_all(filling, event->source, event->channel);
    if (event->source == SOURCE_NONE || event->number == CONTROL_SOUND_OFF)
        held_reset_rt(filling, event->channel, event->source);
    if (event->number == CONTROL_SOUND_OFF)
        emit(filling, (struct event){.kind = EVENT_SOUND_OFF, .channel = event->channel});
}

static void control(const struct filling *filling, const struct event *event)
{
    uint32_t *by = filling->inbox->moved_by[event->channel];
    if (event->number >= CONTROL_SOUND_OFF) {
        mode_message(filling, event);
        return;
    }
    if (event->number == CONTROL_PEDAL)
        by[MOVED_PEDAL] = event->value >= PEDAL_DOWN ? event->source : SOURCE_NONE;
    if (event->number == CONTROL_MODULATION && event->value > 0)
        by[MOVED_TOUCH] = event->source;
    emit(filling, *event);
}

void held_take_rt(const struct filling *filling, const struct event *event, uint32_t duration_frames)
{
    if (event->channel >= EVENT_CHANNELS) {
        held_end_rt(filling, SOURCE_NONE);
        return;
    }
    uint32_t *by = filling->inbox->moved_by[event->channel];
    switch (event->kind) {
    case EVENT_NOTE_ON:
        if (event->value > 0)
            note_on(filling, event, duration_frames);
        else
            note_off(filling, event);
        return;
    case EVENT_NOTE_OFF:
        note_off(filling, event);
        return;
    case EVENT_CONTROL:
        control(filling, event);
        return;
    case EVENT_PRESSURE:
        by[MOVED_TOUCH] = event->source;
        break;
    case EVENT_BEND:
        by[MOVED_BEND] = event->value != 0 ? event->source : SOURCE_NONE;
        break;
    case EVENT_NOTE_PRESSURE:
        if (!other_holder(filling->inbox, event, NULL))
            return;
        break;
    default:
        break;
    }
    emit(filling, *event);
}
