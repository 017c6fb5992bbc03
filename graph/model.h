/* The editable graph: named nodes, edges between their ports. Owned by the control thread.
 *
 * This page is the bare structure; graph/tx.h is how it is edited, with validation and rollback. An edge or node that
 * was removed stays in the lists, no longer live, until its fade has ended and no plan holds it: putting it back on
 * rollback, or when the client reconnects in mid-fade, is setting it live again.
 */
#pragma once

#include "graph/chase.h"
#include "graph/compensation_shared.h"
#include "graph/device.h"
#include "graph/map.h"
#include "graph/names.h"
#include "graph/node.h"
#include "graph/object_shared.h"
#include "graph/rank.h"
#include "graph/stamp.h"
#include "graph/tempo.h"

/* The two views of the graph that must stay free of cycles, each with its own topological order (graph/order.h). */
enum layer {
    LAYER_MODEL,  /* live edges: what the client built */
    LAYER_ENGINE, /* planned edges: what sounds, fading ones too */
    N_LAYERS,
};

/* A connection. One at most that is live has the same ports and channels at both ends: connecting again finds it and sets
 * its gain and depth. Its nodes outlive it. */
struct edge {
    /* Where it lies: in two lists, each by age. */
    struct node *from, *to;
    struct edge *out_next, *out_prev; /* in from's list */
    struct edge *in_next, *in_prev;   /* in to's list */
    uint64_t sequence;                /* order of connecting; sums, dumps and sessions follow it */

    /* What it connects. One channel goes to each of many; many go to one by their mean. */
    unsigned from_port;            /* row of from's outputs */
    unsigned to_port;              /* row of to's inputs, or n_inputs + row of its parameters */
    unsigned from_first, to_first; /* first selected channel, from 0 */
    unsigned n_from, n_to;         /* selected channels: equal, or one of them is 1 */

    /* What the client wants. */
    float gain_db; /* -120: silence */
    float depth;   /* modulation only, in the parameter's unit or in octaves; otherwise 1 */

    /* Its two truths, which differ while it fades, and while it waits for edges that fade. */
    bool is_feedback;     /* delays by LINE_DELAY_FRAMES, and is in neither order */
    bool live;            /* the client sees it */
    bool planned;         /* part of LAYER_ENGINE */
    uint32_t fade_frames; /* length of its next change of gain */
    bool retired;         /* in no list any more, freed with a batch */

    /* Numbers of batches, by which one that fails finds what it did. What the open batch touches is not swept away: it
     * may have to go back. */
    uint64_t touched_in;   /* the newest that edits it */
    uint64_t admitted_in;  /* the one that made it planned */
    uint64_t fading_since; /* the one that set its fade going; 0: not in the list of fading edges */

    /* Its compensation: graph/compensation.h. */
    struct compensation *compensation; /* owned; null: it is not delayed */
    uint32_t wait_frames;              /* before its next change of gain begins */

    /* Its fade to silence. It lasts as long as the edit that began it said; put back and removed again within one batch,
     * an edge goes on with it. */
    uint32_t fading_frames;      /* length of that fade */
    uint32_t fading_wait_frames; /* before it begins */
    uint64_t silent_at;          /* engine time at which it has ended; UINT64_MAX until that batch is back */
    struct edge *fading_next;    /* in the control root's list of fading edges, later in a batch's of retired ones */

    struct edge_rt *object; /* owned; touched by the audio thread while a plan holds it */
};

/* Whether it leads from the port that gives events, and so to one that takes them. */
DAWD_CTL bool edge_carries_events(const struct edge *edge);

/* A node. When it is removed it loses its name at once, and its memory when it has no edge and no plan any more. */
struct node {
    struct node *next, *prev; /* by sequence, also those that are leaving */
    char name[NAME_BYTES];
    const struct node_class *class;
    uint64_t sequence; /* order of creation; dumps, plans and drawings follow it */
    unsigned channels; /* of ports whose width is 0 in the class */

    /* What clients have set; modulation is not in it, and a glide shows here as having arrived. */
    float *values;             /* base value per parameter row; of one that follows a note value, at the tempo that holds */
    uint16_t *notes;           /* per parameter row: the note value that it follows, or 0 (graph/note.h) */
    unsigned n_notes;          /* rows that follow one */
    char **texts;              /* per parameter row: a path, or null */
    struct cables *cables;     /* graph/cable.h; null: no wishes */
    struct mappings *mappings; /* graph/mapping.h; null: no controllers */
    unsigned n_moved;          /* graph/mapping.h: mappings of controllers that it hears, anywhere */
    const struct node *heir_of; /* whose notes it takes over with the change that brings it in, of the same one; or null */
    struct node *container;     /* it is there once per voice of that one, which outlives it; null: simply once */
    unsigned n_inside;          /* of a container: nodes in the list whose container it is */
    char *label;                /* what people call it, in UTF-8; null: nothing */

