/* Oscillator.
 *
 *     freq, fine -> x (1 + fm) -> step -> 64-bit phase -> + phase -> wave, band-limited -> level -> out, on every channel
 *                                    sync -> 0 ^                      ^ width
 *
 * The phase counts from the node's creation and is shifted by the parameter afterwards: oscillators made together stay
 * together. One wave goes over into another within 10 ms. The waves are those of graph/dsp/wave.h: they begin alike, and none
 * has a mean, nor has a pulse of any width, as behind the coupling capacitor of an analogue one. So neither a moving width nor a
 * level that opens thumps. Where a cable comes into `sync` they are those of graph/dsp/wave_synced.h, 11 frames later.
 */
#include "graph/node.h"

#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/hard_sync.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/pitch.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/sync_cable.h"
#include "graph/dsp/turn.h"
#include "graph/dsp/vector.h"
#include "graph/dsp/wave.h"
#include "graph/dsp/wave_synced.h"
#include "graph/rt_only.h"

enum { WAVE, FREQ, FINE, WIDTH, PHASE, LEVEL, FM_DEPTH };
enum { FM, SYNC };
enum { SINE, TRIANGLE, SAW, SQUARE, PULSE, N_FORMS };

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
    [FM_DEPTH] = {"fm_depth", "", "How far a 1 at the input fm moves the pitch, in multiples of it.", NULL, 0, 32, 1,
                  0.01f},
};

static const struct port_info inputs[] = {
    [FM] = {"fm", "Moves the pitch as a vibrato or at audio rate, evenly up and down, also through zero and backwards.", 1},
    [SYNC] = {"sync", "Begins the cycle anew where it rises through 0, between the frames too.", 1},
};

static const struct port_info outputs[] = {{"out", "The wave, the same on every channel.", 0}};

/* What an oscillator that rests needs comes first, within two cache lines. */
struct osc {
    uint64_t phase;         /* in 2^-64 cycles, of the next frame */
    uint64_t step;          /* of the last frame, likewise */
    uint32_t offset, width; /* of the last frame, in 2^-32 cycles */
    double frame_s;
    unsigned channels;
    float level_db, level; /* of a level at rest: the power costs a third of what the sines of a block do */
    struct turn form;
    struct sync_cable cable;
    struct wave_row first; /* of the sine */
    /* Of the synced one: */
    struct sync_way way;
    uint32_t way_width; /* of the last frame */
    struct hard_sync sync;
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
        .step = phase_step(init->param[FREQ] * pitch_ratio(init->param[FINE]) / init->rate_hz),
        .offset = phase_offset(init->param[PHASE]),
        .width = phase_offset(init->param[WIDTH]),
        .frame_s = 1 / init->rate_hz,
        .channels = init->channels,
        .form = turn_at(init->param[WAVE], init->rate_hz),
        .cable = sync_cable_at(init->rate_hz),
        .level_db = init->param[LEVEL],
        .level = decibel_level(init->param[LEVEL]),
    };
    return 0;
}

/* Whether the wave of this block runs on as that of the frame before it. */
static bool is_steady(const struct osc *osc, const struct node_io *io)
{
    if (io->wired >> FM & 1)
        return false;
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
    double cycles = io->param[FREQ].value * pitch_ratio(io->param[FINE].value) * osc->frame_s;
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
    osc->step = wave.step;
}

