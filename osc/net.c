#include "osc/net.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/epoll.h>

#include "graph/clock_shared.h"
#include "graph/mutant.h"
#include "osc/connections.h"
#include "osc/cpu_share.h"
#include "osc/inet.h"
#include "osc/packet.h"
#include "osc/udp.h"

/* The work of one net_poll. A datagram or frame costs some microseconds with its handling, so that a full helping of
 * everything stays near a millisecond. */
#define POLL_BATCHES 8       /* of UDP_BATCH datagrams, of each address */
#define POLL_FRAMES  32      /* of each connection */
#define POLL_READS   4       /* of STREAM_INPUT_BYTES, of each connection */
#define POLL_NS      1000000 /* of each connection: what asks for much must not hold up those who ask for little */
#define POLL_EVENTS  64

#define TICK_MS 100 /* between looks at stalled connections, drop counters, and another try to accept */

/* What an epoll event is about, where it is not the number of a connection: a listener, the unix one or that of place I, or
 * the datagrams of place I. */
#define EVENT_SOCKET     (UINT64_C(1) << 63)
#define EVENT_UNIX       EVENT_SOCKET
#define EVENT_TCP(place) (EVENT_SOCKET + 1 + (place))
#define EVENT_UDP(place) (EVENT_SOCKET + 1 + NET_PLACES_MAX + (place))
#define N_LISTENERS      (1 + NET_PLACES_MAX) /* by number as their events */
#define UDP_PORT_TRIES   16

/* One poll: what epoll reports is noted first, then each source gets its helping in turn, and only at the end connections
 * are closed and epoll is told what to watch: in between no pointer to one goes stale, whatever the handlers do. */

/* One address: the port with its datagrams. Its listener lies with the others. */
struct place {
    struct udp udp;
    enum role role;
    bool is_loopback;
    bool readable; /* epoll has reported it */
};

struct net {
    struct net_options options;
    int epoll_fd;
    struct place places[NET_PLACES_MAX];
    struct listener listeners[N_LISTENERS]; /* the unix socket's first */
    uint32_t listeners_readable;            /* a bit for each */
    bool accept_paused;
    struct connections connections;
    unsigned first_served; /* the connection that net_poll starts with: another one each time */
    uint64_t tick_ms;      /* when the next tick is due */
    struct cpu_share udp_share;
    struct net_counters counters;
};

static int watch(const struct net *net, int operation, int fd, uint32_t events, uint64_t what)
{
    struct epoll_event event = {.events = events, .data.u64 = what};
    return epoll_ctl(net->epoll_fd, operation, fd, &event);
}

/* ---- opening and closing ------------------------------------------------------------------------------------------- */

/* UDP and TCP with one number. Where the kernel picks it, it may pick one for UDP that TCP has not got: then another. */
static int place_open(struct net *net, unsigned i, int port, struct error *error)
{
    const struct net_place *wish = &net->options.places[i];
    struct place *place = &net->places[i];
    int failed = ERROR_BUSY;
    for (unsigned try = 0; failed == ERROR_BUSY && try < (port ? 1 : UDP_PORT_TRIES); try++) {
        udp_close(&place->udp);
        failed = udp_open(&place->udp, wish->address, port, i + 1, net->options.receive_buffer_bytes, error);
        if (!failed)
            failed = listener_open_tcp(&net->listeners[1 + i], wish->address, place->udp.port, error);
    }
    place->role = wish->role;
    place->is_loopback = inet_is_loopback(wish->address);
    return failed;
}

static bool is_watched(const struct net *net, int fd, uint64_t what)
{
    return fd < 0 || watch(net, EPOLL_CTL_ADD, fd, EPOLLIN, what) == 0;
}

static int open_sockets(struct net *net, struct error *error)
{
    const struct net_options *options = &net->options;
    int failed = 0, port = options->port == NET_PORT_ANY ? 0 : options->port;
    for (unsigned i = 0; options->port && i < options->n_places && !failed; i++) {
        failed = place_open(net, i, port, error);
        port = net->places[0].udp.port;
    }
    if (!failed && options->socket_path)
        failed = listener_open(&net->listeners[0], options->socket_path, error);
    if (failed)
        return failed;
    bool all = true;
    for (unsigned i = 0; i < NET_PLACES_MAX; i++)
        all = all && is_watched(net, net->places[i].udp.fd, EVENT_UDP(i));
    for (unsigned i = 0; i < N_LISTENERS; i++)
        all = all && is_watched(net, net->listeners[i].fd, EVENT_UNIX + i);
    return all ? 0 : error_set(error, ERROR_IO, "cannot watch the sockets: %s", strerror(errno));
}

