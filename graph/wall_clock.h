/* The time of day against the engine's clock: where OSC time tags and frames meet.
 *
 *     NTP tag ── wall_ns ──▶ CLOCK_MONOTONIC ── frame_time_frame ──▶ frame
 *                  │
 *            CLOCK_REALTIME - CLOCK_MONOTONIC: constant, but for steps
 *
 * Who keeps the clock of a machine right by slewing it moves both clocks alike, so their difference stays; it changes where the
 * clock is set, by hand or by a first look at a server, and where the machine has slept, since the one goes on meanwhile and
 * the other does not. Such a step is true from one moment to the next and is taken over whole; the rest is the noise of reading two
 * clocks one after the other.
 */
#pragma once

#include <stdbool.h>

#include "graph/clock_shared.h"

struct wall_clock {
    struct clock day;    /* ns since 1970; may go back */
    struct clock steady; /* the engine's */
    bool is_set;
    int64_t offset_ns; /* of the first to the second */
    int64_t day_s;     /* at the last look: tags count modulo 136 years, and mean the nearest */
    uint64_t n_steps;  /* ever seen */
};

/* CLOCK_REALTIME. `self` is unused. */
DAWD_CTL uint64_t wall_clock_realtime(void *self);

/* Looks at both clocks; to be called before a conversion, as often as one likes. */
DAWD_CTL void wall_clock_look(struct wall_clock *wall);

/* The engine's clock at the time of a tag (seconds since 1900 in the upper half, fractions in the lower), which may lie before
 * its start; and back. */
DAWD_CTL int64_t wall_clock_ns(const struct wall_clock *wall, uint64_t ntp);
DAWD_CTL uint64_t wall_clock_ntp(const struct wall_clock *wall, int64_t ns);
