/* Buffers are assigned while the steps are laid out: a step takes buffers for its outputs before it gives back those of its
 * inputs, so that no node ever writes what it still reads, and the one given back last is taken first, while it is warm in the
 * cache. */
#include "graph/compiler.h"

unsigned compiler_output_channels(const struct node *node)
{
    unsigned n = 0;
    for (unsigned i = 0; i < node->class->n_outputs; i++)
        n += node_output_channels(node, i);
    return n;
}

unsigned compiler_input_channels(const struct node *node)
{
    unsigned n = 0;
    for (unsigned i = 0; i < node->class->n_inputs; i++)
        n += node_input_channels(node, i);
    return n;
}

static struct spare **spares_of(const struct compiler *c, const struct plan_node *place)
{
    return &c->spares[c->plan->n_tasks ? place->unit->task : 0];
}

static float *buffer_take(struct compiler *c, const struct plan_node *place)
{
    struct spare **spares = spares_of(c, place), *spare = *spares;
    if (spare) {
        *spares = spare->next;
        return spare->buffer;
    }
    c->plan->n_buffers++;
    return arena_take(&c->plan->arena, BLOCK_MAX * sizeof(float));
}

static void buffers_release(struct compiler *c, const struct plan_node *place)
{
    struct spare **spares = spares_of(c, place);
    for (unsigned i = compiler_output_channels(place->node); i-- > 0;) {
        *c->pool = (struct spare){place->buffers[i], *spares};
        *spares = c->pool++;
    }
}

static int mixes_fill(struct compiler *c, struct step *step, const struct node *node, const float **in)
{
    const struct node_class *class = node->class;
    step->mixes = arena_take_array(&c->plan->arena, class->n_inputs, sizeof *step->mixes);
    if (!step->mixes)
        return ERROR_INTERNAL;
    unsigned channel = 0;
    for (unsigned port = 0; port < class->n_inputs; port++) {
        if (node_input_channels(node, port) && compiler_n_feeds(node, port) &&
            compiler_mix(c, &step->mixes[step->n_mixes++], node, port, channel, in + channel))
            return ERROR_INTERNAL;
        channel += node_input_channels(node, port);
    }
    return 0;
}

/* All modulations share the sum behind those of the inputs: each is added to its parameter before the next is mixed, while the sums of the
 * inputs wait for process. */
static int modulations_fill(struct compiler *c, struct step *step, const struct node *node)
{
    unsigned n_inputs = node->class->n_inputs, n = 0;
    for (unsigned p = 0; p < node->class->n_params; p++)
        n += compiler_n_feeds(node, n_inputs + p) != 0;
    step->modulations = arena_take_array(&c->plan->arena, n, sizeof *step->modulations);
    const float **in = arena_take_array(&c->plan->arena, n, sizeof *in);
    if (!step->modulations || !in)
        return ERROR_INTERNAL;
    for (unsigned p = 0; p < node->class->n_params; p++) {
        if (!compiler_n_feeds(node, n_inputs + p))
            continue;
        struct modulation *modulation = &step->modulations[step->n_modulations];
        modulation->row = p;
        if (compiler_mix(c, &modulation->mix, node, n_inputs + p, compiler_input_channels(node), &in[step->n_modulations]))
            return ERROR_INTERNAL;
        step->n_modulations++;
    }
    return 0;
}

/* With several threads a buffer that leaves its task is not used again: who would write it may run before who reads it. */
void compiler_release(struct compiler *c, const struct plan_node *place)
{
    for (const struct edge *edge = place->node->in_first; edge; edge = edge->in_next) {
        struct plan_node *from = edge->planned && !edge->is_feedback ? edge->from->place : NULL;
        if (from && --from->n_consumers == 0 && spares_of(c, from) == spares_of(c, place))
            buffers_release(c, from);
    }
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
            step->sends[step->n_sends++] =
                (struct line_send){edge->object->line, (const float *const *)compiler_edge_buffers(edge)};
    return 0;
}

static bool is_late(const struct edge *edge)
{
    return edge->planned && edge->compensation;
}

