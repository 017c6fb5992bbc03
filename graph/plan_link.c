/* From edges to links: what is there once per voice is connected once per voice.
 *
 *     within a container     voice k to voice k
 *     into it                one to all
 *     out of it              all to one
 *     the container itself   runs before all that is in it, but for what it waits for by way of other nodes
 */
#include "graph/compiler.h"

static struct plan_node *place_at(const struct node *node, unsigned voice)
{
    return node->place + (node->container ? voice : 0);
}

static struct plan_link *link_add(struct plan_link **next, const struct edge *edge, struct edge_rt *object,
                                  struct plan_node *from, struct plan_node *to)
{
    struct plan_link *link = (*next)++;
    *link = (struct plan_link){.edge = edge, .object = object, .from = from, .to = to, .out_next = from->out};
    from->out = link;
    *to->in_end = link;
    to->in_end = &link->in_next;
    from->n_consumers += edge && !edge->is_feedback;
    return link;
}

static void edge_link_all(struct plan_link **next, const struct edge *edge)
{
    struct compensation *compensation = edge->compensation;
    unsigned voice = 0;
    for (struct edge_rt *object = edge->object; object; object = object->twin, voice++) {
        link_add(next, edge, object, place_at(edge->from, voice), place_at(edge->to, voice))->compensation = compensation;
        compensation = compensation && compensation->twin ? compensation->twin : compensation;
    }
}

/* ---- a container before what is in it --------------------------------------------------------------------------------- */

/* Marks all that runs before the place. Each is on the stack once at most. */
static void mark_before(struct plan_node *place, struct plan_node **stack)
{
    unsigned n = 1;
    stack[0] = place;
    while (n)
        for (struct plan_link *link = stack[--n]->in; link; link = link->in_next)
            if (link_leads(link) && link->from->before != place) {
                link->from->before = place;
                stack[n++] = link->from;
            }
}

static void inside_link(struct compiler *c, struct plan_node *place, struct plan_link **next)
{
    for (struct node *node = c->model->first; node; node = node->next)
        for (unsigned voice = 0; node->container == place->node && node_is_planned(node) && voice < node_voices(node);
             voice++)
            if (node->place[voice].before != place)
                link_add(next, NULL, NULL, place, &node->place[voice]);
}

static int containers_link(struct compiler *c, struct plan_link *next)
{
    struct plan_node **stack = NULL;
    for (unsigned i = 0; i < c->n_nodes; i++) {
        if (!c->places[i].node->class->voices_by)
            continue;
        if (!stack && !(stack = arena_take_array(&c->scratch, c->n_nodes, sizeof(struct plan_node *))))
            return ERROR_INTERNAL;
        mark_before(&c->places[i], stack);
        inside_link(c, &c->places[i], &next);
    }
    return 0;
}

static size_t n_links(const struct node *node)
{
    size_t n = node->container ? node_voices(node) : 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        n += edge->planned ? edge_voices(edge) : 0;
    return n;
}

int compiler_links(struct compiler *c)
{
    size_t n = 0;
    for (const struct node *node = c->model->first; node; node = node->next)
        n += node_is_planned(node) ? n_links(node) : 0;
    struct plan_link *next = arena_take_array(&c->scratch, n, sizeof *next);
    if (!next)
        return ERROR_INTERNAL;
    for (const struct node *node = c->model->first; node; node = node->next)
        for (const struct edge *edge = node_is_planned(node) ? node->in_first : NULL; edge; edge = edge->in_next)
            if (edge->planned)
                edge_link_all(&next, edge);
    return containers_link(c, next);
}
