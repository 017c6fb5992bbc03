/* Lines are written when the op is made, from the graph of that moment. */
#include "osc/undo_step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/cable.h"
#include "graph/transport.h"
#include "osc/dispatch.h"
#include "osc/graph_text.h"
#include "osc/server.h"
#include "osc/text.h"
#include "osc/undo_lines.h"

#define KEPT_BYTES 4096 /* of the text of a step that is being written again and again */

void undo_step_free(struct undo_step *step)
{
    if (!step)
        return;
    bytes_deinit(&step->text);
    free(step->records);
    free(step->label);
    free(step);
}

void undo_step_clear(struct undo_step *step)
{
    bytes_clear(&step->text, KEPT_BYTES);
    step->n_records = 0;
    free(step->label);
    step->label = NULL;
}

size_t undo_step_bytes(const struct undo_step *step)
{
    return sizeof *step + step->n_capacity * sizeof *step->records + step->text.capacity +
           (step->label ? strlen(step->label) + 1 : 0);
}

/* ---- writing down ---------------------------------------------------------------------------------------------------- */

static void forget_from(struct undo_step *step, size_t i)
{
    while (step->n_records && step->records[step->n_records - 1].op >= i)
        step->n_records--;
}

/* One more of the i-th op, zeroed. Null when memory ran out. */
static struct record *record_next(struct undo_step *step, size_t i)
{
    if (step->n_records == step->n_capacity) {
        size_t n = 2 * step->n_capacity + 1; /* most steps are one edit */
        struct record *records = realloc(step->records, n * sizeof *records);
        if (!records)
            return NULL;
        step->records = records;
        step->n_capacity = n;
    }
    struct record *record = &step->records[step->n_records++];
    *record = (struct record){.op = i};
    return record;
}

static size_t add_name(struct bytes *text, const char *name)
{
    size_t at = text->n;
    bytes_add(text, name, strlen(name) + 1);
    return at;
}

static size_t add_cables(struct bytes *text, const struct cables *cables, unsigned *n)
{
    size_t at = text->n;
    *n = cables ? cables->n : 0;
    bytes_add(text, cables ? cables->cables : NULL, *n * sizeof(struct cable));
    return at;
}

static bool cables_note(struct undo_step *step, size_t i, const struct node *node, const struct cables *before,
                        const struct cables *after)
{
    struct record *record = record_next(step, i);
    if (!record)
        return false;
    record->kind = RECORD_CABLES;
    record->is_source = node_device_gives(node->class->device);
    record->name = add_name(&step->text, node->name);
    record->back = add_cables(&step->text, before, &record->n_back);
    record->forth = add_cables(&step->text, after, &record->n_forth);
    return true;
}

static void node_note(struct undo_step *step, struct record *record, const struct node *node, bool is_added)
{
    size_t remove = undo_lines_words(&step->text, "/graph/remove", node->name, NULL), add = step->text.n;
    graph_text_node(node, &step->text);
    bytes_add_byte(&step->text, '\0');
    record->back = is_added ? remove : add;
    record->forth = is_added ? add : remove;
    *(is_added ? &record->forth_place : &record->back_place) = node->sequence;
}

static void edge_note(struct undo_step *step, struct record *record, const struct op *op)
{
    struct edge before = *op->edge;
    size_t now = step->text.n;
    graph_text_edge(op->edge, &step->text);
    bytes_add_byte(&step->text, '\0');
    size_t other = step->text.n;
    if (op->kind == OP_EDGE_SET) {
        before.gain_db = op->old_gain_db;
        before.depth = op->old_depth;
        graph_text_edge(&before, &step->text);
    } else {
        graph_text_disconnect(op->edge, &step->text);
    }
    bytes_add_byte(&step->text, '\0');
    bool is_removed = op->kind == OP_EDGE_REMOVE;
    record->back = is_removed ? now : other;
    record->forth = is_removed ? other : now;
    if (op->kind != OP_EDGE_SET)
        *(is_removed ? &record->back_place : &record->forth_place) = op->edge->sequence;
}

bool undo_step_note_value(struct undo_step *step, size_t i, const struct node *node, unsigned row,
                          const struct base *before, const struct base *after)
{
    forget_from(step, i);
    struct record *record = record_next(step, i);
    if (!record)
        return false;
    record->kind = RECORD_VALUE;
    record->row = row;
    record->before = *before;
    record->after = *after;
    record->name = add_name(&step->text, node->name);
    record->forth = add_name(&step->text, node_class_row(node->class, row)->name);
    step->node = node->sequence;
    return !step->text.failed;
}

