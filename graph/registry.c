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
