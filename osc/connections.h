/* All connections of a net, of the unix socket and of TCP alike: taken in, watched, closed.
 *
 *     listener --connections_accept--> [ connection ] --connections_settle--> closed
 *                                        ^ found by its number, which is never used twice
 *
 * A pointer to one is good until the next connections_settle: that alone closes.
 */
#pragma once

#include "graph/thread.h"
#include "osc/listener.h"
#include "osc/stream.h"

struct connection {
    struct stream *stream; /* owned */
    struct peer peer;      /* the other end, as handlers see it */
    uint32_t watched;      /* what epoll was told */
    bool readable;         /* epoll has reported it */
    bool is_trusted;       /* it need not make itself known any more */
    unsigned strange_ms;   /* for how long it has not */
};

#define STRANGE_MS          10000
#define STRANGE_FRAME_BYTES 1024 /* the longest frame until it has: a greeting is shorter */
#define UNENDED_FRAMES      4    /* as many of the longest may be on their way at one time, of all connections together */

/* All-zero but for the six that are set at the beginning, it holds none. */
struct connections {
    int epoll_fd;                /* borrowed; events carry the number of the connection */
    struct stream_limits limits; /* of each */
    unsigned gone_s;             /* after which the kernel gives up a host that does not answer it */
    unsigned max;                /* at one time; a further one is told so and closed */
    bool must_greet;             /* those from other hosts have STRANGE_MS to make themselves known */
    struct connection *all;      /* room for `max`, the first n in use; owned */
    unsigned n, n_remote;        /* those from other hosts, which may take half of the places */
    uint64_t last_stream;        /* the number of the newest */
    /* Ever, for struct net_counters. */
    uint64_t accepted, turned_away, dropped;
};

/* `wished`, but no more than half of the descriptors that the process may have: the others are for files and devices. */
DAWD_CTL unsigned connections_most(unsigned wished);
/* Allocates room for connections->max. 0 or ERROR_INTERNAL. */
DAWD_CTL int connections_init(struct connections *connections);
/* Closes all, without a word to anybody. */
DAWD_CTL void connections_deinit(struct connections *connections);

/* Takes in what waits at a listener, a bounded number; `place` becomes that of their peers. True when somebody waits for whom
 * there is no descriptor: epoll would report that for ever, so the caller looks away for a while. */
DAWD_CTL bool connections_accept(struct connections *connections, struct listener *listener, unsigned place);

/* The connection of that number, or null. */
DAWD_CTL struct connection *connections_find(struct connections *connections, uint64_t stream);
/* Notes what epoll has reported of one. */
DAWD_CTL void connections_note(struct connections *connections, uint64_t stream, uint32_t events);
/* Sends to one or queues. As stream_send, and ERROR_IO when there is none of that number. */
DAWD_CTL int connections_send(struct connections *connections, uint64_t stream, const uint8_t *packet, size_t n);
/* Bytes that wait for one to take them; 0 when there is none of that number. */
DAWD_CTL size_t connections_queued(struct connections *connections, uint64_t stream);
/* Notes that one is trusted. */
DAWD_CTL void connections_trust(struct connections *connections, uint64_t stream);
/* To be called every passed_ms: as stream_check, and drops strangers that stay so, and whoever holds most of frames without an
 * end while these are too much together. */
DAWD_CTL void connections_check(struct connections *connections, unsigned passed_ms);

/* Closes what has ended, telling `closed` of each, and tells epoll what is wanted of the rest. True when one of them has input
 * left to decode. */
DAWD_CTL bool connections_settle(struct connections *connections, void (*closed)(void *user, const struct peer *peer),
                                 void *user);
