/* What the JACK callbacks share with the manager thread: atomics, and what is constant while the client is active.
 *
 *     manager thread                 process callback             notification thread
 *     ------------------------------------------------------------------------------
 *     inputs, outputs, midi    --->  its seat's buffers
 *     engine, calls, …         --->  one engine cycle     --->    (xrun) engine
 *                              <---  n_cycles
 *     latencies ------------------------------------------->    told to JACK when it asks
 *                              <------------------------------    period_frames, n_xruns, lost
 *
 * A port leaves in this order: its place here becomes null, two cycles end, it is unregistered (jack_ports.c has more). A
 * callback that was under way with the old pointer has then ended.
 */
#pragma once

#include <jack/jack.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/driver.h"
#include "daemon/jack_midi.h"
#include "graph/clock_shared.h"
#include "graph/device.h"
#include "graph/thread.h"

#define JACK_SHARED_REASON_BYTES 128

struct jack_shared {
    /* written by the manager before activation, constant until the client is closed */
    const struct driver_calls *calls;
    unsigned rate_hz;
    DAWD_RT void (*rest)(void);         /* sleeps for long enough that its workers do, too */
    struct clock clock;                 /* that tells who rests and when */
    _Atomic(struct engine_rt *) engine; /* null until then; atomic because xruns are told to inactive clients too */

    /* written by the manager at any time; by device port number, at most one of the two is set */
    _Atomic(jack_port_t *) inputs[DEVICE_PORTS_MAX];
    _Atomic(jack_port_t *) outputs[DEVICE_PORTS_MAX];
    _Atomic(struct jack_midi *)
        midi[DEVICE_PORTS_MAX]; /* of those that carry MIDI; set before the port is, null after it */
    _Atomic uint32_t latency_least[DEVICE_PORTS_MAX], latency_most[DEVICE_PORTS_MAX]; /* frames, as in struct device_port */
    _Atomic unsigned n_ports; /* all numbers from here on are unused; only grows while a client is open */

    /* written by the process callback */
    _Atomic uint64_t n_cycles;

    /* written by the notification thread; the loss also by the process thread, whoever is first */
    _Atomic unsigned period_frames;
    _Atomic uint64_t n_xruns;
    char reason[JACK_SHARED_REASON_BYTES]; /* of the loss; readable once `lost` is set */
    _Atomic bool lost;
    _Atomic bool others_changed; /* ports or connections of anybody, since the manager looked */
    _Atomic bool losing; /* claimed by the first callback that tells of the loss: the process thread may be a second */

    /* written by control: the manager should stop waiting for anything */
    _Atomic bool quit;
};

struct jack_driver;

/* An output of MIDI in the cycle that runs. */
struct jack_midi_way {
    struct jack_midi *midi;
    void *buffer;
};

/* What the callbacks of one client are given. A client whose closing hangs is left behind with its seat, and whatever it still
 * calls, it finds the seat left: its successor has another one. */
struct jack_seat {
    struct jack_shared *shared;
    struct jack_driver *driver; /* the notification thread's way to those that it wakes; null in a test without one */
    jack_client_t *client;      /* null: cycles have no frame time */
    _Atomic bool is_left;       /* set by the manager, for ever: its callbacks do nothing any more */
    _Atomic bool is_activated;  /* set by the manager: from now on threads are made that run callbacks */
    _Atomic bool has_ended;     /* the notification thread has come to its end by itself, and holds no lock */
    /* the process callback's own */
    bool has_run;                             /* this client has had a cycle */
    uint64_t awake_ns;                        /* since when it has not waited; monotonic */
    uint64_t left_ns;                         /* when its last cycle ended */
    float *buffers[DEVICE_PORTS_MAX];         /* null for MIDI */
    struct midi_port *midi[DEVICE_PORTS_MAX]; /* null for sound */
    unsigned n_midi_outputs;
    struct jack_midi_way midi_outputs[DEVICE_PORTS_MAX];
};

/* JACK's process callback; the argument is the struct jack_seat. */
DAWD_RT int jack_rt_process(jack_nframes_t n_frames, void *argument);
