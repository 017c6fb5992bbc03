/* Which nodes make trouble: what the audio thread tells of them, kept for /stats and said in the log. */
#pragma once

#include "graph/engine_shared.h"
#include "graph/names.h"
#include "osc/writer.h"

struct server;

/* The last of a kind. All-zero: none so far. */
struct trouble {
    struct watch_note note;
    char name[2 * NAME_BYTES + 8]; /* "a", or "a ... b" for a span; "" when there was none */
    /* So that the log says it once and not in each cycle. */
    bool was_said, was_said_exactly;
    uint64_t said_first, said_frame; /* of the note that was said last */
};

/* Takes in what there is to tell. */
DAWD_CTL void trouble_poll(struct server *server);
/* Forgets it. */
DAWD_CTL void trouble_reset(struct server *server);
/* Adds pairs of name and value for /stats. A node that has been removed since is told as gone. */
DAWD_CTL void trouble_write(const struct server *server, struct writer *results);
