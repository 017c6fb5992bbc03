/* A container: what is in it is there once per voice, and plays as many notes as there are voices.
 *
 *     notes ──▶ slots.h: which voice plays which note ──▶ a list of events per voice ──▶ NAME/in (midi_cv) of that voice
 *                  │                                            ▲
 *     controllers ─┼── kept per channel ── as a note begins ────┘
 *                  └──▶ voice slots: which of them run, let go, fade ──▶ the engine (graph/voice_shared.h)
 *
 * A voice ends when the way out of it (voice_out) has fallen asleep.
 */
#include "graph/node.h"

#include "graph/dsp/run.h"
#include "graph/dsp/slots.h"
#include "graph/mutant.h"
#include "graph/rt_only.h"

_Static_assert(SLOTS_SPARE == POLYPHONY_SPARE && SLOTS_MOST == POLYPHONY_MOST, "a slot is a voice of the engine");

enum { VOICES, EMPTY, STEAL, MODE, PRIORITY, UNISON, DETUNE, BASS };
enum { ACTIVE };

static const char *const steals[] = {"oldest", "quietest", "same", NULL};
static const char *const modes[] = {"poly", "mono", "legato", NULL};
static const char *const priorities[] = {"last", "low", "high", NULL};

static const struct param_info params[] = {
    [VOICES] = {"voices", "", "Notes that sound at once at most.", NULL, 1, POLYPHONY_MOST, 8, .kind = PARAM_INTEGER,
                .flags = PARAM_FIXED},
    [EMPTY] = {"empty", "", "Begins without the nodes NAME/in and NAME/out that are made with it otherwise.", NULL, 0, 1, 0,
               .kind = PARAM_SWITCH, .flags = PARAM_FIXED},
    [STEAL] = {"steal", "", "Whose voice a note takes when all are in use; those that were let go come first.", steals,
               STEAL_OLDEST, STEAL_SAME, STEAL_OLDEST, .kind = PARAM_CHOICE},
    [MODE] = {"mode", "", "Many notes at once; or one, which begins anew with each key, or goes on while another is held.",
              modes, SLOTS_POLY, SLOTS_LEGATO, SLOTS_POLY, .kind = PARAM_CHOICE},
    [PRIORITY] = {"priority", "", "Which of the keys that are held sounds where only one does.", priorities, SLOTS_LAST,
                  SLOTS_HIGH, SLOTS_LAST, .kind = PARAM_CHOICE},
    [UNISON] = {"unison", "", "Voices that each note takes.", NULL, 1, SLOTS_UNISON_MOST, 1, .kind = PARAM_INTEGER},
    [DETUNE] = {"detune", "cents", "How far the voices of a note lie from its pitch at most.", NULL, 0, 100, 12},
    [BASS] = {"keep_bass", "", "The lowest key that is held loses its voice last.", NULL, 0, 1, 0, .kind = PARAM_SWITCH},
};

static const struct node_inside inside[] = {{"in", "midi_cv", .is_fed = true}, {"out", "voice_out"}};

static const struct port_info inputs[] = {{"in", "Notes and controllers.", .events = true}};
static const struct port_info outputs[] = {{"voice", "The notes of each voice, for the nodes in it.", .events = true}};
static const struct reading_info readings[] = {[ACTIVE] = {"active", "", "Voices that sound."}};

/* Controllers that a note which begins has to know of; bends and pressures have places of their own behind them. */
static const uint8_t kept[] = {CONTROL_MODULATION, CONTROL_TIMBRE, CONTROL_VOLUME, CONTROL_EXPRESSION};
enum { KEPT_BEND = ROWS(kept), KEPT_PRESSURE, N_KEPT };

#define NOT_MEASURED UINT64_MAX

/* What a voice was told last. */
struct told {
    bool is_on;
    float note;
    uint8_t channel;
    uint64_t off_cell; /* number of the cell in which it was let go */
};

