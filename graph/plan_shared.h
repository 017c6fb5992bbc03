/* A plan: the graph compiled into a list of steps. Made by control, run by the audio thread: what a block needs to
 * point at (inputs, parameters) it writes into the steps, all else stays as compiled.
 *
 *     step:  [mix per connected port] -> [parameters that move] -> process
 *
 * A plan holds order, buffers and pointers only. What lasts longer than an edit (node states, glides, edge gains) lives in
 * the objects that plans share; so swapping a plan is exchanging one pointer. The target gain of each edge is part of the
 * plan: an edge that finds another target than the one it goes to sets out for the new one, so that connecting,
 * disconnecting and changing a level are all the same thing, at no cost at the swap.
 */
#pragma once

#include "graph/node.h"
#include "graph/object_shared.h"

/* One channel that an edge adds to. */
struct tap {
    const float *from;
    unsigned channel; /* of the port that it goes to */
};

/* One edge into one port. */
struct feed {
    struct edge_rt *edge;
    struct tap *taps;
    unsigned n_taps;
    float target;         /* where the edge's gain shall be */
    uint32_t fade_frames; /* how long it takes to get there */
};

/* All edges into one port, summed in their order. */
struct mix {
    struct feed *feeds;
    const float **in;   /* per channel of the port: what process will read; set by the mix */
    const float **pass; /* per channel: its source, or silence; null when a channel has several sources */
    float *const *sum;  /* per channel: the buffer for a sum */
    unsigned n_feeds, n_channels; /* a settled gain of 1 everywhere passes the sources on without a copy */
};

/* The modulation of one parameter: a mix whose single channel is added to the base value. */
struct modulation {
    struct mix mix;
    unsigned row;
};

struct step {
    struct node_rt *node;
    struct mix *mixes;
    struct modulation *modulations;
    unsigned n_mixes, n_modulations;
    unsigned device_first; /* number of the first device port */
    unsigned n_device;     /* device ports of the node; 0: no device node */
    struct node_io io;     /* in, out and readings are set once, the rest per block */
};

struct plan {
    struct step *steps;
    unsigned n_steps;
    unsigned n_buffers;               /* of sound between nodes, for statistics */
    float (*param_frames)[BLOCK_MAX]; /* scratch of the step that runs: a moving parameter's values per frame, by row */
    struct param *params;             /* scratch of the step that runs: all rows, when any moves */
    float **device;                   /* scratch of the step that runs: its device channels */
    struct arena arena;               /* control: everything above */
};
