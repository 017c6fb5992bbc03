/* Oscillator.
 *
 *     freq, fine -> x (1 + fm) -> step -> 64-bit phase -> + phase -> wave, band-limited -> level -> out, on every channel
 *                                    sync -> 0 ^                      ^ width
 *
 * The phase counts from the node's creation and is shifted by the parameter afterwards: oscillators made together stay
 * together. One wave goes over into another within 10 ms. The waves are those of graph/dsp/wave.h: they begin alike, and none
 * has a mean, nor has a pulse of any width, as behind the coupling capacitor of an analogue one. So neither a moving width nor a
 * level that opens thumps. Where a cable comes into `sync` they are those of graph/dsp/wave_synced.h, 11 frames later. What
 * stands still goes the quick way, by frames (graph/dsp/stillness.h).
 */
#include "graph/node.h"

#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/hard_sync.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/pitch.h"
#include "graph/dsp/stillness.h"
#include "graph/dsp/sync_cable.h"
#include "graph/dsp/turn.h"
#include "graph/dsp/vector.h"
#include "graph/dsp/wave_form.h"
#include "graph/rt_only.h"

enum { WAVE, FREQ, FINE, WIDTH, PHASE, LEVEL, FM_DEPTH };
enum { HELD = FREQ, N_HELD = LEVEL + 1 - HELD }; /* rows in which an oscillator rests */
enum { FM, SYNC };

static const char *const waves[] = {"sine", "triangle", "saw", "square", "pulse", NULL};

static const struct param_info params[] = {
    [WAVE] = {"wave", "", "Form of the wave; all begin at 0 and rise.", waves, FORM_SINE, FORM_PULSE, FORM_SINE,
              .kind = PARAM_CHOICE},
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

/* What an oscillator that rests looks at comes first: a cache line, and the row of the sine. */
struct osc {
    uint64_t phase;                  /* in 2^-64 cycles, of the next frame */
    uint64_t step;                   /* of the last frame, likewise */
    uint32_t offset, width;          /* of the last frame, in 2^-32 cycles */
    float held[N_HELD];              /* what moves the wave or its level, when it came to rest */
    bool rests;                      /* nothing has moved since then */
    bool wave_is_still, db_is_still; /* in the last frame */
    float level_db, level;           /* of a level at rest: the power costs a third of what the sines of a block do */
    unsigned channels;
    struct turn form;
    struct sync_cable cable;
    struct wave_row first;
    float db; /* of the last frame */
    double frame_s;
    /* Of the synced one: */
    struct sync_way way;
    uint32_t way_width; /* of the last frame */
    struct hard_sync sync;
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
        .db = init->param[LEVEL],
        .wave_is_still = true,
        .db_is_still = true,
        .form = turn_at(init->param[WAVE], init->rate_hz),
        .cable = sync_cable_at(init->rate_hz),
        .level_db = init->param[LEVEL],
        .level = decibel_level(init->param[LEVEL]),
    };
    return 0;
}

/* ---- the two ways ---------------------------------------------------------------------------------------------------- */

/* Puts what goes out beside what comes in. */
static void steady_turn(struct osc *osc, const struct wave_steady *wave, float *out, unsigned n)
{
    float before[BLOCK_MAX];
    wave_form_steady_rt(before, osc->form.before, wave, &osc->first, n);
    turn_mix(&osc->form, out, before, n);
}

/* n frames from frame `from` of the block on, on which nothing moves. */
static inline void steady(struct osc *osc, const struct node_io *io, float gain, unsigned from, unsigned n)
{
    struct wave_steady wave = {.phase = osc->phase + ((uint64_t)osc->offset << 32),
                               .step = osc->step,
                               .width = osc->width,
                               .gain = gain,
                               .past = (unsigned)((io->frame + from) % WAVE_ROW)};
    osc->phase += n * wave.step;
    wave_form_steady_rt(io->out[0] + from, osc->form.now, &wave, &osc->first, n);
    if (osc->form.left)
        steady_turn(osc, &wave, io->out[0] + from, n);
}

