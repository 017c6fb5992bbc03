/* A step: what its node hears, in which order, and who hears the node. */
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

static int mixes_fill(struct compiler *c, struct step *step, const struct plan_node *place, const float **in,
                      const bool **still)
{
    const struct node_class *class = place->node->class;
    step->mixes = arena_take_packed(&c->plan->arena, class->n_inputs, sizeof *step->mixes);
    if (!step->mixes)
        return ERROR_INTERNAL;
    unsigned channel = 0;
    for (unsigned port = 0; port < class->n_inputs; port++) {
        unsigned first = channel;
        channel += node_input_channels(place->node, port);
        if (class->inputs[port].events || !compiler_n_feeds(place, port))
            continue;
        struct mix *mix = &step->mixes[step->n_mixes++];
        *mix = (struct mix){.in = in + first, .still = still ? still + first : NULL, .first_sum = first};
        if (compiler_mix(c, mix, place, port))
            return ERROR_INTERNAL;
    }
    return 0;
}

/* All modulations share the sum behind those of the inputs: each is added to its parameter before the next is mixed, while the sums of the
 * inputs wait for process. */
static int modulations_fill(struct compiler *c, struct step *step, const struct plan_node *place)
{
    const struct node *node = place->node;
    unsigned n_inputs = node->class->n_inputs, n = 0;
    for (unsigned p = 0; p < node->class->n_params; p++)
        n += compiler_n_feeds(place, n_inputs + p) != 0;
    step->modulations = arena_take_packed(&c->plan->arena, n, sizeof *step->modulations);
    const float **in = arena_take_packed(&c->plan->arena, n, sizeof *in);
    const bool **still = arena_take_packed(&c->plan->arena, n, sizeof *still);
    step->is_modulated = n;
    if (n)
        step->modulated = arena_take_packed(&c->plan->arena, node->class->n_params, sizeof *step->modulated);
    if (!step->modulations || !in || !still || (n && !step->modulated))
        return ERROR_INTERNAL;
    for (unsigned p = 0; p < node->class->n_params; p++) {
        if (!compiler_n_feeds(place, n_inputs + p))
            continue;
        struct modulation *modulation = &step->modulations[step->n_modulations];
        modulation->row = p;
        modulation->mix = (struct mix){.in = &in[step->n_modulations],
                                       .still = &still[step->n_modulations],
                                       .first_sum = compiler_input_channels(node)};
        if (compiler_mix(c, &modulation->mix, place, n_inputs + p))
            return ERROR_INTERNAL;
        step->n_modulations++;
    }
    return 0;
}

static bool is_line(const struct plan_link *link)
{
    return link->edge && link->edge->is_feedback;
}

/* Both ends of the feedback edges that meet here; one that leads from the node to itself is among both. */
static int lines_fill(struct compiler *c, struct step *step, const struct plan_node *place)
{
    unsigned n_in = 0, n_out = 0;
    for (const struct plan_link *link = place->in; link; link = link->in_next)
        n_in += is_line(link);
    for (const struct plan_link *link = place->out; link; link = link->out_next)
        n_out += is_line(link);
    if (!n_in && !n_out)
        return 0;
    step->returns = arena_take_packed(&c->plan->arena, n_in, sizeof(struct line_rt *));
    step->sends = arena_take_packed(&c->plan->arena, n_out, sizeof *step->sends);
    if (!step->returns || !step->sends)
        return ERROR_INTERNAL;
    for (const struct plan_link *link = place->in; link; link = link->in_next)
        if (is_line(link))
            step->returns[step->n_returns++] = link->object->line;
    for (const struct plan_link *link = place->out; link; link = link->out_next)
        if (is_line(link))
            step->sends[step->n_sends++] = (struct line_send){
                link->object->line, (const float *const *)compiler_link_buffers(link), link->to->node->container != NULL};
    return 0;
}

static bool is_late(const struct plan_link *link)
{
    return link->compensation && !link_is_shared(link);
}

static bool is_first_shared(const struct plan_link *link)
{
    return link_is_shared(link) && !link->to->voice;
}

