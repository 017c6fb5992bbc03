/* A wish is a whole set, so applying one is a comparison by port number: what is wanted no more leaves, what has another
 * name is renamed, what is missing comes. Leaving goes first: it makes room below the server's limit. */
#include "daemon/jack_ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/jack_cables.h"
#include "daemon/jack_causes.h"
#include "daemon/jack_midi.h"
#include "daemon/jack_usual.h"

/* What JACK accepts behind the colon (measured with 1.9.21: a longer one is refused without a word). */
#define SHORT_NAME_BYTES_MAX 255

struct port {
    jack_port_t *jack; /* null: not registered */
    bool is_input;
    enum device_kind kind;
    bool leaving;
    struct jack_midi *midi; /* made with the first of MIDI, and kept: a callback that was left behind may still have it */
    uint64_t serial;        /* of its registration */
    uint64_t owner;         /* as in struct device_port */
    char name[DEVICE_NAME_BYTES];
};

/* What became of a wish: the first port that JACK does not give, unless a later one tells more. */
struct refusal {
    const struct device_port *first; /* null: none */
    enum jack_cause cause;
    unsigned n_missing;
};

struct jack_ports {
    struct jack_shared *shared;
    struct log *log;
    bool connect;
    struct jack_cables *cables; /* null: none */
    bool active;
    jack_client_t *client; /* null: none */
    unsigned n_registered;
    unsigned n_missing;                                 /* of what was wished for at last */
    char cause[JACK_CAUSE_BYTES];                       /* why; empty: none is */
    uint64_t n_serials;                                 /* registrations ever */
    struct port ports[DEVICE_PORTS_MAX];                /* by device port number */
    const struct device_port *wanted[DEVICE_PORTS_MAX]; /* while a wish is applied; null: not wanted */
};

struct jack_ports *jack_ports_new(struct jack_shared *shared, struct log *log, bool connect)
{
    struct jack_ports *ports = calloc(1, sizeof *ports);
    if (ports)
        *ports = (struct jack_ports){.shared = shared, .log = log, .connect = connect};
    return ports;
}

void jack_ports_free(struct jack_ports *ports)
{
    for (unsigned i = 0; ports && i < DEVICE_PORTS_MAX; i++)
        free(ports->ports[i].midi);
    free(ports);
}

void jack_ports_attach(struct jack_ports *ports, jack_client_t *client)
{
    ports->client = client;
}

void jack_ports_detach(struct jack_ports *ports)
{
    for (unsigned i = 0; i < DEVICE_PORTS_MAX; i++) {
        atomic_store(&ports->shared->inputs[i], NULL);
        atomic_store(&ports->shared->outputs[i], NULL);
        atomic_store(&ports->shared->midi[i], NULL);
        ports->ports[i].jack = NULL;
    }
    atomic_store(&ports->shared->n_ports, 0);
    ports->n_registered = ports->n_missing = 0;
    ports->cause[0] = '\0';
    ports->client = NULL;
    ports->active = false;
}

unsigned jack_ports_count(const struct jack_ports *ports)
{
    return ports->n_registered;
}

const char *jack_ports_cause(const struct jack_ports *ports)
{
    return ports->cause;
}

unsigned jack_ports_missing(const struct jack_ports *ports)
{
    return ports->n_missing;
}

static bool given_up(const struct jack_ports *ports)
{
    return atomic_load(&ports->shared->lost) || atomic_load(&ports->shared->quit);
}

/* ---- connecting ---------------------------------------------------------------------------------------------------- */

static void connect_port(struct jack_ports *ports, const struct port *port)
{
    if (ports->connect)
        jack_usual_connect(ports->client, port->jack, (unsigned)(port - ports->ports), ports->cables, ports->log);
}

jack_port_t *jack_ports_at(const struct jack_ports *ports, unsigned index)
{
    return index < DEVICE_PORTS_MAX ? ports->ports[index].jack : NULL;
}

