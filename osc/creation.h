/* A node as the words of a command describe it: what /graph/add, copy and replace have in common, and what the set of a file
 * comes to.
 *
 *     creation_open     initial values; creation_inherit those of another node
 *     creation_read     pairs of parameter and value from the command, behind the preset that it names
 *     creation_load     its files, last: all that can be wrong without them is found before anything is loaded
 *     creation_spec     for tx_add_node, tx_replace_node
 */
#pragma once

#include "graph/tx.h"
#include "osc/command.h"

struct creation {
    const struct node_class *class;
    unsigned channels;    /* 0: the class's default */
    float *values;        /* per row */
    uint16_t *notes;      /* per row: the note value that it follows, or 0 */
    char **texts;         /* per row, borrowed from the packet or from another node; or null */
    struct media **media; /* per row, borrowed from the request's files */
    struct arg *pairs;    /* of words and values, as they were read */
    unsigned n_pairs;     /* arguments in it */
    const char *label;    /* borrowed as texts are; null: none */
    bool has_word;        /* the word that stands alone was among them */
};

/* All is initial. 0, or internal; creation_close in either case. */
DAWD_CTL int creation_open(struct creation *creation, const struct node_class *class, struct error *error);
DAWD_CTL void creation_close(struct creation *creation);

/* Takes over from a node, which is borrowed until the end, what means the same here: of the same class everything, of another
 * what has the same name, kind and unit there, where it is in range; a width that was chosen, where it can be. `transient`: what
 * is of the moment as well. */
DAWD_CTL void creation_inherit(struct creation *creation, const struct node *node, bool transient);

/* Reads the rest of a call: pairs, and `word` alone (null: none). 0, or an error that names the pair. */
DAWD_CTL int creation_read(struct call *call, struct creation *creation, const char *word);
/* Takes one argument as the value of a parameter. */
DAWD_CTL int creation_set(struct call *call, struct creation *creation, unsigned row, const struct arg *arg);

/* Its files. As call_media. */
DAWD_CTL int creation_load(struct call *call, struct creation *creation);

/* Borrows from the creation. `before`: a node that it replaces, or null: where both write one file, it exists with reason. */
DAWD_CTL struct node_spec creation_spec(const struct creation *creation, const char *name, const struct node *before);

/* no_such_type, with what may have been meant. */
DAWD_CTL int creation_no_such_type(const char *type, struct error *error);
