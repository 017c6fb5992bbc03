/* The kernel writes senders, lengths and bytes of a whole batch into memory that is laid out once; a datagram is then a
 * view into it. What a burst brings costs one system call per 32. */
#include "osc/udp.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/sock_diag.h>
#include <sys/socket.h>

#define DATAGRAM_ROOM_BYTES 65536 /* no datagram is longer: none is ever cut, and pages that stay empty cost nothing */

struct udp_batch {
    struct mmsghdr headers[UDP_BATCH];
    struct iovec pieces[UDP_BATCH];
    struct peer peers[UDP_BATCH];
    uint8_t room[UDP_BATCH][DATAGRAM_ROOM_BYTES];
};

static void batch_init(struct udp_batch *batch)
{
    for (unsigned i = 0; i < UDP_BATCH; i++) {
        batch->pieces[i] = (struct iovec){.iov_base = batch->room[i], .iov_len = DATAGRAM_ROOM_BYTES};
        batch->peers[i] = (struct peer){.kind = PEER_DATAGRAM};
        batch->headers[i].msg_hdr =
            (struct msghdr){.msg_name = &batch->peers[i].address, .msg_iov = &batch->pieces[i], .msg_iovlen = 1};
    }
}

/* Numeric only: a name would ask a server, and control must not wait for one. */
static struct addrinfo *resolve(const char *address, int port, struct error *error)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM}, *found = NULL;
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    if (port < 0 || port > 65535)
        error_set(error, ERROR_BAD_VALUE, "UDP port %d: ports go from 1 to 65535", port);
    else if (getaddrinfo(address, service, &hints, &found) != 0)
        error_set(error, ERROR_BAD_VALUE, "\"%s\" is no numeric IPv4 or IPv6 address such as 127.0.0.1", address);
    return found;
}

static void ask_receive_buffer(struct udp *udp, int bytes)
{
    socklen_t n = sizeof udp->receive_buffer_bytes;
    /* By force needs CAP_NET_ADMIN; without it the kernel grants at most net.core.rmem_max. */
    if (setsockopt(udp->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        setsockopt(udp->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    getsockopt(udp->fd, SOL_SOCKET, SO_RCVBUF, &udp->receive_buffer_bytes, &n);
}

static int bound_port(int fd)
{
    struct peer self = {0};
    socklen_t n = sizeof self.address;
    getsockname(fd, &self.address.any, &n);
    return ntohs(self.address.any.sa_family == AF_INET ? self.address.v4.sin_port : self.address.v6.sin6_port);
}

/* Without SO_REUSEADDR: two daemons on one port would share its datagrams at random. */
static int bind_to(struct udp *udp, const struct addrinfo *to, const char *address, int port, struct error *error)
{
    udp->fd = socket(to->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (udp->fd < 0)
        return error_set(error, ERROR_IO, "no UDP socket: %s", strerror(errno));
    if (bind(udp->fd, to->ai_addr, to->ai_addrlen) == 0)
        return 0;
    if (errno == EADDRINUSE)
        return error_set(error, ERROR_BUSY,
                         "UDP port %d of %s is taken: does another dawd run? Give this one another port, or 0 for none",
                         port, address);
    return error_set(error, ERROR_IO, "cannot bind UDP port %d of %s: %s", port, address, strerror(errno));
}

int udp_open(struct udp *udp, const char *address, int port, int receive_buffer_bytes, struct error *error)
{
    *udp = (struct udp){.fd = -1};
    struct addrinfo *to = resolve(address, port, error);
    if (!to)
        return (int)error->code;
    int failed = bind_to(udp, to, address, port, error);
    freeaddrinfo(to);
    if (!failed && !(udp->batch = calloc(1, sizeof *udp->batch)))
        failed = error_set(error, ERROR_INTERNAL, "memory ran out");
    if (failed) {
        udp_close(udp);
        return failed;
    }
    batch_init(udp->batch);
    ask_receive_buffer(udp, receive_buffer_bytes);
    udp->port = bound_port(udp->fd);
    return 0;
}

void udp_close(struct udp *udp)
{
    if (udp->fd >= 0)
        close(udp->fd);
    free(udp->batch);
    *udp = (struct udp){.fd = -1};
}

unsigned udp_receive(struct udp *udp)
{
    struct udp_batch *batch = udp->batch;
    /* The kernel has overwritten it with the length of the last sender's. */
    for (unsigned i = 0; i < UDP_BATCH; i++)
        batch->headers[i].msg_hdr.msg_namelen = sizeof batch->peers[i].address;
    int n = recvmmsg(udp->fd, batch->headers, UDP_BATCH, MSG_DONTWAIT, NULL);
    return n > 0 ? (unsigned)n : 0;
}

struct udp_datagram udp_datagram(const struct udp *udp, unsigned i)
{
    const struct udp_batch *batch = udp->batch;
    return (struct udp_datagram){.peer = batch->peers[i], .bytes = batch->room[i], .n = batch->headers[i].msg_len};
}

int udp_send(struct udp *udp, const struct peer *peer, const void *bytes, size_t n)
{
    bool is_v4 = peer->address.any.sa_family == AF_INET;
    if (n > UDP_DATAGRAM_MAX_BYTES)
        return ERROR_TOO_BIG;
    ssize_t sent = sendto(udp->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL, &peer->address.any,
                          is_v4 ? sizeof peer->address.v4 : sizeof peer->address.v6);
    if (sent >= 0)
        return 0;
    return errno == EMSGSIZE ? ERROR_TOO_BIG : ERROR_IO;
}

uint32_t udp_new_drops(struct udp *udp)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t n = sizeof info;
    if (getsockopt(udp->fd, SOL_SOCKET, SO_MEMINFO, info, &n) != 0)
        return 0;
    /* Right across the wrap of the kernel's 32 bits, if it is asked at least every 4 thousand million drops. */
    uint32_t drops = info[SK_MEMINFO_DROPS] - udp->kernel_drops;
    udp->kernel_drops = info[SK_MEMINFO_DROPS];
    return drops;
}
