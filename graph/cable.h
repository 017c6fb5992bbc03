/* Connections of the ports that a node has at the sound card to ports of other programs: wished for here, made by the driver. */
#pragma once

#include <stdbool.h>

#include "graph/device.h"
#include "graph/error.h"
#include "graph/thread.h"

struct node;
struct tx;

enum cable_wish {
    CABLE_NONE, /* nothing is said of it */
    CABLE_MADE, /* it shall be there whenever both ports are */
    CABLE_CUT,  /* it shall not be there, though it usually would; with other "": none that usually would */
};

/* One wish, of the node's channel (from 0). */
struct cable {
    unsigned channel;
    bool is_cut;
    char other[DEVICE_OTHER_BYTES];
};

/* All wishes of a node, by age; never changed, but exchanged for another list. */
struct cables {
    unsigned n;
    struct cable cables[];
};

/* Whether the name of a port means many: * stands for any characters, ? for one. JACK's names hold brackets. */
DAWD_ANY bool cable_is_pattern(const char *other);
/* Whether a port of this name is meant. */
DAWD_ANY bool cable_fits(const char *other, const char *name);

/* What is wished of one connection, of a pattern by these very characters. */
DAWD_CTL enum cable_wish cable_wish(const struct node *node, unsigned channel, const char *other);
/* Whether it is to be there, by its name or by a pattern. */
DAWD_CTL bool cable_is_wished(const struct node *node, unsigned channel, const char *other);
/* Wishes for it, in the place of what was wished. too_big for a longer name than there can be, internal. */
DAWD_CTL int tx_set_cable(struct tx *tx, struct node *node, unsigned channel, const char *other, enum cable_wish wish,
                          struct error *error);
/* Gives the node these n wishes (struct cable, copied, aligned anyhow) in the place of all it has, but for those of channels
 * that it does not have. internal. */
DAWD_CTL int tx_put_cables(struct tx *tx, struct node *node, const void *wishes, unsigned n, struct error *error);
/* Takes the node's wishes away: those of one channel, or all where it is CABLE_ALL. internal. */
#define CABLE_ALL (~0u)
DAWD_CTL int tx_clear_cables(struct tx *tx, struct node *node, unsigned channel, struct error *error);
