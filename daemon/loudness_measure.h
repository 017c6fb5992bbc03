/* One sound being measured: what libebur128 does (K-weighting, the weight of channels, the points between the samples), and what
 * is kept of it.
 *
 *     frames ──▶ libebur128 ── power of each 100 ms ──▶ the last 4: momentary ──▶ gate: integrated
 *                    │                                  the last 30: short term ─▶ gate: range
 *                    └──────── true peak of each piece ─▶ the highest
 *
 * The library would keep all of that too, but with lists that grow for ever or a histogram that is off by up to 0.05 LU for
 * any steady sound, and with a walk over three seconds of samples for each figure.
 */
#pragma once

#include "daemon/loudness_gate.h"
#include "daemon/loudness_library.h"
#include "graph/loudness.h"
#include "graph/node.h"

#define LOUDNESS_SLOTS        30  /* of 100 ms: the short-term window */
#define LOUDNESS_PIECE_FRAMES 512 /* that are measured before they are given back */

struct loudness_measure {
    struct loudness loudness; /* first: what the node knows of it */
    struct loudness_library *library;
    /* Stretches of 100 ms. */
    size_t slot_frames, filled;   /* frames in one; in the one that runs */
    double power[LOUDNESS_SLOTS]; /* of the last, slot k at k % LOUDNESS_SLOTS */
    uint64_t n_slots;             /* complete, ever */
    uint64_t n_counting;          /* of these, since all began anew */
    struct loudness_gate momentary, short_term;
    float interleaved[LOUDNESS_PIECE_FRAMES * PORT_CHANNELS_MAX]; /* as the library wants it */
    double true_peak;                                             /* factor */
    unsigned n_deaf; /* frames, in which points between the samples would be of before the reset too */
    float figures[N_LOUDNESS_FIGURES];
    /* Of the thread that measures (loudness_thread.h). */
    atomic_bool released; /* control's last word: the audio thread has forgotten it */
    uint64_t told_lost;   /* lost frames that the log knows of */
    struct loudness_measure *next;
};

/* Null when memory ran out. */
DAWD_CTL struct loudness_measure *loudness_measure_new(const struct loudness_spec *spec);
/* Nobody uses it any more. Null is accepted. */
DAWD_ANY void loudness_measure_free(struct loudness_measure *measure);
/* Memory that one takes, nearly. */
DAWD_ANY size_t loudness_measure_bytes(const struct loudness_spec *spec);

/* Measures all that was sent, and tells. One thread at a time. */
DAWD_ANY void loudness_measure_turn(struct loudness_measure *measure);

/* For whoever has no clock: all is measured as it is sent, by the one who sends it. */
DAWD_CTL struct loudness_service loudness_measure_at_once(void);
