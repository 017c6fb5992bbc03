/* A level is measured by the audio thread as long as it is looked at, and known only some time after the first look. */
#include "osc/measured.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/ctl.h"
#include "osc/notes_on.h"
#include "osc/pattern.h"
#include "osc/sub.h"
#include "osc/target.h"
#include "osc/writer.h"

#define RENEW_S     2.0 /* of METER_LEASE_S may be left when it is renewed */
#define CHECK_NODES 256 /* in one poll */
#define SILENCE_DB  (-200.0f)

/* ---- rows ----------------------------------------------------------------------------------------------------------- */

void measured_address(const struct node *node, const struct measured_row *row, char *address, size_t n, size_t bytes)
{
    if (row->kind == MEASURED_LEVEL)
        level_address(node->class, row->row, address + n, bytes - n);
    else
        snprintf(address + n, bytes - n, "%s",
                 row->kind == MEASURED_NOTES ? NOTES_NAME : node->class->readings[row->row].name);
}

void measured_write(struct writer *results, const struct node *node, const struct measured_row *row)
{
    if (row->kind == MEASURED_NOTES) {
        notes_on_write(results, node);
        return;
    }
    for (unsigned i = 0; i < row->n_values; i++)
        writer_float(results, row->values[i]);
}

static size_t node_address(const struct node *node, char *address, size_t bytes)
{
    return (size_t)snprintf(address, bytes, "%s%s/", TARGET_PREFIX, node->name);
}

/* Makes the i-th of all rows that a node of this class may have: readings, notes, levels. False from the end on. */
static bool row_make(const struct node *node, unsigned i, struct measured_row *row)
{
    char path[NAME_PART_BYTES + 8];
    unsigned n_readings = node->class->n_readings, n_first = n_readings + 1;
    *row = (struct measured_row){.row = i, .n_values = 1};
    if (i < n_readings)
        return true;
    if (i == n_readings) {
        row->kind = MEASURED_NOTES;
        row->n_values = notes_on_has(node->class);
        return true;
    }
    row->kind = MEASURED_LEVEL;
    row->row = i - n_first;
    if (!level_address(node->class, row->row, path, sizeof path))
        return false;
    row->n_values = level_find(node, path, &row->level) ? row->level.n_channels : 0;
    return true;
}

static bool has_row(const struct measured_node *watched, const struct measured_row *row)
{
    for (unsigned i = 0; watched && i < watched->n_rows; i++)
        if (watched->rows[i].kind == row->kind && watched->rows[i].row == row->row)
            return true;
    return false;
}

/* ---- who wants what ------------------------------------------------------------------------------------------------- */

static void nodes_add(struct measured *measured, struct node *node)
{
    if (measured->n == measured->capacity) {
        size_t n = 2 * measured->capacity + 64;
        struct node **nodes = realloc(measured->nodes, n * sizeof(struct node *));
        if (!nodes)
            return;
        measured->nodes = nodes;
        measured->capacity = n;
    }
    measured->nodes[measured->n++] = node;
}

static void row_add(struct measured *measured, const struct ctl *ctl, struct node *node, const struct measured_row *row)
{
    struct measured_node *watched = node->watched;
    unsigned n = watched ? watched->n_rows : 0;
    watched = realloc(watched, sizeof *watched + (n + 1) * sizeof *row);
    if (!watched)
        return;
    if (!n) {
        *watched = (struct measured_node){0};
        if (measured->n_names == ctl->model.stamps.n_names)
            nodes_add(measured, node);
    }
    watched->rows[n] = *row;
    watched->n_rows = n + 1;
    node->watched = watched;
}

void measured_want(struct measured *measured, const struct ctl *ctl, struct node *node, const struct sub *sub)
{
    char address[SUB_PATTERN_BYTES];
    size_t n = node_address(node, address, sizeof address);
    struct measured_row row;
    for (unsigned i = 0; row_make(node, i, &row); i++) {
        measured_address(node, &row, address, n, sizeof address);
        if (row.n_values && pattern_match(sub->pattern, address) && !has_row(node->watched, &row))
            row_add(measured, ctl, node, &row);
    }
}

static bool is_wanted(const struct subs *subs, const char *address)
{
    for (const struct sub *sub = subs->first; sub; sub = sub->next)
        if (pattern_match(sub->pattern, address))
            return true;
    return false;
}

