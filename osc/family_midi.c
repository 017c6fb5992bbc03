/* /midi/ — MIDI files played to a node: a midi_player beside it, connected to it, in one edit. */
#include <stdio.h>
#include <string.h>

#include "graph/midi.h"
#include "graph/play.h"
#include "graph/smf_shared.h"
#include "osc/address.h"
#include "osc/creation.h"
#include "osc/reserve.h"
#include "osc/server.h"
#include "osc/unheard.h"

/* The player of a node: named after it as it was called then, so that no two nodes share one. Not a child of it, which would mean a part of it. */
struct begun {
    char name[NAME_BYTES + sizeof RESERVE_MIDI];
    struct node *node;   /* that is played to */
    struct node *player; /* null: there is none yet */
};

static const struct node_class *player_class(void)
{
    return node_class_find("midi_player");
}

static unsigned player_row(const char *param)
{
    struct error unused;
    unsigned row;
    node_param_find(player_class(), NULL, param, &row, &unused);
    return row;
}

/* Whether it has come from here: the node may have got another name since. */
static bool is_begun(const struct node *player)
{
    size_t n = strlen(player->name), n_behind = strlen(RESERVE_MIDI);
    return player->class == player_class() && n > n_behind && strcmp(player->name + n - n_behind, RESERVE_MIDI) == 0;
}

static struct node *begun_find(const struct model *model, const struct node *node, const char *name)
{
    struct node *player = model_find(model, name);
    for (const struct edge *edge = node->in_first; edge && !player; edge = edge->in_next)
        if (edge->live && is_begun(edge->from))
            player = edge->from;
    return player;
}

static int playing_find(struct call *call, const char *name, struct begun *playing)
{
    const struct model *model = &call->server->ctl->model;
    playing->node = model_get(model, name, call->error);
    if (!playing->node)
        return (int)call->error->code;
    snprintf(playing->name, sizeof playing->name, "%s" RESERVE_MIDI, name);
    playing->player = begun_find(model, playing->node, playing->name);
    if (playing->player)
        snprintf(playing->name, sizeof playing->name, "%s", playing->player->name);
    if (playing->player && playing->player->class != player_class())
        return error_set(call->error, ERROR_NAME_TAKEN,
                         "\"%s\", the name of what plays to %s, is taken by a %s; /graph/rename gives it another",
                         playing->name, name, playing->player->class->name);
    return 0;
}

/* Where the node takes notes, as a port reference. */
static int input_find(struct call *call, const struct node *node, char *port, size_t bytes)
{
    const struct node_class *class = node->class;
    unsigned row = port_info_of_events(class->inputs, class->n_inputs);
    if (!play_is_heard_by(node) || row == class->n_inputs)
        return error_set(call->error, ERROR_UNSUPPORTED, "%s (%s) takes no notes, so nothing can be played to it",
                         node->name, class->name);
    snprintf(port, bytes, "%s:%s", node->name, class->inputs[row].name);
    return 0;
}

/* ---- drums ----------------------------------------------------------------------------------------------------------- */

/* How many notes the file has, and how many of them are drums. */
static unsigned notes_count(const struct smf *smf, unsigned *n_drums)
{
    unsigned n = 0;
    *n_drums = 0;
    for (uint32_t i = 0; smf && i < smf->n_events; i++) {
        const struct smf_event *event = &smf->events[i];
        bool is_note = (event->status & 0xf0u) == MIDI_NOTE_ON && event->data[1];
        n += is_note;
        *n_drums += is_note && (event->status & 0x0fu) == MIDI_DRUM_CHANNEL;
    }
    return n;
}

/* Drums are keys without a pitch, so a melody is no place for them, unless there is nothing else, they are asked for, or whoever is
 * played outside knows channels. */
