/* Looking an address up costs a look into a hash for each of its slashes, and one walk through the tables of one class. */
#include "osc/target.h"

#include <stdio.h>
#include <string.h>

#include "graph/names.h"
#include "graph/param.h"
#include "osc/notes_on.h"

bool target_is_address(const char *address)
{
    return strncmp(address, TARGET_PREFIX, sizeof TARGET_PREFIX - 1) == 0;
}

/* The longest node name that the path begins with wins; *rest is what follows its slash, or null. */
static struct node *node_of_path(const struct server *server, const char *path, const char **rest)
{
    for (size_t n = strnlen(path, NAME_BYTES - 1); n > 0; n--) {
        if (path[n] && path[n] != '/')
            continue;
        struct node *node = map_find(&server->ctl->model.names, path, n);
        if (node) {
            *rest = path[n] ? path + n + 1 : NULL;
            return node;
        }
    }
    return NULL;
}

/* The path is taken to be NODE/PARAM, or NODE where it has no slash. */
static int no_such_target(const struct server *server, const char *path, struct error *error)
{
    char name[NAME_BYTES];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : strlen(path);
    if (strpbrk(path, "*?[]{}"))
        return error_set(error, ERROR_NO_MATCH,
                         "no node is named \"%.*s\": names are taken as they stand, one node at a time", (int)n, path);
    snprintf(name, sizeof name, "%.*s", (int)n, path);
    model_get(&server->ctl->model, name, error);
    return (int)error->code;
}

/* /node/a/out/peak is a level of "a" also where there is a node "a/out": that one has no such value (see /graph/add). */
static bool level_target(const struct server *server, const char *path, struct target *target)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        struct node *node = map_find(&server->ctl->model.names, path, (size_t)(slash - path));
        if (node && level_find(node, slash + 1, &target->level)) {
            target->node = node;
            target->kind = TARGET_LEVEL;
            target->path = slash + 1;
            return true;
        }
    }
    return false;
}

/* What else there is to read beneath the node, behind the parameters that *error names already. */
static int no_such_value(const struct node *node, struct error *error)
{
    const struct node_class *class = node->class;
    const struct error inner = *error;
    struct level level;
    char list[200] = "", path[NAME_PART_BYTES + 8];
    for (unsigned i = 0; i < class->n_readings; i++)
        names_add(list, sizeof list, class->readings[i].name);
    if (notes_on_has(class))
        names_add(list, sizeof list, NOTES_NAME);
    for (unsigned i = 0; level_address(class, i, path, sizeof path); i++)
        if (level_find(node, path, &level))
            names_add(list, sizeof list, path);
    return error_set(error, inner.code, "%.300s; measured: %s", inner.text, *list ? list : "nothing");
}

static bool reading_find(const struct node_class *class, const char *name, unsigned *row)
{
    for (*row = 0; *row < class->n_readings; ++*row)
        if (strcmp(class->readings[*row].name, name) == 0)
            return true;
    return false;
}

/* "cutoff" or "cutoff/norm". */
static int param_find(const struct node *node, const char *path, struct target *target, struct error *error)
{
    char name[NAME_PART_BYTES];
    const char *slash = strchr(path, '/');
    bool is_norm = slash && strcmp(slash, "/norm") == 0 && slash - path < NAME_PART_BYTES;
    snprintf(name, sizeof name, "%.*s", is_norm ? (int)(slash - path) : 0, path);
    target->kind = is_norm ? TARGET_NORM : TARGET_PARAM;
    if (node_param_find(node->class, node->values, is_norm ? name : path, &target->row, error))
        return (int)error->code;
    const struct param_info *info = node_class_row(node->class, target->row);
    if (is_norm && param_is_path(info))
        return error_set(error, ERROR_NO_SUCH_PARAM, "%s of %s is a file, which has no place between 0 and 1", name,
                         node->name);
    return 0;
}

