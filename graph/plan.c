/* One pass over nodes and edges. Buffers are assigned while the steps are laid out: a step takes buffers for its outputs before
 * it gives back those of its inputs, so that no node ever writes what it still reads, and the one given back last is taken
 * first, while it is warm in the cache.
 *
 *     places_take   which nodes take part, and how many edges read each of them
 *     sort          their order, depth first
 *     step_fill     per node: buffers for outputs, feeds and targets of inputs, buffers of inputs back
 *
 * What the plan keeps comes from its arena, all else from one that goes at the end: a compile that fails half way
 * has nothing to take apart. An array of no elements is a valid pointer there, so that null always means that memory ran
 * out. */
#include "graph/plan.h"

#include <math.h>
#include <stdlib.h>

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
    float **sums;                                 /* most_sums buffers, shared by all steps */
    float *silence;
};

static unsigned output_channels(const struct node *node)
{
    unsigned n = 0;
    for (unsigned i = 0; i < node->class->n_outputs; i++)
        n += node_output_channels(node, i);
    return n;
}

static unsigned input_channels(const struct node *node)
{
    unsigned n = 0;
    for (unsigned i = 0; i < node->class->n_inputs; i++)
        n += node_input_channels(node, i);
    return n;
}

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
        c->most_sums = larger(c->most_sums, input_channels(node) + 1);
        c->most_device = larger(c->most_device, node->class->device ? node->channels : 0);
        n_channels += output_channels(node);
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

static float *buffer_take(struct compiler *c)
{
    if (c->n_free)
        return c->free_buffers[--c->n_free];
    c->plan->n_buffers++;
    return arena_take(&c->plan->arena, BLOCK_MAX * sizeof(float));
}

static void buffers_release(struct compiler *c, const struct plan_node *place)
{
    for (unsigned i = output_channels(place->node); i-- > 0;)
        c->free_buffers[c->n_free++] = place->buffers[i];
}

/* What the edge's gain shall be: silence when it is not live, so that a disconnection is a target like any other. Many
 * channels into one are averaged. */
static float edge_target(const struct edge *edge)
{
    if (!edge->live || edge->gain_db <= -120.0f)
        return 0.0f;
    float share = edge->n_to == 1 ? 1.0f / (float)edge->n_from : 1.0f;
    return exp10f(edge->gain_db / 20.0f) * edge->depth * share;
}

static unsigned first_channel(const struct node *node, unsigned from_port)
{
    unsigned first = 0;
    for (unsigned i = 0; i < from_port; i++)
        first += node_output_channels(node, i);
    return first;
}

/* Where the source writes what the edge takes. */
static float **edge_buffers(const struct edge *edge)
{
    return edge->from->place->buffers + first_channel(edge->from, edge->from_port) + edge->from_first;
}

static int feed_fill(struct compiler *c, struct feed *feed, const struct edge *edge)
{
    unsigned n = larger(edge->n_from, edge->n_to);
    struct tap *taps = arena_take_array(&c->plan->arena, n, sizeof *taps);
    if (!taps)
        return ERROR_INTERNAL;
    float **from = edge->is_feedback ? edge->object->line->out : edge_buffers(edge);
    for (unsigned i = 0; i < n; i++)
        taps[i] = (struct tap){from[edge->n_from == 1 ? 0 : i], edge->to_first + (edge->n_to == 1 ? 0 : i)};
    *feed = (struct feed){edge->object, taps, n, edge_target(edge), edge->fade_frames, edge->live ? 0 : edge->fading_since};
    return 0;
}

/* Notes the source of each channel, silence where there is none; leaves `pass` null where a sum is needed. */
static int pass_fill(struct compiler *c, struct mix *mix)
{
    const float **pass = arena_take_array(&c->plan->arena, mix->n_channels, sizeof *pass);
    if (!pass)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < mix->n_channels; i++)
        pass[i] = c->silence;
    for (unsigned f = 0; f < mix->n_feeds; f++)
        for (unsigned t = 0; t < mix->feeds[f].n_taps; t++) {
            const struct tap *tap = &mix->feeds[f].taps[t];
            /* Silence is nobody's output, so this channel has a source already. */
            if (pass[tap->channel] != c->silence || mix->feeds[f].target != 1.0f)
                return 0;
            pass[tap->channel] = tap->from;
        }
    mix->pass = pass;
    return 0;
}

