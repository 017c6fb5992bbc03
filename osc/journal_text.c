#include "osc/journal_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/cable.h"
#include "graph/mutant.h"
#include "graph/tx.h"
#include "osc/dispatch.h"
#include "osc/graph_text.h"
#include "osc/server.h"
#include "osc/target.h"
#include "osc/text.h"

#define CABLES "cables "
#define MARK   "mark "

/* ---- writing --------------------------------------------------------------------------------------------------------- */

static const char *text_at(const struct undo_step *step, size_t at)
{
    return (const char *)step->text.data + at;
}

static void mark_print(const struct tempo_mark *mark, struct bytes *text)
{
    char place[BARS_BYTES];
    bars_print(&mark->at, place);
    bytes_print(text, MARK "%s %u %u %u\n", place, mark->micro_bpm, mark->numerator, mark->denominator);
}

/* All wishes, since the language has no word for the order of those that are there already. */
static void cables_print(const struct undo_step *step, const struct record *record, struct bytes *text)
{
    const char *name = text_at(step, record->name);
    bytes_print(text, CABLES "%s\n", name);
    for (unsigned i = 0; i < record->n_forth; i++) {
        struct cable cable;
        memcpy(&cable, text_at(step, record->forth) + i * sizeof cable, sizeof cable);
        graph_text_cable(name, record->is_source, &cable, text);
    }
}

void journal_text_step(const struct undo_step *step, bool *renames, struct bytes *text)
{
    *renames = false;
    for (size_t i = 0; i < step->n_records; i++) {
        const struct record *record = &step->records[i];
        const char *lines = text_at(step, record->forth);
        if (record->kind == RECORD_CABLES) {
            cables_print(step, record, text);
        } else if (record->kind == RECORD_MARK) {
            mark_print(&record->mark_after, text);
        } else if (record->kind == RECORD_LINES) {
            if (record->forth_place && !MUTANT_FLAW("placeless"))
                bytes_print(text, "%" PRIu64 " ", record->forth_place);
            bytes_add(text, lines, strlen(lines));
            *renames |= strncmp(lines, "/graph/rename", 13) == 0;
        }
    }
}

static bool is_kept(const struct node *node, unsigned row)
{
    const struct param_info *info = node_class_row(node->class, row);
    return !(info->flags & (PARAM_TRANSIENT | PARAM_AT_CREATION)) && !param_is_path(info) &&
           node_class_has(node->class, node->values, info->number);
}

static void value_print(const struct node *node, unsigned row, struct bytes *text)
{
    char address[NAME_BYTES + NAME_PART_BYTES + 8];
    struct bytes packet = {0};
    struct writer line;
    snprintf(address, sizeof address, "/node/%s/%s", node->name, node_class_row(node->class, row)->name);
    writer_init(&line);
    target_write_param(&line, node, row);
    text->failed |= writer_end(&line, address, &packet) != 0;
    if (!text->failed)
        text_format(packet.data, text);
    bytes_add_byte(text, '\n');
    bytes_deinit(&packet);
}

void journal_text_values(const struct model *model, const struct journal_seen *seen, bool has_lines, struct bytes *text)
{
    for (const struct node *node = stamp_after(model, seen->stamp); node; node = node->stamp_next) {
        bool is_told = has_lines && node->sequence > seen->sequence;
        for (unsigned row = 0; row <= node->class->n_params; row++) {
            uint64_t number = node->stamps[row].set;
            if (number > seen->stamp && !(is_told && number == node->first_stamp) && is_kept(node, row))
                value_print(node, row, text);
        }
    }
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static int message_stage(struct request *request, struct tx *tx, const char *line, size_t n, struct error *error)
{
    struct bytes packet = {0};
    enum text_line kind;
    int code = text_parse(line, n, &kind, &packet, error);
    if (!code && kind != TEXT_MESSAGE)
        code = error_set(error, ERROR_BAD_FILE, "a line that is none of the journal's");
    if (!code) {
        struct message message = message_read(packet.data);
        code = dispatch_stage(request, tx, &message, DISPATCH_SESSION, error);
    }
    bytes_deinit(&packet);
    return code;
}

static int cables_stage(struct tx *tx, struct model *model, const char *name, struct error *error)
{
    struct node *node = model_get(model, name, error);
    return node ? tx_clear_cables(tx, node, CABLE_ALL, error) : (int)error->code;
}

static int mark_stage(struct tx *tx, const char *words, struct error *error)
{
    struct tempo_mark mark = {0};
    char place[BARS_BYTES];
    bool is_fine = sscanf(words, "%63s %u %u %u", place, &mark.micro_bpm, &mark.numerator, &mark.denominator) == 4 &&
                   bars_parse(place, &mark.at);
    return is_fine ? tx_put_mark(tx, &mark, error)
                   : error_set(error, ERROR_BAD_FILE, "a mark of the tempo that cannot be read");
}

static bool begins(const char *line, size_t n, const char *word)
{
    return n >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

static int line_stage(struct request *request, struct tx *tx, const char *line, size_t n, struct error *error)
{
    struct model *model = &request->server->ctl->model;
    char words[NAME_BYTES + BARS_BYTES + 64];
    uint64_t place = 0;
    if (begins(line, n, CABLES) || begins(line, n, MARK)) {
        size_t n_word = line[0] == 'c' ? strlen(CABLES) : strlen(MARK);
        snprintf(words, sizeof words, "%.*s", (int)(n - n_word), line + n_word);
        return line[0] == 'c' ? cables_stage(tx, model, words, error) : mark_stage(tx, words, error);
    }
    for (; n && *line >= '0' && *line <= '9'; line++, n--)
        place = 10 * place + (uint64_t)(*line - '0');
    if (place && n && *line == ' ') {
        line++;
        n--;
    }
    tx_take_place(tx, place);
    return message_stage(request, tx, line, n, error);
}

int journal_text_stage(struct request *request, struct tx *tx, const char *text, size_t n, struct error *error)
{
    for (const char *end = text + n, *newline; text < end; text = newline + 1) {
        newline = memchr(text, '\n', (size_t)(end - text));
        if (!newline)
            return error_set(error, ERROR_BAD_FILE, "a line without an end");
        if (line_stage(request, tx, text, (size_t)(newline - text), error))
            return (int)error->code;
    }
    return 0;
}
