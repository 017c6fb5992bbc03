/* The grammar of names: nodes, ports, channel selections.
 *
 *     drums/room:out.3-4
 *     |         |   |
 *     node      |   channels, from 1; all of them where left out
 *               port or parameter; the first port where left out
 *
 * Only form is judged here; what exists is the model's to say.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "graph/error.h"
#include "graph/thread.h"

#define NAME_BYTES      241 /* longest node name with its terminator */
#define NAME_PART_BYTES 64  /* longest part between slashes, or port name, with its terminator */
#define NAME_PARTS_MAX  4
#define LABEL_BYTES     241 /* longest label with its terminator */

/* A port as it stands in an argument: "node", "node:port", "node:port.2", "node:port.3-4". */
struct port_ref {
    char node[NAME_BYTES];
    char port[NAME_PART_BYTES]; /* "" when omitted: the first port */
    unsigned first;             /* first selected channel, from 0 */
    unsigned n_channels;        /* 0: all */
};

/* 0 when `name` is a legal node name: 1 to 4 parts joined by '/', each [A-Za-z_][A-Za-z0-9_.-]{0,62}, at most 240 bytes.
 * Otherwise ERROR_BAD_VALUE with the reason. */
DAWD_ANY int name_check(const char *name, struct error *error);

/* Reads a port reference. 0; ERROR_BAD_VALUE with the reason when it is malformed, *ref then being of no use. A selection
 * lies within 8 channels, but may reach beyond those that the port has. */
DAWD_ANY int port_ref_parse(const char *text, struct port_ref *ref, struct error *error);

/* How many slashes: one less than a name has parts. */
DAWD_ANY unsigned names_slashes(const char *text);

/* Edit distance (Levenshtein), to tell what a typo meant; NAME_BYTES when either text is longer than NAME_PART_BYTES,
 * which bounds the cost of a look through many names. */
DAWD_ANY unsigned names_distance(const char *a, const char *b);

/* Appends ", word" to a list of what there is, the first without comma, as long as there is room for whole words; what comes
 * after is ", ...". */
DAWD_ANY void names_add(char *list, size_t bytes, const char *word);

/* What a mistyped word may have meant: the nearest of all words that are offered, or one that begins with it, as long as it is near
 * enough. */
struct guess {
    const char *written; /* borrowed */
    const char *nearest; /* borrowed; null: nothing was near enough */
    unsigned least;      /* halves of an edit to beat */
};

DAWD_ANY struct guess guess_begin(const char *written);
DAWD_ANY void guess_offer(struct guess *guess, const char *word);

#define GUESS_BYTES (NAME_PART_BYTES + 32)

/* What a refusal asks behind what it could not find: `; did you mean "nearest"?`, written to `text`; `otherwise` where nothing
 * was near enough. */
DAWD_ANY const char *guess_ask(const struct guess *guess, const char *otherwise, char text[GUESS_BYTES]);
