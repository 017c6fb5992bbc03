/* A chain of equal all-passes of first order in a loop without delay: a phaser.
 *
 *      in --(+)--> [1] --> [2] --> ... --> [n] --+--> out
 *            ^                                   |
 *            +---------------(x feedback)--------+
 *
 * Each is the bilinear transform of (1 - s / w) / (1 + s / w), exact at its centre, where it turns by 90 degrees: in the
 * normalised lattice (A. Gray and J. Markel, "A normalized digital filter structure", IEEE Trans. ASSP 23, 1975)
 *
 *      y  =  a x + b u        a = (g - 1) / (g + 1),  b = 2 sqrt(g) / (g + 1),  g = tan(pi centre / rate)
 *      u' =  b x - a u        a^2 + b^2 = 1
 *
 * which is a rotation: y^2 + u'^2 = x^2 + u^2 in every frame, whatever is done to the centre. So a loop with feedback below 1
 * only ever loses energy, where other forms of the same filter gain some when they are modulated.
 *
 * The loop is solved, as V. Zavalishin does ("The Art of VA Filter Design", ch. 10), instead of being cut by a delay of one
 * frame, which would put its resonances elsewhere the higher they are: out = A x + B, with A = a^n and B what the chain gives to
 * silence, hence x = (in + feedback B) / (1 - feedback A). With B comes what every stage gives to silence, and a stage's output
 * is that and a^k x: one way through the chain waits for itself, not two.
 *
 * State and recursion are double: at 20 Hz and 192 kHz a frame changes the state by 1e-3 of its size.
 */
#pragma once

#include "graph/dsp/fastmath.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/vector.h"

#define ALLPASS_MOST   12 /* stages */
#define ALLPASS_FRAMES 64 /* at most, of a stretch */

/* What the stages of two channels side by side hold. All-zero, they have heard silence. */
struct allpass_chain {
    DOUBLE2 u[ALLPASS_MOST];
};

/* The coefficients of two channels, frame by frame. */
struct allpass_steps {
    DOUBLE2 a[ALLPASS_FRAMES], b[ALLPASS_FRAMES];
};

/* Of channel c, 0 or 1, n centres in Hz; held at 0.49 of the rate. */
DAWD_RT static inline void allpass_steps_set(struct allpass_steps *steps, unsigned c, const float *centre_hz,
                                             double frame_s, unsigned n)
{
    double a[ALLPASS_FRAMES], b[ALLPASS_FRAMES];
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        double x = (double)centre_hz[i] * frame_s;
        double g = fast_tan_pi(x < 0.49 ? x : 0.49), per = 1 / (g + 1);
        a[i] = (g - 1) * per;
        b[i] = 2 * sqrt(g) * per;
    }
    for (unsigned i = 0; i < n; i++) {
        steps->a[i][c] = a[i];
        steps->b[i][c] = b[i];
    }
}

/* One frame through n stages, in a loop of this feedback, -1 to 1 without the ends. */
DAWD_RT static inline void allpass_tick(struct allpass_chain *chain, const DOUBLE2 *a, const DOUBLE2 *b, double feedback,
                                        unsigned n, DOUBLE2 in, DOUBLE2 *out)
{
    DOUBLE2 silent[ALLPASS_MOST], z = {0}, power = {1, 1}, x, y;
    for (unsigned k = 0; k < n; k++) {
        silent[k] = z = *a * z + *b * chain->u[k];
        power *= *a;
    }
    x = (in + feedback * z) / (1 - feedback * power);
    power = x;
    for (unsigned k = 0; k < n; k++) {
        power *= *a;
        y = silent[k] + power;
        chain->u[k] = *b * x - *a * chain->u[k];
        x = y;
    }
    *out = x;
}

/* Whether what it holds is below SLEEP_LEVEL. */
DAWD_RT static inline bool allpass_is_quiet(const struct allpass_chain *chain)
{
    bool quiet = true;
    for (unsigned k = 0; k < ALLPASS_MOST; k++)
        quiet &= fabs(chain->u[k][0]) < (double)SLEEP_LEVEL && fabs(chain->u[k][1]) < (double)SLEEP_LEVEL;
    return quiet;
}

/* Forgets what is no sound; to be called once per block. False where it had to. */
DAWD_RT static inline bool allpass_heal(struct allpass_chain *chain)
{
    bool sound = true;
    for (unsigned k = 0; k < ALLPASS_MOST; k++)
        sound &= is_sound((float)chain->u[k][0]) && is_sound((float)chain->u[k][1]);
    if (!sound)
        *chain = (struct allpass_chain){0};
    return sound;
}
