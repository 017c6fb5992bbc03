/* Tells a service manager how it goes: the protocol of sd_notify(3), which is a datagram of lines to the unix socket that
 * NOTIFY_SOCKET names.
 *
 *     start   STATUS=…                    what it waits for
 *     ready   READY=1, STATUS=…           once, when JACK drives the engine (or none is to), and requests are answered
 *     later   STATUS=…                    whenever it has become another one
 *     second  WATCHDOG=1                  while both the control thread and the audio thread get on
 *     end     STOPPING=1                  before the fade-out
 *
 * Nothing here waits: what the manager cannot take at the moment is told at the next occasion.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "graph/engine_shared.h"
#include "graph/error.h"
#include "graph/host.h"
#include "graph/thread.h"

#define NOTIFY_STATUS_BYTES 400

/* The way to the manager, and what it knows. */
struct notify {
    int fd;                     /* -1: there is none who wants to know */
    struct sockaddr_un address; /* of the manager */
    socklen_t address_bytes;
    bool listens;                     /* requests are answered, the caller says: READY waits for it */
    bool is_ready;                    /* READY was told */
    char status[NOTIFY_STATUS_BYTES]; /* the last that was told */
    /* How the engine was at the last beat. */
    uint64_t clock;
    bool was_inside; /* in a cycle */
};

/* `address` is the value of NOTIFY_SOCKET, "/path" or "@abstract"; null: nobody asks, and all calls do nothing. 0, or
 * ERROR_BAD_VALUE for an address of another form, ERROR_IO without a socket; calls then do nothing either. */
DAWD_CTL int notify_open(struct notify *notify, const char *address, struct error *error);
DAWD_CTL void notify_close(struct notify *notify);

/* To be called when JACK comes or goes and about once a second, while requests are answered: looks how the host is and tells
 * what is new of it. */
DAWD_CTL void notify_look(struct notify *notify, const struct host *host, unsigned rate_hz);
/* To be called once a second by the thread that answers requests: tells that all gets on, unless the engine is still inside
 * the cycle in which it was found the last time. A server that does not call is no reason: to start anew would not bring it
 * back, and would end what the graph was. */
DAWD_CTL void notify_beat(struct notify *notify, const struct engine_rt *engine);
/* The end begins. */
DAWD_CTL void notify_stopping(struct notify *notify);
