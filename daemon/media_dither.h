/* From floats to whole numbers, as a mastering engineer does it.
 *
 * 16 bits get triangular dither of two steps from peak to peak, which turns the distortion of rounding into a steady noise
 * that does not depend on the sound (Lipshitz, Wannamaker, Vanderkooy: Quantization and Dither, JAES 40, 1992). It is the
 * same noise in every file: equal sound gives equal files. 24 bits get none: their step lies below the noise of any
 * converter, and without it what was 24 bits passes unchanged. Beyond full scale it is cut off, and counted.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"

struct media_dither {
    uint64_t state;     /* of the noise */
    unsigned bits;      /* 16 or 24 */
    uint64_t n_clipped; /* samples so far */
};

DAWD_ANY void media_dither_init(struct media_dither *dither, unsigned bits);

/* n finite samples, 1.0 being full scale; the result is left-justified in 32 bits. */
DAWD_ANY void media_dither_run(struct media_dither *dither, const float *in, int32_t *out, size_t n);