/* Taken twice: to count the terms of each channel, and to fill them in. */
static void terms_take(const struct mix *mix, bool fill)
{
    for (unsigned f = 0; f < mix->n_feeds; f++) {
        const struct feed *feed = &mix->feeds[f];
        for (unsigned t = 0; feed->target != 0.0f && t < feed->n_taps; t++) {
            struct terms *terms = &mix->terms[feed->taps[t].channel];
            if (fill)
                terms->term[terms->n] = (struct term){feed->taps[t].from, feed->target};
            terms->n++;
        }
    }
}

static int terms_fill(struct compiler *c, struct mix *mix)
{
    if (!(mix->terms = arena_take_array(&c->plan->arena, mix->n_channels, sizeof *mix->terms)))
        return ERROR_INTERNAL;
    terms_take(mix, false);
    for (unsigned i = 0; i < mix->n_channels; i++) {
        if (!(mix->terms[i].term = arena_take_array(&c->plan->arena, mix->terms[i].n, sizeof *mix->terms[i].term)))
            return ERROR_INTERNAL;
        mix->terms[i].n = 0;
    }
    terms_take(mix, true);
    return 0;
}

static unsigned n_feeds_of(const struct node *node, unsigned to_port)
{
    unsigned n = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        n += edge->planned && edge->to_port == to_port;
    return n;
}

static int mix_fill(struct compiler *c, struct mix *mix, const struct node *node, unsigned to_port, unsigned n_feeds,
                    const float **in, float *const *sum)
{
    *mix = (struct mix){.in = in, .sum = sum, .n_channels = node_input_channels(node, to_port)};
    mix->feeds = arena_take_array(&c->plan->arena, n_feeds, sizeof *mix->feeds);
    if (!mix->feeds)
        return ERROR_INTERNAL;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (edge->planned && edge->to_port == to_port && feed_fill(c, &mix->feeds[mix->n_feeds++], edge))
            return ERROR_INTERNAL;
    return pass_fill(c, mix) || (!mix->pass && terms_fill(c, mix)) ? ERROR_INTERNAL : 0;
}

static int mixes_fill(struct compiler *c, struct step *step, const struct node *node, const float **in)
{
    const struct node_class *class = node->class;
    step->mixes = arena_take_array(&c->plan->arena, class->n_inputs, sizeof *step->mixes);
    if (!step->mixes)
        return ERROR_INTERNAL;
    unsigned channel = 0;
    for (unsigned port = 0; port < class->n_inputs; port++) {
        unsigned n_feeds = n_feeds_of(node, port);
        if (n_feeds && mix_fill(c, &step->mixes[step->n_mixes++], node, port, n_feeds, in + channel, c->sums + channel))
            return ERROR_INTERNAL;
        channel += node_input_channels(node, port);
    }
    return 0;
}

/* All modulations share the last sum: each is added to its parameter before the next is mixed, while the sums of the
 * inputs wait for process. */
static int modulations_fill(struct compiler *c, struct step *step, const struct node *node)
{
    unsigned n_inputs = node->class->n_inputs, n = 0;
    for (unsigned p = 0; p < node->class->n_params; p++)
        n += n_feeds_of(node, n_inputs + p) != 0;
    step->modulations = arena_take_array(&c->plan->arena, n, sizeof *step->modulations);
    const float **in = arena_take_array(&c->plan->arena, n, sizeof *in);
    if (!step->modulations || !in)
        return ERROR_INTERNAL;
    for (unsigned p = 0; p < node->class->n_params; p++) {
        unsigned n_feeds = n_feeds_of(node, n_inputs + p);
        if (!n_feeds)
            continue;
        struct modulation *modulation = &step->modulations[step->n_modulations];
        modulation->row = p;
        if (mix_fill(c, &modulation->mix, node, n_inputs + p, n_feeds, &in[step->n_modulations],
                     c->sums + c->most_sums - 1))
            return ERROR_INTERNAL;
        step->n_modulations++;
    }
    return 0;
}