struct voices {
    struct slots slots;
    struct told *told;                   /* per slot */
    float value[EVENT_CHANNELS][N_KEPT]; /* of controllers */
    bool is_moved[EVENT_CHANNELS][N_KEPT];
    uint64_t measured_from; /* number of the first cell of which all levels are known; NOT_MEASURED: nobody asks for any */
    bool stands;            /* keys are held, and nothing else goes on */
};

static int voices_init(void *state, const struct node_init *init, struct error *error)
{
    struct voices *voices = state;
    (void)error;
    unsigned n = (unsigned)init->param[VOICES];
    voices->told = arena_take_array(init->arena, n + SLOTS_SPARE, sizeof *voices->told);
    if (!voices->told || slots_init(&voices->slots, init->arena, n, init->rate_hz))
        return ERROR_INTERNAL;
    /* Behind the end of a fade, so that no block sees more than one end of a voice. */
    voices->slots.rest_frames = BLOCK_MAX;
    voices->measured_from = NOT_MEASURED;
    return 0;
}

static struct slots_settings settings_at(const struct param *param, unsigned at)
{
    return (struct slots_settings){.steal = (enum slots_steal)param_at(&param[STEAL], at),
                                   .mode = (enum slots_mode)param_at(&param[MODE], at),
                                   .priority = (enum slots_priority)param_at(&param[PRIORITY], at),
                                   .unison = (unsigned)param_at(&param[UNISON], at),
                                   .keeps_bass = param_at(&param[BASS], at) > 0};
}

/* ---- to one voice --------------------------------------------------------------------------------------------------- */

static void let_go(const struct node_io *io, struct told *told, unsigned i, unsigned at, float velocity)
{
    if (!told->is_on)
        return;
    told->is_on = false;
    told->off_cell = (io->frame + at) / VOICE_CELL_FRAMES;
    event_put(
        &io->events_out[i],
        &(struct event){
            .offset = at, .kind = EVENT_NOTE_OFF, .channel = told->channel, .note = told->note, .value = velocity * 127});
}

static struct event kept_event(const struct voices *voices, unsigned channel, unsigned k, unsigned at)
{
    struct event event = {.offset = at, .channel = (uint8_t)channel, .value = voices->value[channel][k]};
    event.kind = k == KEPT_BEND ? EVENT_BEND : k == KEPT_PRESSURE ? EVENT_PRESSURE : EVENT_CONTROL;
    event.number = k < ROWS(kept) ? kept[k] : 0;
    return event;
}

/* Its own channel, and those that are the masters of others where MPE is played. */
static bool concerns(const struct told *told, unsigned channel)
{
    return channel == told->channel || channel == 0 || channel == EVENT_CHANNELS - 1;
}

static void begin(const struct voices *voices, const struct node_io *io, unsigned i, unsigned at)
{
    const struct slot *slot = &voices->slots.slot[i];
    struct told *told = &voices->told[i], before = *told;
    float detune = param_at(&io->param[DETUNE], at) / 100 * slot->place;
    if (!slot->legato)
        let_go(io, told, i, at, 0);
    *told = (struct told){.is_on = true, .note = fminf(fmaxf(slot->note + detune, 0), 127), .channel = slot->channel};
    for (unsigned c = 0; c < EVENT_CHANNELS; c++)
        for (unsigned k = 0; concerns(told, c) && k < N_KEPT; k++) {
            struct event event = kept_event(voices, c, k, at);
            if (voices->is_moved[c][k])
                event_put(&io->events_out[i], &event);
        }
    event_put(&io->events_out[i], &(struct event){.offset = at,
                                                  .kind = EVENT_NOTE_ON,
                                                  .channel = told->channel,
                                                  .note = told->note,
                                                  .value = slot->velocity * 127});
    if (slot->legato && before.note != told->note)
        let_go(io, &before, i, at, 0);
}

static void stop(struct voice_slot *voice, uint64_t frame)
{
    if (voice->stops_at == VOICE_PLAYS)
        voice->stops_at = frame;
}

