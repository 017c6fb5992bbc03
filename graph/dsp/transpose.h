/* Reading a sound at any speed without aliases, where many do it at once: up to six octaves up, as far down as one likes.
 *
 *     window ──▶ [half-band] ──▶ ... as many as whole octaves up ──▶ sinc, stretched 1..2 times ──▶ out
 *
 * What goes on from sample to sample is a sinc of 32 zero crossings under a Kaiser window, as in sinc.h, and its cutoff is half
 * the slower of the two rates. Here it is tabulated: 25 stretches from 1 to 2, a 24th of an octave apart, each with parabolas
 * in the fraction of a sample, 32 of them from one sample to the next (C. W. Farrow, "A continuously variable digital delay
 * element", ISCAS 1988; off by less than -102 dB). The nearest stretch is taken: cutoffs are right within 1.5 %.
 *
 * A stretch of more than 2 would take as many times the work. Before it the sound is halved in rate instead, octave by octave,
 * by half-band filters: of these only the last is steep, the others have an octave and more to fall in. They stand on frames that
 * are whole multiples of the octave, counted from where the sound began, so that it does not matter where a window begins.
 *
 * Flat within 0.001 dB up to 0.39 of the slower rate; what would fold to below that is 94 dB down.
 */
#pragma once

#include <stdint.h>

#include "graph/stock.h"

#define TRANSPOSE_STEPS     24   /* stretches in an octave */
#define TRANSPOSE_PARTS     32   /* parabolas from sample to sample, */
#define TRANSPOSE_ROWS      3    /* of so many numbers */
#define TRANSPOSE_SPEED_MAX 64.0 /* frames of the sound for one that is heard: what is read faster is read so fast */
#define TRANSPOSE_OCTAVES   5    /* halvings, at most */
#define TRANSPOSE_STEEP     16   /* pairs of taps of a steep half-band filter, */
#define TRANSPOSE_WIDE      8    /* and of one before it */
#define TRANSPOSE_WINDOW    8192 /* frames of the sound that are looked at in one go */
#define TRANSPOSE_REACH     1856 /* frames of the sound that count to either side of a place, at most */

/* The kernels of one stretch. Per part three rows of weights: the value at its beginning, what it gains per part, and that
 * squared. */
struct transpose_kernel {
    const float *rows;
    unsigned taps; /* a multiple of 8; the place lies between the two in the middle */
};

/* Half a megabyte, the same for all. */
struct transpose_tables {
    struct transpose_kernel kernel[TRANSPOSE_STEPS + 1];
    float steep[TRANSPOSE_STEEP], wide[TRANSPOSE_WIDE]; /* half-band filters: taps at 1, 3, 5, ... frames from the middle */
};

/* Room to work in, beside them: one for all that its owner plays, one at a time. */
struct transpose {
    const struct transpose_tables *tables;
    struct stocked *stocked; /* that they are in */
    float *window[2];        /* TRANSPOSE_WINDOW frames, and what a last vector reads beyond */
    float *even, *odd;       /* half as many */
};

struct transpose_place {
    int64_t frame;     /* of the sound, */
    uint64_t fraction; /* and 2^-64 parts of the way to the next one */
};

/* What is read in one go. */
struct transpose_span {
    int64_t first;        /* frame of the sound that the window begins with, */
    unsigned frames;      /* how many it holds, */
    int64_t last;         /* and where the place has to stop, at the latest */
    unsigned octave, n;   /* halvings; frames heard that have as many */
    unsigned level, lead; /* frames of the octave; those before that of the first place */
};

/* 0, or ERROR_INTERNAL: no memory, and nothing is to be undone. The tables are made unless they are in stock. */
DAWD_CTL int transpose_init(struct transpose *transpose, struct arena *arena, struct stock *stock);
/* Gives the tables back; all zeros have none. */
DAWD_CTL void transpose_deinit(struct transpose *transpose);

/* What to put into the window to be heard at these speeds, from this place on; `turned` frames have been heard that the place
 * does not count, since it went round. At most n frames, at least 1. */
DAWD_RT struct transpose_span transpose_span(const struct transpose *transpose, const struct transpose_place *place,
                                             int64_t turned, const double *speed, unsigned n);
/* Reads what the window holds, which is used up, while the place is below `end`; moves it on by speed[i] after each frame.
 * Without `right` only the left one. Returns how many. */
DAWD_RT unsigned transpose_run(struct transpose *transpose, const struct transpose_span *span,
                               struct transpose_place *place, int64_t end, const double *speed, float *left, float *right);

/* Frames of the sound that count to either side of a place at this speed; never more than TRANSPOSE_REACH. */
DAWD_RT unsigned transpose_reach(double speed);
