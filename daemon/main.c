/* dawd: what the command line asks for. Everything but the daemon itself is over at once. */
#include <stdio.h>

#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/render.h"
#include "graph/node.h"
#include "osc/describe.h"

static int list_nodes(void)
{
    for (unsigned i = 0; i < n_node_registry; i++)
        printf("%-12s %s\n", node_registry[i]->name, node_registry[i]->help);
    return OPTIONS_EXIT_DONE;
}

static int describe_node(const char *name)
{
    const struct node_class *class = node_class_find(name);
    struct bytes text = {0};
    if (!class) {
        fprintf(stderr, "dawd: there is no node type \"%s\"; --list-nodes names them all\n", name);
        return OPTIONS_EXIT_FAILED;
    }
    describe_type(class, 0, DESCRIBE_ALL, &text);
    printf("%.*s\n", (int)text.n, (const char *)text.data);
    bytes_deinit(&text);
    return OPTIONS_EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct options options;
    struct error error = {0};
    if (options_parse(&options, argc, argv, &error)) {
        fprintf(stderr, "dawd: %s\n", error.text);
        return OPTIONS_EXIT_USAGE;
    }
    switch (options.action) {
    case OPTIONS_HELP:
        options_print_help(stdout);
        return OPTIONS_EXIT_DONE;
    case OPTIONS_VERSION:
        printf("dawd %s\n", DAWD_VERSION);
        return OPTIONS_EXIT_DONE;
    case OPTIONS_LIST_NODES:
        return list_nodes();
    case OPTIONS_DESCRIBE:
        return describe_node(options.describe);
    case OPTIONS_RENDER:
        return render_run(&options);
    case OPTIONS_CHECK:
        return check_run(&options);
    case OPTIONS_RUN:
        break;
    }
    return daemon_run(&options);
}
