/* /graph/ — nodes and the connections between them. What is possible, and how it is taken back, is decided in graph/tx.c;
 * here words become specs, and what only the language knows is checked. */
#include <stdlib.h>
#include <string.h>

#include "graph/container.h"
#include "graph/preset.h"
#include "osc/address.h"
#include "osc/creation.h"
#include "osc/graph_json.h"
#include "osc/graph_text.h"
#include "osc/server.h"
#include "osc/value.h"

/* What is restored had its name before. */
static int way_check(struct call *call, const char *name)
{
    const struct ctl *ctl = call->server->ctl;
    return tx_restores(ctl) ? 0 : address_check_way(&ctl->model, name, call->error);
}

/* Nothing is loaded for a name that is taken: tx_add_node will refuse it. Nothing is in the transaction before: a run that ends
 * for want of a file has changed nothing. */
static int node_add(struct call *call, struct creation *creation, const char *name)
{
    const struct model *model = &call->server->ctl->model;
    if (name_check(name, call->error) || way_check(call, name) ||
        address_check_free(model, creation->class, name, name, call->error) ||
        (!model_find(model, name) && creation_load(call, creation)))
        return (int)call->error->code;
    struct node_spec spec = creation_spec(creation, name, NULL);
    return tx_add_node(call->tx, &spec, call->error);
}

static int graph_add(struct call *call)
{
    const struct node_class *class = node_class_find(call->args[0].s);
    struct creation creation;
    if (!class)
        return creation_no_such_type(call->args[0].s, call->error);
    if (!creation_open(&creation, class, call->error) && !creation_read(call, &creation, NULL))
        node_add(call, &creation, call->args[1].s);
    creation_close(&creation);
    return (int)call->error->code;
}

static int copy_one(struct call *call, const struct node *node, const char *name)
{
    struct creation creation;
    if (!creation_open(&creation, node->class, call->error)) {
        creation_inherit(&creation, node, false);
        node_add(call, &creation, name);
    }
    creation_close(&creation);
    return (int)call->error->code;
}

/* What is made meanwhile comes last, and is in another container. */
static int copy_inside(struct call *call, const struct node *container)
{
    char name[CONTAINER_NAME_BYTES];
    for (const struct node *node = call->server->ctl->model.first; node; node = node->next) {
        if (!node->live || node->container != container)
            continue;
        container_name_inside(node, call->args[1].s, name);
        if (copy_one(call, node, name))
            return (int)call->error->code;
    }
    return 0;
}

static int copy(struct call *call, struct creation *creation, struct node *node)
{
    const char *name = call->args[1].s;
    creation_inherit(creation, node, false);
    if (creation_read(call, creation, "edges") || node_add(call, creation, name))
        return (int)call->error->code;
    struct node *made = model_find(&call->server->ctl->model, name);
    if (node->class->voices_by)
        return copy_inside(call, node) ? (int)call->error->code
                                       : container_copy_edges(call->tx, node, made, creation->has_word, call->error);
    return creation->has_word ? tx_copy_edges(call->tx, node, made, call->error) : 0;
}

static int graph_copy(struct call *call)
{
    struct node *node = model_get(&call->server->ctl->model, call->args[0].s, call->error);
    struct creation creation;
    if (!node)
        return (int)call->error->code;
    if (!creation_open(&creation, node->class, call->error))
        copy(call, &creation, node);
    creation_close(&creation);
    return (int)call->error->code;
}

static int replace(struct call *call, struct creation *creation, const struct node *node)
{
    const struct model *model = &call->server->ctl->model;
    creation_inherit(creation, node, true);
    if (creation_read(call, creation, "drop") ||
        address_check_free(model, creation->class, node->name, node->name, call->error) ||
        (!node->fixture && creation_load(call, creation)))
        return (int)call->error->code;
    struct node_spec spec = creation_spec(creation, node->name, node);
    return tx_replace_node(call->tx, &spec, creation->has_word, call->error);
}

static int graph_replace(struct call *call)
{
    const struct node *node = model_get(&call->server->ctl->model, call->args[0].s, call->error);
    const struct node_class *class = node_class_find(call->args[1].s);
    struct creation creation;
    if (!node)
        return (int)call->error->code;
    if (!class)
        return creation_no_such_type(call->args[1].s, call->error);
    if (!creation_open(&creation, class, call->error))
        replace(call, &creation, node);
    creation_close(&creation);
    return (int)call->error->code;
}

/* ---- other edits ---------------------------------------------------------------------------------------------------- */

static int graph_remove(struct call *call)
{
    return tx_remove_node(call->tx, call->args[0].s, call->error);
}

