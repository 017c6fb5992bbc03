/* What instruments need of the disk: declared here, implemented by the daemon, null where nothing is streamed. */
#pragma once

#include "graph/error.h"
#include "graph/instrument.h"
#include "graph/stream_shared.h"
#include "graph/thread.h"

/* Streams of one node, all from one instrument. Which of them plays what is the node's business; it takes one that is not used
 * for each sound, and gives it back by asking for nothing. */
struct stream_set {
    struct stream *stream;
    unsigned n;
    _Atomic uint32_t n_starved; /* sounds that came too late, as the audio thread tells */
};

/* Neither function waits for a disk. */
struct stream_service {
    void *self;
    /* n streams, each with its own ring. Of the instrument, which is borrowed for the call, what is needed is copied. 0, or
     * TOO_BIG (all streams together take too much memory), INTERNAL. */
    DAWD_CTL int (*begin)(void *self, const struct instrument *instrument, unsigned n, struct stream_set **set,
                          struct error *error);
    /* Gives them back, from an audio thread that has forgotten them. */
    DAWD_CTL void (*end)(void *self, struct stream_set *set);
};
