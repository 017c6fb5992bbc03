/* Plays a MIDI file, once or in a loop: notes and controllers for instruments.
 *
 *     play, loop, rate, tempo -> reader over the file -> track, channel -> transpose, velocity -> out
 *
 * Each event comes in the frame that is nearest to its time in the file. Nothing sounds on: when it stops, and before each round
 * of a loop, whatever it holds is let go, pedals too. In a block of more events than a list takes, the rest comes a block later.
 */
#include "graph/node.h"

#include <string.h>

#include "graph/dsp/run.h"
#include "graph/midi.h"
#include "graph/smf_reader.h"
#include "graph/tempo_shared.h"

#include "graph/rt_only.h"

#define KEYS 128

enum { SONG, PLAY, LOOP, TEMPO, RATE, TRANSPOSE, VELOCITY, CHANNEL, TRACK, PROGRAMS, DRUMS };
enum { TEMPO_FILE, TEMPO_TRANSPORT };
enum { POSITION, PLAYING };

static const char *const tempos[] = {"file", "transport", NULL};

static const struct param_info params[] = {
    [SONG] = {"file", "", "The MIDI file, of any format.", .kind = PARAM_FILE, .flags = PARAM_REBUILD | PARAM_NEEDED,
              .reads = MEDIA_MIDI},
    [PLAY] = {"play", "", "Switched on, plays from the start; switched off, stops.", NULL, 0, 1, 1, .kind = PARAM_SWITCH,
              .flags = PARAM_PLAYS},
    [LOOP] = {"loop", "", "At the end, goes on from the start instead of stopping.", NULL, 0, 1, 0, .kind = PARAM_SWITCH},
    [TEMPO] =
        {"tempo", "",
         "Whose tempo it goes by: that of the file, with all its changes, or that of the transport, whether that rolls or "
         "not.",
         tempos, TEMPO_FILE, TEMPO_TRANSPORT, TEMPO_FILE, .kind = PARAM_CHOICE},
    [RATE] = {"rate", "", "How much faster than that tempo; pitches stay.", NULL, 0.25f, 4, 1, 0.05f, .curve = CURVE_LOG},
    [TRANSPOSE] = {"transpose", "semitones", "Up or down, for notes that begin from then on; channel 10, the drums, stays.",
                   NULL, -48, 48, 0, .kind = PARAM_INTEGER},
    [VELOCITY] = {"velocity", "", "Velocities times this; at 0 no note is played.", NULL, 0, 4, 1},
    [CHANNEL] = {"channel", "", "The one that is played; 0 is all.", NULL, 0, 16, 0, .kind = PARAM_INTEGER},
    [TRACK] =
        {"track", "",
         "The one that is played; 0 is all. A file of format 2 holds pieces instead: which of them, 0 being the first.",
         NULL, 0, 65535, 0, .kind = PARAM_INTEGER},
    [PROGRAMS] = {"programs", "",
                  "Sends program changes, which load presets by number; off, instruments stay what they are.", NULL, 0, 1,
                  1, .kind = PARAM_SWITCH},
    [DRUMS] = {"drums", "",
               "Where all channels are played, plays channel 10 too, whose keys are the drums of General MIDI.", NULL, 0, 1,
               1, .kind = PARAM_SWITCH},
};

static const struct port_info outputs[] = {{"out", "Notes and controllers.", .events = true}};

static const struct reading_info readings[] = {
    [POSITION] = {"position", "s", "Where in the file it is, by the file's own tempo."},
    [PLAYING] = {"playing", "", "1 while it plays, 0 when it was stopped or has come to the end."},
};

struct midi_player {
    const struct smf *smf; /* null: nothing is played */
    struct smf_reader reader;
    uint32_t rate_hz;
    uint64_t seen; /* the frame behind the last block */
    bool play;     /* the switch, one frame ago */
    bool is_playing;
    uint32_t channels;                  /* bit c: something was sent to it */
    uint8_t sent[EVENT_CHANNELS][KEYS]; /* 1 + the key that a note sounds as; 0: it does not */
};