static void compensation_note(struct undo_step *step, struct record *record, const struct op *op)
{
    static const char *const words[] = {"1", "0"}; /* by whether it is uncompensated */
    const struct node *node = op->node;
    record->back = undo_lines_words(&step->text, "/graph/compensate", node->name, words[op->old_flag]);
    record->forth = undo_lines_words(&step->text, "/graph/compensate", node->name, words[node->is_uncompensated]);
}

bool undo_step_note(struct undo_step *step, size_t i, const struct op *op)
{
    /* What is of the moment, and where the transport is, is nobody's to take back. */
    if (op->kind == OP_ORDER || op->kind == OP_EVENT ||
        (op->kind == OP_VALUE && node_class_row(op->node->class, op->row)->flags & PARAM_TRANSIENT))
        return true;
    if (op->kind == OP_VALUE)
        return undo_step_note_value(step, i, op->node, op->row, &op->old_base, &op->base);
    forget_from(step, i);
    if (op->kind == OP_CABLE)
        return cables_note(step, i, op->node, op->old_cables, op->node->cables) && !step->text.failed;
    /* What a node is connected to outside goes before it does, and comes behind it. */
    if (op->kind == OP_NODE_REMOVE && op->node->cables && !cables_note(step, i, op->node, op->node->cables, NULL))
        return false;
    struct record *record = record_next(step, i);
    if (!record)
        return false;
    switch (op->kind) {
    case OP_NODE_ADD:
    case OP_NODE_REMOVE:
        node_note(step, record, op->node, op->kind == OP_NODE_ADD);
        break;
    case OP_NODE_RENAME:
        record->back = undo_lines_words(&step->text, "/graph/rename", op->node->name, op->old_name);
        record->forth = undo_lines_words(&step->text, "/graph/rename", op->old_name, op->node->name);
        break;
    case OP_LABEL:
        record->back = undo_lines_label(&step->text, op->node, op->old_name);
        record->forth = undo_lines_label(&step->text, op->node, op->node->label);
        break;
    case OP_NODE_COMPENSATE:
        compensation_note(step, record, op);
        break;
    case OP_MAPPING:
        record->back = undo_lines_mappings(&step->text, op->node, op->node->mappings, op->old_mappings);
        record->forth = undo_lines_mappings(&step->text, op->node, op->old_mappings, op->node->mappings);
        break;
    case OP_MARK:
        record->kind = RECORD_MARK;
        record->mark_before = op->old_mark;
        record->mark_after = op->new_mark;
        break;
    case OP_SYNC:
        record->back = undo_lines_sync(&step->text, &op->old_sync);
        record->forth = undo_lines_sync(&step->text, &op->new_sync);
        break;
    case OP_EDGE_ADD:
    case OP_EDGE_REMOVE:
    case OP_EDGE_SET:
        edge_note(step, record, op);
        break;
    case OP_CABLE:
    case OP_VALUE:
    case OP_ORDER:
    case OP_EVENT: /* done above */
        break;
    }
    return !step->text.failed;
}

/* ---- doing ----------------------------------------------------------------------------------------------------------- */

static const char *text_at(const struct undo_step *step, size_t at)
{
    return step->text.data ? (const char *)step->text.data + at : ""; /* marks need none */
}

static int line_stage(struct call *call, const char *line, size_t n)
{
    struct bytes packet = {0};
    enum text_line kind;
    int code = text_parse(line, n, &kind, &packet, call->error);
    if (!code) {
        struct message message = message_read(packet.data);
        code = dispatch_stage(call->request, call->tx, &message, DISPATCH_SESSION, call->error);
    }
    bytes_deinit(&packet);
    return code;
}

/* The place is that of what the first line makes. */
static int lines_stage(struct call *call, const char *lines, uint64_t place)
{
    tx_take_place(call->tx, place);
    for (size_t n; *lines; lines += n + 1) {
        n = strcspn(lines, "\n");
        if (line_stage(call, lines, n))
            return (int)call->error->code;
    }
    return 0;
}

static int record_stage(struct call *call, const struct undo_step *step, const struct record *record, bool is_back)
{
    if (record->kind == RECORD_LINES)
        return lines_stage(call, text_at(step, is_back ? record->back : record->forth),
                           is_back ? record->back_place : record->forth_place);
    if (record->kind == RECORD_MARK)
        return tx_put_mark(call->tx, is_back ? &record->mark_before : &record->mark_after, call->error);
    struct node *node = model_get(&call->server->ctl->model, text_at(step, record->name), call->error);
    if (node && record->kind == RECORD_CABLES)
        return tx_put_cables(call->tx, node, text_at(step, is_back ? record->back : record->forth),
                             is_back ? record->n_back : record->n_forth, call->error);
    return node ? tx_set_base(call->tx, node, record->row, is_back ? &record->before : &record->after, -1, call->error)
                : (int)call->error->code;
}

