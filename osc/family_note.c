/* /note/ — what is played, on any node that takes notes. It is of the moment: no revision, nothing to undo, nothing to save; like a
 * value, it is answered to those who can use an answer. */
#include <string.h>

#include "graph/midi.h"
#include "graph/mutant.h"
#include "graph/play.h"
#include "osc/command.h"
#include "osc/server.h"
#include "osc/unheard.h"

#define DURATION_MAX_S 3600.0
#define PROGRAM_MOST   127

/* "note 130 is outside its range 0 to 127". */
static int number_check(struct call *call, const char *name, double value, double least, double most)
{
    if (value >= least && value <= most)
        return 0;
    return error_set(call->error, ERROR_RANGE, "%s %g is outside its range %g to %g", name, value, least, most);
}

static int whole_check(struct call *call, const char *name, int64_t value, int64_t least, int64_t most)
{
    if (value >= least && value <= most)
        return 0;
    return error_set(call->error, ERROR_RANGE, "%s %lld is outside its range %lld to %lld", name, (long long)value,
                     (long long)least, (long long)most);
}

/* As part of the transaction, or at once where nobody waits for an answer. */
static int play(struct call *call, struct node *node, const struct event *event, double duration_s)
{
    struct ctl *ctl = call->server->ctl;
    uint32_t frames = duration_s > 0 ? ctl_frames(ctl, duration_s) : 0;
    frames += duration_s > 0 && !frames;
    return call->tx ? tx_play_event(call->tx, node, event, frames, call->error)
                    : ctl_play(ctl, node, event, frames, call->error);
}

static int source_find(struct call *call, uint32_t *source)
{
    return playing_source(call->server, &call->request->peer, call->request->at_frame != 0, source, call->error);
}

/* The node that the first argument names, and a keyword with the channel, from 1; the rest of the event is the caller's. */
static struct node *event_begin(struct call *call, unsigned channel_arg, struct event *event)
{
    struct node *node = model_get(&call->server->ctl->model, call->args[0].s, call->error);
    const struct value *channel = &call->args[channel_arg];
    if (!node || source_find(call, &event->source) ||
        (channel->given && whole_check(call, "channel", channel->i, 1, EVENT_CHANNELS)))
        return NULL;
    event->channel = channel->given ? (uint8_t)(channel->i - 1) : 0;
    return node;
}

/* What ends by itself, or is meant to stay, does so whoever is gone by then: dawctl is, at once. Of whoever else is not watched, the
 * note ends after a while. */
static double duration_take(const struct call *call, struct event *event)
{
    bool holds = call->args[5].given;
    if (holds || call->args[3].given)
        event->source = play_source(0);
    if (call->args[3].given)
        return call->args[3].d;
    return playing_is_common(event->source) && !holds ? PLAYING_UNHELD_S : 0;
}

static int note_on(struct call *call)
{
    struct event event = {.kind = EVENT_NOTE_ON, .note = (float)call->args[1].d, .value = (float)call->args[2].d};
    struct node *node = event_begin(call, 4, &event);
    if (!node || number_check(call, "note", call->args[1].d, 0, 127) ||
        number_check(call, "velocity", call->args[2].d, 0, 127))
        return (int)call->error->code;
    if (call->args[3].given && !(call->args[3].d > 0 && call->args[3].d <= DURATION_MAX_S))
        return error_set(call->error, ERROR_RANGE, "duration %g s is outside its range, above 0 to %g s", call->args[3].d,
                         DURATION_MAX_S);
    if (call->args[3].given && call->args[5].given)
        return error_set(call->error, ERROR_BAD_VALUE, "a note has a duration or is held, not both");
    double duration_s = duration_take(call, &event);
    if (event.value <= 0) {
        event.kind = EVENT_NOTE_OFF;
        duration_s = 0;
    } else if (unheard_check(node, call->error)) {
        return (int)call->error->code;
    }
    return play(call, node, &event, duration_s);
}

