/* What happens and is no value: told once, to whoever has subscribed to it, and then forgotten.
 *
 *     engine ──▶ applied ─────────────────┐
 *     notes of the audio thread (trouble) ┼──▶ event_send ──▶ queue of each subscription that matches ──▶ its next tick
 *     sessions, JACK, disk, log ──────────┘
 *
 * While nobody has subscribed to an event it costs one comparison. A queue that is full loses events, and the numbers of the
 * packets show it (sub.h).
 */
#pragma once

#include "graph/chase.h"
#include "graph/engine_shared.h"
#include "graph/op.h"
#include "osc/bucket.h"
#include "osc/writer.h"

struct server;

/* One row per event: its name here, its address, what it carries as a row of commands writes results, and when it comes. */
#define EVENTS(X)                                                                                                          \
    X(GRAPH, "/event/graph", "revision:i frame:h added:i removed:i connected:i disconnected:i changed:i",                  \
      "The engine has taken an edit: how many nodes were added and removed, connections made, cut, and given another "     \
      "gain or depth, nodes renamed or relabelled and marks of the tempo set.")                                            \
    X(TRANSPORT, "/event/transport", "rolling:b frames:h seconds:d bars:s",                                                \
      "The transport was started, stopped or sent elsewhere: what it is doing, and where.")                                \
    X(SYNC, "/event/sync", "node:s state:s bpm:f",                                                                         \
      "Whom the transport follows has come, has been started or stopped, or is lost: state as of "                         \
      "/transport/sync.")                                                                                                  \
    X(XRUN, "/event/xrun", "xruns:h overruns:h",                                                                           \
      "JACK reported an xrun, or a cycle took longer than its period: how many of each there were so far.")                \
    X(FAULT, "/event/fault", "kind:s node:s frame:h",                                                                      \
      "A node gives sound that is no number (fault), took most of a cycle that was too long (overrun), or is played more " \
      "than it can take in (notes).")                                                                                      \
    X(SERVER, "/event/server", "running:b server:s rate_hz:f period_frames:i cause:s",                                     \
      "A JACK server has come or gone, or other ports are missing than before; and what is wrong, if anything is.")        \
    X(RECORD, "/event/record", "what:s file:s frames:h seconds:d text:s",                                                  \
      "A take has begun, ended or failed: its file, how much is in it, and why it failed.")                                \
    X(DISK, "/event/disk", "file:s text:s", "A disk was too slow for a recording, or is about to be full.")                \
    X(SESSION, "/event/session", "what:s file:s",                                                                          \
      "A session was opened, recovered or saved: its file, \"\" where it has none.")                                       \
    X(LOG, "/log", "level:s text:s",                                                                                       \
      "A line of the log (error, warning, info, debug); of more than 100 in a second only how many they were.")

enum server_event {
#define X(name, address, args, help) EVENT_##name,
    EVENTS(X)
#undef X
        N_EVENTS
};

struct event_info {
    const char *address, *args, *help;
};

extern const struct event_info event_infos[N_EVENTS];

/* What is known of things that only counters tell. Part of the server. */
struct events {
    struct applied_listener listener;
    uint64_t xruns, overruns; /* that were told of */
    uint64_t log_seen;        /* number of the newest line that was told of */
    uint64_t log_suppressed;  /* lines since then */
    bool follows_log;
    struct bucket log_rate;
    enum chase_state chase; /* that was told of */
};

/* Listens to the engine from now on. */
DAWD_CTL void events_init(struct server *server);
/* Looks whether what tells nobody has happened. */
DAWD_CTL void events_poll(struct server *server);

/* Whether anybody has subscribed to it. */
DAWD_CTL bool event_is_wanted(const struct server *server, enum server_event event);
/* Tells it to whoever has subscribed to it; uses the writer up. */
DAWD_CTL void event_send(struct server *server, enum server_event event, struct writer *args);

/* The events of which more than one place knows. */
DAWD_CTL void event_send_server(struct server *server);
DAWD_CTL void event_send_session(struct server *server, const char *what);
DAWD_CTL void event_send_fault(struct server *server, const char *kind, const char *node, uint64_t frame);
