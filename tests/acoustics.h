/* Measuring rooms by their impulse responses, as the standards and papers say. */
#pragma once

#include <stddef.h>

/* Seconds until the energy in the octave around hz (0: all) has fallen by 60 dB, from the slope between -5 and -35 dB of what
 * is still to come (M. Schroeder's backward integration, ISO 3382). */
double reverberation_time(const float *response, size_t n, double hz, double rate_hz);

/* How much like noise n frames look: the part of them that is farther from zero than their rms, divided by that of Gaussian
 * noise. 0: single echoes, 1: a dense tail (J. Abel, P. Huang, "A simple, robust measure of reverberation echo density",
 * AES 121, 2006). */
double echo_density(const float *response, size_t n);

/* The largest correlation between two channels at any lag up to lag_frames, 0 to 1 (the interaural one of ISO 3382 for 1 ms). */
double cross_correlation(const float *left, const float *right, size_t n, size_t lag_frames);

/* How even the spectrum of n = 2^k frames is: the mean of its logarithm less the logarithm of its mean, in dB, over bands of
 * 200 Hz. -2.5 for noise; the less, the more single tones stand out, which are heard as metal. The frames are scaled up against
 * a decay of decay_s seconds per 60 dB. */
double flatness_db(const float *response, size_t n, double decay_s, double rate_hz);
