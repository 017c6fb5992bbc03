/* True peaks the slow way: every point between the samples, each as the sum over all its weights.
 *
 *     struct interpolator by = interpolator_annex_2();
 *     double dbtp = decibel(true_peak(&by, out, n));
 *     interpolator_free(&by);
 */
#pragma once

#include <stddef.h>

struct interpolator {
    unsigned points, side; /* per frame; frames to either side */
    double *weights;       /* [point][2 * side]: of the frames from side - 1 before the one that the point follows */
};

/* A sinc under a Kaiser window, at `points` places per frame, the samples themselves among them. */
struct interpolator interpolator_new(unsigned points, unsigned side, double beta);
/* The weights of ITU-R BS.1770-4, Annex 2, of the first two points behind a frame; the others are these the other way round. */
extern const double true_peak_annex_2[2][12];
/* ITU-R BS.1770-4, Annex 2: four points per frame, at odd eighths. */
struct interpolator interpolator_annex_2(void);
void interpolator_free(struct interpolator *by);

/* The largest magnitude at any point that all weights fit around. */
double true_peak(const struct interpolator *by, const float *x, size_t n);
