/* Notes and controllers to the outside, and the clock: a JACK port for MIDI.
 *
 *     in ─▶ on a channel? ─▶ nearest key, counted ─▶(+)─▶ JACK port
 *     transport ─▶ clock, start, stop, position ────▶┘
 */
#include "graph/midi_clock.h"
#include "graph/node.h"

#include "graph/rt_only.h"

#define KEYS 128

enum { CHANNEL, CLOCK };

static const struct param_info params[] = {
    [CHANNEL] = {"channel", "", "Which MIDI channel everything is sent on, 1 to 16; 0: the one that it was played on.",
                 .max = 16, .kind = PARAM_INTEGER},
    [CLOCK] = {"clock", "", "Sends the MIDI clock as well: tempo, start, stop and position of the transport.", .max = 1,
               .kind = PARAM_SWITCH},
};

static const struct port_info inputs[] = {{"in", "What is to be played.", .events = true}};

/* Notes between two keys are played on the nearer one, and several channels may be sent as one: so a key of the wire goes up with
 * the last note that is on it, and every note goes off where it went on. */
struct midi_output {
    uint8_t n_on[EVENT_CHANNELS][KEYS];       /* per channel and key as they were played */
    uint8_t wire[EVENT_CHANNELS][KEYS];       /* the channel on which these are */
    uint16_t n_on_wire[EVENT_CHANNELS][KEYS]; /* per channel and key as they were sent */
    struct midi_clock clock;
    bool is_clocked;
};

/* A node in the state that it has at one frame, and what it says there. */
struct saying {
    struct midi_output *output;
    const struct node_io *io;
    uint32_t offset;
};

static void say(const struct saying *saying, const struct midi_message *message)
{
    if (saying->io->midi)
        midi_port_put(saying->io->midi, saying->io->midi_at + saying->offset, message);
}

static unsigned channel_now(const struct saying *saying, const struct event *event)
{
    unsigned chosen = (unsigned)param_at(&saying->io->param[CHANNEL], saying->offset);
    return chosen ? chosen - 1 : event->channel;
}

static void send(const struct saying *saying, const struct event *event, unsigned channel)
{
    struct event sent = *event;
    struct midi_message message;
    sent.channel = (uint8_t)channel;
    if (midi_from_event(&sent, &message))
        say(saying, &message);
}

/* On the wire a key that is down is let go before it is struck again. */
static void note_on(const struct saying *saying, const struct event *event, uint8_t key)
{
    struct midi_output *output = saying->output;
    uint8_t *n_on = &output->n_on[event->channel][key], *wire = &output->wire[event->channel][key];
    if (!*n_on)
        *wire = (uint8_t)channel_now(saying, event);
    if (output->n_on_wire[*wire][key])
        send(saying, &(struct event){.kind = EVENT_NOTE_OFF, .note = event->note}, *wire);
    send(saying, event, *wire);
    ++*n_on;
    output->n_on_wire[*wire][key]++;
}

static void note_off(const struct saying *saying, const struct event *event, uint8_t key)
{
    struct midi_output *output = saying->output;
    uint8_t *n_on = &output->n_on[event->channel][key], wire = output->wire[event->channel][key];
    if (!*n_on)
        return;
    --*n_on;
    if (--output->n_on_wire[wire][key] == 0)
        send(saying, event, wire);
}

static void play(const struct saying *saying, const struct event *event)
{
    uint8_t key = midi_key(event->note);
    if (event->kind == EVENT_NOTE_ON)
        note_on(saying, event, key);
    else if (event->kind == EVENT_NOTE_OFF)
        note_off(saying, event, key);
    else if (event->kind == EVENT_NOTE_PRESSURE)
        send(saying, event, saying->output->wire[event->channel][key]);
    else
        send(saying, event, channel_now(saying, event));
}

static unsigned clock_run(struct midi_output *output, const struct node_io *io, struct midi_timed *clock)
{
    bool is_clocked = param_at(&io->param[CLOCK], 0) != 0, was_clocked = output->is_clocked;
    output->is_clocked = is_clocked;
    if (is_clocked)
        return midi_clock_run_rt(&output->clock, io->music, io->n, clock);
    return was_clocked ? midi_clock_end_rt(&output->clock, clock) : 0;
}

/* At one frame the clock goes first: who hears it is there when the note comes. */
static void midi_output_process(void *state, const struct node_io *io)
{
    struct midi_timed clock[MIDI_CLOCK_MOST];
    unsigned n_clock = clock_run(state, io, clock), next = 0;
    for (unsigned i = 0; i <= io->events->n; i++) {
        uint32_t until = i < io->events->n ? io->events->event[i].offset : io->n;
        for (; next < n_clock && clock[next].frame <= until; next++)
            say(&(struct saying){state, io, clock[next].frame}, &clock[next].message);
        if (i < io->events->n)
            play(&(struct saying){state, io, until}, &io->events->event[i]);
    }
    if (io->midi)
        io->midi->is_played = true;
}

const struct node_class midi_output_node = {
    .name = "midi_output",
    .help = "Sends notes, controllers and the clock to a synthesizer or another program, by a JACK port for MIDI.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .channels = 1,
    .device = DEVICE_MIDI_OUTPUT,
    .finite = true,
    .state_bytes = sizeof(struct midi_output),
    .process = midi_output_process,
};
