/* Counters say whether any of this matters: on the nodes, how many of their values are on such a way. While they are 0, as they
 * nearly always are, nothing is looked for. */
#include "graph/ahead.h"

#include "graph/compensation.h"
#include "graph/mutant.h"

bool ahead_has_room(struct ctl *ctl)
{
    const struct ahead *ahead = &ctl->ahead;
    /* What was committed before it has a frame of its own. */
    if (ctl->batch && ctl->batch->first)
        batch_flush(ctl);
    return !(ctl->batch && ctl->batch->first) && ahead->n < SCHEDULE_MOST && ahead->n_cuts < SCHEDULE_MOST_CUTS &&
           ahead->n_values < VALUES_MAX && !compensation_is_full(ctl);
}

struct tx *ahead_open(struct ctl *ctl, double fade_s, uint64_t at_frame)
{
    struct tx *tx = ahead_has_room(ctl) ? tx_open(ctl, fade_s) : NULL;
    if (tx) {
        tx->at_frame = at_frame + MUTANT_FLAW("tardy");
        tx->arrived_ns = 0;
    }
    return tx;
}

static bool moves_transport(const struct batch *batch)
{
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            if (tx->ops[i].kind == OP_ORDER || tx->ops[i].kind == OP_MARK)
                return true;
    return false;
}

uint64_t ahead_transport_until(const struct ctl *ctl)
{
    uint64_t until = ctl->batch && moves_transport(ctl->batch) ? 0 : UINT64_MAX;
    for (const struct batch *batch = ctl->under_way; batch; batch = batch->next)
        if (!batch->returned && batch->change.at_frame < until && moves_transport(batch))
            until = batch->change.at_frame;
    return until;
}

static void nodes_count(const struct batch *batch, int by)
{
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            if (tx->ops[i].kind == OP_VALUE)
                tx->ops[i].node->n_ahead += (unsigned)by;
}

/* Whether it sets a node of which other values are on their way. */
static bool meets_others(const struct batch *batch)
{
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            if (tx->ops[i].kind == OP_VALUE && tx->ops[i].node->n_ahead)
                return true;
    return false;
}

/* Whether a parameter begins to follow a note value, or ends to, as far as control knows. */
static bool turns_notes(const struct batch *batch)
{
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            if (tx->ops[i].kind == OP_VALUE && (tx->ops[i].base.note || tx->ops[i].old_base.note))
                return true;
    return false;
}

void ahead_sent(struct ctl *ctl, struct batch *batch)
{
    struct change *change = &batch->change;
    bool waits = ctl->ahead.n_plans > 0; /* as far as control knows */
    if (change->at_frame) {
        ctl->ahead.n++;
        ctl->ahead.n_cuts += batch->cuts = change_is_of_plans(change) || change->n_orders || turns_notes(batch);
        ctl->ahead.n_values += batch->n_values;
    } else if (waits && ctl->ahead.n_edits && !change_is_of_plans(change)) {
        change->in_order = meets_others(batch);
    }
    batch->is_ahead = change->at_frame || (waits && (change_is_of_plans(change) || change->in_order));
    if (!batch->is_ahead)
        return;
    ctl->ahead.n_plans += change->at_frame && change_is_of_plans(change);
    ctl->ahead.n_edits += !change->at_frame;
    nodes_count(batch, 1);
}

/* ---- by effect ------------------------------------------------------------------------------------------------------- */

static bool tx_sets(const struct tx *tx, const struct op *op)
{
    for (; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++)
            if (tx->ops[i].kind == OP_VALUE && tx->ops[i].node == op->node && tx->ops[i].row == op->row)
                return true;
    return false;
}

/* Whether something else is on its way that has no time of its own: that takes effect behind what came back before it. */
static bool is_set_since(const struct ctl *ctl, const struct batch *back, const struct op *op)
{
    for (const struct batch *batch = ctl->under_way; batch; batch = batch->next)
        if (batch != back && !batch->returned && !batch->change.at_frame && tx_sets(batch->first, op))
            return true;
    return tx_sets(ctl->batch ? ctl->batch->first : NULL, op) || tx_sets(ctl->open, op);
}

static bool is_as_set(const struct op *op)
{
    struct base now = node_base(op->node, op->row);
    return base_is_same(&now, &op->base);
}

static void values_follow(struct ctl *ctl, const struct batch *batch)
{
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        for (size_t i = 0; i < tx->n_ops; i++) {
            const struct op *op = &tx->ops[i];
            bool counts = op->kind == OP_VALUE && op->node->live && op->node->n_ahead;
            if (!counts || is_as_set(op) || is_set_since(ctl, batch, op))
                continue;
            node_set_base(&ctl->model, op->node, op->row, &op->base);
            ctl->follow_is_late |= op->base.note != 0;
        }
}

void ahead_returned(struct ctl *ctl, struct batch *batch)
{
    struct change *change = &batch->change;
    values_follow(ctl, batch);
    if (!batch->is_ahead)
        return;
    nodes_count(batch, -1);
    ctl->ahead.n_plans -= change->at_frame && change_is_of_plans(change);
    ctl->ahead.n_edits -= !change->at_frame;
    if (!change->at_frame)
        return;
    ctl->ahead.n--;
    ctl->ahead.n_cuts -= batch->cuts;
    ctl->ahead.n_values -= batch->n_values;
}
