/* The editable graph: named nodes, edges between their ports. Owned by the control thread.
 *
 * This page is the bare structure; graph/tx.h is how it is edited, with validation and rollback. An edge or node that
 * was removed stays in the lists, no longer live, until its fade has ended and no plan holds it: putting it back on
 * rollback, or when the client reconnects in mid-fade, is setting it live again.
 */
#pragma once

#include "graph/device.h"
#include "graph/map.h"
#include "graph/names.h"
#include "graph/node.h"
#include "graph/object_shared.h"

/* The two views of the graph that must stay free of cycles, each with its own topological order (graph/order.h). */
enum layer {
    LAYER_MODEL,  /* live edges: what the client built */
    LAYER_ENGINE, /* planned edges: what sounds, fading ones too */
    N_LAYERS,
};

struct edge {
    struct node *from, *to;
    struct edge *out_next, *out_prev; /* in from's list */
    struct edge *in_next, *in_prev;   /* in to's list */
    unsigned from_port;               /* row of from's outputs */
    unsigned to_port;                 /* row of to's inputs, or n_inputs + row of its parameters */
    unsigned from_first, to_first;    /* first selected channel, from 0 */
    unsigned n_from, n_to;            /* selected channels: equal, or one of them is 1 */
    float gain_db;                    /* -120: silence */
    float depth;                      /* modulation only, in the parameter's unit or in octaves; otherwise 1 */
    bool live;                        /* the client sees it */
    bool planned;                     /* part of LAYER_ENGINE */
    uint32_t fade_frames;             /* length of its next change of gain */
    bool retired;                     /* in no list any more, freed with a batch */
    uint64_t touched_in;              /* number of the newest batch that edits it */
    uint64_t admitted_in;             /* number of the batch that made it planned */
    uint64_t fading_since;            /* number of the batch that set its fade going; 0: not in the list of fading edges */
    uint32_t fading_frames;           /* length of that fade */
    uint64_t silent_at;               /* engine time at which it has ended; UINT64_MAX until known */
    struct edge *fading_next;         /* in the control root's list of fading edges, later in a batch's of retired ones */
    struct edge_rt *object;
};

struct node {
    struct node *next, *prev; /* by sequence, also those that are leaving */
    char name[NAME_BYTES];
    const struct node_class *class;
    uint64_t sequence; /* order of creation; saving, plans and drawings follow it */
    unsigned channels; /* of ports whose width is 0 in the class */
    float *values;     /* base value per parameter row */
    char **texts;      /* per parameter row: the path of a PARAM_FILE, or null */
    struct edge *in_first, *in_last, *out_first, *out_last;
    unsigned n_in, n_out;  /* edges in those lists */
    bool live;             /* it has its name; otherwise it leaves with its last planned edge */
    bool fixture;          /* part of every session: cannot be removed */
    bool retired;          /* in no list any more, freed with a batch */
    uint64_t touched_in;   /* number of the newest batch that removes it */
    unsigned device_first; /* device nodes: number of the first device port */
    struct node_rt *object;
    uint64_t order[N_LAYERS]; /* edges of a layer lead from lower to higher numbers */
    bool marked;              /* scratch of graph/order.c: seen by the search */
    struct edge *via;         /* scratch of graph/order.c: next step towards the search's start */
    struct plan_node *place;  /* scratch of graph/plan.c */
    uint64_t *queued;         /* scratch of graph/outbox.c: per parameter row, the queued value that a newer one replaces */
};

struct model {
    struct node *first, *last;
    struct map names;
    uint64_t n_sequence; /* nodes ever made */
    uint64_t n_order[N_LAYERS];
    unsigned n_nodes, n_edges; /* live ones */
    size_t n_linked;           /* nodes in the list */
    bool device_used[DEVICE_PORTS_MAX];
};

/* The live node of that name, or null. */
DAWD_CTL struct node *model_find(const struct model *model, const char *name);
/* As model_find with no_such_node in *error, and the nearest name as a hint where there is one. */
DAWD_CTL struct node *model_get(const struct model *model, const char *name, struct error *error);

/* Channels of an input port or parameter (to_port numbering), and of an output port. */
DAWD_CTL unsigned node_input_channels(const struct node *node, unsigned to_port);
DAWD_CTL unsigned node_output_channels(const struct node *node, unsigned from_port);
/* Name of a to_port: of an input port or of a parameter. */
DAWD_CTL const char *node_input_name(const struct node *node, unsigned to_port);

/* Row of the parameter, or no_such_param with the names there are. */
DAWD_CTL int node_param_find(const struct node_class *class, const char *name, unsigned *row, struct error *error);
/* Number of an output or input port by name; "" is the first. An input may be a continuous parameter. no_such_port with the
 * names there are. */
DAWD_CTL int node_output_find(const struct node *node, const char *port, unsigned *from_port, struct error *error);
DAWD_CTL int node_input_find(const struct node *node, const char *port, unsigned *to_port, struct error *error);

/* Allocates a node that is not in the model yet; the object is made by the caller. Null when memory ran out. */
DAWD_CTL struct node *node_new(const struct node_class *class, const char *name, unsigned channels);
/* Frees it with its object; it is in no list any more. */
DAWD_CTL void node_free(struct node *node);

/* Appends to the list, not live yet. */
DAWD_CTL void model_link_node(struct model *model, struct node *node);
DAWD_CTL void model_unlink_node(struct model *model, struct node *node);
/* Gives the node its name, which is free (needs map_reserve on `names`, or undoes model_unname_node), or takes it. */
DAWD_CTL void model_name_node(struct model *model, struct node *node);
DAWD_CTL void model_unname_node(struct model *model, struct node *node);

DAWD_CTL void edge_link(struct edge *edge);
DAWD_CTL void edge_unlink(struct edge *edge);
/* Frees it with its object; it is in no list any more. */
DAWD_CTL void edge_free(struct edge *edge);
/* The edge between exactly these ports and channels, live or not, or null. */
DAWD_CTL struct edge *edge_find(const struct edge *like);

/* Whether it is part of the sound: it is live, or an edge of it still fades. */
DAWD_CTL bool node_is_planned(const struct node *node);

/* Frees all nodes and edges. */
DAWD_CTL void model_deinit(struct model *model);
