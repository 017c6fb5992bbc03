#include "osc/complete.h"

#include <stdio.h>
#include <string.h>

#include "graph/names.h"
#include "graph/node.h"
#include "osc/catalog.h"
#include "osc/command.h"
#include "osc/level.h"
#include "osc/notes_on.h"
#include "osc/row.h"
#include "osc/target.h"

#define WORD_BYTES (PACKET_ADDRESS_MAX_BYTES + 1)

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void offer(const struct complete *complete, const char *typed, const char *word)
{
    if (strncmp(word, typed, strlen(typed)) == 0)
        complete->offer(complete->user, word);
}

/* Each of "a,b,c", or "a, b, c". */
static void list_offer(const struct complete *complete, const char *typed, const char *list)
{
    char word[64];
    for (; *list; list += strspn(list, ", ")) {
        size_t n = strcspn(list, ",");
        snprintf(word, sizeof word, "%.*s", (int)n, list);
        offer(complete, typed, word);
        list += n;
    }
}

/* ---- addresses ------------------------------------------------------------------------------------------------------ */

/* What a node has besides its parameters and readings. */
static void levels_offer(const struct complete *complete, const char *typed, const struct complete_node *node,
                         const struct node_class *class)
{
    char path[NAME_PART_BYTES + 8], word[WORD_BYTES];
    for (unsigned i = 0; level_address(class, i, path, sizeof path); i++) {
        snprintf(word, sizeof word, TARGET_PREFIX "%s/%s", node->name, path);
        offer(complete, typed, word);
    }
}

static void node_values_offer(const struct complete *complete, const char *typed, const struct complete_node *node)
{
    const struct node_class *class = node_class_find(node->type);
    char word[WORD_BYTES];
    for (unsigned i = 0; class && i < class->n_params; i++) {
        snprintf(word, sizeof word, TARGET_PREFIX "%s/%s", node->name, class->params[i].name);
        offer(complete, typed, word);
        strncat(word, "/norm", sizeof word - strlen(word) - 1);
        if (strlen(typed) + strlen("/norm") >= strlen(word)) /* only behind the parameter itself */
            offer(complete, typed, word);
    }
    for (unsigned i = 0; class && i < class->n_readings; i++) {
        snprintf(word, sizeof word, TARGET_PREFIX "%s/%s", node->name, class->readings[i].name);
        offer(complete, typed, word);
    }
    if (class && notes_on_has(class)) {
        snprintf(word, sizeof word, TARGET_PREFIX "%s/" NOTES_NAME, node->name);
        offer(complete, typed, word);
    }
    if (class)
        levels_offer(complete, typed, node, class);
}

/* The names of nodes first, and what is beneath one when its name and a slash are there. */
static void values_offer(const struct complete *complete, const char *typed)
{
    char word[WORD_BYTES];
    for (unsigned i = 0; i < complete->n_nodes; i++) {
        int n = snprintf(word, sizeof word, TARGET_PREFIX "%s/", complete->nodes[i].name);
        if (strncmp(typed, word, (size_t)n) == 0)
            node_values_offer(complete, typed, &complete->nodes[i]);
        else
            offer(complete, typed, word);
    }
}

static void addresses_offer(const struct complete *complete, const char *typed)
{
    for (unsigned i = 0; i < n_command_families; i++)
        for (unsigned k = 0; k < command_families[i]->n_commands; k++)
            offer(complete, typed, command_families[i]->commands[k].address);
    if (target_is_address(typed))
        values_offer(complete, typed);
    else
        offer(complete, typed, TARGET_PREFIX);
}

/* ---- arguments ------------------------------------------------------------------------------------------------------ */

static void nodes_offer(const struct complete *complete, const char *typed)
{
    for (unsigned i = 0; i < complete->n_nodes; i++)
        offer(complete, typed, complete->nodes[i].name);
}

static void port_offer(const struct complete *complete, const char *typed, const char *node, const char *port)
{
    char word[NAME_BYTES + NAME_PART_BYTES];
    snprintf(word, sizeof word, "%s:%s", node, port);
    offer(complete, typed, word);
}

/* Nodes, and behind "node:" its ports. */
static void ends_offer(const struct complete *complete, const char *typed, bool is_from)
{
    for (unsigned i = 0; i < complete->n_nodes; i++) {
        const struct complete_node *node = &complete->nodes[i];
        const struct node_class *class = node_class_find(node->type);
        if (class && (is_from ? class->n_outputs : class->n_inputs + class->n_params) > 0)
            offer(complete, typed, node->name);
        if (!class || !strchr(typed, ':'))
            continue;
        for (unsigned k = 0; is_from && k < class->n_outputs; k++)
            port_offer(complete, typed, node->name, class->outputs[k].name);
        for (unsigned k = 0; !is_from && k < class->n_inputs; k++)
            port_offer(complete, typed, node->name, class->inputs[k].name);
        for (unsigned k = 0; !is_from && k < class->n_params; k++)
            if (class->params[k].kind == PARAM_CONTINUOUS)
                port_offer(complete, typed, node->name, class->params[k].name);
    }
}

static void types_offer(const struct complete *complete, const char *typed)
{
    for (unsigned i = 0; i < n_node_registry; i++)
        offer(complete, typed, node_registry[i]->name);
}

static void param_values_offer(const struct complete *complete, const char *typed, const struct param_info *param)
{
    for (unsigned i = 0; param->kind == PARAM_CHOICE && param->choices[i]; i++)
        offer(complete, typed, param->choices[i]);
    if (param->kind == PARAM_SWITCH)
        list_offer(complete, typed, "T,F");
}

