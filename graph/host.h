/* What the language needs of the operating system: declared here, implemented by the daemon, faked by tests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/media.h"
#include "graph/thread.h"

#define HOST_CAUSES_MOST 7
#define HOST_CAUSE_BYTES 320

/* How a load ended: media with one reference that is the callee's, or null and why. What was odd about a file that could be
 * loaded all the same stands in the log. */
struct loaded {
    struct media *media;
    struct error error;
};

/* How the reading of a text file ended: its n bytes, the callee's to free with free(), or null and why. */
struct loaded_text {
    char *text;
    size_t n;
    struct error error;
};

/* A text to be written. */
struct saved_text {
    const char *text;
    size_t n;
    size_t n_head; /* a file that exists is only replaced when its first n_head bytes are those of the text */
};

/* A line for the log; all borrowed for the call. */
struct host_line {
    bool is_failure;  /* something went wrong; otherwise something worth knowing */
    const char *kind; /* one word that lines of this kind can be found by; each kind is limited by itself */
    const char *node; /* name of the node that it is about; null: of none */
    const char *text; /* without a newline */
};

/* How well the program is placed to be in time, at this moment. Filled whatever the state is. */
struct host_status {
    bool has_server;        /* a JACK server drives the engine */
    bool is_realtime;       /* the audio thread has real-time priority */
    bool is_locked;         /* its memory is locked */
    unsigned period_frames; /* of the server; 0 without one */
    uint64_t n_losses;      /* servers that went */
    uint64_t n_hangs;       /* times that libjack did not come back from closing a client */
    unsigned n_leaks;       /* clients of which it has not yet */
    unsigned n_ports, n_ports_wanted;
    char server[64]; /* name of the JACK server, "" when there is to be none */
    char client[64]; /* our name there; "" without a server */
    /* What keeps it from being well, each as a sentence, the gravest first; all "" when all is well. */
    unsigned n_causes;
    char causes[HOST_CAUSES_MOST][HOST_CAUSE_BYTES];
};

/* What is kept of what is done, so that it comes back after a crash. */
struct host_kept {
    char folder[256];             /* where */
    char error[HOST_CAUSE_BYTES]; /* why what was done last could not be kept; "" when it could */
    double snapshot_age_s;        /* since the whole session was written */
    size_t journal_bytes;         /* behind it */
    /* How this start went on from the one before. */
    char recovered[512];           /* what it is made of, and what is not taken, as a sentence */
    unsigned n_applied, n_dropped; /* groups of the journal */
    char aside[300];               /* where what was not taken lies; "" when all was taken */
};

/* Each function gets `self` back and returns without waiting. */
struct host {
    void *self;
    /* Starts loading what is wanted (copied) off the control thread; `done` is called later on the control thread, once,
     * also when the host shuts down first. 0, or an error and `done` is never called. */
    DAWD_CTL int (*load)(void *self, const struct media_wish *wish, void (*done)(void *user, const struct loaded *loaded),
                         void *user, struct error *error);
    /* Starts reading `path` (copied) whole, as `load` does. */
    DAWD_CTL int (*read_text)(void *self, const char *path, void (*done)(void *user, const struct loaded_text *text),
                              void *user, struct error *error);
    /* Starts writing `text` (borrowed until `done`) to `path` (copied) off the control thread, whole or not at all: when it
     * cannot be done, what was there before still is. `done` as for `load`; error->code is 0 when it is safe on the disk. */
    DAWD_CTL int (*save_text)(void *self, const char *path, const struct saved_text *text,
                              void (*done)(void *user, const struct error *error), void *user, struct error *error);
    /* Says one line in the log. */
    DAWD_CTL void (*log)(void *self, const struct host_line *line);
    /* Calls `line` for the last n lines of the log, or as many as are kept, oldest first. Each text is borrowed for its
     * call. */
    DAWD_CTL void (*log_tail)(void *self, unsigned n, void (*line)(void *user, const char *text), void *user);
    /* Calls `line` for the newest lines after number *seen, `most` at most, oldest first, and sets *seen to the newest there
     * is. Returns how many were left out. */
    DAWD_CTL uint64_t (*log_since)(void *self, uint64_t *seen, unsigned most,
                                   void (*line)(void *user, const char *level, const char *text), void *user);
    /* Sets the log's level by name; null when there is no such level. `name` null: asks. Returns the level's name. */
    DAWD_CTL const char *(*log_level)(void *self, const char *name);
    DAWD_CTL void (*status)(void *self, struct host_status *status);
    /* Ends the program soon, not at once: the answer to whoever asked for it still leaves. */
    DAWD_CTL void (*quit)(void *self);
    /* Calls `done` later when all that is committed by now is safe on the disk, or cannot be written. 0 or internal. Null: nothing
     * is kept. */
    DAWD_CTL int (*keep)(void *self, void (*done)(void *user, const struct error *error), void *user, struct error *error);
    DAWD_CTL void (*kept)(void *self, struct host_kept *kept);
};

/* Says a line that is about no node. */
DAWD_CTL static inline void host_say(const struct host *host, bool is_failure, const char *kind, const char *text)
{
    host->log(host->self, &(struct host_line){is_failure, kind, NULL, text});
}
