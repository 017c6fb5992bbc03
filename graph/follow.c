#include "graph/follow.h"

#include "graph/transport.h"

int follow_now(const struct ctl *ctl, const struct param_info *info, struct base *base, struct error *error)
{
    struct tempo_state state;
    if (!base->note)
        return 0;
    if (transport_state(ctl, &state, error))
        return (int)error->code;
    base->value = note_value(info, note_ticks(base->note), state.micro_bpm);
    return 0;
}

static void node_follow(struct ctl *ctl, struct node *node, uint32_t micro_bpm)
{
    for (unsigned row = 0; row < node->class->n_params; row++) {
        uint32_t ticks = note_ticks(node->notes[row]);
        if (ticks)
            node_follow_base(&ctl->model, node, row, note_value(&node->class->params[row], ticks, micro_bpm));
    }
}

/* Where memory runs out for a look, it is made up for with the next. */
void follow_poll(struct ctl *ctl)
{
    struct error unused;
    struct tempo_state state;
    if (transport_state(ctl, &state, &unused) || (state.micro_bpm == ctl->followed_micro_bpm && !ctl->follow_is_late))
        return;
    ctl->followed_micro_bpm = state.micro_bpm;
    ctl->follow_is_late = false;
    for (struct node *node = ctl->model.first; node; node = node->next)
        if (node->n_notes)
            node_follow(ctl, node, state.micro_bpm);
}
