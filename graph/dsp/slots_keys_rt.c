#include "graph/dsp/slots_parts.h"

#include "graph/rt_only.h"

#define PEDAL_DOWN 64

static bool pedal_holds(const struct slots *slots, unsigned channel)
{
    return slots->pedal[channel] || slots->pedal[slots->master[channel]];
}

/* The key of a slot is up. */
static void key_up(struct slots *slots, struct slot *slot, float velocity)
{
    slot->is_down = false;
    slot->release_velocity = velocity;
    slot->is_kept = slot->is_caught || pedal_holds(slots, slot->channel);
    if (!slot->is_kept)
        slots_let_go(slot, velocity);
}

/* The note anew: what a pedal has held of it is let go, as on a string that is struck again. */
static void poly_on(struct slots *slots, const struct slots_settings *settings, const struct slots_key *key)
{
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++) {
        if (!slots_plays(slot) || !slots_is_same(slot, key))
            continue;
        if (settings->steal == STEAL_SAME)
            slots_fade(slots, slot);
        else if (slot->gate)
            slots_let_go(slot, 0);
    }
    slots_note_start(slots, settings, key);
}

void slots_poly_off(struct slots *slots, const struct slots_key *key)
{
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        if (slots_plays(slot) && slot->is_down && slots_is_same(slot, key))
            key_up(slots, slot, key->velocity);
}

/* What waits is let go as long after its beginning as it was to be. */
void slots_waiting_off(struct slots *slots, const struct slots_key *key)
{
    for (unsigned i = 0; i < slots->n_waiting; i++) {
        struct slots_key *wish = slots_waiting(slots, i);
        if (!wish->is_down || wish->note != key->note || wish->channel != key->channel)
            continue;
        wish->is_down = false;
        wish->release_velocity = key->velocity;
        if (!pedal_holds(slots, key->channel))
            wish->off_after = wish->since;
    }
}

/* ---- events ---------------------------------------------------------------------------------------------------------- */

static void held_remove(struct slots *slots, const struct slots_key *key)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < slots->n_held; i++)
        if (slots->held[i].note != key->note || slots->held[i].channel != key->channel)
            slots->held[kept++] = slots->held[i];
    slots->n_held = kept;
}

static void note_on(struct slots *slots, const struct slots_settings *settings, struct slots_key *key)
{
    held_remove(slots, key);
    key->is_down = true;
    key->overlaps = slots->n_held > 0;
    key->off_after = SLOTS_FOREVER;
    if (slots->n_held < EVENTS_HELD_MOST)
        slots->held[slots->n_held++] = *key;
    if (settings->mode == SLOTS_POLY)
        poly_on(slots, settings, key);
    else
        slots_mono_on(slots, settings, key);
}

static void note_off(struct slots *slots, const struct slots_settings *settings, struct slots_key *key)
{
    held_remove(slots, key);
    if (settings->mode != SLOTS_POLY) {
        slots_mono_off(slots, settings, key);
        return;
    }
    slots_poly_off(slots, key);
    slots_waiting_off(slots, key);
}

/* A pedal of a channel, or of its master, has gone up: whose key is up is let go, unless another pedal holds it. */
static void pedals_look(struct slots *slots)
{
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        if (slots_plays(slot) && slot->is_kept && !slot->is_caught && slot->off_in == SLOTS_FOREVER &&
            !pedal_holds(slots, slot->channel))
            slots_let_go(slot, slot->release_velocity);
    for (unsigned i = 0; i < slots->n_waiting; i++) {
        struct slots_key *wish = slots_waiting(slots, i);
        if (!wish->is_down && wish->off_after == SLOTS_FOREVER && !pedal_holds(slots, wish->channel))
            wish->off_after = wish->since;
    }
}

/* Sostenuto holds what is down when it goes down, and nothing that comes later. */
static void sostenuto_set(struct slots *slots, unsigned channel, bool is_down)
{
    if (slots->sostenuto[channel] == is_down)
        return;
    slots->sostenuto[channel] = is_down;
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        if (slots_plays(slot) && (slot->channel == channel || slots->master[slot->channel] == channel))
            slot->is_caught = is_down && slot->is_down;
    pedals_look(slots);
}

static void channel_silence(struct slots *slots, unsigned channel)
{
    unsigned n = slots->n_waiting;
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        if (slot->channel == channel || slots->master[slot->channel] == channel)
            slots_fade(slots, slot);
    for (unsigned i = 0; i < n; i++) { /* once round the ring: the others are put behind */
        struct slots_key wish = *slots_waiting(slots, 0);
        slots_waiting_drop(slots);
        if (wish.channel == channel)
            continue;
        *slots_waiting(slots, slots->n_waiting++) = wish;
        slots->n_wanted += wish.count;
    }
}

void slots_event(struct slots *slots, const struct slots_settings *settings, const struct event *event)
{
    struct slots_key key = {.note = event->note, .velocity = event->value / 127, .channel = event->channel};
    if (event->kind == EVENT_NOTE_ON)
        note_on(slots, settings, &key);
    else if (event->kind == EVENT_NOTE_OFF)
        note_off(slots, settings, &key);
    else if (event->kind == EVENT_SOUND_OFF)
        channel_silence(slots, event->channel);
    else if (event->kind == EVENT_CONTROL && event->number == CONTROL_PEDAL) {
        slots->pedal[event->channel] = event->value >= PEDAL_DOWN;
        pedals_look(slots);
    } else if (event->kind == EVENT_CONTROL && event->number == CONTROL_SOSTENUTO)
        sostenuto_set(slots, event->channel, event->value >= PEDAL_DOWN);
}
