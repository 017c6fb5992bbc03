/* Who sets a value knows it and need not be told. But when two set the same one at about the same time, each may hear of the
 * other's value after it has sent its own, and believe it: so for a while both are told of every change, and the last thing
 * that each hears is what holds. */
#include "graph/stamp.h"

#include <stdlib.h>
#include <string.h>

#include "graph/model.h"
#include "graph/mutant.h"

#define SHARED_NS 1000000000u /* longer than a packet is under way */

static void unlink_node(struct stamps *stamps, struct node *node)
{
    *(node->stamp_prev ? &node->stamp_prev->stamp_next : &stamps->first) = node->stamp_next;
    *(node->stamp_next ? &node->stamp_next->stamp_prev : &stamps->last) = node->stamp_prev;
}

static void append_node(struct stamps *stamps, struct node *node)
{
    node->stamp_next = NULL;
    node->stamp_prev = stamps->last;
    *(stamps->last ? &stamps->last->stamp_next : &stamps->first) = node;
    stamps->last = node;
}

uint64_t stamp_next(struct model *model, struct node *node)
{
    struct stamps *stamps = &model->stamps;
    if (stamps->last != node) {
        unlink_node(stamps, node);
        append_node(stamps, node);
    }
    node->newest_stamp = ++stamps->n;
    return node->newest_stamp;
}

static void stamp_row(struct model *model, struct node *node, unsigned row)
{
    const struct stamps *stamps = &model->stamps;
    struct stamp *stamp = &node->stamps[row];
    bool is_taken_over = stamp->by != stamps->by && stamps->now_ns < stamp->set_ns + SHARED_NS;
    uint64_t shared_ns = is_taken_over ? stamps->now_ns + SHARED_NS : stamp->shared_ns;
    uint64_t number = stamp_next(model, node);
    *stamp = (struct stamp){.number = number,
                            .set = number,
                            .by = stamps->by,
                            .set_ns = stamps->now_ns,
                            .shared_ns = shared_ns,
                            .is_known = stamps->now_ns >= shared_ns || MUTANT_FLAW("certain"),
                            .is_norm = stamps->is_norm};
}

void node_set_base(struct model *model, struct node *node, unsigned row, const struct base *base)
{
    /* -0 equals 0, but is not the same. */
    bool is_other = memcmp(&node->values[row], &base->value, sizeof base->value) != 0 || node->notes[row] != base->note;
    node_put_base(node, row, base);
    if (node->live && is_other && !(MUTANT_FLAW("unmarked") && model->stamps.n % 50 == 49))
        stamp_row(model, node, row);
}

void node_follow_base(struct model *model, struct node *node, unsigned row, float value)
{
    if (node->values[row] == value)
        return;
    node->values[row] = value;
    if (!node->live)
        return;
    node->stamps[row].number = stamp_next(model, node);
    node->stamps[row].by = 0;
}

void node_restore_base(struct node *node, unsigned row, const struct base *base, const struct stamp *stamp)
{
    node_put_base(node, row, base);
    node->stamps[row] = *stamp;
}

void stamp_fact(struct model *model, struct node *node, enum node_fact fact)
{
    if (node->live)
        stamp_row(model, node, node->class->n_params + fact);
}

void stamp_appear(struct model *model, struct node *node)
{
    append_node(&model->stamps, node);
    node->first_stamp = stamp_next(model, node);
    struct stamp stamp = {.number = node->first_stamp, .set = node->first_stamp, .set_ns = model->stamps.now_ns};
    for (unsigned row = 0; row < node->class->n_params + N_NODE_FACTS; row++)
        node->stamps[row] = stamp;
    model->stamps.n_names++;
}

void stamp_vanish(struct model *model, struct node *node)
{
    unlink_node(&model->stamps, node);
    model->stamps.n_names++;
    free(node->watched);
    node->watched = NULL;
}

struct node *stamp_after(const struct model *model, uint64_t number)
{
    struct node *node = model->stamps.last;
    if (!node || node->newest_stamp <= number)
        return NULL;
    while (node->stamp_prev && node->stamp_prev->newest_stamp > number)
        node = node->stamp_prev;
    return node;
}
