#include "osc/history.h"

#include <stdlib.h>
#include <string.h>

#include "graph/tx.h"
#include "osc/command.h"
#include "osc/history_label.h"

#define GROW_NS 1000000000u /* sets of a value that are not further apart are one step */

static uint64_t now_ns(const struct history *history)
{
    const struct clock *clock = &history->ctl->engine->clock;
    return history->ctl->arrived_ns ? history->ctl->arrived_ns : clock_read(clock);
}

/* ---- the steps of a session ------------------------------------------------------------------------------------------ */

static void past_deinit(struct past *past)
{
    while (past->n)
        undo_step_free(past->steps[--past->n]);
    free(past->steps);
    *past = (struct past){0};
}

static void drop_newest(struct past *past)
{
    struct undo_step *step = past->steps[--past->n];
    past->n_bytes -= undo_step_bytes(step);
    past->n_ever = step->number - 1;
    undo_step_free(step);
}

static void drop_oldest(struct past *past)
{
    past->n_bytes -= undo_step_bytes(past->steps[0]);
    undo_step_free(past->steps[0]);
    memmove(past->steps, past->steps + 1, --past->n * sizeof(struct undo_step *));
    past->n_done--;
}

static struct undo_step *past_find(const struct past *past, uint64_t number)
{
    uint64_t first = past->n ? past->steps[0]->number : 0;
    return number >= first && number - first < past->n ? past->steps[number - first] : NULL;
}

/* What was undone can no longer be redone: the graph has gone another way. */
static void forget_undone(struct past *past)
{
    while (past->n > past->n_done)
        drop_newest(past);
    if (past->sealed > past->n_ever)
        past->sealed = past->n_ever;
}

/* False when memory ran out, the step then being the caller's still. */
static bool past_add(struct past *past, struct undo_step *step)
{
    forget_undone(past);
    if (past->n == past->n_capacity) {
        size_t n = 2 * past->n_capacity + 16;
        struct undo_step **steps = realloc(past->steps, n * sizeof(struct undo_step *));
        if (!steps)
            return false;
        past->steps = steps;
        past->n_capacity = n;
    }
    step->number = ++past->n_ever;
    past->steps[past->n++] = step;
    past->n_done = past->n;
    past->n_bytes += undo_step_bytes(step);
    return true;
}

static void keep_bounds(const struct history *history, struct past *past)
{
    while (past->n && (past->n > history->steps_max || past->n_bytes > history->bytes_max))
        drop_oldest(past);
}

/* A history with a hole in it would undo something else than what was done. */
static void forget_all(struct history *history)
{
    past_deinit(&history->past);
    host_say(history->host, true, "history", "memory ran out for the history: what was done cannot be undone");
}

/* ---- the open transaction -------------------------------------------------------------------------------------------- */

static void transaction_end(struct history *history)
{
    if (history->open)
        undo_step_clear(history->open);
    free(history->label);
    history->label = NULL;
    history->has_failed = history->is_off = history->opens = false;
    history->moved = 0;
}

static struct undo_step *open_step(struct history *history)
{
    if (!history->open)
        history->open = calloc(1, sizeof *history->open);
    return history->open;
}

static void on_noted(void *self, size_t i, const struct op *op)
{
    struct history *history = self;
    if (history->is_off && (history->opens || !history->keeper))
        return;
    struct undo_step *step = open_step(history);
    history->has_failed |= !step || !undo_step_note(step, i, op);
}

static void on_dropped(void *self)
{
    transaction_end(self);
}

/* ---- values ---------------------------------------------------------------------------------------------------------- */

/* The step that a set adds to, or null. */
static struct undo_step *growing_step(const struct history *history, uint64_t number, uint64_t node, unsigned row)
{
    const struct past *past = &history->past;
    struct undo_step *step = number > past->sealed && past->n == past->n_done ? past_find(past, number) : NULL;
    bool grows = step && step->is_value && step->node == node && step->records[0].row == row &&
                 peer_equal(&step->client, &history->client) && now_ns(history) - step->at_ns <= GROW_NS;
    return grows ? step : NULL;
}

