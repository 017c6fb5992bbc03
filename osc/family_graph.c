/* /graph/ — nodes and the connections between them. What is possible, and how it is taken back, is decided in graph/tx.c;
 * here words become specs, and what only the language knows is checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "osc/graph_json.h"
#include "osc/graph_text.h"
#include "osc/level.h"
#include "osc/server.h"
#include "osc/value.h"

/* ---- add ------------------------------------------------------------------------------------------------------------ */

/* The words behind type and name of /graph/add, as they are read. */
struct creation {
    const struct node_class *class;
    unsigned channels;
    float *values;
    char **texts;
    struct media **media;
};

static int channels_take(struct call *call, struct creation *creation, const struct arg *arg)
{
    char shown[COMMAND_ARG_BYTES];
    int64_t n;
    unsigned most = creation->class->channels_max;
    command_arg_show(arg, shown, sizeof shown);
    if (!arg_integer(arg, &n))
        return error_set(call->error, ERROR_BAD_TYPE, "channels must be a whole number, not %s", shown);
    if (!most)
        return error_set(call->error, ERROR_UNSUPPORTED, "%s: the width of this type cannot be chosen, leave out channels",
                         creation->class->name);
    if (n < 1 || n > most)
        return error_set(call->error, ERROR_RANGE, "channels %s is outside its range 1 to %u", shown, most);
    creation->channels = (unsigned)n;
    return 0;
}

static int param_take(struct call *call, struct creation *creation, const char *name, const struct arg *arg)
{
    unsigned row;
    if (node_param_find(creation->class, NULL, name, &row, call->error))
        return (int)call->error->code;
    const struct param_info *info = &creation->class->params[row];
    if (!param_is_path(info))
        return value_take(call->server->ctl, info, arg, &creation->values[row], call->error);
    const char *path = arg_string(arg);
    if (!path || !*path)
        return error_set(call->error, ERROR_BAD_TYPE, "%s takes the path of a file, as a string that is not empty", name);
    /* Borrowed from the packet; tx_add_node copies it. */
    creation->texts[row] = (char *)path;
    return 0;
}

/* Whether the name of pair i has come before: then it is more likely a slip than meant, and nobody could tell which counts. */
static bool is_repeated(const struct call *call, unsigned i)
{
    for (unsigned k = 0; k < i; k += 2)
        if (strcmp(arg_string(&call->rest[k]), arg_string(&call->rest[i])) == 0)
            return true;
    return false;
}

static int rest_take(struct call *call, struct creation *creation)
{
    for (unsigned i = 0; i < call->n_rest; i += 2) {
        const struct arg *value = &call->rest[i + 1];
        const char *key = arg_string(&call->rest[i]);
        char shown[COMMAND_ARG_BYTES];
        command_arg_show(&call->rest[i], shown, sizeof shown);
        if (!key)
            return error_set(call->error, ERROR_BAD_TYPE,
                             "behind type and name come pairs of a parameter's name and its value: %s is no name", shown);
        if (i + 1 == call->n_rest)
            return error_set(call->error, ERROR_BAD_TYPE, "%s needs a value behind it", shown);
        if (is_repeated(call, i))
            return error_set(call->error, ERROR_BAD_TYPE, "%s is given twice", shown);
        int code =
            strcmp(key, "channels") == 0 ? channels_take(call, creation, value) : param_take(call, creation, key, value);
        if (code)
            return code;
    }
    return 0;
}

/* Once all is read, it is known how many there are of what is numbered. */
static int numbers_check(struct call *call, const struct creation *creation)
{
    unsigned row;
    for (unsigned i = 0; creation->class->numbered_by && i < call->n_rest; i += 2) {
        const char *key = arg_string(&call->rest[i]);
        if (strcmp(key, "channels") != 0 && node_param_find(creation->class, creation->values, key, &row, call->error))
            return (int)call->error->code;
    }
    return 0;
}

/* Files come last: everything that can be wrong without them is found before anything is loaded. */
static int files_take(struct call *call, struct creation *creation)
{
    for (unsigned row = 0; row < creation->class->n_params; row++) {
        bool is_read = creation->texts[row] && creation->class->params[row].kind == PARAM_FILE;
        int code = is_read ? call_media(call, creation->texts[row], &creation->media[row]) : 0;
        if (code)
            return code;
    }
    return 0;
}