uint64_t jack_ports_serial(const struct jack_ports *ports, unsigned index)
{
    return jack_ports_at(ports, index) ? ports->ports[index].serial : 0;
}

void jack_ports_set_cables(struct jack_ports *ports, struct jack_cables *cables)
{
    ports->cables = cables;
}

bool jack_ports_connect_usually(const struct jack_ports *ports)
{
    return ports->connect;
}

void jack_ports_connect(struct jack_ports *ports, unsigned index)
{
    if (ports->active && jack_ports_at(ports, index))
        connect_port(ports, &ports->ports[index]);
}

void jack_ports_activated(struct jack_ports *ports)
{
    ports->active = true;
    for (unsigned i = 0; i < DEVICE_PORTS_MAX && !given_up(ports); i++)
        if (ports->ports[i].jack)
            connect_port(ports, &ports->ports[i]);
}

/* ---- leaving -------------------------------------------------------------------------------------------------------

   A port leaves in four steps: the callback no longer sees it; its connections are cut; cycles pass until no callback can
   be using it and no connection is left in the state that the server works with; it is unregistered.

   The third step is for the server's sake: jackd 1.9.21 gives the number of an unregistered port to the next one at once,
   also while its running state still holds the old connections. When the new port has the other direction, two ports then
   are each other's source, and the server's audio thread follows them round for ever. */

#define CUT_MS_MAX 2000 /* somebody may connect our port again as often as we cut it */

/* Whether neither our callback nor the server can still be using what leaves. */
static bool is_released(const struct jack_ports *ports, uint64_t start_cycles)
{
    if (atomic_load(&ports->shared->n_cycles) - start_cycles < 2)
        return false;
    for (unsigned i = 0; i < DEVICE_PORTS_MAX; i++)
        if (ports->ports[i].leaving && jack_port_connected(ports->ports[i].jack))
            return false;
    return true;
}

static bool is_leaving(const struct port *port, const struct device_port *wanted)
{
    return port->jack &&
           (!wanted || wanted->is_input != port->is_input || wanted->kind != port->kind || wanted->owner != port->owner);
}

/* What leaves ends the notes that are on at its other end: one whole cycle for that. */
static void last_words(struct jack_ports *ports)
{
    const struct timespec ms = {.tv_nsec = 1000000};
    uint64_t start_cycles = atomic_load(&ports->shared->n_cycles);
    bool any = false;
    for (unsigned i = 0; i < DEVICE_PORTS_MAX; i++) {
        const struct port *port = &ports->ports[i];
        if (port->kind != DEVICE_MIDI || port->is_input || !is_leaving(port, ports->wanted[i]))
            continue;
        atomic_store(&port->midi->leaves, true);
        any = true;
    }
    for (int i = 0; any && ports->active && i < CUT_MS_MAX && !given_up(ports); i++) {
        if (atomic_load(&ports->shared->n_cycles) - start_cycles >= 3)
            return;
        nanosleep(&ms, NULL);
    }
}

/* False when the server is gone or the driver quits: closing the client settles everything then. */
static bool wait_for_release(const struct jack_ports *ports)
{
    const struct timespec ms = {.tv_nsec = 1000000};
    uint64_t start_cycles = atomic_load(&ports->shared->n_cycles);
    for (int i = 0; ports->active && !is_released(ports, start_cycles); i++) {
        if (given_up(ports))
            return false;
        if (i >= CUT_MS_MAX && atomic_load(&ports->shared->n_cycles) - start_cycles >= 2)
            break;
        nanosleep(&ms, NULL);
    }
    return true;
}

/* Takes all ports that are wanted no more out of the callback's sight and cuts them; returns whether there are any. */
static bool retire(struct jack_ports *ports)
{
    bool any = false;
    for (unsigned i = 0; i < DEVICE_PORTS_MAX; i++) {
        struct port *port = &ports->ports[i];
        port->leaving = is_leaving(port, ports->wanted[i]);
        if (!port->leaving)
            continue;
        any = true;
        atomic_store(port->is_input ? &ports->shared->inputs[i] : &ports->shared->outputs[i], NULL);
        if (ports->active)
            jack_port_disconnect(ports->client, port->jack);
    }
    return any;
}