static void rows_check(const struct subs *subs, struct node *node)
{
    struct measured_node *watched = node->watched;
    char address[SUB_PATTERN_BYTES];
    size_t n = node_address(node, address, sizeof address);
    unsigned n_rows = 0;
    for (unsigned i = 0; i < watched->n_rows; i++) {
        measured_address(node, &watched->rows[i], address, n, sizeof address);
        if (is_wanted(subs, address))
            watched->rows[n_rows++] = watched->rows[i];
    }
    watched->n_rows = n_rows;
}

/* From the end of the list on, where taking one out moves no other that is still to be looked at. */
static void nodes_check(struct subs *subs)
{
    struct measured *measured = &subs->measured;
    for (unsigned i = 0; i < CHECK_NODES && measured->n_unchecked; i++) {
        struct node **place = &measured->nodes[--measured->n_unchecked];
        struct measured_node *watched = (*place)->watched;
        rows_check(subs, *place);
        if (watched->n_rows)
            continue;
        free(watched);
        (*place)->watched = NULL;
        *place = measured->nodes[--measured->n];
    }
}

void measured_recheck(struct measured *measured)
{
    measured->n_unchecked = measured->n;
}

/* ---- looking -------------------------------------------------------------------------------------------------------- */

/* Whether the levels of the node are known. */
static bool levels_ready(const struct ctl *ctl, struct node_rt *object, struct measured_node *watched, bool *is_silent)
{
    uint64_t now = ctl_clock(ctl), until = atomic_load_explicit(&object->watched_until, memory_order_relaxed);
    if (until < now + (uint64_t)(RENEW_S * ctl->rate_hz))
        meter_watch(object, now, ctl->rate_hz);
    if (until <= now) /* a slot, and the cycle that runs already */
        watched->ready_frame = now + object->meter->slot_frames +
                               atomic_load_explicit(&ctl->engine->stats.period_frames, memory_order_relaxed);
    *is_silent = !meter_is_running(object, now); /* where no node runs, nothing sounds */
    return meter_is_current(object, now) || (*is_silent && watched->ready_frame <= now);
}

static void row_set(struct ctl *ctl, struct node *node, struct measured_row *row, const float *values)
{
    if (row->number && memcmp(values, row->values, row->n_values * sizeof *values) == 0)
        return;
    memcpy(row->values, values, row->n_values * sizeof *values);
    row->number = stamp_next(&ctl->model, node);
}

static void notes_set(struct ctl *ctl, struct node *node, struct measured_row *row)
{
    uint64_t hash = notes_on_hash(node);
    if (row->number && row->hash == hash)
        return;
    row->hash = hash;
    row->number = stamp_next(&ctl->model, node);
}

static void node_look(struct ctl *ctl, struct node *node)
{
    struct measured_node *watched = node->watched;
    bool has_looked = false, is_ready = false, is_silent = false;
    for (unsigned i = 0; i < watched->n_rows; i++) {
        struct measured_row *row = &watched->rows[i];
        float values[PORT_CHANNELS_MAX];
        if (row->kind == MEASURED_NOTES) {
            notes_set(ctl, node, row);
            continue;
        }
        if (row->kind == MEASURED_READING) {
            values[0] = atomic_load_explicit(&node->object->readings[row->row], memory_order_relaxed);
            row_set(ctl, node, row, values);
            continue;
        }
        if (!has_looked)
            is_ready = levels_ready(ctl, node->object, watched, &is_silent);
        has_looked = true;
        for (unsigned c = 0; c < row->n_values; c++)
            values[c] = is_silent ? SILENCE_DB : meter_db(node->object, row->level.first + c, row->level.kind);
        if (is_ready)
            row_set(ctl, node, row, values);
    }
}

/* Nodes came or went: those that went took their rows with them. */
static void nodes_refresh(struct measured *measured, const struct model *model)
{
    if (measured->n_names == model->stamps.n_names)
        return;
    measured->n_names = model->stamps.n_names;
    measured->n = 0;
    for (struct node *node = model->first; node; node = node->next)
        if (node->watched)
            nodes_add(measured, node);
    measured->n_unchecked = measured->n_unchecked ? measured->n : 0;
}

void measured_poll(struct subs *subs, struct ctl *ctl)
{
    struct measured *measured = &subs->measured;
    nodes_refresh(measured, &ctl->model);
    nodes_check(subs);
    for (size_t i = 0; i < measured->n; i++)
        node_look(ctl, measured->nodes[i]);
}

void measured_deinit(struct measured *measured)
{
    free(measured->nodes);
}
