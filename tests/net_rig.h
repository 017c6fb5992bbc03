/* A net on loopback with a handler that counts, remembers and, if wished, echoes: for tests of the wire. */
#pragma once

#include <stdbool.h>

#include "osc/bytes.h"
#include "osc/link.h"
#include "osc/net.h"

struct net_rig {
    struct net *net;
    struct net_options options;
    char folder[64], path[96]; /* a folder of its own, and the socket in it */
    /* What the handler has seen. */
    unsigned n_packets, n_refused, n_closed;
    struct peer last_peer, last_closed;
    struct bytes last;  /* the last packet */
    struct error error; /* the last refusal */
    /* What it does. */
    bool echoes;        /* sends each packet back */
    struct bytes reply; /* if not empty: sent for each packet */
    int send_code;      /* what the last of these sends returned */
};

/* Opens a net with UDP on a port of the kernel's choice and a socket in a new folder. Options may be changed before
 * net_rig_open; net_rig_init sets the defaults. Anything that fails ends the test. */
DAWD_CTL void net_rig_init(struct net_rig *rig);
DAWD_CTL void net_rig_open(struct net_rig *rig);
DAWD_CTL void net_rig_close(struct net_rig *rig);

/* An open one with the defaults, for tests that need nothing else; the same one at each call. */
DAWD_CTL struct net_rig *net_rig_start(void);

/* One net_poll with the rig's handler. */
DAWD_CTL bool net_rig_poll(struct net_rig *rig);
/* Polls until *count has reached `wanted`; the test fails when that takes absurdly long. */
DAWD_CTL void net_rig_until(struct net_rig *rig, const unsigned *count, unsigned wanted);

/* Clients. */
DAWD_CTL struct link net_rig_connect(const struct net_rig *rig);
DAWD_CTL struct link net_rig_connect_udp(const struct net_rig *rig);
/* Sends "/n" with one integer. */
DAWD_CTL void net_rig_say(struct link *link, int32_t number);
/* Receives a packet, polling the rig meanwhile, and returns the first integer of the message. */
DAWD_CTL int32_t net_rig_hear(struct net_rig *rig, struct link *link);

/* A message "/blob" that carries n bytes, all of them `fill`. */
DAWD_CTL struct bytes net_rig_blob(size_t n, uint8_t fill);
/* The number of open descriptors of this process. */
DAWD_CTL unsigned net_rig_descriptors(void);