static void pitches(double *cycles, const struct osc *osc, const struct node_io *io)
{
    const struct pitch pitch = {&io->param[FREQ], &io->param[FINE], &io->param[FM_DEPTH],
                                io->wired >> FM & 1 ? io->in[FM] : NULL, osc->frame_s};
    pitch_fill(cycles, &pitch, io->n);
}

/* A parameter in cycles at every frame, in 2^-32. */
DAWD_CLONES static void shifts(uint32_t *at, const struct param *cycles, unsigned n)
{
    float room[BLOCK_MAX];
    const float *values = control_frames(cycles, room, n);
    for (unsigned i = 0; i < n; i++)
        at[i] = phase_offset(values[i]);
}

DAWD_CLONES static void motion_fill(struct wave_motion *motion, const struct osc *osc, const struct node_io *io)
{
    motion->step[0] = osc->step;
    motion->offset[0] = osc->offset;
    motion->width[0] = osc->width;
    pitches(motion->cycles + 1, osc, io);
    shifts(motion->offset + 1, &io->param[PHASE], io->n);
    shifts(motion->width + 1, &io->param[WIDTH], io->n);
    for (unsigned i = 1; i <= io->n; i++)
        motion->step[i] = (uint64_t)phase_turn(motion->cycles[i]);
}

static void moving(struct osc *osc, const struct wave_motion *motion, float *out, unsigned from, unsigned n)
{
    struct wave_course course;
    float before[BLOCK_MAX];
    wave_course_fill_rt(&course, &osc->phase, motion, from, n);
    wave_form_moving_rt(out, osc->form.now, &course, n);
    if (osc->form.left) {
        wave_form_moving_rt(before, osc->form.before, &course, n);
        turn_mix(&osc->form, out, before, n);
    }
}

/* ---- level ----------------------------------------------------------------------------------------------------------- */

static float level_at_rest(struct osc *osc, float db)
{
    if (osc->level_db != db) {
        osc->level_db = db;
        osc->level = decibel_level(db);
    }
    return osc->level;
}

DAWD_CLONES static void levels(float *out, const float *db, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] *= decibel_level(db[i]);
}

static void level(struct osc *osc, float *out, const struct param *db, unsigned from, unsigned n)
{
    if (!param_is_constant(db)) {
        levels(out, db->frames + from, n);
        return;
    }
    float gain = level_at_rest(osc, db->value);
    for (unsigned i = 0; i < n; i++)
        out[i] *= gain;
}

/* ---- which way ------------------------------------------------------------------------------------------------------- */

/* Whether all of the block is as the frame before it. */
static bool rests(const struct osc *osc, const struct node_io *io)
{
    if (!osc->rests || (io->wired >> FM & 1))
        return false;
    for (unsigned k = 0; k < N_HELD; k++)
        if (!param_is_constant(&io->param[HELD + k]) || io->param[HELD + k].value != osc->held[k])
            return false;
    return true;
}

/* Whether the next block may rest. */
static void hold(struct osc *osc, const struct node_io *io)
{
    osc->rests = osc->wave_is_still && osc->db_is_still;
    for (unsigned k = 0; k < N_HELD; k++) {
        osc->rests &= param_is_constant(&io->param[HELD + k]);
        osc->held[k] = io->param[HELD + k].value;
    }
}

static void rest(struct osc *osc, const struct node_io *io)
{
    float gain = level_at_rest(osc, osc->held[LEVEL - HELD]);
    for (unsigned i = 0, run; i < io->n; i += run) {
        run = turn_next(&osc->form, &io->param[WAVE], i, io->n);
        steady(osc, io, gain, i, run);
        turn_advance(&osc->form, osc->form.left ? run : 0);
    }
}

