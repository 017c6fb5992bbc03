/* Oscillator.
 *
 *     freq, fine -> step -> 64-bit phase -> + phase -> wave, band-limited -> level -> out, the same on every channel
 *                                                       ^ width
 *
 * The phase counts from the node's creation and is shifted by the parameter afterwards: oscillators made together stay
 * together. One wave goes over into another within 10 ms. The waves are those of graph/dsp/wave.h: they begin alike, and none has a mean, nor has a pulse of any width,
 * as behind the coupling capacitor of an analogue one. So neither a moving width nor a level that opens thumps.
 */
#include "graph/node.h"

#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/turn.h"
#include "graph/dsp/vector.h"
#include "graph/dsp/wave.h"
#include "graph/rt_only.h"

enum { WAVE, FREQ, FINE, WIDTH, PHASE, LEVEL };
enum { SINE, TRIANGLE, SAW, SQUARE, PULSE };

static const char *const waves[] = {"sine", "triangle", "saw", "square", "pulse", NULL};

static const struct param_info params[] = {
    [WAVE] = {"wave", "", "Form of the wave; all begin at 0 and rise.", waves, SINE, PULSE, SINE, .kind = PARAM_CHOICE},
    [FREQ] = {"freq", "Hz", "Pitch; a modulation depth of 1 is an octave.", NULL, 0.01f, 20000, 440, 0.01f,
              .curve = CURVE_LOG},
    [FINE] = {"fine", "cents", "Detunes by hundredths of a semitone.", NULL, -100, 100, 0, 0.01f},
    [WIDTH] = {"width", "", "Part of the cycle for which the pulse is high.", NULL, 0.01f, 0.99f, 0.25f, 0.01f},
    [PHASE] = {"phase", "", "Shifts the wave by this part of a cycle; 1 is a whole one.", NULL, 0, 1, 0, 0.01f},
    [LEVEL] = {"level", "dB", "Half the height of the wave from bottom to top; -120 is silence.", NULL, DECIBEL_OFF, 0, -12,
               0.02f},
};

static const struct port_info outputs[] = {{"out", "The wave, the same on every channel.", 0}};

struct osc {
    uint64_t phase;         /* in 2^-64 cycles */
    uint32_t offset, width; /* of the last frame, in 2^-32 cycles */
    double frame_s;
    unsigned channels;
    struct wave_row first; /* of the sine */
    struct turn form;
    float level_db, level; /* of a level at rest: the power costs a third of what the sines of a block do */
};

/* A wave whose pitch, phase or width moves, frame by frame. */
struct course {
    uint32_t phase[BLOCK_MAX];                     /* in 2^-32 cycles */
    uint32_t rise[BLOCK_MAX], fall[BLOCK_MAX];     /* of the saws that jump where the pulse does: it is fall - rise */
    float speed[BLOCK_MAX], fall_speed[BLOCK_MAX]; /* in cycles per frame, without their signs */
};

static int osc_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct osc *)state = (struct osc){
        .phase = PHASE_ZERO,
        .offset = phase_offset(init->param[PHASE]),
        .width = phase_offset(init->param[WIDTH]),
        .frame_s = 1 / init->rate_hz,
        .channels = init->channels,
        .form = turn_at(init->param[WAVE], init->rate_hz),
        .level_db = init->param[LEVEL],
        .level = decibel_level(init->param[LEVEL]),
    };
    return 0;
}

/* 2^(cents / 1200) by Taylor's series: within 1e-12 over -100..100, the same for a constant and a gliding value. */
static double cents_ratio(double cents)
{
    double x = cents * (M_LN2 / 1200);
    if (cents == 0) /* most of the time: nobody waits for the series then */
        return 1;
    return 1 + x * (1 + x * (1 / 2.0 + x * (1 / 6.0 + x * (1 / 24.0 + x * (1 / 120.0 + x * (1 / 720.0))))));
}

/* Whether the wave of this block runs on as that of the frame before it. */
static bool is_steady(const struct osc *osc, const struct node_io *io)
{
    for (unsigned row = FREQ; row <= PHASE; row++)
        if (!param_is_constant(&io->param[row]))
            return false;
    return phase_offset(io->param[PHASE].value) == osc->offset && phase_offset(io->param[WIDTH].value) == osc->width;
}

static void steady_run(const struct wave_steady *wave, struct wave_row *first, unsigned form, float *out, unsigned n)
{
    struct wave_steady square = *wave;
    square.width = PHASE_HALF;
    switch (form) {
    case SINE:
        wave_sine_rt(out, wave, first, n);
        break;
    case TRIANGLE:
        wave_triangle_rt(out, wave, n);
        break;
    case SAW:
        wave_saw_rt(out, wave, n);
        break;
    default:
        wave_pulse_rt(out, form == PULSE ? wave : &square, n);
    }
}

static void steady(struct osc *osc, const struct node_io *io, float gain)
{
    float before[BLOCK_MAX];
    double cycles = io->param[FREQ].value * cents_ratio(io->param[FINE].value) * osc->frame_s;
    struct wave_steady wave = {.step = phase_step(cycles), .width = osc->width, .gain = gain};
    for (unsigned i = 0, run; i < io->n; i += run) {
        run = turn_next(&osc->form, &io->param[WAVE], i, io->n);
        wave.phase = osc->phase + ((uint64_t)osc->offset << 32);
        steady_run(&wave, &osc->first, osc->form.now, io->out[0] + i, run);
        if (osc->form.left) {
            steady_run(&wave, &osc->first, osc->form.before, before, run);
            turn_mix(&osc->form, io->out[0] + i, before, run);
            turn_advance(&osc->form, run);
        }
        osc->phase += run * wave.step;
    }
}

