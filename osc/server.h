/* The language at work: from bytes of a socket to commands on the graph, and answers back. One per engine, on the control
 * thread.
 *
 *     net --> request_arrive --> dispatch_run --> a command or a value --> ctl --> engine
 *     net <-- request_done, request_fail <------- completions <-----------------------+
 */
#pragma once

#include "graph/ctl.h"
#include "graph/host.h"
#include "osc/client.h"
#include "osc/controllers.h"
#include "osc/event.h"
#include "osc/history.h"
#include "osc/net.h"
#include "osc/playing.h"
#include "osc/request.h"
#include "osc/schedule.h"
#include "osc/session.h"
#include "osc/sub.h"
#include "osc/taps.h"
#include "osc/trouble.h"
#include "osc/wait.h"

/* Since the start or the last /stats/reset; read by /stats. */
struct server_counters {
    uint64_t requests;       /* messages and bundles; a bundle inside another, and a query inside, count by themselves */
    uint64_t values;         /* sets of a value, in bundles too */
    uint64_t values_refused; /* single messages that would have been one */
    uint64_t packets;        /* that became requests: what was neither malformed, limited nor denied */
    uint64_t failures;       /* answers that were /fail, those to unreadable packets too */
};

/* How an answer leaves: as net_send, which it is where there are sockets. Tests put their own here and read what would be
 * sent. */
struct sender {
    void *self;
    DAWD_CTL int (*send)(void *self, const struct peer *peer, const void *bytes, size_t n);
    /* The same to another port of a client's host, as it has asked; null: as `send`. */
    DAWD_CTL int (*send_on)(void *self, const struct peer *client, const struct peer *to, const void *bytes, size_t n);
    /* Bytes that wait for the peer to take them; null: nothing ever waits. */
    DAWD_CTL size_t (*queued)(void *self, const struct peer *peer);
};

/* All is borrowed but the map, the parked requests, the clients and the subscriptions. */
struct server {
    struct ctl *ctl;
    struct net *net; /* null: without sockets, whoever calls request_arrive also sets `sender` */
    struct sender sender;
    const struct host *host;
    const char *name;       /* of the daemon */
    struct map commands;    /* rows by address */
    struct request *parked; /* loading or waiting, oldest first */
    struct wait *waiting;   /* for a frame, oldest first */
    unsigned n_waiting;     /* in that list */
    struct schedule schedule;
    struct session session;
    struct clients clients;
    struct subs subs;
    struct events events;
    struct history history;
    struct controllers controllers;
    struct taps taps;
    struct playing playing;
    struct server_counters counters;
    struct net_counters net_before; /* what the sockets had counted at the last /stats/reset */
    struct trouble overrun, fault;  /* who was told of last */
};

/* A language server over an engine and open sockets (or null); keeps all four. At the end the engine goes first, for its
 * last answers leave through the server; the others outlive it. Null when memory ran out. */
DAWD_CTL struct server *server_new(struct ctl *ctl, struct net *net, const struct host *host, const char *name);
/* Forgets the requests that still wait for files, unanswered, and cancels those that wait for time to pass. No load is outstanding any more. The sockets stay the caller's.
 * Accepts null. */
DAWD_CTL void server_free(struct server *server);

/* Handles what has arrived on the sockets, a bounded amount, and then server_tick; needs sockets. True when there is more, so
 * that the caller comes back without waiting. */
DAWD_CTL bool server_poll(struct server *server);
/* What time brings and nobody asked for at this moment: answers that had to wait for a frame, and trouble for the log. */
DAWD_CTL void server_tick(struct server *server);

/* What a peer may do, strangers aside. */
DAWD_CTL enum role server_role(const struct server *server, const struct peer *peer);

/* The row of the tables nearest to what was meant by a mistyped address, or null when none is near. */
DAWD_CTL const struct command *server_nearest(const struct server *server, const char *address);
