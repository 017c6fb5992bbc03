/* Second-order filters that keep the shape of their analogue prototypes up to the end of the spectrum.
 *
 *     type, frequency, gain, q --> [prototype] --> |H|^2 at four points --> [fit] --> a trapezoidal state-variable filter
 *
 * The bilinear transform squeezes the whole analogue axis into the spectrum: a bell at 16 kHz becomes narrow and lopsided.
 * Here the power response of the digital filter, which is a ratio of quadratics in sin^2(w/2), is fitted to that of the
 * prototype (M. Vicanek, "Matched Second Order Digital Filters", 2016, and S. J. Orfanidis, JAES 45, 1997, have the
 * method): exact at 0 Hz, and at four frequencies that are chosen so that the error in between is even. Its poles and zeros
 * are found again as the coefficients of svf.h, so that the filter stays stable under any modulation.
 *
 * Errors below 20 kHz at 48 kHz, for frequencies and gains up to 20 kHz and 24 dB: bells with q 0.1 to 40 0.21 dB at most,
 * shelves with q up to 2 0.28 dB, low-passes 0.1 dB, notches 0.5 dB; high-passes up to 16 kHz 1.2 dB, deep in their slope.
 */
#pragma once

#include "graph/dsp/svf.h"

enum matched_type { MATCHED_BELL, MATCHED_LOW_SHELF, MATCHED_HIGH_SHELF, MATCHED_LOWPASS, MATCHED_HIGHPASS, MATCHED_NOTCH };

#define MATCHED_MOST         16   /* filters at a time */
#define MATCHED_SHELF_Q_MOST 2.0f /* a shelf with more would be two peaks: its q is held here */

/* What filters are wanted, next to each other. */
struct matched_wish {
    unsigned type[MATCHED_MOST]; /* enum matched_type */
    float hz[MATCHED_MOST], gain_db[MATCHED_MOST], q[MATCHED_MOST];
};

/* What one frame of a filter takes: s1' = a s1 + b (x - s2), s2' = s2 + b s1 + c (x - s2), and out = input x + band (s1 + s1')
 * + low (s2 + s2'). The mean of two such sets is one too, and as stable: neither lets the state grow, so no mixture does. */
enum { SHAPE_A, SHAPE_B, SHAPE_C, SHAPE_INPUT, SHAPE_BAND, SHAPE_LOW, SHAPE_TERMS };
struct matched_shapes {
    double term[SHAPE_TERMS][MATCHED_MOST];
};

/* Works out n filters, up to MATCHED_MOST; frame_s is 1 / rate. Each depends on its own wish only, to the bit. Frequencies are
 * held below 0.475 of the rate. Gains belong to bells and shelves: a cut is the very inverse of the boost, and at 0 dB the
 * sound is left alone (input 1, band and low 0). */
DAWD_ANY void matched_design_rt(struct matched_shapes *to, const struct matched_wish *wish, double frame_s, unsigned n);
