/* /map/ — controllers that move parameters. How they do it is osc/controllers.h. */
#include <stdio.h>
#include <string.h>

#include "graph/mapping.h"
#include "graph/param.h"
#include "osc/command.h"
#include "osc/graph_text.h"
#include "osc/server.h"

/* "NODE:PARAM". A value that makes the node anew, a path or a number of rows, is nothing for a controller. */
static int target_take(struct call *call, const char *text, struct node **node, unsigned *row)
{
    const char *colon = strrchr(text, ':');
    char name[NAME_BYTES];
    if (!colon || (size_t)(colon - text) >= sizeof name)
        return error_set(call->error, ERROR_BAD_VALUE, "\"%.80s\" is not NODE:PARAM, as in lp:cutoff", text);
    snprintf(name, sizeof name, "%.*s", (int)(colon - text), text);
    *node = model_get(&call->server->ctl->model, name, call->error);
    if (!*node || node_param_find((*node)->class, (*node)->values, colon + 1, row, call->error))
        return (int)call->error->code;
    const struct param_info *info = node_class_row((*node)->class, *row);
    if (param_is_path(info) || info->flags & PARAM_AT_CREATION)
        return error_set(call->error, ERROR_UNSUPPORTED, "%s is %s, and cannot be moved by a controller", text,
                         param_is_path(info) ? "a path" : "chosen when the node is made");
    return 0;
}

/* "*": any node. */
static int source_take(struct call *call, const char *text, struct node **source)
{
    *source = strcmp(text, "*") == 0 ? NULL : model_get(&call->server->ctl->model, text, call->error);
    if (*source && !mapping_is_from(*source))
        return error_set(call->error, ERROR_UNSUPPORTED,
                         "%s (%s) hears no controllers; a midi_input does, and each node that takes notes", text,
                         (*source)->class->name);
    return (int)call->error->code;
}

static int range_check(struct call *call, const char *what, int64_t value, int64_t most)
{
    if (value >= 0 && value <= most)
        return 0;
    return error_set(call->error, ERROR_RANGE, "%s %lld is outside its range 0 to %lld", what, (long long)value,
                     (long long)most);
}

/* Arguments min, max, pickup and relative, from the `first` on. */
static int manner_take(struct call *call, unsigned first, const struct param_info *info, struct mapping *mapping)
{
    const struct value *min = &call->args[first], *max = min + 1, *pickup = min + 2, *relative = min + 3;
    mapping->from = info->min;
    mapping->to = info->max;
    if ((min->given && param_from_number(info, min->d, &mapping->from, call->error)) ||
        (max->given && param_from_number(info, max->d, &mapping->to, call->error)))
        return (int)call->error->code;
    if (pickup->given && relative->given)
        return error_set(call->error, ERROR_BAD_VALUE,
                         "pickup is for controllers that have a place, relative for those that have none");
    mapping->mode = pickup->given ? MAPPING_PICKUP : MAPPING_JUMP;
    for (unsigned mode = MAPPING_TWOS; relative->given && mode < N_MAPPING_MODES; mode++)
        if (strcmp(relative->s, graph_text_mapping_modes[mode]) == 0)
            mapping->mode = mode;
    return 0;
}

static int mapping_make(struct call *call)
{
    const struct value *args = call->args;
    struct mapping mapping = {0};
    struct node *node;
    if (source_take(call, args[0].s, &mapping.source) || range_check(call, "channel", args[1].i, MAPPING_CHANNELS) ||
        range_check(call, "number", args[2].i, CONTROL_SOUND_OFF - 1) ||
        target_take(call, args[3].s, &node, &mapping.row) ||
        manner_take(call, 4, node_class_row(node->class, mapping.row), &mapping))
        return (int)call->error->code;
    mapping.channel = (unsigned)args[1].i;
    mapping.number = (unsigned)args[2].i;
    return tx_map(call->tx, node, &mapping, call->error);
}

static int mapping_learn(struct call *call)
{
    struct mapping mapping = {0};
    struct node *node;
    if (target_take(call, call->args[0].s, &node, &mapping.row) ||
        manner_take(call, 1, node_class_row(node->class, mapping.row), &mapping) ||
        controllers_learn(&call->server->controllers, call->request, node, &mapping, call->error))
        return (int)call->error->code;
    return CALL_LATER;
}

static int mapping_forget(struct call *call)
{
    if (controllers_forget(&call->server->controllers))
        return 0;
    return error_set(call->error, ERROR_NO_MATCH, "no controller was waited for");
}

