/* Sessions: everything that a file keeps, as the commands that build it, and which file that is.
 *
 *     # dawd session 1
 *     /graph/add osc tone freq 220.0
 *     /node/out/ceiling -1.0
 *     /graph/connect tone:out out:in gain -6.0
 *     # end
 *
 * First and last line are part of the form: a file that was cut off is known by its end. In between stand edits and values in
 * text form (text.h), and comments. What is written comes out of the model alone, in the order in which things were made, so
 * that to load and to save again gives the same bytes, and the same sound to the last bit.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/bytes.h"

#define SESSION_HEAD       "# dawd session 1"
#define SESSION_HEAD_BYTES 14 /* of it, without the number: what every session begins with */
#define SESSION_END        "# end"

struct request;
struct saving;
struct server;
struct snapshot;
struct tx;

/* Which session is open. Part of the server. */
struct session {
    char *path;            /* of the file that it was loaded from or saved to last, as the client spelled it; null: none */
    uint64_t number;       /* counts those that were opened: a save that ends late knows whether it is still the same */
    uint64_t saved;        /* hash of its text when it was new, loaded or saved */
    struct saving *newest; /* the newest save that is under way; null: none */
    uint64_t newest_hash;  /* of its text */
    const struct snapshot *kept; /* what the next load takes in the place of a file (borrowed); null: the file */
    struct snapshot *left; /* the session that was open before, without numbers: text, file, hash (owned); null: none */
};

/* The empty session of a new server. 0 or internal. */
DAWD_CTL int session_init(struct server *server);
DAWD_CTL void session_deinit(struct session *session);

/* Appends the whole as text. Whether memory ran out shows in text->failed. */
DAWD_CTL void session_write(const struct server *server, struct bytes *text);
/* Whether it would be written otherwise than it was; true as well when memory runs out. Writes it to find out. */
DAWD_CTL bool session_has_changed(const struct server *server);
/* The same, but for a save that is under way: should it fail, its own answer will say so. */
DAWD_CTL bool session_would_be_lost(const struct server *server);
/* Tells one text from another. */
DAWD_ANY uint64_t session_hash(const struct bytes *text);

/* Stages on the open transaction: nothing, then what the text says in the place of everything. 0, or with the number of the
 * line in *error: bad_file when it is no whole session, and whatever a line is refused for. Files that are missing are noted
 * in the request (wanted.h). */
DAWD_CTL int session_stage(struct request *request, struct tx *tx, const char *text, size_t n, struct error *error);
DAWD_CTL int session_clear(struct tx *tx, struct error *error);
