/* MIDI clock that goes by the transport: 24 to the quarter, start, stop, and where in the piece.
 *
 *     stands   F8     F8     F8            at the tempo that holds where it stands: those who listen know it before the start
 *     rolls at 0                FA F8   F8   F8   …          each at the frame of its place, to the nearest
 *     rolls elsewhere    F2   F8   F8  FB F8   F8  …         goes on with the next sixteenth, since a position is one
 *     is moved           FC F2 …                             likewise
 *     stops              FC
 */
#pragma once

#include "graph/midi_port.h"
#include "graph/music.h"

#define MIDI_CLOCK_MOST 64 /* messages of one block: 26 clocks at 999 bpm and 4000 Hz, and 4 others */

/* All-zero: it has said nothing yet. */
struct midi_clock {
    bool has_begun, was_rolling;
    bool waits;        /* it rolls, and start or continue is said at tick `from` */
    int64_t from;      /* in ticks */
    int64_t next_q20;  /* where the piece is at the end of the block before, if nobody moves it; 2^-20 ticks */
    uint64_t idle_q40; /* frames until the next clock while it stands, in 2^-40 */
};

/* What is to be said in a block of n frames, with frames from its first, rising; how many. `out` has room for MIDI_CLOCK_MOST. */
DAWD_RT unsigned midi_clock_run_rt(struct midi_clock *clock, const struct music *music, unsigned n, struct midi_timed *out);
/* The clock is switched off: what listens is to stop. As above; frame 0. */
DAWD_RT unsigned midi_clock_end_rt(struct midi_clock *clock, struct midi_timed *out);
