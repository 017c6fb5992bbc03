/* One UDP socket, bound to one address, that never blocks.
 *
 * Datagrams are taken in batches. What the kernel had to throw away because nobody read in time is known exactly: the
 * socket's own drop counter is asked for (SO_MEMINFO; SO_RXQ_OVFL carries the same number, but tells of a loss only with
 * the next datagram that arrives).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/peer.h"

#define UDP_BATCH              32    /* datagrams that one call of the kernel gives at most */
#define UDP_DATAGRAM_MAX_BYTES 65507 /* the longest payload over IPv4 */

struct udp_batch; /* room for UDP_BATCH datagrams of any size */

/* The socket and what it needs to receive. */
struct udp {
    int fd;                   /* -1 while closed */
    int port;                 /* in fact bound */
    int receive_buffer_bytes; /* granted by the kernel, its own bookkeeping included */
    uint32_t kernel_drops;    /* the kernel's counter when it was last asked; wraps */
    struct udp_batch *batch;  /* owned */
};

/* One that has arrived, as it lies in the batch. Empty ones are told too. */
struct udp_datagram {
    struct peer peer;
    const uint8_t *bytes; /* borrowed until the next udp_receive */
    size_t n;
};

/* Binds to a numeric IPv4 or IPv6 address; port 0 lets the kernel pick one. Senders are told as come in at `place`.
 * receive_buffer_bytes is asked for, by force where that is allowed; what was granted stands in the struct. 0, or with *error
 * and the socket closed a cause of inet_bind, or ERROR_INTERNAL. */
DAWD_CTL int udp_open(struct udp *udp, const char *address, int port, unsigned place, int receive_buffer_bytes,
                      struct error *error);
/* Closes it and frees its memory; fine on a closed one whose fd is -1. */
DAWD_CTL void udp_close(struct udp *udp);

/* Takes what is there, at most one batch; returns the number of datagrams, which udp_datagram then tells. Fewer than
 * UDP_BATCH: nothing more is there at the moment. */
DAWD_CTL unsigned udp_receive(struct udp *udp);
DAWD_CTL struct udp_datagram udp_datagram(const struct udp *udp, unsigned i);

/* Sends one datagram without waiting. 0, ERROR_TOO_BIG when no datagram holds n bytes, ERROR_IO when the kernel refused
 * (no route, no room). Success says nothing about arrival. */
DAWD_CTL int udp_send(struct udp *udp, const struct peer *peer, const void *bytes, size_t n);

/* Datagrams that the kernel dropped since the last call. */
DAWD_CTL uint32_t udp_new_drops(struct udp *udp);
