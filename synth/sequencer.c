/* Plays a row of steps, over and over, in time with the piece.
 *
 *     rate, swing ──▶ grid (graph/dsp/grid.h) ──▶ which step: direction, length ──▶ rest, note, tie or slide ──┬──▶ out
 *     in: the last key ──▶ transposes ──────────────────────────────────────────────▶ + note                   └──▶ pitch, gate,
 *                                                                                     chance, ratchet               velocity
 *
 * It runs while the piece rolls, and by a clock of its own otherwise if that is wanted. A step that goes over into a tie or a slide
 * sounds until that begins.
 */
#include "graph/dsp/grid.h"
#include "graph/dsp/run.h"
#include "graph/dsp/white.h"
#include "graph/node.h"
#include "graph/numbered.h"
#include "graph/rt_only.h"

#define STEPS_MOST   32
#define KEY_AS_IT_IS 60 /* C4: the key that transposes by nothing */

/* Rows: those of all, then those of the first step, of the second, ... */
enum { STEPS, LENGTH, DIRECTION, RATE, SWING, TRANSPOSE, ANEW, FREE, CHANNEL, SEED, ROWS_OF_ALL };
enum { STEP, NOTE, VELOCITY, GATE, CHANCE, RATCHET, ROWS_OF_STEP };
enum { FORWARD, BACKWARD, PENDULUM, RANDOM };
enum { REST, PLAYED, TIE, SLIDE };
enum { EVENTS_OUT, PITCH_OUT = 0, GATE_OUT, VELOCITY_OUT, N_OUT };

static const char *const directions[] = {"forward", "backward", "pendulum", "random", NULL};
static const char *const kinds[] = {"rest", "note", "tie", "slide", NULL};

#define STEP_ROWS(n) KIND(n), TONE(n), STRENGTH(n), PORTION(n), LUCK(n), HITS(n)
#define KIND(n)                                                                                                            \
    {                                                                                                                      \
        "step" #n, "", "Silence, a note, the one before held on, or a slide from that into a note.", kinds, REST, SLIDE,   \
            PLAYED, .kind = PARAM_CHOICE, .number = n                                                                      \
    }
#define TONE(n)                                                                                                            \
    {                                                                                                                      \
        "note" #n, "", "Its note, or between two; 60 is C4.", NULL, 0, 127, 60, 0, .number = n                             \
    }
#define STRENGTH(n)                                                                                                        \
    {                                                                                                                      \
        "velocity" #n, "", "How hard it is struck.", NULL, 1, 127, 100, 0, .number = n                                     \
    }
#define PORTION(n)                                                                                                         \
    {                                                                                                                      \
        "gate" #n, "", "How much of its step it sounds.", NULL, 0.01f, 1, 0.5f, 0, .number = n                             \
    }
#define LUCK(n)                                                                                                            \
    {                                                                                                                      \
        "chance" #n, "", "How likely it is.", NULL, 0, 1, 1, 0, .number = n                                                \
    }
#define HITS(n)                                                                                                            \
    {                                                                                                                      \
        "ratchet" #n, "", "Strokes within the step.", NULL, 1, 8, 1, .kind = PARAM_INTEGER, .number = n                    \
    }

static const struct param_info params[] = {
    [STEPS] = {"steps", "", "How many steps there are.", NULL, 1, STEPS_MOST, 16, .kind = PARAM_INTEGER,
               .flags = PARAM_FIXED},
    [LENGTH] = {"length", "", "After how many of them it begins again.", NULL, 1, STEPS_MOST, STEPS_MOST,
                .kind = PARAM_INTEGER},
    [DIRECTION] = {"direction", "", "The way through the steps; pendulum plays both ends once.", directions, FORWARD,
                   RANDOM, FORWARD, .kind = PARAM_CHOICE},
    [RATE] = {"rate", "Hz", "Steps per second; a note value follows the bars of the piece while it rolls.", NULL, 0.1f, 50,
              8, 0.01f, .curve = CURVE_LOG},
    [SWING] = {"swing", "", "How late every second step is, as part of a step; 0.333 is a shuffle of triplets.", NULL, 0,
               0.75f, 0, 0},
    [TRANSPOSE] = {"transpose", "", "Semitones that everything is moved by.", NULL, -48, 48, 0, .kind = PARAM_INTEGER},
    [ANEW] = {"anew", "", "Begins with the first step every so many bars; 0: only where a signature begins.", NULL, 0, 64,
              0, .kind = PARAM_INTEGER},
    [FREE] = {"free", "", "Runs by its own clock while the piece stands.", NULL, 0, 1, 0, .kind = PARAM_SWITCH},
    [CHANNEL] = {"channel", "", "MIDI channel of the notes.", NULL, 1, EVENT_CHANNELS, 1, .kind = PARAM_INTEGER},
    [SEED] = {"seed", "", "Which chance of many.", NULL, 0, 16777215, 1, .kind = PARAM_INTEGER, .flags = PARAM_FIXED},
    NUMBERED_32(STEP_ROWS),
};

static const struct port_info inputs[] = {
    {"in", "The last key moves all notes by its distance from 60; all else but notes goes through.", .events = true}};
