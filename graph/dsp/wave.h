/* The classic waves without aliases, at any pitch and rate.
 *
 *                1 _        ,'|          ,'.         ____           Every wave begins as a sine does, at 0 (or with its
 *                         ,'  |        ,'   '.      |    |          edge) and rising, so that a change of wave keeps
 *                0 _    ,'    |  ,'  ,'       '.  ,'|    |    |     the fundamental in its place.
 *                             |,'              '.'  |    |____|
 *     cycle             0    1/2  1   0   1/4  3/4  0  width  1
 *                           saw        triangle        pulse
 *
 * Below rate / 32 a wave is the naive one plus the residuals of its edges (blep.h), whatever the pitch: there is no table
 * per octave, so that a glide has no seams. Above, where the edges would overlap, it is the sum of its at most 15 partials
 * (partials.h), with the gains that the residuals would give them: both forms agree within -100 dB where they meet. Kept
 * are all partials up to 0.42 of the rate; those up to 0.5 fade out; the first is always whole.
 *
 * The height is that of the naive wave, -1..1; band-limited, it overshoots by up to 9 % of a jump (Gibbs). No wave has a
 * mean: a pulse of width w lies between 2 - 2 w and -2 w.
 *
 * Steady waves know the times of their edges and add whole rows of residuals. Moving ones have a phase and a speed per
 * frame and look the residuals up, taking the pitch of the moment to be that of the frames around it: up to 5 kHz, a pitch
 * swept by 10 % 50 times a second has aliases below -80 dB.
 */
#pragma once

#include <stdint.h>

#include "graph/node.h"

/* A wave that keeps its pitch for n frames. */
struct wave_steady {
    uint64_t phase; /* of frame 0, in 2^-64 cycles */
    uint64_t step;  /* per frame: above 0, at most half a cycle */
    uint32_t width; /* of the pulse, in 2^-32 cycles */
    float gain;
    unsigned past; /* of a sine: frames of its row that are over. Rows by a clock give bits that do not depend on blocks */
};

#define WAVE_ROW 16 /* frames */

/* The first row of a sine that begins at 0, and of its cosine. Kept by whoever runs the sine, from zeros on, it saves half
 * of the work as long as pitch and gain stand still. */
struct wave_row {
    float sine[WAVE_ROW], cosine[WAVE_ROW];
    uint64_t step;
    float gain;
};

/* Write n frames, 1..BLOCK_MAX. */
DAWD_RT void wave_sine_rt(float *out, const struct wave_steady *wave, struct wave_row *first, unsigned n);
DAWD_RT void wave_triangle_rt(float *out, const struct wave_steady *wave, unsigned n);
DAWD_RT void wave_saw_rt(float *out, const struct wave_steady *wave, unsigned n);
DAWD_RT void wave_pulse_rt(float *out, const struct wave_steady *wave, unsigned n);

/* Add `weight` times n frames, 1..BLOCK_MAX, of a wave whose phase (2^-32 cycles) and speed (cycles per frame, 0 or more)
 * may be others at every frame. A pulse of width w is the saw 1/2 - w ahead minus the one 1/2 ahead. */
DAWD_RT void wave_moving_saw_rt(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n);
DAWD_RT void wave_moving_triangle_rt(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n);
