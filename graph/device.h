/* The sound card as the graph sees it: numbered ports, for one channel of sound or for MIDI, that a driver fills and drains.
 *
 * input, output, midi_input and midi_output nodes own a run of numbers, one per channel. Which JACK port stands behind a number, or whether any
 * does, is the driver's business; the graph only says which ports it wants.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define DEVICE_PORTS_MAX   2048 /* what JACK grants one client at most */
#define DEVICE_NAME_BYTES  256
#define DEVICE_OTHER_BYTES 320 /* of the whole name of another program's port, with its terminator */

/* How late sound is that goes several ways: in frames, at least and at most. */
struct latency {
    uint32_t least, most;
};

enum device_kind { DEVICE_SOUND, DEVICE_MIDI };

/* A port as it is wished for. Numbers are given by the graph, names follow from the names of the nodes. */
struct device_port {
    unsigned index;               /* below DEVICE_PORTS_MAX; stays with the port for its life */
    enum device_kind kind;        /* what it carries */
    bool is_input;                /* it comes in through it */
    uint64_t owner;               /* what it belongs to: another owner gets a new port without the old one's connections */
    struct latency latency;       /* between it and the ports at the other end of the graph */
    char name[DEVICE_NAME_BYTES]; /* "NODE_CHANNEL", channels from 1: "in_1" */
};

/* What is wished of a connection between a port of ours and one of another program. */
struct device_cable {
    unsigned index; /* of our port */
    bool is_cut;    /* it shall not be, though it usually would; with other "": none that usually would */
    char other[DEVICE_OTHER_BYTES];
};

/* A port of another program or of the sound card, as it is called there. */
struct device_other {
    const char *name; /* borrowed for the call */
    bool is_source, is_physical, is_midi;
};

/* A connection that there is. */
struct device_link {
    const char *ours, *other; /* ours without the client's name; borrowed for the call */
    bool is_source;           /* ours gives the sound */
};

/* Implemented by the daemon, called by control. Registration takes a server round trip, so it is asynchronous: who wants
 * to know when the ports are there compares the numbers of wishes. No function waits or fails. */
struct device_service {
    void *self;
    /* Declares the whole set of ports wanted from now on (copied); returns the number of this wish, counting from 1. */
    uint64_t (*want)(void *self, const struct device_port *ports, unsigned n_ports);
    /* The number of the newest wish that is fulfilled as far as it can be (also when no server is there). */
    uint64_t (*fulfilled)(void *self);
    /* Each may be null: then nothing is known of others. Declares the whole set of connections wanted from the next wish on
     * (copied). */
    void (*want_cables)(void *self, const struct device_cable *cables, unsigned n);
    /* Each calls `take` for all there were at the last look, and must not be called by it; false without a server. */
    bool (*each_other)(void *self, void (*take)(void *user, const struct device_other *other), void *user);
    bool (*each_link)(void *self, void (*take)(void *user, const struct device_link *link), void *user);
};