int net_open(struct net **made, const struct net_options *options, struct error *error)
{
    struct net *net = calloc(1, sizeof *net);
    if (!net)
        return error_set(error, ERROR_INTERNAL, "memory ran out");
    *net = (struct net){.options = *options, .epoll_fd = epoll_create1(EPOLL_CLOEXEC)};
    net->udp_share.percent = options->udp_percent;
    net->connections = (struct connections){
        .epoll_fd = net->epoll_fd,
        .limits = {options->stream_max_bytes, options->queue_max_bytes, options->stall_ms, options->frame_ms},
        .gone_s = options->gone_s,
        .max = connections_most(options->connections_max),
        .must_greet = options->must_greet,
    };
    for (unsigned i = 0; i < NET_PLACES_MAX; i++)
        net->places[i].udp.fd = -1;
    for (unsigned i = 0; i < N_LISTENERS; i++)
        net->listeners[i] = (struct listener){.fd = -1, .lock_fd = -1};
    int failed = net->epoll_fd < 0 ? error_set(error, ERROR_IO, "no epoll descriptor: %s", strerror(errno)) : 0;
    if (!failed && connections_init(&net->connections))
        failed = error_set(error, ERROR_INTERNAL, "memory ran out");
    if (!failed)
        failed = open_sockets(net, error);
    if (failed) {
        net_close(net);
        return failed;
    }
    net->options.socket_path = NULL; /* borrowed, and no longer needed */
    memset(net->options.places, 0, sizeof net->options.places);
    for (unsigned i = 0; i < options->n_places; i++) {
        int granted = net->places[i].udp.receive_buffer_bytes, *least = &net->counters.receive_buffer_bytes;
        *least = i == 0 || granted < *least ? granted : *least;
    }
    *made = net;
    return 0;
}

void net_close(struct net *net)
{
    if (!net)
        return;
    connections_deinit(&net->connections);
    for (unsigned i = 0; i < N_LISTENERS; i++)
        listener_close(&net->listeners[i]);
    for (unsigned i = 0; i < NET_PLACES_MAX; i++)
        udp_close(&net->places[i].udp);
    if (net->epoll_fd >= 0)
        close(net->epoll_fd);
    free(net);
}

int net_fd(const struct net *net)
{
    return net->epoll_fd;
}

int net_port(const struct net *net)
{
    return net->places[0].udp.port;
}

enum role net_role(const struct net *net, const struct peer *peer)
{
    const struct place *place = peer->place ? &net->places[peer->place - 1] : NULL;
    return !place || (!place->is_loopback && !peer_is_remote(peer)) ? ROLE_EDIT : place->role;
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
    if (!handler->admits(handler->user, peer, n))
        net->counters.turned_down++;
    else if (packet_check(bytes, n, elements_max, &error) != 0)
        refuse(net, handler, peer, &error);
    else
        handler->packet(handler->user, peer, bytes, n);
}

static void serve_udp(struct net *net, const struct net_handler *handler, struct udp *udp)
{
    unsigned n = UDP_BATCH;
    for (unsigned batch = 0; batch < POLL_BATCHES && n == UDP_BATCH; batch++) {
        n = udp_receive(udp);
        for (unsigned i = 0; i < n; i++) {
            struct udp_datagram datagram = udp_datagram(udp, i);
            net->counters.datagrams++;
            if (MUTANT_FLAW("slow"))
                for (uint64_t until = clock_monotonic_rt(NULL) + 20000; clock_monotonic_rt(NULL) < until;)
                    continue;
            deliver(net, handler, &datagram.peer, datagram.bytes, datagram.n, net->options.datagram_elements);
        }
    }
}

static void watch_udp(struct net *net, bool hold_back)
{
    net->counters.holds_back = hold_back;
    for (unsigned i = 0; i < NET_PLACES_MAX; i++)
        if (net->places[i].udp.fd >= 0)
            watch(net, EPOLL_CTL_MOD, net->places[i].udp.fd, hold_back ? 0 : EPOLLIN, EVENT_UDP(i));
}

/* Whether datagrams may be served in this round. Watched while they may not, they would keep the caller from sleeping. */
static bool has_share(struct net *net, uint64_t now_ns)
{
    bool has = cpu_share_look(&net->udp_share, now_ns);
    if (has == net->counters.holds_back)
        watch_udp(net, !has);
    return has;
}

static void serve_places(struct net *net, const struct net_handler *handler)
{
    for (unsigned i = 0; i < NET_PLACES_MAX; i++)
        if (net->places[i].readable) {
            net->udp_share.is_spending = true;
            serve_udp(net, handler, &net->places[i].udp);
        }
}

static void serve_stream(struct net *net, const struct net_handler *handler, struct connection *connection)
{
    struct stream *stream = connection->stream;
    struct peer peer = connection->peer;
    struct error error;
    /* Unread input stays in the kernel and comes back through epoll; decoded input through stream_has_input. */
    unsigned reads = connection->readable ? POLL_READS : 0;
    uint64_t end_ns = clock_monotonic_rt(NULL) + POLL_NS;
    connection->readable = false;
    for (unsigned i = 0; i < POLL_FRAMES && (i == 0 || clock_monotonic_rt(NULL) < end_ns); i++) {
        enum stream_event event = stream_next(stream, &reads, &error);
        if (event == STREAM_IDLE)
            return;
        net->counters.frames++;
        if (event == STREAM_FRAME)
            deliver(net, handler, &peer, stream->slip.frame.data, stream->slip.frame.n, net->options.stream_elements);
        else if (handler->admits(handler->user, &peer, 0))
            refuse(net, handler, &peer, &error);
        else
            net->counters.turned_down++;
    }
}

