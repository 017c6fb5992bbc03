#include "graph/mapping.h"

#include <stdlib.h>

#include "graph/batch.h"
#include "graph/play.h"

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int mapping_compare(const struct mapping *a, const struct mapping *b)
{
    int order = compare(a->row, b->row);
    order = order ? order : compare(a->source ? a->source->sequence : 0, b->source ? b->source->sequence : 0);
    order = order ? order : compare(a->channel, b->channel);
    return order ? order : compare(a->number, b->number);
}

const struct mapping *mappings_find(const struct mappings *mappings, const struct mapping *like)
{
    for (unsigned i = 0; mappings && i < mappings->n; i++)
        if (mapping_compare(&mappings->mapping[i], like) == 0)
            return &mappings->mapping[i];
    return NULL;
}

bool mapping_is_same(const struct mapping *a, const struct mapping *b)
{
    return mapping_compare(a, b) == 0 && a->mode == b->mode && a->from == b->from && a->to == b->to;
}

/* ---- one node's ------------------------------------------------------------------------------------------------------ */

/* A list with room for one more. Null when memory ran out. */
static struct mappings *with_room(const struct node *node)
{
    unsigned n = node->mappings ? node->mappings->n : 0;
    return calloc(1, sizeof(struct mappings) + (n + 1) * sizeof(struct mapping));
}

static void count_sources(const struct mappings *mappings, unsigned by)
{
    for (unsigned i = 0; mappings && i < mappings->n; i++)
        if (mappings->mapping[i].source)
            mappings->mapping[i].source->n_moved += by;
}

void mappings_put(struct model *model, struct node *node, struct mappings **mappings)
{
    struct mappings *old = node->mappings;
    count_sources(*mappings, 1);
    count_sources(old, -1u);
    node->mappings = *mappings;
    *mappings = old;
    model->n_mapped++;
}

/* Puts a list in the place of the node's, which the step keeps for the way back; null: none of it is left. */
static int exchange(struct tx *tx, struct node *node, struct mappings *mappings, struct error *error)
{
    struct op *op = tx_op_next(tx, error);
    if (!op) {
        free(mappings);
        return (int)error->code;
    }
    mappings_put(&tx->ctl->model, node, &mappings);
    *op = (struct op){.kind = OP_MAPPING, .node = node, .old_mappings = mappings};
    tx_op_done(tx);
    return 0;
}

static int ran_out(struct error *error)
{
    return error_set(error, ERROR_INTERNAL, "memory ran out for the mapping");
}

bool mapping_is_from(const struct node *source)
{
    return play_is_heard_by(source) || source->class->tells;
}

int tx_map(struct tx *tx, struct node *node, const struct mapping *mapping, struct error *error)
{
    const struct mappings *old = node->mappings;
    unsigned n = old ? old->n : 0, i = 0;
    if (n >= MAPPINGS_MOST && !mappings_find(old, mapping))
        return error_set(error, ERROR_TOO_BIG, "%u controllers are mapped to \"%s\" already, which are the most", n,
                         node->name);
    struct mappings *mappings = with_room(node);
    if (!mappings)
        return ran_out(error);
    for (; i < n && mapping_compare(&old->mapping[i], mapping) < 0; i++)
        mappings->mapping[mappings->n++] = old->mapping[i];
    mappings->mapping[mappings->n++] = *mapping;
    for (; i < n; i++)
        if (mapping_compare(&old->mapping[i], mapping) != 0)
            mappings->mapping[mappings->n++] = old->mapping[i];
    return exchange(tx, node, mappings, error);
}

int tx_unmap(struct tx *tx, struct node *node, const struct mapping *like, struct error *error)
{
    struct mappings *mappings = with_room(node);
    if (!mappings)
        return ran_out(error);
    for (unsigned i = 0; i < node->mappings->n; i++)
        if (mapping_compare(&node->mappings->mapping[i], like) != 0)
            mappings->mapping[mappings->n++] = node->mappings->mapping[i];
    return exchange(tx, node, mappings, error);
}

/* ---- with a node ----------------------------------------------------------------------------------------------------- */

static bool comes_from(const struct node *node, const struct node *source)
{
    for (unsigned i = 0; node->mappings && i < node->mappings->n; i++)
        if (node->mappings->mapping[i].source == source)
            return true;
    return false;
}

static int clear_source(struct tx *tx, struct node *node, const struct node *source, struct error *error)
{
    struct mappings *mappings = with_room(node);
    if (!mappings)
        return ran_out(error);
    for (unsigned i = 0; i < node->mappings->n; i++)
        if (node->mappings->mapping[i].source != source)
            mappings->mapping[mappings->n++] = node->mappings->mapping[i];
    return exchange(tx, node, mappings, error);
}

int tx_clear_mappings(struct tx *tx, struct node *node, struct error *error)
{
    struct model *model = &tx->ctl->model;
    if (node->mappings && node->mappings->n && exchange(tx, node, NULL, error))
        return (int)error->code;
    for (struct node *to = model->first; to && node->n_moved; to = to->next)
        if (to->live && comes_from(to, node) && clear_source(tx, to, node, error))
            return (int)error->code;
    return 0;
}

/* ---- to another node ------------------------------------------------------------------------------------------------- */

static unsigned count(const struct model *model, const struct node *from, struct carried_mapping *carried)
{
    unsigned n = 0;
    for (struct node *node = model->first; node; node = node->next)
        for (unsigned i = 0; node->live && node->mappings && i < node->mappings->n; i++) {
            const struct mapping *mapping = &node->mappings->mapping[i];
            if (node != from && mapping->source != from)
                continue;
            if (carried)
                carried[n] = (struct carried_mapping){node, *mapping};
            n++;
        }
    return n;
}

int mapping_carry_note(const struct model *model, const struct node *from, struct mapping_carry *carry, struct error *error)
{
    *carry = (struct mapping_carry){0};
    unsigned n = from->n_moved || from->mappings ? count(model, from, NULL) : 0;
    if (!n)
        return 0;
    if (!(carry->carried = calloc(n, sizeof *carry->carried)))
        return ran_out(error);
    carry->n = count(model, from, carry->carried);
    return 0;
}

int tx_carry_mappings(struct tx *tx, const struct mapping_carry *carry, const struct node *from, struct node *to,
                      struct error *error)
{
    for (unsigned i = 0; i < carry->n; i++) {
        struct mapping mapping = carry->carried[i].mapping;
        struct node *node = carry->carried[i].node;
        struct error unused;
        if (mapping.source == from && !mapping_is_from(to))
            continue;
        if (mapping.source == from)
            mapping.source = to;
        if (node == from &&
            node_param_find(to->class, to->values, node_class_row(from->class, mapping.row)->name, &mapping.row, &unused))
            continue;
        if (tx_map(tx, node == from ? to : node, &mapping, error))
            return (int)error->code;
    }
    return 0;
}
