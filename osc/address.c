/* A node "a" with a gain has the address /node/a/gain, and so would a node "a/gain" have: the one excludes the other. */
#include "osc/address.h"

#include <stdio.h>
#include <string.h>

#include "graph/container.h"
#include "osc/level.h"
#include "osc/notes_on.h"

static bool has_value_named(const struct node_class *class, const char *name)
{
    struct error unused;
    unsigned row;
    for (unsigned i = 0; i < class->n_readings; i++)
        if (strcmp(class->readings[i].name, name) == 0)
            return true;
    if (strcmp(name, NOTES_NAME) == 0 && notes_on_has(class))
        return true;
    return level_takes(class, name) || node_param_find(class, NULL, name, &row, &unused) == 0;
}

/* The n-th of the names beneath a node that has_value_named says yes to, written to `name`; null from the end on. */
static const char *value_name(const struct node_class *class, unsigned n, char *name, size_t n_name)
{
    unsigned n_rows = class->n_params + class->n_readings, n_notes = notes_on_has(class);
    const char *row = NOTES_NAME;
    if (n >= n_rows + n_notes)
        return level_address(class, n - n_rows - n_notes, name, n_name);
    if (n < n_rows)
        row = n < class->n_params ? class->params[n].name : class->readings[n - class->n_params].name;
    snprintf(name, n_name, "%s", row);
    return name;
}

/* The node besides two that has a value at this address, or null. */
static const struct node *value_owner(const struct map *names, const char *address, const char *name, const char *self)
{
    for (const char *slash = strchr(address, '/'); slash; slash = strchr(slash + 1, '/')) {
        const struct node *node = map_find(names, address, (size_t)(slash - address));
        if (node && strcmp(node->name, name) != 0 && strcmp(node->name, self) != 0 &&
            has_value_named(node->class, slash + 1))
            return node;
    }
    return NULL;
}

int address_check_free(const struct model *model, const struct node_class *class, const char *name, const char *self,
                       struct error *error)
{
    static const char *const reserved[] = {"norm", "bypass", "label"};
    const char *slash = strrchr(name, '/');
    for (unsigned i = 0; slash && i < ROWS(reserved); i++)
        if (strcmp(slash + 1, reserved[i]) == 0)
            return error_set(error, ERROR_BAD_VALUE, "the name \"%s\" must not end in /%s, which every node has", name,
                             reserved[i]);
    const struct map *names = &model->names;
    char address[NAME_BYTES + NAME_PART_BYTES], value[NAME_PART_BYTES + 8];
    const struct node *other = value_owner(names, name, name, self);
    if (other)
        return error_set(error, ERROR_NAME_TAKEN, "\"%s\" is the address of a value of \"%s\" (%s)", name, other->name,
                         other->class->name);
    for (unsigned i = 0; value_name(class, i, value, sizeof value); i++) {
        snprintf(address, sizeof address, "%s/%s", name, value);
        other = map_find(names, address, strlen(address));
        if (other && strcmp(other->name, self) == 0)
            other = NULL;
        if (!other)
            other = value_owner(names, address, name, self);
        if (other)
            return error_set(error, ERROR_NAME_TAKEN,
                             "the node \"%s\" has the address \"%s\" already, which a value of \"%s\" would have",
                             other->name, address, name);
    }
    return 0;
}

/* ---- the way to a name ----------------------------------------------------------------------------------------------- */

static bool is_on_way(const struct node *node, const char *way, size_t n)
{
    return node->live && strncmp(node->name, way, n) == 0 && (!node->name[n] || node->name[n] == '/');
}

/* Two letters that have changed places. */
static bool is_swap(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a && *b && a[0] == b[1] && a[1] == b[0] && strcmp(a + 2, b + 2) == 0;
}

/* Nearer than for a mere hint: short words that have nothing to do with each other are two edits apart. */
static bool is_slip(const char *written, const char *meant)
{
    unsigned edits = names_distance(written, meant);
    size_t n = strlen(written);
    return n >= 3 && (edits == 1 || (edits == 2 && (n >= 6 || is_swap(written, meant))));
}

/* A name may have a slash that stands for no container. But one meant to be inside of one would sound without end, outside. */
int address_check_way(const struct model *model, const char *name, struct error *error)
{
    char way[NAME_BYTES] = "";
    const char *slash = strrchr(name, '/'), *meant = NULL;
    size_t n = slash && slash - name < NAME_BYTES && !container_of_name(model, name) ? (size_t)(slash - name) : 0;
    strncat(way, name, n);
    for (const struct node *node = model->first; n && node; node = node->next) {
        if (is_on_way(node, way, n))
            return 0;
        if (node->live && node->class->voices_by && is_slip(way, node->name))
            meant = node->name;
    }
    if (!meant)
        return 0;
    return error_set(error, ERROR_NO_SUCH_NODE, "no container is named \"%s\"; did you mean \"%s\"?", way, meant);
}