static const struct param_info *param_of(const struct node_class *class, const char *name)
{
    for (unsigned i = 0; class && i < class->n_params; i++)
        if (is(class->params[i].name, name))
            return &class->params[i];
    return NULL;
}

static void presets_offer(const struct complete *complete, const char *typed, const struct node_class *class)
{
    for (unsigned i = 0; class && i < class->n_presets; i++)
        offer(complete, typed, class->presets[i].name);
}

static const struct node_class *class_of(const struct complete *complete, const char *node)
{
    for (unsigned i = 0; i < complete->n_nodes; i++)
        if (is(complete->nodes[i].name, node))
            return node_class_find(complete->nodes[i].type);
    return NULL;
}

/* Those that take notes. */
static void players_offer(const struct complete *complete, const char *typed)
{
    for (unsigned i = 0; i < complete->n_nodes; i++) {
        const struct node_class *class = node_class_find(complete->nodes[i].type);
        if (class && port_info_of_events(class->inputs, class->n_inputs) < class->n_inputs)
            offer(complete, typed, complete->nodes[i].name);
    }
}

/* Pairs of parameter and value, of which the last word is the one or the other. */
static void pairs_offer(const struct complete *complete, const char *type, const char *const *words, unsigned n)
{
    const struct node_class *class = node_class_find(type);
    const struct param_info *param = n % 2 == 0 ? param_of(class, words[n - 2]) : NULL;
    if (param)
        param_values_offer(complete, words[n - 1], param);
    if (n % 2 == 0 && is(words[n - 2], "preset"))
        presets_offer(complete, words[n - 1], class);
    if (!class || n % 2 == 0)
        return;
    for (unsigned i = 0; i < class->n_params; i++)
        offer(complete, words[n - 1], class->params[i].name);
    offer(complete, words[n - 1], "label");
    if (class->n_presets)
        offer(complete, words[n - 1], "preset");
    if (class->channels_max)
        offer(complete, words[n - 1], "channels");
}

/* What is meant by an argument is seen by its name, which is the same in all rows. */
static void arg_offer(const struct complete *complete, const struct command *command, const struct row_word *arg,
                      const char *typed)
{
    bool makes = command->reserves && strstr(command->address, "/add");
    if (*arg->choices)
        list_offer(complete, typed, arg->choices);
    else if (arg->type == 'b')
        list_offer(complete, typed, "T,F");
    else if (is(arg->name, "from") || is(arg->name, "to"))
        ends_offer(complete, typed, is(arg->name, "from"));
    else if (is(arg->name, "type"))
        types_offer(complete, typed);
    else if (is(arg->name, "node") && strncmp(command->address, "/note/", 6) == 0)
        players_offer(complete, typed);
    else if (is(arg->name, "name") && !makes)
        nodes_offer(complete, typed);
    else if (is(arg->name, "what")) {
        types_offer(complete, typed);
        addresses_offer(complete, typed);
        list_offer(complete, typed, CATALOG_PARTS);
    }
}

static void keywords_offer(const struct complete *complete, const struct command *command, const char *const *words,
                           unsigned n)
{
    const char *at = command->args;
    struct row_word arg;
    unsigned place;
    if (n > 1 && row_keyword_find(command->args, words[n - 2], &arg, &place) && arg.type) {
        arg_offer(complete, command, &arg, words[n - 1]);
        return;
    }
    while (row_arg_next(&at, &arg)) {
        bool is_given = false;
        for (unsigned i = 0; i + 1 < n; i++)
            is_given |= is(words[i], arg.name);
        if (arg.is_keyword && !is_given)
            offer(complete, words[n - 1], arg.name);
    }
}

static void command_offer(const struct complete *complete, const struct command *command, const char *const *words,
                          unsigned n)
{
    const char *at = command->args;
    struct row_word arg;
    for (unsigned place = 0; row_arg_next(&at, &arg); place++) {
        if (arg.is_keyword)
            break;
        if (arg.is_rest) {
            pairs_offer(complete, words[0], words + place, n - place);
            return;
        }
        if (place + 1 == n) {
            if (is(arg.name, "preset"))
                presets_offer(complete, words[n - 1], class_of(complete, words[0]));
            arg_offer(complete, command, &arg, words[n - 1]);
            return;
        }
    }
    keywords_offer(complete, command, words, n);
}

/* "/node/lp/mode" takes the names of its choices. */
static void value_offer(const struct complete *complete, const char *address, const char *typed)
{
    const char *path = address + sizeof TARGET_PREFIX - 1, *slash = strrchr(path, '/');
    for (unsigned i = 0; slash && i < complete->n_nodes; i++) {
        const struct complete_node *node = &complete->nodes[i];
        if (strlen(node->name) != (size_t)(slash - path) || strncmp(node->name, path, (size_t)(slash - path)) != 0)
            continue;
        const struct param_info *param = param_of(node_class_find(node->type), slash + 1);
        if (param)
            param_values_offer(complete, typed, param);
    }
}

void complete_words(const struct complete *complete, const char *const *words, unsigned n)
{
    const struct command *command = n > 1 ? command_find(words[0]) : NULL;
    if (n == 1)
        addresses_offer(complete, words[0]);
    else if (command)
        command_offer(complete, command, words + 1, n - 1);
    else if (n == 2 && target_is_address(words[0]))
        value_offer(complete, words[0], words[1]);
}
