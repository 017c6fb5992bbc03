/* The order that keeps the graph free of loops, against a search of the whole graph. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/order.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define N_NODES 40
#define N_OPS   RIG_ROUNDS(100000, 12000)

struct field {
    struct model model;
    struct order order;
    struct node *nodes[N_NODES];
    struct edge *edges[N_NODES][N_NODES]; /* in the lists for good, or null; `live` and `planned` come and go */
    unsigned n_refused, n_accepted;
};

static struct field *field_new(void)
{
    struct field *field = calloc(1, sizeof *field);
    ck_assert_ptr_nonnull(field);
    for (unsigned i = 0; i < N_NODES; i++) {
        char name[8];
        snprintf(name, sizeof name, "n%u", i);
        field->nodes[i] = node_new(&rig_source, name, 1);
        model_link_node(&field->model, field->nodes[i], 0);
        ck_assert_int_eq(map_reserve(&field->model.names), 0);
        model_name_node(&field->model, field->nodes[i]);
    }
    ck_assert_int_eq(order_reserve(&field->order, N_NODES), 0);
    return field;
}

static void field_free(struct field *field)
{
    model_deinit(&field->model);
    order_deinit(&field->order);
    free(field);
}

static bool *in_layer(struct edge *edge, enum layer layer)
{
    return layer == LAYER_MODEL ? &edge->live : &edge->planned;
}

static struct edge *edge_at(struct field *field, unsigned from, unsigned to)
{
    struct edge **edge = &field->edges[from][to];
    if (!*edge) {
        *edge = calloc(1, sizeof **edge);
        ck_assert_ptr_nonnull(*edge);
        (*edge)->from = field->nodes[from];
        (*edge)->to = field->nodes[to];
        edge_link(*edge);
    }
    return *edge;
}

/* Whether a path leads from `a` to `b`: depth first, knowing nothing of orders. */
static bool leads(const struct field *field, enum layer layer, unsigned a, unsigned b, bool *seen)
{
    if (a == b)
        return true;
    seen[a] = true;
    for (unsigned i = 0; i < N_NODES; i++) {
        struct edge *edge = field->edges[a][i];
        if (edge && *in_layer(edge, layer) && !seen[i] && leads(field, layer, i, b, seen))
            return true;
    }
    return false;
}

static void check_order(const struct field *field, enum layer layer)
{
    const struct rank *end = &field->model.order_end[layer];
    unsigned n = 0;
    for (const struct rank *rank = end->next; rank != end; rank = rank->next, n++)
        MUST(rank->next->prev == rank && rank->prev->next == rank && rank->prev->number < rank->number,
             "the list is torn, or numbers do not grow along it");
    MUST(n == N_NODES, "%u nodes have a place", n);
    for (unsigned i = 0; i < N_NODES; i++) {
        uint64_t number = field->nodes[i]->order[layer].number;
        MUST(!field->nodes[i]->marked, "n%u is still marked", i);
        for (unsigned k = 0; k < N_NODES; k++)
            MUST(!field->edges[i][k] || !*in_layer(field->edges[i][k], layer) ||
                     number < field->nodes[k]->order[layer].number,
                 "the edge n%u -> n%u is against the order", i, k);
    }
}

/* The text of a refusal is a walk along edges that are there, from `from` over the refused edge back to `from`. */
static void check_path(const struct field *field, enum layer layer, unsigned from, unsigned to)
{
    char text[1000];
    order_path(field->nodes[from], field->nodes[to], text, sizeof text);
    unsigned walk[N_NODES + 2], n = 0;
    for (char *rest, *word = strtok_r(text, "-> ", &rest); word; word = strtok_r(NULL, "-> ", &rest)) {
        MUST(n < ROWS(walk), "the loop has more nodes than there are");
        walk[n++] = (unsigned)atoi(word + 1);
    }
    MUST(n >= 2 && walk[0] == from && walk[1] == to && walk[n - 1] == from, "no loop from n%u over n%u", from, to);
    for (unsigned i = 1; i + 1 < n; i++) {
        struct edge *edge = field->edges[walk[i]][walk[i + 1]];
        MUST(edge && *in_layer(edge, layer), "n%u does not lead to n%u", walk[i], walk[i + 1]);
        for (unsigned k = 1; k < i; k++)
            MUST(walk[k] != walk[i], "the loop visits n%u twice", walk[i]);
    }
}

static void connect_or_not(struct field *field, enum layer layer, unsigned from, unsigned to)
{
    bool seen[N_NODES] = {false};
    bool closes = leads(field, layer, to, from, seen);
    bool admitted = order_admit(&field->order, layer, field->nodes[from], field->nodes[to]);
    MUST(admitted == !closes, "n%u -> n%u %s a loop and was %s", from, to, closes ? "closes" : "closes no",
         admitted ? "admitted" : "refused");
    if (admitted)
        *in_layer(edge_at(field, from, to), layer) = true;
    else
        check_path(field, layer, from, to);
    field->n_accepted += admitted;
    field->n_refused += !admitted;
}