static void pitches(double *cycles, const struct osc *osc, const struct node_io *io)
{
    const struct pitch pitch = {&io->param[FREQ], &io->param[FINE], &io->param[FM_DEPTH],
                                io->wired >> FM & 1 ? io->in[FM] : NULL, osc->frame_s};
    pitch_fill(cycles, &pitch, io->n);
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

/* Beyond half a cycle there is no meaning. */
static inline float speed_held(double cycles)
{
    return (float)(cycles < 0.5 ? cycles > -0.5 ? cycles : -0.5 : 0.5);
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
        osc->phase += (uint64_t)phase_turn(cycles[i]);
    }
    osc->step = (uint64_t)phase_turn(cycles[io->n - 1]);
    for (unsigned i = 0; i < io->n; i++) {
        float speed = speed_held(cycles[i]) + offset_moved[i];
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

/* ---- synced ---------------------------------------------------------------------------------------------------------- */

/* What the spans of a block are made of. */
struct synced {
    double cycles[BLOCK_MAX];
    uint32_t offset[BLOCK_MAX], width[BLOCK_MAX];
};

/* How loud each form is at every frame. */
static void weights_fill(float weight[N_FORMS][SYNC_STRETCH], struct turn *form, const struct param *wave, unsigned from,
                         unsigned n)
{
    float scale = 1 / (float)form->all_frames;
    memset(weight, 0, N_FORMS * sizeof *weight);
    for (unsigned i = 0; i < n; i++) {
        turn_next(form, wave, from + i, from + i + 1);
        float before = scale * (float)(int)form->left;
        weight[form->now][i] = 1 - before;
        weight[form->before][i] += before;
        form->left -= form->left > 0;
    }
}

static void synced_forms(struct sync_samples *samples, const struct sync_span *span,
                         const float weight[N_FORMS][SYNC_STRETCH], const uint32_t *width, uint32_t before, unsigned n)
{
    uint32_t half[SYNC_STRETCH];
    for (unsigned i = 0; i < n; i++)
        half[i] = PHASE_HALF;
    if (!all_zero(weight[SINE], n))
        wave_synced_sine_rt(samples, span, weight[SINE], n);
    if (!all_zero(weight[TRIANGLE], n))
        wave_synced_triangle_rt(samples, span, weight[TRIANGLE], n);
    if (!all_zero(weight[SAW], n))
        wave_synced_saw_rt(samples, span, weight[SAW], n);
    if (!all_zero(weight[SQUARE], n))
        wave_synced_pulse_rt(samples, span, weight[SQUARE], half, PHASE_HALF, n);
    if (!all_zero(weight[PULSE], n))
        wave_synced_pulse_rt(samples, span, weight[PULSE], width, before, n);
}

static void synced_stretch(struct osc *osc, const struct node_io *io, const struct synced *synced, struct turn *form,
                           float *out, unsigned from, unsigned n)
{
    struct sync_samples samples;
    struct sync_span span[SYNC_STRETCH];
    float weight[N_FORMS][SYNC_STRETCH];
    sync_spans_rt(&osc->sync, &osc->way, span, synced->cycles + from, synced->offset + from, io->in[SYNC] + from, n);
    weights_fill(weight, form, &io->param[WAVE], from, n);
    sync_begin_rt(&osc->sync, &samples, n);
    synced_forms(&samples, span, weight, synced->width + from, osc->way_width, n);
    osc->way_width = synced->width[from + n - 1];
    sync_end_rt(&osc->sync, &samples, out, n);
}

static void synced(struct osc *osc, const struct node_io *io, struct turn *form, float *out)
{
    struct synced synced;
    float room[BLOCK_MAX];
    uint32_t before = 0;
    pitches(synced.cycles, osc, io);
    shifts(synced.offset, room, &before, &io->param[PHASE], io->n);
    shifts(synced.width, room, &before, &io->param[WIDTH], io->n);
    for (unsigned from = 0; from < io->n; from += SYNC_STRETCH) {
        unsigned n = io->n - from < SYNC_STRETCH ? io->n - from : SYNC_STRETCH;
        synced_stretch(osc, io, &synced, form, out + from, from, n);
    }
}

/* A cable came or went: what begins to be heard goes on with the phase of what was. */
static void turn_round(struct osc *osc, const struct node_io *io, bool is_wired)
{
    int64_t step = phase_turn(io->param[FREQ].value * osc->frame_s);
    if (!is_wired) {
        osc->phase = osc->way.phase + (uint64_t)osc->way.step;
        return;
    }
    osc->way = (struct sync_way){osc->phase - (uint64_t)step, step, osc->offset};
    osc->way_width = osc->width;
    osc->sync = (struct hard_sync){0};
}

/* ---- level ------------------------------------------------------------------------------------------------------------ */

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

static void plain(struct osc *osc, const struct node_io *io, float gain)
{
    if (is_steady(osc, io))
        steady(osc, io, gain);
    else
        moving(osc, io, gain);
}

/* As long as both are heard, the form turns for each of them. */
static void wave_synced(struct osc *osc, const struct node_io *io, float gain)
{
    struct turn form = osc->form;
    float sound[BLOCK_MAX] = {0};
    synced(osc, io, &form, sound);
    if (sync_cable_is_free(&osc->cable))
        plain(osc, io, gain);
    else
        osc->form = form;
    sync_cable_mix(&osc->cable, io->out[0], sound, gain, io->n);
}

static void wave(struct osc *osc, const struct node_io *io, float gain)
{
    bool is_wired = io->wired >> SYNC & 1;
    if (sync_cable_turns(&osc->cable, is_wired))
        turn_round(osc, io, is_wired);
    if (sync_cable_is_synced(&osc->cable))
        wave_synced(osc, io, gain);
    else
        plain(osc, io, gain);
}

static void osc_process(void *state, const struct node_io *io)
{
    struct osc *osc = state;
    const struct param *db = &io->param[LEVEL];
    float room[BLOCK_MAX], gain = param_is_constant(db) ? level_at_rest(osc, db->value) : 1;
    wave(osc, io, gain);
    if (!param_is_constant(db))
        level(io->out[0], control_frames(db, room, io->n), io->n);
    for (unsigned c = 1; c < osc->channels; c++)
        memcpy(io->out[c], io->out[0], io->n * sizeof(float));
}

/* It has been going round all the while. */
static void osc_skip(void *state, uint64_t frames)
{
    struct osc *osc = state;
    osc->phase += osc->step * frames;
}

const struct node_class osc_node = {
    .name = "osc",
    .help = "A steady wave that never drifts.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.skip = osc_skip},
    .finite = true,
    .state_bytes = sizeof(struct osc),
    .init = osc_init,
    .process = osc_process,
};
