/* Forward, in the order of the sound: arrivals, and what lies behind; backward: what lies ahead. */
#include "graph/latency.h"

#include <stddef.h>

static const struct latency no_way = {UINT32_MAX, 0};

static bool passes(const struct edge *edge)
{
    return edge->planned && !edge->is_feedback && !edge_carries_events(edge);
}

static bool counts(const struct edge *edge)
{
    return passes(edge) && !edge->from->is_uncompensated && !edge->to->is_uncompensated;
}

static uint32_t departure(const struct node *node)
{
    return node->arrival_frames + node->latency_frames;
}

uint32_t latency_delay(const struct edge *edge)
{
    return counts(edge) ? edge->to->arrival_frames - departure(edge->from) : 0;
}

static void arrive(struct node *node)
{
    node->arrival_frames = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (counts(edge) && departure(edge->from) > node->arrival_frames)
            node->arrival_frames = departure(edge->from);
}

static bool leads_nowhere(const struct latency *way)
{
    return way->least > way->most;
}

/* One more way, which is later than `way` by so much. */
static void way_add(struct latency *latency, const struct latency *way, uint32_t later)
{
    if (leads_nowhere(way))
        return;
    if (way->least + later < latency->least)
        latency->least = way->least + later;
    if (way->most + later > latency->most)
        latency->most = way->most + later;
}

static void look_behind(struct node *node)
{
    node->behind = no_way;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (passes(edge))
            way_add(&node->behind, &edge->from->behind, edge->from->latency_frames + latency_delay(edge));
    if (leads_nowhere(&node->behind)) /* it is a source */
        node->behind = (struct latency){0};
}

static void look_ahead(struct node *node)
{
    node->ahead = node_device_gives(node->class->device) ? (struct latency){0} : no_way;
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
        if (passes(edge))
            way_add(&node->ahead, &edge->to->ahead, edge->to->latency_frames + latency_delay(edge));
}

struct latency latency_of_ports(const struct node *node)
{
    struct latency latency = node_device_gives(node->class->device) ? node->behind : node->ahead;
    return leads_nowhere(&latency) ? (struct latency){0} : latency;
}

static struct node *node_at(struct rank *rank)
{
    return (struct node *)((char *)rank - offsetof(struct node, order[LAYER_ENGINE]));
}

/* Goes to a node; whether its ports have another latency then. */
static bool visit(struct node *node, void (*look)(struct node *node))
{
    struct latency before = latency_of_ports(node), after;
    look(node);
    after = latency_of_ports(node);
    return node->class->device && (before.least != after.least || before.most != after.most);
}

/* Edges lead from lower to higher places, so what is looked at next is always done. */
bool latency_find(struct model *model)
{
    struct rank *end = &model->order_end[LAYER_ENGINE];
    bool changed = false;
    for (struct rank *rank = end->next; rank && rank != end; rank = rank->next) {
        arrive(node_at(rank));
        changed |= visit(node_at(rank), look_behind);
    }
    for (struct rank *rank = end->prev; rank && rank != end; rank = rank->prev)
        changed |= visit(node_at(rank), look_ahead);
    return changed;
}
