/* What nodes need of the disk: declared here, implemented by the daemon, null where nothing can be recorded. */
#pragma once

#include "graph/error.h"
#include "graph/recording_shared.h"
#include "graph/sound_format.h"
#include "graph/thread.h"

/* A recording to be; all borrowed for the call. */
struct recording_spec {
    const char *path; /* of the first take, with or without the format's extension; later ones are numbered */
    enum sound_format format;
    unsigned channels;
    double rate_hz;
    bool
        again; /* the node was there before, at another rate or in a session: that its file exists is no conflict, its takes are
                   numbered on, and a folder that is gone is found out by the next take */
};

/* Neither function waits for a disk. */
struct disk_service {
    void *self;
    /* Prepares for takes, of which each becomes a file of its own, made when it begins; no file is ever overwritten. What is
     * put into *recording is the disk thread's at its other end. 0, or CONFLICT (the file exists), BAD_VALUE, NO_FILE (its
     * folder does not exist), DENIED, TOO_BIG (all recordings together take too much memory), IO, INTERNAL. */
    DAWD_CTL int (*record)(void *self, const struct recording_spec *spec, struct recording **recording,
                           struct error *error);
    /* Takes it back, from an audio thread that has forgotten it. A take that runs ends here; whatever is in it is still
     * written. */
    DAWD_CTL void (*release)(void *self, struct recording *recording);
};
