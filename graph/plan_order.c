/* The order of the steps, in three passes, each over nodes and edges once.
 *
 *     plain      depth first: whatever leads to a node comes before it
 *     alike      along this order: which nodes can run side by side, up to sixteen
 *     final      depth first once more, over units: a node by itself, or alike ones
 *
 *          osc --> filter --> gain --+              osc osc  filter  gain gain  out
 *                                    +--> out   =>           filter
 *          osc --> filter --> gain --+
 *
 * Nodes are alike that are of one class, as wide, made with the same values, and as deep: with as many nodes that can run
 * in lanes on the longest way to them. On any way through such nodes the depth grows, so that there is none between alike
 * ones. Nor can units wait for each other in a circle: along an edge the depth never falls, and it stays the same only
 * towards a node that goes by itself or comes before all alike ones of its depth.
 */
#include <string.h>

#include "graph/compiler.h"

/* ---- depth first ----------------------------------------------------------------------------------------------------- */

static void emit(struct compiler *c, const struct plan_unit *unit)
{
    c->plan->abreast[c->n_order] = (uint8_t)unit->n;
    for (unsigned i = 0; i < unit->n; i++)
        c->order[c->n_order++] = unit->members[i];
}

/* The next unit that this one needs and nobody has seen; null: there is none left. */
static struct plan_unit *next_source(struct plan_unit *unit)
{
    while (unit->at < unit->n) {
        struct plan_node *place = unit->members[unit->at];
        struct plan_link *link = place->next;
        if (!link) {
            unit->at++;
            continue;
        }
        place->next = link->in_next;
        if (link_leads(link) && !link->from->unit->seen)
            return link->from->unit;
    }
    return NULL;
}

/* Each unit is on the stack once at most. */
static void visit(struct compiler *c, struct plan_unit *root, struct plan_unit **stack)
{
    unsigned n = 1;
    stack[0] = root;
    root->seen = true;
    while (n) {
        struct plan_unit *source = next_source(stack[n - 1]);
        if (source) {
            source->seen = true;
            stack[n++] = source;
        } else {
            emit(c, stack[--n]);
        }
    }
}

static void search(struct compiler *c, struct plan_unit **stack)
{
    c->n_order = 0;
    for (unsigned i = 0; i < c->n_nodes; i++) {
        c->places[i].next = c->places[i].in;
        c->places[i].unit->seen = false;
        c->places[i].unit->at = 0;
    }
    for (unsigned i = 0; i < c->n_nodes; i++)
        if (!c->places[i].unit->seen)
            visit(c, c->places[i].unit, stack);
}

/* ---- alike ----------------------------------------------------------------------------------------------------------- */

static void depths_set(struct compiler *c)
{
    for (unsigned i = 0; i < c->n_order; i++) {
        struct plan_node *place = c->order[i];
        for (const struct plan_link *link = place->in; link; link = link->in_next) {
            const struct plan_node *source = link_leads(link) ? link->from : NULL;
            unsigned depth = source ? source->depth + (source->node->class->process_lanes != NULL) : 0;
            place->depth = depth > place->depth ? depth : place->depth;
        }
    }
}

static bool is_chosen_at_creation(const struct param_info *param)
{
    return (param->flags & PARAM_AT_CREATION) && !param_is_path(param);
}

static bool are_alike(const struct plan_node *a, const struct plan_node *b)
{
    const struct node_class *class = a->node->class;
    if (class != b->node->class || a->node->channels != b->node->channels || a->depth != b->depth)
        return false;
    for (unsigned row = 0; row < class->n_params; row++)
        if (is_chosen_at_creation(&class->params[row]) && a->node->values[row] != b->node->values[row])
            return false;
    return true;
}

/* By what differs most: alike nodes come to the same place, others seldom. */
static unsigned hash(const struct plan_node *place)
{
    uint64_t bits = (uintptr_t)place->node->class / sizeof(void *) + place->depth * 0x9e3779b97f4a7c15u;
    bits = (bits ^ place->node->channels) * 0xff51afd7ed558ccdu;
    const struct node_class *class = place->node->class;
    for (unsigned row = 0; row < class->n_params; row++)
        if (is_chosen_at_creation(&class->params[row]))
            bits = (bits ^ (uint64_t)(int64_t)(place->node->values[row] * 256)) * 0xff51afd7ed558ccdu;
    return (unsigned)(bits >> 33);
}

/* Joins the unit that its like have opened, where that has room, or opens one. */
static void join(struct plan_unit **table, unsigned size, struct plan_node *place, struct plan_unit **next,
                 struct plan_node ***members)
{
    unsigned at = hash(place) % size;
    while (table[at] && !are_alike(table[at]->members[0], place))
        at = (at + 1) % size;
    if (!table[at] || table[at]->n == LANES) {
        table[at] = (*next)++;
        *table[at] = (struct plan_unit){.members = *members};
        *members += LANES;
    }
    table[at]->members[table[at]->n++] = place;
}

/* Units of fewer than LANES_LEAST stay what they were: single nodes, each with its chain. */
static void units_take(struct compiler *c, struct plan_unit *units, const struct plan_unit *end)
{
    for (struct plan_unit *unit = units; unit < end; unit++)
        for (unsigned i = 0; unit->n >= LANES_LEAST && i < unit->n; i++) {
            unit->members[i]->unit = unit;
            c->has_lanes = true;
        }
}

static int alike_find(struct compiler *c)
{
    unsigned n = 0;
    for (unsigned i = 0; i < c->n_order; i++)
        n += c->order[i]->node->class->process_lanes != NULL;
    if (n < LANES_LEAST || c->model->one_by_one)
        return 0;
    struct plan_unit **table = arena_take_array(&c->scratch, 2 * n, sizeof(struct plan_unit *));
    struct plan_unit *units = arena_take_array(&c->scratch, n, sizeof *units), *end = units;
    struct plan_node **members = arena_take_array(&c->scratch, (size_t)n * LANES, sizeof(struct plan_node *));
    if (!table || !units || !members)
        return ERROR_INTERNAL;
    depths_set(c);
    for (unsigned i = 0; i < c->n_order; i++)
        if (c->order[i]->node->class->process_lanes)
            join(table, 2 * n, c->order[i], &end, &members);
    units_take(c, units, end);
    return 0;
}

int compiler_order(struct compiler *c)
{
    struct plan_unit *single = arena_take_array(&c->scratch, c->n_nodes, sizeof *single);
    struct plan_unit **stack = arena_take_array(&c->scratch, c->n_nodes, sizeof(struct plan_unit *));
    struct plan_node **alone = arena_take_array(&c->scratch, c->n_nodes, sizeof(struct plan_node *));
    if (!single || !stack || !alone)
        return ERROR_INTERNAL;
    for (unsigned i = 0; i < c->n_nodes; i++) {
        alone[i] = &c->places[i];
        single[i] = (struct plan_unit){.members = &alone[i], .n = 1};
        c->places[i].unit = &single[i];
    }
    search(c, stack);
    if (alike_find(c))
        return ERROR_INTERNAL;
    if (c->has_lanes)
        search(c, stack);
    return 0;
}
