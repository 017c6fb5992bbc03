/* A client's end of the wire: one connection to a daemon, over its unix socket, UDP of this host, or TCP of any.
 *
 * For dawctl, tests and other programs that send and then wait; the daemon itself uses net.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/bytes.h"
#include "osc/slip.h"

/* A connection. Waiting is done here, in every call that may take time, up to a limit that the caller names. */
struct link {
    int fd;
    bool framed;      /* a stream with SLIP frames, otherwise datagrams */
    struct slip slip; /* the frame being received */
    uint8_t *input;   /* received, not yet decoded; owned */
    size_t input_at, input_n;
    const uint8_t *packet; /* the last packet received: n_packet bytes, valid until the next call */
    size_t n_packet;
};

/* Connects to the unix socket at `path`, to UDP `port` of 127.0.0.1, or to TCP at `where`: HOST:PORT, the host a name or an
 * address, one of IPv6 in brackets; that may take five seconds. 0, or with *error and nothing open:
 * ERROR_BAD_VALUE for a path or port that cannot be, ERROR_IO when nobody listens there, ERROR_INTERNAL. */
DAWD_ANY int link_open_unix(struct link *link, const char *path, struct error *error);
DAWD_ANY int link_open_udp(struct link *link, int port, struct error *error);
DAWD_ANY int link_open_tcp(struct link *link, const char *where, struct error *error);
/* Closes and frees; fine on a closed one whose fd is -1. */
DAWD_ANY void link_close(struct link *link);

/* Sends one packet, waiting at most timeout_ms for room (negative: for ever). 0, or with *error: ERROR_TOO_BIG for a
 * datagram, ERROR_LATE when there was no room in time, ERROR_IO. When the daemon has closed the connection that is no
 * error yet: it may have said why, and link_receive tells. */
DAWD_ANY int link_send(struct link *link, const void *packet, size_t n, int timeout_ms, struct error *error);

/* Waits at most timeout_ms (negative: for ever) for a packet, which is checked. 0 with link->packet, or with *error:
 *   ERROR_LATE      none came in time
 *   ERROR_IO        the daemon closed the connection, or nobody listens on the port
 *   another cause   of packet_check: what came is no packet */
DAWD_ANY int link_receive(struct link *link, int timeout_ms, struct error *error);
