/* Sound on its way from the audio thread to whoever measures its loudness, and the figures on their way back: of one node.
 *
 *     audio                                             who measures
 *     loudness_run_rt ── frames ──▶ [ 0.6 s or more ] ──▶ loudness_next: a piece of sound, or that all begins anew here
 *     loudness_value_rt  ◀───────── figures ◀──────────── loudness_tell
 *
 * The audio thread never waits. When nobody has measured for so long that there is no room, frames are left out, and counted.
 * Where there is no clock (a render), `measure` is called at the end of each run instead: the figures are then those of every
 * frame that was sent, at whatever speed.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"

#define LOUDNESS_ROOM_S   0.5        /* at least; the frames are the next power of two */
#define LOUDNESS_ROOM_MIN (2 * 8192) /* frames: two of the longest periods */
#define LOUDNESS_SILENCE  (-200.0f)  /* dB: what is below, or was not measured yet */
#define LOUDNESS_MOST     1e10f      /* 200 dB; what is louder is no sound, and measured as silence */

/* What is measured. The windows go on when all else begins anew. */
enum loudness_figure {
    LOUDNESS_MOMENTARY,  /* LUFS, of the last 400 ms */
    LOUDNESS_SHORT_TERM, /* LUFS, of the last 3 s */
    LOUDNESS_TRUE_PEAK,  /* dBTP */
    LOUDNESS_INTEGRATED, /* LUFS */
    LOUDNESS_RANGE,      /* LU */
    N_LOUDNESS_FIGURES,
};

/* What comes next: frames, or a new beginning. */
struct loudness_piece {
    const float *first; /* channel c from first + c * capacity_frames on, all below LOUDNESS_MOST; to be given back */
    uint64_t n_frames;  /* 0: there is nothing, or a new beginning */
    bool begins_anew;   /* before the frames that follow; to be answered with loudness_tell */
};

struct loudness {
    /* Constant from init to deinit. */
    float *frames; /* capacity_frames of each channel, one channel after the other, touched */
    uint64_t capacity_frames;
    unsigned channels;
    double rate_hz;
    DAWD_ANY void (*measure)(struct loudness *loudness); /* null: a thread looks by itself */

    /* The audio thread's cache line. */
    _Alignas(64) _Atomic uint64_t sent; /* frames ever */
    uint64_t taken_seen;                /* its copy of `taken` */
    _Atomic uint64_t reset_at;          /* `sent` at the newest reset */
    _Atomic uint32_t n_resets;
    _Atomic uint64_t lost; /* frames since the newest reset that found no room */

    /* Of the one who measures. */
    _Alignas(64) _Atomic uint64_t taken;       /* frames ever */
    uint32_t n_met;                            /* resets that it has come to, */
    _Atomic uint32_t n_begun;                  /* and that the figures know of */
    _Atomic float figures[N_LOUDNESS_FIGURES]; /* as they are told */
};

/* Memory that the frames take. */
DAWD_ANY size_t loudness_bytes(unsigned channels, double rate_hz);
/* Before either side knows of it. 0, or ERROR_INTERNAL with nothing to undo. */
DAWD_CTL int loudness_init(struct loudness *loudness, unsigned channels, double rate_hz);
/* Neither side may be using it. */
DAWD_ANY void loudness_deinit(struct loudness *loudness);

/* Sends n frames from `from` on. */
DAWD_RT void loudness_run_rt(struct loudness *loudness, const float *const *in, unsigned from, unsigned n);
/* True peak, integrated loudness, range and lost frames begin anew with the frame that is sent next. */
DAWD_RT void loudness_reset_rt(struct loudness *loudness);
/* The newest figure. */
DAWD_RT float loudness_value_rt(const struct loudness *loudness, enum loudness_figure figure);

/* The next piece, at most `most` frames of it. One thread at a time. */
DAWD_ANY struct loudness_piece loudness_next(struct loudness *loudness, uint64_t most);
DAWD_ANY void loudness_done(struct loudness *loudness, uint64_t n_frames);
/* What is known after all that was given back. */
DAWD_ANY void loudness_tell(struct loudness *loudness, const float figures[N_LOUDNESS_FIGURES]);
