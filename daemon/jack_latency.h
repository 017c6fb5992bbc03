/* What JACK is told of how late the graph makes the sound. */
#pragma once

#include <jack/jack.h>
#include <stdbool.h>

#include "daemon/jack_shared.h"
#include "graph/device.h"
#include "graph/thread.h"

/* JACK's latency callback; the argument is the struct jack_shared. Of each of our outputs it is told how old the sound is there
 * since it was captured, of each of our inputs how long it takes until it is heard: what our other ports know, and the way
 * between. Runs on JACK's notification thread, which may ask and set ranges, and nothing else. */
DAWD_JACK void jack_latency_tell(jack_latency_callback_mode_t mode, void *argument);

/* Takes over the latencies of a wish; true when any is another one than before, and JACK is to ask anew. */
DAWD_JACK bool jack_latency_take(struct jack_shared *shared, const struct device_port *wish, unsigned n_wish);