/* Each gets its helping, beginning with another one each time, so that no place in the list is better. */
static void serve_streams(struct net *net, const struct net_handler *handler)
{
    unsigned n = net->connections.n;
    net->first_served = n ? (net->first_served + 1) % n : 0;
    for (unsigned i = 0; i < n; i++) {
        struct connection *connection = &net->connections.all[(net->first_served + i) % n];
        if (connection->readable || stream_has_input(connection->stream))
            serve_stream(net, handler, connection);
    }
}

/* Without descriptors a connection stays in the backlog, and epoll would report it for ever: none is watched until the next
 * tick. */
static void pause_accepting(struct net *net, bool pause)
{
    if (pause == net->accept_paused)
        return;
    net->accept_paused = pause;
    net->counters.accept_pauses += pause;
    for (unsigned i = 0; i < N_LISTENERS; i++)
        if (net->listeners[i].fd >= 0)
            watch(net, EPOLL_CTL_MOD, net->listeners[i].fd, pause ? 0 : EPOLLIN, EVENT_UNIX + i);
}

static void serve_listeners(struct net *net)
{
    bool starves = false;
    for (unsigned i = 0; i < N_LISTENERS; i++)
        if (net->listeners_readable >> i & 1)
            starves |= connections_accept(&net->connections, &net->listeners[i], i);
    if (net->listeners_readable)
        pause_accepting(net, starves);
}

/* ---- the poll ------------------------------------------------------------------------------------------------------ */

static void note_event(struct net *net, const struct epoll_event *event)
{
    uint64_t what = event->data.u64;
    if (!(what & EVENT_SOCKET))
        connections_note(&net->connections, what, event->events);
    else if (what >= EVENT_UDP(0))
        net->places[what - EVENT_UDP(0)].readable = true;
    else
        net->listeners_readable |= 1u << (what - EVENT_UNIX);
}

static void count_drops(struct net *net)
{
    for (unsigned i = 0; i < NET_PLACES_MAX; i++)
        if (net->places[i].udp.fd >= 0)
            net->counters.kernel_drops += udp_new_drops(&net->places[i].udp);
}

static void tick(struct net *net, uint64_t now_ms)
{
    if (now_ms < net->tick_ms)
        return;
    net->tick_ms = now_ms + TICK_MS;
    connections_check(&net->connections, TICK_MS);
    count_drops(net);
    pause_accepting(net, false);
}

bool net_poll(struct net *net, const struct net_handler *handler)
{
    struct epoll_event events[POLL_EVENTS];
    if (MUTANT_FLAW("nap"))
        poll(NULL, 0, 60);
    uint64_t now_ns = clock_monotonic_rt(NULL);
    bool may_serve_udp = has_share(net, now_ns);
    int n = epoll_wait(net->epoll_fd, events, POLL_EVENTS, 0);
    net->listeners_readable = 0;
    for (unsigned i = 0; i < NET_PLACES_MAX; i++)
        net->places[i].readable = false;
    for (int i = 0; i < n; i++)
        note_event(net, &events[i]);
    tick(net, now_ns / 1000000); /* behind the events: a client that has just made room is not stalled */
    if (may_serve_udp)
        serve_places(net, handler);
    serve_streams(net, handler);
    serve_listeners(net);
    return connections_settle(&net->connections, handler->closed, handler->user);
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

static int send_to(struct net *net, const struct peer *peer, const void *bytes, size_t n)
{
    struct udp *udp = peer->place ? &net->places[peer->place - 1].udp : NULL;
    if (peer->kind == PEER_DATAGRAM)
        return udp && udp->fd >= 0 ? udp_send(udp, peer, bytes, n) : ERROR_IO;
    return peer->kind == PEER_STREAM ? connections_send(&net->connections, peer->stream, bytes, n) : ERROR_IO;
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

void net_trust(struct net *net, const struct peer *peer)
{
    connections_trust(&net->connections, peer->stream);
}

size_t net_queued(struct net *net, const struct peer *peer)
{
    return peer->kind == PEER_STREAM ? connections_queued(&net->connections, peer->stream) : 0;
}

struct net_counters net_count(struct net *net)
{
    count_drops(net);
    net->counters.connections = net->connections.n;
    net->counters.connections_max = net->connections.max;
    net->counters.accepted = net->connections.accepted;
    net->counters.turned_away = net->connections.turned_away;
    net->counters.dropped = net->connections.dropped;
    return net->counters;
}
