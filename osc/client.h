/* Who may do what, and how often: what stands between the sockets and the requests.
 *
 *     packet --clients_admit--> check --clients_allow--> request --> ... --clients_may_send--> answer
 *               too many: limited       role too small,              to a stranger: not a byte more
 *                                       stranger: denied             than it has sent
 *
 * A *stranger* is a sender on another host that has not said /hello as it should. Of a datagram the address says who sent it,
 * and anybody can write there what he likes: whoever answers more than he was sent lends his line to attacks on others. So a
 * stranger may only greet, and proves that he hears at his address by sending back the cookie he was answered, or that he
 * is meant to be here by the token. On a TCP connection the kernel has proven the address: only a token is asked for, where
 * there is one.
 *
 * The cookie is a keyed hash of the address and the half minute: strangers cost no memory, however many there are.
 *
 * Remembered are senders who were greeted, while their lease lasts, and those whose rate is watched. From this host nobody
 * greets.
 */
#pragma once

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/bucket.h"
#include "osc/peer.h"
#include "osc/role.h"
#include "osc/siphash.h"

struct command;
struct server;

#define CLIENT_LEASE_S     60  /* after the last packet of a greeted sender of datagrams it is a stranger again */
#define CLIENT_TOKEN_BYTES 257 /* the longest token, with its zero */
#define CLIENT_TOKEN_MIN   16  /* letters: shorter ones can be found by trying */

/* A sender that is remembered. */
struct client {
    struct peer peer;      /* PEER_NONE: the place is free */
    struct client *next;   /* in its chain of the hash, or of the free ones */
    bool greeted;          /* from another host: no stranger */
    uint64_t until_ns;     /* then it is forgotten */
    struct bucket rate;    /* messages it may still send */
    uint64_t told_busy_ns; /* when it was last told that these are too many; 0: never */
};

/* How much is let in. Rates are messages per second, of any one sender; a burst of a second's worth passes; 0: no limit. */
struct client_limits {
    unsigned peers_max;  /* remembered at one time */
    double remote_per_s; /* of a sender on another host */
    double local_per_s;  /* of one on this host */
};

#define CLIENT_LIMITS_DEFAULT                                                                                              \
    {                                                                                                                      \
        .peers_max = 256, .remote_per_s = 20000, .local_per_s = 0                                                          \
    }

/* Packets that went no further. Each is in exactly one of these. */
struct client_counters {
    uint64_t limited;  /* more than the rate of their sender */
    uint64_t denied;   /* from strangers, or beyond the role: answered, where there was room for it */
    uint64_t withheld; /* answers that were larger than what a stranger had sent, and were not sent */
};

struct clients {
    struct client_limits limits;
    char token[CLIENT_TOKEN_BYTES]; /* padded with zeros; empty: none is asked for */
    struct siphash_key key;         /* of the cookies, and of the hash */
    uint64_t now_ns;                /* of this round, told by whoever polls */
    /* The table. */
    struct client *all, **chains, *free; /* peers_max of the first two; made when they are first needed */
    uint64_t swept_ns;
    struct bucket strangers; /* messages that all of them together may send */
    uint64_t strangers_told_ns;
    /* The packet that is being handled. */
    struct peer current;
    struct client *client; /* its sender, if it is remembered */
    size_t allowance;      /* bytes that may be answered, if its sender is a stranger */
    struct client_counters counters;
};

/* Ready with CLIENT_LIMITS_DEFAULT and no token; `limits` and `token` may be set before the first packet. */
DAWD_CTL void clients_init(struct clients *clients);
DAWD_CTL void clients_deinit(struct clients *clients);

/* Whether a packet of n bytes shall be looked at at all; one that shall not is counted and, once a second, answered `busy`. */
DAWD_CTL bool clients_admit(struct server *server, const struct peer *peer, size_t n);
/* Counts the messages of a checked packet (null: of one that was refused), and decides whether its sender may send it, whose
 * address gives him `role`. False: counted and answered `denied`. */
DAWD_CTL bool clients_allow(struct server *server, const struct peer *peer, enum role role, const uint8_t *packet,
                            size_t n);
/* The packet has been handled: from here on a stranger is answered nothing. */
DAWD_CTL void clients_end(struct clients *clients);
/* Whether an answer of n bytes may be sent; counted where not. */
DAWD_CTL bool clients_may_send(struct clients *clients, const struct peer *peer, size_t n);
/* The connection is gone. */
DAWD_CTL void clients_forget(struct clients *clients, const struct peer *peer);

/* What /hello decides. Whether the sender of the packet being handled is a stranger; whether a token is the right one, in a
 * time that does not tell how much of it is; the cookie of a sender, and whether one is his and fresh. */
DAWD_CTL bool clients_is_stranger(struct clients *clients, const struct peer *peer);
DAWD_ANY bool clients_token_is(const struct clients *clients, const char *token);
DAWD_CTL int64_t clients_cookie(const struct clients *clients, const struct peer *peer);
DAWD_CTL bool clients_cookie_is(const struct clients *clients, const struct peer *peer, int64_t cookie);
/* Makes a sender known. 0, or ERROR_BUSY when as many are known as may be, or ERROR_INTERNAL when memory ran out. */
DAWD_CTL int clients_greet(struct clients *clients, const struct peer *peer, struct error *error);
