/* The whole language in one JSON text, from which a program can build its interface: what /describe all answers.
 *
 *     program version language
 *     types      every node type, as describe_type writes it
 *     commands   every row: arguments and results with types and units
 *     values     the addresses of values, with what stands for a name in braces
 *     errors     codes, symbols, meanings
 *     limits     what is too_big, or out of range, beyond
 */
#pragma once

#include "graph/limits.h"
#include "osc/bytes.h"
#include "osc/command.h"

#define CATALOG_LANGUAGE 1 /* the language's version: counts up when a client would have to know */
#define CATALOG_PARTS    "all, types, commands, values, errors, limits"

/* Appends a part as one JSON value, with the limits of this daemon; false, and nothing appended, where there is none of that name. No node type has the name of
 * a part. */
DAWD_ANY bool catalog_write(const char *part, const struct limits *limits, struct bytes *text);
