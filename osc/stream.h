/* One connection of a client: SLIP frames in, a bounded queue of frames out, and never a wait.
 *
 * What cannot be sent at once waits in the queue, and a client whose queue is long is not read from until it has taken
 * its answers: asking faster than listening slows down only the one who does it. What comes unasked (events, late answers)
 * can still overflow the queue, or the client may not read at all: then it is dropped.
 *
 * A client that has left keeps being read to its end: what it asked before is done, though nobody hears the answer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/bytes.h"
#include "osc/slip.h"

#define STREAM_INPUT_BYTES 16384 /* read from the kernel at once */

/* What one client may take. The same for all connections, so it is kept once. */
struct stream_limits {
    size_t packet_max_bytes; /* the longest packet in either direction */
    size_t queue_max_bytes;  /* what may wait to be sent, not counting one answer that is longer than this by itself */
    unsigned stall_ms;       /* how long a client may leave its queue untouched while we look */
    unsigned frame_ms;       /* how long it may take over one frame */
};

/* One connection. All of it is control's; nothing is done about it but by the functions below. */
struct stream {
    int fd;
    uint64_t id;                        /* the number of the connection */
    const struct stream_limits *limits; /* borrowed for the stream's life */

    /* In: kernel -> input -> slip.frame -> whoever called stream_next. */
    struct slip slip;         /* the frame being received */
    size_t input_at, input_n; /* bytes of `input` that have been decoded, and that are there */
    unsigned frame_ms;        /* for how long the frame has been on its way, as stream_check was told */

    /* Out: frames -> output -> kernel. */
    struct bytes output; /* frames to send, the first `output_at` bytes of which are gone */
    size_t output_at;
    uint64_t queued_bytes, sent_bytes; /* ever; the difference waits */
    uint64_t exempt_bytes; /* value of queued_bytes behind the last answer that was allowed to exceed the bound */
    unsigned idle_ms;      /* how long the queue has been waiting untouched, as stream_check was told */

    /* How it ends. A client may close one direction and go on with the other. */
    bool ended;   /* the client will send nothing more */
    bool deaf;    /* the client will read nothing more */
    bool dropped; /* by us: too slow, or memory ran out */
    /* TCP does not tell whether a client that says no more still listens. It is given time for an answer. */
    bool is_tcp;
    unsigned ended_ms; /* for how long it has said no more, with nothing to send to it */

    uint8_t input[STREAM_INPUT_BYTES];
};

/* What stream_next found. It is called until it says STREAM_IDLE, or often enough for one turn. */
enum stream_event {
    STREAM_IDLE,    /* nothing more at the moment, or the client must read its answers first */
    STREAM_FRAME,   /* stream->slip.frame holds a frame until the next call */
    STREAM_REFUSED, /* a frame was left out; *error says why */
};

/* Takes the descriptor, which must be non-blocking. Null when memory ran out: the descriptor is closed then. */
DAWD_CTL struct stream *stream_new(int fd, uint64_t id, const struct stream_limits *limits);
/* Closes and frees, with what was not sent yet; accepts null. */
DAWD_CTL void stream_free(struct stream *stream);

/* Reads on: from what was received before or else, while *reads is not yet 0, from the kernel, counting *reads down. */
DAWD_CTL enum stream_event stream_next(struct stream *stream, unsigned *reads, struct error *error);

/* Sends one packet or queues it, whole. 0; ERROR_TOO_BIG, nothing queued, when it is longer than the limit; ERROR_IO
 * when the client has left or is, by this, dropped. */
DAWD_CTL int stream_send(struct stream *stream, const uint8_t *packet, size_t n);
/* Sends what the kernel takes of the queue. To be called when epoll says that there is room. */
DAWD_CTL void stream_flush(struct stream *stream);
/* To be called every passed_ms: drops the client when its queue has waited for stall_ms, or a frame has been on its way for
 * frame_ms, and gives up one of TCP that has nothing more to say or to hear. Counted in calls and not by the
 * clock: when the daemon itself was held up, that is not the client's fault. */
DAWD_CTL void stream_check(struct stream *stream, unsigned passed_ms);
/* Nothing more is read from the client or sent to it. */
DAWD_CTL void stream_drop(struct stream *stream);
/* The other side has closed altogether: answers are thrown away from now on, what it has sent is still read. */
DAWD_CTL void stream_hung_up(struct stream *stream);

/* Whether nothing will come any more, in either direction that matters: time to free it. */
DAWD_CTL bool stream_finished(const struct stream *stream);
/* Whether input that was received before waits to be decoded and may be. */
DAWD_CTL bool stream_has_input(const struct stream *stream);
/* What epoll shall watch: EPOLLIN, EPOLLOUT, both or none. */
DAWD_CTL uint32_t stream_wants(const struct stream *stream);
