/* Nodes for tests of notes and controllers: one that plays what it is told, one that writes down what it hears, one between. They
 * are in no registry; graph_nodes_class finds them. */
#pragma once

#include "graph/node.h"

#define EAR_MOST   8192
#define PIPER_MOST 1024

/* An event and its frame of engine time. */
struct noted {
    uint64_t frame;
    struct event event;
};

/* The state of an "ear": what it has heard, in the order of `noted`. It also keeps its own book of notes, and counts what the
 * promises of graph/event.h rule out. */
struct ear {
    unsigned n;
    struct noted noted[EAR_MOST];
    unsigned on[EVENT_CHANNELS][8 * 128]; /* notes that are on, in eighths of a semitone: 0 or 1 */
    unsigned n_on;
    unsigned n_broken; /* promises */
    uint64_t n_blocks;
};

/* The state of a "piper": the test fills what it plays, in order of frames. What is behind its frame is played at once. */
struct piper {
    unsigned n, next;
    struct noted plays[PIPER_MOST];
    uint64_t breaks_at; /* a frame at which it tells a fault; 0: none */
};

/* "ear": one input of events, "notes"; out: how many notes are on; sleeps when none are; level (glides 0.01 s), mode, size (fixed),
 * with the presets "soft", "loud" and "odd". "piper": one output of events, "notes", and tells control of controllers. "relay":
 * passes events on, an octave up. */
extern const struct node_class rig_ear, rig_piper, rig_relay;