static bool has_value_named(const struct node_class *class, const char *name)
{
    struct error unused;
    unsigned row;
    for (unsigned i = 0; i < class->n_readings; i++)
        if (strcmp(class->readings[i].name, name) == 0)
            return true;
    return level_takes(class, name) || node_param_find(class, NULL, name, &row, &unused) == 0;
}

/* The n-th of the names beneath a node that has_value_named says yes to, written to `name`; null from the end on. */
static const char *value_name(const struct node_class *class, unsigned n, char *name, size_t n_name)
{
    if (n >= class->n_params + class->n_readings)
        return level_address(class, n - class->n_params - class->n_readings, name, n_name);
    snprintf(name, n_name, "%s", n < class->n_params ? class->params[n].name : class->readings[n - class->n_params].name);
    return name;
}

/* The node besides `self` that has a value at this address, or null. */
static const struct node *value_owner(const struct map *names, const char *address, const char *self)
{
    for (const char *slash = strchr(address, '/'); slash; slash = strchr(slash + 1, '/')) {
        const struct node *node = map_find(names, address, (size_t)(slash - address));
        if (node && strcmp(node->name, self) != 0 && has_value_named(node->class, slash + 1))
            return node;
    }
    return NULL;
}

/* /node/a/gain must mean one thing only: no node may take the address of another one's value. */
static int address_check_free(struct call *call, const struct node_class *class, const char *name)
{
    static const char *const reserved[] = {"norm", "bypass", "label"};
    const char *slash = strrchr(name, '/');
    for (unsigned i = 0; slash && i < ROWS(reserved); i++)
        if (strcmp(slash + 1, reserved[i]) == 0)
            return error_set(call->error, ERROR_BAD_VALUE, "the name \"%s\" must not end in /%s, which every node has",
                             name, reserved[i]);
    const struct map *names = &call->server->ctl->model.names;
    char address[NAME_BYTES + NAME_PART_BYTES], value[NAME_PART_BYTES + 8];
    const struct node *other = value_owner(names, name, name);
    if (other)
        return error_set(call->error, ERROR_NAME_TAKEN, "\"%s\" is the address of a value of \"%s\" (%s)", name,
                         other->name, other->class->name);
    for (unsigned i = 0; value_name(class, i, value, sizeof value); i++) {
        snprintf(address, sizeof address, "%s/%s", name, value);
        other = map_find(names, address, strlen(address));
        if (!other)
            other = value_owner(names, address, name);
        if (other)
            return error_set(call->error, ERROR_NAME_TAKEN,
                             "the node \"%s\" has the address \"%s\" already, which a value of \"%s\" would have",
                             other->name, address, name);
    }
    return 0;
}

static int node_add(struct call *call, struct creation *creation)
{
    const char *name = call->args[1].s;
    int code = rest_take(call, creation);
    if (code || (code = numbers_check(call, creation)) || (code = name_check(name, call->error)) ||
        (code = address_check_free(call, creation->class, name)))
        return code;
    /* Nothing is loaded for a name that is taken: tx_add_node will refuse it. */
    if (!model_find(&call->server->ctl->model, name) && (code = files_take(call, creation)))
        return code;
    struct node_spec spec = {creation->class, name, creation->channels, creation->values, creation->texts, creation->media};
    return tx_add_node(call->tx, &spec, call->error);
}

/* Nothing is in the transaction before tx_add_node: a run that ends for want of a file has changed nothing. */
static int no_such_type(struct call *call, const char *type)
{
    struct guess guess = guess_begin(type);
    for (unsigned i = 0; i < n_node_registry; i++)
        guess_offer(&guess, node_registry[i]->name);
    if (guess.nearest)
        return error_set(call->error, ERROR_NO_SUCH_TYPE, "there is no type \"%s\"; did you mean \"%s\"?", type,
                         guess.nearest);
    return error_set(call->error, ERROR_NO_SUCH_TYPE, "there is no type \"%s\"; /types lists them", type);
}

static int graph_add(struct call *call)
{
    const struct node_class *class = node_class_find(call->args[0].s);
    if (!class)
        return no_such_type(call, call->args[0].s);
    struct creation creation = {.class = class};
    creation.values = calloc(class->n_params + 1, sizeof *creation.values);
    creation.texts = calloc(class->n_params + 1, sizeof *creation.texts);
    creation.media = calloc(class->n_params + 1, sizeof(struct media *));
    int code;
    if (creation.values && creation.texts && creation.media) {
        for (unsigned row = 0; row < class->n_params; row++)
            creation.values[row] = class->params[row].initial;
        code = node_add(call, &creation);
    } else {
        code = error_set(call->error, ERROR_INTERNAL, "memory ran out for the node");
    }
    free(creation.values);
    free(creation.texts);
    free(creation.media);
    return code;
}

