/* The list itself is written by the build. A type is looked up when a node is added, so a walk through the list will do. */
#include "graph/node.h"

#include <string.h>

const struct node_class *node_class_find(const char *name)
{
    for (unsigned i = 0; i < n_node_registry; i++)
        if (strcmp(node_registry[i]->name, name) == 0)
            return node_registry[i];
    return NULL;
}

const struct param_info node_bypass = {
    .name = "bypass",
    .unit = "",
    .help = "What the node does is left out: its first input goes to its first output, and what rings dies away.",
    .max = 1,
    .kind = PARAM_SWITCH,
};

bool node_class_writes(const struct node_class *class)
{
    for (unsigned row = 0; row < class->n_params; row++)
        if (class->params[row].kind == PARAM_SINK)
            return true;
    return false;
}
