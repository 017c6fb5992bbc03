/* Whom a packet came from and an answer goes to: a small value to copy and keep. It never dangles: a stream that has
 * closed is simply nobody any more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>

#include "graph/thread.h"

#define PEER_TEXT_BYTES 64 /* enough for peer_format */

enum peer_kind {
    PEER_NONE,     /* nobody: an all-zero struct */
    PEER_DATAGRAM, /* a UDP address and port */
    PEER_STREAM,   /* a connection */
};

struct peer {
    enum peer_kind kind;
    uint64_t stream; /* number of the connection, counting from 1, never used twice; 0 for a datagram */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address; /* of a datagram's sender */
};

/* Whether both are the same sender: the same connection, or the same address and port. */
DAWD_ANY bool peer_equal(const struct peer *a, const struct peer *b);

/* Writes "127.0.0.1:9000", "[::1]:9000", "connection 7" or "nobody" to text, at most n bytes with the terminator. */
DAWD_ANY void peer_format(const struct peer *peer, char *text, size_t n);
