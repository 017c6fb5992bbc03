/* Ports of others that come and go, of which one of ours is connected to all that fit: a keyboard that is plugged in later. What
 * was connected once and has been cut by somebody since stays cut, until it has gone and come back. Manager thread only. */
#pragma once

#include <jack/jack.h>
#include <stdint.h>

#include "graph/thread.h"

struct jack_cables;

/* All-zero: nothing has been connected. */
struct jack_hunt {
    uint64_t serial; /* of our port that these were connected to */
    char **made;     /* names, owned; of ports that are still there */
    unsigned n;
};

/* What is looked for, and for whom. */
struct jack_prey {
    jack_client_t *client;
    jack_port_t *port; /* ours */
    unsigned index;    /* its number, */
    uint64_t serial;   /* and that of its registration */
    const char *pattern;
    unsigned long flags; /* that the others have as well: JackPortIsPhysical */
};

/* Connects what fits and is new, but for what the cables say shall not be. */
DAWD_JACK void jack_hunt_look(struct jack_hunt *hunt, const struct jack_prey *prey, struct jack_cables *cables);
/* Forgets what was connected. */
DAWD_JACK void jack_hunt_reset(struct jack_hunt *hunt);