static int note_off(struct call *call)
{
    struct event event = {.kind = EVENT_NOTE_OFF, .note = (float)call->args[1].d};
    struct node *node = event_begin(call, 3, &event);
    if (!node || number_check(call, "note", call->args[1].d, 0, 127) ||
        (call->args[2].given && number_check(call, "velocity", call->args[2].d, 0, 127)))
        return (int)call->error->code;
    event.value = call->args[2].given ? (float)call->args[2].d : 0;
    return play(call, node, &event, 0);
}

static int all_off(struct call *call)
{
    const struct event event = {.kind = EVENT_CONTROL, .channel = EVENT_CHANNELS, .number = CONTROL_NOTES_OFF};
    const struct model *model = &call->server->ctl->model;
    if (call->args[0].given) {
        struct node *node = model_get(model, call->args[0].s, call->error);
        return node ? play(call, node, &event, 0) : (int)call->error->code;
    }
    for (struct node *node = model->first; node; node = node->next)
        if (node->live && play_is_heard_by(node) && play(call, node, &event, 0))
            return (int)call->error->code;
    return 0;
}

static int note_bend(struct call *call)
{
    struct event event = {.kind = EVENT_BEND, .value = (float)call->args[1].d};
    struct node *node = event_begin(call, 2, &event);
    if (!node || number_check(call, "bend", call->args[1].d, -1, 1))
        return (int)call->error->code;
    return play(call, node, &event, 0);
}

/* Of one note, or of the channel. */
static int note_pressure(struct call *call)
{
    struct event event = {.kind = EVENT_PRESSURE, .value = (float)call->args[1].d};
    struct node *node = event_begin(call, 3, &event);
    if (!node || number_check(call, "pressure", call->args[1].d, 0, 127) ||
        (call->args[2].given && number_check(call, "note", call->args[2].d, 0, 127)))
        return (int)call->error->code;
    if (call->args[2].given) {
        event.kind = EVENT_NOTE_PRESSURE;
        event.note = (float)call->args[2].d;
    }
    return play(call, node, &event, 0);
}

static int note_cc(struct call *call)
{
    struct event event = {.kind = EVENT_CONTROL, .value = (float)call->args[2].d};
    struct node *node = event_begin(call, 3, &event);
    if (!node || whole_check(call, "number", call->args[1].i, 0, 127) ||
        number_check(call, "value", call->args[2].d, 0, 127))
        return (int)call->error->code;
    event.number = (uint8_t)call->args[1].i;
    return play(call, node, &event, 0);
}

static int note_program(struct call *call)
{
    struct event event = {.kind = EVENT_PROGRAM, .number = (uint8_t)call->args[1].i};
    struct node *node = event_begin(call, 2, &event);
    int64_t most = node && node->class->n_presets ? (int64_t)node->class->n_presets - 1 : PROGRAM_MOST;
    if (!node || whole_check(call, "program", call->args[1].i, 0, most))
        return (int)call->error->code;
    return play(call, node, &event, 0);
}

/* ---- as MIDI --------------------------------------------------------------------------------------------------------- */

/* Bytes of a message with this status. */
static size_t midi_bytes(uint8_t status)
{
    unsigned kind = status & 0xf0u;
    return status >= MIDI_CLOCK ? 1 : kind == MIDI_PROGRAM || kind == MIDI_PRESSURE ? 2 : 3;
}

static int midi(struct call *call)
{
    struct node *node = model_get(&call->server->ctl->model, call->args[0].s, call->error);
    const uint8_t *bytes = call->args[1].a->m + 1;
    struct midi_message message;
    struct event event = {0};
    uint32_t source;
    if (!node || source_find(call, &source))
        return (int)call->error->code;
    if (!midi_read(bytes, midi_bytes(bytes[0]), &message) || !midi_to_event(&message, &event))
        return error_set(call->error, ERROR_BAD_VALUE, "%02x %02x %02x is no MIDI message about notes or controllers",
                         bytes[0], bytes[1], bytes[2]);
    event.source = source;
    bool begins = event.kind == EVENT_NOTE_ON && event.value > 0;
    if (begins && unheard_check(node, call->error))
        return (int)call->error->code;
    return play(call, node, &event, begins && playing_is_common(source) ? PLAYING_UNHELD_S : 0);
}

