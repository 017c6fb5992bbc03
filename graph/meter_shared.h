/* The level of a node's sound over the last 400 ms, measured only while somebody looks.
 *
 *     control   watched_until = now + some seconds ──────▶ audio: after process, while that lies ahead
 *     control   ◀────────────── peak, power ◀───────────── slots:  [50 ms] [50 ms] … 8 complete, one being filled
 *
 * All readers see the same slots, which are kept by the audio thread. A node that nobody watches pays one look at
 * watched_until per block; when it is watched again, its slots begin anew.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define METER_SLOTS   8
#define METER_SLOT_S  0.05
#define METER_LEASE_S 5.0
#define METER_MOST    1e10f /* what is louder, or no number, is told as this: 200 dB */

#define METER_ASLEEP UINT64_MAX /* the node does not run: it is silent, or stands still */

struct node_io;
struct node_rt;

/* One channel. Slot k of the run lies at k % (METER_SLOTS + 1): the eight that are complete, and the one being filled. */
struct meter_channel {
    _Atomic float peak[METER_SLOTS + 1];  /* largest |x|; of the slot being filled too, so far */
    _Atomic float power[METER_SLOTS + 1]; /* mean of x^2; of complete slots */
    double sum;                           /* the audio thread's: of x^2 in the slot being filled */
};

/* A node's. Its channels are those of its outputs, or of its inputs where it has no outputs. */
struct meter {
    _Atomic uint64_t measured_to; /* frame; equals the engine's time while it is watched and its node runs; METER_ASLEEP */
    _Atomic uint64_t n_slots;     /* complete since it is watched */
    /* Constant. */
    unsigned slot_frames;
    unsigned n_channels;
    bool is_of_inputs;
    /* The audio thread's. */
    unsigned filled; /* frames in the slot being filled */
    struct meter_channel channels[];
};

enum meter_kind { METER_PEAK, METER_RMS, N_METER_KINDS };

/* After the node has run for n frames from `frame` on. */
DAWD_RT void meter_run_rt(struct meter *meter, const struct node_io *io, uint64_t frame, unsigned n);

/* The node sleeps from now on, which is a level like another; or not any more. */
DAWD_RT void meter_sleep_rt(struct meter *meter);
/* It does not run, and each channel goes on as it is at frame 0 of `out`. */
DAWD_RT void meter_rest_rt(struct meter *meter, float *const *out);
DAWD_RT void meter_wake_rt(struct meter *meter);

/* Has it measured from now on. `now` is the engine's time. */
DAWD_CTL void meter_watch(struct node_rt *object, uint64_t now, double rate_hz);
/* Whether it is being measured: its node ran in the last cycle, watched. */
DAWD_CTL bool meter_is_running(const struct node_rt *object, uint64_t now);
/* Whether it has a slot to tell of, and that of this moment. */
DAWD_CTL bool meter_is_current(const struct node_rt *object, uint64_t now);
/* The level of a channel in dB full scale, from -200 (silence) to 200; the rms of a sine at full scale is -3.01. */
DAWD_CTL float meter_db(const struct node_rt *object, unsigned channel, enum meter_kind kind);
