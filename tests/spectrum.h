/* Measuring sound, slowly and obviously, in double precision: what the tests of physics compare the nodes with.
 *
 *     double level = decibel(tone_amplitude(out + skip, n - skip, 1000, 48000));
 *     double gain = cabs(response_at(impulse_response, n, 1000, 48000));
 *
 * Nothing here knows about nodes, and nothing here is meant for the product.
 */
#pragma once

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- signals ------------------------------------------------------------------------------------------------------- */

/* amplitude * sin(2 pi hz / rate * i), phase exact however long it gets. */
void sine_fill(float *x, size_t n, double hz, double rate, double amplitude);
/* White noise, uniform in -amplitude..amplitude; the same seed gives the same samples. */
void noise_fill(float *x, size_t n, double amplitude, uint32_t seed);
/* x[at] = 1, all others 0. */
void impulse_fill(float *x, size_t n, size_t at);
/* n values from `from` (at frame 0) to `to` (at frame n - 1): equal steps, or equal ratios. */
void line_fill(float *x, size_t n, double from, double to);
void exponential_fill(float *x, size_t n, double from, double to);

/* ---- levels -------------------------------------------------------------------------------------------------------- */

/* 20 log10 of an amplitude ratio; -400 for zero, so that it can be compared. */
double decibel(double ratio);
double rms(const float *x, size_t n);
/* Largest magnitude; infinite when any value is NaN. */
double peak(const float *x, size_t n);
double mean(const float *x, size_t n);
/* Largest difference between neighbouring frames: what a click would show in. */
double largest_step(const float *x, size_t n);
bool all_finite(const float *x, size_t n);
/* How far x lies from the reference: 20 log10(rms of the reference / rms of the difference); 400 when they are equal,
 * -400 when anything is not finite. */
double snr_db(const float *reference, const float *x, size_t n);

/* ---- frequencies --------------------------------------------------------------------------------------------------- */

/* Amplitude and phase of the sine of this frequency in x: for A sin(w i + p) cabs() is A and carg() is p. A seven-term
 * window keeps everything farther than 7 rate / n Hz away (the frequency's own mirror image below 0 Hz too) 180 dB down. */
double complex tone(const float *x, size_t n, double hz, double rate);
double tone_amplitude(const float *x, size_t n, double hz, double rate);

/* Frequency response of a system with this impulse response: the plain Fourier sum, no window. */
double complex response_at(const float *impulse_response, size_t n, double hz, double rate);

/* Amplitude spectrum of n = 2^k samples under the same window: bin k is k * rate / n Hz, a sine of amplitude A shows as A
 * at its peak (0.5 dB less half way between two bins). n / 2 + 1 values, malloc'd; free(). */
double *spectrum(const float *x, size_t n);

/* The largest component of n = 2^k samples that is not within 8 bins of a multiple of hz (0 Hz included), in dB relative
 * to the largest of all: aliases of a steady tone of that frequency. */
double inharmonic_db(const float *x, size_t n, double hz, double rate);

/* The largest component of n = 2^k samples that is not within 8 bins of hz, in dB of full scale: all but a tone of that
 * frequency. */
double off_tone_db(const float *x, size_t n, double hz, double rate);
