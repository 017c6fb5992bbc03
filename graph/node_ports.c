/* Ports and parameters of a class by name. A refusal lists the names there are: whoever mistypes one reads the right one in
 * the answer. */
#include "graph/model.h"

#include <stdbool.h>
#include <string.h>

static unsigned port_channels(const struct node *node, const struct port_info *port)
{
    if (!node_class_has(node->class, node->values, port->number))
        return 0;
    return port_info_channels(port, node->channels);
}

unsigned node_input_channels(const struct node *node, unsigned to_port)
{
    return to_port < node->class->n_inputs ? port_channels(node, &node->class->inputs[to_port]) : 1;
}

unsigned node_output_channels(const struct node *node, unsigned from_port)
{
    return port_channels(node, &node->class->outputs[from_port]);
}

const char *node_input_name(const struct node *node, unsigned to_port)
{
    const struct node_class *class = node->class;
    return to_port < class->n_inputs ? class->inputs[to_port].name : class->params[to_port - class->n_inputs].name;
}

bool edge_carries_events(const struct edge *edge)
{
    return edge->from->class->outputs[edge->from_port].events;
}

/* A numbered row that this node does not have: whoever asks for it learns how many there are. */
static int absent(const struct node_class *class, const float *values, const char *name, enum error_code code,
                  struct error *error)
{
    unsigned row = class->numbered_by - 1;
    return error_set(error, code, "there is no \"%s\": %s of this %s is %g, chosen when it is added", name,
                     class->params[row].name, class->name, (double)values[row]);
}

static int no_param(const struct node_class *class, const float *values, const char *name, struct error *error)
{
    char list[200] = "", question[GUESS_BYTES]; /* whoever asked may have more to say behind it */
    struct guess guess = guess_begin(name);
    for (unsigned row = 0; row < class->n_params; row++) {
        const struct param_info *info = &class->params[row];
        if (values && !node_class_has(class, values, info->number))
            continue;
        names_add(list, sizeof list, info->name);
        guess_offer(&guess, info->name);
    }
    return error_set(error, ERROR_NO_SUCH_PARAM, "%s has no parameter \"%s\"%s it has: %s", class->name, name,
                     guess_ask(&guess, ";", question), *list ? list : "none");
}

int node_param_find(const struct node_class *class, const float *values, const char *name, unsigned *row,
                    struct error *error)
{
    *row = class->n_params;
    if (strcmp(name, node_bypass.name) == 0)
        return 0;
    for (*row = 0; *row < class->n_params; (*row)++) {
        const struct param_info *info = &class->params[*row];
        if (strcmp(info->name, name) != 0)
            continue;
        bool is_there = !values || node_class_has(class, values, info->number);
        return is_there ? 0 : absent(class, values, name, ERROR_NO_SUCH_PARAM, error);
    }
    return no_param(class, values, name, error);
}

int node_output_find(const struct node *node, const char *port, unsigned *from_port, struct error *error)
{
    const struct node_class *class = node->class;
    char list[300] = "";
    for (*from_port = 0; *from_port < class->n_outputs; (*from_port)++) {
        if (!node_class_has(class, node->values, class->outputs[*from_port].number)) {
            if (strcmp(class->outputs[*from_port].name, port) == 0)
                return absent(class, node->values, port, ERROR_NO_SUCH_PORT, error);
            continue;
        }
        if (!*port || strcmp(class->outputs[*from_port].name, port) == 0)
            return 0;
        names_add(list, sizeof list, class->outputs[*from_port].name);
    }
    if (!*list)
        return error_set(error, ERROR_NO_SUCH_PORT, "%s (%s) has no output: nothing can be connected from it, only to it",
                         node->name, class->name);
    return error_set(error, ERROR_NO_SUCH_PORT, "%s (%s) has no output \"%s\"; its outputs: %s", node->name, class->name,
                     port, list);
}

int node_input_find(const struct node *node, const char *port, unsigned *to_port, struct error *error)
{
    const struct node_class *class = node->class;
    char list[300] = "";
    for (unsigned i = 0; i < class->n_inputs; i++) {
        *to_port = i;
        if (!node_class_has(class, node->values, class->inputs[i].number)) {
            if (strcmp(class->inputs[i].name, port) == 0)
                return absent(class, node->values, port, ERROR_NO_SUCH_PORT, error);
            continue;
        }
        if (!*port || strcmp(class->inputs[i].name, port) == 0)
            return 0;
        names_add(list, sizeof list, class->inputs[i].name);
    }
    for (unsigned p = 0; p < class->n_params; p++) {
        if (class->params[p].kind != PARAM_CONTINUOUS || !node_class_has(class, node->values, class->params[p].number))
            continue;
        *to_port = class->n_inputs + p;
        if (strcmp(class->params[p].name, port) == 0)
            return 0;
        names_add(list, sizeof list, class->params[p].name);
    }
    if (!*list)
        return error_set(error, ERROR_NO_SUCH_PORT, "%s (%s) has no input: nothing can be connected to it, only from it",
                         node->name, class->name);
    if (!*port)
        return error_set(error, ERROR_NO_SUCH_PORT,
                         "%s (%s) has no input for sound; parameters that can be moved, as %s:NAME: %s", node->name,
                         class->name, node->name, list);
    return error_set(error, ERROR_NO_SUCH_PORT, "%s (%s) has no input \"%s\"; its inputs: %s", node->name, class->name,
                     port, list);
}