/* For how many frames from `from` on each has the level of the one before it. */
static unsigned db_same(const struct osc *osc, const struct param *db, unsigned from, unsigned n)
{
    unsigned i = from;
    while (i < n && param_at(db, i) == (i ? param_at(db, i - 1) : osc->db))
        i = param_is_constant(db) ? n : i + 1;
    return i - from;
}

/* Frames from `from` on that go one way, which it finds out. */
static unsigned part(struct osc *osc, const struct node_io *io, const struct wave_motion *motion, unsigned from, unsigned n)
{
    bool is_modulated = io->wired >> FM & 1;
    uint64_t frame = io->frame + from;
    n = from + stillness_run(&osc->wave_is_still, frame, is_modulated ? 0 : wave_motion_same(motion, from, n), n - from);
    return stillness_run(&osc->db_is_still, frame, db_same(osc, &io->param[LEVEL], from, n), n - from);
}

static void plain(struct osc *osc, const struct node_io *io)
{
    struct wave_motion motion;
    if (rests(osc, io)) {
        rest(osc, io);
        return;
    }
    motion_fill(&motion, osc, io);
    for (unsigned i = 0, run; i < io->n; i += run) {
        float *out = io->out[0] + i;
        run = part(osc, io, &motion, i, i + turn_next(&osc->form, &io->param[WAVE], i, io->n));
        bool folds = osc->wave_is_still && osc->db_is_still;
        osc->step = motion.step[i + 1];
        osc->offset = motion.offset[i + 1];
        osc->width = motion.width[i + 1];
        if (osc->wave_is_still)
            steady(osc, io, folds ? level_at_rest(osc, param_at(&io->param[LEVEL], i)) : 1, i, run);
        else
            moving(osc, &motion, out, i, run);
        if (!folds)
            level(osc, out, &io->param[LEVEL], i, run);
        turn_advance(&osc->form, osc->form.left ? run : 0);
    }
    osc->step = motion.step[io->n];
    osc->offset = motion.offset[io->n];
    osc->width = motion.width[io->n];
    osc->db = param_at(&io->param[LEVEL], io->n - 1);
    hold(osc, io);
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

static void synced_stretch(struct osc *osc, const struct node_io *io, const struct synced *synced, struct turn *form,
                           float *out, unsigned from, unsigned n)
{
    struct sync_samples samples;
    struct sync_span span[SYNC_STRETCH];
    float weight[N_FORMS][SYNC_STRETCH];
    sync_spans_rt(&osc->sync, &osc->way, span, synced->cycles + from, synced->offset + from, io->in[SYNC] + from, n);
    weights_fill(weight, form, &io->param[WAVE], from, n);
    sync_begin_rt(&osc->sync, &samples, n);
    wave_form_synced_rt(&samples, span, weight, synced->width + from, osc->way_width, n);
    osc->way_width = synced->width[from + n - 1];
    sync_end_rt(&osc->sync, &samples, out, n);
}

static void synced(struct osc *osc, const struct node_io *io, struct turn *form, float *out)
{
    struct synced synced;
    pitches(synced.cycles, osc, io);
    shifts(synced.offset, &io->param[PHASE], io->n);
    shifts(synced.width, &io->param[WIDTH], io->n);
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

/* As long as both are heard, the form turns for each of them. */
static void wave_synced(struct osc *osc, const struct node_io *io)
{
    struct turn form = osc->form;
    float sound[BLOCK_MAX] = {0};
    synced(osc, io, &form, sound);
    level(osc, sound, &io->param[LEVEL], 0, io->n);
    if (sync_cable_is_free(&osc->cable))
        plain(osc, io);
    else
        osc->form = form;
    sync_cable_mix(&osc->cable, io->out[0], sound, 1, io->n);
}

static void osc_process(void *state, const struct node_io *io)
{
    struct osc *osc = state;
    bool is_wired = io->wired >> SYNC & 1;
    if (sync_cable_turns(&osc->cable, is_wired))
        turn_round(osc, io, is_wired);
    if (sync_cable_is_synced(&osc->cable))
        wave_synced(osc, io);
    else
        plain(osc, io);
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
