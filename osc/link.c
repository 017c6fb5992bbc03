/* Streams and datagrams differ in three places: how they connect, whether a packet is framed, and what an end of input
 * means. Once it is connected, all waiting is in wait_for. */
#include "osc/link.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "graph/clock_shared.h"
#include "osc/packet.h"

#define INPUT_BYTES       65536              /* one datagram, or a piece of the stream */
#define PACKET_MAX_BYTES  ((size_t)64 << 20) /* more than any daemon sends */
#define CONNECT_TIMEOUT_S 5
#define ELEMENTS_MAX      UINT32_MAX

static int connect_to(struct link *link, int family, int type, const struct sockaddr *address, socklen_t n,
                      const char *where, struct error *error)
{
    *link = (struct link){
        .fd = socket(family, type | SOCK_CLOEXEC, 0), .framed = type == SOCK_STREAM, .input = malloc(INPUT_BYTES)};
    slip_init(&link->slip, PACKET_MAX_BYTES);
    /* A daemon that has stopped taking connections keeps connect waiting no longer than this. */
    struct timeval patience = {.tv_sec = CONNECT_TIMEOUT_S};
    int failed = 0;
    if (link->fd >= 0)
        setsockopt(link->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (!link->input)
        failed = error_set(error, ERROR_INTERNAL, "memory ran out");
    else if (link->fd < 0 || connect(link->fd, address, n) != 0)
        failed = error_set(error, ERROR_IO, "no daemon at %s: %s", where, strerror(errno));
    if (failed)
        link_close(link);
    return failed;
}

int link_open_unix(struct link *link, const char *path, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *link = (struct link){.fd = -1};
    if (!*path || strlen(path) >= sizeof address.sun_path)
        return error_set(error, ERROR_BAD_VALUE, "the socket path \"%.128s\" has %zu bytes: 1 to %zu are possible", path,
                         strlen(path), sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, strlen(path));
    return connect_to(link, AF_UNIX, SOCK_STREAM, (struct sockaddr *)&address, sizeof address, path, error);
}

int link_open_udp(struct link *link, int port, struct error *error)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    *link = (struct link){.fd = -1};
    if (port < 1 || port > 65535)
        return error_set(error, ERROR_BAD_VALUE, "port %d: UDP ports go from 1 to 65535", port);
    return connect_to(link, AF_INET, SOCK_DGRAM, (struct sockaddr *)&address, sizeof address, "127.0.0.1", error);
}

/* HOST:PORT to addresses, or null. The address of IPv6 stands in brackets, or its last group would be the port. */
static struct addrinfo *resolve(const char *where, struct error *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *all = NULL;
    char host[256];
    const char *colon = strrchr(where, ':');
    size_t n = colon ? (size_t)(colon - where) : 0;
    bool is_bracketed = n > 2 && *where == '[' && colon[-1] == ']';
    if (!n || n >= sizeof host || !colon[1]) {
        error_set(error, ERROR_BAD_VALUE, "%.300s: write HOST:PORT, such as 192.168.1.5:3293", where);
        return NULL;
    }
    snprintf(host, sizeof host, "%.*s", (int)n - 2 * is_bracketed, where + is_bracketed);
    int code = getaddrinfo(host, colon + 1, &hints, &all);
    if (code)
        error_set(error, ERROR_IO, "%.300s: %s", where, gai_strerror(code));
    return all;
}

/* The addresses of the host in turn, and the complaint of the last. */
int link_open_tcp(struct link *link, const char *where, struct error *error)
{
    *link = (struct link){.fd = -1};
    struct addrinfo *all = resolve(where, error);
    int code = all ? 0 : (int)error->code;
    for (const struct addrinfo *to = all; to; to = to->ai_next)
        if (!(code = connect_to(link, to->ai_family, SOCK_STREAM, to->ai_addr, to->ai_addrlen, where, error)))
            break;
    if (all)
        freeaddrinfo(all);
    if (!code)
        setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return code;
}

void link_close(struct link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    slip_deinit(&link->slip);
    free(link->input);
    *link = (struct link){.fd = -1};
}

/* ---- waiting ------------------------------------------------------------------------------------------------------- */

static int64_t deadline(int timeout_ms)
{
    return timeout_ms < 0 ? INT64_MAX : clock_ms() + timeout_ms;
}

