#include "tests/random_values.h"

#include <stdio.h>
#include <string.h>

#include "tests/graph_rig.h"

const char *const random_names[RANDOM_NAMES] = {"in", "a", "b", "c", "d", "e", "f", "g", "h", "out"};

int random_value(struct graph_copy *copy, struct graph_copy_action *action, uint32_t *seed)
{
    unsigned which = graph_copy_find(copy, random_names[1 + dice_below(seed, 8)]);
    if (which == COPY_NODES)
        return ERROR_NO_SUCH_NODE;
    struct graph_copy_node *node = &copy->nodes[which];
    bool is_osc = strcmp(node->class->name, "osc") == 0, jumps = dice_below(seed, 3) == 0;
    unsigned row = is_osc ? graph_copy_row(node->class, jumps ? "freq" : "level") : jumps ? node->class->n_params : 0;
    double value = !jumps ? -(double)dice_below(seed, 40) : is_osc ? 50 + dice_below(seed, 3000) : dice_below(seed, 2);
    *action = (struct graph_copy_action){COPY_VALUE, which, row, value, jumps ? 0 : dice_below(seed, 3) * 1200, 0};
    node->values[row] = (float)value;
    node->notes[row] = 0;
    return 0;
}

int random_note(struct graph_copy *copy, char *text, size_t bytes, uint32_t *seed)
{
    unsigned which = graph_copy_find(copy, random_names[1 + dice_below(seed, 8)]);
    snprintf(text, bytes, "set zebra freq 1/64");
    if (which == COPY_NODES || strcmp(copy->nodes[which].class->name, "osc") != 0)
        return ERROR_NO_SUCH_NODE;
    struct graph_copy_node *node = &copy->nodes[which];
    unsigned row = graph_copy_row(node->class, "freq"), of = 1u << dice_below(seed, 7);
    char note[NOTE_BYTES];
    snprintf(note, sizeof note, "1/%u%s", of % 128, dice_below(seed, 2) ? "t" : "");
    snprintf(text, bytes, "set %s freq %s 0", node->name, note);
    node->notes[row] = note_parse(note);
    graph_copy_act(copy, true, (struct graph_copy_action){COPY_VALUE, which, row, 0, 0, node->notes[row]});
    return 0;
}

int random_tempo(struct graph_copy *copy, char *text, size_t bytes, uint32_t *seed)
{
    unsigned bpm = 30 + dice_below(seed, 300);
    snprintf(text, bytes, "tempo %u", bpm);
    graph_copy_act(copy, true, (struct graph_copy_action){COPY_TEMPO, 0, 0, bpm * 1e6, 0, 0});
    return 0;
}

int random_set(struct graph_copy *copy, char *text, size_t bytes, uint32_t *seed)
{
    struct graph_copy_action action;
    snprintf(text, bytes, "set zebra level 0");
    int code = random_value(copy, &action, seed);
    if (code)
        return code;
    graph_copy_act(copy, true, action);
    const struct graph_copy_node *node = &copy->nodes[action.which];
    snprintf(text, bytes, "set %s %s %g %g", node->name, node_class_row(node->class, action.row)->name, action.value,
             action.frames / (double)COPY_RATE_HZ);
    return 0;
}