/* Takes what was written down as a step of its own. Null when memory ran out. */
static struct undo_step *take_open(struct history *history, uint64_t revision)
{
    struct undo_step *step = history->open;
    step->revision = revision;
    step->at_ns = now_ns(history);
    step->client = history->client;
    step->label = history->label;
    history->label = NULL;
    history->open = NULL;
    if (past_add(&history->past, step))
        return step;
    undo_step_free(step);
    return NULL;
}

/* One value, set by a transaction or without one: a part of the step before, or a step. What sets a value to what it is already
 * is neither. */
static bool value_take(struct history *history, uint64_t *newest, uint64_t revision, struct entry *entry)
{
    struct undo_step *open = history->open;
    const struct record *set = &open->records[0];
    struct undo_step *step = growing_step(history, *newest, open->node, set->row);
    *entry = (struct entry){ENTRY_NOTHING};
    if (!step && base_is_same(&set->before, &set->after))
        return true;
    if (step) {
        *entry = (struct entry){.kind = ENTRY_GREW, .number = step->number, .before = step->records[0].after};
        step->records[0].after = set->after;
        step->at_ns = now_ns(history);
        return true;
    }
    if (!(step = take_open(history, revision)))
        return false;
    step->is_value = true;
    *newest = step->number;
    *entry = (struct entry){.kind = ENTRY_ADDED, .number = step->number};
    keep_bounds(history, &history->past);
    return true;
}

/* A fader that moves on adds to its step, without a word being written. */
static void on_valued(void *self, const struct node *node, unsigned row, const struct base *before,
                      const struct base *after)
{
    struct history *history = self;
    struct entry unused;
    if (node_class_row(node->class, row)->flags & PARAM_TRANSIENT)
        return;
    struct undo_step *step = growing_step(history, node->steps[row], node->sequence, row);
    if (step) {
        step->records[0].after = *after;
        step->at_ns = now_ns(history);
        return;
    }
    step = open_step(history);
    if (!step || !undo_step_note_value(step, 0, node, row, before, after) ||
        !value_take(history, &node->steps[row], history->ctl->revision, &unused))
        forget_all(history);
    if (history->open)
        undo_step_clear(history->open);
}

/* ---- what was committed ---------------------------------------------------------------------------------------------- */

static void entry_deinit(struct entry *entry)
{
    if (entry->kind == ENTRY_OPENED)
        past_deinit(&entry->before_opened);
}

static void entries_clear(struct history *history)
{
    while (history->n_entries)
        entry_deinit(&history->entries[--history->n_entries]);
    history->has_lost_entries = false;
}

static void entry_add(struct history *history, struct entry *entry)
{
    if (history->n_entries == history->n_entries_capacity) {
        size_t n = 2 * history->n_entries_capacity + 16;
        struct entry *entries = realloc(history->entries, n * sizeof *entries);
        if (!entries) {
            entry_deinit(entry);
            entries_clear(history);
            history->has_lost_entries = true;
            return;
        }
        history->entries = entries;
        history->n_entries_capacity = n;
    }
    history->entries[history->n_entries++] = *entry;
}

/* Whether the transaction was no more than the set of one value, which may be a part of the step before. */
static bool is_value(const struct history *history, size_t n)
{
    return n == 1 && !history->label && history->open->records[0].kind == RECORD_VALUE;
}

static bool step_take(struct history *history, size_t n, uint64_t revision, struct entry *entry)
{
    if (is_value(history, n)) {
        const struct record *set = &history->open->records[0];
        const char *name = (const char *)history->open->text.data + set->name;
        return value_take(history, &model_find(&history->ctl->model, name)->steps[set->row], revision, entry);
    }
    if (!history->label)
        history->label = history_label_make(history->packet, history->n_packet);
    const struct undo_step *step = take_open(history, revision);
    if (!step)
        return false;
    *entry = (struct entry){.kind = ENTRY_ADDED, .number = step->number};
    history->past.sealed = step->number;
    keep_bounds(history, &history->past);
    return true;
}

