/* What is the default is left out: the text shows what somebody chose, and a later version may have better defaults for
 * the rest. */
#include "osc/graph_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/packet.h"
#include "osc/target.h"
#include "osc/text.h"

#include "osc/writer.h"

/* The writer lays out a message and text_format spells it, so that what is told is what would be sent. */
static void line_end(struct writer *line, const char *address, struct bytes *text)
{
    struct bytes packet = {0};
    if (writer_end(line, address, &packet))
        text->failed = true;
    else
        text_format(packet.data, text);
    bytes_add_byte(text, '\n');
    bytes_deinit(&packet);
}

static bool is_default(const struct node *node, unsigned row)
{
    const struct param_info *info = node_class_row(node->class, row);
    if (info->flags & PARAM_TRANSIENT)
        return true;
    return param_is_path(info) ? !node->texts[row] : node->values[row] == info->initial && !node->notes[row];
}

void graph_text_label(const struct node *node, const char *label, struct bytes *text)
{
    struct writer line;
    char address[NAME_BYTES + 16];
    snprintf(address, sizeof address, "/node/%s/label", node->name);
    writer_init(&line);
    writer_string(&line, label ? label : "");
    line_end(&line, address, text);
}

/* A node that always exists is not added: only what differs is said. */
static void fixture_text(const struct node *node, struct bytes *text)
{
    if (node->label)
        graph_text_label(node, node->label, text);
    for (unsigned row = 0; row <= node->class->n_params; row++) {
        if (is_default(node, row))
            continue;
        struct writer line;
        char address[NAME_BYTES + NAME_PART_BYTES + 8];
        snprintf(address, sizeof address, "/node/%s/%s", node->name, node_class_row(node->class, row)->name);
        writer_init(&line);
        target_write_param(&line, node, row);
        line_end(&line, address, text);
    }
}

/* What is not a value. */
static void wishes_text(const struct node *node, struct bytes *text)
{
    struct writer line;
    if (!node->is_uncompensated)
        return;
    writer_init(&line);
    writer_string(&line, node->name);
    writer_int(&line, 0);
    line_end(&line, "/graph/compensate", text);
}

void graph_text_node(const struct node *node, struct bytes *text)
{
    struct writer line;
    if (node->fixture) {
        fixture_text(node, text);
        wishes_text(node, text);
        return;
    }
    writer_init(&line);
    writer_string(&line, node->class->name);
    writer_string(&line, node->name);
    if (node->channels != node->class->channels) {
        writer_string(&line, "channels");
        writer_int(&line, (int32_t)node->channels);
    }
    for (unsigned row = 0; row <= node->class->n_params; row++)
        if (!is_default(node, row)) {
            writer_string(&line, node_class_row(node->class, row)->name);
            target_write_param(&line, node, row);
        }
    if (node->label) {
        writer_string(&line, "label");
        writer_string(&line, node->label);
    }
    line_end(&line, "/graph/add", text);
    wishes_text(node, text);
}

/* "node:port", with the channels where not all of them are meant. */
static void port_print(char *text, size_t bytes, const struct node *node, const char *port, unsigned first, unsigned n,
                       unsigned width)
{
    int at = snprintf(text, bytes, "%s:%s", node->name, port);
    if (n == width || at < 0 || (size_t)at >= bytes)
        return;
    if (n == 1)
        snprintf(text + at, bytes - (size_t)at, ".%u", first + 1);
    else
        snprintf(text + at, bytes - (size_t)at, ".%u-%u", first + 1, first + n);
}

/* Ports are named even where they could be omitted: a type may be given another one in front. */
static void edge_ends(const struct edge *edge, char *from, char *to, size_t bytes)
{
    port_print(from, bytes, edge->from, edge->from->class->outputs[edge->from_port].name, edge->from_first, edge->n_from,
               node_output_channels(edge->from, edge->from_port));
    port_print(to, bytes, edge->to, node_input_name(edge->to, edge->to_port), edge->to_first, edge->n_to,
               node_input_channels(edge->to, edge->to_port));
}

static bool modulates(const struct edge *edge)
{
    return edge->to_port >= edge->to->class->n_inputs;
}

/* A line that begins with both ends. */
static struct writer edge_line(const struct edge *edge)
{
    char from[NAME_BYTES + NAME_PART_BYTES + 8], to[sizeof from];
    struct writer line;
    edge_ends(edge, from, to, sizeof from);
    writer_init(&line);
    writer_string(&line, from);
    writer_string(&line, to);
    return line;
}

