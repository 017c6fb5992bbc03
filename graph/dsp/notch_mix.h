/* A signal beside what a loop makes of it, where notches are wanted: flanger, phaser.
 *
 *      in --+-----------------------------(x dry)--(+)--> out        Z: a delay, or all-passes: turns every frequency, and
 *           |                                       ^                   leaves its level
 *           +--(+)--> [Z] --+-------------(x wet)---+
 *               ^           |
 *               +--(x feedback)
 *
 * With s = 1, or -1 where the loop is inverted, wet = s mix (1 + s feedback) makes at mix 1/2
 *
 *      out / in = (1 + s Z) / (2 (1 - feedback Z))
 *
 * so that the notches stay as deep as without feedback, which only makes what lies between them sharper (the form of J.
 * Dattorro, "Effect design part 2", JAES 45, 1997, whose direct path comes from behind the feedback). Both are scaled: a signal
 * that Z turns evenly through all angles, as a delay does with white noise, keeps the power that it has without feedback.
 */
#pragma once

#include "graph/dsp/blend.h"
#include "graph/dsp/control.h"
#include "graph/dsp/vector.h"

#define NOTCH_FRAMES 64 /* at most, of a stretch */

/* Frame by frame. */
struct notch_mix {
    float feedback[NOTCH_FRAMES], dry[NOTCH_FRAMES], wet[NOTCH_FRAMES];
};

/* The sign of the loop, by a switch; for blend_init. */
static const float notch_signs[][3] = {{1}, {-1}};

/* n frames from frame `from` of the block on. */
DAWD_RT static inline void notch_mix_set(struct notch_mix *levels, struct blend *sign, const struct param *feedback,
                                         const struct param *invert, const struct param *mix, unsigned from, unsigned n)
{
    float room[2][NOTCH_FRAMES], signs[3][NOTCH_FRAMES];
    const float *f = control_stretch(feedback, from, room[0], n), *m = control_stretch(mix, from, room[1], n);
    blend_stretch(sign, notch_signs, invert, from, (float *const[]){signs[0], signs[1], signs[2]}, n);
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        float wet = m[i], dry = 1 - wet, g = 1 + signs[0][i] * f[i];
        float scale = sqrtf((dry * dry + wet * wet) / (dry * dry + wet * wet * g * g / (1 - f[i] * f[i])));
        levels->feedback[i] = f[i];
        levels->dry[i] = scale * dry;
        levels->wet[i] = scale * wet * g * signs[0][i];
    }
}