int target_find(const struct server *server, const char *address, struct target *target, struct error *error)
{
    const char *path = address + sizeof TARGET_PREFIX - 1;
    struct error inner = {0};
    *target = (struct target){.kind = TARGET_NODE};
    if (!(target->node = node_of_path(server, path, &target->path)))
        return no_such_target(server, path, error);
    if (!target->path)
        return 0;
    target->kind = TARGET_LABEL;
    if (strcmp(target->path, "label") == 0)
        return 0;
    target->kind = TARGET_NOTES;
    if (strcmp(target->path, NOTES_NAME) == 0 && notes_on_has(target->node->class))
        return 0;
    target->kind = TARGET_READING;
    if (reading_find(target->node->class, target->path, &target->row) ||
        !param_find(target->node, target->path, target, &inner) || level_target(server, path, target))
        return 0;
    *error = inner;
    if (strcmp(target->path, "preset") == 0 && target->node->class->n_presets)
        return error_set(error, ERROR_NO_SUCH_PARAM, "a preset is no value, but sets many: /graph/preset %s NAME loads one",
                         target->node->name);
    return no_such_value(target->node, error);
}

bool target_is_settable(const struct target *target)
{
    if (target->kind == TARGET_LABEL)
        return true;
    const struct param_info *info = node_class_row(target->node->class, target->row);
    return (target->kind == TARGET_PARAM || target->kind == TARGET_NORM) && !(info->flags & PARAM_AT_CREATION);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static void number_write(struct writer *results, const struct node *node, unsigned row)
{
    const struct param_info *info = node_class_row(node->class, row);
    float value = node->values[row];
    switch (info->kind) {
    case PARAM_CONTINUOUS:
        writer_float(results, value);
        break;
    case PARAM_CHOICE:
        writer_string(results, info->choices[(unsigned)value]);
        break;
    case PARAM_SWITCH:
        writer_bool(results, value != 0.0f);
        break;
    case PARAM_INTEGER:
        writer_int(results, (int32_t)value);
        break;
    case PARAM_FILE:
    case PARAM_SINK:
        writer_string(results, node->texts[row] ? node->texts[row] : "");
        break;
    }
}

static void note_write(struct writer *results, uint16_t note)
{
    char text[NOTE_BYTES];
    note_print(note, text);
    writer_string(results, text);
}

void target_write_param(struct writer *results, const struct node *node, unsigned row)
{
    if (node->notes[row])
        note_write(results, node->notes[row]);
    else
        number_write(results, node, row);
}

void target_write_value(struct writer *results, const struct node *node, unsigned row)
{
    number_write(results, node, row);
    if (node->notes[row])
        note_write(results, node->notes[row]);
}

static void reading_write(struct writer *results, const struct node *node, unsigned row)
{
    writer_float(results, atomic_load_explicit(&node->object->readings[row], memory_order_relaxed));
}

/* A pair of its own, since these are pairs. */
static void note_pair_write(struct writer *results, const char *name, uint16_t note)
{
    char key[NAME_PART_BYTES + sizeof "/note"];
    snprintf(key, sizeof key, "%s/note", name);
    writer_string(results, key);
    note_write(results, note);
}

static void node_write(struct writer *results, const struct node *node)
{
    const struct node_class *class = node->class;
    for (unsigned i = 0; i < class->n_params; i++) {
        if (!node_class_has(class, node->values, class->params[i].number))
            continue;
        writer_string(results, class->params[i].name);
        number_write(results, node, i);
        if (node->notes[i])
            note_pair_write(results, class->params[i].name, node->notes[i]);
    }
    if (node->values[class->n_params] != 0.0f) {
        writer_string(results, node_bypass.name);
        target_write_param(results, node, class->n_params);
    }
    for (unsigned i = 0; i < class->n_readings; i++) {
        writer_string(results, class->readings[i].name);
        reading_write(results, node, i);
    }
}

void target_write(struct writer *results, const struct target *target)
{
    const struct node *node = target->node;
    switch (target->kind) {
    case TARGET_NODE:
        node_write(results, node);
        break;
    case TARGET_PARAM:
        target_write_value(results, node, target->row);
        break;
    case TARGET_NORM:
        writer_float(results, param_to_norm(node_class_row(node->class, target->row), node->values[target->row]));
        break;
    case TARGET_READING:
        reading_write(results, node, target->row);
        break;
    case TARGET_NOTES:
        notes_on_write(results, node);
        break;
    case TARGET_LABEL:
        writer_string(results, node->label ? node->label : "");
        break;
    case TARGET_LEVEL: /* takes time: level_read */
        break;
    }
}
