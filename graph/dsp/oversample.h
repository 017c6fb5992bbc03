/* Twice, four or eight times the rate, for what makes new partials, and back.
 *
 *     x --> [half-band] --> [half-band] --> [half-band] --> at 8 times the rate, one frame of it late
 *                                                                  |
 *     y <-- [half-band] <-- [half-band] <-- [half-band] <----------+
 *
 * Each stage doubles or halves the rate by a linear-phase half-band filter: every second tap is 0, and of the two phases of
 * the rest one is a single tap, so the work is half of what the length says (P. P. Vaidyanathan and T. Q. Nguyen, "A 'trick'
 * for the design of FIR half-band filters", IEEE Trans. Circuits and Systems 34, 1987, by which they are designed,
 * equiripple). Only the first has to be steep; the others have an octave and more to fall in, and are short.
 *
 * The last step down is the exception. A half-band filter is only 6 dB down at half the rate, and lets partials just above fold
 * to just below; it is a longer one, whose stop band begins there.
 *
 * There and back it is flat within 0.0005 dB up to 0.44 of the rate (19.4 kHz at 44.1 kHz, 21.1 kHz at 48 kHz). Nothing from
 * half the rate on comes down by more than -96 dB; images of what lies below 0.4535 of the rate go up by -99 dB.
 *
 * What happens in between is to take one frame of the high rate, as antiderivative antialiasing of second order does by itself
 * (what does not is delayed by one): then the whole way is a whole number of frames at every factor, and a dry signal that is as
 * late as oversample_latency_frames says cancels it.
 */
#pragma once

#include "graph/thread.h"

#define OVERSAMPLE_STAGES  3  /* the most: a factor of 8 */
#define OVERSAMPLE_STRETCH 32 /* frames of the low rate that go at once: all of it stays in the nearest cache */
#define OVERSAMPLE_FRAMES  (OVERSAMPLE_STRETCH << OVERSAMPLE_STAGES) /* of the highest rate, of such a stretch */

/* Room for what a filter still hears, a stretch at the stage's lower rate, and what a last vector reads beyond it. */
#define HALFBAND_ROOM 160

/* One stage of one channel, both ways: the ends of what it has heard, and the stretch behind them. */
struct halfband {
    float up[HALFBAND_ROOM];
    float even[HALFBAND_ROOM], odd[HALFBAND_ROOM]; /* of the high rate, on its way down */
};

/* One channel. All-zero, it has heard silence; whatever it hears it has forgotten after OVERSAMPLE_MEMORY frames. Its owner
 * keeps the number of stages, 0 to OVERSAMPLE_STAGES, of which 0 does nothing. */
struct oversample {
    struct halfband stage[OVERSAMPLE_STAGES];
};

#define OVERSAMPLE_MEMORY 192

/* Up and down and one frame of the high rate: 1, 81, 86 or 87 frames of the low rate. */
DAWD_ANY unsigned oversample_latency_frames(unsigned stages);
/* The way up alone, in frames of the high rate: for those who only look at what is there (levels between the samples). */
DAWD_ANY unsigned oversample_up_latency_frames(unsigned stages);

/* n frames, at most OVERSAMPLE_STRETCH, become n << stages in `out`, at the same level. `in` may be anything finite. */
DAWD_RT void oversample_up(struct oversample *line, unsigned stages, const float *in, float *out, unsigned n);
/* n << stages frames, which are used up, become n. */
DAWD_RT void oversample_down(struct oversample *line, unsigned stages, float *in, float *out, unsigned n);