/* ---- what is on ------------------------------------------------------------------------------------------------------ */

static void node_list(struct call *call, const struct node *node)
{
    writer_string(call->results, node->name);
    writer_int(call->results, (int32_t)play_active(node));
    writer_long(call->results, (int64_t)play_lost(node));
}

static int note_list(struct call *call)
{
    const struct model *model = &call->server->ctl->model;
    if (call->args[0].given) {
        const struct node *node = model_get(model, call->args[0].s, call->error);
        if (!node)
            return (int)call->error->code;
        if (!play_is_heard_by(node))
            return error_set(call->error, ERROR_UNSUPPORTED, "%s (%s) takes no notes: it has no input for them", node->name,
                             node->class->name);
        node_list(call, node);
        return 0;
    }
    for (const struct node *node = model->first; node; node = node->next)
        if (node->live && play_is_heard_by(node))
            node_list(call, node);
    return 0;
}

#define PLAYED "frame:h revision:i"

static const struct command commands[] = {
    {"/note/on", "node:s note:k velocity:d [duration:d(s)] channel=i hold!", PLAYED,
     "Plays a note, by its name (C4, c#4, Bb3) or number, 0 to 127 with fractions, where C4 is 60, with a velocity up to "
     "127, "
     "where 0 lets it go; it ends after its duration, with /note/off, or, where none is given, when its connection closes, "
     "of a sender of datagrams without a lease after 60 s; with hold, only by /note/off, /note/all_off or /panic.",
     COMMAND_EDIT, 0, note_on, ROLE_PLAY, true},
    {"/note/off", "node:s note:k [velocity:d] channel=i", PLAYED, "Lets a note go; with a velocity, that of the release.",
     COMMAND_EDIT, 0, note_off, ROLE_PLAY, true},
    {"/note/all_off", "[node:s]", PLAYED,
     "Ends all notes of a node, whoever plays them, and puts pedal, bend, pressure and modulation back; without a name: of "
     "all nodes.",
     COMMAND_EDIT, 0, all_off, ROLE_PLAY, true},
    {"/note/bend", "node:s bend:d channel=i", PLAYED,
     "Bends the notes of a channel: -1 to 1 of the range that the node has.", COMMAND_EDIT, 0, note_bend, ROLE_PLAY, true},
    {"/note/pressure", "node:s pressure:d [note:k] channel=i", PLAYED,
     "How hard a note that is on is pressed, 0 to 127; without a note: all of the channel.", COMMAND_EDIT, 0, note_pressure,
     ROLE_PLAY, true},
    {"/note/cc", "node:s number:i value:d channel=i", PLAYED,
     "Moves a controller, 0 to 127: 1 is modulation, 64 the pedal, 74 timbre, 123 ends all notes of the channel that this "
     "sender plays.",
     COMMAND_EDIT, 0, note_cc, ROLE_PLAY, true},
    {"/note/program", "node:s program:i channel=i", PLAYED,
     "Changes the program: loads the preset of that number (/graph/presets); 0 to 127 where a node has none.", COMMAND_EDIT,
     0, note_program, ROLE_PLAY, true},
    {"/note/list", "[node:s]", "[node:s active:i lost:h]*",
     "Of each node that takes notes, or of one: how many are on (/node/NAME/notes tells which), and how many notes and "
     "controllers it had no room for.",
     COMMAND_QUERY, 0, note_list},
    {"/midi", "node:s message:m", PLAYED,
     "Plays a MIDI message (type m: port, which is not looked at, status and two bytes), its channel included.",
     COMMAND_EDIT, 0, midi, ROLE_PLAY, true},
};

const struct command_family note_family = {"note", commands, ROWS(commands)};