void graph_text_edge(const struct edge *edge, struct bytes *text)
{
    struct writer line = edge_line(edge);
    if (edge->gain_db != 0.0f) {
        writer_string(&line, "gain");
        writer_float(&line, edge->gain_db);
    }
    if (modulates(edge)) {
        writer_string(&line, "depth");
        writer_float(&line, edge->depth);
    }
    if (edge->is_feedback)
        writer_string(&line, "feedback");
    line_end(&line, "/graph/connect", text);
}

void graph_text_disconnect(const struct edge *edge, struct bytes *text)
{
    struct writer line = edge_line(edge);
    line_end(&line, "/graph/disconnect", text);
}

void graph_text_edges(const struct node *node, struct bytes *text)
{
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
        if (edge->live)
            graph_text_edge(edge, text);
}

void graph_text_cable(const char *node, bool is_source, const struct cable *cable, struct bytes *text)
{
    char name[DEVICE_NAME_BYTES];
    bool has_other = *cable->other;
    struct writer line;
    snprintf(name, sizeof name, "%s_%u", node, cable->channel + 1);
    writer_init(&line);
    writer_string(&line, is_source || !has_other ? name : cable->other);
    if (has_other)
        writer_string(&line, is_source ? cable->other : name);
    if (has_other || !cable->is_cut)
        writer_string(&line, "wait");
    line_end(&line, cable->is_cut ? "/jack/disconnect" : "/jack/connect", text);
}

const char *const graph_text_mapping_modes[N_MAPPING_MODES] = {"", "pickup", "twos", "offset", "sign"};

/* What a mapping is known by: its parameter, its source, channel and number, in the order of each command. */
static void mapping_source(const struct mapping *mapping, struct writer *line)
{
    writer_string(line, mapping->source ? mapping->source->name : "*");
    writer_int(line, (int32_t)mapping->channel);
    writer_int(line, (int32_t)mapping->number);
}

static void mapping_target(const struct node *node, const struct mapping *mapping, struct writer *line)
{
    char target[NAME_BYTES + NAME_PART_BYTES + 2];
    snprintf(target, sizeof target, "%s:%s", node->name, node_class_row(node->class, mapping->row)->name);
    writer_string(line, target);
}

void graph_text_mapping(const struct node *node, const struct mapping *mapping, struct bytes *text)
{
    struct writer line;
    writer_init(&line);
    mapping_source(mapping, &line);
    mapping_target(node, mapping, &line);
    writer_string(&line, "min");
    writer_float(&line, mapping->from);
    writer_string(&line, "max");
    writer_float(&line, mapping->to);
    if (mapping->mode > MAPPING_PICKUP)
        writer_string(&line, "relative");
    if (mapping->mode != MAPPING_JUMP)
        writer_string(&line, graph_text_mapping_modes[mapping->mode]);
    line_end(&line, "/map/cc", text);
}

void graph_text_unmap(const struct node *node, const struct mapping *mapping, struct bytes *text)
{
    struct writer line;
    writer_init(&line);
    mapping_target(node, mapping, &line);
    mapping_source(mapping, &line);
    line_end(&line, "/map/remove", text);
}

static int compare_age(const void *a, const void *b)
{
    const struct edge *const *x = a, *const *y = b;
    return ((*x)->sequence > (*y)->sequence) - ((*x)->sequence < (*y)->sequence);
}

const struct edge **graph_text_by_age(const struct model *model)
{
    const struct edge **edges = malloc((model->n_edges + 1) * sizeof(const struct edge *));
    size_t n = 0;
    if (!edges)
        return NULL;
    for (const struct node *node = model->first; node; node = node->next)
        for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
            if (edge->live)
                edges[n++] = edge;
    qsort(edges, n, sizeof(const struct edge *), compare_age);
    return edges;
}

/* As a float where that comes back as the same tempo. */
static void bpm_write(struct writer *line, uint32_t micro_bpm)
{
    double bpm = (double)micro_bpm / TEMPO_MICRO;
    if ((uint32_t)((double)(float)bpm * TEMPO_MICRO + 0.5) == micro_bpm)
        writer_float(line, (float)bpm);
    else
        writer_double(line, bpm);
}

/* "/transport/tempo 90.0 at 17:1:0": the place is always said, since without it the place of the transport would count. */
static void mark_end(struct writer *line, const char *address, const struct bars *at, struct bytes *text)
{
    char place[BARS_BYTES];
    bars_print(at, place);
    writer_string(line, "at");
    writer_string(line, place);
    line_end(line, address, text);
}

static void signature_text(const struct tempo_mark *mark, struct bytes *text)
{
    struct writer line;
    writer_init(&line);
    writer_int(&line, (int32_t)mark->numerator);
    writer_int(&line, (int32_t)mark->denominator);
    mark_end(&line, "/transport/signature", &mark->at, text);
}

static void bpm_text(const struct tempo_mark *mark, struct bytes *text)
{
    struct writer line;
    writer_init(&line);
    bpm_write(&line, mark->micro_bpm);
    mark_end(&line, "/transport/tempo", &mark->at, text);
}

