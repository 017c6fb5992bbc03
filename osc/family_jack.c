/* /jack/ — what the ports at the sound card are connected to outside. Wishes are part of the session and of a transaction; the
 * driver makes them true as far as the ports are there (graph/cable.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/cable.h"
#include "osc/command.h"
#include "osc/graph_text.h"
#include "osc/server.h"
#include "osc/text.h"

/* A port of ours as it is written: NODE_CHANNEL, also behind the name of the daemon. */
struct ours {
    struct node *node;
    unsigned channel; /* from 0 */
};

static bool ours_find(const struct server *server, const char *text, struct ours *ours)
{
    size_t n_name = strlen(server->name);
    if (strncmp(text, server->name, n_name) == 0 && text[n_name] == ':')
        text += n_name + 1;
    const char *underscore = strrchr(text, '_');
    char *end;
    if (!underscore || underscore[1] < '1' || underscore[1] > '9')
        return false;
    unsigned long channel = strtoul(underscore + 1, &end, 10);
    ours->node = map_find(&server->ctl->model.names, text, (size_t)(underscore - text));
    ours->channel = (unsigned)channel - 1;
    return !*end && ours->node && ours->node->class->device && channel <= ours->node->channels;
}

static bool is_source(const struct ours *ours)
{
    return node_device_gives(ours->node->class->device);
}

/* ---- what others have ----------------------------------------------------------------------------------------------- */

struct search {
    const char *name;
    bool must_be_source, must_be_midi; /* of several, the first that is */
    bool is_found, is_right, is_source, is_midi;
    struct guess guess;
    char nearest[DEVICE_OTHER_BYTES]; /* copied: names are there only while they are looked at */
};

static void search_look(void *user, const struct device_other *other)
{
    struct search *search = user;
    guess_offer(&search->guess, other->name);
    if (search->guess.nearest == other->name) {
        snprintf(search->nearest, sizeof search->nearest, "%s", other->name);
        search->guess.nearest = search->nearest;
    }
    if (cable_fits(search->name, other->name) && !search->is_right) {
        search->is_found = true;
        search->is_source = other->is_source;
        search->is_midi = other->is_midi;
        search->is_right = other->is_source == search->must_be_source && other->is_midi == search->must_be_midi;
    }
}

/* Calls `take` for each port of others; false without a server. */
static bool each_other(const struct ctl *ctl, void (*take)(void *user, const struct device_other *other), void *user)
{
    const struct device_service *device = ctl->device;
    return device && device->each_other && device->each_other(device->self, take, user);
}

static bool each_link(const struct ctl *ctl, void (*take)(void *user, const struct device_link *link), void *user)
{
    const struct device_service *device = ctl->device;
    return device && device->each_link && device->each_link(device->self, take, user);
}

static int no_server(struct error *error)
{
    return error_set(error, ERROR_NO_SERVER,
                     "no JACK server is there; with wait, the connection is made when both ports are");
}

static int other_check(const struct ctl *ctl, const char *name, const struct ours *ours, struct error *error)
{
    bool must_be_source = !is_source(ours), is_midi = node_device_is_midi(ours->node->class->device);
    struct search search = {
        .name = name, .must_be_source = must_be_source, .must_be_midi = is_midi, .guess = guess_begin(name)};
    char question[GUESS_BYTES];
    if (!each_other(ctl, search_look, &search))
        return no_server(error);
    if (!search.is_found)
        return error_set(error, ERROR_NO_SUCH_PORT,
                         "JACK has no port \"%.200s\"%s; with wait, the connection is made when it appears", name,
                         guess_ask(&search.guess, "", question));
    if (search.is_midi != is_midi)
        return error_set(error, ERROR_BAD_TYPE, "\"%.200s\" carries %s, and the port of %.200s %s", name,
                         search.is_midi ? "MIDI" : "sound", ours->node->name, is_midi ? "MIDI" : "sound");
    if (search.is_source != must_be_source)
        return error_set(error, ERROR_BAD_TYPE, "both ports %s: \"%.200s\" cannot be connected to this one",
                         must_be_source ? "take" : "give", name);
    return 0;
}

/* ---- edits ---------------------------------------------------------------------------------------------------------- */

