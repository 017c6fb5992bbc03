/* When a frame is: engine time against CLOCK_MONOTONIC, from what each cycle sees.
 *
 *     a cycle wakes    frame 25600          frame 25856            frame 26112
 *                         | late by 40 us      |  by 900 us           | by 20 us
 *     loop                o--------------------o----------------------o         a line through the mean of them
 *     told             ---o--------------------o----------------------o---      the same line, as early as the earliest
 *
 * A delay-locked loop of second order (Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005) follows phase and
 * rate. A cycle may wake up late and never early, so the line that control is told lies as far below the mean as the earliest
 * cycles do: an event is put to the first frame that is not before its time, and does not come early because others come late.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

/* One reading, all of one moment. */
struct frame_time {
    uint64_t frame;      /* engine time */
    uint64_t ns;         /* when that frame begins, by the engine's clock */
    double ns_per_frame; /* 0: no cycle has been seen by the clock yet */
};

struct frame_time_slot {
    _Atomic uint64_t frame, ns;
    _Atomic double ns_per_frame;
};

/* The audio thread's, but for `turn` and `slots`, which control reads at any time: two slots in turn, as struct
 * transport_view. All-zero: no cycle was seen. */
struct frame_clock {
    /* The line: at `frame` it is ns + rest_ns. */
    uint64_t frame;
    uint64_t ns;
    double rest_ns, ns_per_frame;
    double band_hz; /* of the loop: wide at first, so that it finds the rate, and then narrow */
    double low_ns;  /* how far below the line the earliest cycles are: 0 or less */
    double off_ns;  /* how long cycles have been far from it without a break */
    bool is_idle;   /* of the newest sight */
    /* What is shown. */
    _Atomic uint32_t turn;
    struct frame_time_slot slots[2];
};

/* What a cycle sees. */
struct frame_sight {
    uint64_t frame;  /* its first one */
    uint64_t now_ns; /* when it began */
    double rate_hz;  /* that the driver claims; the loop begins with it */
    bool is_idle;    /* no sound runs: another driver, and another clock, than when some does */
};

DAWD_RT void frame_clock_feed_rt(struct frame_clock *clock, const struct frame_sight *sight);
/* Another rate: nothing is known of it. No driver runs. */
DAWD_CTL void frame_clock_forget(struct frame_clock *clock);

/* What was shown last; any thread, at any time. */
DAWD_ANY struct frame_time frame_clock_look(const struct frame_clock *clock);

/* The first frame that is not before a time, counted from the engine's start; it may lie before that. */
DAWD_ANY int64_t frame_time_frame(const struct frame_time *time, uint64_t ns);
/* When a frame begins. */
DAWD_ANY int64_t frame_time_ns(const struct frame_time *time, int64_t frame);