void graph_text_mark(const struct tempo_mark *mark, struct bytes *text)
{
    char place[BARS_BYTES];
    bars_print(&mark->at, place);
    if (mark->numerator)
        signature_text(mark, text);
    if (mark->micro_bpm)
        bpm_text(mark, text);
    if (!mark->numerator && !mark->micro_bpm)
        bytes_print(text, "/transport/clear %s\n", place);
}

void graph_text_tempo(const struct tempo_list *list, struct bytes *text)
{
    struct tempo_state before = tempo_list_state(&(struct tempo_list){0}, &(struct bars){1, 1, 0});
    for (size_t i = 0; i < list->n; i++) {
        const struct tempo_mark *mark = &list->marks[i];
        bool begins = bars_compare(&mark->at, &before.tempo_at) == 0;
        if (mark->numerator && !(begins && mark->numerator == before.numerator && mark->denominator == before.denominator))
            signature_text(mark, text);
        if (mark->micro_bpm && !(begins && mark->micro_bpm == before.micro_bpm))
            bpm_text(mark, text);
    }
}

void graph_text_osc(const struct model *model, struct bytes *text)
{
    const struct edge **edges = graph_text_by_age(model);
    graph_text_tempo(&model->tempo, text);
    for (const struct node *node = model->first; node; node = node->next)
        if (node->live)
            graph_text_node(node, text);
    for (size_t i = 0; edges && i < model->n_edges; i++)
        graph_text_edge(edges[i], text);
    text->failed |= !edges;
    free(edges);
}

/* ---- Graphviz ------------------------------------------------------------------------------------------------------- */

static void dot_string(const char *string, struct bytes *text)
{
    for (; *string; string++) {
        if (*string == '"' || *string == '\\')
            bytes_add_byte(text, '\\');
        bytes_add_byte(text, (uint8_t)*string < ' ' ? '?' : (uint8_t)*string);
    }
}

static void dot_value(const struct node *node, unsigned row, struct bytes *text)
{
    const struct param_info *info = node_class_row(node->class, row);
    bytes_print(text, "\\n%s ", info->name);
    if (param_is_path(info)) {
        const char *slash = strrchr(node->texts[row], '/');
        dot_string(slash ? slash + 1 : node->texts[row], text);
    } else if (info->kind == PARAM_CHOICE) {
        dot_string(info->choices[(unsigned)node->values[row]], text);
    } else if (node->notes[row]) {
        char note[NOTE_BYTES];
        note_print(node->notes[row], note);
        bytes_print(text, "%s", note);
    } else {
        bytes_print(text, "%.4g%s%s", (double)node->values[row], *info->unit ? " " : "", info->unit);
    }
}

/* Values that were never moved would only hide those that were. */
static void dot_node(const struct node *node, struct bytes *text)
{
    bytes_print(text, "    \"%s\" [label=\"%s\\n%s", node->name, node->name, node->class->name);
    if (node->label) {
        bytes_print(text, "\\n");
        dot_string(node->label, text);
    }
    for (unsigned row = 0; row <= node->class->n_params; row++)
        if (!is_default(node, row))
            dot_value(node, row, text);
    bytes_print(text, "\"%s];\n", node->class->device ? ", style=\"rounded,filled\", fillcolor=\"#dde8f4\"" : "");
}

/* What goes back does not push the nodes apart: the drawing runs from left to right as the sound does. */
static void dot_edge(const struct edge *edge, struct bytes *text)
{
    bytes_print(text, "    \"%s\" -> \"%s\"", edge->from->name, edge->to->name);
    if (modulates(edge))
        bytes_print(text, " [style=dashed, label=\"%s x %.4g\"]", node_input_name(edge->to, edge->to_port),
                    (double)edge->depth);
    else if (edge_carries_events(edge))
        bytes_print(text, " [style=dashed, color=\"#2e7d32\"]");
    else if (edge->gain_db != 0.0f)
        bytes_print(text, " [label=\"%.4g dB\"]", (double)edge->gain_db);
    bytes_print(text, "%s;\n", edge->is_feedback ? " [color=gray, constraint=false]" : "");
}

void graph_text_dot(const struct model *model, struct bytes *text)
{
    bytes_print(
        text,
        "digraph dawd {\n    rankdir=LR;\n    node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11];\n"
        "    edge [fontname=\"sans-serif\", fontsize=9];\n");
    for (const struct node *node = model->first; node; node = node->next)
        if (node->live)
            dot_node(node, text);
    for (const struct node *node = model->first; node; node = node->next)
        for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
            if (edge->live)
                dot_edge(edge, text);
    bytes_print(text, "}\n");
}
