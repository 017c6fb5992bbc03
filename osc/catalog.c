#include "osc/catalog.h"

#include <string.h>

#include "graph/line_shared.h"
#include "graph/names.h"
#include "osc/describe.h"
#include "osc/dispatch.h"
#include "osc/json.h"
#include "osc/match.h"
#include "osc/value.h"

static void pair(const char *key, const char *value, struct bytes *text)
{
    bytes_print(text, "\"%s\": ", key);
    json_string(value, text);
}

static void types(const struct limits *limits, struct bytes *text)
{
    (void)limits;
    for (unsigned i = 0; i < n_node_registry; i++) {
        bytes_print(text, "%s\n", i ? "," : "");
        describe_type(node_registry[i], 0, DESCRIBE_ALL, text);
    }
}

static void commands(const struct limits *limits, struct bytes *text)
{
    (void)limits;
    const char *between = "";
    for (unsigned i = 0; i < n_command_families; i++)
        for (unsigned k = 0; k < command_families[i]->n_commands; k++) {
            bytes_print(text, "%s\n", between);
            describe_command_json(&command_families[i]->commands[k], text);
            between = ",";
        }
}

static void values(const struct limits *limits, struct bytes *text)
{
    (void)limits;
    static const struct {
        const char *address, *set, *help;
    } rows[] = {
        {"/node/{node}", "", "All values and readings of the node, pairs of name and value."},
        {"/node/{node}/{param}", "value [glide:d(s)]",
         "A parameter, in its unit; the glide time where it is continuous; told with the note value that it follows."},
        {"/node/{node}/{param}/norm", "place:d [glide:d(s)]", "The same value as 0 to 1 along its curve."},
        {"/node/{node}/{reading}", "", "What the node measures."},
        {"/node/{node}/label", "text:s", "What people call the node, in UTF-8; \"\" takes it away."},
        {"/node/{node}/{level}", "", "The level of a port, one number per channel, in dB full scale."},
    };
    for (unsigned i = 0; i < ROWS(rows); i++) {
        bytes_print(text, "%s\n{", i ? "," : "");
        pair("address", rows[i].address, text);
        bytes_print(text, ", ");
        pair("set", rows[i].set, text);
        bytes_print(text, ", ");
        pair("help", rows[i].help, text);
        bytes_print(text, "}");
    }
}

static void errors(const struct limits *limits, struct bytes *text)
{
    (void)limits;
    static const struct {
        const char *symbol, *help;
    } rows[] = {
#define X(code, symbol, help) {symbol, help},
        ERROR_CODES(X)
#undef X
    };
    for (unsigned i = 0; i < ROWS(rows); i++) {
        bytes_print(text, "%s\n{\"code\": %u, ", i ? "," : "", i + 1);
        pair("symbol", rows[i].symbol, text);
        bytes_print(text, ", ");
        pair("help", rows[i].help, text);
        bytes_print(text, "}");
    }
}

static void limit(const char *name, const char *unit, uint64_t value, const char *help, struct bytes *text)
{
    bytes_print(text, "\n{");
    pair("name", name, text);
    bytes_print(text, ", ");
    pair("unit", unit, text);
    bytes_print(text, ", \"value\": %llu, ", (unsigned long long)value);
    pair("help", help, text);
    bytes_print(text, "}");
}

/* Those that are options, and those that are part of the language. */
static void bounds(const struct limits *limits, struct bytes *text)
{
    static const struct {
        const char *name, *unit;
        unsigned value;
        const char *help;
    } rows[] = {
        {"name", "bytes", NAME_BYTES - 1, "A node's name."},
        {"name_parts", "", NAME_PARTS_MAX, "Parts of a name, between slashes."},
        {"name_part", "bytes", NAME_PART_BYTES - 1, "A part of a name."},
        {"label", "bytes", LABEL_BYTES - 1, "A label, in UTF-8."},
        {"address", "bytes", PACKET_ADDRESS_MAX_BYTES, "An address."},
        {"arguments", "", DISPATCH_ARGS_MAX, "Arguments of a message."},
        {"bundles", "", PACKET_DEPTH_MAX, "Bundles inside each other."},
        {"pattern", "bytes", MATCH_BYTES_MOST, "The address of values that is a pattern."},
        {"matches", "", MATCH_MOST, "Values that a pattern means, and values in a transaction."},
        {"glide", "s", (unsigned)VALUE_GLIDE_MAX_S, "The glide time of a value."},
        {"fade", "s", (unsigned)DISPATCH_FADE_MAX_S, "The fade of a transaction."},
        {"port_channels", "", PORT_CHANNELS_MAX, "Channels of a port."},
        {"feedback", "frames", LINE_DELAY_FRAMES, "The delay of a feedback connection: exactly this."},
        {"tempo_marks", "", TEMPO_MARKS_MAX, "Places at which tempo or signature change."},
    };
    for (unsigned i = 0; i < ROWS(rows); i++) {
        limit(rows[i].name, rows[i].unit, rows[i].value, rows[i].help, text);
        bytes_print(text, ",");
    }
    for (unsigned i = 0; i < N_LIMITS; i++) {
        limit(limit_infos[i].name, limit_infos[i].unit, limits->most[i], limit_infos[i].help, text);
        bytes_print(text, "%s", i + 1 < N_LIMITS ? "," : "");
    }
}

static const struct {
    const char *name;
    void (*write)(const struct limits *limits, struct bytes *text);
} parts[] = {{"types", types}, {"commands", commands}, {"values", values}, {"errors", errors}, {"limits", bounds}};

bool catalog_write(const char *part, const struct limits *limits, struct bytes *text)
{
    bool is_all = strcmp(part, "all") == 0, is_known = is_all;
    if (is_all)
        bytes_print(text, "{\"program\": \"dawd\", \"version\": \"%s\", \"language\": %d", DAWD_VERSION, CATALOG_LANGUAGE);
    for (unsigned i = 0; i < ROWS(parts); i++) {
        if (!is_all && strcmp(part, parts[i].name) != 0)
            continue;
        is_known = true;
        if (is_all)
            bytes_print(text, ",\n\"%s\": ", parts[i].name);
        bytes_print(text, "[");
        parts[i].write(limits, text);
        bytes_print(text, "]");
    }
    if (is_all)
        bytes_print(text, "}");
    return is_known;
}