static const struct port_info outputs[] = {
    {"out", "The notes.", .events = true},
    {"pitch", "Of the last note, in octaves from A4: for a frequency of 440 Hz with depth 1.", 1},
    {"gate", "1 while a note sounds.", 1},
    {"velocity", "Of the last note, 0 to 1.", 1},
};
static const struct reading_info readings[] = {[0] = {"step", "", "Which one it is at, from 1; 0: it stands."}};

struct sequencer {
    struct grid grid;
    unsigned n_steps;
    bool runs;
    int64_t next;         /* step of the grid */
    uint32_t count;       /* steps that were played, which chance goes by: other notes in every round of a loop */
    double swing, length; /* of the step that plays: what the next one is late by, and how long it is */
    struct grid_place from;
    unsigned index, hits, hit; /* the step, how often it is struck, and how often it has been */
    bool is_led_on;            /* into the next step */
    struct event sounding;     /* value 0: nothing */
    struct grid_place end;     /* of that */
    float key;                 /* what it moves the notes by */
    float pitch, velocity;
    struct white white;
};

static int sequencer_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct sequencer *)state = (struct sequencer){.grid = grid_at(init->rate_hz),
                                                    .n_steps = (unsigned)init->param[STEPS],
                                                    .white = white_of_voice((uint64_t)init->param[SEED], init->voice)};
    return 0;
}

/* ---- notes ---------------------------------------------------------------------------------------------------------- */

static void note_end(struct sequencer *seq, const struct node_io *io, unsigned i)
{
    if (seq->sounding.value == 0)
        return;
    seq->sounding.offset = i;
    seq->sounding.kind = EVENT_NOTE_OFF;
    seq->sounding.value = 0;
    event_put(io->events_out, &seq->sounding);
}

static float of_step(const struct sequencer *seq, const struct node_io *io, unsigned row, unsigned i)
{
    return param_at(&io->param[ROWS_OF_ALL + seq->index * ROWS_OF_STEP + row], i);
}

/* The end of what was struck just now. */
static void note_until(struct sequencer *seq, const struct node_io *io, double late, unsigned i)
{
    double hit = seq->length / seq->hits;
    bool is_last = seq->hit == seq->hits;
    seq->end = is_last && seq->is_led_on ? (struct grid_place){INT64_MAX, 0}
                                         : grid_later(seq->from, late + hit * of_step(seq, io, GATE, i));
}

/* What is beyond the range of notes is a rest. In a slide the note before ends behind the beginning of this one, so that
 * instruments lead over. */
static void note_strike(struct sequencer *seq, const struct node_io *io, bool slides, unsigned i)
{
    struct event before = seq->sounding;
    double late = seq->length / seq->hits * seq->hit++;
    float note = of_step(seq, io, NOTE, i) + param_at(&io->param[TRANSPOSE], i) + seq->key;
    bool goes_on = slides && before.value > 0 && before.note == note;
    if (!slides || note < 0 || note > 127)
        note_end(seq, io, i);
    if (note < 0 || note > 127)
        return;
    note_until(seq, io, late, i);
    if (goes_on)
        return;
    seq->pitch = (note - EVENT_NOTE_A4) / 12;
    seq->velocity = of_step(seq, io, VELOCITY, i) / 127;
    struct event event = {.offset = i,
                          .kind = EVENT_NOTE_ON,
                          .channel = (uint8_t)(param_at(&io->param[CHANNEL], i) - 1),
                          .note = note,
                          .value = of_step(seq, io, VELOCITY, i)};
    event_put(io->events_out, &event);
    note_end(seq, io, i);
    seq->sounding = event;
}

/* ---- steps ---------------------------------------------------------------------------------------------------------- */

/* The step of the sequence that a step of the grid is; of the random ones by how many were played before. */
static unsigned index_of(const struct sequencer *seq, const struct node_io *io, int64_t step, uint32_t count, unsigned i)
{
    int64_t n = (int64_t)param_at(&io->param[LENGTH], i), sway;
    n = n < seq->n_steps ? n : seq->n_steps;
    switch ((unsigned)param_at(&io->param[DIRECTION], i)) {
    case BACKWARD:
        return (unsigned)(n - 1 - step % n);
    case PENDULUM:
        sway = n > 1 ? step % (2 * n - 2) : 0;
        return (unsigned)(sway < n ? sway : 2 * n - 2 - sway);
    case RANDOM:
        return (unsigned)((0.5f + 0.499999f * white_at(&seq->white, 2 * count)) * (float)n);
    default:
        return (unsigned)(step % n);
    }
}

static unsigned kind_of(const struct node_io *io, unsigned index, unsigned i)
{
    return (unsigned)param_at(&io->param[ROWS_OF_ALL + index * ROWS_OF_STEP + STEP], i);
}

