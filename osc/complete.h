/* What may stand next on a command line: for shells that complete it. All but the names of nodes comes from the tables. */
#pragma once

#include "graph/map.h"
#include "graph/thread.h"

/* The nodes of a running daemon; none where there is no daemon. */
struct complete_node {
    const char *name, *type; /* borrowed */
};

struct complete {
    const struct complete_node *nodes;
    unsigned n_nodes;
    void (*offer)(void *user, const char *word); /* one candidate, which begins with what was typed */
    void *user;
};

/* Offers all that may stand in the place of the last of n words (n >= 1; "" where nothing is typed yet), the first of which is an
 * address. Words that a program knows by itself (files, numbers) are not offered. */
DAWD_ANY void complete_words(const struct complete *complete, const char *const *words, unsigned n);
