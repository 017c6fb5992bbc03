/* Two searches take turns, an edge each: backward from the source over what leads to it, forward from the target over what it
 * leads to. Both keep to the places between the two ends, where every way back would have to run.
 *
 *     places     ... to ..................... from ...
 *                    |--> forward   backward <--|
 *
 *     they meet                `to` leads to `from`: the edge would close a loop
 *     backward has seen all    what leads to `from` moves to right before `to`
 *     forward has seen all     what `to` leads to moves to right behind `from` */
#include "graph/order.h"

#include <stdio.h>
#include <stdlib.h>

#include "graph/mutant.h"

int order_reserve(struct order *order, size_t n_nodes)
{
    if (n_nodes <= order->n_capacity)
        return 0;
    size_t n = n_nodes + n_nodes / 2 + 64;
    struct node **backward = realloc(order->backward, n * sizeof(struct node *));
    if (backward)
        order->backward = backward;
    struct node **forward = realloc(order->forward, n * sizeof(struct node *));
    if (forward)
        order->forward = forward;
    if (!backward || !forward)
        return ERROR_INTERNAL;
    order->n_capacity = n;
    return 0;
}

void order_deinit(struct order *order)
{
    free(order->backward);
    free(order->forward);
    *order = (struct order){0};
}

static bool in_layer(const struct edge *edge, enum layer layer)
{
    return !edge->is_feedback && (layer == LAYER_MODEL ? edge->live : edge->planned);
}

enum side { BACKWARD = 1, FORWARD };
enum progress { GOES_ON, ENDED, MET };

struct search {
    enum side side;
    enum layer layer;
    uint64_t bound;      /* number of the other end, which it does not pass */
    struct node **found; /* breadth first; those before `at` are done */
    size_t n, at;
    struct edge *edge; /* of found[at], the next to be looked at */
};

static struct edge *first_edge(const struct search *search)
{
    const struct node *node = search->found[search->at];
    return search->side == BACKWARD ? node->in_first : node->out_first;
}

static struct search search_begin(enum side side, enum layer layer, struct node **found, struct node *start,
                                  const struct node *bound)
{
    struct search search = {
        .side = side, .layer = layer, .bound = bound->order[layer].number, .found = found, .n = 1, .edge = NULL};
    found[0] = start;
    start->marked = side;
    search.edge = first_edge(&search);
    return search;
}

static bool passes_bound(const struct search *search, const struct node *node)
{
    uint64_t number = node->order[search->layer].number;
    return search->side == BACKWARD ? number < search->bound : number > search->bound;
}

/* Looks at one edge, or goes to the next node. A node's `via` is the edge by which a backward search came to it. */
static enum progress search_step(struct search *search)
{
    struct edge *edge = search->edge;
    if (!edge) {
        if (++search->at == search->n)
            return ENDED;
        search->edge = first_edge(search);
        return GOES_ON;
    }
    bool is_backward = search->side == BACKWARD;
    struct node *node = is_backward ? edge->from : edge->to;
    search->edge = is_backward ? edge->in_next : edge->out_next;
    if (!in_layer(edge, search->layer) || node->marked == search->side || passes_bound(search, node))
        return GOES_ON;
    if (node->marked)
        return MET;
    node->marked = search->side;
    if (is_backward)
        node->via = edge;
    search->found[search->n++] = node;
    return GOES_ON;
}

static void search_end(struct search *search)
{
    for (size_t i = 0; i < search->n; i++)
        search->found[i]->marked = 0;
}

/* There is a way back: goes all of it, from `from` to `to`, for order_path. */
static void walk_back(struct order *order, enum layer layer, struct node *from, struct node *to)
{
    struct search search = search_begin(BACKWARD, layer, order->backward, from, to);
    while (search.found[search.n - 1] != to && search_step(&search) == GOES_ON)
        ;
    search_end(&search);
}

static int compare(const void *a, const void *b, void *layer)
{
    uint64_t x = (*(struct node *const *)a)->order[*(enum layer *)layer].number;
    uint64_t y = (*(struct node *const *)b)->order[*(enum layer *)layer].number;
    return (x > y) - (x < y);
}

/* Moves all that a search has found to right before a place, in the order that they have. */
static void move(struct search *search, struct rank *before)
{
    qsort_r(search->found, search->n, sizeof(struct node *), compare, &search->layer);
    for (size_t i = 0; i < search->n; i++)
        rank_move(&search->found[i]->order[search->layer], before);
}

bool order_admit(struct order *order, enum layer layer, struct node *from, struct node *to)
{
    if (from == to)
        return false;
    /* Most edges, and all that come from a dump: nothing has to move. */
    if (from->order[layer].number < to->order[layer].number || MUTANT_FLAW("blind"))
        return true;
    struct search backward = search_begin(BACKWARD, layer, order->backward, from, to);
    struct search forward = search_begin(FORWARD, layer, order->forward, to, from);
    struct search *turn = &forward;
    enum progress progress;
    do {
        turn = turn == &forward ? &backward : &forward;
        progress = search_step(turn);
    } while (progress == GOES_ON);
    search_end(&backward);
    search_end(&forward);
    if (progress == MET)
        walk_back(order, layer, from, to);
    else
        move(turn, turn == &backward ? &to->order[layer] : from->order[layer].next);
    return progress != MET;
}

void order_path(const struct node *from, const struct node *to, char *text, size_t bytes)
{
    size_t at = (size_t)snprintf(text, bytes, "%s", from->name);
    for (const struct node *node = to; at < bytes; node = node->via->to) {
        at += (size_t)snprintf(text + at, bytes - at, " -> %s", node->name);
        if (node == from)
            return;
    }
}

/* Breadth first against the edges, so that each node's `via` is its first step of a shortest way to `to`. */
static bool walk_search(struct order *order, const struct node *from, struct node *to)
{
    struct node **found = order->backward;
    size_t n = 1;
    found[0] = to;
    to->marked = BACKWARD;
    for (size_t i = 0; i < n && !from->marked; i++)
        for (struct edge *edge = found[i]->in_first; edge; edge = edge->in_next)
            if (edge->live && !edge->from->marked) {
                edge->from->marked = BACKWARD;
                edge->from->via = edge;
                found[n++] = edge->from;
            }
    bool is_found = from->marked;
    while (n)
        found[--n]->marked = 0;
    return is_found;
}

const struct node **order_walk(struct order *order, struct node *from, struct node *to, size_t *n)
{
    if (!walk_search(order, from, to))
        return NULL;
    const struct node **path = (const struct node **)order->forward;
    size_t n_steps = 1;
    for (const struct node *node = from; node != to; node = node->via->to)
        n_steps++;
    *n = n_steps;
    for (const struct node *node = from; n_steps; node = node->via->to) {
        path[--n_steps] = node;
        if (node == to)
            break;
    }
    return path;
}
