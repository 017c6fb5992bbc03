/* What a node is called: its name, by which everything finds it, and its label, which nothing depends on. */
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "graph/container.h"
#include "graph/utf8.h"

int tx_rename_node(struct tx *tx, const char *name, const char *new_name, struct error *error)
{
    struct model *model = &tx->ctl->model;
    struct node *node = model_get(model, name, error);
    if (!node || name_check(new_name, error))
        return (int)error->code;
    if (node->fixture)
        return error_set(error, ERROR_DENIED, "the node \"%s\" is part of every session and keeps its name", name);
    const struct node *taken = model_find(model, new_name);
    if (taken)
        return error_set(error, ERROR_NAME_TAKEN, "there is a node named \"%s\" already (%s)", new_name,
                         taken->class->name);
    if (container_check_rename(model, node, new_name, error))
        return (int)error->code;
    struct op *op = tx_op_next(tx, error);
    if (!op)
        return (int)error->code;
    char *old_name = strdup(name);
    if (!old_name || map_reserve(&model->names)) {
        free(old_name);
        return error_set(error, ERROR_INTERNAL, "memory ran out for the name \"%s\"", new_name);
    }
    *op = (struct op){.kind = OP_NODE_RENAME, .node = node, .old_name = old_name};
    container_rename(model, node, new_name);
    tx_op_done(tx);
    return 0;
}

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
