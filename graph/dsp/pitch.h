/* The pitch of an oscillator, frame by frame: freq, fine and what comes in to modulate it.
 *
 *     cycles per frame = freq x 2^(fine / 1200) x (1 + depth x fm) / rate
 *
 * Modulation is linear, and goes through zero: with a sine of frequency m and amplitude a as `fm`, the side bands at multiples of
 * m are the Bessel functions of the index depth x a x freq / m (J. Chowning, "The synthesis of complex audio spectra by means of
 * frequency modulation", JAES 21, 1973), and the pitch in the middle stays where it is.
 */
#pragma once

#include "graph/dsp/control.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"

/* 2^(cents / 1200) by Taylor's series: within 1e-12 over -100..100, the same for a constant and a gliding value. */
DAWD_RT static inline double pitch_ratio(double cents)
{
    double x = cents * (M_LN2 / 1200);
    if (cents == 0) /* most of the time: nobody waits for the series then */
        return 1;
    return 1 + x * (1 + x * (1 / 2.0 + x * (1 / 6.0 + x * (1 / 24.0 + x * (1 / 120.0 + x * (1 / 720.0))))));
}

/* What a pitch is made of; all borrowed. */
struct pitch {
    const struct param *freq, *fine, *depth;
    const float *fm; /* a signal, or null: it is not modulated */
    double frame_s;
};

/* Cycles per frame of n frames, BLOCK_MAX at most: any number, also below 0. */
DAWD_RT DAWD_CLONES static inline void pitch_fill(double *cycles, const struct pitch *pitch, unsigned n)
{
    float room[BLOCK_MAX];
    const float *values = control_frames(pitch->freq, room, n), *fine = pitch->fine->frames;
    double scale = pitch_ratio(pitch->fine->value) * pitch->frame_s;
    for (unsigned i = 0; i < n; i++)
        cycles[i] = values[i] * (fine ? pitch_ratio(fine[i]) * pitch->frame_s : scale);
    if (!pitch->fm)
        return;
    values = control_frames(pitch->depth, room, n);
    for (unsigned i = 0; i < n; i++)
        cycles[i] += cycles[i] * (values[i] * sound_or_zero(pitch->fm[i]));
}
