/* The language at work: from bytes of a socket to commands on the graph, and answers back. One per engine, on the control
 * thread; the only type that osc/ shows to the daemon. */
#pragma once

#include "graph/ctl.h"
#include "graph/host.h"
#include "osc/net.h"
#include "osc/request.h"

struct server_counters {
    uint64_t requests; /* messages and bundles */
    uint64_t values;   /* sets of a value, in bundles too */
    uint64_t failures; /* requests answered with /fail */
};

/* How an answer leaves: as net_send, which it is where there are sockets. */
struct sender {
    void *self;
    DAWD_CTL int (*send)(void *self, const struct peer *peer, const void *bytes, size_t n);
};

struct server {
    struct ctl *ctl;
    struct net *net; /* null: without sockets, whoever calls request_arrive also sets `sender` */
    struct sender sender;
    const struct host *host;
    const char *name;       /* of the daemon */
    struct map commands;    /* rows by address */
    struct request *parked; /* loading or waiting, oldest first */
    struct server_counters counters;
};

/* A language server over an engine and open sockets (or null); keeps all four. Null when memory ran out. */
DAWD_CTL struct server *server_new(struct ctl *ctl, struct net *net, const struct host *host, const char *name);
/* No load is outstanding any more. The sockets stay the caller's. */
DAWD_CTL void server_free(struct server *server);

/* Handles what has arrived on the sockets. True when there is more. */
DAWD_CTL bool server_poll(struct server *server);

/* The row of the tables nearest to what was meant by a mistyped address, or null. */
DAWD_CTL const struct command *server_nearest(const struct server *server, const char *address);
