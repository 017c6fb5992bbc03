/* Plays the notes of a chord one after the other.
 *
 *     in ──▶ keys: as they were played, and by pitch ──▶ pattern ──▶ + octaves, transpose ──▶ out
 *                  latch, pedal: held on                  ^ step
 *     rate, swing ──▶ grid (graph/dsp/grid.h) ────────────+──▶ gate: when what sounds ends
 *
 * While the piece rolls and the rate is a note value, steps lie on its grid; else the first key begins one. The pattern begins
 * with the first key, and where the piece is put elsewhere.
 */
#include "graph/dsp/grid.h"
#include "graph/dsp/run.h"
#include "graph/dsp/white.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { MODE, OCTAVES, RATE, GATE, SWING, VELOCITY, LEVEL, ACCENTS, TRANSPOSE, LATCH, SEED };
enum { UP, DOWN, UPDOWN, DOWNUP, AS_PLAYED, RANDOM, CHORD };
enum { PLAYED, FIXED, ACCENT };
enum { STEP };

#define KEYS_MOST 32

static const char *const modes[] = {"up", "down", "updown", "downup", "as_played", "random", "chord", NULL};
static const char *const velocities[] = {"played", "fixed", "accent", NULL};

static const struct param_info params[] = {
    [MODE] =
        {"mode", "",
         "The order of the notes; updown and downup play their ends once, as_played keeps to how the keys were pressed, "
         "chord repeats all of them.",
         modes, UP, CHORD, UP, .kind = PARAM_CHOICE},
    [OCTAVES] = {"octaves", "", "How many octaves the pattern goes through.", NULL, 1, 4, 1, .kind = PARAM_INTEGER},
    [RATE] = {"rate", "Hz", "Notes per second; a note value follows the bars of the piece while it rolls.", NULL, 0.1f, 50,
              8, 0.01f, .curve = CURVE_LOG},
    [GATE] = {"gate", "", "How much of its step a note sounds; at 1 it lasts to the next one.", NULL, 0.01f, 1, 0.5f, 0},
    [SWING] = {"swing", "", "How late every second step is, as part of a step; 0.333 is a shuffle of triplets.", NULL, 0,
               0.75f, 0, 0},
    [VELOCITY] =
        {"velocity", "",
         "How hard notes are struck: as the keys were, all the same, or as the keys were with an accent now and then.",
         velocities, PLAYED, ACCENT, PLAYED, .kind = PARAM_CHOICE},
    [LEVEL] = {"level", "", "Velocity of fixed notes and of accents.", NULL, 1, 127, 112, 0},
    [ACCENTS] = {"accents", "", "An accent falls on every so many steps.", NULL, 1, 32, 4, .kind = PARAM_INTEGER},
    [TRANSPOSE] = {"transpose", "", "Semitones that everything is moved by.", NULL, -48, 48, 0, .kind = PARAM_INTEGER},
    [LATCH] = {"latch", "", "Goes on when all keys are let go, until others are pressed.", NULL, 0, 1, 0,
               .kind = PARAM_SWITCH},
    [SEED] = {"seed", "", "Which random order of many.", NULL, 0, 16777215, 1, .kind = PARAM_INTEGER, .flags = PARAM_FIXED},
};

static const struct port_info inputs[] = {
    {"in", "The chord; the sustain pedal holds it like latch, all else but notes goes through.", .events = true}};
static const struct port_info outputs[] = {{"out", "The notes of the pattern.", .events = true}};
static const struct reading_info readings[] = {[STEP] = {"step", "", "Which note of the pattern sounds, from 1; 0: none."}};

struct key {
    float note, velocity;
    uint8_t channel;
    bool is_down;
};

struct arpeggiator {
    struct grid grid;
    uint64_t seen;             /* the engine's frame behind the last block */
    struct key key[KEYS_MOST]; /* as they were played */
    uint8_t by_pitch[KEYS_MOST];
    unsigned n_keys, n_down;
    bool is_latched, pedal;
    uint32_t count; /* steps of the pattern so far */
    int64_t next;   /* step of the grid */
    double swing;   /* as it was when the step before began: the next one's place is certain then */
    struct sounding {
        float note;
        uint8_t channel;
    } sounding[KEYS_MOST];
    unsigned n_sounding;
    struct grid_place end; /* of them */
    struct white white;
};

static int arpeggiator_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct arpeggiator *)state = (struct arpeggiator){.grid = grid_at(init->rate_hz),
                                                        .white = white_of_voice((uint64_t)init->param[SEED], init->voice)};
    return 0;
}

/* ---- what sounds ---------------------------------------------------------------------------------------------------- */

