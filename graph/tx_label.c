/* What people call a node: a text beside its name, which nothing else depends on. */
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "graph/utf8.h"

int label_check(const char *text, struct error *error)
{
    size_t n = strlen(text);
    if (n >= LABEL_BYTES)
        return error_set(error, ERROR_TOO_BIG, "a label of %zu bytes, %d are the most", n, LABEL_BYTES - 1);
    for (const uint8_t *at = (const uint8_t *)text; *at;) {
        unsigned n_character = utf8_bytes(at);
        if (!n_character || *at < ' ' || *at == 0x7f)
            return error_set(error, ERROR_BAD_VALUE,
                             "the label has a byte 0x%02x at its byte %zu: it must be UTF-8 in one line", *at,
                             (size_t)(at - (const uint8_t *)text));
        at += n_character;
    }
    return 0;
}

int tx_set_label(struct tx *tx, struct node *node, const char *text, struct error *error)
{
    struct op *op = tx_op_next(tx, error);
    if (!op || label_check(text, error))
        return (int)error->code;
    char *label = *text ? strdup(text) : NULL;
    if (*text && !label)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the label");
    *op = (struct op){.kind = OP_LABEL, .node = node, .old_name = node->label};
    node->label = label;
    stamp_fact(&tx->ctl->model, node, NODE_LABEL);
    tx_op_done(tx);
    return 0;
}