    /* Its edges, live or not, oldest first: sums are added up in this order. */
    struct edge *in_first, *in_last, *out_first, *out_last;
    unsigned n_in, n_out; /* edges in those lists */

    unsigned n_ahead; /* graph/ahead.c: values on their way that later ones may pass, or may not */

    /* Where it is in its life. */
    bool live;                     /* it has its name; otherwise it leaves with its last planned edge */
    bool fixture;                  /* part of every session: cannot be removed */
    bool retired;                  /* in no list any more, freed with a batch */
    uint64_t touched_in;           /* number of the newest batch that removes it */
    uint32_t latency_frames;       /* by which its output is later than its input */
    bool is_uncompensated;         /* nothing waits for others at its inputs and outputs, nor do others wait for it */
    unsigned device_first;         /* device nodes: number of the first device port */
    uint64_t faults_from;          /* graph/fault.c: when the first of its last faults was seen */
    unsigned n_faults;             /* graph/fault.c: since then */
    const struct node_rt *counted; /* graph/fault.c: the object whose fault is among those; only compared */
    struct node_rt *object;        /* owned; touched by the audio thread while a plan holds it */

    /* What other modules keep with the node, so that none needs a table beside the graph. */
    struct rank order[N_LAYERS]; /* graph/order.c: edges of a layer lead from lower to higher numbers */
    unsigned char marked;        /* graph/order.c: which of the searches that run has seen it; 0: none */
    struct edge *via;            /* graph/order.c: next step towards the backward search's start */
    struct plan_node *place;     /* graph/plan.c: valid during a compile */
    /* graph/compensation.c, of the newest plan. */
    uint32_t arrival_frames; /* by how much its inputs are later than the sources, of those that are compensated */
    struct latency behind;   /* of its inputs behind the sources, by any way */
    struct latency ahead;    /* from its outputs to device ports, by any way */
    uint64_t *queued;        /* graph/outbox.c: per parameter row, the queued value that a newer one replaces */
    uint64_t *steps;         /* osc/history.c: per parameter row, number of the newest step that sets it */
    struct stamp *stamps;    /* graph/stamp.c: per parameter row, then per node_fact */
    uint64_t first_stamp;    /* graph/stamp.c: number of the change with which it got its name */
    uint64_t newest_stamp;   /* graph/stamp.c: number of its newest change */
    struct node *stamp_next, *stamp_prev; /* graph/stamp.c: while it is live, in the list by that number */
    uint64_t n_lost_seen;                 /* osc/playing.c: events that it had no room for, when last looked at */
    bool has_odd_program;                 /* osc/playing.c: a program that it has no preset for has been told of */
    unsigned char n_unheard;              /* osc/unheard.c: looks at which it was played and silent; UNHEARD_SETTLED */
    void *watched;                        /* osc/measured.c: what clients want to know; freed when it loses its name */
};

/* The graph. An all-zero struct is an empty one. */
struct model {
    struct node *first, *last;
    struct map names;                   /* of live nodes; the keys are the nodes' own */
    uint64_t n_sequence;                /* nodes ever made */
    uint64_t n_connected;               /* edges ever made, or taken up again while they faded */
    struct rank order_end[N_LAYERS];    /* of the list of each layer */
    unsigned n_nodes, n_edges;          /* live ones */
    struct tempo_list tempo;            /* tempos and signatures */
    struct sync sync;                   /* whom the transport follows */
    struct stamps stamps;               /* what has changed */
    uint64_t n_mapped;                  /* changes of mappings so far, rolled back or not */
    size_t n_linked;                    /* nodes in the list */
    size_t n_bytes;                     /* of all of them: the sum of node_bytes */
    size_t n_latent;                    /* of these, nodes with a latency */
    bool one_by_one;                    /* plans run no nodes side by side: to compare with */
    unsigned n_threads;                 /* that plans are made for; 0 and 1: one */
    bool device_used[DEVICE_PORTS_MAX]; /* by device port number, until its node is freed */
};

/* The live node of that name, or null. One look into a hash. */
DAWD_CTL struct node *model_find(const struct model *model, const char *name);
/* As model_find with no_such_node in *error, and the nearest name as a hint where there is one. */
DAWD_CTL struct node *model_get(const struct model *model, const char *name, struct error *error);