static void sounding_end(struct arpeggiator *arp, const struct node_io *io, unsigned i)
{
    for (unsigned k = 0; k < arp->n_sounding; k++)
        event_put(io->events_out, &(struct event){.offset = i,
                                                  .kind = EVENT_NOTE_OFF,
                                                  .channel = arp->sounding[k].channel,
                                                  .note = arp->sounding[k].note});
    arp->n_sounding = 0;
}

/* What is beyond the range of notes is a rest. */
static void sounding_add(struct arpeggiator *arp, const struct node_io *io, const struct key *key, unsigned octave,
                         unsigned i)
{
    float note = key->note + 12 * (float)octave + param_at(&io->param[TRANSPOSE], i), velocity = key->velocity;
    unsigned way = (unsigned)param_at(&io->param[VELOCITY], i);
    if (note < 0 || note > 127)
        return;
    if (way == FIXED || (way == ACCENT && arp->next % (int64_t)param_at(&io->param[ACCENTS], i) == 0))
        velocity = param_at(&io->param[LEVEL], i);
    arp->sounding[arp->n_sounding++] = (struct sounding){note, key->channel};
    event_put(
        io->events_out,
        &(struct event){.offset = i, .kind = EVENT_NOTE_ON, .channel = key->channel, .note = note, .value = velocity});
}

/* ---- the pattern ---------------------------------------------------------------------------------------------------- */

/* To and fro: 0 1 2 3 2 1 0 1 ... */
static unsigned swaying(uint32_t count, unsigned n)
{
    unsigned at = n > 1 ? count % (2 * n - 2) : 0;
    return at < n ? at : 2 * n - 2 - at;
}

/* Which of n rungs of the ladder. */
static unsigned rung(const struct arpeggiator *arp, unsigned mode, unsigned n)
{
    switch (mode) {
    case DOWN:
        return n - 1 - arp->count % n;
    case UPDOWN:
        return swaying(arp->count, n);
    case DOWNUP:
        return n - 1 - swaying(arp->count, n);
    case RANDOM:
        return (unsigned)((0.5f + 0.499999f * white_at(&arp->white, arp->count)) * (float)n);
    default:
        return arp->count % n;
    }
}

static void step_play(struct arpeggiator *arp, const struct node_io *io, unsigned i)
{
    unsigned mode = (unsigned)param_at(&io->param[MODE], i), octaves = (unsigned)param_at(&io->param[OCTAVES], i);
    struct grid_place place = grid_place_of(arp->next, arp->swing);
    unsigned at = rung(arp, mode, mode == CHORD ? octaves : arp->n_keys * octaves);
    sounding_end(arp, io, i);
    if (mode == CHORD)
        for (unsigned k = 0; k < arp->n_keys; k++)
            sounding_add(arp, io, &arp->key[k], at, i);
    else if (mode == AS_PLAYED)
        sounding_add(arp, io, &arp->key[at % arp->n_keys], at / arp->n_keys, i);
    else
        sounding_add(arp, io, &arp->key[arp->by_pitch[at % arp->n_keys]], at / arp->n_keys, i);
    double late = arp->next & 1 ? arp->swing : 0;
    arp->swing = param_at(&io->param[SWING], i);
    arp->end = grid_later(place, param_at(&io->param[GATE], i) * (1 - late + (arp->next & 1 ? 0 : arp->swing)));
    arp->next++;
    arp->count++;
    reading_set(io, STEP, (float)(at + 1));
}

/* ---- the keys ------------------------------------------------------------------------------------------------------- */

static void keys_sort(struct arpeggiator *arp)
{
    for (unsigned i = 0; i < arp->n_keys; i++) {
        unsigned k = i;
        for (; k > 0 && arp->key[arp->by_pitch[k - 1]].note > arp->key[i].note; k--)
            arp->by_pitch[k] = arp->by_pitch[k - 1];
        arp->by_pitch[k] = (uint8_t)i;
    }
}

/* Those that are not held down go, where nothing holds them on. */
static void keys_drop(struct arpeggiator *arp)
{
    unsigned n = 0;
    for (unsigned k = 0; k < arp->n_keys; k++)
        if (arp->key[k].is_down)
            arp->key[n++] = arp->key[k];
    arp->n_keys = n;
    keys_sort(arp);
}

static struct key *key_find(struct arpeggiator *arp, const struct event *event)
{
    for (unsigned k = 0; k < arp->n_keys; k++)
        if (arp->key[k].note == event->note && arp->key[k].channel == event->channel)
            return &arp->key[k];
    return NULL;
}

