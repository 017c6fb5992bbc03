/* Inside of the compiler (graph/plan.h): shared by plan.c and plan_*.c, nobody else's business.
 *
 *     model ──▶ places and links ──▶ in topological order ──▶ steps ──▶ plan
 *               (one per voice)                                │ inputs: mixes, modulations, feedback lines
 *                                                              │ outputs: buffers
 */
#pragma once

#include "graph/model.h"
#include "graph/plan_shared.h"

/* A planned edge between two places: as many as it has voices. */
struct plan_link {
    const struct edge *edge; /* null: nothing passes, but the first has to run before the other */
    struct edge_rt *object;
    struct compensation *compensation; /* of this voice; null: it is not delayed */
    struct plan_node *from, *to;
    struct plan_link *in_next, *out_next; /* of those into `to`, in the order of the edges; of those out of `from` */
};

/* What the compiler knows of a node, or of one of its voices, while it works. */
struct plan_node {
    struct node *node;
    struct node_rt *object;
    unsigned voice; /* 0 where it is simply there once */
    struct plan_link *in, **in_end, *out;
    struct plan_link *next;         /* depth-first search: the next input to look at */
    const struct plan_node *before; /* the last container for which it was asked: it runs before that one */
    struct plan_unit *unit;
    unsigned depth;        /* nodes that can run in lanes on the longest way to it */
    unsigned n_consumers;  /* links out of it that are not compiled yet */
    uint32_t step;         /* its place in the order */
    float **buffers;       /* per output channel */
    uint32_t may_be_still; /* as in struct node_io */
    uint32_t still_heard;  /* of these, the ones that somebody reads: their buffers are their own */
    bool is_in_place;      /* it writes to the buffers of its source, */
    bool is_written_over;  /* which are that one's from then on */
};

/* What runs at once: a node by itself, or alike ones side by side. */
struct plan_unit {
    struct plan_node **members;
    unsigned n;
    unsigned at; /* depth-first search: the member whose inputs are looked at */
    bool seen;
    bool has_readers; /* more than one */
    struct plan_unit *reader;
    unsigned task;
};

/* A buffer that nobody reads any more. */
struct spare {
    float *buffer;
    struct spare *next;
};

/* The most that any step needs of struct scratch. */
struct scratch_size {
    unsigned params, sums, device;
};

struct compiler {
    const struct model *model;
    struct plan *plan;
    struct arena scratch;
    struct plan_node *places; /* one per node and voice, by sequence */
    struct plan_node **order; /* topological */
    struct spare **spares;    /* one list per task, one for all where there are no tasks: the warmest first */
    struct spare *pool;       /* as many as there are channels: each buffer is given back once by each that has it */
    unsigned n_nodes, n_order;
    struct scratch_size most, most_in_lanes; /* of any step, of those that can run in lanes */
    bool has_lanes;
    float *silence;
};

/* Channels of all ports of a direction. */
DAWD_CTL unsigned compiler_input_channels(const struct node *node);
DAWD_CTL unsigned compiler_output_channels(const struct node *node);

/* Whether the first has to run before the other. */
DAWD_CTL static inline bool link_leads(const struct plan_link *link)
{
    return !link->edge || !link->edge->is_feedback;
}

/* Whether what comes by it is what its source has written, in the same block. */
DAWD_CTL static inline bool link_is_direct(const struct plan_link *link)
{
    return link_leads(link) && !link->compensation;
}

/* Whether it leads into a container, and is delayed once for all voices of it, by its source. */
DAWD_CTL static inline bool link_is_shared(const struct plan_link *link)
{
    return link->compensation && !link->from->node->container && link->to->node->container;
}

/* Makes the links of all places. 0 or ERROR_INTERNAL. */
DAWD_CTL int compiler_links(struct compiler *c);

/* Links into the port (to_port numbering: graph/model.h). */
DAWD_CTL unsigned compiler_n_feeds(const struct plan_node *place, unsigned to_port);
/* The first channel of its source that the link takes, of all outputs. */
DAWD_CTL unsigned compiler_link_channel(const struct plan_link *link);
/* Where the source, whose step is filled, writes what the link takes. */
DAWD_CTL float **compiler_link_buffers(const struct plan_link *link);

/* Fills in the mix of a port, of which the caller has said where process reads it (in, still), and which scratch buffers it is
 * summed into (first_sum). 0 or ERROR_INTERNAL. */
DAWD_CTL int compiler_mix(struct compiler *c, struct mix *mix, const struct plan_node *place, unsigned to_port);

/* Puts all places into c->order, and how many of them run side by side into plan->abreast. 0 or ERROR_INTERNAL. */
DAWD_CTL int compiler_order(struct compiler *c);

/* Divides the order into tasks, where there are several threads. 0 or ERROR_INTERNAL. */
DAWD_CTL int compiler_tasks(struct compiler *c);

/* Fills in the step of a place; those of all its sources are filled. 0 or ERROR_INTERNAL. */
DAWD_CTL int compiler_step(struct compiler *c, struct step *step, struct plan_node *place);
/* Finds place->buffers for its n outputs. 0 or ERROR_INTERNAL. */
DAWD_CTL int compiler_buffers(struct compiler *c, struct plan_node *place, unsigned n_out);
/* Gives back the buffers that nobody reads after this place. */
DAWD_CTL void compiler_release(struct compiler *c, const struct plan_node *place);
