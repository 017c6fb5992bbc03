/* Values, and those that follow the tempo. */
#include <math.h>

#include "graph/note.h"
#include "tests/graph_copy.h"

#define PITCH_GLIDE (COPY_RATE_HZ / 100) /* frames of an oscillator's own */

double graph_copy_line_now(const struct graph_copy_line *line)
{
    double way = (double)line->at / line->length;
    if (line->at >= line->length)
        return line->to;
    return line->is_log ? (double)(float)(line->from * pow(line->to / line->from, way))
                        : line->from + (line->to - line->from) * way;
}

bool graph_copy_turns_notes(const struct graph_copy *copy, const struct graph_copy_parcel *parcel)
{
    for (unsigned i = 0; i < parcel->n; i++) {
        const struct graph_copy_action *action = &parcel->actions[i];
        if (action->kind == COPY_VALUE && (action->note || copy->nodes[action->which].heard[action->row]))
            return true;
    }
    return false;
}

static double value_of(const struct graph_copy *copy, const struct graph_copy_node *node, unsigned row)
{
    return (double)note_value(&node->class->params[row], note_ticks(node->heard[row]), copy->micro_bpm);
}

void graph_copy_value(struct graph_copy *copy, const struct graph_copy_action *action)
{
    struct graph_copy_node *node = &copy->nodes[action->which];
    struct graph_copy_line *line = &node->lines[action->row];
    bool is_bypass = action->row == node->class->n_params;
    node->heard[action->row] = action->note;
    double to = action->note ? value_of(copy, node, action->row) : action->value;
    if (!is_bypass || line->to != to)
        *line = (struct graph_copy_line){graph_copy_line_now(line), to, 0, is_bypass ? COPY_BYPASS : action->frames, false};
}

/* Of several that left together, the last counts, and it comes before all values. */
void graph_copy_tempo(struct graph_copy *copy, const struct graph_copy_parcel *parcel)
{
    for (unsigned i = 0; i < parcel->n; i++)
        if (parcel->actions[i].kind == COPY_TEMPO)
            copy->micro_bpm = (uint32_t)parcel->actions[i].value;
    for (unsigned i = 0; i < COPY_NODES; i++)
        for (unsigned row = 0; row < COPY_ROWS; row++) {
            struct graph_copy_node *node = &copy->nodes[i];
            struct graph_copy_line *line = &node->lines[row];
            if (node->used && node->heard[row] && line->to != value_of(copy, node, row))
                *line =
                    (struct graph_copy_line){graph_copy_line_now(line), value_of(copy, node, row), 0, PITCH_GLIDE, true};
        }
}