/* What is new of a slot in the frame `at`. */
static void tell(const struct voices *voices, const struct node_io *io, unsigned i, unsigned at)
{
    const struct slot *slot = &voices->slots.slot[i];
    struct voice_slot *voice = &io->slots[i];
    struct told *told = &voices->told[i];
    if (slot->starts || slot->legato) {
        if (voice->stops_at != VOICE_PLAYS) {
            voice->starts = true;
            voice->starts_at = io->frame + at;
            voice->stopped_at = voice->stops_at;
            voice->stops_at = VOICE_PLAYS;
        }
        voice->fades = false;
        voice->is_over = false;
        begin(voices, io, i, at);
    }
    if (slot->lets_go && !slot->gate)
        let_go(io, told, i, at, slot->release_velocity);
    if (slot->fade && !voice->fades) {
        let_go(io, told, i, at, 0);
        voice->fades = true;
        voice->fade_from = io->frame + at;
        voice->fade_frames = MUTANT_FLAW("grasping") ? 1 : voices->slots.fade_frames;
        stop(voice, voice->fade_from + voice->fade_frames);
    }
}

/* ---- to all --------------------------------------------------------------------------------------------------------- */

static unsigned kept_row(const struct event *event)
{
    unsigned k = 0;
    if (event->kind == EVENT_BEND)
        return KEPT_BEND;
    if (event->kind == EVENT_PRESSURE)
        return KEPT_PRESSURE;
    while (event->kind == EVENT_CONTROL && k < ROWS(kept) && kept[k] != event->number)
        k++;
    return event->kind == EVENT_CONTROL && k < ROWS(kept) ? k : N_KEPT;
}

/* Whether it is for the nodes of a voice. Pedals have been heard by then. */
static bool is_for_voices(const struct event *event)
{
    return event->kind != EVENT_NOTE_ON && event->kind != EVENT_NOTE_OFF && event->kind != EVENT_SOUND_OFF &&
           !(event->kind == EVENT_CONTROL && event->number == CONTROL_PEDAL);
}

/* Before the notes of the same frame. */
static void pass_on(struct voices *voices, const struct node_io *io, unsigned next, unsigned at)
{
    for (; next < io->events->n && io->events->event[next].offset == at; next++) {
        const struct event *event = &io->events->event[next];
        unsigned k = kept_row(event);
        if (k < N_KEPT) {
            voices->value[event->channel][k] = event->value;
            voices->is_moved[event->channel][k] = true;
        }
        for (unsigned i = 0; is_for_voices(event) && i < voices->slots.n; i++)
            if (voices->slots.slot[i].sounds && concerns(&voices->told[i], event->channel))
                event_put(&io->events_out[i], event);
    }
}

/* ---- around a block -------------------------------------------------------------------------------------------------- */

/* How loud it was in the cell before this one; one that began in this cell is not to be judged yet. */
static float level_of(const struct voice_slot *voice, uint64_t cell)
{
    if (voice->starts_at / VOICE_CELL_FRAMES >= cell)
        return 1;
    return voice->level_cell == cell ? voice->level_before : voice->level_cell + 1 == cell ? voice->level : 0;
}

/* Levels are known of whole cells. */
static void measure(struct voices *voices, const struct node_io *io)
{
    bool asks = !param_is_constant(&io->param[STEAL]) || param_at(&io->param[STEAL], 0) == STEAL_QUIETEST;
    if (!asks)
        voices->measured_from = NOT_MEASURED;
    else if (voices->measured_from == NOT_MEASURED)
        voices->measured_from = io->frame / VOICE_CELL_FRAMES + 1;
}

