/* Values within a transaction: how many it may set, and what they are set to. */
#include "graph/batch.h"
#include "graph/follow.h"

int tx_check_room(const struct tx *tx, struct error *error)
{
    if (tx->is_rehearsal && tx->is_restore) /* on paper, it takes no cycle any time */
        return 0;
    if (tx->n_values >= VALUES_MAX)
        return error_set(error, ERROR_TOO_BIG, "more than %d values in one transaction", VALUES_MAX);
    if (tx->ctl->batch->n_values + tx->n_values >= 2 * VALUES_MAX)
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
    if (tx_check_room(tx, error) || follow_now(tx->ctl, node_class_row(node->class, row), &base, error))
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
    tx_op_done(tx);
    return 0;
}