static int graph_rename(struct call *call)
{
    const struct model *model = &call->server->ctl->model;
    const char *name = call->args[0].s, *new_name = call->args[1].s;
    const struct node *node = model_get(model, name, call->error);
    if (!node || name_check(new_name, call->error) || way_check(call, new_name) ||
        address_check_free(model, node->class, new_name, name, call->error))
        return (int)call->error->code;
    return tx_rename_node(call->tx, name, new_name, call->error);
}

static int graph_bypass(struct call *call)
{
    struct node *node = model_get(&call->server->ctl->model, call->args[0].s, call->error);
    return node ? tx_set_value(call->tx, node, node->class->n_params, call->args[1].b, 0, call->error)
                : (int)call->error->code;
}

static int graph_preset(struct call *call)
{
    struct node *node = model_get(&call->server->ctl->model, call->args[0].s, call->error);
    const struct preset *preset = node ? preset_get(node->class, call->args[1].s, call->error) : NULL;
    double glide_s = call->args[2].given ? call->args[2].d : -1;
    if (!preset)
        return (int)call->error->code;
    if (call->args[2].given && !(glide_s >= 0 && glide_s <= VALUE_GLIDE_MAX_S))
        return error_set(call->error, ERROR_RANGE, "glide %g s is outside its range 0 to %g s", glide_s, VALUE_GLIDE_MAX_S);
    return preset_stage(call->tx, node, preset, glide_s, call->error);
}

/* The class that a word names by itself, or by a node of it. */
static const struct node_class *class_meant(struct call *call, const char *word)
{
    const struct node *node = model_find(&call->server->ctl->model, word);
    const struct node_class *class = node ? node->class : node_class_find(word);
    if (class)
        return class;
    char question[GUESS_BYTES];
    struct guess guess = guess_begin(word);
    for (unsigned i = 0; i < n_node_registry; i++)
        guess_offer(&guess, node_registry[i]->name);
    for (node = call->server->ctl->model.first; node; node = node->next)
        guess_offer(&guess, node->name);
    error_set(call->error, ERROR_NO_SUCH_TYPE, "\"%.100s\" is neither a type nor a node%s", word,
              guess_ask(&guess, "", question));
    return NULL;
}

static int graph_presets(struct call *call)
{
    const struct node_class *class = class_meant(call, call->args[0].s);
    struct page page;
    if (!class || call_page(call, 1, &page))
        return (int)call->error->code;
    if (!class->n_presets && !preset_get(class, "", call->error))
        return (int)call->error->code; /* it names those that have some */
    writer_int(call->results, (int32_t) class->n_presets);
    for (unsigned i = 0; i < class->n_presets; i++)
        if (page_next(&page)) {
            writer_string(call->results, class->presets[i].name);
            writer_int(call->results, (int32_t)i); /* program changes go by the order of the table */
            writer_string(call->results, class->presets[i].help);
        }
    return 0;
}

static int graph_compensate(struct call *call)
{
    return tx_compensate(call->tx, call->args[0].s, call->args[1].b, call->error);
}

static int graph_clear(struct call *call)
{
    return tx_clear(call->tx, call->error);
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
        if (call->args[2].given)
            writer_string(call->results, node->label ? node->label : "");
    }
    return 0;
}

static int graph_get(struct call *call)
{
    const struct node *node = model_get(&call->server->ctl->model, call->args[0].s, call->error);
    if (!node)
        return (int)call->error->code;
    struct bytes text = {0};
    graph_text_node(node, &text);
    graph_text_edges(node, &text);
    return call_text_answer(call, &text);
}

static int graph_path(struct call *call)
{
    const struct model *model = &call->server->ctl->model;
    struct node *from = model_get(model, call->args[0].s, call->error), *to = NULL;
    if (!from || !(to = model_get(model, call->args[1].s, call->error)))
        return (int)call->error->code;
    size_t n;
    const struct node **path = order_walk(&call->server->ctl->order, from, to, &n);
    if (!path)
        return error_set(call->error, ERROR_NO_MATCH, "nothing leads from \"%s\" to \"%s\"", from->name, to->name);
    writer_int(call->results, (int32_t)n);
    while (n--)
        writer_string(call->results, path[n]->name);
    return 0;
}

