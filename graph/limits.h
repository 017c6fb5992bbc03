/* How much of everything clients may make or hold up: one table for the command line, the refusals, and the manual.
 *
 * Whatever a client can make large is in it, so that none can make the daemon run out of memory, or of patience. What goes
 * beyond is refused with the limit in words.
 */
#pragma once

#include <stdint.h>

#include "graph/thread.h"

/* X(word, name, unit, lowest, highest, default, help): the help follows "at most" in mind, one phrase without a full stop. */
#define LIMITS(X)                                                                                                          \
    X(NODES, "nodes", "", 2, 1000000, 65536, "nodes of the graph")                                                         \
    X(CONNECTIONS, "connections", "", 0, 4000000, 262144, "connections between them")                                      \
    X(DEVICE_PORTS, "device-ports", "", 4, 2048, 2048, "channels of all inputs and outputs; JACK grants no more")          \
    X(MEMORY, "memory", "MiB", 16, 1048576, 8192, "memory of all nodes together, and of the sound files that they play")   \
    X(WAITS, "waits", "", 1, 1000000, 4096, "answers that are being measured")                                             \
    X(SCHEDULED, "scheduled", "", 8, 1000000, 16384,                                                                       \
      "bundles that wait for their time; an eighth are for the next second")                                               \
    X(SUBSCRIPTIONS, "subscriptions", "", 1, 65536, 64, "subscriptions of a client")                                       \
    X(UNDO_STEPS, "undo-steps", "", 0, 1000000, 1000, "steps that can be undone")                                          \
    X(UNDO_MEMORY, "undo-memory", "MiB", 1, 65536, 16, "memory of these")                                                  \
    X(AUTOSAVE, "autosave", "s", 1, 86400, 300, "time for which a journal grows, before the state folder gets a snapshot") \
    X(SETTLE, "settle", "s", 0, 3600, 20, "time within which an end without a stop counts against what was loaded")        \
    X(LOADS, "loads", "", 1, 1000000, 4096, "requests that wait for files")                                                \
    X(CLIENTS, "clients", "", 1, 4096, 64, "connections of clients; other hosts may have half of them")                    \
    X(PEERS, "peers", "", 1, 1000000, 256, "senders that are remembered: of datagrams from other hosts, or with a rate")   \
    X(REMOTE_RATE, "remote-rate", "1/s", 0, 100000000, 20000, "messages of a sender on another host; 0: any number")       \
    X(LOCAL_RATE, "local-rate", "1/s", 0, 100000000, 0, "messages of a sender on this host; 0: any number")                \
    X(ELEMENTS, "elements", "", 1, 16384, 256, "messages in a datagram")                                                   \
    X(FRAME, "frame", "KiB", 1, 1048576, 16384, "packet on a connection, in either direction")                             \
    X(QUEUE, "queue", "KiB", 1, 1048576, 256, "answers that wait for a client that does not read")                         \
    X(STALL, "stall", "ms", 100, 3600000, 2000, "time for which a client may leave its answers unread")                    \
    X(FRAME_TIME, "frame-time", "ms", 100, 3600000, 10000,                                                                 \
      "time from the first byte of a packet on a connection to its last")                                                  \
    X(GONE, "gone", "s", 3, 86400, 30, "time for which the host of a TCP client may be silent: it is asked by itself")     \
    X(BURST, "burst", "KiB", 4, 1048576, 8192, "datagrams that the kernel keeps while dawd is busy")                       \
    X(UDP_SHARE, "udp-share", "%", 1, 100, 45, "of a processor for datagrams; in the kernel wait those beyond")

enum limit {
#define X(word, name, unit, lowest, highest, initial, help) LIMIT_##word,
    LIMITS(X)
#undef X
        N_LIMITS
};

struct limits {
    uint64_t most[N_LIMITS]; /* in the unit of its row */
};

/* A row. */
struct limit_info {
    const char *name, *unit;
    uint64_t lowest, highest, initial;
    const char *help;
};
extern const struct limit_info limit_infos[N_LIMITS];

/* All as they are by default. */
DAWD_ANY struct limits limits_default(void);
