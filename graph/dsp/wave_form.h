/* Any of the classic waves, at one pitch or frame by frame: which of the functions of wave.h make it, and from what.
 *
 *     pitch, phase, width ──▶ motion ──▶ course: phases and speeds of its saws ──▶ wave_form_moving_rt
 *     all of which stand still: wave_steady ─────────────────────────────────────▶ wave_form_steady_rt
 *
 * Both agree within -100 dB, not to the bit: stillness.h says when to take which.
 */
#pragma once

#include "graph/dsp/phase.h"
#include "graph/dsp/wave.h"
#include "graph/dsp/wave_synced.h"

enum wave_form { FORM_SINE, FORM_TRIANGLE, FORM_SAW, FORM_SQUARE, FORM_PULSE, N_FORMS };

/* What moves the wave of a block; [0] is the frame before it. */
struct wave_motion {
    double cycles[1 + BLOCK_MAX];   /* per frame; below 0, backwards */
    uint64_t step[1 + BLOCK_MAX];   /* the same in 2^-64 cycles */
    uint32_t offset[1 + BLOCK_MAX]; /* of the phase, in 2^-32 cycles */
    uint32_t width[1 + BLOCK_MAX];  /* of the pulse, likewise */
};

/* A moving wave, frame by frame. */
struct wave_course {
    uint32_t phase[BLOCK_MAX];                     /* in 2^-32 cycles */
    uint32_t rise[BLOCK_MAX], fall[BLOCK_MAX];     /* of the saws that jump where the pulse does: it is fall - rise */
    float speed[BLOCK_MAX], fall_speed[BLOCK_MAX]; /* in cycles per frame, without their signs */
};

/* For how many frames from `from` on, before `end`, each moves as the one before it. */
DAWD_RT unsigned wave_motion_same(const struct wave_motion *motion, unsigned from, unsigned end);

/* The course of n frames from `from` on; *phase, in 2^-64 cycles, is that of the first of them, and then of the one behind. */
DAWD_RT void wave_course_fill_rt(struct wave_course *course, uint64_t *phase, const struct wave_motion *motion,
                                 unsigned from, unsigned n);

/* Write n frames, 1..BLOCK_MAX. The steady square needs no width; `first` is of the sine. */
DAWD_RT void wave_form_moving_rt(float *out, enum wave_form form, const struct wave_course *course, unsigned n);
DAWD_RT static inline void wave_form_steady_rt(float *out, enum wave_form form, const struct wave_steady *wave,
                                               struct wave_row *first, unsigned n)
{
    struct wave_steady square = {.width = PHASE_HALF, .phase = wave->phase, .step = wave->step, .gain = wave->gain};
    if (form == FORM_SINE)
        wave_sine_rt(out, wave, first, n);
    else if (form == FORM_TRIANGLE)
        wave_triangle_rt(out, wave, n);
    else if (form == FORM_SAW)
        wave_saw_rt(out, wave, n);
    else
        wave_pulse_rt(out, form == FORM_PULSE ? wave : &square, n);
}

/* Adds n frames of the synced ones, each times its weight at every frame, as the functions of wave_synced.h do. */
DAWD_RT void wave_form_synced_rt(struct sync_samples *samples, const struct sync_span *span,
                                 const float weight[N_FORMS][SYNC_STRETCH], const uint32_t *width, uint32_t width_before,
                                 unsigned n);
