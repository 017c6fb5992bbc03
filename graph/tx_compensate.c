/* Who takes part in latency compensation: the delays follow with the next plan (graph/compensation.c). */
#include "graph/batch.h"

int tx_compensate(struct tx *tx, const char *name, bool on, struct error *error)
{
    struct node *node = model_get(&tx->ctl->model, name, error);
    struct op *op = node ? tx_op_next(tx, error) : NULL;
    if (!op)
        return (int)error->code;
    *op = (struct op){.kind = OP_NODE_COMPENSATE, .node = node, .old_flag = node->is_uncompensated};
    node->is_uncompensated = !on;
    tx_op_done(tx);
    return 0;
}