static void key_press(struct arpeggiator *arp, const struct node_io *io, const struct event *event, unsigned i)
{
    if (arp->n_down == 0)
        keys_drop(arp);
    struct key *key = key_find(arp, event);
    if (!key && arp->n_keys == KEYS_MOST)
        return;
    if (arp->n_keys == 0) {
        arp->count = 0;
        arp->swing = param_at(&io->param[SWING], i);
        if (!arp->grid.is_locked && !arp->n_sounding)
            grid_restart(&arp->grid);
        arp->next = grid_next_rt(&arp->grid, io, arp->swing, i);
    }
    key = key ? key : &arp->key[arp->n_keys++];
    arp->n_down += !key->is_down;
    *key = (struct key){event->note, event->value, event->channel, true};
    keys_sort(arp);
}

static void key_release(struct arpeggiator *arp, const struct event *event)
{
    struct key *key = key_find(arp, event);
    if (!key || !key->is_down)
        return;
    key->is_down = false;
    arp->n_down--;
    if (!arp->is_latched && !arp->pedal)
        keys_drop(arp);
}

static void hold(struct arpeggiator *arp, bool *what, bool is_on)
{
    bool was_on = *what;
    *what = is_on;
    if (was_on && !arp->is_latched && !arp->pedal)
        keys_drop(arp);
}

static void event_take(struct arpeggiator *arp, const struct node_io *io, const struct event *event, unsigned i)
{
    if (event->kind == EVENT_NOTE_ON)
        key_press(arp, io, event, i);
    else if (event->kind == EVENT_NOTE_OFF)
        key_release(arp, event);
    else if (event->kind == EVENT_CONTROL && event->number == CONTROL_PEDAL)
        hold(arp, &arp->pedal, event->value >= 64);
    else if (event->kind != EVENT_NOTE_PRESSURE) /* the keys are not the notes that sound */
        event_put(io->events_out, event);
    if (event->kind == EVENT_SOUND_OFF)
        arp->n_keys = arp->n_down = 0;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

/* It was bypassed: who has played meanwhile is not known. */
static void keys_forget(struct arpeggiator *arp, const struct node_io *io)
{
    sounding_end(arp, io, 0);
    arp->n_keys = arp->n_down = 0;
    arp->pedal = false;
}

static void begin_anew(struct arpeggiator *arp, const struct node_io *io, unsigned i)
{
    sounding_end(arp, io, i);
    arp->swing = param_at(&io->param[SWING], i);
    arp->next = grid_next_rt(&arp->grid, io, arp->swing, i);
    arp->count = 0;
}

/* What is to come first. */
static struct grid_place next_place(const struct arpeggiator *arp)
{
    struct grid_place place = arp->n_keys ? grid_place_of(arp->next, arp->swing) : (struct grid_place){INT64_MAX, 0};
    return arp->n_sounding && grid_is_before(&arp->end, &place) ? arp->end : place;
}

static void arpeggiator_process(void *state, const struct node_io *io)
{
    struct arpeggiator *arp = state;
    unsigned next = 0;
    if (io->frame != arp->seen)
        keys_forget(arp, io);
    for (unsigned i = 0; i < io->n;) {
        if (grid_turn_rt(&arp->grid, io, io->param[RATE].ticks, 0, i))
            begin_anew(arp, io, i);
        if (arp->n_sounding && grid_is_due_rt(&arp->grid, io, RATE, &arp->end, i))
            sounding_end(arp, io, i);
        hold(arp, &arp->is_latched, param_at(&io->param[LATCH], i) > 0);
        while (next < io->events->n && io->events->event[next].offset <= i)
            event_take(arp, io, &io->events->event[next++], i);
        struct grid_place place = grid_place_of(arp->next, arp->swing);
        if (arp->n_keys && grid_is_due_rt(&arp->grid, io, RATE, &place, i))
            step_play(arp, io, i);
        else if (!arp->n_keys)
            sounding_end(arp, io, i);
        place = next_place(arp);
        unsigned run = event_run(io->events, next, i, i + run_length(&io->param[LATCH], i, io->n));
        i += grid_run_rt(&arp->grid, io, RATE, &place, i, run);
    }
    arp->seen = io->frame + io->n;
    if (!arp->n_keys)
        reading_set(io, STEP, 0);
}

const struct node_class arpeggiator_node = {
    .name = "arpeggiator",
    .help = "Plays the notes of a chord one after the other, in time with the piece.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .n_readings = ROWS(readings),
    .channels = 1,
    .finite = true,
    .state_bytes = sizeof(struct arpeggiator),
    .init = arpeggiator_init,
    .process = arpeggiator_process,
};
