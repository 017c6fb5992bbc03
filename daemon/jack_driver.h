/* dawd as a JACK client: the manager thread that keeps one open, whatever the server does.
 *
 *     manager                        control
 *     ------------------------------------------------------------------------------
 *     waits for a server
 *     opens the client   OPENED ->   stops the null driver, makes the engine fit rate_hz
 *                                <-  jack_driver_start(engine)
 *     registers, activates,
 *     connects          RUNNING ->   ready
 *     ...        PERIOD, XRUNS  ->
 *     server goes         LOST ->   starts the null driver
 *     closes the client
 *     waits for a server
 *
 * All functions here are control's. JACK's callbacks only post notes, without a lock: JACK may cut their thread off anywhere.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/driver.h"
#include "daemon/jack_causes.h"
#include "daemon/log.h"
#include "graph/device.h"
#include "graph/thread.h"

#define JACK_DRIVER_NAME_BYTES 64
#define JACK_DRIVER_HANG_MS    2000 /* opening and closing take some 20 ms; what needs longer than this does not work */

/* The open driver: the client, its ports, the manager thread. */
struct jack_driver;

/* All borrowed for the driver's life. */
struct jack_driver_config {
    const char *name;   /* wished for the client; JACK appends -01 … when it is taken */
    const char *server; /* null: JACK's default */
    bool connect;       /* ports to what is usual (daemon/jack_usual.h) */
    struct log *log;
    const struct driver_calls *calls; /* usually &driver_engine_calls */
    unsigned hang_ms;                 /* opening or closing a client hangs when it takes longer; 0: JACK_DRIVER_HANG_MS */
};

/* What control has to know, in the order of the drawing; PERIOD and XRUNS may come at any time from OPENED on. */
enum jack_driver_event_kind {
    JACK_DRIVER_OPENED,  /* there is a server; nothing runs before jack_driver_start */
    JACK_DRIVER_RUNNING, /* cycles run, wished ports exist and are connected */
    JACK_DRIVER_LOST,    /* the server is gone; no cycle begins any more, one may still end; comes only after OPENED */
    JACK_DRIVER_PERIOD,  /* the period became another one */
    JACK_DRIVER_XRUNS,   /* n_xruns came since the last such event */
    JACK_DRIVER_PORTS,   /* other ports are missing than before, or none any more */
    JACK_DRIVER_STUCK,   /* libjack hangs in a way that only the end of this process ends; status.cause says which */
};

/* One event. Which fields mean something is up to its kind. */
struct jack_driver_event {
    enum jack_driver_event_kind kind;
    unsigned rate_hz;       /* 0 once the server is gone */
    unsigned period_frames; /* frames that one cycle has: OPENED, RUNNING, PERIOD */
    uint64_t n_xruns;       /* XRUNS */
};

/* Without a server; with a client that runs nothing; with one that drives the engine; with one whose server is gone, and that is
 * being closed. */
enum jack_driver_state { JACK_DRIVER_IS_WAITING, JACK_DRIVER_IS_OPEN, JACK_DRIVER_IS_RUNNING, JACK_DRIVER_IS_CLOSING };

/* A copy of the present state, for people and /stats. */
struct jack_driver_status {
    enum jack_driver_state state;
    char server[JACK_DRIVER_NAME_BYTES]; /* looked for or found */
    char client[JACK_DRIVER_NAME_BYTES]; /* as JACK named it; empty while waiting */
    unsigned rate_hz, period_frames;     /* 0 while waiting */
    bool realtime, memory_locked;        /* known from RUNNING on */
    int priority;                        /* of the audio thread, where it is real-time */
    /* Why not; empty when so, or not known. */
    char realtime_cause[JACK_CAUSE_BYTES];
    char memory_cause[JACK_CAUSE_BYTES];
    char name_cause[JACK_CAUSE_BYTES];  /* not the name that was wished for */
    char ports_cause[JACK_CAUSE_BYTES]; /* not all the ports */
    unsigned n_ports_wanted, n_ports_registered;
    uint64_t n_cycles; /* since the start of the program */
    uint64_t n_xruns;
    uint64_t n_losses;            /* servers that went while we were their client */
    uint64_t n_hangs;             /* clients whose closing hung */
    unsigned n_leaks;             /* of these, how many are not closed yet */
    char cause[JACK_CAUSE_BYTES]; /* why the last attempt to open, start or stay failed; empty: none has */
};

/* Starts the manager thread, which begins to look for a server. Null: no memory, thread or descriptor left. */
DAWD_CTL struct jack_driver *jack_driver_new(const struct jack_driver_config *config);
/* Closes the client (no cycle runs after it), ends the thread, frees. Null is accepted. False when the server, or a client that
 * was left behind, has not come back within a second: nothing is freed then, a cycle may still come, and all that is left to do
 * is to try again or to end the process. */
DAWD_CTL bool jack_driver_free(struct jack_driver *driver);

/* Readable when jack_driver_next may have an event, or a wish for ports was fulfilled; for poll() only. */
DAWD_CTL int jack_driver_fd(const struct jack_driver *driver);
/* Takes the next event; false when there is none. To be called until then. Events that a later one has made pointless are
 * dropped: an unseen OPENED whose server is gone brings no LOST, and of several periods only the newest is told. */
DAWD_CTL bool jack_driver_next(struct jack_driver *driver, struct jack_driver_event *event);

/* Answers the last OPENED: from now until LOST (or jack_driver_free) JACK's cycles call the engine, which is borrowed. The
 * null driver must have been stopped. Without effect when that server has gone meanwhile: LOST follows then. */
DAWD_CTL void jack_driver_start(struct jack_driver *driver, struct engine_rt *engine);

/* The ports as the graph sees them; valid as long as the driver. */
DAWD_CTL struct device_service jack_driver_device(struct jack_driver *driver);

/* Whether a server has taken us in, and has not gone. */
DAWD_ANY static inline bool jack_driver_has_client(const struct jack_driver_status *status)
{
    return status->state == JACK_DRIVER_IS_OPEN || status->state == JACK_DRIVER_IS_RUNNING;
}

/* Fills *status as it is at this moment; events that tell of it may still be to come. */
DAWD_CTL void jack_driver_status(struct jack_driver *driver, struct jack_driver_status *status);
