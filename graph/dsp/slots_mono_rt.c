#include "graph/dsp/slots_parts.h"

#include "graph/rt_only.h"

static const struct slots_key *mono_choice(const struct slots *slots, enum slots_priority priority)
{
    const struct slots_key *choice = NULL;
    for (const struct slots_key *key = slots->held; key < slots->held + slots->n_held; key++)
        if (!choice || priority == SLOTS_LAST ||
            (priority == SLOTS_LOW ? key->note <= choice->note : key->note >= choice->note))
            choice = key;
    return choice;
}

/* The slots of the newest note go over to another one. */
static void mono_take_over(struct slots *slots, const struct slots_settings *settings, const struct slots_key *key)
{
    struct slots_key now = *key;
    now.order = slots->order + 1;
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++) {
        if (!slots_plays(slot))
            continue;
        now.count = slot->count;
        if (settings->mode == SLOTS_LEGATO && slot->gate) {
            slot->note = now.note;
            slot->channel = now.channel;
            slot->order = now.order;
            slot->is_down = slot->legato = slot->overlaps = true;
            slot->is_kept = slot->is_caught = false;
            slot->off_in = SLOTS_FOREVER;
        } else
            slots_start(slots, slot, &now, slot->index);
    }
    slots->order++;
}

/* Whether the slots that play are those of one note, as many as a note has now. */
static bool mono_fits(const struct slots *slots, const struct slots_settings *settings)
{
    const unsigned unison = slots_unison(slots, settings);
    unsigned n = 0;
    bool gate = false;
    for (const struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++) {
        n += slots_plays(slot) && slot->order == slots->order;
        gate |= slots_plays(slot) && slot->gate;
    }
    return n == unison && n == slots->n_playing && !slots->n_waiting &&
           (!settings->renews || (settings->mode == SLOTS_LEGATO && gate));
}

static void mono_play(struct slots *slots, const struct slots_settings *settings, const struct slots_key *key)
{
    if (mono_fits(slots, settings)) {
        mono_take_over(slots, settings, key);
        return;
    }
    slots_fade_all(slots);
    slots_note_start(slots, settings, key);
}

/* The key that is played: the newest note, if it is down. */
static bool mono_plays(struct slots *slots, const struct slots_key *key)
{
    for (const struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        if (slots_plays(slot) && slot->is_down && slots_is_same(slot, key))
            return true;
    for (unsigned i = 0; i < slots->n_waiting; i++) {
        const struct slots_key *wish = slots_waiting(slots, i);
        if (wish->is_down && wish->note == key->note && wish->channel == key->channel)
            return true;
    }
    return false;
}

void slots_mono_on(struct slots *slots, const struct slots_settings *settings, const struct slots_key *key)
{
    const struct slots_key *choice = mono_choice(slots, settings->priority);
    if (choice->note == key->note && choice->channel == key->channel)
        mono_play(slots, settings, key);
}

/* Back to what is still held, or the end. */
void slots_mono_off(struct slots *slots, const struct slots_settings *settings, const struct slots_key *key)
{
    if (!mono_plays(slots, key))
        return;
    const struct slots_key *choice = mono_choice(slots, settings->priority);
    if (choice) {
        struct slots_key back = *choice;
        back.overlaps = true;
        mono_play(slots, settings, &back);
        return;
    }
    slots_poly_off(slots, key);
    slots_waiting_off(slots, key);
}