/* Which of the two is ours, and which the other's. */
static int ends_find(struct call *call, struct ours *ours, const char **other)
{
    struct ours second;
    const char *from = call->args[0].s, *to = call->args[1].s;
    bool is_from = ours_find(call->server, from, ours), is_to = ours_find(call->server, to, &second);
    if (is_from && is_to)
        return error_set(call->error, ERROR_UNSUPPORTED,
                         "\"%.100s\" and \"%.100s\" are both of this daemon: /graph/connect", from, to);
    if (!is_from && !is_to)
        return error_set(call->error, ERROR_NO_SUCH_PORT,
                         "neither \"%.150s\" nor \"%.150s\" is a port of this daemon, NODE_CHANNEL such as out_1", from,
                         to);
    *other = is_from ? to : from;
    *ours = is_from ? *ours : second;
    if (is_source(ours) != is_from)
        return error_set(call->error, ERROR_BAD_TYPE, "\"%.150s\" %s: it stands %s", is_from ? from : to,
                         is_from ? "takes" : "gives", is_from ? "second" : "first");
    return 0;
}

static int jack_connect(struct call *call)
{
    struct ours ours;
    const char *other;
    if (ends_find(call, &ours, &other) ||
        (!call->args[2].given && other_check(call->server->ctl, other, &ours, call->error)))
        return (int)call->error->code;
    return tx_set_cable(call->tx, ours.node, ours.channel, other, CABLE_MADE, call->error);
}

struct linked {
    const char *ours, *other;
    bool is_found;
};

static void linked_look(void *user, const struct device_link *link)
{
    struct linked *linked = user;
    linked->is_found |= strcmp(link->ours, linked->ours) == 0 && cable_fits(linked->other, link->other);
}

static bool is_linked(const struct ctl *ctl, const struct ours *ours, const char *other)
{
    char name[DEVICE_NAME_BYTES];
    struct linked linked = {name, other, false};
    snprintf(name, sizeof name, "%s_%u", ours->node->name, ours->channel + 1);
    each_link(ctl, linked_look, &linked);
    return linked.is_found;
}

/* Everything that a port of ours is connected to, and would be. */
static int all_disconnect(struct call *call)
{
    struct ours ours;
    if (!ours_find(call->server, call->args[0].s, &ours))
        return error_set(call->error, ERROR_NO_SUCH_PORT,
                         "\"%.150s\" is no port of this daemon, NODE_CHANNEL such as out_1", call->args[0].s);
    if (tx_clear_cables(call->tx, ours.node, ours.channel, call->error))
        return (int)call->error->code;
    return tx_set_cable(call->tx, ours.node, ours.channel, "", CABLE_CUT, call->error);
}

static int jack_disconnect(struct call *call)
{
    struct ours ours;
    const char *other;
    if (!call->args[1].given)
        return all_disconnect(call);
    if (ends_find(call, &ours, &other))
        return (int)call->error->code;
    bool is_wished = cable_wish(ours.node, ours.channel, other) == CABLE_MADE;
    if (!is_wished && !call->args[2].given && !is_linked(call->server->ctl, &ours, other))
        return error_set(call->error, ERROR_CONFLICT, "\"%.150s\" and \"%.150s\" are not connected", call->args[0].s,
                         call->args[1].s);
    return tx_set_cable(call->tx, ours.node, ours.channel, other, CABLE_CUT, call->error);
}

/* ---- queries -------------------------------------------------------------------------------------------------------- */

static int jack_info(struct call *call)
{
    const struct host *host = call->server->host;
    struct writer *results = call->results;
    struct host_status status;
    host->status(host->self, &status);
    writer_bool(results, status.has_server);
    writer_string(results, status.server);
    writer_string(results, status.client);
    writer_float(results, (float)call->server->ctl->rate_hz);
    writer_int(results, (int32_t)status.period_frames);
    writer_bool(results, status.is_realtime);
    writer_bool(results, status.is_locked);
    writer_int(results, (int32_t)status.n_ports);
    writer_int(results, (int32_t)status.n_ports_wanted);
    for (unsigned i = 0; i < status.n_causes; i++)
        writer_string(results, status.causes[i]);
    return 0;
}

/* A list that is told by pages: first all are counted. */
struct listing {
    struct call *call;
    struct page page;
    int32_t n;
    bool is_counting;
};

static bool is_told(struct listing *listing)
{
    listing->n += listing->is_counting;
    return !listing->is_counting && page_next(&listing->page);
}

static void other_tell(void *user, const struct device_other *other)
{
    struct listing *listing = user;
    if (!is_told(listing))
        return;
    writer_string(listing->call->results, other->name);
    writer_bool(listing->call->results, other->is_source);
    writer_bool(listing->call->results, other->is_physical);
    writer_bool(listing->call->results, other->is_midi);
}

