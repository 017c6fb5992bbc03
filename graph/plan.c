/* One pass over nodes and edges.
 *
 *     places_take   which nodes take part, and how many edges read each of them
 *     sort          their order, depth first
 *     compiler_step per node: buffers for outputs, feeds and targets of inputs, buffers of inputs back (plan_step.c, plan_mix.c)
 *
 * What the plan keeps comes from its arena, all else from one that goes at the end: a compile that fails half way
 * has nothing to take apart. An array of no elements is a valid pointer there, so that null always means that memory ran
 * out. */
#include "graph/plan.h"

#include <stdlib.h>

#include "graph/compiler.h"

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

static int places_take(struct compiler *c)
{
    for (struct node *node = c->model->first; node; node = node->next)
        c->n_nodes += node_is_planned(node);
    c->places = arena_take_array(&c->scratch, c->n_nodes, sizeof *c->places);
    c->order = arena_take_array(&c->scratch, c->n_nodes, sizeof *c->order);
    if (!c->places || !c->order)
        return ERROR_INTERNAL;
    struct plan_node *place = c->places;
    unsigned n_channels = 0;
    for (struct node *node = c->model->first; node; node = node->next) {
        if (!node_is_planned(node))
            continue;
        *place = (struct plan_node){.node = node, .next = node->in_first};
        node->place = place++;
        for (struct edge *edge = node->out_first; edge; edge = edge->out_next)
            node->place->n_consumers += edge->planned && !edge->is_feedback;
        c->most_params = larger(c->most_params, node->class->n_params);
        /* One more than the inputs, for the sum of a modulation. */
        c->most_sums = larger(c->most_sums, compiler_input_channels(node) + 1);
        c->most_device = larger(c->most_device, node->class->device ? node->channels : 0);
        n_channels += compiler_output_channels(node);
    }
    /* As many as would be free if no buffer were ever used twice: the stack cannot overflow. */
    c->free_buffers = arena_take_array(&c->scratch, n_channels, sizeof *c->free_buffers);
    return c->free_buffers ? 0 : ERROR_INTERNAL;
}

/* Puts `root` into the order behind everything that leads to it. A place whose next is null and that stands in the order
 * is done; the stack needs no memory of its own, since each node is on it once at most: it fills the order from behind. */
static void visit(struct compiler *c, struct plan_node *root, bool *seen)
{
    struct plan_node **top = c->order + c->n_nodes;
    *--top = root;
    seen[root - c->places] = true;
    while (top < c->order + c->n_nodes) {
        struct plan_node *place = *top;
        struct edge *edge = place->next;
        if (!edge) {
            top++;
            c->order[c->n_order++] = place;
            continue;
        }
        place->next = edge->in_next;
        struct plan_node *source = edge->from->place;
        if (edge->planned && !edge->is_feedback && !seen[source - c->places]) {
            seen[source - c->places] = true;
            *--top = source;
        }
    }
}

static int sort(struct compiler *c)
{
    bool *seen = arena_take_array(&c->scratch, c->n_nodes, sizeof *seen);
    if (!seen)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < c->n_nodes; i++)
        if (!seen[i])
            visit(c, &c->places[i], seen);
    return 0;
}

static int scratch_take(struct compiler *c, struct scratch *scratch)
{
    struct arena *arena = &c->plan->arena;
    scratch->params = arena_take_array(arena, c->most_params, sizeof *scratch->params);
    scratch->param_frames = arena_take_array(arena, c->most_params, sizeof *scratch->param_frames);
    scratch->device = arena_take_array(arena, c->most_device, sizeof *scratch->device);
    scratch->sums = arena_take_array(arena, c->most_sums, sizeof *scratch->sums);
    if (!scratch->params || !scratch->param_frames || !scratch->device || !scratch->sums)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < c->most_sums; i++)
        if (!(scratch->sums[i] = arena_take(arena, BLOCK_MAX * sizeof(float))))
            return ERROR_INTERNAL;
    return 0;
}

static int steps_take(struct compiler *c)
{
    struct plan *plan = c->plan;
    plan->steps = arena_take_array(&plan->arena, c->n_nodes, sizeof *plan->steps);
    plan->labels = arena_take_array(&plan->arena, c->n_nodes, sizeof *plan->labels);
    c->silence = arena_take(&plan->arena, BLOCK_MAX * sizeof(float));
    return plan->steps && plan->labels && c->silence ? 0 : ERROR_INTERNAL;
}

static int compile(struct compiler *c)
{
    if (places_take(c) || steps_take(c) || scratch_take(c, &c->plan->scratch) || sort(c))
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < c->n_order; i++)
        if (compiler_step(c, &c->plan->steps[c->plan->n_steps++], c->order[i]))
            return ERROR_INTERNAL;
    return 0;
}

int plan_compile(const struct model *model, struct plan **plan)
{
    struct compiler compiler = {.model = model, .plan = calloc(1, sizeof **plan)};
    int code = compiler.plan ? compile(&compiler) : ERROR_INTERNAL;
    arena_deinit(&compiler.scratch);
    if (code) {
        plan_free(compiler.plan);
        compiler.plan = NULL;
    }
    *plan = compiler.plan;
    return code;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    arena_deinit(&plan->arena);
    free(plan);
}
