/* Buffers are assigned while the steps are laid out: a step takes buffers for its outputs before it gives back those of its
 * inputs, so that no node ever writes what it still reads, and the one given back last is taken first, while it is warm in the
 * cache. A class without memory writes where it reads, if nobody else does. */
#include "graph/compiler.h"

static struct spare **spares_of(const struct compiler *c, const struct plan_node *place)
{
    return &c->spares[c->plan->n_tasks ? place->unit->task : 0];
}

static bool takes_still(const struct plan_link *link)
{
    const struct node_class *class = link->to->node->class;
    return link_is_direct(link) && (link->edge->to_port >= class->n_inputs || class->takes_still);
}

/* Which outputs need no more than their first frame where they stand still, for all who hear them are modulated by them or
 * know what to do; and which of these are heard. */
static void still_outputs(struct plan_node *place)
{
    uint32_t may = 0, never = 0;
    for (const struct plan_link *link = place->out; place->node->class->gives_still && link; link = link->out_next) {
        if (!link->edge || edge_carries_events(link->edge))
            continue;
        unsigned first = compiler_link_channel(link), end = first + link->edge->n_from;
        for (unsigned c = first; c < end && c < 32; c++)
            *(takes_still(link) ? &may : &never) |= 1u << c;
    }
    place->still_heard = may & ~never;
    place->may_be_still = place->node->class->gives_still ? ~never : 0;
}

/* Whether the buffer is the step's own, for what stands still stays there. */
static bool keeps(const struct plan_node *place, unsigned channel)
{
    return channel < 32 && place->still_heard >> channel & 1;
}

static float *buffer_take(struct compiler *c, const struct plan_node *place, unsigned channel)
{
    struct spare **spares = spares_of(c, place), *spare = *spares;
    if (spare && !keeps(place, channel)) {
        *spares = spare->next;
        return spare->buffer;
    }
    c->plan->n_buffers++;
    return arena_take(&c->plan->sound, BLOCK_MAX * sizeof(float));
}

/* Whether it brings the same signal to all n channels that it leads to. */
static bool brings_one(const struct plan_link *link, unsigned n)
{
    const struct edge *edge = link->edge;
    if (edge->n_to != n)
        return false;
    if (edge->n_from == 1)
        return true;
    if (!link_is_direct(link))
        return false;
    float *const *from = compiler_link_buffers(link);
    for (unsigned k = 1; k < edge->n_from; k++)
        if (from[k] != from[0])
            return false;
    return true;
}

/* Whether all channels that the place hears at its first input are the same signal. */
static bool hears_one(const struct plan_node *place)
{
    unsigned n = node_input_channels(place->node, 0);
    for (const struct plan_link *link = place->in; link; link = link->in_next)
        if (link->edge && link->edge->to_port == 0 && !brings_one(link, n))
            return false;
    return true;
}

/* The one link into the first input; null where there are several, or none. */
static const struct plan_link *only_link(const struct plan_node *place)
{
    const struct plan_link *only = NULL;
    for (const struct plan_link *link = place->in; link; link = link->in_next) {
        if (!link->edge || link->edge->to_port)
            continue;
        if (only)
            return NULL;
        only = link;
    }
    return only;
}

/* Whether it brings all that its source gives, to nobody else, and as it has been written. */
static bool brings_all(const struct plan_link *link)
{
    const struct plan_node *from = link->from;
    return link_is_direct(link) && !edge_carries_events(link->edge) && from->out == link && !link->out_next &&
           link->edge->n_from == compiler_output_channels(from->node);
}

/* Whose buffers the place may write to, for it is the only one who reads them, frame by frame; null: nobody's. What stands still
 * would be written to once, and read again and again. */
static struct plan_node *written_over(struct compiler *c, const struct plan_node *place)
{
    const struct node_class *class = place->node->class;
    const struct plan_link *link = class->is_memoryless && !class->takes_still ? only_link(place) : NULL;
    if (!link || !brings_all(link) || spares_of(c, link->from) != spares_of(c, place))
        return NULL;
    unsigned n_in = node_input_channels(place->node, 0), n_from = link->edge->n_from;
    return link->edge->n_to == n_in && (n_from == 1 || n_from == n_in) ? link->from : NULL;
}

int compiler_buffers(struct compiler *c, struct plan_node *place, unsigned n_out)
{
    bool is_one = place->node->class->is_memoryless && hears_one(place);
    struct plan_node *from = written_over(c, place);
    place->is_in_place = from;
    still_outputs(place);
    for (unsigned i = 0; i < n_out; i++)
        if (!(place->buffers[i] = i && is_one ? place->buffers[0] : from ? from->buffers[i] : buffer_take(c, place, i)))
            return ERROR_INTERNAL;
    if (from)
        from->is_written_over = true;
    return 0;
}

static void buffers_release(struct compiler *c, const struct plan_node *place)
{
    struct spare **spares = spares_of(c, place);
    for (unsigned i = place->is_written_over ? 0 : compiler_output_channels(place->node); i-- > 0;) {
        bool repeats = i && place->buffers[i] == place->buffers[0];
        if (keeps(place, i) || repeats)
            continue;
        *c->pool = (struct spare){place->buffers[i], *spares};
        *spares = c->pool++;
    }
}

/* With several threads a buffer that leaves its task is not used again: who would write it may run before who reads it. */
void compiler_release(struct compiler *c, const struct plan_node *place)
{
    for (const struct plan_link *link = place->in; link; link = link->in_next) {
        struct plan_node *from = link->edge && link_leads(link) ? link->from : NULL;
        if (from && --from->n_consumers == 0 && spares_of(c, from) == spares_of(c, place))
            buffers_release(c, from);
    }
    /* Nobody reads it: whatever it writes, the next step may write over. */
    if (place->n_consumers == 0)
        buffers_release(c, place);
}
