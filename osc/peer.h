/* Whom a packet came from and an answer goes to: a small value to copy and keep. It never dangles: a stream that has
 * closed is simply nobody any more.
 *
 * Of a datagram the sender is whoever the address says, which anybody can write; of a stream it is who opened it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>

#include "graph/thread.h"

#define PEER_TEXT_BYTES 96 /* enough for peer_format */

/* By what a packet came. The kind decides which of the fields below mean something. */
enum peer_kind {
    PEER_NONE,     /* nobody: an all-zero struct */
    PEER_DATAGRAM, /* a UDP address and port */
    PEER_STREAM,   /* a connection */
};

/* A sender. All-zero is nobody: what is sent to it is refused, like what is sent to a connection that has closed. */
struct peer {
    enum peer_kind kind;
    unsigned place;  /* where it came in: 0 the unix socket, otherwise the n-th address of struct net_options */
    uint64_t stream; /* number of the connection, counting from 1, never used twice; 0 for a datagram */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address; /* of a datagram's sender or the other end of a TCP connection, as the kernel gave it; of one family, which
                * `any` tells: neither, for the unix socket */
};

/* Whether both are the same sender: the same connection, or the same address and port, come in at the same place. A program
 * that opens a new socket is a new sender. */
DAWD_ANY bool peer_equal(const struct peer *a, const struct peer *b);

/* A number for tables: equal peers have the same, never 0; two others share one once in 2^63. */
DAWD_ANY uint64_t peer_number(const struct peer *peer);

/* Whether both have the same address, whatever their ports. */
DAWD_ANY bool peer_same_host(const struct peer *a, const struct peer *b);

/* Whether it is on another host, as far as one can know: its address is not one of the loopback, which no packet from
 * outside can bear past the kernel. */
DAWD_ANY bool peer_is_remote(const struct peer *peer);
/* Whether a socket address is one of the loopback: 127.x.x.x or ::1. */
DAWD_ANY bool peer_address_is_loopback(const struct sockaddr *address);

/* For people: writes "127.0.0.1:9000", "[::1]:9000" (with "connection 7 of " in front for TCP), "connection 7" or "nobody" to text, at most n bytes with the
 * terminator. */
DAWD_ANY void peer_format(const struct peer *peer, char *text, size_t n);