static void unregister_leaving(struct jack_ports *ports)
{
    last_words(ports);
    if (!retire(ports) || !wait_for_release(ports))
        return;
    for (unsigned i = 0; i < DEVICE_PORTS_MAX; i++) {
        struct port *port = &ports->ports[i];
        if (!port->leaving)
            continue;
        if (jack_port_unregister(ports->client, port->jack) && !given_up(ports))
            log_put(ports->log, LOG_WARNING, "JACK refused to unregister the port \"%s\"", port->name);
        atomic_store(&ports->shared->midi[i], NULL);
        port->jack = NULL;
        port->leaving = false;
        ports->n_registered--;
    }
}

/* ---- coming -------------------------------------------------------------------------------------------------------- */

static unsigned ports_of_server(struct jack_ports *ports)
{
    const char **all = jack_get_ports(ports->client, NULL, NULL, 0);
    unsigned n = 0;
    while (all && all[n])
        n++;
    jack_free(all);
    return n;
}

/* JACK answers a refused registration with null and nothing else: find out why. */
static enum jack_cause why_refused(struct jack_ports *ports, const struct device_port *wanted)
{
    char full[DEVICE_NAME_BYTES + 128];
    snprintf(full, sizeof full, "%s:%s", jack_get_client_name(ports->client), wanted->name);
    if (strlen(wanted->name) > SHORT_NAME_BYTES_MAX || strlen(full) >= (size_t)jack_port_name_size())
        return JACK_CAUSE_PORT_LONG;
    if (jack_port_by_name(ports->client, full))
        return JACK_CAUSE_PORT_TWICE;
    return ports->n_registered ? JACK_CAUSE_PORT_LIMIT : JACK_CAUSE_PORT_REFUSED;
}

/* The same as at the wish before is no news. */
static void cause_set(struct jack_ports *ports, const struct refusal *refusal)
{
    char cause[JACK_CAUSE_BYTES] = "";
    if (refusal->cause == JACK_CAUSE_PORT_LIMIT)
        jack_cause_write(cause, refusal->cause, refusal->first->name, refusal->n_missing, ports_of_server(ports),
                         ports->n_registered);
    else if (refusal->first)
        jack_cause_write(cause, refusal->cause, refusal->first->name);
    if (*cause && strcmp(cause, ports->cause) != 0)
        log_put(ports->log, LOG_ERROR, "%s", cause);
    memcpy(ports->cause, cause, sizeof cause);
}

static void publish(struct jack_ports *ports, unsigned index)
{
    struct jack_shared *shared = ports->shared;
    const struct port *port = &ports->ports[index];
    atomic_store(&shared->midi[index], port->kind == DEVICE_MIDI ? port->midi : NULL);
    atomic_store(port->is_input ? &shared->inputs[index] : &shared->outputs[index], port->jack);
    if (atomic_load(&shared->n_ports) <= index)
        atomic_store(&shared->n_ports, index + 1);
}

/* Written here, so that the audio thread is not the first to touch it. What an output had on when its server died sounds on. */
static bool midi_ready(struct jack_ports *ports, const struct device_port *wanted)
{
    struct port *port = &ports->ports[wanted->index];
    bool is_back = port->midi && port->owner == wanted->owner && !port->is_input && !wanted->is_input;
    if (!port->midi && !(port->midi = malloc(sizeof *port->midi)))
        return false;
    jack_midi_begin(port->midi, is_back);
    return true;
}

