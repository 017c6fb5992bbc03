/* Values within a transaction: how many it may set, and what they are set to. */
#include "graph/batch.h"
#include "graph/follow.h"

#define VOICES_PER_VALUE 4

unsigned value_weight(const struct node *node)
{
    return 1 + (node_voices(node) - 1) / VOICES_PER_VALUE;
}

int tx_check_room(const struct tx *tx, unsigned weight, struct error *error)
{
    if (tx->is_rehearsal && tx->is_restore) /* on paper, it takes no cycle any time */
        return 0;
    if (tx->weight + weight > VALUES_MAX)
        return error_set(error, ERROR_TOO_BIG,
                         "more than %d values in one transaction, where those for voices count for each %d of them",
                         VALUES_MAX, VOICES_PER_VALUE);
    if (tx->ctl->batch->n_values + tx->weight + weight > 2 * VALUES_MAX)
        return error_set(error, ERROR_BUSY, "the audio thread has not taken the last %u values yet",
                         tx->ctl->batch->n_values);
    return 0;
}

int tx_set_value(struct tx *tx, struct node *node, unsigned row, float value, double glide_s, struct error *error)
{
    return tx_set_base(tx, node, row, &(struct base){value, 0}, glide_s, error);
}

int tx_set_base(struct tx *tx, struct node *node, unsigned row, const struct base *wanted, double glide_s,
                struct error *error)
{
    struct base base = *wanted;
    if (tx_check_room(tx, value_weight(node), error) || follow_now(tx->ctl, node_class_row(node->class, row), &base, error))
        return (int)error->code;
    struct op *op = tx_op_next(tx, error);
    if (!op)
        return (int)error->code;
    *op = (struct op){.kind = OP_VALUE,
                      .node = node,
                      .row = row,
                      .base = base,
                      .old_base = node_base(node, row),
                      .old_stamp = node->stamps[row],
                      .glide_frames = value_glide_frames(tx->ctl, node_class_row(node->class, row), glide_s)};
    node_set_base(&tx->ctl->model, node, row, &base);
    tx->n_values++;
    tx->weight += value_weight(node);
    tx_op_done(tx);
    return 0;
}
