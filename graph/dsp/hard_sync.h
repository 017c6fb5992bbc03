/* Waves that begin anew in the middle of a cycle, without aliases: hard sync.
 *
 *     wave, four to a frame --> (+) --> [late by SYNC_LATE] --> [1/2] --> [1/2] --> out
 *     jumps, from old to new ----^
 *
 * Where a wave jumps from what it was (old) to what it is from there on (new), both go on for ever in thought, and the switch
 * between them is a step, whose band-limited form blep.h has:
 *
 *     x = old + (new - old) step   becomes   old + (new - old) band-limited step   = x + (new - old) residual
 *
 * Nothing is asked of the wave but that its continuations are known for BLEP_SIDE samples to either side of the jump. For
 * straight lines it is the sum of all residuals there would be, of the step and the corner; for a sine or a table it has
 * those of all orders. The product of a partial and the step goes as high as both together: that is why it is done at four
 * times the rate, where a wave below half the rate and a step below twice the rate cannot meet their images below half the
 * rate. (E. Brandt, "Hard sync without aliasing", ICMC 2001, adds band-limited steps at the rate itself, for a wave whose
 * derivatives do not jump.)
 *
 * When the input rises through 0 is known from four frames to either side, by the polynomial through them: a straight line
 * would be wrong by 1/150 of a frame where a sine of 5 kHz syncs, and that is heard as a jitter, -47 dB. So it acts three frames
 * later.
 *
 * The way down is by minimum-phase filters (the windowed sincs' zeros, turned into the circle by way of the cepstrum: A. V.
 * Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", 13.7): all is heard 11 frames later, of
 * which 8 are the jumps', and no latency has to be told. Flat within 0.001 dB up to 0.42 of the rate; -98 dB from half of it
 * on.
 */
#pragma once

#include "graph/dsp/blep.h"
#include "graph/node.h"

#define SYNC_LOOK    8         /* frames of the sync input that tell when it is 0 */
#define SYNC_TIMES   4         /* samples per frame */
#define SYNC_LATE    BLEP_SIDE /* samples */
#define SYNC_JUMP    (2 * BLEP_SIDE)
#define SYNC_FIRST   32 /* taps of the two steps down */
#define SYNC_SECOND  160
#define SYNC_STRETCH 64 /* frames that go at once: all of it stays in the nearest cache */
#define SYNC_SAMPLES (SYNC_TIMES * SYNC_STRETCH)

/* Where the phase of a wave goes between two frames. */
struct sync_span {
    uint64_t from;  /* 2^-64 cycles, at the frame before */
    int64_t step;   /* from sample to sample, of which there are SYNC_TIMES: it may go backwards */
    float reset;    /* samples after `from` at which it begins anew, above 0 and at most SYNC_TIMES; 0: it does not */
    uint64_t begin; /* the phase where it does */
};

/* The phase of one that is synced; set it before the first span. */
struct sync_way {
    uint64_t phase;  /* of the last frame, without its offset */
    int64_t step;    /* from there to the next one */
    uint32_t offset; /* in 2^-32 cycles */
};

/* What one wave keeps from stretch to stretch; all-zero, it has been silent. */
struct hard_sync {
    float late[SYNC_LATE];   /* the last naive samples */
    float ahead[SYNC_JUMP];  /* residuals from there on */
    float first[SYNC_FIRST]; /* the last ones that were */
    float second[SYNC_SECOND];
    float past[SYNC_LOOK]; /* of the sync input, this frame at the end */
};

/* A stretch on its way: naive sample m is added at x[SYNC_LATE + m]. Residuals are summed by themselves, so that the order of a
 * sum does not depend on where stretches end. */
struct sync_samples {
    float x[SYNC_LATE + SYNC_SAMPLES], residual[SYNC_JUMP + SYNC_SAMPLES];
};

/* The spans that lead to n frames, by the cycles per frame at each of them, their offsets (2^-32 cycles) and the sync input. */
DAWD_RT void sync_spans_rt(struct hard_sync *sync, struct sync_way *way, struct sync_span *span, const double *cycles,
                           const uint32_t *offset, const float *in, unsigned n);

/* Begins a stretch of n frames, SYNC_STRETCH at most. */
DAWD_RT void sync_begin_rt(const struct hard_sync *sync, struct sync_samples *samples, unsigned n);
/* Adds a jump that comes `after` samples before sample m, 0..1: change[k] is new - old at sample m - BLEP_SIDE + k. */
DAWD_RT void sync_jump_rt(struct sync_samples *samples, unsigned m, float after, const float change[SYNC_JUMP]);
/* Ends it: writes n frames. */
DAWD_RT void sync_end_rt(struct hard_sync *sync, struct sync_samples *samples, float *out, unsigned n);
