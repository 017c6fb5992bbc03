/* What several nodes read and none changes, made once: tables that nodes of the same settings would each make alike.
 *
 *     stock_find --+-- there is one already: one more reader
 *                  +-- null: make it, stock_put              ... stocked_release by each reader's deinit; the last one frees it
 *
 * All of it is the control thread's. The audio thread reads through a node, which is one of the readers until control has seen
 * that the engine has forgotten it.
 */
#pragma once

#include "graph/arena.h"
#include "graph/media.h"
#include "graph/thread.h"

struct stocked;

/* All that is in stock; zeroed, it is empty. It must live longer than what is in it. */
struct stock {
    struct stocked *first;
    size_t n_bytes; /* of all that was taken to make it */
};

/* What a thing was made of. Two are the same if what they are called, the number and the sound are. */
struct stock_label {
    const char *what;          /* "wavetable of a file" */
    unsigned number;           /* a choice, a length */
    const struct media *media; /* of the same samples, whichever file they came from; null: none */
};

/* A thing in stock. */
struct stocked {
    void *thing;              /* in the arena */
    struct arena arena;       /* what was taken to make it; the thing's own */
    struct stock_label label; /* holds a reference to the media */
    struct stock *stock;      /* null: it is in none */
    struct stocked *next;     /* in it */
    unsigned n_readers;
};

/* A thing that is there, with one more reader, or null. */
DAWD_CTL struct stocked *stock_find(struct stock *stock, const struct stock_label *label);
/* Puts in a thing with one reader, and takes over its arena; `stock` null: nobody else will find it, and the media is not held.
 * Null when memory ran out, also before (a thing that is null), and the arena is freed. */
DAWD_CTL struct stocked *stock_put(struct stock *stock, const struct stock_label *label, struct arena *arena, void *thing);
/* One reader fewer; accepts null. */
DAWD_CTL void stocked_release(struct stocked *stocked);
