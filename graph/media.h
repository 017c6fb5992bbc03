/* Decoded sound, as the nodes see it. The daemon's loader makes it; the graph only borrows.
 *
 * A media object is immutable and complete once anyone but its maker can see it. It is shared by reference count between
 * the control thread's objects; the audio thread reads it through a node that holds one reference.
 */
#pragma once

#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"

struct media {
    /* What is heard. */
    float *samples; /* interleaved, n_frames * channels, finite, nominally -1..1; touched, so that reading never faults */
    uint64_t n_frames;   /* at rate_hz */
    unsigned channels;   /* 1 or more */
    double rate_hz;      /* the engine's rate when it was loaded, which may have changed since: players compensate; for a
                            parameter with PARAM_OWN_RATE, file_rate_hz */
    double file_rate_hz; /* the rate of the file, before resampling */
    /* Who keeps it. The maker hands it over with one reference. */
    unsigned references;                  /* control thread only, after loading */
    void (*release)(struct media *media); /* frees everything; called when the last reference goes */
};

/* Takes or gives back one reference. Both accept null; the last one given back frees the object. No reference is counted
 * on the audio thread: what it reads is held by the object of a node, which outlives every plan that the node is in. */
DAWD_CTL struct media *media_ref(struct media *media);
DAWD_CTL void media_unref(struct media *media);
