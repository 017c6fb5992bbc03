/* What there is, described for programs (JSON) and for people. */
#pragma once

#include "graph/node.h"
#include "osc/bytes.h"
#include "osc/command.h"

#define DESCRIBE_ALL (~0u) /* rows */

/* Appends a node type as one JSON object: name, help, channels, inputs, outputs, n_params, params, readings, presets, levels. Of
 * the parameters there are n rows from a first one on. Texts are ASCII; memory that runs out shows in text->failed. */
DAWD_ANY void describe_type(const struct node_class *class, unsigned first, unsigned n, struct bytes *text);

/* Appends a command as one JSON object: address, kind, help, args, results. Each alternative of the results is an array of
 * single results, of which the last may be the array of those that are repeated. */
DAWD_ANY void describe_command_json(const struct command *command, struct bytes *text);

/* Appends a command: usage in the first line, help in the second, results in the third. */
DAWD_ANY void describe_command(const struct command *command, struct bytes *text);