static struct compensation_step compensation_of(const struct plan_link *link)
{
    return (struct compensation_step){link->compensation, link->compensation->newest, &link->from->object->silent,
                                      (const float *const *)compiler_link_buffers(link)};
}

static int compensations_fill(struct compiler *c, struct step *step, const struct plan_node *place)
{
    unsigned n = 0, n_shared = 0;
    for (const struct plan_link *link = place->in; link; link = link->in_next) {
        n += is_late(link);
        step->hears_shared |= link_is_shared(link);
    }
    for (const struct plan_link *link = place->out; link; link = link->out_next)
        n_shared += is_first_shared(link);
    if (!n && !n_shared)
        return 0;
    step->compensations = arena_take_packed(&c->plan->arena, n, sizeof *step->compensations);
    step->shared = arena_take_packed(&c->plan->arena, n_shared, sizeof *step->shared);
    if (!step->compensations || !step->shared)
        return ERROR_INTERNAL;
    for (const struct plan_link *link = place->in; link; link = link->in_next)
        if (is_late(link))
            step->compensations[step->n_compensations++] = compensation_of(link);
    for (const struct plan_link *link = place->out; link; link = link->out_next)
        if (is_first_shared(link))
            step->shared[step->n_shared++] = compensation_of(link);
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

static int readers_fill(struct compiler *c, struct step *step, const struct plan_node *place)
{
    unsigned n = 0;
    for (const struct plan_link *link = place->out; link; link = link->out_next)
        n += link->edge && link_leads(link);
    uint32_t *readers = arena_take_packed(&c->plan->arena, n, sizeof *readers);
    if (!readers)
        return ERROR_INTERNAL;
    for (const struct plan_link *link = place->out; link; link = link->out_next)
        if (link->edge && link_leads(link))
            readers[step->n_readers++] = link->to->step;
    step->readers = readers;
    return 0;
}

static bool is_event_feed(const struct plan_link *link)
{
    return link->edge && link->edge->live && edge_carries_events(link->edge);
}

/* A container gives each of its voices a list of its own. */
static const struct event_list *list_of(const struct plan_link *link)
{
    bool is_within = link->to->node->container == link->from->node;
    return &link->from->object->outbox[is_within ? link->to->voice : 0];
}

static int event_feeds_fill(struct compiler *c, struct step *step, const struct plan_node *place)
{
    unsigned n = 0;
    for (const struct plan_link *link = place->in; link; link = link->in_next)
        n += is_event_feed(link);
    step->event_feeds = arena_take_packed(&c->plan->arena, n, sizeof *step->event_feeds);
    if (!step->event_feeds)
        return ERROR_INTERNAL;
    for (const struct plan_link *link = place->in; link; link = link->in_next)
        if (is_event_feed(link))
            step->event_feeds[step->n_event_feeds++] = (struct event_feed){.list = list_of(link),
                                                                           .slumber = &link->from->object->slumber,
                                                                           .source = source_of_edge(link->edge->sequence)};
    return 0;
}

/* The steps of each voice of a container, so that they can be called when it begins. */
static int voices_fill(struct compiler *c, struct step *step, const struct plan_node *place)
{
    unsigned n_slots = place->object->n_slots, n = 0;
    for (const struct node *node = c->model->first; node; node = node->next)
        n += node->container == place->node && node_is_planned(node);
    step->voices = arena_take_packed(&c->plan->arena, n_slots, sizeof *step->voices);
    uint32_t *steps = arena_take_packed(&c->plan->arena, (size_t)n * n_slots, sizeof *steps);
    if (!step->voices || !steps)
        return ERROR_INTERNAL;
    for (unsigned v = 0; v < n_slots; v++) {
        step->voices[v] = (struct voice_steps){steps, n};
        for (const struct node *node = c->model->first; node; node = node->next)
            if (node->container == place->node && node_is_planned(node))
                *steps++ = node->place[v].step;
    }
    return 0;
}

/* The lowest n bits. No class gives more still outputs than there are. */
static uint32_t channels_mask(unsigned n)
{
    return n < 32 ? (1u << n) - 1 : UINT32_MAX;
}

/* Whoever neither takes still signals, nor gives them to somebody who does, is not concerned. */
static int still_fill(struct compiler *c, struct step *step, const struct plan_node *place, const bool **still_in)
{
    const struct node_class *class = place->node->class;
    step->takes_still = class->takes_still;
    step->may_be_still = place->may_be_still;
    step->gives_still = place->may_be_still & channels_mask(step->n_out);
    for (unsigned i = 0; class->takes_still && i < step->n_in; i++)
        still_in[i] = &signal_is_still;
    step->io.still_in = still_in;
    if (step->gives_still && !(step->io.still_out = arena_take_packed(&c->plan->arena, step->n_out, 1)))
        return ERROR_INTERNAL;
    return 0;
}

static bool has_no_lines(const struct step *step)
{
    return !step->n_returns && !step->n_sends && !step->n_compensations && !step->n_shared && !step->n_device;
}

/* Nothing has to be done for it but process, and what it gives stays where it is. Of the ways out of voices clients see the level of
 * the first: that one runs. */
static enum rest rest_of(const struct step *step, const struct plan_node *place)
{
    const struct node_class *class = place->node->class;
    bool hears_still = step->takes_still || !step->n_in, may_all = !(~place->may_be_still & channels_mask(step->n_out));
    if (!has_no_lines(step) || step->n_modulations || place->object->told)
        return REST_NEVER;
    if (class->sleeps.stands && !step->n_in)
        return REST_STANDS;
    if (class->ends_voices && step->is_in_place && place->voice)
        return REST_PLACE;
    return step->gives_still && hears_still && may_all && !place->object->outbox ? REST_STILL : REST_NEVER;
}

static struct voice_slot *slot_of(const struct plan_node *place)
{
    const struct node *container = place->node->container;
    return container ? &container->object->slots[place->voice] : NULL;
}

int compiler_step(struct compiler *c, struct step *step, struct plan_node *place)
{
    struct node *node = place->node;
    struct arena *arena = &c->plan->arena;
    unsigned n_in = compiler_input_channels(node), n_out = compiler_output_channels(node);
    const float **in = arena_take_packed(arena, n_in, sizeof *in);
    place->buffers = arena_take_packed(arena, n_out, sizeof(float *));
    const bool **still = node->class->takes_still ? arena_take_packed(arena, n_in, sizeof *still) : NULL;
    if (!in || !place->buffers || (node->class->takes_still && !still))
        return ERROR_INTERNAL;
    /* What no edge reaches stays like this as long as the plan lives. */
    for (unsigned i = 0; i < n_in; i++)
        in[i] = c->silence;
    if (compiler_buffers(c, place, n_out))
        return ERROR_INTERNAL;
    step->node = place->object;
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
                                .param = place->object->params,
                                .readings = place->object->readings,
                                .music = &c->plan->music,
                                .events = place->object->inbox ? &place->object->inbox->list : NULL,
                                .events_out = place->object->outbox,
                                .told = place->object->told,
                                .wired = wired_ports(node),
                                .slots = place->object->slots,
                                .fault = &step->fault,
                                .silent = &step->silent};
    if (lines_fill(c, step, place) || readers_fill(c, step, place) || compensations_fill(c, step, place) ||
        (place->object->inbox && event_feeds_fill(c, step, place)) || still_fill(c, step, place, still) ||
        mixes_fill(c, step, place, in, still) || (node->in_first && modulations_fill(c, step, place)) ||
        (place->object->n_slots && voices_fill(c, step, place)))
        return ERROR_INTERNAL;
    step->io.voice = slot_of(place);
    step->is_voice = step->io.voice;
    step->is_in_place = place->is_in_place;
    step->is_heard = place->object->told || (place->object->inbox && node->class->n_presets);
    step->is_plain = has_no_lines(step) && !place->object->inbox && !place->object->outbox && !place->object->told;
    step->rest = (uint8_t)rest_of(step, place);
    return 0;
}