/* Waits until the socket can be read or written; ERROR_LATE after the deadline, which is one for the whole of a call,
 * however many pieces and signals come in between. */
static int wait_for(const struct link *link, short events, int64_t until_ms, struct error *error)
{
    for (;;) {
        int64_t left = until_ms == INT64_MAX ? -1 : until_ms - clock_ms();
        struct pollfd watched = {.fd = link->fd, .events = events};
        int n = poll(&watched, 1, until_ms == INT64_MAX ? -1 : left > 0 ? (int)left : 0);
        if (n > 0)
            return 0;
        if (n == 0)
            return error_set(error, ERROR_LATE, "no answer in time");
        if (errno != EINTR)
            return error_set(error, ERROR_IO, "cannot wait: %s", strerror(errno));
    }
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

static int send_all(struct link *link, const uint8_t *bytes, size_t n, int64_t until_ms, struct error *error)
{
    for (size_t at = 0; at < n;) {
        ssize_t sent = send(link->fd, bytes + at, n - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            at += (size_t)sent;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return 0; /* its last words may wait to be received */
        } else if (errno == EMSGSIZE) {
            return error_set(error, ERROR_TOO_BIG, "%zu bytes do not fit a datagram: use the unix socket", n);
        } else if (errno != EAGAIN && errno != EINTR) {
            return error_set(error, ERROR_IO, "cannot send: %s", strerror(errno));
        } else {
            int failed = wait_for(link, POLLOUT, until_ms, error);
            if (failed)
                return failed;
        }
    }
    return 0;
}

int link_send(struct link *link, const void *packet, size_t n, int timeout_ms, struct error *error)
{
    struct bytes frame = {0};
    if (!link->framed)
        return send_all(link, packet, n, deadline(timeout_ms), error);
    slip_write(&frame, packet, n);
    int failed = frame.failed ? error_set(error, ERROR_INTERNAL, "memory ran out")
                              : send_all(link, frame.data, frame.n, deadline(timeout_ms), error);
    bytes_deinit(&frame);
    return failed;
}

/* ---- receiving ----------------------------------------------------------------------------------------------------- */

static int receive(struct link *link, int64_t until_ms, struct error *error)
{
    int failed = wait_for(link, POLLIN, until_ms, error);
    if (failed)
        return failed;
    /* A datagram of the greatest length fits, so none is ever cut. */
    ssize_t n = recv(link->fd, link->input, INPUT_BYTES, 0);
    if (n < 0 && errno == ECONNREFUSED)
        return error_set(error, ERROR_IO, "no daemon listens on this UDP port");
    /* An empty datagram is no end; the check of packets refuses it. A connection is reset when the daemon ends before it has
     * read what was asked. */
    if ((n == 0 && link->framed) || (n < 0 && errno == ECONNRESET))
        return error_set(error, ERROR_IO, "the daemon closed the connection");
    if (n < 0)
        return error_set(error, ERROR_IO, "cannot receive: %s", strerror(errno));
    link->input_at = 0;
    link->input_n = (size_t)n;
    return 0;
}

static int receive_frame(struct link *link, int64_t until_ms, struct error *error)
{
    for (;;) {
        enum slip_event event = slip_read(&link->slip, link->input, link->input_n, &link->input_at);
        if (event == SLIP_FRAME) {
            link->packet = link->slip.frame.data;
            link->n_packet = link->slip.frame.n;
            return 0;
        }
        /* Whether it was the answer that is awaited cannot be known, so waiting on would be wrong. */
        if (event != SLIP_MORE)
            return error_set(error, ERROR_BAD_VALUE, "the daemon sent a frame that cannot be read");
        int failed = receive(link, until_ms, error);
        if (failed)
            return failed;
    }
}

static int receive_datagram(struct link *link, int64_t until_ms, struct error *error)
{
    int failed = receive(link, until_ms, error);
    link->packet = link->input;
    link->n_packet = failed ? 0 : link->input_n;
    return failed;
}

int link_receive(struct link *link, int timeout_ms, struct error *error)
{
    int64_t until_ms = deadline(timeout_ms);
    int failed = link->framed ? receive_frame(link, until_ms, error) : receive_datagram(link, until_ms, error);
    return failed ? failed : packet_check(link->packet, link->n_packet, ELEMENTS_MAX, error);
}