static void tell_keeper(struct history *history)
{
    static const struct undo_step nothing;
    const struct undo_step *step = history->open ? history->open : &nothing;
    if (history->keeper)
        history->keeper->committed(history->keeper->self, history->opens || history->has_failed ? NULL : step);
}

static void on_committed(void *self, size_t n, uint64_t revision, bool is_first)
{
    struct history *history = self;
    struct past *past = &history->past;
    struct entry entry = {ENTRY_NOTHING};
    tell_keeper(history);
    if (is_first)
        entries_clear(history);
    if (history->opens) {
        entry = (struct entry){.kind = ENTRY_OPENED, .before_opened = *past};
        *past = (struct past){0};
    } else if (history->moved) {
        entry = (struct entry){.kind = ENTRY_MOVED, .moved = history->moved};
        past->n_done = (size_t)((long)past->n_done + history->moved);
        past->sealed = past->n_ever;
    } else if (history->has_failed ||
               (history->open && history->open->n_records && !step_take(history, n, revision, &entry))) {
        forget_all(history);
    }
    entry_add(history, &entry);
    transaction_end(history);
}

static void on_taken_back(void *self)
{
    struct history *history = self;
    struct past *past = &history->past;
    if (history->keeper)
        history->keeper->taken_back(history->keeper->self);
    if (!history->n_entries) {
        if (history->has_lost_entries)
            forget_all(history);
        return;
    }
    struct entry *entry = &history->entries[--history->n_entries];
    struct undo_step *step = past_find(past, entry->number);
    if (entry->kind == ENTRY_ADDED && step) {
        past->n_done--;
        forget_undone(past);
    } else if (entry->kind == ENTRY_GREW && step) {
        step->records[0].after = entry->before;
    } else if (entry->kind == ENTRY_MOVED) {
        past->n_done = (size_t)((long)past->n_done - entry->moved);
    } else if (entry->kind == ENTRY_OPENED) {
        past_deinit(past);
        *past = entry->before_opened;
    }
}

/* ---- for others ------------------------------------------------------------------------------------------------------ */

void history_init(struct history *history, struct ctl *ctl, const struct host *host)
{
    *history = (struct history){.ctl = ctl,
                                .host = host,
                                .steps_max = ctl->limits.most[LIMIT_UNDO_STEPS],
                                .bytes_max = ctl->limits.most[LIMIT_UNDO_MEMORY] << 20};
    history->listener = (struct edit_listener){history, on_noted, on_committed, on_dropped, on_taken_back, on_valued};
    ctl->edits = &history->listener;
}

void history_deinit(struct history *history)
{
    entries_clear(history);
    free(history->entries);
    past_deinit(&history->past);
    undo_step_free(history->open);
    free(history->label);
}

void history_asked(struct history *history, const struct peer *client, const uint8_t *packet, size_t n)
{
    history->client = *client;
    history->packet = packet;
    history->n_packet = n;
}

void history_label(struct history *history, const char *label)
{
    free(history->label);
    history->label = strdup(label);
}

void history_open_session(struct history *history)
{
    history->is_off = history->opens = true;
}

int history_stage(struct history *history, struct call *call, int64_t n, bool is_back)
{
    const struct past *past = &history->past;
    size_t most = is_back ? past->n_done : past->n - past->n_done;
    const char *what = is_back ? "undo" : "redo";
    if (!most)
        return error_set(call->error, ERROR_NO_MATCH, "there is nothing to %s", what);
    if (n < 1 || n > (int64_t)most)
        return error_set(call->error, ERROR_RANGE, "steps %lld is outside its range 1 to %zu: there are no more to %s",
                         (long long)n, most, what);
    history->is_off = true;
    history->moved = is_back ? -(long)n : (long)n;
    tx_restore(call->tx);
    for (size_t i = 0; i < (size_t)n; i++)
        if (undo_step_stage(call, past->steps[is_back ? past->n_done - 1 - i : past->n_done + i], is_back))
            return (int)call->error->code;
    return 0;
}
