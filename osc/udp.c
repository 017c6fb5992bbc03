/* The kernel writes senders, lengths and bytes of a whole batch into memory that is laid out once; a datagram is then a
 * view into it. What a burst brings costs one system call per 32. */
#include "osc/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "osc/inet.h"

#define DATAGRAM_ROOM_BYTES 65536 /* no datagram is longer: none is ever cut, and pages that stay empty cost nothing */

struct udp_batch {
    struct mmsghdr headers[UDP_BATCH];
    struct iovec pieces[UDP_BATCH];
    struct peer peers[UDP_BATCH];
    uint8_t room[UDP_BATCH][DATAGRAM_ROOM_BYTES];
};

static void batch_init(struct udp_batch *batch, unsigned place)
{
    for (unsigned i = 0; i < UDP_BATCH; i++) {
        batch->pieces[i] = (struct iovec){.iov_base = batch->room[i], .iov_len = DATAGRAM_ROOM_BYTES};
        batch->peers[i] = (struct peer){.kind = PEER_DATAGRAM, .place = place};
        batch->headers[i].msg_hdr =
            (struct msghdr){.msg_name = &batch->peers[i].address, .msg_iov = &batch->pieces[i], .msg_iovlen = 1};
    }
}

static void ask_receive_buffer(struct udp *udp, int bytes)
{
    socklen_t n = sizeof udp->receive_buffer_bytes;
    /* By force needs CAP_NET_ADMIN; without it the kernel grants at most net.core.rmem_max. */
    if (setsockopt(udp->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
        setsockopt(udp->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    getsockopt(udp->fd, SOL_SOCKET, SO_RCVBUF, &udp->receive_buffer_bytes, &n);
}

int udp_open(struct udp *udp, const char *address, int port, unsigned place, int receive_buffer_bytes, struct error *error)
{
    *udp = (struct udp){.fd = inet_bind(SOCK_DGRAM, address, port, error)};
    if (udp->fd < 0)
        return (int)error->code;
    if (!(udp->batch = calloc(1, sizeof *udp->batch))) {
        udp_close(udp);
        return error_set(error, ERROR_INTERNAL, "memory ran out");
    }
    batch_init(udp->batch, place);
    ask_receive_buffer(udp, receive_buffer_bytes);
    udp->port = inet_port(udp->fd);
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
