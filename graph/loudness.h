/* What nodes need in order to know how loud a sound is: declared here, implemented by the daemon, null where nobody can tell. */
#pragma once

#include "graph/error.h"
#include "graph/loudness_shared.h"
#include "graph/thread.h"

/* What is to be measured. */
struct loudness_spec {
    unsigned
        channels; /* 1: mono; 2: left, right; 3: and centre; 4: quadraphonic; 5: L R C Ls Rs; 6: L R C LFE Ls Rs; 7, 8: with
                          one or two at the back */
    double rate_hz;
    bool again; /* the node was there before: at another rate, which takes no more memory once the old one has gone */
};

/* Neither function waits. */
struct loudness_service {
    void *self;
    /* Somebody who measures what is sent into *loudness from now on. 0, or TOO_BIG (all meters together take too much memory),
     * INTERNAL. */
    DAWD_CTL int (*listen)(void *self, const struct loudness_spec *spec, struct loudness **loudness, struct error *error);
    /* Gives it back, from an audio thread that has forgotten it. */
    DAWD_CTL void (*release)(void *self, struct loudness *loudness);
};
