#include "osc/connections.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "graph/mutant.h"
#include "osc/writer.h"

#define ACCEPTS 16 /* at once: others wait for their turn as well */

unsigned connections_most(unsigned wished)
{
    struct rlimit now;
    if (MUTANT_FLAW("crowded"))
        return 1 << 16;
    if (getrlimit(RLIMIT_NOFILE, &now) || now.rlim_cur == RLIM_INFINITY)
        return wished;
    unsigned most = now.rlim_cur > 4 ? (unsigned)(now.rlim_cur / 2) : 2;
    return wished < most ? wished : most;
}

int connections_init(struct connections *connections)
{
    connections->all = calloc(connections->max + 1, sizeof *connections->all);
    return connections->all ? 0 : ERROR_INTERNAL;
}

void connections_deinit(struct connections *connections)
{
    for (unsigned i = 0; i < connections->n; i++)
        stream_free(connections->all[i].stream);
    free(connections->all);
}

static int watch(const struct connections *connections, int operation, int fd, uint32_t events, uint64_t stream)
{
    struct epoll_event event = {.events = events, .data.u64 = stream};
    return epoll_ctl(connections->epoll_fd, operation, fd, &event);
}

/* ---- coming -------------------------------------------------------------------------------------------------------- */

/* One connection too many: it is told why before it is closed, in case its client waits for an answer. */
static void turn_away(struct connections *connections, int fd, unsigned most)
{
    struct bytes packet = {0}, frame = {0};
    struct writer writer;
    struct error error;
    error_set(&error, ERROR_TOO_BIG, "%u connections are open already, as many as may be", most);
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
    connections->turned_away++;
}

static void take_in(struct connections *connections, int fd, struct peer *peer)
{
    struct stream *stream = stream_new(fd, connections->last_stream + 1, &connections->limits);
    if (!stream || watch(connections, EPOLL_CTL_ADD, fd, EPOLLIN, stream->id) != 0) {
        stream_free(stream);
        connections->turned_away++;
        return;
    }
    bool is_trusted = !connections->must_greet || !peer_is_remote(peer);
    if (!is_trusted)
        stream->slip.max_bytes = STRANGE_FRAME_BYTES;
    peer->stream = ++connections->last_stream;
    stream->is_tcp = peer->place > 0;
    connections->accepted++;
    connections->n_remote += peer_is_remote(peer);
    connections->all[connections->n++] = (struct connection){
        .stream = stream,
        .peer = *peer,
        .watched = EPOLLIN,
        .is_trusted = is_trusted,
    };
}

bool connections_accept(struct connections *connections, struct listener *listener, unsigned place)
{
    for (unsigned i = 0; i < ACCEPTS; i++) {
        struct peer peer = {.kind = PEER_STREAM, .place = place};
        int fd = listener_accept(listener, &peer, connections->gone_s);
        if (fd < 0)
            return fd != -EAGAIN;
        /* Strangers leave room for whoever comes to see what is going on. */
        unsigned n = peer_is_remote(&peer) ? connections->n_remote : connections->n;
        unsigned most = peer_is_remote(&peer) ? (connections->max + 1) / 2 : connections->max;
        if (n < most && connections->n < connections->max)
            take_in(connections, fd, &peer);
        else
            turn_away(connections, fd, most);
    }
    return false;
}

/* ---- at work ------------------------------------------------------------------------------------------------------- */

/* Linear: there are tens of connections, and their numbers, unlike pointers, never mean another one later. */
struct connection *connections_find(struct connections *connections, uint64_t stream)
{
    for (unsigned i = 0; i < connections->n; i++)
        if (connections->all[i].stream->id == stream)
            return &connections->all[i];
    return NULL;
}

void connections_note(struct connections *connections, uint64_t stream, uint32_t events)
{
    struct connection *connection = connections_find(connections, stream);
    if (!connection)
        return;
    if (events & (EPOLLHUP | EPOLLERR))
        stream_hung_up(connection->stream);
    else if (events & EPOLLOUT)
        stream_flush(connection->stream);
    connection->readable = events & (EPOLLIN | EPOLLHUP | EPOLLERR);
}

static void update_watch(const struct connections *connections, struct connection *connection)
{
    const struct stream *stream = connection->stream;
    uint32_t wanted = stream_wants(stream);
    if (wanted != connection->watched && watch(connections, EPOLL_CTL_MOD, stream->fd, wanted, stream->id) == 0)
        connection->watched = wanted;
}

int connections_send(struct connections *connections, uint64_t stream, const uint8_t *packet, size_t n)
{
    struct connection *connection = connections_find(connections, stream);
    if (!connection)
        return ERROR_IO;
    int failed = stream_send(connection->stream, packet, n);
    update_watch(connections, connection);
    return failed;
}

/* Each may send long frames, but not all at once begin them and leave them. */
static void check_unended(struct connections *connections)
{
    size_t sum = 0, most = 0;
    struct stream *greediest = NULL;
    for (unsigned i = 0; i < connections->n; i++) {
        struct stream *stream = connections->all[i].stream;
        size_t n = stream->dropped || stream->slip.complete ? 0 : stream->slip.frame.n;
        sum += n;
        if (n > most) {
            most = n;
            greediest = stream;
        }
    }
    if (sum > UNENDED_FRAMES * connections->limits.packet_max_bytes)
        stream_drop(greediest);
}

void connections_check(struct connections *connections, unsigned passed_ms)
{
    check_unended(connections);
    for (unsigned i = 0; i < connections->n; i++) {
        struct connection *connection = &connections->all[i];
        if (!MUTANT_FLAW("patient"))
            stream_check(connection->stream, passed_ms);
        connection->strange_ms += connection->is_trusted ? 0 : passed_ms;
        if (connection->strange_ms >= STRANGE_MS && !connection->is_trusted)
            stream_drop(connection->stream);
    }
}

size_t connections_queued(struct connections *connections, uint64_t stream)
{
    const struct connection *connection = connections_find(connections, stream);
    return connection ? connection->stream->queued_bytes - connection->stream->sent_bytes : 0;
}

void connections_trust(struct connections *connections, uint64_t stream)
{
    struct connection *connection = connections_find(connections, stream);
    if (!connection)
        return;
    connection->is_trusted = true;
    connection->stream->slip.max_bytes = connections->limits.packet_max_bytes;
}

/* ---- going --------------------------------------------------------------------------------------------------------- */

static struct peer remove_at(struct connections *connections, unsigned i)
{
    struct connection *connection = &connections->all[i];
    struct peer peer = connection->peer;
    connections->dropped += connection->stream->dropped;
    connections->n_remote -= peer_is_remote(&peer);
    if (MUTANT_FLAW("clinging"))
        dup(connection->stream->fd);
    stream_free(connection->stream); /* closing the descriptor takes it out of epoll */
    *connection = connections->all[--connections->n];
    return peer;
}

bool connections_settle(struct connections *connections, void (*closed)(void *user, const struct peer *peer), void *user)
{
    bool more = false;
    for (unsigned i = 0; i < connections->n;) {
        struct connection *connection = &connections->all[i];
        if (stream_finished(connection->stream)) {
            struct peer peer = remove_at(connections, i);
            closed(user, &peer);
            continue;
        }
        update_watch(connections, connection);
        more |= stream_has_input(connection->stream);
        i++;
    }
    return more;
}
