/* Inside of the compiler (graph/plan.h): shared by plan.c, plan_step.c, plan_mix.c, nobody else's business.
 *
 *     model ──▶ places, in topological order ──▶ steps ──▶ plan
 *                                                 │ inputs: mixes, modulations, feedback lines
 *                                                 │ outputs: buffers
 */
#pragma once

#include "graph/model.h"
#include "graph/plan_shared.h"

/* What the compiler knows of a node while it works. */
struct plan_node {
    struct node *node;
    struct edge *next;    /* depth-first search: the next input to look at */
    unsigned n_consumers; /* planned edges out of it that are not compiled yet */
    float **buffers;      /* per output channel */
};

struct compiler {
    const struct model *model;
    struct plan *plan;
    struct arena scratch;
    struct plan_node *places; /* one per node, by sequence */
    struct plan_node **order; /* topological */
    float **free_buffers;     /* a stack: the warmest on top */
    unsigned n_nodes, n_order, n_free;
    unsigned most_params, most_sums, most_device; /* of any step */
    float *silence;
};

/* Channels of all ports of a direction. */
DAWD_CTL unsigned compiler_input_channels(const struct node *node);
DAWD_CTL unsigned compiler_output_channels(const struct node *node);

/* Planned edges into the port (to_port numbering: graph/model.h). */
DAWD_CTL unsigned compiler_n_feeds(const struct node *node, unsigned to_port);
/* Where the source, whose step is filled, writes what the edge takes. */
DAWD_CTL float **compiler_edge_buffers(const struct edge *edge);

/* Fills in the mix of a port. Its channels are summed into the scratch buffers from first_sum on; `in` is where process reads
 * them. 0 or ERROR_INTERNAL. */
DAWD_CTL int compiler_mix(struct compiler *c, struct mix *mix, const struct node *node, unsigned to_port,
                          unsigned first_sum, const float **in);

/* Fills in the step of a place; those of all its sources are filled. 0 or ERROR_INTERNAL. */
DAWD_CTL int compiler_step(struct compiler *c, struct step *step, struct plan_node *place);
