#include "osc/graph_json.h"

#include <stdlib.h>

#include "osc/graph_text.h"
#include "osc/json.h"

static void key(const char *name, struct bytes *text)
{
    json_string(name, text);
    bytes_print(text, ": ");
}

static void pair(const char *name, const char *value, struct bytes *text)
{
    key(name, text);
    json_string(value, text);
    bytes_print(text, ", ");
}

static void value(const struct node *node, unsigned row, struct bytes *text)
{
    const struct param_info *info = &node->class->params[row];
    float number = node->values[row];
    if (param_is_path(info) && !node->texts[row])
        bytes_print(text, "null");
    else if (param_is_path(info))
        json_string(node->texts[row], text);
    else if (info->kind == PARAM_CHOICE)
        json_string(info->choices[(unsigned)number], text);
    else if (info->kind == PARAM_SWITCH)
        bytes_print(text, "%s", number != 0.0f ? "true" : "false");
    else if (info->kind == PARAM_INTEGER)
        bytes_print(text, "%d", (int)number);
    else
        json_float(number, text);
}

/* Of the values that follow the tempo. */
static void write_notes(const struct node *node, struct bytes *text)
{
    const char *between = "";
    for (unsigned row = 0; node->n_notes && row < node->class->n_params; row++) {
        char note[NOTE_BYTES];
        if (!node->notes[row])
            continue;
        note_print(node->notes[row], note);
        bytes_print(text, "%s", between);
        between = ", ";
        key(node->class->params[row].name, text);
        json_string(note, text);
    }
}

static void write_node(const struct node *node, struct bytes *text)
{
    const struct node_class *class = node->class;
    bool is_first = true;
    bytes_print(text, "{");
    pair("name", node->name, text);
    pair("type", class->name, text);
    key("label", text);
    if (node->label)
        json_string(node->label, text);
    else
        bytes_print(text, "null");
    bytes_print(text, ", ");
    bytes_print(text,
                "\"channels\": %u, \"fixture\": %s, \"bypass\": %s, \"compensated\": %s, \"latency\": %u, \"values\": {",
                node->channels, node->fixture ? "true" : "false", node->values[class->n_params] != 0 ? "true" : "false",
                node->is_uncompensated ? "false" : "true", node->latency_frames);
    for (unsigned row = 0; row < class->n_params; row++) {
        if (!node_class_has(class, node->values, class->params[row].number))
            continue;
        bytes_print(text, "%s", is_first ? "" : ", ");
        is_first = false;
        key(class->params[row].name, text);
        value(node, row, text);
    }
    bytes_print(text, "}, \"notes\": {");
    write_notes(node, text);
    bytes_print(text, "}}");
}

static void write_end(const struct node *node, const char *port, unsigned first, unsigned n, struct bytes *text)
{
    bytes_print(text, "{");
    pair("node", node->name, text);
    pair("port", port, text);
    bytes_print(text, "\"channels\": [");
    for (unsigned i = 0; i < n; i++)
        bytes_print(text, "%s%u", i ? ", " : "", first + i + 1);
    bytes_print(text, "]}, ");
}

static void write_edge(const struct edge *edge, struct bytes *text)
{
    bytes_print(text, "{\"from\": ");
    write_end(edge->from, edge->from->class->outputs[edge->from_port].name, edge->from_first, edge->n_from, text);
    key("to", text);
    write_end(edge->to, node_input_name(edge->to, edge->to_port), edge->to_first, edge->n_to, text);
    key("gain", text);
    json_float(edge->gain_db, text);
    bytes_print(text, ", \"depth\": ");
    if (edge->to_port >= edge->to->class->n_inputs)
        json_float(edge->depth, text);
    else
        bytes_print(text, "null");
    bytes_print(text, ", \"feedback\": %s, \"events\": %s}", edge->is_feedback ? "true" : "false",
                edge_carries_events(edge) ? "true" : "false");
}

/* "bpm" and "signature" are null where they go on as before. */
static void write_mark(const struct tempo_mark *mark, struct bytes *text)
{
    char place[BARS_BYTES];
    bars_print(&mark->at, place);
    bytes_print(text, "{");
    pair("at", place, text);
    if (mark->micro_bpm)
        bytes_print(text, "\"bpm\": %u.%06u, ", mark->micro_bpm / TEMPO_MICRO, mark->micro_bpm % TEMPO_MICRO);
    else
        bytes_print(text, "\"bpm\": null, ");
    if (mark->numerator)
        bytes_print(text, "\"signature\": [%u, %u]}", mark->numerator, mark->denominator);
    else
        bytes_print(text, "\"signature\": null}");
}

void graph_json(const struct model *model, struct bytes *text)
{
    const struct edge **edges = graph_text_by_age(model);
    const char *between = "";
    bytes_print(text, "{\"nodes\": [");
    for (const struct node *node = model->first; node; node = node->next) {
        if (!node->live)
            continue;
        bytes_print(text, "%s\n", between);
        write_node(node, text);
        between = ",";
    }
    bytes_print(text, "],\n\"edges\": [");
    for (size_t i = 0; edges && i < model->n_edges; i++) {
        bytes_print(text, "%s\n", i ? "," : "");
        write_edge(edges[i], text);
    }
    bytes_print(text, "],\n\"tempo\": [");
    for (size_t i = 0; i < model->tempo.n; i++) {
        bytes_print(text, "%s\n", i ? "," : "");
        write_mark(&model->tempo.marks[i], text);
    }
    bytes_print(text, "]}");
    text->failed |= !edges;
    free(edges);
}
