/* A session as the state folder keeps it: the text that would be saved, and behind its first line, as comments, what a journal
 * needs to go on from it. It can be loaded like any other session.
 *
 *     # dawd session 1
 *     # state 1 0123456789abcdef                   checksum of all that follows
 *     # file "song.dawd" 89abcdef01234567          the file that is open, and the hash of its text when it was loaded or saved
 *     # started "song.dawd" 0123456789abcdef       what the command line named, and the hash of what that held
 *     # nodes 1-2 5-9 of 12                        their numbers in their order; how many there ever were
 *     # connections 3 of 7
 *     /graph/add …
 *     # end
 */
#pragma once

#include <stdbool.h>

#include "graph/error.h"
#include "graph/model.h"
#include "osc/bytes.h"

struct server;

/* Numbers of all nodes or connections, rising. */
struct numbers {
    uint64_t *at; /* n, owned */
    size_t n;
    uint64_t n_ever;
};

/* All owned. An all-zero struct is none. */
struct snapshot {
    char *file;     /* null: the session has none */
    uint64_t saved; /* as in struct session */
    char *started;  /* null: nothing */
    uint64_t started_hash;
    struct numbers nodes, edges;
    uint64_t sum;      /* that tells it from others */
    struct bytes text; /* of the session, without the comments */
};

DAWD_ANY void snapshot_deinit(struct snapshot *snapshot);
/* The same for one of snapshot_leave. Accepts null. */
DAWD_ANY void snapshot_free(struct snapshot *snapshot);

/* Takes the session of this moment; what the command line named is copied (null: nothing). 0, or internal with nothing in it. */
DAWD_CTL int snapshot_take(struct snapshot *snapshot, const struct server *server, const char *started, uint64_t hash,
                           struct error *error);
/* The session of this moment without what a journal needs, to come back to. Null when memory ran out. */
DAWD_CTL struct snapshot *snapshot_leave(const struct server *server);
/* Appends it as text; its sum is known then. */
DAWD_ANY void snapshot_print(struct snapshot *snapshot, struct bytes *file);
/* Reads it from the n bytes of such a text. 0; bad_file when it is none, or damaged; internal. Nothing is in it then. */
DAWD_ANY int snapshot_read(struct snapshot *snapshot, const char *file, size_t n, struct error *error);

/* Whether it holds edits that are in no file. */
DAWD_ANY bool snapshot_is_unsaved(const struct snapshot *snapshot);

/* Gives all that is live in a model which was built by the text, and holds nothing else, the numbers that it had. 0, or
 * bad_file, internal. */
DAWD_CTL int snapshot_number(const struct snapshot *snapshot, struct model *model, struct error *error);
