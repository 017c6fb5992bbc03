#include "osc/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "osc/listener.h"
#include "osc/packet.h"
#include "osc/slip.h"
#include "osc/stream.h"
#include "osc/udp.h"
#include "osc/writer.h"

/* The work of one net_poll. A datagram or frame costs some microseconds with its handling, so that a full helping of
 * everything stays near a millisecond. */
#define POLL_BATCHES 8  /* of UDP_BATCH datagrams */
#define POLL_FRAMES  32 /* of each connection */
#define POLL_READS   4  /* of STREAM_INPUT_BYTES, of each connection */
#define POLL_ACCEPTS 16
#define POLL_EVENTS  64

#define TICK_MS 100 /* between looks at stalled connections, drop counters, and another try to accept */

/* What an epoll event is about, where it is not the number of a connection. */
#define EVENT_UDP      UINT64_MAX
#define EVENT_LISTENER (UINT64_MAX - 1)

/* One poll: what epoll reports is noted first, then each source gets its helping in turn, and only at the end connections
 * are closed and epoll is told what to watch: in between no pointer to one goes stale, whatever the handlers do. */

struct connection {
    struct stream *stream; /* owned */
    uint32_t watched;      /* what epoll was told */
    bool readable;         /* epoll has reported it */
};

struct net {
    struct net_options options;
    struct stream_limits limits;
    int epoll_fd;
    struct udp udp;
    struct listener listener;
    struct connection *connections; /* connections_max of them, the first n_connections in use */
    unsigned n_connections;
    unsigned first_served; /* the connection that net_poll starts with: another one each time */
    uint64_t last_stream;  /* the number of the newest connection */
    uint64_t tick_ms;      /* when the next tick is due */
    bool udp_readable, listener_readable, accept_paused;
    struct net_counters counters;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct peer peer_of(const struct stream *stream)
{
    return (struct peer){.kind = PEER_STREAM, .stream = stream->id};
}

static int watch(const struct net *net, int operation, int fd, uint32_t events, uint64_t what)
{
    struct epoll_event event = {.events = events, .data.u64 = what};
    return epoll_ctl(net->epoll_fd, operation, fd, &event);
}

/* ---- opening and closing ------------------------------------------------------------------------------------------- */

static int open_sockets(struct net *net, struct error *error)
{
    const struct net_options *options = &net->options;
    int failed = 0;
    if (options->port)
        failed = udp_open(&net->udp, options->address, options->port == NET_PORT_ANY ? 0 : options->port,
                          options->receive_buffer_bytes, error);
    if (!failed && options->socket_path)
        failed = listener_open(&net->listener, options->socket_path, error);
    if (failed)
        return failed;
    if ((net->udp.fd >= 0 && watch(net, EPOLL_CTL_ADD, net->udp.fd, EPOLLIN, EVENT_UDP) != 0) ||
        (net->listener.fd >= 0 && watch(net, EPOLL_CTL_ADD, net->listener.fd, EPOLLIN, EVENT_LISTENER) != 0))
        return error_set(error, ERROR_IO, "cannot watch the sockets: %s", strerror(errno));
    return 0;
}

int net_open(struct net **made, const struct net_options *options, struct error *error)
{
    struct net *net = calloc(1, sizeof *net);
    struct connection *connections = calloc(options->connections_max + 1, sizeof *connections);
    if (!net || !connections) {
        free(net);
        free(connections);
        return error_set(error, ERROR_INTERNAL, "memory ran out");
    }
    *net = (struct net){.options = *options, .udp = {.fd = -1}, .listener = {.fd = -1, .lock_fd = -1}};
    net->connections = connections;
    net->limits = (struct stream_limits){options->stream_max_bytes, options->queue_max_bytes, options->stall_ms};
    net->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int failed = net->epoll_fd < 0 ? error_set(error, ERROR_IO, "no epoll descriptor: %s", strerror(errno)) : 0;
    if (!failed)
        failed = open_sockets(net, error);
    if (failed) {
        net_close(net);
        return failed;
    }
    net->options.address = net->options.socket_path = NULL; /* borrowed, and no longer needed */
    net->counters.receive_buffer_bytes = net->udp.receive_buffer_bytes;
    *made = net;
    return 0;
}

void net_close(struct net *net)
{
    if (!net)
        return;
    for (unsigned i = 0; i < net->n_connections; i++)
        stream_free(net->connections[i].stream);
    listener_close(&net->listener);
    udp_close(&net->udp);
    if (net->epoll_fd >= 0)
        close(net->epoll_fd);
    free(net->connections);
    free(net);
}

int net_fd(const struct net *net)
{
    return net->epoll_fd;
}

int net_port(const struct net *net)
{
    return net->udp.port;
}

/* ---- receiving ----------------------------------------------------------------------------------------------------- */

static void refuse(struct net *net, const struct net_handler *handler, const struct peer *peer, const struct error *error)
{
    net->counters.refused++;
    handler->refused(handler->user, peer, error);
}

static void deliver(struct net *net, const struct net_handler *handler, const struct peer *peer, const uint8_t *bytes,
                    size_t n, unsigned elements_max)
{
    struct error error;
    net->counters.bytes += n;
    if (packet_check(bytes, n, elements_max, &error) != 0)
        refuse(net, handler, peer, &error);
    else
        handler->packet(handler->user, peer, bytes, n);
}

static void serve_udp(struct net *net, const struct net_handler *handler)
{
    unsigned n = UDP_BATCH;
    for (unsigned batch = 0; batch < POLL_BATCHES && n == UDP_BATCH; batch++) {
        n = udp_receive(&net->udp);
        for (unsigned i = 0; i < n; i++) {
            struct udp_datagram datagram = udp_datagram(&net->udp, i);
            net->counters.datagrams++;
            deliver(net, handler, &datagram.peer, datagram.bytes, datagram.n, net->options.datagram_elements);
        }
    }
}

static void serve_stream(struct net *net, const struct net_handler *handler, struct connection *connection)
{
    struct stream *stream = connection->stream;
    struct peer peer = peer_of(stream);
    struct error error;
    /* Unread input stays in the kernel and comes back through epoll; decoded input through stream_has_input. */
    unsigned reads = connection->readable ? POLL_READS : 0;
    connection->readable = false;
    for (unsigned i = 0; i < POLL_FRAMES; i++) {
        enum stream_event event = stream_next(stream, &reads, &error);
        if (event == STREAM_IDLE)
            return;
        net->counters.frames++;
        if (event == STREAM_FRAME)
            deliver(net, handler, &peer, stream->slip.frame.data, stream->slip.frame.n, net->options.stream_elements);
        else
            refuse(net, handler, &peer, &error);
    }
}

/* Each gets its helping, beginning with another one each time, so that no place in the list is better. */
static void serve_streams(struct net *net, const struct net_handler *handler)
{
    unsigned n = net->n_connections;
    net->first_served = n ? (net->first_served + 1) % n : 0;
    for (unsigned i = 0; i < n; i++) {
        struct connection *connection = &net->connections[(net->first_served + i) % n];
        if (connection->readable || stream_has_input(connection->stream))
            serve_stream(net, handler, connection);
    }
}

/* ---- connections coming and going ---------------------------------------------------------------------------------- */

/* One connection too many: it is told why before it is closed, in case its client waits for an answer. */
static void turn_away(struct net *net, int fd)
{
    struct bytes packet = {0}, frame = {0};
    struct writer writer;
    struct error error;
    error_set(&error, ERROR_TOO_BIG, "%u connections are open already, as many as may be", net->options.connections_max);
    writer_init(&writer);
    writer_int(&writer, 0);
    writer_string(&writer, "");
    writer_int(&writer, (int32_t)error.code);
    writer_string(&writer, error_symbol(error.code));
    writer_string(&writer, error.text);
    if (writer_end(&writer, "/fail", &packet) == 0)
        slip_write(&frame, packet.data, packet.n);
    if (frame.n)
        send(fd, frame.data, frame.n, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
    bytes_deinit(&packet);
    bytes_deinit(&frame);
    net->counters.turned_away++;
}

static void take_in(struct net *net, int fd)
{
    struct stream *stream = stream_new(fd, net->last_stream + 1, &net->limits);
    if (!stream || watch(net, EPOLL_CTL_ADD, fd, EPOLLIN, stream->id) != 0) {
        stream_free(stream);
        net->counters.turned_away++;
        return;
    }
    net->last_stream++;
    net->counters.accepted++;
    net->connections[net->n_connections++] = (struct connection){.stream = stream, .watched = EPOLLIN};
}

/* Without descriptors the connection stays in the backlog, and epoll would report it for ever: it is not watched until
 * the next tick. */
static void pause_accepting(struct net *net, bool pause)
{
    if (pause == net->accept_paused)
        return;
    net->accept_paused = pause;
    net->counters.accept_pauses += pause;
    watch(net, EPOLL_CTL_MOD, net->listener.fd, pause ? 0 : EPOLLIN, EVENT_LISTENER);
}

static void serve_listener(struct net *net)
{
    for (unsigned i = 0; i < POLL_ACCEPTS; i++) {
        int fd = listener_accept(&net->listener);
        if (fd < 0) {
            pause_accepting(net, fd != -EAGAIN);
            return;
        }
        if (net->n_connections < net->options.connections_max)
            take_in(net, fd);
        else
            turn_away(net, fd);
    }
}

static void close_connection(struct net *net, const struct net_handler *handler, unsigned i)
{
    struct stream *stream = net->connections[i].stream;
    struct peer peer = peer_of(stream);
    net->counters.dropped += stream->dropped;
    stream_free(stream); /* closing the descriptor takes it out of epoll */
    net->connections[i] = net->connections[--net->n_connections];
    handler->closed(handler->user, &peer);
}

static void update_watch(struct net *net, struct connection *connection)
{
    const struct stream *stream = connection->stream;
    uint32_t wanted = stream_wants(stream);
    if (wanted != connection->watched && watch(net, EPOLL_CTL_MOD, stream->fd, wanted, stream->id) == 0)
        connection->watched = wanted;
}

/* Closes what has ended and tells epoll what is wanted of the rest; true when one of them has input left to decode. */
static bool settle(struct net *net, const struct net_handler *handler)
{
    bool more = false;
    for (unsigned i = 0; i < net->n_connections;) {
        struct connection *connection = &net->connections[i];
        if (stream_finished(connection->stream)) {
            close_connection(net, handler, i);
            continue;
        }
        update_watch(net, connection);
        more |= stream_has_input(connection->stream);
        i++;
    }
    return more;
}

/* ---- the poll ------------------------------------------------------------------------------------------------------ */

/* Linear: there are tens of connections, and their numbers, unlike pointers, never mean another one later. */
static struct connection *find(struct net *net, uint64_t stream)
{
    for (unsigned i = 0; i < net->n_connections; i++)
        if (net->connections[i].stream->id == stream)
            return &net->connections[i];
    return NULL;
}

static void note_event(struct net *net, const struct epoll_event *event)
{
    struct connection *connection = find(net, event->data.u64);
    if (event->data.u64 == EVENT_UDP)
        net->udp_readable = true;
    if (event->data.u64 == EVENT_LISTENER)
        net->listener_readable = true;
    if (!connection)
        return;
    if (event->events & (EPOLLHUP | EPOLLERR))
        stream_hung_up(connection->stream);
    else if (event->events & EPOLLOUT)
        stream_flush(connection->stream);
    connection->readable = event->events & (EPOLLIN | EPOLLHUP | EPOLLERR);
}

static void tick(struct net *net, uint64_t now)
{
    if (now < net->tick_ms)
        return;
    net->tick_ms = now + TICK_MS;
    for (unsigned i = 0; i < net->n_connections; i++)
        stream_check(net->connections[i].stream, TICK_MS);
    if (net->udp.fd >= 0)
        net->counters.kernel_drops += udp_new_drops(&net->udp);
    if (net->listener.fd >= 0)
        pause_accepting(net, false);
}

bool net_poll(struct net *net, const struct net_handler *handler)
{
    struct epoll_event events[POLL_EVENTS];
    int n = epoll_wait(net->epoll_fd, events, POLL_EVENTS, 0);
    net->udp_readable = net->listener_readable = false;
    for (int i = 0; i < n; i++)
        note_event(net, &events[i]);
    tick(net, now_ms()); /* behind the events: a client that has just made room is not stalled */
    if (net->udp_readable)
        serve_udp(net, handler);
    serve_streams(net, handler);
    if (net->listener_readable)
        serve_listener(net);
    return settle(net, handler);
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

static int send_to(struct net *net, const struct peer *peer, const void *bytes, size_t n)
{
    if (peer->kind == PEER_DATAGRAM)
        return net->udp.fd >= 0 ? udp_send(&net->udp, peer, bytes, n) : ERROR_IO;
    struct connection *connection = peer->kind == PEER_STREAM ? find(net, peer->stream) : NULL;
    if (!connection)
        return ERROR_IO;
    int failed = stream_send(connection->stream, bytes, n);
    update_watch(net, connection);
    return failed;
}

/* Drops are marked only and carried out by the next net_poll: a handler may be walking over the client's requests. */
int net_send(struct net *net, const struct peer *peer, const void *bytes, size_t n)
{
    int failed = send_to(net, peer, bytes, n);
    net->counters.send_failures += failed != 0;
    net->counters.sent += !failed;
    net->counters.sent_bytes += failed ? 0 : n;
    return failed;
}

struct net_counters net_count(struct net *net)
{
    if (net->udp.fd >= 0)
        net->counters.kernel_drops += udp_new_drops(&net->udp);
    net->counters.connections = net->n_connections;
    return net->counters;
}