/* Channels of an input port or parameter (to_port numbering: a parameter is one channel wide), and of an output port; 0 of
 * a numbered port that the node does not have. The row must be one of the class. */
DAWD_CTL unsigned node_input_channels(const struct node *node, unsigned to_port);
DAWD_CTL unsigned node_output_channels(const struct node *node, unsigned from_port);
/* Name of a to_port: of an input port or of a parameter. */
DAWD_CTL const char *node_input_name(const struct node *node, unsigned to_port);

/* Row of the parameter, or no_such_param with the names there are. A class and values are enough: there need be no node
 * yet. Values null: numbered rows are all there. */
DAWD_CTL int node_param_find(const struct node_class *class, const float *values, const char *name, unsigned *row,
                             struct error *error);
/* Number of an output or input port by name; "" is the first. An input may be a continuous parameter. no_such_port with the
 * names there are. */
DAWD_CTL int node_output_find(const struct node *node, const char *port, unsigned *from_port, struct error *error);
DAWD_CTL int node_input_find(const struct node *node, const char *port, unsigned *to_port, struct error *error);

/* Allocates a node that is not in the model yet; the object is made by the caller. `name` is copied, values are 0, 0
 * channels are the class's default. Null when memory ran out. */
DAWD_CTL struct node *node_new(const struct node_class *class, const char *name, unsigned channels);
/* Frees it with its object; it is in no list any more. */
DAWD_CTL void node_free(struct node *node);

/* What a row was set to. Putting one is for a node that nobody sees yet; otherwise node_set_base. */
DAWD_CTL struct base node_base(const struct node *node, unsigned row);
DAWD_CTL void node_put_base(struct node *node, unsigned row, const struct base *base);

/* How often it is there: once, or once per voice of its container, spare ones too. */
DAWD_CTL unsigned node_voices(const struct node *node);
/* How often the connection is there: as often as the end that is inside of a container. */
DAWD_CTL unsigned edge_voices(const struct edge *edge);

/* Memory of its object, and of the sound that it plays, which others may play too. */
DAWD_CTL size_t node_bytes(const struct node *node);

/* Takes over from the object by how much the node is late; the node may be linked already. */
DAWD_CTL void node_set_latency(struct model *model, struct node *node);

/* Enters it into the list, not live yet: where `sequence` belongs, which was another node's of the same list before, or,
 * with 0, at the end with a number of its own. Its places in both orders are behind all others. */
DAWD_CTL void model_link_node(struct model *model, struct node *node, uint64_t sequence);
DAWD_CTL void model_unlink_node(struct model *model, struct node *node);
/* Gives the node its name, which is free (needs map_reserve on `names`, or undoes model_unname_node), or takes it. */
DAWD_CTL void model_name_node(struct model *model, struct node *node);
DAWD_CTL void model_unname_node(struct model *model, struct node *node);
/* Gives a live node another name, which is free (needs map_reserve on `names`, or undoes model_rename_node). */
DAWD_CTL void model_rename_node(struct model *model, struct node *node, const char *name);

/* Says whether the client sees it; keeps the model's count. */
DAWD_CTL void edge_set_live(struct model *model, struct edge *edge, bool live);
/* Puts it at its place by sequence into the lists of both ends, which is the end where it is new, or takes it out of them.
 * `live` and `planned` are the caller's business. */
DAWD_CTL void edge_link(struct edge *edge);
DAWD_CTL void edge_unlink(struct edge *edge);
/* Links it anew, as if it had been connected in another order. */
DAWD_CTL void edge_move(struct edge *edge, uint64_t sequence);
/* Frees it with its object; it is in no list any more. */
DAWD_CTL void edge_free(struct edge *edge);
/* The edge between exactly these ports and channels, with or without feedback as asked for, live or not, or null. Looks
 * through the shorter one of the two lists. */
DAWD_CTL struct edge *edge_find(const struct edge *like);
/* What would connect two other nodes as this edge does its own: ports, channels, gain, depth and whether it feeds back. */
DAWD_CTL struct edge edge_between(const struct edge *edge, struct node *from, struct node *to);

/* Whether it is part of the sound: it is live, or an edge of it still fades, or something inside of it is. Looks through
 * its edges when it is not live. */
DAWD_CTL bool node_is_planned(const struct node *node);

/* Frees all nodes and edges that are in the lists; no plan may hold them any more. The model is empty and usable
 * again. */
DAWD_CTL void model_deinit(struct model *model);
