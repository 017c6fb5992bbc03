/* An empty graph: what always exists is put back to what it is initially, and everything else goes. */
#include "graph/batch.h"
#include "graph/cable.h"
#include "graph/mapping.h"

static int fixture_clear(struct tx *tx, struct node *node, struct error *error)
{
    const struct node_class *class = node->class;
    if (tx_disconnect_inputs(tx, node, error) || (node->is_uncompensated && tx_compensate(tx, node->name, true, error)))
        return (int)error->code;
    for (unsigned row = 0; row <= class->n_params; row++) {
        const struct param_info *info = node_class_row(class, row);
        bool is_moved = !param_is_path(info) && !(info->flags & PARAM_AT_CREATION) &&
                        (node->values[row] != info->initial || node->notes[row]);
        if (is_moved && tx_set_value(tx, node, row, info->initial, -1, error))
            return (int)error->code;
    }
    if (tx_clear_cables(tx, node, CABLE_ALL, error) || tx_clear_mappings(tx, node, error))
        return (int)error->code;
    return node->label ? tx_set_label(tx, node, "", error) : 0;
}

int tx_clear(struct tx *tx, struct error *error)
{
    tx->is_exchange = true;
    /* Removed ones stay in the list until they are gone for good. */
    for (struct node *node = tx->ctl->model.first; node; node = node->next)
        if (node->live && (node->fixture ? fixture_clear(tx, node, error) : tx_remove_node(tx, node->name, error)))
            return (int)error->code;
    return 0;
}
