/* What sounds: the engine's side of a node and of an edge.
 *
 *     control thread                                         audio thread
 *     object_node_new -> plan -> ctl_to_rt ───────────────▶  runs it: state, glides and params are its own now
 *     object_node_free  ◀─────────────── rt_to_ctl  ◀──────  last plan that held it was swapped out
 *
 * Objects outlive plans: an edit compiles a new plan over the same objects, so that nothing restarts.
 */
#pragma once

#include "graph/glide_shared.h"
#include "graph/node.h"

struct edge_rt {
    struct glide gain; /* factor on the signal: linear gain, times depth on a modulation edge */
};

struct node_rt {
    const struct node_class *class;
    void *state;
    struct param *params;    /* one per row; what process sees while nothing moves */
    struct glide *glides;    /* one per row */
    bool *moving;            /* one per row: its glide is not settled into params yet */
    unsigned n_moving;       /* rows of which that is true */
    _Atomic float *readings; /* written by the audio thread, read by control */
    struct arena arena;      /* control: everything above lives in it */
    struct media **media;    /* control: one reference per PARAM_FILE row, or null */
};

struct object_spec {
    double rate_hz;
    unsigned channels;
    const float *values;        /* per row of the class's parameters */
    struct media *const *media; /* per row, or null for no files at all; the object takes its own references */
};

/* Allocates and initialises; *object is then the caller's. ERROR_INTERNAL when memory ran out, or what init refused. */
DAWD_CTL int object_node_new(const struct node_class *class, const struct object_spec *spec, struct node_rt **object,
                             struct error *error);
/* No plan that the audio thread may see holds it any more. Accepts null. */
DAWD_CTL void object_node_free(struct node_rt *object);
