/* JSON being read by a strict reader that owes nothing to the code that writes it: every value that is no object or array, with
 * the way to it: "params[2].name". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "graph/thread.h"

struct json {
    const char *at; /* where it stopped */
    char path[256];
    struct json_leaf {
        char path[128], value[512]; /* strings without their quotes, cut where they are longer */
        bool is_string;
    } * leaves; /* owned */
    unsigned n, n_capacity;
};

/* Reads a whole text into *json, which was read into before or is all zero. False where it is no JSON. */
DAWD_ANY bool json_read(struct json *json, const char *text);
/* The value at a place, or null. */
DAWD_ANY const char *json_find(const struct json *json, const char *path);
DAWD_ANY void json_free(struct json *json);
