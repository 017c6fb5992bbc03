/* The addresses of values, and what they lead to: all that clients may read or set beneath /node/. */
#pragma once

#include "osc/level.h"
#include "osc/server.h"

#define TARGET_PREFIX "/node/"

enum target_kind {
    TARGET_NODE,    /* /node/NAME: all its parameters and readings; to be read only */
    TARGET_PARAM,   /* /node/NAME/PARAM */
    TARGET_NORM,    /* /node/NAME/PARAM/norm: the same value as 0 to 1 along its curve */
    TARGET_READING, /* /node/NAME/READING; to be read only */
    TARGET_LEVEL,   /* /node/NAME/PORT/peak and /rms; to be read only, by level_read */
    TARGET_NOTES,   /* /node/NAME/notes: what of it is on; to be read only */
    TARGET_LABEL,   /* /node/NAME/label: a text for people */
};

struct target {
    struct node *node;
    enum target_kind kind;
    unsigned row;       /* of the table of parameters or readings */
    struct level level; /* TARGET_LEVEL */
    const char *path;   /* what follows the node's name, borrowed from the address; null: nothing */
};

/* Whether an address (without /req/<n>) is meant to be a value's. */
DAWD_ANY bool target_is_address(const char *address);

/* Finds what an address leads to; the longest node name that it begins with wins. 0; no_such_node, no_such_param with what
 * there is instead. */
DAWD_CTL int target_find(const struct server *server, const char *address, struct target *target, struct error *error);

/* Whether it can be set at all. */
DAWD_CTL bool target_is_settable(const struct target *target);

/* Adds what there is to read to results; not of TARGET_LEVEL. */
DAWD_CTL void target_write(struct writer *results, const struct target *target);

/* Adds a parameter's value as its kind is written: a number, T or F, the name of a choice, a path; the note value in the place of
 * the number where it follows one. What sets it to that. */
DAWD_CTL void target_write_param(struct writer *results, const struct node *node, unsigned row);
/* As clients are told it: the number that it is now, and behind it the note value where it follows one. */
DAWD_CTL void target_write_value(struct writer *results, const struct node *node, unsigned row);