static void inputs_release(struct compiler *c, const struct plan_node *place)
{
    for (const struct edge *edge = place->node->in_first; edge; edge = edge->in_next)
        if (edge->planned && !edge->is_feedback && --edge->from->place->n_consumers == 0)
            buffers_release(c, edge->from->place);
    /* Nobody reads it: whatever it writes, the next step may write over. */
    if (place->n_consumers == 0)
        buffers_release(c, place);
}

static bool is_line(const struct edge *edge)
{
    return edge->planned && edge->is_feedback;
}

/* Both ends of the feedback edges that meet here; one that leads from the node to itself is among both. */
static int lines_fill(struct compiler *c, struct step *step, const struct node *node)
{
    unsigned n_in = 0, n_out = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        n_in += is_line(edge);
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
        n_out += is_line(edge);
    if (!n_in && !n_out)
        return 0;
    step->returns = arena_take_array(&c->plan->arena, n_in, sizeof(struct line_rt *));
    step->sends = arena_take_array(&c->plan->arena, n_out, sizeof *step->sends);
    if (!step->returns || !step->sends)
        return ERROR_INTERNAL;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (is_line(edge))
            step->returns[step->n_returns++] = edge->object->line;
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
        if (is_line(edge))
            step->sends[step->n_sends++] = (struct line_send){edge->object->line, (const float *const *)edge_buffers(edge)};
    return 0;
}

static int step_fill(struct compiler *c, struct step *step, struct plan_node *place)
{
    struct node *node = place->node;
    struct arena *arena = &c->plan->arena;
    unsigned n_in = input_channels(node), n_out = output_channels(node);
    const float **in = arena_take_array(arena, n_in, sizeof *in);
    place->buffers = arena_take_array(arena, n_out, sizeof(float *));
    if (!in || !place->buffers)
        return ERROR_INTERNAL;
    /* What no edge reaches stays like this as long as the plan lives. */
    for (unsigned i = 0; i < n_in; i++)
        in[i] = c->silence;
    for (unsigned i = 0; i < n_out; i++)
        if (!(place->buffers[i] = buffer_take(c)))
            return ERROR_INTERNAL;
    step->node = node->object;
    c->plan->labels[step - c->plan->steps] = (struct step_label){node->sequence, n_in, n_out};
    step->device_first = node->device_first;
    step->n_device = node->class->device ? node->channels : 0;
    step->io = (struct node_io){in, place->buffers, node->object->params, c->plan->device, node->object->readings, 0,
                                0,  &c->plan->fault};
    if (lines_fill(c, step, node) || mixes_fill(c, step, node, in) || (node->in_first && modulations_fill(c, step, node)))
        return ERROR_INTERNAL;
    inputs_release(c, place);
    return 0;
}

static int scratch_take(struct compiler *c)
{
    struct arena *arena = &c->plan->arena;
    struct plan *plan = c->plan;
    plan->steps = arena_take_array(arena, c->n_nodes, sizeof *plan->steps);
    plan->labels = arena_take_array(arena, c->n_nodes, sizeof *plan->labels);
    plan->params = arena_take_array(arena, c->most_params, sizeof *plan->params);
    plan->param_frames = arena_take_array(arena, c->most_params, sizeof *plan->param_frames);
    plan->device = arena_take_array(arena, c->most_device, sizeof *plan->device);
    c->silence = arena_take(arena, BLOCK_MAX * sizeof(float));
    c->sums = arena_take_array(arena, c->most_sums, sizeof *c->sums);
    if (!plan->steps || !plan->labels || !plan->params || !plan->param_frames || !plan->device || !c->silence || !c->sums)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < c->most_sums; i++)
        if (!(c->sums[i] = arena_take(arena, BLOCK_MAX * sizeof(float))))
            return ERROR_INTERNAL;
    return 0;
}

static int compile(struct compiler *c)
{
    if (places_take(c) || scratch_take(c) || sort(c))
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < c->n_order; i++)
        if (step_fill(c, &c->plan->steps[c->plan->n_steps++], c->order[i]))
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
