/* The inside of struct jack_driver: what control's side (jack_driver.c) and the manager thread (jack_manager.c) have in
 * common. Nobody else includes this. */
#pragma once

#include <jack/jack.h>
#include <pthread.h>
#include <stdatomic.h>

#include "daemon/jack_cables.h"
#include "daemon/jack_call.h"
#include "daemon/jack_driver.h"
#include "daemon/jack_messages.h"
#include "daemon/jack_ports.h"
#include "daemon/jack_shared.h"

/* Clients whose closing hangs, before the process is given up. Each keeps its threads, and of its server, dead or not, the 107 MB
 * of shared memory; and what has happened three times is no accident any more. */
#define JACK_LEAKS_MOST 3

/* One that was left behind. */
struct jack_leak {
    struct jack_call *closing;
    struct jack_seat *seat;
};

/* Three owners and one lock: what the manager and what control keep to themselves, what both see under `lock`, and `shared`
 * for the callbacks. Events to control are flags, not a queue: there can be one of each kind at most, and which of two
 * comes first follows from what they mean. */
struct jack_driver {
    struct jack_driver_config config;
    pthread_t thread;
    /* Safe from any thread: descriptors that wake the one side and the other, what the callbacks use, and how far wishes
     * are fulfilled. */
    int manager_fd, control_fd;
    struct jack_shared shared;
    struct jack_messages messages;
    pthread_key_t end_key; /* see jack_seat_key_make */
    bool has_end_key;
    _Atomic uint64_t fulfilled;

    /* The manager's own. Ports are touched by it alone, for each registration is a round trip to the server. */
    struct jack_ports *ports;
    struct jack_cables *cables; /* control's too, see there */
    jack_client_t *client;      /* null: none */
    struct jack_seat *seat;     /* of the client */
    bool is_active;             /* it runs: its ports can be connected */
    struct jack_call *opening;  /* of the next one; null: none is under way */
    bool is_overdue;            /* the opening hangs, and it has been said */
    bool is_stuck;              /* given up: no further client is opened */
    unsigned n_leaks;
    struct jack_leak leaks[JACK_LEAKS_MOST];
    int64_t retry_ms;        /* when to look for a server again, monotonic */
    int64_t soon_until_ms;   /* until then it is looked for more often */
    enum jack_cause refusal; /* why the last attempt failed */
    uint64_t applied;        /* number of the wish in `current` */
    unsigned n_current;      /* ports wished for */
    struct device_port current[DEVICE_PORTS_MAX];

    /* Control's own: what it has seen, so that only what differs is told. A client is known by its number, since JACK may
     * give the same pointer again. */
    uint64_t seen_client; /* of the last OPENED that was taken */
    unsigned seen_period_frames;
    uint64_t seen_xruns;

    /* Of all below; never held across a call of JACK, never taken by a callback. */
    pthread_mutex_t lock;
    struct jack_driver_status status;
    uint64_t n_clients;                             /* opened ever: numbers the present one */
    bool opened, running, lost, stuck, other_ports; /* events not taken yet */
    struct engine_rt *start_engine;                 /* what control has answered the last OPENED with */
    uint64_t start_client;                          /* the one that control wants to start */
    uint64_t n_wishes;                              /* ever: numbers the newest, which alone is kept */
    unsigned n_wish;
    struct device_port wish[DEVICE_PORTS_MAX];
};

/* The manager thread, from its start to `shared.quit`. It closes the client before it ends. The argument is the struct
 * jack_driver. */
DAWD_JACK void *jack_manager_run(void *argument);