/* Cycles per frame at every frame. */
DAWD_CLONES static void pitches(double *cycles, const struct osc *osc, const struct node_io *io)
{
    const struct param *fine = &io->param[FINE];
    float room[BLOCK_MAX];
    const float *values = control_frames(&io->param[FREQ], room, io->n);
    double scale = cents_ratio(fine->value) * osc->frame_s;
    for (unsigned i = 0; i < io->n; i++)
        cycles[i] = values[i] * scale;
    if (param_is_constant(fine))
        return;
    values = control_frames(fine, room, io->n);
    for (unsigned i = 0; i < io->n; i++)
        cycles[i] *= cents_ratio(values[i]) * (1 / cents_ratio(fine->value));
}

/* A parameter in cycles at every frame (2^-32), and by how much of a cycle it has moved there since the frame before: the
 * shorter way round. */
DAWD_CLONES static void shifts(uint32_t *at, float *moved, uint32_t *last, const struct param *cycles, unsigned n)
{
    float room[BLOCK_MAX];
    const float *values = control_frames(cycles, room, n);
    for (unsigned i = 0; i < n; i++) {
        at[i] = phase_offset(values[i]);
        moved[i] = (float)(int32_t)(at[i] - *last) * 0x1p-32f;
        *last = at[i];
    }
}

/* The speed that counts is that of the phase with all that moves it. */
DAWD_CLONES static void course_fill(struct course *course, struct osc *osc, const struct node_io *io)
{
    double cycles[BLOCK_MAX];
    uint32_t offset[BLOCK_MAX], width[BLOCK_MAX];
    float offset_moved[BLOCK_MAX], width_moved[BLOCK_MAX];
    pitches(cycles, osc, io);
    shifts(offset, offset_moved, &osc->offset, &io->param[PHASE], io->n);
    shifts(width, width_moved, &osc->width, &io->param[WIDTH], io->n);
    for (unsigned i = 0; i < io->n; i++) {
        course->phase[i] = (uint32_t)(osc->phase >> 32);
        osc->phase += phase_step(cycles[i]);
    }
    for (unsigned i = 0; i < io->n; i++) {
        float speed = (float)cycles[i] + offset_moved[i];
        course->phase[i] += offset[i];
        course->rise[i] = course->phase[i] + PHASE_HALF;
        course->fall[i] = course->rise[i] - width[i];
        course->speed[i] = fabsf(speed);
        course->fall_speed[i] = fabsf(speed - width_moved[i]);
    }
}

/* n frames of one form of the wave, from frame `from` of the block on. */
static void moving_run(const struct course *course, unsigned form, float *out, unsigned from, unsigned n)
{
    const uint32_t *phase = course->phase + from;
    const float *speed = course->speed + from;
    memset(out, 0, n * sizeof *out);
    if (form == SINE)
        sine_run(out, phase, n);
    else if (form == TRIANGLE)
        wave_moving_triangle_rt(out, 1, phase, speed, n);
    else
        wave_moving_saw_rt(out, 1, form == PULSE ? course->fall + from : phase,
                           form == PULSE ? course->fall_speed + from : speed, n);
    if (form == SQUARE || form == PULSE)
        wave_moving_saw_rt(out, -1, course->rise + from, speed, n);
}

static void moving(struct osc *osc, const struct node_io *io, float gain)
{
    struct course course;
    float before[BLOCK_MAX];
    course_fill(&course, osc, io);
    for (unsigned i = 0, run; i < io->n; i += run) {
        run = turn_next(&osc->form, &io->param[WAVE], i, io->n);
        moving_run(&course, osc->form.now, io->out[0] + i, i, run);
        if (osc->form.left) {
            moving_run(&course, osc->form.before, before, i, run);
            turn_mix(&osc->form, io->out[0] + i, before, run);
            turn_advance(&osc->form, run);
        }
    }
    if (gain != 1)
        for (unsigned i = 0; i < io->n; i++)
            io->out[0][i] *= gain;
}

static float level_at_rest(struct osc *osc, float db)
{
    if (osc->level_db != db) {
        osc->level_db = db;
        osc->level = decibel_level(db);
    }
    return osc->level;
}

DAWD_CLONES static void level(float *out, const float *db, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] *= decibel_level(db[i]);
}

static void osc_process(void *state, const struct node_io *io)
{
    struct osc *osc = state;
    const struct param *db = &io->param[LEVEL];
    float room[BLOCK_MAX], gain = param_is_constant(db) ? level_at_rest(osc, db->value) : 1;
    if (is_steady(osc, io))
        steady(osc, io, gain);
    else
        moving(osc, io, gain);
    if (!param_is_constant(db))
        level(io->out[0], control_frames(db, room, io->n), io->n);
    for (unsigned c = 1; c < osc->channels; c++)
        memcpy(io->out[c], io->out[0], io->n * sizeof(float));
}

const struct node_class osc_node = {
    .name = "osc",
    .help = "A steady wave that never drifts.",
    .params = params,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .channels_max = PORT_CHANNELS_MAX,
    .finite = true,
    .state_bytes = sizeof(struct osc),
    .init = osc_init,
    .process = osc_process,
};