static void drums_put(struct call *call, struct creation *creation, const struct begun *playing)
{
    const struct media *media = creation->media[player_row("file")];
    unsigned n_drums, n = notes_count(media ? media->midi : NULL, &n_drums);
    float *drums = &creation->values[player_row("drums")];
    bool was_chosen = playing->player && *drums > 0;
    *drums = was_chosen || call->args[3].given || playing->node->class->device || n == n_drums;
    if (*drums > 0 || !n_drums || creation->values[player_row("channel")] > 0)
        return;
    snprintf(call->request->said, sizeof call->request->said,
             "channel 10 (drums, %u notes) is left out: /node/%s/drums T plays it to %s as well", n_drums, playing->name,
             playing->node->name);
}

static int player_put(struct call *call, struct creation *creation, const struct begun *playing)
{
    const struct model *model = &call->server->ctl->model;
    const char *name = playing->name;
    /* The numbers in a file mean instruments of General MIDI: what was chosen by name is not to become something else by them. */
    creation->values[player_row("programs")] = !playing->node->class->n_presets;
    if (playing->player)
        creation_inherit(creation, playing->player, true);
    creation->texts[player_row("file")] = (char *)call->args[0].s;
    creation->values[player_row("play")] = 1;
    creation->values[player_row("loop")] = call->args[2].given;
    if (name_check(name, call->error) || address_check_free(model, creation->class, name, name, call->error) ||
        creation_load(call, creation))
        return (int)call->error->code;
    drums_put(call, creation, playing);
    struct node_spec spec = creation_spec(creation, name, playing->player);
    return playing->player ? tx_replace_node(call->tx, &spec, false, call->error)
                           : tx_add_node(call->tx, &spec, call->error);
}

static bool are_swapped(const struct call *call)
{
    const struct model *model = &call->server->ctl->model;
    return model_find(model, call->args[0].s) && !model_find(model, call->args[1].s);
}

static int midi_play(struct call *call)
{
    struct begun playing;
    struct creation creation;
    char to[2 * NAME_BYTES];
    if (are_swapped(call))
        return error_set(call->error, ERROR_NO_SUCH_NODE,
                         "no node is named \"%.200s\": the file comes first, then the node", call->args[1].s);
    if (playing_find(call, call->args[1].s, &playing) || input_find(call, playing.node, to, sizeof to) ||
        unheard_check(playing.node, call->error))
        return (int)call->error->code;
    if (!*call->args[0].s)
        return error_set(call->error, ERROR_BAD_VALUE, "file is empty, where the path of a MIDI file must be");
    if (!creation_open(&creation, player_class(), call->error) && !player_put(call, &creation, &playing))
        tx_connect(call->tx, &(struct edge_spec){.from = playing.name, .to = to}, call->error);
    creation_close(&creation);
    return (int)call->error->code;
}

static int midi_stop(struct call *call)
{
    struct begun playing;
    if (playing_find(call, call->args[0].s, &playing))
        return (int)call->error->code;
    if (!playing.player)
        return error_set(call->error, ERROR_CONFLICT, "nothing is played to %s by /midi/play: there is no \"%s\"",
                         playing.node->name, playing.name);
    return tx_set_value(call->tx, playing.player, player_row("play"), 0, 0, call->error);
}

#define EDITED "frame:h revision:i" /* the results of every edit */
#define PLAYED EDITED " | " EDITED " left_out:s"

static const struct command commands[] = {
    {"/midi/play", "file:s node:s loop! drums!", PLAYED,
     "Plays a MIDI file to a node, from the start: makes a midi_player NODE_midi and connects it, or puts the file into "
     "the one that is there; programs of the file change no preset unless its switch \"programs\" is set. Channel 10, the "
     "drums of General MIDI, is left out, and the answer says so, unless drums is given, the file holds nothing else, or "
     "the node sends MIDI outside.",
     COMMAND_EDIT, 2, midi_play},
    {"/midi/stop", "node:s", EDITED,
     "Stops what /midi/play has begun; the player stays, for its play to be switched on again.", COMMAND_EDIT, 0, midi_stop,
     ROLE_PLAY},
};

const struct command_family midi_family = {"midi", commands, ROWS(commands)};
