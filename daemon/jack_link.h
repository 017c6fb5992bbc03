/* A connection between a port of ours and one of others, whichever way the sound goes. Manager thread only. */
#pragma once

#include <jack/jack.h>
#include <stdbool.h>

#include "graph/thread.h"

/* Whether the port is a source for others. */
DAWD_JACK bool jack_link_gives(const jack_port_t *ours);
/* Whether both are connected now. The client of the other one may have its ports and not run yet, and JACK refuses then. */
DAWD_JACK bool jack_link_make(jack_client_t *client, const jack_port_t *ours, const char *other);
DAWD_JACK void jack_link_cut(jack_client_t *client, const jack_port_t *ours, const char *other);
