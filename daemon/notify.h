/* Tells a service manager how it goes: the protocol of sd_notify(3), which is a datagram of lines to the unix socket that
 * NOTIFY_SOCKET names.
 *
 *     start     STATUS=…                  what it waits for
 *     ready     READY=1, STATUS=…         once, when JACK drives the engine (or none is to), and requests are answered
 *     later     STATUS=…                  whenever it has become another one; load and xruns alone every ten seconds
 *     watchdog  WATCHDOG=1                where WATCHDOG_USEC asks for it: three times in that time, and once a second at
 *                                         least, while both the control thread and the audio thread get on
 *     end       STOPPING=1                before the fade-out
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

#define NOTIFY_STATUS_BYTES 1000

/* What there is to tell of; borrowed for the call. */
struct notify_sight {
    const struct host *host;
    const struct engine_rt *engine; /* null: nothing is known of load and xruns */
    unsigned rate_hz;
    const char *session; /* path of the open one, or of the one that is being loaded; null: none */
    unsigned n_takes;    /* recordings that run */
    int64_t now_ms;      /* on the monotonic clock */
};

/* What cycles have cost, to tell the load from. */
struct notify_load {
    int64_t next_ms;           /* when it is looked at again */
    int64_t seen_ms;           /* when it was looked at last */
    uint64_t busy_ns, n_xruns; /* as they were then */
    bool is_known;
    unsigned percent;
};

/* The way to the manager, and what it knows. */
struct notify {
    int fd;                     /* -1: there is none who wants to know */
    struct sockaddr_un address; /* of the manager */
    socklen_t address_bytes;
    bool listens;                     /* requests are answered, the caller says: READY waits for it */
    bool is_ready;                    /* READY was told */
    char status[NOTIFY_STATUS_BYTES]; /* the last that was told */
    struct notify_load load;
    /* Of the watchdog. */
    int64_t beat_ms;      /* between two beats; 0: nobody watches */
    int64_t next_beat_ms; /* on the monotonic clock */
    /* How the engine was at the last beat. */
    uint64_t clock;
    bool was_inside; /* in a cycle */
};

/* What a manager leaves in the environment; each may be null. */
struct notify_place {
    const char *address;     /* NOTIFY_SOCKET, "/path" or "@abstract"; null: nobody asks, and all calls do nothing */
    const char *watchdog_us; /* WATCHDOG_USEC */
    const char *watched_pid; /* WATCHDOG_PID: whom the former is for; null: for whoever reads it */
};

/* 0, or ERROR_BAD_VALUE for an address of another form, ERROR_IO without a socket; calls then do nothing either. */
DAWD_CTL int notify_open(struct notify *notify, const struct notify_place *place, struct error *error);
DAWD_CTL void notify_close(struct notify *notify);

/* To be called when JACK comes or goes and about once a second: looks how it goes and tells what is new of it. */
DAWD_CTL void notify_look(struct notify *notify, const struct notify_sight *sight);
/* To be called in every turn by the thread that answers requests: when it is time, tells that all gets on. It does not when the
 * engine is still inside the cycle in which it was found the last time, or when its time stands though no server is to drive
 * it (`jack_drives`). A server that does not call is no reason: to start anew would not bring it back, and would end what the
 * graph was. */
DAWD_CTL void notify_beat(struct notify *notify, const struct engine_rt *engine, bool jack_drives, int64_t now_ms);
/* The end begins. */
DAWD_CTL void notify_stopping(struct notify *notify);