/* Arguments that are not given stand for any. */
static bool is_meant(const struct call *call, const struct mapping *mapping, unsigned row, const struct node *source)
{
    const struct value *args = call->args;
    return mapping->row == row && (!args[1].given || mapping->source == source) &&
           (!args[2].given || mapping->channel == args[2].i) && (!args[3].given || mapping->number == args[3].i);
}

static int mapping_remove(struct call *call)
{
    struct node *node, *source = NULL;
    unsigned row, n = 0;
    if (target_take(call, call->args[0].s, &node, &row) ||
        (call->args[1].given && source_take(call, call->args[1].s, &source)))
        return (int)call->error->code;
    for (unsigned i = node->mappings ? node->mappings->n : 0; i-- > 0;)
        if (is_meant(call, &node->mappings->mapping[i], row, source)) {
            struct mapping mapping = node->mappings->mapping[i];
            n++;
            if (tx_unmap(call->tx, node, &mapping, call->error))
                return (int)call->error->code;
        }
    if (!n)
        return error_set(call->error, ERROR_NO_MATCH, "no such controller is mapped to %s; /map/list tells those that are",
                         call->args[0].s);
    return 0;
}

/* ---- what there is --------------------------------------------------------------------------------------------------- */

static void mapping_write(struct writer *results, const struct node *node, const struct mapping *mapping)
{
    char target[NAME_BYTES + NAME_PART_BYTES + 2];
    snprintf(target, sizeof target, "%s:%s", node->name, node_class_row(node->class, mapping->row)->name);
    writer_string(results, mapping->source ? mapping->source->name : "*");
    writer_int(results, (int32_t)mapping->channel);
    writer_int(results, (int32_t)mapping->number);
    writer_string(results, target);
    writer_float(results, mapping->from);
    writer_float(results, mapping->to);
    writer_string(results, graph_text_mapping_modes[mapping->mode]);
}

static int mappings_list(struct call *call)
{
    const struct model *model = &call->server->ctl->model;
    struct page page;
    int32_t n = 0;
    if (call_page(call, 0, &page))
        return (int)call->error->code;
    for (const struct node *node = model->first; node; node = node->next)
        n += node->live && node->mappings ? (int32_t)node->mappings->n : 0;
    writer_int(call->results, n);
    for (const struct node *node = model->first; node; node = node->next)
        for (unsigned i = 0; node->live && node->mappings && i < node->mappings->n; i++)
            if (page_next(&page))
                mapping_write(call->results, node, &node->mappings->mapping[i]);
    return 0;
}

#define EDITED "frame:h revision:i" /* the results of every edit */

static const struct command commands[] = {
    {"/map/cc", "source:s channel:i number:i to:s min=d max=d pickup! relative=s{twos,offset,sign}", EDITED,
     "Lets a controller (0 to 119) that a node hears on a channel (1 to 16; 0: any; the node *: any) move a parameter, as "
     "in "
     "lp:cutoff, from min to max along its curve; with pickup only once it has come to where the parameter is; relative "
     "for "
     "endless encoders: their steps are 1 and 127 (twos), 65 and 63 (offset), or 1 and 65 (sign).",
     COMMAND_EDIT, 0, mapping_make},
    {"/map/forget", "", "", "Cancels what is to be learnt.", COMMAND_ACTION, 0, mapping_forget},
    {"/map/learn", "to:s min=d max=d pickup! relative=s{twos,offset,sign}", "source:s channel:i number:i",
     "Maps the next controller that is moved within a minute as /map/cc does, and is answered then; given up when its "
     "connection closes.",
     COMMAND_ACTION, 0, mapping_learn},
    {"/map/list", "[offset:i] [count:i]", "n:i [source:s channel:i number:i to:s min:f max:f mode:s]*",
     "How many controllers are mapped, then each: who hears it, channel, number, parameter, range, and how: \"\", pickup, "
     "twos, offset or sign.",
     COMMAND_QUERY, 0, mappings_list},
    {"/map/remove", "to:s [source:s] [channel:i] [number:i]", EDITED,
     "Takes away what moves a parameter: all controllers, or those of a node, a channel, a number.", COMMAND_EDIT, 0,
     mapping_remove},
};

static void mappings_write(const struct ctl *ctl, struct bytes *text)
{
    for (const struct node *node = ctl->model.first; node; node = node->next)
        for (unsigned i = 0; node->live && node->mappings && i < node->mappings->n; i++)
            graph_text_mapping(node, &node->mappings->mapping[i], text);
}

const struct command_family map_family = {"map", commands, ROWS(commands), .session_write = mappings_write};
