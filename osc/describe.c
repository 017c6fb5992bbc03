/* Five kinds of line. */
#include "osc/describe.h"

#include <string.h>

#include "graph/names.h"
#include "graph/note.h"
#include "osc/json.h"
#include "osc/level.h"
#include "osc/row.h"

/* "key": "value", with a comma behind unless it is the last. */
static void json_pair(const char *key, const char *value, bool last, struct bytes *text)
{
    bytes_print(text, "\"%s\": ", key);
    json_string(value, text);
    bytes_print(text, "%s", last ? "" : ", ");
}

/* What does not hold is left out: of most rows that is nearly all, and long tables have to fit a datagram. */
static void json_truth(const char *key, bool value, struct bytes *text)
{
    if (value)
        bytes_print(text, "\"%s\": true, ", key);
}

/* What only a node with enough of them has. */
static void number(unsigned number, struct bytes *text)
{
    if (number)
        bytes_print(text, "\"number\": %u, ", number);
}

static void ports(const char *key, const struct node_class *class, const struct port_info *info, unsigned n,
                  struct bytes *text)
{
    bytes_print(text, ",\n \"%s\": [", key);
    for (unsigned i = 0; i < n; i++) {
        bytes_print(text, "%s\n  {", i ? "," : "");
        json_pair("name", info[i].name, false, text);
        bytes_print(text, "\"channels\": %u, ", port_info_channels(&info[i], class->channels));
        json_truth("channels_of_node", !info[i].channels && !info[i].events, text);
        json_truth("events", info[i].events, text);
        number(info[i].number, text);
        json_pair("help", info[i].help, true, text);
        bytes_print(text, "}");
    }
    bytes_print(text, "]");
}

/* A choice is written by name, so its default is told by name. */
static void choices(const struct param_info *info, struct bytes *text)
{
    bytes_print(text, "\"choices\": [");
    for (unsigned i = 0; info->choices[i]; i++) {
        bytes_print(text, "%s", i ? ", " : "");
        json_string(info->choices[i], text);
    }
    bytes_print(text, "], \"default\": ");
    json_string(info->choices[(unsigned)info->initial], text);
    bytes_print(text, ", ");
}

/* Whole numbers to their last digit, others with as many as a float gives back. */
static void range_number(const char *key, float value, struct bytes *text)
{
    bytes_print(text, value == rintf(value) ? "\"%s\": %.0f, " : "\"%s\": %.7g, ", key, (double)value);
}

static void range(const struct param_info *info, struct bytes *text)
{
    range_number("min", info->min, text);
    range_number("max", info->max, text);
    range_number("default", info->initial, text);
}

/* Where a class has a switch `lock`, that is what lets its `rate` go by the piece (graph/dsp/sway.h). */
static bool locks(const struct node_class *class, const struct param_info *info)
{
    bool has_lock = false;
    for (unsigned row = 0; row < class->n_params; row++)
        has_lock |= class->params[row].kind == PARAM_SWITCH && strcmp(class->params[row].name, "lock") == 0;
    return has_lock && strcmp(info->name, "rate") == 0;
}

static void param(const struct node_class *class, const struct param_info *info, struct bytes *text)
{
    static const char *const kinds[] = {"continuous", "choice", "switch", "integer", "file", "sink"};
    static const char *const curves[] = {"linear", "log"};
    bytes_print(text, "\n  {");
    json_pair("name", info->name, false, text);
    json_pair("kind", kinds[info->kind], false, text);
    if (info->kind == PARAM_CHOICE)
        choices(info, text);
    else if (!param_is_path(info))
        range(info, text);
    if (info->kind == PARAM_FILE)
        json_pair("reads", media_kind_word(info->reads), false, text);
    if (info->step)
        bytes_print(text, "\"step\": %u, ", info->step);
    if (info->kind == PARAM_CONTINUOUS) {
        json_pair("unit", info->unit, false, text);
        json_pair("curve", curves[info->curve], false, text);
        bytes_print(text, "\"glide_s\": %.7g, ", (double)info->glide_s);
    }
    json_truth("settable", !(info->flags & PARAM_AT_CREATION), text);
    json_truth("fixed", info->flags & PARAM_FIXED, text);
    json_truth("rebuild", info->flags & PARAM_REBUILD, text);
    json_truth("needed", info->flags & PARAM_NEEDED, text);
    json_truth("transient", info->flags & PARAM_TRANSIENT, text);
    json_truth("modulatable", info->kind == PARAM_CONTINUOUS && !(info->flags & PARAM_AT_CREATION), text);
    json_truth("note_values", note_fits(info), text);
    json_truth("locks", locks(class, info), text);
    number(info->number, text);
    json_pair("help", info->help, true, text);
    bytes_print(text, "}");
}

static void readings(const struct node_class *class, struct bytes *text)
{
    bytes_print(text, ",\n \"readings\": [");
    for (unsigned i = 0; i < class->n_readings; i++) {
        bytes_print(text, "%s\n  {", i ? "," : "");
        json_pair("name", class->readings[i].name, false, text);
        json_pair("unit", class->readings[i].unit, false, text);
        bytes_print(text, "\"initial\": %.9g, ", (double)class->readings[i].initial);
        json_pair("help", class->readings[i].help, true, text);
        bytes_print(text, "}");
    }
    bytes_print(text, "]");
}

