/* The levels of ports: /node/NAME/PORT/peak and /node/NAME/PORT/rms, one number per channel, in dB full scale. The ports are
 * a node's outputs, or its inputs where it has no outputs. */
#pragma once

#include "osc/request.h"

/* What such an address leads to. */
struct level {
    unsigned first, n_channels; /* of the node's meter */
    enum meter_kind kind;
};

/* Reads what follows the node's name in the address. False when that is no level's. */
DAWD_CTL bool level_find(const struct node *node, const char *path, struct level *level);
/* Whether nodes of this class may have a level under this path. */
DAWD_CTL bool level_takes(const struct node_class *class, const char *path);
/* The n-th path that level_takes says yes to, written to `path`, n_path bytes; null from the end on. */
DAWD_CTL const char *level_address(const struct node_class *class, unsigned n, char *path, size_t n_path);

/* Answers a read: at once, or as soon as there is something true to say. 0 or an error. */
DAWD_CTL int level_read(const struct request *request, struct node *node, const struct level *level, struct error *error);
