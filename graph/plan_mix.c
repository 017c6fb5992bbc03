/* What several edges into one port come to: the feeds with their targets, and what is left to do once all of them are at rest. */
#include <math.h>

#include "graph/compiler.h"

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

unsigned compiler_link_channel(const struct plan_link *link)
{
    return first_channel(link->edge->from, link->edge->from_port) + link->edge->from_first;
}

float **compiler_link_buffers(const struct plan_link *link)
{
    return link->from->buffers + compiler_link_channel(link);
}

/* Whether those are still, per channel; null: never. */
static const bool *link_still(const struct compiler *c, const struct plan_link *link)
{
    const bool *still = c->plan->steps[link->from->step].io.still_out;
    return link_is_direct(link) && still ? still + compiler_link_channel(link) : NULL;
}

static int feed_fill(struct compiler *c, struct feed *feed, const struct plan_link *link)
{
    const struct edge *edge = link->edge;
    unsigned n = edge->n_from > edge->n_to ? edge->n_from : edge->n_to;
    struct tap *taps = arena_take_packed(&c->plan->arena, n, sizeof *taps);
    if (!taps)
        return ERROR_INTERNAL;
    float **from = edge->is_feedback    ? link->object->line->out
                   : link->compensation ? link->compensation->out
                                        : compiler_link_buffers(link);
    const bool *still = link_still(c, link);
    for (unsigned i = 0; i < n; i++) {
        unsigned k = edge->n_from == 1 ? 0 : i;
        taps[i] = (struct tap){from[k], still ? &still[k] : &signal_moves, edge->to_first + (edge->n_to == 1 ? 0 : i)};
    }
    *feed = (struct feed){.edge = link->object,
                          .silent = edge->is_feedback    ? &link->object->line->silent
                                    : link->compensation ? &link->compensation->silent
                                                         : &link->from->object->silent,
                          .taps = taps,
                          .n_taps = n,
                          .target = edge_target(edge),
                          .fade_frames = edge->fade_frames,
                          .wait_frames = edge->wait_frames,
                          .leaves = edge->live ? 0 : edge->fading_since};
    return 0;
}

/* Notes the source of each channel, silence where there is none; leaves `pass` null where a sum is needed. */
static int pass_fill(struct compiler *c, struct mix *mix)
{
    struct term *pass = arena_take_packed(&c->plan->arena, mix->n_channels, sizeof *pass);
    if (!pass)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < mix->n_channels; i++)
        pass[i] = (struct term){.from = c->silence, .gain = 1.0f};
    for (unsigned f = 0; f < mix->n_feeds; f++)
        for (unsigned t = 0; t < mix->feeds[f].n_taps; t++) {
            const struct tap *tap = &mix->feeds[f].taps[t];
            /* Silence is nobody's output, so this channel has a source already. */
            if (pass[tap->channel].silent || mix->feeds[f].target != 1.0f)
                return 0;
            pass[tap->channel] = (struct term){tap->from, mix->feeds[f].silent, tap->still, 1.0f};
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
                terms->term[terms->n] = (struct term){feed->taps[t].from, feed->silent, feed->taps[t].still, feed->target};
            terms->n++;
        }
    }
}

static bool are_alike(const struct terms *a, const struct terms *b)
{
    bool alike = a->n == b->n;
    for (unsigned i = 0; alike && i < a->n; i++)
        alike = a->term[i].from == b->term[i].from && a->term[i].gain == b->term[i].gain;
    return alike;
}

static int terms_fill(struct compiler *c, struct mix *mix)
{
    if (!(mix->terms = arena_take_packed(&c->plan->arena, mix->n_channels, sizeof *mix->terms)))
        return ERROR_INTERNAL;
    terms_take(mix, false);
    for (unsigned i = 0; i < mix->n_channels; i++) {
        if (!(mix->terms[i].term = arena_take_packed(&c->plan->arena, mix->terms[i].n, sizeof *mix->terms[i].term)))
            return ERROR_INTERNAL;
        mix->terms[i].n = 0;
    }
    terms_take(mix, true);
    for (unsigned i = 1; i < mix->n_channels; i++)
        mix->terms[i].channel = are_alike(&mix->terms[i], &mix->terms[0]) ? 0 : i;
    return 0;
}

static bool is_feed(const struct plan_link *link, unsigned to_port)
{
    return link->edge && link->edge->to_port == to_port;
}

unsigned compiler_n_feeds(const struct plan_node *place, unsigned to_port)
{
    unsigned n = 0;
    for (const struct plan_link *link = place->in; link; link = link->in_next)
        n += is_feed(link, to_port);
    return n;
}

int compiler_mix(struct compiler *c, struct mix *mix, const struct plan_node *place, unsigned to_port)
{
    mix->silence = c->silence;
    mix->n_channels = node_input_channels(place->node, to_port);
    mix->feeds = arena_take_packed(&c->plan->arena, compiler_n_feeds(place, to_port), sizeof *mix->feeds);
    if (!mix->feeds)
        return ERROR_INTERNAL;
    for (const struct plan_link *link = place->in; link; link = link->in_next)
        if (is_feed(link, to_port) && feed_fill(c, &mix->feeds[mix->n_feeds++], link))
            return ERROR_INTERNAL;
    return pass_fill(c, mix) || (!mix->pass && terms_fill(c, mix)) ? ERROR_INTERNAL : 0;
}
