#include "graph/dsp/slots_parts.h"

#include "graph/rt_only.h"

int slots_init(struct slots *slots, struct arena *arena, unsigned n_heard, double rate_hz)
{
    *slots = (struct slots){.n = n_heard + SLOTS_SPARE, .n_heard = n_heard};
    slots->fade_frames = (uint32_t)ceil(SLOTS_FADE_S * rate_hz);
    slots->fade_step = 1 / (float)slots->fade_frames;
    for (unsigned c = 0; c < EVENT_CHANNELS; c++)
        slots->master[c] = (uint8_t)c;
    slots->slot = arena_take_array(arena, slots->n, sizeof *slots->slot);
    slots->waiting = arena_take_array(arena, SLOTS_MOST, sizeof *slots->waiting);
    slots->held = arena_take_array(arena, EVENTS_HELD_MOST, sizeof *slots->held);
    return slots->slot && slots->waiting && slots->held ? 0 : ERROR_INTERNAL;
}

/* ---- going ----------------------------------------------------------------------------------------------------------- */

static void clear(struct slot *slot)
{
    *slot = (struct slot){.off_in = SLOTS_FOREVER};
}

/* What fades is free when it has faded: others may wait for that very frame. */
void slots_end(struct slots *slots, struct slot *slot)
{
    if (!slots_plays(slot))
        return;
    slots->n_playing--;
    clear(slot);
}

void slots_clear(struct slots *slots)
{
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        clear(slot);
    slots->n_playing = slots->n_fading = slots->n_held = slots->n_waiting = slots->n_wanted = 0;
}

void slots_fade(struct slots *slots, struct slot *slot)
{
    if (!slots_plays(slot))
        return;
    if (slot->starts && !slot->resumes) { /* in this very frame: nobody has heard it */
        slots_end(slots, slot);
        return;
    }
    slot->fade = slots->fade_frames + slots->rest_frames;
    slot->gate = slot->is_down = slot->is_kept = slot->is_caught = false;
    slot->off_in = SLOTS_FOREVER;
    slots->n_playing--;
    slots->n_fading++;
}

void slots_let_go(struct slot *slot, float velocity)
{
    slot->lets_go = slot->gate;
    slot->gate = slot->is_down = slot->is_kept = slot->is_caught = false;
    slot->release_velocity = velocity;
    slot->off_in = SLOTS_FOREVER;
}

/* ---- coming ---------------------------------------------------------------------------------------------------------- */

struct slots_key *slots_waiting(struct slots *slots, unsigned i)
{
    return &slots->waiting[(slots->first_waiting + i) % SLOTS_MOST];
}

void slots_waiting_drop(struct slots *slots)
{
    slots->n_wanted -= slots_waiting(slots, 0)->count;
    slots->first_waiting = (slots->first_waiting + 1) % SLOTS_MOST;
    slots->n_waiting--;
}

void slots_start(struct slots *slots, struct slot *slot, const struct slots_key *key, unsigned index)
{
    bool resumes = slot->sounds;
    *slot = (struct slot){.sounds = true,
                          .gate = true,
                          .starts = true,
                          .resumes = resumes && (slot->resumes || !slot->starts),
                          .lets_go = slot->lets_go,
                          .overlaps = key->overlaps,
                          .channel = key->channel,
                          .index = (uint8_t)index,
                          .count = key->count,
                          .note = key->note,
                          .velocity = key->velocity,
                          .release_velocity = key->release_velocity,
                          .place = key->count > 1 ? -1 + 2 * (float)index / (float)(key->count - 1) : 0,
                          .order = key->order,
                          .level = 1,
                          .is_down = key->is_down,
                          .is_kept = !key->is_down,
                          .off_in = key->off_after};
    slots->n_playing += !resumes;
    if (slot->off_in == 0)
        slots_let_go(slot, key->release_velocity);
}

/* As many of those that wait as there is room for. Only where it is known beforehand to happen: at a note, or when a fade
 * ends. */
static void waiting_start(struct slots *slots)
{
    while (slots->n_waiting && slots->n_playing + slots->n_fading + slots_waiting(slots, 0)->count <= slots->n) {
        const struct slots_key *key = slots_waiting(slots, 0);
        struct slot *slot = slots->slot;
        for (unsigned index = 0; index < key->count; slot++)
            if (!slot->sounds)
                slots_start(slots, slot, key, index++);
        slots_waiting_drop(slots);
    }
}

/* ---- stealing -------------------------------------------------------------------------------------------------------- */