static void step_begin(struct sequencer *seq, const struct node_io *io, unsigned i)
{
    seq->from = grid_place_of(seq->next, seq->swing);
    seq->index = index_of(seq, io, seq->next, seq->count, i);
    double late = seq->next & 1 ? seq->swing : 0;
    seq->swing = param_at(&io->param[SWING], i);
    seq->length = 1 - late + (seq->next & 1 ? 0 : seq->swing);
    unsigned kind = kind_of(io, seq->index, i);
    seq->is_led_on = kind_of(io, index_of(seq, io, seq->next + 1, seq->count + 1, i), i) >= TIE;
    seq->hits = seq->hit = 1;
    if (0.5f + 0.499999f * white_at(&seq->white, 2 * seq->count + 1) >= of_step(seq, io, CHANCE, i))
        kind = REST;
    if (kind == TIE && seq->sounding.value > 0) {
        note_until(seq, io, 0, i);
    } else if (kind == PLAYED || kind == SLIDE) {
        seq->hits = (unsigned)of_step(seq, io, RATCHET, i);
        seq->hit = 0;
        note_strike(seq, io, kind == SLIDE, i);
    } else {
        note_end(seq, io, i);
    }
    seq->next++;
    seq->count++;
    reading_set(io, 0, (float)(seq->index + 1));
}

static struct grid_place hit_place(const struct sequencer *seq)
{
    return seq->hits ? grid_later(seq->from, seq->length / seq->hits * seq->hit) : seq->from; /* there is none yet */
}

/* What is to come first. */
static struct grid_place next_place(const struct sequencer *seq)
{
    struct grid_place place = grid_place_of(seq->next, seq->swing), hit = hit_place(seq);
    if (!seq->runs)
        return (struct grid_place){INT64_MAX, 0};
    if (seq->hit < seq->hits && grid_is_before(&hit, &place))
        place = hit;
    return seq->sounding.value > 0 && grid_is_before(&seq->end, &place) ? seq->end : place;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

static void begin_anew(struct sequencer *seq, const struct node_io *io, unsigned i)
{
    note_end(seq, io, i);
    seq->hits = seq->hit = 1;
    seq->swing = param_at(&io->param[SWING], i);
    seq->next = grid_next_rt(&seq->grid, io, seq->swing, i);
}

static void turn(struct sequencer *seq, const struct node_io *io, unsigned i)
{
    bool runs = io->music->is_rolling || param_at(&io->param[FREE], i) > 0;
    bool is_other = grid_turn_rt(&seq->grid, io, io->param[RATE].ticks, (unsigned)param_at(&io->param[ANEW], i), i);
    if (runs && !seq->runs)
        grid_restart(&seq->grid);
    if (is_other || runs != seq->runs)
        begin_anew(seq, io, i);
    seq->runs = runs;
    if (!runs)
        reading_set(io, 0, 0);
}

static void events_take(struct sequencer *seq, const struct node_io *io, unsigned *next, unsigned i)
{
    for (; *next < io->events->n && io->events->event[*next].offset <= i; ++*next) {
        const struct event *event = &io->events->event[*next];
        if (event->kind == EVENT_NOTE_ON)
            seq->key = event->note - KEY_AS_IT_IS;
        else if (event->kind != EVENT_NOTE_OFF && event->kind != EVENT_NOTE_PRESSURE)
            event_put(io->events_out, event);
    }
}

static void signals_fill(const struct sequencer *seq, const struct node_io *io, unsigned i, unsigned n)
{
    float value[N_OUT] = {seq->pitch, seq->sounding.value > 0, seq->velocity};
    for (unsigned c = 0; c < N_OUT; c++)
        for (unsigned k = i; k < i + n; k++)
            io->out[c][k] = value[c];
}

/* Frames from i on in which none of the switches that are looked at all the time moves. */
static unsigned steady(const struct node_io *io, unsigned i)
{
    unsigned end = i + run_length(&io->param[FREE], i, io->n);
    return i + run_length(&io->param[ANEW], i, end);
}

static void sequencer_process(void *state, const struct node_io *io)
{
    struct sequencer *seq = state;
    unsigned next = 0;
    for (unsigned i = 0, run; i < io->n; i += run) {
        turn(seq, io, i);
        events_take(seq, io, &next, i);
        struct grid_place step = grid_place_of(seq->next, seq->swing), hit = hit_place(seq);
        if (seq->sounding.value > 0 && grid_is_due_rt(&seq->grid, io, RATE, &seq->end, i))
            note_end(seq, io, i);
        if (seq->runs && grid_is_due_rt(&seq->grid, io, RATE, &step, i))
            step_begin(seq, io, i);
        else if (seq->runs && seq->hit < seq->hits && grid_is_due_rt(&seq->grid, io, RATE, &hit, i))
            note_strike(seq, io, false, i);
        struct grid_place place = next_place(seq);
        run = event_run(io->events, next, i, steady(io, i));
        run = grid_run_rt(&seq->grid, io, RATE, &place, i, run);
        signals_fill(seq, io, i, run);
    }
}

const struct node_class sequencer_node = {
    .name = "sequencer",
    .help = "Plays a row of steps, in time with the piece.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .n_readings = ROWS(readings),
    .channels = 1,
    .numbered_by = 1 + STEPS,
    .finite = true,
    .state_bytes = sizeof(struct sequencer),
    .init = sequencer_init,
    .process = sequencer_process,
};