/* ---- other edits ---------------------------------------------------------------------------------------------------- */

static int graph_remove(struct call *call)
{
    return tx_remove_node(call->tx, call->args[0].s, call->error);
}

static int graph_connect(struct call *call)
{
    struct edge_spec spec = {.from = call->args[0].s, .to = call->args[1].s};
    if (call->args[2].given)
        spec.gain_db = (float)call->args[2].d;
    if (call->args[3].given)
        spec.depth = (float)call->args[3].d;
    spec.has_depth = call->args[3].given;
    spec.is_feedback = call->args[4].given;
    return tx_connect(call->tx, &spec, call->error);
}

static int graph_disconnect(struct call *call)
{
    return tx_disconnect(call->tx, call->args[0].s, call->args[1].s, call->error);
}

/* ---- queries -------------------------------------------------------------------------------------------------------- */

static int graph_list(struct call *call)
{
    const struct model *model = &call->server->ctl->model;
    struct page page;
    if (call_page(call, 0, &page))
        return (int)call->error->code;
    writer_int(call->results, (int32_t)model->n_nodes);
    for (const struct node *node = model->first; node && page.count; node = node->next) {
        if (!node->live || !page_next(&page))
            continue;
        writer_string(call->results, node->name);
        writer_string(call->results, node->class->name);
    }
    return 0;
}

static int text_answer(struct call *call, struct bytes *text)
{
    bytes_add_byte(text, '\0');
    if (text->failed)
        error_set(call->error, ERROR_INTERNAL, "memory ran out for the answer");
    else
        writer_string(call->results, (const char *)text->data);
    bytes_deinit(text);
    return (int)call->error->code;
}

static int graph_get(struct call *call)
{
    const struct node *node = model_get(&call->server->ctl->model, call->args[0].s, call->error);
    if (!node)
        return (int)call->error->code;
    struct bytes text = {0};
    graph_text_node(node, &text);
    graph_text_edges(node, &text);
    return text_answer(call, &text);
}

static int graph_dump(struct call *call)
{
    const char *format = call->args[0].given ? call->args[0].s : "osc";
    struct bytes text = {0};
    if (strcmp(format, "osc") == 0)
        graph_text_osc(&call->server->ctl->model, &text);
    else if (strcmp(format, "json") == 0)
        graph_json(&call->server->ctl->model, &text);
    else
        graph_text_dot(&call->server->ctl->model, &text);
    return text_answer(call, &text);
}

#define EDITED "frame:h revision:i" /* the results of every edit */

static const struct command commands[] = {
    {"/graph/add", "type:s name:s ...", EDITED,
     "Adds a node of a type under a name; then pairs of parameter and value, and \"channels\" where the type lets one "
     "choose.",
     COMMAND_EDIT, 2, graph_add},
    {"/graph/remove", "name:s", EDITED, "Removes a node and its connections; what still sounds fades out.", COMMAND_EDIT, 1,
     graph_remove},
    {"/graph/connect", "from:s to:s gain=d(dB) depth=d feedback!", EDITED,
     "Connects an output to an input, or to a parameter with a depth in its unit (octaves where it is logarithmic); a "
     "connection that exists takes the new gain and depth; with feedback it may close a loop, and delays by 256 frames.",
     COMMAND_EDIT, 0, graph_connect},
    {"/graph/disconnect", "from:s to:s", EDITED, "Removes a connection; it fades out.", COMMAND_EDIT, 0, graph_disconnect},
    {"/graph/list", "[offset:i] [count:i]", "n:i [name:s type:s]*",
     "How many nodes there are, then name and type of each, oldest first.", COMMAND_QUERY, 0, graph_list},
    {"/graph/get", "name:s", "text:s", "The commands that make a node and its connections, as text.", COMMAND_QUERY, 0,
     graph_get},
    {"/graph/dump", "[format:s{osc,json,dot}]", "text:s",
     "The whole graph as text: \"osc\", the commands that build it, \"json\", all that there is to know of it, or \"dot\", "
     "a "
     "drawing for Graphviz.",
     COMMAND_QUERY, 0, graph_dump},
};

static void graph_write(const struct ctl *ctl, struct bytes *text)
{
    graph_text_osc(&ctl->model, text);
}

const struct command_family graph_family = {"graph", commands, ROWS(commands), graph_write, tx_clear};