START_TEST(of_a_hundred_thousand_edits_no_loop_is_accepted_and_no_other_edge_refused)
{
    struct field *field = field_new();
    uint32_t seed = 29;
    for (unsigned op = 0; op < N_OPS; op++) {
        enum layer layer = dice_below(&seed, 2);
        unsigned from = dice_below(&seed, N_NODES), to = dice_below(&seed, N_NODES);
        unsigned part = op / 5000 % 4; /* from sparse to dense graphs */
        struct edge *edge = field->edges[from][to];
        if (edge && *in_layer(edge, layer))
            *in_layer(edge, layer) = false;
        else if (dice_below(&seed, 4) <= part)
            connect_or_not(field, layer, from, to);
        else
            for (unsigned i = 0; i < N_NODES; i++) /* thins out: else it would be full for ever */
                if (field->edges[from][i])
                    *in_layer(field->edges[from][i], layer) = false;
        check_order(field, layer);
    }
    ck_assert_uint_gt(field->n_refused, N_OPS / 20);
    ck_assert_uint_gt(field->n_accepted, N_OPS / 20);
    field_free(field);
}
END_TEST

START_TEST(the_layers_know_nothing_of_each_other)
{
    struct field *field = field_new();
    connect_or_not(field, LAYER_MODEL, 3, 1);
    connect_or_not(field, LAYER_ENGINE, 1, 3);
    ck_assert_uint_eq(field->n_accepted, 2);
    ck_assert_uint_lt(field->nodes[3]->order[LAYER_MODEL].number, field->nodes[1]->order[LAYER_MODEL].number);
    ck_assert_uint_lt(field->nodes[1]->order[LAYER_ENGINE].number, field->nodes[3]->order[LAYER_ENGINE].number);
    field_free(field);
}
END_TEST

static void numbers_note(const struct field *field, uint64_t *numbers)
{
    for (unsigned i = 0; i < N_NODES; i++)
        numbers[i] = field->nodes[i]->order[LAYER_MODEL].number;
}

START_TEST(an_edge_that_agrees_with_the_order_moves_nothing)
{
    struct field *field = field_new();
    uint64_t before[N_NODES];
    numbers_note(field, before);
    for (unsigned i = 0; i + 1 < N_NODES; i++)
        connect_or_not(field, LAYER_MODEL, i, i + 1);
    for (unsigned i = 0; i < N_NODES; i++)
        ck_assert_uint_eq(field->nodes[i]->order[LAYER_MODEL].number, before[i]);
    field_free(field);
}
END_TEST

START_TEST(an_edge_against_the_order_moves_only_what_lies_between)
{
    struct field *field = field_new();
    uint64_t before[N_NODES];
    numbers_note(field, before);
    connect_or_not(field, LAYER_MODEL, 20, 10);
    for (unsigned i = 0; i < N_NODES; i++)
        if (i < 10 || i > 20)
            ck_assert_uint_eq(field->nodes[i]->order[LAYER_MODEL].number, before[i]);
    check_order(field, LAYER_MODEL);
    field_free(field);
}
END_TEST

/* How many nodes a chain of edges against the order has moved by the time it is complete. */
static unsigned n_moved(struct field *field, unsigned from, unsigned to)
{
    uint64_t before[N_NODES], after[N_NODES];
    unsigned n = 0;
    numbers_note(field, before);
    connect_or_not(field, LAYER_MODEL, from, to);
    numbers_note(field, after);
    for (unsigned i = 0; i < N_NODES; i++)
        n += before[i] != after[i];
    return n;
}

START_TEST(a_chain_built_against_its_order_moves_one_node_per_edge)
{
    for (unsigned way = 0; way < 2; way++) {
        struct field *field = field_new();
        for (unsigned i = 0; i + 1 < 18; i++) {
            unsigned to = way ? 16 - i : i; /* from either end; so few that the gap between two numbers has room for them */
            ck_assert_uint_le(n_moved(field, to + 1, to), 1);
        }
        check_order(field, LAYER_MODEL);
        field_free(field);
    }
}
END_TEST

START_TEST(a_node_cannot_feed_itself)
{
    struct field *field = field_new();
    char text[64];
    ck_assert(!order_admit(&field->order, LAYER_MODEL, field->nodes[5], field->nodes[5]));
    order_path(field->nodes[5], field->nodes[5], text, sizeof text);
    ck_assert_str_eq(text, "n5 -> n5");
    field_free(field);
}
END_TEST

START_TEST(a_loop_too_long_for_the_text_is_cut)
{
    struct field *field = field_new();
    for (unsigned i = 0; i + 1 < N_NODES; i++)
        connect_or_not(field, LAYER_MODEL, i, i + 1);
    ck_assert(!order_admit(&field->order, LAYER_MODEL, field->nodes[N_NODES - 1], field->nodes[0]));
    for (size_t bytes = 1; bytes < 40; bytes++) {
        char text[64];
        memset(text, '#', sizeof text);
        order_path(field->nodes[N_NODES - 1], field->nodes[0], text, bytes);
        ck_assert_uint_eq(strlen(text), bytes - 1);
        ck_assert_int_eq(strncmp(text, "n39 -> n0 -> n1 -> n2 -> n3 -> n4 -> n5", bytes - 1), 0);
        ck_assert_int_eq(text[bytes], '#');
    }
    field_free(field);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        of_a_hundred_thousand_edits_no_loop_is_accepted_and_no_other_edge_refused,
        the_layers_know_nothing_of_each_other,
        an_edge_that_agrees_with_the_order_moves_nothing,
        an_edge_against_the_order_moves_only_what_lies_between,
        a_chain_built_against_its_order_moves_one_node_per_edge,
        a_node_cannot_feed_itself,
        a_loop_too_long_for_the_text_is_cut,
    };
    return suite_run("order", 60, tests, ROWS(tests));
}
