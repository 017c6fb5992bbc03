/* The sound card as the graph sees it: numbered mono ports that a driver fills and drains.
 *
 * input and output nodes own a run of numbers, one per channel. Which JACK port stands behind a number, or whether any
 * does, is the driver's business; the graph only says which ports it wants.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define DEVICE_PORTS_MAX  2048 /* what JACK grants one client at most */
#define DEVICE_NAME_BYTES 256

/* A port as it is wished for. Numbers are given by the graph, names follow from the names of the nodes. */
struct device_port {
    unsigned index;               /* below DEVICE_PORTS_MAX; stays with the port for its life */
    bool is_input;                /* sound comes in through it */
    uint64_t owner;               /* what it belongs to: another owner gets a new port without the old one's connections */
    char name[DEVICE_NAME_BYTES]; /* "NODE_CHANNEL", channels from 1: "in_1" */
};

/* Implemented by the daemon, called by control. Registration takes a server round trip, so it is asynchronous: who wants
 * to know when the ports are there compares the numbers of wishes. Neither function waits or fails. */
struct device_service {
    void *self;
    /* Declares the whole set of ports wanted from now on (copied); returns the number of this wish, counting from 1. */
    uint64_t (*want)(void *self, const struct device_port *ports, unsigned n_ports);
    /* The number of the newest wish that is fulfilled as far as it can be (also when no server is there). */
    uint64_t (*fulfilled)(void *self);
};
