/* Subscriptions: who wants to hear of what, and how far each has been told.
 *
 *     /sub ──▶ sub ◀── every value of the model bears the number of its newest change (graph/stamp.h)
 *               │
 *               ├─ changes up to `from` have been told: what is newer goes out with the next tick of the subscription
 *               ├─ a snapshot is the same with from = 0
 *               └─ events, which are told once, wait in a queue of the subscription
 *
 * Nothing is kept per subscription and value, so one subscription to 10,000 nodes takes as much memory as one to a fader, and
 * at rest costs one comparison per tick. What clients see is sent as
 *
 *     #bundle, time:  /sub/seq i:sub i:n   then each value at its own address, each event at its own
 *
 * n counts the packets of a subscription from 1: a gap shows what was lost. /sub/snapshot i:sub i:values ends a snapshot.
 *
 * The owner of a subscription is a client as peer.h knows it. By UDP it is leased: whoever is not heard of for that long has
 * gone. The work and the bytes of one tick are bounded, for each subscription and for all of them together; whoever cannot
 * keep up hears less often, which nobody else notices, since later ticks tell what holds then.
 */
#pragma once

#include "graph/error.h"
#include "osc/bytes.h"
#include "osc/measured.h"
#include "osc/peer.h"
#include "osc/published.h"

struct server;

#define SUB_CLIENTS_MAX   256
#define SUB_PATTERN_BYTES 512 /* longest pattern with its terminator: longer than any address there is */

/* What a client asks for; zeros: what is usual. */
struct sub_wish {
    const char *pattern;
    double max_hz, lease_s;
    unsigned port; /* of the client's host, where it shall be sent to; 0: where it asked from */
};

/* Somebody who has subscriptions. */
struct sub_client {
    struct peer peer;
    uint64_t number;   /* peer_number of it */
    uint64_t heard_ns; /* when it sent its last packet */
    unsigned n_subs;
    struct sub_client *next;
};

struct sub {
    int32_t id; /* counts through all of a server */
    struct sub_client *client;
    struct peer to;
    char pattern[SUB_PATTERN_BYTES];
    size_t n_plain;     /* characters before the first that makes it a pattern */
    unsigned n_slashes; /* in it, and so in all that it matches */
    uint64_t interval_ns;
    uint64_t lease_ns; /* 0: as long as the connection */

    /* How far it has been told. */
    uint64_t due_ns;  /* its next tick */
    uint64_t from;    /* changes up to this number */
    bool is_telling;  /* a pass through the changes goes on */
    uint64_t cursor;  /* of that pass: nodes up to this number have been visited */
    bool is_snapshot; /* of that pass: everything is told, whoever knows it */
    int32_t n_told;   /* of that pass: values */
    int32_t n_packets;

    /* Events: elements of a bundle, each with its length. */
    struct bytes events;
    bool has_lost; /* some did not fit: the next packet's number leaves a gap */

    struct sub *next;
};

/* All of a server. All-zero: none. */
struct subs {
    struct sub_client *clients;
    struct sub *first; /* in the order in which they are served, which turns */
    unsigned n, n_clients;
    int32_t last_id;
    uint64_t asker;   /* number of the client whose packet is being handled; 0: it has no subscriptions, or there is none */
    uint64_t poll_ns; /* when what nobody tells of is looked at next */
    struct measured measured;
    struct published published;
    uint64_t n_skipped; /* ticks that a client missed because its queue was long */
};

/* Makes a subscription of the peer, or changes the one it has with this pattern and port; either way its snapshot follows. 0
 * with its number in *id; bad_address for a pattern that cannot be read; no_match for one that nothing here can ever match;
 * range; unsupported for a port of a connection; too_big; internal. */
DAWD_CTL int sub_add(struct server *server, const struct peer *peer, const struct sub_wish *wish, int32_t *id,
                     struct error *error);
/* Ends those of the peer with this number, or (pattern not null) this pattern; returns how many. */
DAWD_CTL unsigned sub_remove(struct server *server, const struct peer *peer, int32_t id, const char *pattern);
/* How many subscriptions the peer has, or whether it has that one (id not 0). */
DAWD_CTL unsigned sub_count(const struct server *server, const struct peer *peer, int32_t id);
/* Has its snapshot sent again. False when the peer has none of that number. */
DAWD_CTL bool sub_resync(struct server *server, const struct peer *peer, int32_t id);

/* A packet of the peer is handled: its leases begin anew. */
DAWD_CTL void subs_heard(struct server *server, const struct peer *peer);
/* A connection has closed: its subscriptions end. */
DAWD_CTL void subs_closed(struct server *server, const struct peer *peer);
/* Tells whoever is due what is new. */
DAWD_CTL void subs_tick(struct server *server);
/* Milliseconds until subs_tick has something to do, `most` at most. */
DAWD_CTL int subs_wait_ms(const struct server *server, int most);
DAWD_CTL void subs_deinit(struct subs *subs);
