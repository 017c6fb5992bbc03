/* Controllers that move parameters.
 *
 *     source, channel, number ──▶ mapping ──▶ parameter of the node that the mapping is kept with
 *
 * It ends with either of its nodes: who removes one removes what leads to it and comes from it, as steps of the same transaction,
 * so an undo brings all of it back. A node that takes the place of another (graph/tx_replace.c) takes its mappings along, as
 * far as it has parameters of these names. So a source is always there, and may be pointed at.
 *
 * What moves it comes up from the audio thread (graph/heard.h); setting the value is osc/controllers.h. Nothing here is known
 * to the audio thread: a mapping needs no plan, only a revision.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"

struct model;
struct node;
struct tx;

#define MAPPINGS_MOST    256 /* of one node */
#define MAPPING_CHANNELS 16

/* How a controller's value is understood. */
enum mapping_mode {
    MAPPING_JUMP,   /* a place, gone to at once */
    MAPPING_PICKUP, /* a place, followed once the controller has come to where the parameter is */
    /* Steps of an endless encoder, as its maker writes them: */
    MAPPING_TWOS,   /* 1, 2 .. up; 127, 126 .. down */
    MAPPING_OFFSET, /* 65, 66 .. up; 63, 62 .. down */
    MAPPING_SIGN,   /* 1, 2 .. up; 65, 66 .. down */
    N_MAPPING_MODES,
};

/* One of them. What it is known by is its parameter, source, channel and number: mapping another way replaces it. */
struct mapping {
    /* What moves, and what is moved. */
    struct node *source; /* who hears the controller; null: whoever does */
    unsigned channel;    /* 1..16; 0: any */
    unsigned number;     /* of the controller */
    unsigned row;        /* of the parameters; n_params: bypass */
    /* How: along the parameter's curve. `from` may lie above `to`. */
    enum mapping_mode mode;
    float from, to; /* the parameter's values at 0 and 127 */
    /* Of the moment, written by osc/controllers.c; whoever exchanges the list keeps it. */
    bool has_set;
    float set;    /* what it has set last: while the parameter is still there, it has hold of it */
    double place; /* of an encoder, between `from` and `to`: finer than values that have steps */
    bool has_heard;
    float heard; /* the controller's last value */
};

/* All of a node, by row, source, channel and number; never changed but for what is of the moment. */
struct mappings {
    unsigned n;
    struct mapping mapping[];
};

/* Below 0, 0 or above, as a comes before b, in its place, or behind. */
DAWD_CTL int mapping_compare(const struct mapping *a, const struct mapping *b);
/* The one of a list (or of none, null) that has this one's place, or null. */
DAWD_CTL const struct mapping *mappings_find(const struct mappings *mappings, const struct mapping *like);
/* Whether they do the same. */
DAWD_CTL bool mapping_is_same(const struct mapping *a, const struct mapping *b);

/* Exchanges the node's list for another, and the other way round: takes *mappings, gives what there was (either may be null).
 * Cannot fail, so it is the way back too. */
DAWD_CTL void mappings_put(struct model *model, struct node *node, struct mappings **mappings);

/* Whether the node hears controllers: it takes notes, or brings them from outside. */
DAWD_CTL bool mapping_is_from(const struct node *source);

/* Maps, in the place of what is there. 0; too_big, internal. */
DAWD_CTL int tx_map(struct tx *tx, struct node *node, const struct mapping *mapping, struct error *error);
/* Takes the mapping with this one's place away, which there is. 0 or internal. */
DAWD_CTL int tx_unmap(struct tx *tx, struct node *node, const struct mapping *like, struct error *error);
/* Takes away all that lead to the node or come from it. 0 or internal, with some of it done. */
DAWD_CTL int tx_clear_mappings(struct tx *tx, struct node *node, struct error *error);

/* What leads to a node and comes from it, for another that takes its place; to be freed. */
struct mapping_carry {
    unsigned n;
    struct carried_mapping {
        struct node *node;
        struct mapping mapping;
    } * carried;
};

/* Notes it, before the node loses it; nothing to be freed where there is nothing. 0 or internal. */
DAWD_CTL int mapping_carry_note(const struct model *model, const struct node *from, struct mapping_carry *carry,
                                struct error *error);
/* Maps it to and from the other node, as far as that has such parameters. As tx_map. */
DAWD_CTL int tx_carry_mappings(struct tx *tx, const struct mapping_carry *carry, const struct node *from, struct node *to,
                               struct error *error);
