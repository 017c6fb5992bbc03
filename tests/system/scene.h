/* A busy graph: one node of every class of the build, several of those that read or write files, all of them fed, modulated
 * and heard, while a fader moves on each and the graph is edited. The audio thread of a daemon under this load is what the real-time gates look at. */
#pragma once

#include "graph/node.h"
#include "tests/system/studio.h"

#define SCENE_NODES_MAX 256

struct scene_node {
    const struct node_class *class;
    char name[64];
};

struct scene {
    struct studio *studio;
    struct client faders; /* UDP: values without answers */
    struct scene_node nodes[SCENE_NODES_MAX];
    unsigned n_nodes;
    unsigned n_added; /* nodes ever, guests too */
    unsigned n_ticks; /* fader movements so far, of every node */
    unsigned n_edits;
    unsigned n_saves; /* of the session */
};

/* Builds the graph in the studio's daemon; ends the test when the daemon refuses any of it. */
void scene_open(struct scene *scene, struct studio *studio);
void scene_close(struct scene *scene);

/* More of the plainest work, so much that two threads are worth it. */
void scene_crowd(struct scene *scene);

/* Moves one parameter of every node each 10 ms, edits the graph `edits_hz` times a second and saves the session every 5 s,
 * each awaited. */
void scene_play(struct scene *scene, double seconds, double edits_hz);
