/* JACK's own lines, brought into our log. JACK has one pair of functions for the whole process, so of several drivers the
 * newest hears for all. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/log.h"
#include "graph/thread.h"

/* Where they go. The struct stays where it is as long as it listens. */
struct jack_messages {
    struct log *log;    /* borrowed */
    _Atomic bool quiet; /* errors are no news now (no server is there yet): they are for debugging only */
};

/* From now on JACK's lines, of the whole process, go to this log. Borrows `messages` until jack_messages_end. */
DAWD_ANY void jack_messages_begin(struct jack_messages *messages);
/* They go nowhere, unless somebody else has begun meanwhile. No client may be open. */
DAWD_ANY void jack_messages_end(struct jack_messages *messages);