static int midi_player_init(void *state, const struct node_init *init, struct error *error)
{
    struct midi_player *player = state;
    (void)error;
    player->rate_hz = (uint32_t)init->rate_hz;
    player->smf = init->media[SONG] ? init->media[SONG]->midi : NULL;
    return 0;
}

static void forget(struct midi_player *player)
{
    player->channels = 0;
    memset(player->sent, 0, sizeof player->sent);
}

/* Lets go of everything: what these two come to, the receivers know. Where the list has no room for them, it says so itself. */
static void let_go(struct midi_player *player, struct event_list *out, unsigned at)
{
    for (unsigned c = 0; c < EVENT_CHANNELS; c++) {
        if (!(player->channels >> c & 1))
            continue;
        struct event end = {.offset = at, .kind = EVENT_CONTROL, .channel = (uint8_t)c, .number = CONTROL_NOTES_OFF};
        out->overflows |= out->n + 2 > EVENTS_MOST;
        event_put(out, &end);
        end.number = CONTROL_RESET;
        event_put(out, &end);
    }
    forget(player);
}

static unsigned track_at(const struct node_io *io, unsigned at)
{
    return (unsigned)param_at(&io->param[TRACK], at);
}

static const struct smf_sequence *sequence_at(const struct midi_player *player, const struct node_io *io, unsigned at)
{
    unsigned track = track_at(io, at), which = player->smf->format == 2 && track ? track - 1 : 0;
    return which < player->smf->n_sequences ? &player->smf->sequences[which] : NULL;
}

static void stop(struct midi_player *player, struct event_list *out, unsigned at)
{
    player->is_playing = false;
    let_go(player, out, at);
}

/* Follows the switch, and the choice of a piece. */
static void turn(struct midi_player *player, const struct node_io *io, unsigned at)
{
    bool play = param_at(&io->param[PLAY], at) > 0, begins = play && !player->play;
    const struct smf_sequence *sequence = player->smf ? sequence_at(player, io, at) : NULL;
    player->play = play;
    begins |= player->is_playing && sequence != player->reader.sequence;
    if (player->is_playing && (!play || begins))
        stop(player, io->events_out, at);
    if (begins && sequence) {
        player->reader = smf_reader_at(player->smf, sequence, player->rate_hz, false);
        player->is_playing = true;
    }
}

static bool is_of_channel(const struct node_io *io, unsigned channel, unsigned at)
{
    unsigned chosen = (unsigned)param_at(&io->param[CHANNEL], at);
    return chosen ? chosen == channel + 1 : channel != MIDI_DRUM_CHANNEL || param_at(&io->param[DRUMS], at) > 0;
}

static bool is_wanted(const struct midi_player *player, const struct node_io *io, const struct smf_event *event,
                      unsigned at)
{
    unsigned track = track_at(io, at);
    return is_of_channel(io, event->status & 0xfu, at) &&
           (!track || player->smf->format == 2 || track == event->track + 1u);
}

/* What belongs to a note goes to the key that it sounds as. Whether there is such a one. */
static bool note_follow(struct midi_player *player, struct event *event)
{
    uint8_t *sent = &player->sent[event->channel][(unsigned)event->note];
    bool sounds = *sent != 0;
    event->note = (float)*sent - 1;
    if (event->kind == EVENT_NOTE_OFF)
        *sent = 0;
    return sounds;
}

static bool note_begin(struct midi_player *player, const struct node_io *io, struct event *event)
{
    uint8_t *sent = &player->sent[event->channel][(unsigned)event->note];
    struct event before = {.offset = event->offset, .kind = EVENT_NOTE_OFF, .channel = event->channel, .note = event->note};
    if (note_follow(player, &before)) /* its off has not come: perhaps it never will */
        event_put(io->events_out, &before);
    *sent = 0;
    float shift = event->channel == MIDI_DRUM_CHANNEL ? 0 : param_at(&io->param[TRANSPOSE], event->offset);
    event->note += shift;
    event->value *= param_at(&io->param[VELOCITY], event->offset);
    event->value = event->value < 127 ? event->value : 127;
    if (event->value <= 0 || event->note < 0 || event->note > 127)
        return false;
    *sent = (uint8_t)(event->note + 1);
    return true;
}

