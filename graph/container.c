#include "graph/container.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"

struct node *container_of_name(const struct model *model, const char *name)
{
    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        struct node *node = map_find(&model->names, name, (size_t)(slash - name));
        if (node && node->class->voices_by)
            return node;
    }
    return NULL;
}

static bool is_beneath(const char *name, const char *above)
{
    size_t n = strlen(above);
    return strncmp(name, above, n) == 0 && name[n] == '/';
}

static int check_inside(const struct node_class *class, const char *name, const struct node *container, struct error *error)
{
    if (class->voices_by)
        return error_set(error, ERROR_UNSUPPORTED,
                         "\"%s\" would be voices inside of the voices of \"%s\": there is one level", name,
                         container->name);
    if (class->device || node_class_writes(class))
        return error_set(error, ERROR_UNSUPPORTED,
                         "%s: what is inside of \"%s\" is there %u times, and this type can be there only once",
                         class->name, container->name, (unsigned)container->values[container->class->voices_by - 1]);
    return 0;
}

int container_check(const struct model *model, const struct node_class *class, const char *name,
                    const struct node *container, struct error *error)
{
    if (container)
        return check_inside(class, name, container, error);
    for (const struct node *node = model->first; class->voices_by && node; node = node->next)
        if (node->live && is_beneath(node->name, name))
            return error_set(error, ERROR_NAME_TAKEN,
                             "the node \"%s\" would be inside of it: another name, or rename that one", node->name);
    return 0;
}

int container_check_edge(const struct node *from, const struct node *to, struct error *error)
{
    if (from->container && to->container && from->container != to->container)
        return error_set(error, ERROR_UNSUPPORTED,
                         "\"%s\" and \"%s\" are inside of different containers, whose voices have nothing to do with each "
                         "other; a node outside can stand between them",
                         from->name, to->name);
    if (from->class->voices_by && to->container != from)
        return error_set(
            error, ERROR_UNSUPPORTED,
            "\"%s\" gives each of its voices notes of its own, which is nothing for \"%s\" outside; what is to be heard "
            "of them comes from inside, as from \"%s/out\"",
            from->name, to->name, from->name);
    if (from->container && from->container == to)
        return error_set(error, ERROR_UNSUPPORTED, "\"%s\" runs before what is inside of it, so that cannot play it",
                         to->name);
    return 0;
}

/* ---- filling and emptying -------------------------------------------------------------------------------------------- */

static int inside_add(struct tx *tx, const struct node *container, const struct node_inside *row, struct error *error)
{
    const struct node_class *class = node_class_find(row->type);
    char name[NAME_BYTES + NAME_PART_BYTES], from[NAME_BYTES + NAME_PART_BYTES];
    float *values = calloc(class->n_params + 1, sizeof *values);
    if (!values)
        return error_set(error, ERROR_INTERNAL, "memory ran out for \"%s\"", container->name);
    for (unsigned p = 0; p < class->n_params; p++)
        values[p] = class->params[p].initial;
    snprintf(name, sizeof name, "%s/%s", container->name, row->name);
    snprintf(from, sizeof from, "%s", container->name);
    int code = tx_add_node(tx, &(struct node_spec){.class = class, .name = name, .values = values}, error);
    free(values);
    if (code || !row->is_fed)
        return code;
    return tx_connect(tx, &(struct edge_spec){.from = from, .to = name}, error);
}

int container_fill(struct tx *tx, const struct node *container, struct error *error)
{
    const struct node_class *class = container->class;
    for (unsigned i = 0; i < class->n_inside; i++)
        if (inside_add(tx, container, &class->inside[i], error))
            return (int)error->code;
    return 0;
}

int container_empty(struct tx *tx, const struct node *container, struct error *error)
{
    /* Removed ones stay in the list until they are gone for good. */
    for (struct node *node = container->n_inside ? tx->ctl->model.first : NULL; node; node = node->next)
        if (node->live && node->container == container && tx_remove_node(tx, node->name, error))
            return (int)error->code;
    return 0;
}

/* ---- copies ------------------------------------------------------------------------------------------------------------ */

void container_name_inside(const struct node *node, const char *name, char *made)
{
    snprintf(made, CONTAINER_NAME_BYTES, "%s%s", name, node->name + strlen(node->container->name));
}

/* What stands for a node among the copies: itself, if it is neither the container nor in it. */
static struct node *copy_of(const struct model *model, struct node *node, const struct node *container, struct node *copy)
{
    char made[CONTAINER_NAME_BYTES];
    if (node == container)
        return copy;
    if (node->container != container)
        return node;
    container_name_inside(node, copy->name, made);
    return model_find(model, made);
}

static int edge_copy(struct tx *tx, const struct edge *edge, struct node *from, struct node *to, struct error *error)
{
    struct edge like = edge_between(edge, from, to);
    like.fade_frames = tx->fade_frames;
    return tx_put_edge_like(tx, &like, error);
}

/* Those that come in by their order, by which they are added up; of those that go out, what leads outside. */
int container_copy_edges(struct tx *tx, const struct node *container, struct node *copy, bool outside, struct error *error)
{
    const struct model *model = &tx->ctl->model;
    for (struct node *node = model->first; node; node = node->next) {
        struct node *twin = node->live ? copy_of(model, node, container, copy) : node;
        for (struct edge *edge = twin != node ? node->in_first : NULL; edge; edge = edge->in_next) {
            struct node *from = copy_of(model, edge->from, container, copy);
            if (edge->live && (outside || from != edge->from) && edge_copy(tx, edge, from, twin, error))
                return (int)error->code;
        }
        for (struct edge *edge = twin != node && outside ? node->out_first : NULL; edge; edge = edge->out_next)
            if (edge->live && copy_of(model, edge->to, container, copy) == edge->to &&
                edge_copy(tx, edge, twin, edge->to, error))
                return (int)error->code;
    }
    return 0;
}

/* ---- names ----------------------------------------------------------------------------------------------------------- */

/* The name of what is inside once that which it is inside of has another name. False: it has no room. */
static bool name_beneath(const struct node *node, const struct node *container, const char *name, char *made)
{
    return snprintf(made, NAME_BYTES, "%s%s", name, node->name + strlen(container->name)) < NAME_BYTES;
}

static int check_all(const struct model *model, const struct node *container, const char *name, struct error *error)
{
    char made[NAME_BYTES];
    for (const struct node *node = model->first; node; node = node->next) {
        if (!node->live || node->container != container)
            continue;
        if (!name_beneath(node, container, name, made))
            return error_set(error, ERROR_BAD_VALUE, "\"%s\": the name is too long for \"%s\" inside of it", name,
                             node->name);
        if (name_check(made, error))
            return (int)error->code;
    }
    return 0;
}

int container_check_rename(const struct model *model, const struct node *node, const char *name, struct error *error)
{
    const struct node *container = container_of_name(model, name);
    if (container != node->container)
        return error_set(error, ERROR_UNSUPPORTED, "\"%s\" is %s \"%s\", and cannot become \"%s\": a new one can",
                         node->name, node->container ? "inside of" : "not inside of",
                         node->container ? node->container->name : container->name, name);
    if (!node->class->voices_by)
        return 0;
    if (container_check(model, node->class, name, NULL, error))
        return (int)error->code;
    return check_all(model, node, name, error);
}

void container_rename(struct model *model, struct node *node, const char *name)
{
    char made[NAME_BYTES];
    for (struct node *inside = node->n_inside ? model->first : NULL; inside; inside = inside->next)
        if (inside->live && inside->container == node && name_beneath(inside, node, name, made))
            model_rename_node(model, inside, made);
    model_rename_node(model, node, name);
}
