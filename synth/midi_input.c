/* Notes and controllers from outside: a JACK port for MIDI.
 *
 *     JACK port ─▶ channel? ─▶ + transpose ─▶ out
 *                              kept per key: what went out, for its off
 */
#include "graph/midi_port.h"
#include "graph/mutant.h"
#include "graph/node.h"

#include "graph/rt_only.h"

#define KEYS 128
#define NONE 255

enum { CHANNEL, TRANSPOSE };

static const struct param_info params[] = {
    [CHANNEL] = {"channel", "", "Which MIDI channel is let in, 1 to 16; 0: all of them.", .max = 16, .kind = PARAM_INTEGER},
    [TRANSPOSE] = {"transpose", "semitones", "How much higher everything is played from the next key on.", .min = -48,
                   .max = 48, .kind = PARAM_INTEGER},
};

static const struct port_info outputs[] = {{"out", "What is played.", .events = true}};

enum { ARRIVED };

static const struct reading_info readings[] = {
    [ARRIVED] = {"arrived", "", "How many notes and controllers have come in: it grows while somebody plays."},
};

struct midi_input {
    uint32_t n_arrived;
    unsigned channel;                  /* that was let in at last */
    bool is_plugged;                   /* there is a port, and notes of it may be on */
    uint8_t key[EVENT_CHANNELS][KEYS]; /* per key of the keyboard that is down: the note that it plays; NONE: it is up */
};

static void all_up(struct midi_input *input)
{
    for (unsigned c = 0; c < EVENT_CHANNELS; c++)
        for (unsigned k = 0; k < KEYS; k++)
            input->key[c][k] = NONE;
}

static int midi_input_init(void *state, const struct node_init *init, struct error *error)
{
    (void)init, (void)error;
    all_up(state);
    return 0;
}

/* Moves a note to where it is played; false where it is not: outside of the range, or filtered when it began. An off and
 * pressure go where the key that is down has gone, whatever the parameters have become since. */
static bool note_place(struct midi_input *input, const struct node_io *io, bool is_let_in, struct event *event)
{
    uint8_t *key = &input->key[event->channel][(unsigned)event->note % KEYS];
    if (event->kind == EVENT_NOTE_ON) {
        float note = event->note + param_at(&io->param[TRANSPOSE], event->offset);
        if (!is_let_in || note < 0 || note >= KEYS)
            return false;
        if (*key != NONE && (float)*key != note) { /* struck again, elsewhere, without an off */
            struct event off = {.offset = event->offset, .channel = event->channel, .note = *key};
            event_put(io->events_out, &off);
        }
        *key = (uint8_t)note;
    }
    if (*key == NONE)
        return false;
    event->note = *key;
    if (event->kind == EVENT_NOTE_OFF)
        *key = NONE;
    return true;
}

static void take(struct midi_input *input, const struct node_io *io, const struct midi_timed *timed)
{
    struct event event;
    if (!midi_to_event(&timed->message, &event))
        return;
    event.offset = MUTANT_FLAW("blockwise") ? 0 : timed->frame - io->midi_at;
    unsigned channel = (unsigned)param_at(&io->param[CHANNEL], event.offset);
    bool is_let_in = !channel || channel == event.channel + 1u;
    input->n_arrived++;
    if (event.kind <= EVENT_NOTE_PRESSURE ? note_place(input, io, is_let_in, &event) : is_let_in)
        event_put(io->events_out, &event);
    if (event.kind == EVENT_CONTROL && is_let_in)
        event_put(io->told, &event);
}

/* A cable that is gone, or the port, lets go of everything. */
static void look_at_cables(struct midi_input *input, const struct node_io *io)
{
    bool is_cut = io->midi ? io->midi->is_cut && io->midi_at == 0 : input->is_plugged;
    input->is_plugged = io->midi;
    if (!is_cut || MUTANT_FLAW("unplugged"))
        return;
    io->events_out->cuts = true;
    all_up(input);
}

/* What is not let in any more cannot lift its pedal. */
static void look_at_channel(struct midi_input *input, const struct node_io *io)
{
    unsigned channel = (unsigned)param_at(&io->param[CHANNEL], 0);
    for (uint8_t c = 0; channel && channel != input->channel && c < EVENT_CHANNELS; c++)
        if (c != channel - 1)
            event_put(io->events_out, &(struct event){.kind = EVENT_CONTROL, .channel = c, .number = CONTROL_RESET});
    input->channel = channel;
}

static void midi_input_process(void *state, const struct node_io *io)
{
    struct midi_input *input = state;
    const struct midi_timed *timed;
    look_at_cables(input, io);
    look_at_channel(input, io);
    while (io->midi && (timed = midi_port_next(io->midi, io->midi_at, io->n)))
        take(input, io, timed);
    if (io->midi && io->midi->overflows)
        io->events_out->overflows = true;
    reading_set(io, ARRIVED, (float)input->n_arrived);
}

const struct node_class midi_input_node = {
    .name = "midi_input",
    .help = "Brings notes and controllers from a keyboard or another program into the graph, by a JACK port for MIDI.",
    .params = params,
    .n_params = ROWS(params),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .readings = readings,
    .n_readings = ROWS(readings),
    .channels = 1,
    .device = DEVICE_MIDI_INPUT,
    .tells = true,
    .finite = true,
    .state_bytes = sizeof(struct midi_input),
    .init = midi_input_init,
    .process = midi_input_process,
};