static void presets(const struct node_class *class, struct bytes *text)
{
    bytes_print(text, ",\n \"presets\": [");
    for (unsigned i = 0; i < class->n_presets; i++) {
        bytes_print(text, "%s\n  {", i ? "," : "");
        json_pair("name", class->presets[i].name, false, text);
        bytes_print(text, "\"program\": %u, ", i);
        json_pair("values", class->presets[i].values, false, text);
        json_pair("help", class->presets[i].help, true, text);
        bytes_print(text, "}");
    }
    bytes_print(text, "]");
}

static void levels(const struct node_class *class, struct bytes *text)
{
    char path[NAME_PART_BYTES + 8];
    bytes_print(text, ",\n \"levels\": [");
    for (unsigned i = 0; level_address(class, i, path, sizeof path); i++) {
        bytes_print(text, "%s", i ? ", " : "");
        json_string(path, text);
    }
    bytes_print(text, "]");
}

static void params(const struct node_class *class, unsigned first, unsigned n, struct bytes *text)
{
    bytes_print(text, ",\n \"n_params\": %u,\n \"params\": [", class->n_params);
    for (unsigned i = first; i < class->n_params && i - first < n; i++) {
        bytes_print(text, "%s", i > first ? "," : "");
        param(class, &class->params[i], text);
    }
    bytes_print(text, "]");
}

void describe_type(const struct node_class *class, unsigned first, unsigned n, struct bytes *text)
{
    bytes_print(text, "{");
    json_pair("name", class->name, false, text);
    json_pair("help", class->help, false, text);
    /* Where the width cannot be chosen, the usual one is the greatest too. */
    bytes_print(text, "\"channels\": %u, \"channels_max\": %u", class->channels,
                class->channels_max ? class->channels_max : class->channels);
    if (class->numbered_by) {
        bytes_print(text, ", ");
        json_pair("numbered_by", class->params[class->numbered_by - 1].name, true, text);
    }
    ports("inputs", class, class->inputs, class->n_inputs, text);
    ports("outputs", class, class->outputs, class->n_outputs, text);
    params(class, first, n, text);
    readings(class, text);
    presets(class, text);
    levels(class, text);
    bytes_print(text, "}");
}

/* ---- commands ------------------------------------------------------------------------------------------------------- */

static void word(const struct row_word *word, const char *type, struct bytes *text)
{
    bytes_print(text, "{");
    json_pair("name", word->name, false, text);
    if (*word->unit)
        json_pair("unit", word->unit, false, text);
    if (*word->choices) {
        bytes_print(text, "\"choices\": [\"");
        for (const char *at = word->choices; *at; at++)
            bytes_print(text, *at == ',' ? "\", \"" : "%c", *at);
        bytes_print(text, "\"], ");
    }
    json_pair("type", type, true, text);
}

static void args(const struct command *command, struct bytes *text)
{
    struct row_word arg = {0};
    const char *at = command->args;
    bytes_print(text, ",\n \"args\": [");
    for (unsigned i = 0; row_arg_next(&at, &arg); i++) {
        const char *type = arg.is_rest ? "pairs" : arg.type ? row_type_name(arg.type) : "flag";
        bytes_print(text, "%s\n  ", i ? "," : "");
        word(&arg, type, text);
        bytes_print(text, ", \"optional\": %s, \"keyword\": %s}",
                    arg.is_optional || arg.is_keyword || arg.is_rest ? "true" : "false", arg.is_keyword ? "true" : "false");
    }
    bytes_print(text, "]");
}

/* [[single, single, [repeated, repeated]], [single of the alternative]] */
static void results(const struct command *command, struct bytes *text)
{
    struct row_word result = {0}, before = {0};
    const char *at = command->results;
    bytes_print(text, ",\n \"results\": [[");
    for (bool first = true; row_result_next(&at, &result); before = result, first = false) {
        char type[2] = {result.type};
        bool is_other = result.alternative != before.alternative;
        if (is_other)
            bytes_print(text, "%s], [", before.is_repeated ? "]" : "");
        bytes_print(text, "%s%s", first || is_other ? "" : ", ",
                    result.is_repeated && (is_other || !before.is_repeated) ? "[" : "");
        word(&result, type, text);
        bytes_print(text, "}");
    }
    bytes_print(text, "%s]]", before.is_repeated ? "]" : "");
}

void describe_command_json(const struct command *command, struct bytes *text)
{
    static const char *const kinds[] = {
        [COMMAND_QUERY] = "query", [COMMAND_EDIT] = "edit", [COMMAND_ACTION] = "action", [COMMAND_VALUE] = "value"};
    bytes_print(text, "{");
    json_pair("address", command->address, false, text);
    json_pair("kind", kinds[command->kind], false, text);
    json_pair("role", role_name(command_role(command, 0)), false, text);
    json_pair("role_with_arguments", role_name(command_role(command, 1)), false, text);
    json_pair("role", role_name(command_role(command, command->kind == COMMAND_VALUE)), false, text);
    json_pair("help", command->help, true, text);
    args(command, text);
    results(command, text);
    bytes_print(text, "}");
}

void describe_command(const struct command *command, struct bytes *text)
{
    enum role alone = command_role(command, 0), with_arguments = command_role(command, 1);
    bytes_print(text, "%s%s%s\n%s\nresults: %s\nrole: %s", command->address, *command->args ? " " : "", command->args,
                command->help, *command->results ? command->results : "none", role_name(alone));
    if (with_arguments != alone)
        bytes_print(text, ", %s with arguments", role_name(with_arguments));
}
