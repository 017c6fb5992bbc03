/* One pass over nodes and edges.
 *
 *     places_take   which nodes take part, each of them once or once per voice, and how they are linked (plan_link.c)
 *     order         depth first, alike nodes next to each other (plan_order.c)
 *     tasks         what several threads may run at once (plan_tasks.c)
 *     compiler_step per node: buffers for outputs, feeds and targets of inputs, buffers of inputs back (plan_step.c)
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

static void size_for(struct scratch_size *most, const struct node *node)
{
    most->params = larger(most->params, node->class->n_params);
    /* One more than the inputs, for the sum of a modulation. */
    most->sums = larger(most->sums, compiler_input_channels(node) + 1);
    most->device = larger(most->device, node->class->device ? node->channels : 0);
}

static void places_fill(struct compiler *c, struct node *node, struct plan_node **next)
{
    unsigned voice = 0;
    node->place = *next;
    for (struct node_rt *object = node->object; object; object = object->twin, voice++) {
        struct plan_node *place = (*next)++;
        *place = (struct plan_node){.node = node, .object = object, .voice = voice};
        place->in_end = &place->in;
    }
    size_for(&c->most, node);
    if (node->class->process_lanes)
        size_for(&c->most_in_lanes, node);
}

static int places_take(struct compiler *c)
{
    unsigned n_channels = 0;
    for (const struct node *node = c->model->first; node; node = node->next) {
        unsigned n = node_is_planned(node) ? node_voices(node) : 0;
        c->n_nodes += n;
        n_channels += n ? n * compiler_output_channels(node) : 0;
    }
    c->places = arena_take_array(&c->scratch, c->n_nodes, sizeof *c->places);
    c->order = arena_take_array(&c->scratch, c->n_nodes, sizeof *c->order);
    c->pool = arena_take_array(&c->scratch, n_channels, sizeof *c->pool);
    if (!c->places || !c->order || !c->pool)
        return ERROR_INTERNAL;
    struct plan_node *next = c->places;
    for (struct node *node = c->model->first; node; node = node->next)
        if (node_is_planned(node))
            places_fill(c, node, &next);
    return compiler_links(c);
}

static int scratch_take(struct compiler *c, struct scratch *scratch, const struct scratch_size *most)
{
    struct arena *arena = &c->plan->arena;
    scratch->params = arena_take_array(arena, most->params, sizeof *scratch->params);
    scratch->param_frames = arena_take_array(arena, most->params, sizeof *scratch->param_frames);
    scratch->device = arena_take_array(arena, most->device, sizeof *scratch->device);
    scratch->sums = arena_take_array(arena, most->sums, sizeof *scratch->sums);
    if (!scratch->params || !scratch->param_frames || !scratch->device || !scratch->sums)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < most->sums; i++)
        if (!(scratch->sums[i] = arena_take(arena, BLOCK_MAX * sizeof(float))))
            return ERROR_INTERNAL;
    return 0;
}

/* What runs side by side has its sums and its moving parameters at the same time. */
static int lanes_take(struct compiler *c, struct room *room)
{
    struct arena *arena = &c->plan->arena;
    if (!c->has_lanes)
        return 0;
    room->lane_room = arena_take_array(arena, LANES_ROOM, sizeof *room->lane_room);
    room->lane_scratch = arena_take_array(arena, LANES, sizeof *room->lane_scratch);
    if (!room->lane_room || !room->lane_scratch)
        return ERROR_INTERNAL;
    for (unsigned l = 0; l < LANES; l++)
        if (scratch_take(c, &room->lane_scratch[l], &c->most_in_lanes))
            return ERROR_INTERNAL;
    return 0;
}

static int rooms_take(struct compiler *c)
{
    struct plan *plan = c->plan;
    plan->n_rooms = larger(1, c->model->n_threads);
    plan->rooms = arena_take_array(&plan->arena, plan->n_rooms, sizeof *plan->rooms);
    c->spares = arena_take_array(&c->scratch, larger(1, plan->n_tasks), sizeof(struct spare *));
    if (!plan->rooms || !c->spares)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < plan->n_rooms; i++)
        if (scratch_take(c, &plan->rooms[i].scratch, &c->most) || lanes_take(c, &plan->rooms[i]))
            return ERROR_INTERNAL;
    return 0;
}

static int steps_take(struct compiler *c)
{
    struct plan *plan = c->plan;
    plan->steps = arena_take_array(&plan->arena, c->n_nodes, sizeof *plan->steps);
    plan->labels = arena_take_array(&plan->arena, c->n_nodes, sizeof *plan->labels);
    plan->abreast = arena_take_array(&plan->arena, c->n_nodes, sizeof *plan->abreast);
    plan->due = arena_take_array(&plan->arena, (c->n_nodes + 7) / 8, 8);
    c->silence = arena_take(&plan->arena, BLOCK_MAX * sizeof(float));
    return plan->steps && plan->labels && plan->abreast && plan->due && c->silence ? 0 : ERROR_INTERNAL;
}

/* Nodes that run side by side read their inputs at the same time: none of these may be anybody's output before. */
static int steps_fill(struct compiler *c, unsigned first, unsigned n)
{
    for (unsigned i = first; i < first + n; i++)
        if (compiler_step(c, &c->plan->steps[c->plan->n_steps++], c->order[i]))
            return ERROR_INTERNAL;
    for (unsigned i = first; i < first + n; i++)
        compiler_release(c, c->order[i]);
    return 0;
}

static int compile(struct compiler *c)
{
    if (places_take(c) || steps_take(c) || compiler_order(c) || compiler_tasks(c) || rooms_take(c))
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < c->n_order; i++) {
        c->order[i]->step = i;
        atomic_init(&c->plan->due[i], 1);
    }
    for (unsigned i = 0; i < c->n_order; i += c->plan->abreast[i])
        if (steps_fill(c, i, c->plan->abreast[i]))
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
    arena_deinit(&plan->sound);
    arena_deinit(&plan->arena);
    free(plan);
}