/* What the voices have come to by now. */
static void take_back(struct voices *voices, const struct node_io *io)
{
    uint64_t cell = io->frame / VOICE_CELL_FRAMES;
    bool is_known = voices->measured_from < cell;
    for (unsigned i = 0; i < voices->slots.n; i++) {
        struct voice_slot *voice = &io->slots[i];
        voice->starts = false;
        voices->slots.slot[i].level = is_known ? level_of(voice, cell) : 1;
    }
}

/* Frames from the first of the block to where voices may end. */
static unsigned to_end(const struct node_io *io)
{
    return (unsigned)(-io->frame % VOICE_CELL_FRAMES);
}

/* A voice of which nothing is heard stops where a cell ends, and is free one cell later: as behind a fade. */
static void end_voices(struct voices *voices, const struct node_io *io, uint64_t frame)
{
    for (unsigned i = 0; i < voices->slots.n; i++) {
        struct slot *slot = &voices->slots.slot[i];
        struct voice_slot *voice = &io->slots[i];
        if (!slot->sounds || slot->fade || slot->gate || MUTANT_FLAW("undying"))
            continue;
        if (voice->stops_at != VOICE_PLAYS && voice->stops_at + VOICE_CELL_FRAMES <= frame)
            slots_end(&voices->slots, slot);
        else if (voice->is_over)
            stop(voice, frame);
    }
}

/* Whether nothing becomes of it by itself. */
static bool stands(const struct slot *slot, const struct voice_slot *voice)
{
    return !slot->sounds || (voice->is_plain && slot->gate && slot->off_in == SLOTS_FOREVER);
}

/* What the nodes of a voice have to know. */
static void look(struct voices *voices, const struct node_io *io, unsigned i)
{
    const struct slot *slot = &voices->slots.slot[i];
    struct voice_slot *voice = &io->slots[i];
    bool was_plain = voice->is_plain, was_measured = voice->is_measured;
    voice->is_let_go = !slot->gate && voices->told[i].off_cell < io->frame / VOICE_CELL_FRAMES;
    voice->is_plain = voice->stops_at == VOICE_PLAYS && !voice->starts && !voice->is_let_go;
    voice->is_measured = voices->measured_from != NOT_MEASURED;
    voice->turns = (was_plain && !voice->is_plain) || (voice->is_measured && !was_measured);
}

static void voices_process(void *state, const struct node_io *io)
{
    struct voices *voices = state;
    unsigned next = 0, active = 0, end = to_end(io);
    measure(voices, io);
    take_back(voices, io);
    for (unsigned at = 0, run; at < io->n; at += run) {
        struct slots_settings settings = settings_at(io->param, at);
        if (at == end)
            end_voices(voices, io, io->frame + at);
        pass_on(voices, io, next, at);
        run = slots_run(&voices->slots, &settings, io->events, &next, at, at < end && end < io->n ? end : io->n);
        for (unsigned i = 0; i < voices->slots.n; i++)
            tell(voices, io, i, at);
    }
    voices->stands = voices->slots.n_playing && !voices->slots.n_waiting;
    for (unsigned i = 0; i < voices->slots.n; i++) {
        look(voices, io, i);
        active += voices->slots.slot[i].sounds;
        voices->stands &= stands(&voices->slots.slot[i], &io->slots[i]);
    }
    reading_set(io, ACTIVE, (float)active);
}

static bool voices_stands(const void *state)
{
    const struct voices *voices = state;
    return voices->stands;
}

static bool voices_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct voices *voices = state;
    (void)n;
    (void)quiet;
    return slots_are_idle(&voices->slots);
}

const struct node_class voices_node = {
    .name = "voices",
    .help = "A container: what is in it is there once for each note that sounds.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .n_readings = ROWS(readings),
    .channels = 1,
    .voices_by = 1 + VOICES,
    .empty_by = 1 + EMPTY,
    .inside = inside,
    .n_inside = ROWS(inside),
    .sleeps = {.can = true, .settled = voices_settled, .stands = voices_stands},
    .finite = true,
    .state_bytes = sizeof(struct voices),
    .init = voices_init,
    .process = voices_process,
};
