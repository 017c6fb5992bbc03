/* Notes end, and there is silence where there are tails: each node that hears something is replaced by one like it, whose
 * echoes and states are empty, and fades in while the old one fades out. What makes sound by itself has no tail, and
 * starting it anew would be heard. */
#include <stdlib.h>

#include "graph/batch.h"
#include "graph/play.h"

/* A recording goes on: what was played is not to be lost because of what is heard. */
static bool rings(const struct node *node)
{
    return node->live && !node->fixture && node->class->n_inputs > 0 && node->class->device == DEVICE_NONE &&
           !node->class->voices_by && !node_class_writes(node->class);
}

static int renew(struct tx *tx, const struct node *node, struct error *error)
{
    struct node_spec spec = {.class = node->class,
                             .name = node->name,
                             .channels = node->class->channels_max ? node->channels : 0,
                             .values = node->values,
                             .notes = node->notes,
                             .texts = node->texts,
                             .media = node->object ? node->object->media : NULL,
                             .label = node->label,
                             .bypassed = node->values[node->class->n_params] != 0,
                             .again = true};
    int code = tx_replace_node(tx, &spec, false, error);
    if (!code)
        model_find(&tx->ctl->model, node->name)->heir_of = NULL; /* notes end */
    return code;
}

/* What is inside of a container may never fall silent by itself, an oscillator without an envelope say; it sounds for a note, and ends with it. */
static int voices_end(struct tx *tx, struct node *node, struct error *error)
{
    struct event event = {.kind = EVENT_CONTROL, .number = CONTROL_SOUND_OFF};
    for (; event.channel < EVENT_CHANNELS && !error->code; event.channel++)
        tx_play_event(tx, node, &event, 0, error);
    return (int)error->code;
}

/* What is not replaced lets go of its notes; what is has none. */
static int let_go(struct tx *tx, struct node *node, struct error *error)
{
    const struct event event = {.kind = EVENT_CONTROL, .channel = EVENT_CHANNELS, .number = CONTROL_NOTES_OFF};
    if (!node->live || !play_is_heard_by(node) || rings(node) || tx_play_event(tx, node, &event, 0, error))
        return (int)error->code;
    return node->class->voices_by ? voices_end(tx, node, error) : 0;
}

int tx_panic(struct tx *tx, struct error *error)
{
    struct model *model = &tx->ctl->model;
    const struct node **nodes = malloc((model->n_nodes + 1) * sizeof(const struct node *));
    size_t n = 0, n_before = tx->n_ops;
    if (!nodes)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the silence");
    for (const struct node *node = model->first; node; node = node->next)
        if (rings(node))
            nodes[n++] = node;
    for (struct node *node = model->first; node && !error->code; node = node->next)
        let_go(tx, node, error);
    for (size_t i = 0; i < n && !error->code; i++)
        renew(tx, nodes[i], error);
    if (!error->code)
        tx_stop(tx, error);
    if (error->code)
        tx_undo_to(tx, n_before);
    free(nodes);
    return (int)error->code;
}
