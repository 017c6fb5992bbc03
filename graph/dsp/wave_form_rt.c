#include "graph/dsp/wave_form.h"

#include <string.h>

#include "graph/dsp/finite.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

unsigned wave_motion_same(const struct wave_motion *motion, unsigned from, unsigned end)
{
    unsigned i = from;
    while (i < end && motion->step[i + 1] == motion->step[i] && motion->offset[i + 1] == motion->offset[i] &&
           motion->width[i + 1] == motion->width[i])
        i++;
    return i - from;
}

/* Beyond half a cycle there is no meaning. */
static inline float speed_held(double cycles)
{
    return (float)(cycles < 0.5 ? cycles > -0.5 ? cycles : -0.5 : 0.5);
}

/* By how much of a cycle: the shorter way round. */
static inline float moved(uint32_t at, uint32_t before)
{
    return (float)(int32_t)(at - before) * 0x1p-32f;
}

/* The speed that counts is that of the phase with all that moves it. */
DAWD_CLONES static void course_fill(struct wave_course *course, uint64_t *phase, const struct wave_motion *motion,
                                    unsigned from, unsigned n)
{
    const double *cycles = motion->cycles + from;
    const uint64_t *step = motion->step + from;
    const uint32_t *offset = motion->offset + from, *width = motion->width + from;
    for (unsigned i = 0; i < n; i++) {
        course->phase[i] = (uint32_t)(*phase >> 32);
        *phase += step[i + 1];
    }
    for (unsigned i = 0; i < n; i++) {
        float speed = speed_held(cycles[i + 1]) + moved(offset[i + 1], offset[i]);
        course->phase[i] += offset[i + 1];
        course->rise[i] = course->phase[i] + PHASE_HALF;
        course->fall[i] = course->rise[i] - width[i + 1];
        course->speed[i] = fabsf(speed);
        course->fall_speed[i] = fabsf(speed - moved(width[i + 1], width[i]));
    }
}

void wave_course_fill_rt(struct wave_course *course, uint64_t *phase, const struct wave_motion *motion, unsigned from,
                         unsigned n)
{
    course_fill(course, phase, motion, from, n);
}

void wave_form_moving_rt(float *out, enum wave_form form, const struct wave_course *course, unsigned n)
{
    bool is_pulse = form == FORM_PULSE;
    memset(out, 0, n * sizeof *out);
    if (form == FORM_SINE)
        sine_run(out, course->phase, n);
    else if (form == FORM_TRIANGLE)
        wave_moving_triangle_rt(out, 1, course->phase, course->speed, n);
    else
        wave_moving_saw_rt(out, 1, is_pulse ? course->fall : course->phase, is_pulse ? course->fall_speed : course->speed,
                           n);
    if (form == FORM_SQUARE || is_pulse)
        wave_moving_saw_rt(out, -1, course->rise, course->speed, n);
}

/* What of some frames is to be heard of one form. */
static void synced_add(struct sync_samples *samples, enum wave_form form, const struct sync_span *span, const float *weight,
                       const uint32_t *width, uint32_t width_before, unsigned from, unsigned n)
{
    uint32_t half[SYNC_STRETCH];
    for (unsigned i = from; i < from + n; i++)
        half[i] = PHASE_HALF;
    if (all_zero(weight + from, n))
        return;
    if (form == FORM_SINE)
        wave_synced_sine_rt(samples, span, weight, from, n);
    else if (form == FORM_TRIANGLE)
        wave_synced_triangle_rt(samples, span, weight, from, n);
    else if (form == FORM_SAW)
        wave_synced_saw_rt(samples, span, weight, from, n);
    else if (form == FORM_SQUARE)
        wave_synced_pulse_rt(samples, span, weight, half, PHASE_HALF, from, n);
    else
        wave_synced_pulse_rt(samples, span, weight, width, width_before, from, n);
}

/* Several go frame by frame: residuals are summed in one order then, wherever stretches end. */
void wave_form_synced_rt(struct sync_samples *samples, const struct sync_span *span,
                         const float weight[N_FORMS][SYNC_STRETCH], const uint32_t *width, uint32_t width_before,
                         unsigned n)
{
    unsigned n_heard = 0;
    for (unsigned f = 0; f < N_FORMS; f++)
        n_heard += !all_zero(weight[f], n);
    for (unsigned i = 0, run = n_heard > 1 ? 1 : n; i < n; i += run)
        for (unsigned f = 0; f < N_FORMS; f++)
            synced_add(samples, f, span, weight[f], width, i ? width[i - 1] : width_before, i, run);
}
