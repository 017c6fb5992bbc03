/* Where packets come in and answers go out: UDP and TCP on one port of each address, and a unix stream socket, polled by the
 * control thread.
 *
 *     clients --datagrams--> udp -----\
 *     clients --frames-----> stream ---+--> admits? --> packet_check --> packet
 *     clients <----------------------- net_send
 *
 * Nothing here ever waits, and one net_poll does a bounded amount of work, shared out evenly. Datagrams beyond what their
 * share of a processor can handle stay in the kernel, which drops what does not fit: a flood holds up neither the connections nor the
 * caller, and leaves the machine alone. What is lost is counted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/peer.h"
#include "osc/role.h"

#define NET_PORT       3293 /* d-a-w-d on a phone's keys */
#define NET_PORT_ANY   (-1) /* the kernel picks one: net_port tells which */
#define NET_PLACES_MAX 8

struct net;

/* An address to listen on. */
struct net_place {
    const char *address; /* numeric */
    enum role role; /* of whoever comes in there from another host; or from this one, if the address is of the loopback */
};

/* Where to listen, and how much any one client may take. NET_OPTIONS_DEFAULT is a complete set to start from. */
struct net_options {
    /* Where. Either may be left out. */
    struct net_place places[NET_PLACES_MAX];
    unsigned n_places;
    int port;                 /* of UDP and TCP, on all of them; 0: neither; NET_PORT_ANY */
    const char *socket_path;  /* of the unix stream socket; null: none */
    int receive_buffer_bytes; /* asked of the kernel for UDP */
    unsigned udp_percent;     /* of a processor that datagrams may take, with all that follows from them */

    /* What one packet may hold: more over a connection, whose client is a program of the same user. */
    unsigned datagram_elements; /* bundle elements in one datagram at most */
    unsigned stream_elements;   /* bundle elements in one frame at most */
    size_t stream_max_bytes;    /* the longest frame, in either direction */

    /* What clients may hold up. */
    size_t queue_max_bytes;   /* what may wait for one connection, see stream.h */
    unsigned stall_ms;        /* a connection that leaves its answers unread for so long is dropped */
    unsigned frame_ms;        /* so is one that has begun a frame and not ended it */
    unsigned gone_s;          /* so is one of TCP whose host has not been heard of, though the kernel has asked it */
    unsigned connections_max; /* at one time; a further one is told so and closed. At most half of all descriptors */
    bool must_greet;          /* a connection from another host has ten seconds to make itself known: net_trust */
};

#define NET_OPTIONS_DEFAULT                                                                                                \
    {                                                                                                                      \
        .places = {{"127.0.0.1", ROLE_EDIT}}, .n_places = 1, .port = NET_PORT, .receive_buffer_bytes = 8 << 20,            \
        .udp_percent = 45, .datagram_elements = 256, .stream_elements = 65536, .stream_max_bytes = 16 << 20,               \
        .queue_max_bytes = 256 << 10, .stall_ms = 2000, .frame_ms = 10000, .gone_s = 30, .connections_max = 64,            \
    }

/* Called by net_poll, one at a time; all may call net_send. Peers and bytes are borrowed for the call: a peer may be
 * copied and answered any time later. None may be null. */
struct net_handler {
    void *user;
    /* A packet of n bytes has come: whether it shall be looked at. One that shall not is counted by the handler. */
    bool (*admits)(void *user, const struct peer *peer, size_t n);
    /* One packet that packet_check has accepted. */
    void (*packet)(void *user, const struct peer *peer, const uint8_t *bytes, size_t n);
    /* A packet was refused as a whole: malformed, or beyond a limit. The connection goes on. */
    void (*refused)(void *user, const struct peer *peer, const struct error *error);
    /* The connection is gone, whoever ended it: its number never comes again. */
    void (*closed)(void *user, const struct peer *peer);
};

/* All count from net_open, except where a moment is meant. */
struct net_counters {
    /* What came in. */
    uint64_t datagrams;    /* received over UDP, refused ones included */
    uint64_t frames;       /* received over connections, likewise */
    uint64_t bytes;        /* in those */
    uint64_t turned_down;  /* datagrams and frames that handler->admits did not want */
    uint64_t refused;      /* those given to handler->refused */
    uint64_t kernel_drops; /* datagrams that the kernel threw away because its buffer was full: exact */

    /* What went out. */
    uint64_t sent;          /* packets sent or queued */
    uint64_t sent_bytes;    /* in those */
    uint64_t send_failures; /* packets that net_send could not take, too big ones included */

    /* Connections. */
    uint64_t accepted;      /* connections taken */
    uint64_t turned_away;   /* connections closed at once: connections_max reached, or memory ran out */
    uint64_t dropped;       /* connections ended by us: too slow, too greedy, or without a greeting */
    uint64_t accept_pauses; /* times when no descriptor was left for a connection */

    /* As it is at this moment. */
    unsigned connections;     /* open at the moment */
    unsigned connections_max; /* of the options, or what the descriptors allow */
    int receive_buffer_bytes; /* that the kernel granted to UDP, its own bookkeeping included, the least of all addresses; 0: no UDP */
    bool holds_back; /* datagrams wait in the kernel because they have taken their share of the processor */
};

/* Opens the sockets. Everything in options is copied. 0 with *net, or with *error and nothing open, a cause of udp_open,
 * listener_open or listener_open_tcp: ERROR_BUSY means that another daemon has the port or the path. */
DAWD_CTL int net_open(struct net **net, const struct net_options *options, struct error *error);
/* Closes all sockets and removes the socket file; handlers are not called, and answers that still wait in queues are
 * lost. Accepts null. */
DAWD_CTL void net_close(struct net *net);

/* A descriptor that poll and epoll find readable when net_poll has something to do; owned by net. */
DAWD_CTL int net_fd(const struct net *net);
/* The port in fact bound, 0 without any: with NET_PORT_ANY the only way to know it. */
DAWD_CTL int net_port(const struct net *net);

/* Takes in what is there, bounded, without waiting, and calls the handler for it. True when work is left that net_fd does
 * not show, so that the caller comes back without waiting. Call it every 100 ms at least: stalled connections are found
 * here. Not to be called by a handler. */
DAWD_CTL bool net_poll(struct net *net, const struct net_handler *handler);

/* What a peer may do: ROLE_EDIT by the unix socket, and from this host unless it came in at an address of the loopback with
 * another role. */
DAWD_CTL enum role net_role(const struct net *net, const struct peer *peer);

/* A connection from another host has said who it is, and may stay. */
DAWD_CTL void net_trust(struct net *net, const struct peer *peer);

/* Sends one packet without waiting. 0: on its way, as far as one can know. ERROR_TOO_BIG: longer than a datagram or
 * stream_max_bytes. ERROR_IO: the connection is gone, or is dropped now because its queue is full, or the kernel refused. */
DAWD_CTL int net_send(struct net *net, const struct peer *peer, const void *bytes, size_t n);

/* Bytes that wait for a connection to take them; 0 of any other peer. */
DAWD_CTL size_t net_queued(struct net *net, const struct peer *peer);

/* The counters as they are now. Asks the kernel for its drops, hence not const. */
DAWD_CTL struct net_counters net_count(struct net *net);