static void send(struct midi_player *player, const struct node_io *io, const struct smf_event *from, unsigned at)
{
    struct midi_message message = {3, {from->status, from->data[0], from->data[1]}};
    struct event event;
    if (!midi_to_event(&message, &event))
        return;
    event.offset = at;
    bool goes = event.kind == EVENT_NOTE_OFF || is_wanted(player, io, from, at);
    if (event.kind == EVENT_NOTE_ON)
        goes = goes && note_begin(player, io, &event);
    else if (event.kind == EVENT_NOTE_OFF || event.kind == EVENT_NOTE_PRESSURE)
        goes = goes && note_follow(player, &event);
    else if (event.kind == EVENT_PROGRAM)
        goes = goes && param_at(&io->param[PROGRAMS], at) > 0;
    if (!goes)
        return;
    player->channels |= 1u << event.channel;
    event_put(io->events_out, &event);
}

/* Frames from `at` on in which neither a switch, a choice, the speed nor the tempo changes. */
static unsigned steady(const struct node_io *io, unsigned at, unsigned n)
{
    static const uint8_t rows[] = {PLAY, TEMPO, TRACK, RATE};
    unsigned end = n;
    for (unsigned i = 0; i < ROWS(rows); i++)
        end = at + run_length(&io->param[rows[i]], at, end);
    if (!io->music->is_rolling)
        return end - at;
    const struct tempo_map *map = io->music->map;
    int64_t position = io->music->position + at;
    int64_t left = tempo_stretch_end(map, tempo_stretch_of_frame(map, position)) - position;
    return left < end - at ? (unsigned)left : end - at;
}

static __int128 step_at(const struct midi_player *player, const struct node_io *io, unsigned at)
{
    int64_t position = io->music->position + (io->music->is_rolling ? at : 0);
    return smf_reader_step(&player->reader, (double)param_at(&io->param[RATE], at),
                           tempo_stretch_of_frame(io->music->map, position)->micro_bpm);
}

/* Plays the next n frames, in which nothing changes. */
static void run(struct midi_player *player, const struct node_io *io, unsigned at, unsigned n)
{
    struct smf_reader *reader = &player->reader;
    smf_reader_turn(reader, (unsigned)param_at(&io->param[TEMPO], at) == TEMPO_TRANSPORT);
    __int128 step = step_at(player, io, at);
    for (unsigned end = at + n, until; at < end && player->is_playing; at += until) {
        bool is_full = io->events_out->n + 2 > EVENTS_MOST;
        until = is_full ? end - at : smf_reader_until(reader, step, end - at);
        smf_reader_pass(reader, step, until);
        if (at + until == end)
            return;
        const struct smf_event *event = smf_reader_take(reader);
        if (event) {
            send(player, io, event, at + until);
        } else if (param_at(&io->param[LOOP], at + until) > 0 && smf_reader_again(reader, step)) {
            let_go(player, io->events_out, at + until);
        } else {
            stop(player, io->events_out, at + until);
        }
    }
}

static void midi_player_process(void *state, const struct node_io *io)
{
    struct midi_player *player = state;
    if (io->frame != player->seen) /* it was bypassed: what sounded has ended */
        forget(player);
    player->seen = io->frame + io->n;
    for (unsigned i = 0, n; i < io->n; i += n) {
        n = steady(io, i, io->n);
        turn(player, io, i);
        if (player->is_playing)
            run(player, io, i, n);
    }
    reading_set(io, POSITION, player->reader.smf ? (float)smf_reader_time_s(&player->reader) : 0);
    reading_set(io, PLAYING, player->is_playing);
}

const struct node_class midi_player_node = {
    .name = "midi_player",
    .help = "Plays a MIDI file, once or in a loop.",
    .params = params,
    .outputs = outputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_outputs = ROWS(outputs),
    .n_readings = ROWS(readings),
    .channels = 1,
    .finite = true,
    .state_bytes = sizeof(struct midi_player),
    .init = midi_player_init,
    .process = midi_player_process,
};