static int compensations_fill(struct compiler *c, struct step *step, const struct node *node)
{
    unsigned n = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        n += is_late(edge);
    if (!n)
        return 0;
    step->compensations = arena_take_array(&c->plan->arena, n, sizeof *step->compensations);
    if (!step->compensations)
        return ERROR_INTERNAL;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (is_late(edge))
            step->compensations[step->n_compensations++] =
                (struct compensation_step){edge->compensation, edge->compensation->newest, &edge->from->object->silent,
                                           (const float *const *)compiler_edge_buffers(edge)};
    return 0;
}

/* Numbered ports may be more than bits; those that ask are among the first. */
static uint32_t wired_ports(const struct node *node)
{
    uint32_t wired = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (edge->planned && edge->to_port < node->class->n_inputs && edge->to_port < 32)
            wired |= 1u << edge->to_port;
    return wired;
}

static int readers_fill(struct compiler *c, struct step *step, const struct node *node)
{
    unsigned n = 0;
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
        n += edge->planned && !edge->is_feedback;
    uint32_t *readers = arena_take_array(&c->plan->arena, n, sizeof *readers);
    if (!readers)
        return ERROR_INTERNAL;
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
        if (edge->planned && !edge->is_feedback)
            readers[step->n_readers++] = edge->to->place->step;
    step->readers = readers;
    return 0;
}

static bool is_event_feed(const struct edge *edge)
{
    return edge->planned && edge->live && edge_carries_events(edge);
}

static int event_feeds_fill(struct compiler *c, struct step *step, const struct node *node)
{
    unsigned n = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        n += is_event_feed(edge);
    step->event_feeds = arena_take_array(&c->plan->arena, n, sizeof *step->event_feeds);
    if (!step->event_feeds)
        return ERROR_INTERNAL;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (is_event_feed(edge))
            step->event_feeds[step->n_event_feeds++] = (struct event_feed){.list = edge->from->object->outbox,
                                                                           .slumber = &edge->from->object->slumber,
                                                                           .source = source_of_edge(edge->sequence)};
    return 0;
}

int compiler_step(struct compiler *c, struct step *step, struct plan_node *place)
{
    struct node *node = place->node;
    struct arena *arena = &c->plan->arena;
    unsigned n_in = compiler_input_channels(node), n_out = compiler_output_channels(node);
    const float **in = arena_take_array(arena, n_in, sizeof *in);
    place->buffers = arena_take_array(arena, n_out, sizeof(float *));
    if (!in || !place->buffers)
        return ERROR_INTERNAL;
    /* What no edge reaches stays like this as long as the plan lives. */
    for (unsigned i = 0; i < n_in; i++)
        in[i] = c->silence;
    for (unsigned i = 0; i < n_out; i++)
        if (!(place->buffers[i] = buffer_take(c, place)))
            return ERROR_INTERNAL;
    step->node = node->object;
    c->plan->labels[step - c->plan->steps] = (struct step_label){node->sequence};
    step->device_first = node->device_first;
    step->n_device = node->class->device ? node->channels : 0;
    step->may_sleep = node->class->sleeps.can;
    step->is_checked = n_out && !node->class->finite;
    step->n_in = (uint16_t)n_in;
    step->n_out = (uint16_t)n_out;
    step->dry_in = (uint8_t)(n_in ? node_input_channels(node, 0) : 0);
    step->dry_out = (uint8_t)(n_out ? node_output_channels(node, 0) : 0);
    step->io = (struct node_io){.in = in,
                                .out = place->buffers,
                                .param = node->object->params,
                                .readings = node->object->readings,
                                .music = &c->plan->music,
                                .events = node->object->inbox ? &node->object->inbox->list : NULL,
                                .events_out = node->object->outbox,
                                .told = node->object->told,
                                .wired = wired_ports(node),
                                .fault = &step->fault,
                                .silent = &step->silent};
    if (lines_fill(c, step, node) || readers_fill(c, step, node) || compensations_fill(c, step, node) ||
        (node->object->inbox && event_feeds_fill(c, step, node)) || mixes_fill(c, step, node, in) ||
        (node->in_first && modulations_fill(c, step, node)))
        return ERROR_INTERNAL;
    step->is_heard = node->object->told || (node->object->inbox && node->class->n_presets);
    step->is_plain = !step->n_returns && !step->n_sends && !step->n_compensations && !step->n_device &&
                     !step->n_modulations && !node->object->inbox && !node->object->outbox && !node->object->told;
    return 0;
}