int undo_step_stage(struct call *call, const struct undo_step *step, bool is_back)
{
    size_t n = step->n_records;
    for (size_t i = 0; i < n; i++)
        if (record_stage(call, step, &step->records[is_back ? n - 1 - i : i], is_back)) {
            const struct error inner = *call->error;
            char name[64];
            undo_step_name(step, name, sizeof name);
            return error_set(call->error, inner.code, "%s of \"%s\": %.380s", is_back ? "undo" : "redo", name, inner.text);
        }
    return 0;
}

/* ---- telling --------------------------------------------------------------------------------------------------------- */

static struct cable cable_at(const struct undo_step *step, size_t at, unsigned i)
{
    struct cable cable;
    memcpy(&cable, text_at(step, at) + i * sizeof cable, sizeof cable);
    return cable;
}

static bool has_cable(const struct undo_step *step, size_t at, unsigned n, const struct cable *cable)
{
    for (unsigned i = 0; i < n; i++) {
        struct cable other = cable_at(step, at, i);
        if (other.channel == cable->channel && other.is_cut == cable->is_cut && strcmp(other.other, cable->other) == 0)
            return true;
    }
    return false;
}

/* The wishes that are new in it. */
static void cables_print(const struct undo_step *step, const struct record *record, bool is_back, struct bytes *text)
{
    size_t before = is_back ? record->forth : record->back, after = is_back ? record->back : record->forth;
    unsigned n_before = is_back ? record->n_forth : record->n_back, n_after = is_back ? record->n_back : record->n_forth;
    for (unsigned i = 0; i < n_after; i++) {
        struct cable cable = cable_at(step, after, i);
        if (!has_cable(step, before, n_before, &cable))
            graph_text_cable(text_at(step, record->name), record->is_source, &cable, text);
    }
}

static void base_print(const struct base *base, struct writer *value)
{
    char note[NOTE_BYTES];
    note_print(base->note, note);
    if (base->note)
        writer_string(value, note);
    else
        writer_float(value, base->value);
}

static void record_print(const struct undo_step *step, const struct record *record, bool is_back, struct bytes *text)
{
    const char *line = text_at(step, is_back ? record->back : record->forth);
    struct bytes packet = {0};
    struct writer value;
    char address[NAME_BYTES + NAME_PART_BYTES + 8];
    switch (record->kind) {
    case RECORD_LINES:
        bytes_add(text, line, strlen(line));
        return;
    case RECORD_MARK:
        graph_text_mark(is_back ? &record->mark_before : &record->mark_after, text);
        return;
    case RECORD_CABLES:
        cables_print(step, record, is_back, text);
        return;
    case RECORD_VALUE:
        snprintf(address, sizeof address, "/node/%s/%s", text_at(step, record->name), text_at(step, record->forth));
        writer_init(&value);
        base_print(is_back ? &record->before : &record->after, &value);
        text->failed |= writer_end(&value, address, &packet) != 0;
        if (!text->failed)
            text_format(packet.data, text);
        bytes_add_byte(text, '\n');
        bytes_deinit(&packet);
    }
}

void undo_step_print(const struct undo_step *step, bool is_back, struct bytes *text)
{
    size_t n = step->n_records;
    for (size_t i = 0; i < n; i++)
        record_print(step, &step->records[is_back ? n - 1 - i : i], is_back, text);
}

/* A character of UTF-8 is not cut in the middle. */
static size_t cut(const char *text, size_t n)
{
    while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return n;
}

void undo_step_name(const struct undo_step *step, char *name, size_t n)
{
    struct bytes text = {0};
    const char *label = step->label;
    if (!label) {
        record_print(step, &step->records[0], false, &text);
        bytes_add_byte(&text, '\0');
        label = text.failed ? "" : (const char *)text.data;
    }
    size_t length = strcspn(label, step->label ? "" : "\n"), most = n - 1;
    int used = snprintf(name, n, "%.*s", (int)(length > most ? cut(label, most) : length), label);
    if (!step->label && step->n_records > 1 && (size_t)used < n)
        snprintf(name + used, n - (size_t)used, " and %zu more", step->n_records - 1);
    bytes_deinit(&text);
}