static const struct slot *bass_of(const struct slots *slots)
{
    const struct slot *bass = NULL;
    for (const struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        if (slots_plays(slot) && slot->gate && (!bass || slot->note < bass->note))
            bass = slot;
    return bass;
}

/* How little a slot is to be missed: larger is stolen first. Gates weigh more than the bass, that more than being new. */
static unsigned rank(const struct slot *slot, const struct slot *bass, uint64_t newest)
{
    return 4 * !slot->gate + 2 * !(bass && slot->order == bass->order) + (slot->order != newest);
}

static bool is_better(const struct slot *a, const struct slot *b, enum slots_steal steal)
{
    if (steal == STEAL_QUIETEST && a->level != b->level)
        return a->level < b->level;
    return a->order < b->order;
}

static struct slot *victim_of(struct slots *slots, const struct slots_settings *settings)
{
    const struct slot *bass = settings->keeps_bass ? bass_of(slots) : NULL;
    struct slot *victim = NULL;
    unsigned most = 0;
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++) {
        if (!slots_plays(slot))
            continue;
        unsigned now = rank(slot, bass, slots->order);
        if (!victim || now > most || (now == most && is_better(slot, victim, settings->steal))) {
            victim = slot;
            most = now;
        }
    }
    return victim;
}

/* A note goes with all its slots. */
static void fade_note(struct slots *slots, uint64_t order)
{
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        if (slots_plays(slot) && slot->order == order)
            slots_fade(slots, slot);
}

void slots_fade_all(struct slots *slots)
{
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        slots_fade(slots, slot);
    while (slots->n_waiting)
        slots_waiting_drop(slots);
}

/* Until there is room for `count` more among those that play or wait. */
static void room_make(struct slots *slots, const struct slots_settings *settings, unsigned count)
{
    while (slots->n_playing + slots->n_wanted + count > slots->n_heard) {
        const struct slot *victim = victim_of(slots, settings);
        if (victim)
            fade_note(slots, victim->order);
        else
            slots_waiting_drop(slots);
    }
}

unsigned slots_unison(const struct slots *slots, const struct slots_settings *settings)
{
    unsigned unison = settings->unison ? settings->unison : 1;
    unison = unison < SLOTS_UNISON_MOST ? unison : SLOTS_UNISON_MOST;
    return unison < slots->n_heard ? unison : slots->n_heard;
}

void slots_note_start(struct slots *slots, const struct slots_settings *settings, const struct slots_key *key)
{
    struct slots_key wish = *key;
    wish.count = (uint8_t)slots_unison(slots, settings);
    room_make(slots, settings, wish.count);
    wish.order = ++slots->order;
    *slots_waiting(slots, slots->n_waiting++) = wish;
    slots->n_wanted += wish.count;
    waiting_start(slots);
}

/* ---- time ------------------------------------------------------------------------------------------------------------ */

static void slot_advance(struct slots *slots, struct slot *slot)
{
    slot->starts = slot->resumes = slot->legato = slot->lets_go = false;
    if (slot->fade && slot->fade <= slots->run) {
        slots->n_fading--;
        clear(slot);
    } else if (slot->fade)
        slot->fade -= slots->run;
    if (slot->off_in == SLOTS_FOREVER)
        return;
    slot->off_in -= slots->run;
    if (!slot->off_in)
        slots_let_go(slot, slot->release_velocity);
}

void slots_begin(struct slots *slots)
{
    unsigned before = slots->n_fading;
    for (struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++)
        if (slot->sounds)
            slot_advance(slots, slot);
    for (unsigned i = 0; i < slots->n_waiting; i++)
        slots_waiting(slots, i)->since += slots->run;
    slots->run = 0;
    if (slots->n_fading < before)
        waiting_start(slots);
}

unsigned slots_finish(struct slots *slots, unsigned most)
{
    for (const struct slot *slot = slots->slot; slot < slots->slot + slots->n; slot++) {
        if (slot->sounds && slot->off_in < most)
            most = slot->off_in;
        if (slots->n_waiting && slot->fade && slot->fade < most)
            most = slot->fade;
    }
    slots->run = most;
    return most;
}

unsigned slots_run(struct slots *slots, const struct slots_settings *settings, const struct event_list *events,
                   unsigned *next, unsigned at, unsigned n)
{
    slots_begin(slots);
    for (; *next < events->n && events->event[*next].offset <= at; (*next)++)
        slots_event(slots, settings, &events->event[*next]);
    return slots_finish(slots, event_run(events, *next, at, n));
}