static int jack_ports(struct call *call)
{
    struct listing listing = {.call = call, .is_counting = true};
    if (call_page(call, 0, &listing.page))
        return (int)call->error->code;
    if (!each_other(call->server->ctl, other_tell, &listing))
        return error_set(call->error, ERROR_NO_SERVER, "no JACK server is there");
    writer_int(call->results, listing.n);
    listing.is_counting = false;
    each_other(call->server->ctl, other_tell, &listing);
    return 0;
}

static void row_tell(struct listing *listing, const char *ours, const char *other, bool is_source, bool made, bool kept)
{
    if (!is_told(listing))
        return;
    writer_string(listing->call->results, is_source ? ours : other);
    writer_string(listing->call->results, is_source ? other : ours);
    writer_bool(listing->call->results, made);
    writer_bool(listing->call->results, kept);
}

static void link_tell(void *user, const struct device_link *link)
{
    struct listing *listing = user;
    struct ours ours;
    bool kept =
        ours_find(listing->call->server, link->ours, &ours) && cable_is_wished(ours.node, ours.channel, link->other);
    row_tell(listing, link->ours, link->other, link->is_source, true, kept);
}

/* Wishes that are not true yet. */
static void missing_tell(struct listing *listing)
{
    const struct ctl *ctl = listing->call->server->ctl;
    for (struct node *node = ctl->model.first; node; node = node->next)
        for (unsigned i = 0; node->live && node->cables && i < node->cables->n; i++) {
            const struct cable *cable = &node->cables->cables[i];
            const struct ours ours = {node, cable->channel};
            char name[DEVICE_NAME_BYTES];
            snprintf(name, sizeof name, "%s_%u", node->name, cable->channel + 1);
            if (!cable->is_cut && !is_linked(ctl, &ours, cable->other))
                row_tell(listing, name, cable->other, is_source(&ours), false, true);
        }
}

static int jack_list(struct call *call)
{
    struct listing listing = {.call = call, .is_counting = true};
    if (call_page(call, 0, &listing.page))
        return (int)call->error->code;
    for (int round = 0; round < 2; round++) {
        each_link(call->server->ctl, link_tell, &listing);
        missing_tell(&listing);
        if (round == 0)
            writer_int(call->results, listing.n);
        listing.is_counting = false;
    }
    return 0;
}

#define EDITED "frame:h revision:i" /* the results of every edit */

static const struct command commands[] = {
    {"/jack/info", "",
     "running:b server:s client:s rate_hz:f period_frames:i realtime:b memory_locked:b ports:i ports_wanted:i [cause:s]*",
     "How dawd stands with the JACK server, and what keeps it from being well, each in a sentence with what to do about "
     "it: "
     "no server, no real-time priority, memory that is not locked, ports that are missing, another name than was wished "
     "for.",
     COMMAND_QUERY, 0, jack_info},
    {"/jack/ports", "[offset:i] [count:i]", "n:i [name:s source:b physical:b midi:b]*",
     "How many ports other programs and the sound card have at the JACK server, then each: its name, whether it gives "
     "(or takes), whether it is the card's or a MIDI device's, whether it carries MIDI (or sound).",
     COMMAND_QUERY, 0, jack_ports},
    {"/jack/list", "[offset:i] [count:i]", "n:i [from:s to:s made:b kept:b]*",
     "What the ports of input, output, midi_input and midi_output nodes are connected to outside, and what they shall be: "
     "whether it is so, and "
     "whether it is kept with the session.",
     COMMAND_QUERY, 0, jack_list},
    {"/jack/connect", "from:s to:s wait!", EDITED,
     "Connects a port NODE_CHANNEL (out_1; keys_1 of a midi_input named keys) and a port of another program "
     "(system:playback_1), and again whenever both appear; with wait, also when the other is not there yet. * and ? in the "
     "other's name mean all that fit, also those that come later: \"a2j:Keystation*\".",
     COMMAND_EDIT, 0, jack_connect},
    {"/jack/disconnect", "from:s [to:s] wait!", EDITED,
     "Takes such a connection away, also one that is usually there, and keeps it away; with one port, all of it; with "
     "wait, "
     "also one that is not there now.",
     COMMAND_EDIT, 0, jack_disconnect},
};

/* ---- sessions ------------------------------------------------------------------------------------------------------- */

static void jack_write(const struct ctl *ctl, struct bytes *text)
{
    for (const struct node *node = ctl->model.first; node; node = node->next)
        for (unsigned i = 0; node->live && node->cables && i < node->cables->n; i++)
            graph_text_cable(node->name, node_device_gives(node->class->device), &node->cables->cables[i], text);
}

const struct command_family jack_family = {"jack", commands, ROWS(commands), .session_write = jack_write};
