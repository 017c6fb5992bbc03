/* Two searches meet in the affected region: backward from the source over what leads to it, forward from the target over what
 * it leads to. Both are limited to orders between the two ends, which is what makes building a large graph from its
 * own listing cheap: there the edges agree with the order already. */
#include "graph/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int order_reserve(struct order *order, size_t n_nodes)
{
    if (n_nodes <= order->n_capacity)
        return 0;
    size_t n = n_nodes + n_nodes / 2 + 64;
    struct node **nodes = realloc(order->nodes, n * sizeof(struct node *));
    if (nodes)
        order->nodes = nodes;
    uint64_t *numbers = realloc(order->numbers, n * sizeof *numbers);
    if (numbers)
        order->numbers = numbers;
    if (!nodes || !numbers)
        return ERROR_INTERNAL;
    order->n_capacity = n;
    return 0;
}

void order_deinit(struct order *order)
{
    free(order->nodes);
    free(order->numbers);
    *order = (struct order){0};
}

static bool in_layer(const struct edge *edge, enum layer layer)
{
    return layer == LAYER_MODEL ? edge->live : edge->planned;
}

/* All nodes that lead to `from` without leaving the orders from that of `to` on, breadth first; each one's `via` is its
 * next edge on the way. Stops at `to`, then the last of them. */
static size_t search_backward(struct node **found, enum layer layer, struct node *from, const struct node *to)
{
    size_t n = 1;
    found[0] = from;
    from->marked = true;
    for (size_t i = 0; i < n; i++)
        for (struct edge *edge = found[i]->in_first; edge; edge = edge->in_next) {
            struct node *next = edge->from;
            if (!in_layer(edge, layer) || next->marked || next->order[layer] < to->order[layer])
                continue;
            next->marked = true;
            next->via = edge;
            found[n++] = next;
            if (next == to)
                return n;
        }
    return n;
}

/* All nodes that `to` leads to, up to the order of `from`. */
static size_t search_forward(struct node **found, enum layer layer, struct node *to, const struct node *from)
{
    size_t n = 1;
    found[0] = to;
    to->marked = true;
    for (size_t i = 0; i < n; i++)
        for (struct edge *edge = found[i]->out_first; edge; edge = edge->out_next) {
            struct node *next = edge->to;
            if (!in_layer(edge, layer) || next->marked || next->order[layer] > from->order[layer])
                continue;
            next->marked = true;
            found[n++] = next;
        }
    return n;
}

static int compare_nodes(const void *a, const void *b, void *layer)
{
    uint64_t x = (*(struct node *const *)a)->order[*(enum layer *)layer];
    uint64_t y = (*(struct node *const *)b)->order[*(enum layer *)layer];
    return (x > y) - (x < y);
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

bool order_admit(struct order *order, enum layer layer, struct node *from, struct node *to)
{
    if (from == to)
        return false;
    /* Most edges, and all that come from a dump: nothing has to move. */
    if (from->order[layer] < to->order[layer])
        return true;
    struct node **nodes = order->nodes;
    size_t n_backward = search_backward(nodes, layer, from, to);
    bool is_loop = nodes[n_backward - 1] == to;
    size_t n = n_backward + (is_loop ? 0 : search_forward(nodes + n_backward, layer, to, from));
    for (size_t i = 0; i < n; i++)
        nodes[i]->marked = false;
    if (is_loop)
        return false;
    /* Deal the numbers that they have among them anew: first to those that lead to `from`, then to those behind `to`. */
    qsort_r(nodes, n_backward, sizeof(struct node *), compare_nodes, &layer);
    qsort_r(nodes + n_backward, n - n_backward, sizeof(struct node *), compare_nodes, &layer);
    for (size_t i = 0; i < n; i++)
        order->numbers[i] = nodes[i]->order[layer];
    qsort(order->numbers, n, sizeof *order->numbers, compare_numbers);
    for (size_t i = 0; i < n; i++)
        nodes[i]->order[layer] = order->numbers[i];
    return true;
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
