/* A day of sound in an engine without a sound card, whose driver counts frames in 32 bits: row R13 of the reliability catalogue.
 *
 * A slow oscillator moves a gain, the transport rolls, and every now and then a bundle of values and one of edits take effect at
 * frames of their own. All of it is compared with what it must be at that frame, whether a year or a cycle has gone by.
 */
#pragma once

#include <stdint.h>

struct long_time {
    uint64_t n_frames;
    unsigned n_wraps; /* of the driver's count */
    unsigned n_jumps; /* of engine time or transport */
    unsigned n_events, n_off_time;
    uint64_t n_late;    /* as the engine counts */
    double phase_error; /* of the oscillator in the end, in cycles */
};

/* Runs from a frame of the driver's count on; wraps once if there are enough of them. loses: a cycle is left out, which must
 * show as a jump of nothing. */
struct long_time long_time_run(uint32_t from_time, uint64_t n_frames, int loses);
