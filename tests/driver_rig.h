/* A JACK driver under test on a server of its own (jack_rig.h), with a stand-in for the engine behind it.
 *
 * The stand-in's out_1 is in_1 plus a constant; its out_2 is written only while it is `loud`. Everything here is for one test
 * at a time, and a check that fails ends the test.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/jack_driver.h"
#include "tests/jack_rig.h"

#define DRIVER_RIG_WAIT_MS 10000

struct engine_rt {
    _Atomic bool busy; /* another driver has it */
    _Atomic bool loud;
    _Atomic unsigned cycle_ms; /* how long each cycle keeps the processor busy */
    _Atomic bool inside;       /* a cycle was begun and has not ended */
    _Atomic float constant;
    _Atomic uint64_t n_cycles;
    _Atomic unsigned n_frames, n_frames_max;
    _Atomic uint64_t budget_ns;
    _Atomic uint64_t n_timed; /* cycles whose frame time follows that of the one before */
    _Atomic bool has_time;
    _Atomic uint32_t next_time;
    _Atomic uint64_t ports_present; /* bit per port, of the last cycle */
    _Atomic int policy;             /* how the calling thread is scheduled */
    _Atomic unsigned n_xruns;
};

struct driver_rig {
    struct engine_rt engine;
    struct jack_rig server;
    struct log *log;
    struct jack_driver *driver; /* null: none is open */
    unsigned hang_ms;           /* as in struct jack_driver_config */
};

extern struct driver_rig driver_rig;
extern const struct driver_calls driver_rig_calls;

/* No driver and no server yet. */
void driver_rig_set_up(void);
void driver_rig_tear_down(void);

/* Opens the driver, which looks for the rig's server. */
void driver_rig_open(void);
/* The next event of this kind; others may come before it, but no LOST. */
struct jack_driver_event driver_rig_await(enum jack_driver_event_kind kind);
/* From OPENED to RUNNING. */
void driver_rig_make_run(void);
/* Ends the server with a signal, and waits until its client is closed, or left behind. */
void driver_rig_lose(int signal);
/* Waits for n more cycles of the engine. */
void driver_rig_await_cycles(unsigned n);

struct device_port driver_rig_port(unsigned index, bool is_input, const char *name);
/* Wishes for ports and waits until the wish is fulfilled. */
void driver_rig_want(const struct device_port *ports, unsigned n);
/* 0, 1: in_1, in_2; 2, 3: out_1, out_2. */
void driver_rig_want_standard(void);

struct jack_driver_status driver_rig_status(void);
/* Lines of the log that hold this text. */
unsigned driver_rig_logged(const char *text);
