/* The transport follows a MIDI clock from outside, or the transport of the driver.
 *
 *     audio                                                              control, every 50 ms
 *     port of a midi_input: F8 F8 F8 … ─▶ loop: a line through ── view ─▶ tempo = of the line, and a little more or less where the
 *                                         the clocks                      transport is not where the clocks are
 *     FA FB FC F2 ─▶ start, stop, locate                                     │
 *        at the frame of the first F8     ◀──────────── map in a change ─────┘
 *
 * Start and stop are exact to the frame that JACK gave the message. What a clock is early or late, the loop takes out (a
 * delay-locked loop of second order, as in graph/frame_clock_shared.h); the place of the transport is drawn to the line by tempo
 * alone, so it never jumps while the clocks come.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define CHASE_DRIVER UINT32_MAX /* in the place of a port: the transport of the driver */

struct cycle;
struct midi_port;
struct transport_rt;

/* The line, all of one moment: at engine time `at` was the clock of `tick`, and one comes every `period` frames. */
struct chase_view {
    double at, period;   /* in frames */
    int64_t tick;        /* of the piece; only while it runs */
    uint64_t last_frame; /* at which a clock came */
    uint32_t n_clocks;   /* of this line: below 3 there is none yet */
    bool runs;           /* started, and not stopped */
};

struct chase_slot {
    _Atomic double at, period;
    _Atomic int64_t tick;
    _Atomic uint64_t last_frame;
    _Atomic uint32_t n_clocks;
    _Atomic bool runs;
};

/* The audio thread's, but for `port`, which control writes, and what is shown in two slots as struct transport_view is. All-zero:
 * nobody is followed. */
struct chase_rt {
    _Atomic uint32_t port; /* 1 + number of the device port; 0: none; or CHASE_DRIVER */
    uint32_t followed;     /* what it was in the cycle before */
    unsigned next;         /* message of the cycle that is not taken yet */
    unsigned n_cuts;       /* of blocks in it */
    struct chase_view line;
    double band_hz;
    unsigned n_far;    /* clocks in a row that were far from the line */
    bool is_armed;     /* started or continued: with the next clock */
    int64_t song_tick; /* where that will be */
    _Atomic uint32_t turn;
    struct chase_slot slots[2];
};

/* A cycle begins, or one has ended: looks whom to follow; shows the line. */
DAWD_RT void chase_begin_rt(struct chase_rt *chase);
DAWD_RT void chase_end_rt(struct chase_rt *chase);
/* Goes where the driver's transport is, which is exact at the begin of every cycle that starts at engine time `frame`. */
DAWD_RT void chase_driver_rt(struct chase_rt *chase, struct transport_rt *transport, const struct cycle *cycle,
                             uint64_t frame);
/* Takes what is due `at` frames into a cycle that began at engine time `frame`: moves the transport. Returns for how many of the
 * next n frames nothing else moves it. Null port: nothing comes. */
DAWD_RT unsigned chase_run_rt(struct chase_rt *chase, struct transport_rt *transport, const struct midi_port *port,
                              uint64_t frame, unsigned at, unsigned n);

/* What was shown last; any thread. */
DAWD_ANY struct chase_view chase_look(const struct chase_rt *chase);
