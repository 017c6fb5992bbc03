/* A slow and obvious account of what edits mean: a plain copy of the model, and every frame of sound computed from it one
 * by one, in double precision. For graphs of oscillators and gains between the nodes in and out, whose pitches may be note values.
 *
 *     graph_copy_add, …   what the client asks for, at once in the copy, later in the sound
 *     graph_copy_send     control sends what was committed
 *     graph_copy_take     a cycle begins: the engine takes what is on its way
 *     graph_copy_due, graph_copy_compute, graph_copy_advance     frame by frame
 */
#pragma once

#include "graph/node.h"

#define COPY_RATE_HZ 48000
#define COPY_NODES   96
#define COPY_EDGES   400
#define COPY_ACTIONS 3000
#define COPY_PARCELS 256 /* on their way or waiting */
#define COPY_ROWS    8
#define COPY_DELAY   256 /* of a feedback edge */
#define COPY_BYPASS  480 /* frames that a node takes to be bypassed, or back */

/* A straight line, counted in frames. */
struct graph_copy_line {
    double from, to;
    uint32_t at, length;
    bool is_log; /* straight in octaves, and as a float per frame */
};

struct graph_copy_node {
    bool used, live, runs; /* runs: the engine has it */
    char name[8];
    const struct node_class *class;
    unsigned channels;
    float values[COPY_ROWS];
    uint16_t notes[COPY_ROWS]; /* that the values follow */
    uint16_t heard[COPY_ROWS]; /* those that the engine follows */
    /* In the unit: only level and gain glide here, the pitch jumps; in the last row, how far it is bypassed: 0 to 1. */
    struct graph_copy_line lines[COPY_ROWS];
    double phase;                 /* of an oscillator, in cycles */
    double sound[2], loudness[2]; /* of the frame that is computed */
    uint64_t computed;            /* that frame + 1 */
};

struct graph_copy_edge {
    bool used, live, was_live; /* was_live: when the engine was last told */
    bool wants_life, leaves;   /* what the newest plan says of it; leaves: has set out for silence for good */
    bool is_sent, runs;        /* the engine was told of it at all; and has heard */
    bool is_feedback;
    unsigned from, to; /* places in `nodes` */
    bool modulates;    /* the only parameter of a gain */
    unsigned from_first, n_from, to_first, n_to;
    double gain_db, depth;
    uint32_t fade_frames;
    char from_text[16], to_text[16];
    double wanted; /* the gain that the newest plan asks for */
    uint32_t wanted_frames;
    struct graph_copy_line gain;
    /* Feedback: what its source gave, and how loud that was, by frame % COPY_DELAY. It begins with a fade. */
    struct graph_copy_line onset;
    double sound[COPY_DELAY][2], loudness[COPY_DELAY][2];
};

struct graph_copy_action {
    enum { COPY_START, COPY_VALUE, COPY_WANT, COPY_TEMPO } kind;
    unsigned which, row; /* COPY_WANT: row is whether it is live */
    double value;        /* COPY_TEMPO: in millionths of a bpm */
    uint32_t frames;
    uint16_t note; /* COPY_VALUE */
};

/* What leaves control together and takes effect at one frame. */
struct graph_copy_parcel {
    uint64_t at;    /* frame that it waits for; 0: none */
    bool has_plan;  /* of the graph as it is then */
    bool in_order;  /* it waits behind those with a plan that wait */
    bool is_inside; /* the engine has it */
    struct graph_copy_action *actions;
    unsigned n;
};

/* What is on its way, oldest first. */
struct graph_copy_way {
    struct graph_copy_parcel parcels[COPY_PARCELS];
    unsigned n;
    bool is_replanned; /* since the last frame */
    uint64_t cut_at;   /* of what has a plan, eight may take effect inside of each 256 frames */
    unsigned n_cuts;
    uint64_t newest; /* number of control's batch that was sent last */
};

struct graph_copy {
    struct graph_copy_node nodes[COPY_NODES];
    struct graph_copy_edge edges[COPY_EDGES];
    struct graph_copy_action pending[COPY_ACTIONS]; /* committed */
    unsigned n_pending;
    struct graph_copy_way *way;
    bool is_open; /* something was committed that control has not sent yet */
    /* Since something had a time of its own: which of two values comes last shows when all is through. */
    bool is_unclear;
    uint32_t micro_bpm; /* the tempo that the engine goes by; the piece stands at its beginning */
    uint64_t frame;
};

/* What the line has come to. */
double graph_copy_line_now(const struct graph_copy_line *line);
/* Whether one of the actions begins or ends to follow a note value: such a parcel is one that cuts. */
bool graph_copy_turns_notes(const struct graph_copy *copy, const struct graph_copy_parcel *parcel);
/* A value, and the tempo that a parcel brings, take effect. */
void graph_copy_value(struct graph_copy *copy, const struct graph_copy_action *action);
void graph_copy_tempo(struct graph_copy *copy, const struct graph_copy_parcel *parcel);

/* The place of the live node of that name, or COPY_NODES. */
unsigned graph_copy_find(const struct graph_copy *copy, const char *name);
/* Notes something that will be heard: with what is pending, or by itself right behind what is on its way. */
void graph_copy_act(struct graph_copy *copy, bool pending, struct graph_copy_action action);

/* Row of a parameter of an oscillator or gain. */
unsigned graph_copy_row(const struct node_class *class, const char *param);

unsigned graph_copy_add(struct graph_copy *copy, const char *name, const struct node_class *class, unsigned channels);
void graph_copy_remove(struct graph_copy *copy, unsigned which, uint32_t fade_frames);
/* The edge between the same ports and channels, live or fading, or null. */
struct graph_copy_edge *graph_copy_edge_find(struct graph_copy *copy, const struct graph_copy_edge *like);
/* The same, made if there is none, and live from now on. */
struct graph_copy_edge *graph_copy_edge_take(struct graph_copy *copy, const struct graph_copy_edge *like);
/* Whether it makes no sound any more, so that control may have forgotten it or not. */
bool graph_copy_edge_is_silent(const struct graph_copy_edge *edge);
/* Whether a path of live edges without feedback leads from one node to the other. */
bool graph_copy_leads(const struct graph_copy *copy, unsigned from, unsigned to);

/* What is pending leaves; `like` says when and how: its at, has_plan and in_order. */
void graph_copy_send(struct graph_copy *copy, struct graph_copy_parcel like);
void graph_copy_take(struct graph_copy *copy);
/* What takes effect at the present frame does. */
void graph_copy_due(struct graph_copy *copy);
/* Computes `sound` and `loudness` of a node, and of all that it hears, at the present frame. */
void graph_copy_compute(struct graph_copy *copy, unsigned which);
/* Goes on to the next frame. */
void graph_copy_advance(struct graph_copy *copy);
/* Forgets what is silent and gone. */
void graph_copy_sweep(struct graph_copy *copy);
struct ctl;
/* Ends the test unless control's model says the same: nodes, edges, and values as soon as they are clear. */
void graph_copy_check(const struct ctl *ctl, struct graph_copy *copy);