static bool register_port(struct jack_ports *ports, const struct device_port *wanted)
{
    struct port *port = &ports->ports[wanted->index];
    unsigned long direction = wanted->is_input ? JackPortIsInput : JackPortIsOutput;
    const char *type = wanted->kind == DEVICE_MIDI ? JACK_DEFAULT_MIDI_TYPE : JACK_DEFAULT_AUDIO_TYPE;
    if (wanted->kind == DEVICE_MIDI && !midi_ready(ports, wanted))
        return false;
    port->jack = jack_port_register(ports->client, wanted->name, type, direction, 0);
    if (!port->jack)
        return false;
    port->is_input = wanted->is_input;
    port->kind = wanted->kind;
    port->serial = ++ports->n_serials;
    port->owner = wanted->owner;
    snprintf(port->name, sizeof port->name, "%s", wanted->name);
    ports->n_registered++;
    publish(ports, wanted->index);
    if (ports->active)
        connect_port(ports, port);
    return true;
}

/* Once the server has no more ports, none is asked for that would be refused as well. */
static void register_missing(struct jack_ports *ports)
{
    struct refusal refusal = {0};
    for (unsigned i = 0; i < DEVICE_PORTS_MAX && !given_up(ports); i++) {
        const struct device_port *wanted = ports->wanted[i];
        bool is_at_limit = refusal.cause == JACK_CAUSE_PORT_LIMIT;
        if (!wanted || ports->ports[i].jack || (!is_at_limit && register_port(ports, wanted)))
            continue;
        refusal.n_missing++;
        enum jack_cause cause = is_at_limit ? JACK_CAUSE_NONE : why_refused(ports, wanted);
        if (!refusal.first || cause == JACK_CAUSE_PORT_LIMIT) {
            refusal.first = wanted;
            refusal.cause = cause;
        }
    }
    ports->n_missing = refusal.n_missing;
    if (!given_up(ports))
        cause_set(ports, &refusal);
}

/* ---- other names ----------------------------------------------------------------------------------------------------- */

/* Renaming keeps the connections that others have made. */
static void rename_port(struct jack_ports *ports, struct port *port, const char *name)
{
    if (jack_port_rename(ports->client, port->jack, name) == 0)
        snprintf(port->name, sizeof port->name, "%s", name);
    else if (!given_up(ports))
        log_put(ports->log, LOG_WARNING, "JACK refused to rename the port \"%s\" to \"%s\"", port->name, name);
}

static bool wants_other_name(const struct jack_ports *ports, unsigned i)
{
    return ports->wanted[i] && ports->ports[i].jack && strcmp(ports->ports[i].name, ports->wanted[i]->name) != 0;
}

/* Whether any port is to bear the name that this one has. */
static bool is_in_the_way(const struct jack_ports *ports, const char *name)
{
    for (unsigned i = 0; i < DEVICE_PORTS_MAX; i++)
        if (ports->wanted[i] && strcmp(ports->wanted[i]->name, name) == 0)
            return true;
    return false;
}

/* Names may be exchanged, and JACK takes no name twice: who is in another's way first steps aside. */
static void rename_all(struct jack_ports *ports)
{
    char aside[32];
    for (unsigned i = 0; i < DEVICE_PORTS_MAX && !given_up(ports); i++)
        if (wants_other_name(ports, i) && is_in_the_way(ports, ports->ports[i].name)) {
            snprintf(aside, sizeof aside, "port %u", i); /* no name of a node has a space */
            rename_port(ports, &ports->ports[i], aside);
        }
    for (unsigned i = 0; i < DEVICE_PORTS_MAX && !given_up(ports); i++)
        if (wants_other_name(ports, i))
            rename_port(ports, &ports->ports[i], ports->wanted[i]->name);
}

void jack_ports_apply(struct jack_ports *ports, const struct device_port *wish, unsigned n_wish)
{
    memset(ports->wanted, 0, sizeof ports->wanted);
    for (unsigned i = 0; i < n_wish; i++)
        if (wish[i].index < DEVICE_PORTS_MAX)
            ports->wanted[wish[i].index] = &wish[i];
    unregister_leaving(ports);
    rename_all(ports);
    register_missing(ports);
}
