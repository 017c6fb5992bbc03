/* Who plays: the clients whose notes end with them.
 *
 *     connection, leased subscriber ──▶ a source of its own ──▶ gone when it closes, or its lease ends
 *     any other sender of datagrams ──▶ the common source: its notes end after a time, unless they are held
 *
 * What such a client has scheduled comes when it may be gone: that ends as well, as soon as it has begun.
 *
 * And what comes to nothing: notes that found no room, programs without a preset. The log tells it.
 */
#pragma once

#include "graph/heard.h"
#include "graph/op.h"
#include "osc/peer.h"

struct server;

#define PLAYING_UNHELD_S 60.0 /* for which a note of the common source sounds at most */

struct player {
    struct peer peer;
    uint32_t source;
};

/* Part of the server. */
struct playing {
    struct heard_listener listener;
    struct player *players;
    unsigned n, capacity;
    uint32_t n_ever;
    uint64_t n_lost;      /* events that found no room at a node, since the start or /stats/reset */
    uint64_t looked_at;   /* when that was counted last, in engine time */
    uint64_t told_at;     /* when it was told last; 0: never */
    uint64_t n_lost_told; /* of n_lost */
};

/* Nobody plays. The engine outlives it. */
DAWD_CTL void playing_init(struct playing *playing, struct server *server);
DAWD_CTL void playing_deinit(struct playing *playing);

/* The source of what a client plays; `is_late`: it has asked for it a while ago, and makes no new one. 0, too_big when too many play,
 * internal. */
DAWD_CTL int playing_source(struct server *server, const struct peer *peer, bool is_late, uint32_t *source,
                            struct error *error);
/* Whether it is the common one. */
DAWD_CTL bool playing_is_common(uint32_t source);

/* A connection is gone. */
DAWD_CTL void playing_closed(struct server *server, const struct peer *peer);
/* The engine has taken this in: what plays for somebody who is gone ends. */
DAWD_CTL void playing_applied(struct server *server, const struct op *ops, size_t n);
/* Looks whose lease has ended, and what found no room, which is told. */
DAWD_CTL void playing_poll(struct server *server);
