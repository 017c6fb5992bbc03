/* Judging a recording: what a loopback would notice. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where a recording of a sine of this frequency is something else: the frames whose distance from what the two frames
 * before them foretell, x[i] = 2 cos(w) x[i-1] - x[i-2], exceeds `tolerance`. Silence is a sine too. */
struct flaw {
    size_t n;           /* frames that do not fit */
    size_t first, last; /* of these; valid when n > 0 */
    double worst;       /* greatest distance */
};
struct flaw sine_flaws(const float *x, size_t n, double hz, double rate, double tolerance);

/* Largest |x[i] - 2 x[i-1] + x[i-2]|: a click is a large one. */
double second_difference(const float *x, size_t n);
/* That of a sine. */
double sine_second_difference(double amplitude, double hz, double rate);

/* Index of the first frame that is not 0, n when there is none; and one behind the last, 0 when there is none. */
size_t sound_begin(const float *x, size_t n);
size_t sound_end(const float *x, size_t n);

/* Greatest |x[i] - gain y[i]|. */
double greatest_difference(const float *x, const float *y, double gain, size_t n);

/* n zeroed samples; ends the test when memory ran out. */
float *sound_new(size_t n);
