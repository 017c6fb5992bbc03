#include "osc/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/socket.h>

/*     kernel --recv--> input[] --slip_read--> slip.frame --> the handler         shut while must_listen()
 *     kernel <--send-- output[output_at …] <--slip_write-- its answers            bounded by admit()
 */

#define KEPT_BYTES     65536 /* memory that an empty queue keeps */
#define HALF_CLOSED_MS 200   /* more than an answer takes that waits for no file */

struct stream *stream_new(int fd, uint64_t id, const struct stream_limits *limits)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream) {
        close(fd);
        return NULL;
    }
    stream->fd = fd;
    stream->id = id;
    stream->limits = limits;
    slip_init(&stream->slip, limits->packet_max_bytes);
    return stream;
}

void stream_free(struct stream *stream)
{
    if (!stream)
        return;
    close(stream->fd);
    slip_deinit(&stream->slip);
    bytes_deinit(&stream->output);
    free(stream);
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/* A client with a long queue has to listen before it may go on talking. Well below the bound, so that the answers of
 * what it has asked already still fit. */
static bool must_listen(const struct stream *stream)
{
    return stream->queued_bytes - stream->sent_bytes > stream->limits->queue_max_bytes / 4;
}

/* Epoll sees only what the kernel holds: this is about bytes that have left it already. */
bool stream_has_input(const struct stream *stream)
{
    return stream->input_at < stream->input_n && !must_listen(stream) && !stream->dropped;
}

static void receive(struct stream *stream)
{
    ssize_t n = recv(stream->fd, stream->input, sizeof stream->input, MSG_DONTWAIT);
    stream->input_at = 0;
    stream->input_n = n > 0 ? (size_t)n : 0;
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    stream->ended = true; /* for talking; a client may shut down its half and still listen */
    if (n < 0)
        stream_hung_up(stream);
}

static enum stream_event refused(const struct stream *stream, enum slip_event why, struct error *error)
{
    if (why == SLIP_TOO_BIG)
        error_set(error, ERROR_TOO_BIG, "a packet is longer than %zu bytes, the most that is taken",
                  stream->limits->packet_max_bytes);
    else if (why == SLIP_NO_MEMORY)
        error_set(error, ERROR_INTERNAL, "memory ran out while a packet was received");
    else
        error_set(error, ERROR_BAD_VALUE, "a SLIP frame has byte 0xdb before other than 0xdc or 0xdd");
    return STREAM_REFUSED;
}

enum stream_event stream_next(struct stream *stream, unsigned *reads, struct error *error)
{
    while (!must_listen(stream) && !stream->dropped) {
        if (stream->input_at == stream->input_n) {
            if (!*reads || stream->ended)
                break;
            --*reads;
            receive(stream);
            if (!stream->input_n)
                break;
        }
        enum slip_event event = slip_read(&stream->slip, stream->input, stream->input_n, &stream->input_at);
        if (event != SLIP_MORE)
            stream->frame_ms = 0;
        if (event == SLIP_FRAME)
            return STREAM_FRAME;
        if (event != SLIP_MORE)
            return refused(stream, event, error);
    }
    return STREAM_IDLE;
}

/* ---- out ----------------------------------------------------------------------------------------------------------- */

static void discard_queue(struct stream *stream)
{
    stream->sent_bytes = stream->queued_bytes;
    stream->output_at = 0;
    bytes_clear(&stream->output, 0);
}

void stream_hung_up(struct stream *stream)
{
    stream->deaf = true;
    discard_queue(stream);
}

void stream_drop(struct stream *stream)
{
    stream->dropped = true;
    discard_queue(stream);
}

/* Moving the rest to the front each time would make a long answer quadratic: it waits until half is gone. */
static void forget_sent(struct stream *stream)
{
    if (stream->output_at == stream->output.n) {
        stream->output_at = 0;
        bytes_clear(&stream->output, KEPT_BYTES);
    } else if (stream->output_at >= KEPT_BYTES && stream->output_at >= stream->output.n / 2) {
        bytes_drop(&stream->output, stream->output_at);
        stream->output_at = 0;
    }
}

void stream_flush(struct stream *stream)
{
    while (stream->output_at < stream->output.n) {
        ssize_t n = send(stream->fd, stream->output.data + stream->output_at, stream->output.n - stream->output_at,
                         MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
            break;
        if (n < 0 && errno != EINTR) {
            stream_hung_up(stream); /* EPIPE: it has left, but what it sent before is still to be read */
            return;
        }
        if (n > 0) {
            stream->output_at += (size_t)n;
            stream->sent_bytes += (uint64_t)n;
            stream->idle_ms = 0;
        }
    }
    forget_sent(stream);
}

/* Whether n more bytes may wait. One long answer at a time may exceed the bound: it does not count until it is sent. */
static bool admit(struct stream *stream, size_t n)
{
    bool exempt_pending = stream->exempt_bytes > stream->sent_bytes;
    uint64_t counted = stream->queued_bytes - (exempt_pending ? stream->exempt_bytes : stream->sent_bytes);
    if (counted + n <= stream->limits->queue_max_bytes)
        return true;
    if (n <= stream->limits->queue_max_bytes || exempt_pending)
        return false;
    stream->exempt_bytes = stream->queued_bytes + n;
    return true;
}

int stream_send(struct stream *stream, const uint8_t *packet, size_t n)
{
    if (stream->deaf || stream->dropped)
        return ERROR_IO;
    if (n > stream->limits->packet_max_bytes)
        return ERROR_TOO_BIG;
    /* Written to the queue first, also when it could go straight to the kernel: the frame must be escaped anyway. */
    size_t before = stream->output.n;
    slip_write(&stream->output, packet, n);
    if (stream->output.failed || !admit(stream, stream->output.n - before)) {
        stream_drop(stream);
        return ERROR_IO;
    }
    stream->queued_bytes += stream->output.n - before;
    stream_flush(stream);
    return stream->deaf ? ERROR_IO : 0;
}

/* A client that never comes to the end of a frame holds a place, and memory. While it is not read from, that is no fault of
 * its. */
static void check_frame(struct stream *stream, unsigned passed_ms)
{
    const struct slip *slip = &stream->slip;
    bool is_inside = slip->skipping || slip->escaped || (slip->frame.n && !slip->complete);
    if (!is_inside || must_listen(stream) || stream->ended)
        stream->frame_ms = 0;
    else if ((stream->frame_ms += passed_ms) >= stream->limits->frame_ms)
        stream_drop(stream);
}

void stream_check(struct stream *stream, unsigned passed_ms)
{
    check_frame(stream, passed_ms);
    /* Epoll tells of room only once most of the buffer is free: a slow reader may have made some already. */
    stream->idle_ms += passed_ms;
    stream_flush(stream);
    bool has_output = stream->output_at < stream->output.n;
    stream->ended_ms = stream->ended && stream->is_tcp && !has_output ? stream->ended_ms + passed_ms : 0;
    if (stream->ended_ms >= HALF_CLOSED_MS)
        stream_hung_up(stream);
    if (!has_output)
        stream->idle_ms = 0;
    else if (stream->idle_ms >= stream->limits->stall_ms)
        stream_drop(stream);
}

/* ---- its state ----------------------------------------------------------------------------------------------------- */

bool stream_finished(const struct stream *stream)
{
    return stream->dropped || (stream->ended && stream->deaf && stream->input_at == stream->input_n);
}

uint32_t stream_wants(const struct stream *stream)
{
    bool in = !stream->ended && stream->input_at == stream->input_n && !must_listen(stream);
    bool out = stream->output_at < stream->output.n;
    return (in ? (uint32_t)EPOLLIN : 0) | (out ? (uint32_t)EPOLLOUT : 0);
}