/* Of all output nodes, or of one node. */
static int graph_latency(struct call *call)
{
    const struct model *model = &call->server->ctl->model;
    struct latency latency = {0};
    uint32_t own = 0;
    if (call->args[0].given) {
        const struct node *node = model_get(model, call->args[0].s, call->error);
        if (!node)
            return (int)call->error->code;
        latency = node->behind;
        own = node->latency_frames;
    }
    for (const struct node *node = model->first; node && !call->args[0].given; node = node->next)
        if (node->live && node->class->device == DEVICE_OUTPUT && node->behind.most >= latency.most)
            latency = node->behind;
    writer_int(call->results, (int32_t)latency.most);
    writer_int(call->results, (int32_t)latency.least);
    writer_int(call->results, (int32_t)own);
    return 0;
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
    return call_text_answer(call, &text);
}

#define EDITED "frame:h revision:i" /* the results of every edit */

static const struct command commands[] = {
    {"/graph/add", "type:s name:s ...", EDITED,
     "Adds a node of a type under a name; then pairs of parameter and value, \"preset\" and the name of one, and "
     "\"channels\" where the type lets one choose.",
     COMMAND_EDIT, 2, graph_add},
    {"/graph/remove", "name:s", EDITED, "Removes a node and its connections; what still sounds fades out.", COMMAND_EDIT, 1,
     graph_remove},
    {"/graph/rename", "name:s new:s", EDITED,
     "Gives a node another name; it sounds on, and its JACK ports keep what they are connected to.", COMMAND_EDIT, 2,
     graph_rename},
    {"/graph/copy", "name:s new:s ...", EDITED,
     "Adds a node like another one, with its values and files, of a container with all that is inside; then pairs as for "
     "/graph/add, and \"edges\" to connect it to the same others.",
     COMMAND_EDIT, 2, graph_copy},
    {"/graph/replace", "name:s type:s ...", EDITED,
     "Puts a new node in the place of one, with its connections and those of its values that the type has too; then pairs "
     "as for /graph/add, and \"drop\" to lose the connections that do not fit.",
     COMMAND_EDIT, 1, graph_replace},
    {"/graph/clear", "", EDITED,
     "Removes every node but \"in\" and \"out\", which get their initial values, and every connection; what sounds "
     "fades out.",
     COMMAND_EDIT, RESERVES_ALL, graph_clear},
    {"/graph/connect", "from:s to:s gain=d(dB) depth=d feedback!", EDITED,
     "Connects an output to an input, or to a parameter with a depth in its unit (octaves where it is logarithmic); a "
     "connection that exists takes the new gain and depth; with feedback it may close a loop, and delays by 256 frames.",
     COMMAND_EDIT, 0, graph_connect},
    {"/graph/disconnect", "from:s to:s", EDITED, "Removes a connection; it fades out.", COMMAND_EDIT, 0, graph_disconnect},
    {"/graph/bypass", "name:s on:b", EDITED,
     "Leaves a node out of the sound, or brings it back, as setting its bypass does: it fades, its tail rings out, and it "
     "keeps its state.",
     COMMAND_EDIT, 0, graph_bypass, ROLE_PLAY},
    {"/graph/preset", "name:s preset:s [glide:d(s)]", EDITED,
     "Loads a preset of the node's type: sets every value but what is chosen at creation, as gliding sets do, in one step "
     "of "
     "the history; /graph/presets lists them.",
     COMMAND_EDIT, 0, graph_preset, ROLE_PLAY},
    {"/graph/presets", "type:s [offset:i] [count:i]", "n:i [name:s program:i help:s]*",
     "How many presets a type has, or that of a node, then each: its name, the program change that loads it, and what "
     "it "
     "is.",
     COMMAND_QUERY, 0, graph_presets},
    {"/graph/compensate", "name:s on:b", EDITED,
     "Whether what comes to a node and goes from it is delayed so that it meets what goes other ways in time: 0 opts a "
     "monitoring path out, and nothing waits for it.",
     COMMAND_EDIT, 0, graph_compensate},
    {"/graph/latency", "[name:s]", "frames:i least:i own:i",
     "By how much the sound at a node's inputs is later than its sources, at most and at least, and how much the node "
     "itself adds; without a name: of the latest output.",
     COMMAND_QUERY, 0, graph_latency},
    {"/graph/list", "[offset:i] [count:i] labels!", "n:i [name:s type:s]* | n:i [name:s type:s label:s]*",
     "How many nodes there are, then name and type of each, oldest first; with labels, its label too, \"\" for none.",
     COMMAND_QUERY, 0, graph_list},
    {"/graph/get", "name:s", "text:s", "The commands that make a node and its connections, as text.", COMMAND_QUERY, 0,
     graph_get},
    {"/graph/path", "from:s to:s", "n:i [name:s]*",
     "The shortest way of connections from one node to another: how many nodes, then their names, both ends included; "
     "no_match where there is none.",
     COMMAND_QUERY, 0, graph_path},
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
