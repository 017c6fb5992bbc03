/* Five kinds of line. */
#include "osc/describe.h"

#include "osc/json.h"

/* "key": "value", with a comma behind unless it is the last. */
static void json_pair(const char *key, const char *value, bool last, struct bytes *text)
{
    bytes_print(text, "\"%s\": ", key);
    json_string(value, text);
    bytes_print(text, "%s", last ? "" : ", ");
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
        bytes_print(text, "\"channels\": %u, ", info[i].channels ? info[i].channels : class->channels);
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

static void param(const struct param_info *info, struct bytes *text)
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
    if (info->step)
        bytes_print(text, "\"step\": %u, ", info->step);
    if (info->kind == PARAM_CONTINUOUS) {
        json_pair("unit", info->unit, false, text);
        json_pair("curve", curves[info->curve], false, text);
        bytes_print(text, "\"glide_s\": %.7g, ", (double)info->glide_s);
    }
    bytes_print(text, "\"settable\": %s, ", info->flags & PARAM_AT_CREATION ? "false" : "true");
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
        json_pair("help", class->readings[i].help, true, text);
        bytes_print(text, "}");
    }
    bytes_print(text, "]");
}

void describe_type(const struct node_class *class, struct bytes *text)
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
    bytes_print(text, ",\n \"params\": [");
    for (unsigned i = 0; i < class->n_params; i++) {
        bytes_print(text, "%s", i ? "," : "");
        param(&class->params[i], text);
    }
    bytes_print(text, "]");
    readings(class, text);
    bytes_print(text, "}");
}

void describe_command(const struct command *command, struct bytes *text)
{
    bytes_print(text, "%s%s%s\n%s\nresults: %s", command->address, *command->args ? " " : "", command->args, command->help,
                *command->results ? command->results : "none");
}
