/* What a voice is made of before its filter.
 *
 *     pitch ──┬── coarse, fine ──▶ oscillator 1 ──┬──────▶ level ──┐
 *             │                                   × ring ─▶ level ──┤
 *             ├── coarse, fine ──▶ oscillator 2 ──┴──────▶ level ──┼──▶ out
 *             └── an octave below ▶ square ──────────────▶ level ──┤
 *                                  white noise ──────────▶ level ──┘
 *
 * A pitch that stands still goes by the steady waves of graph/dsp/wave.h, a moving one by the moving ones. Both agree within
 * -100 dB, not to the bit, so that which it is may not depend on the period:
 *
 *     value    ────╱╲╱╲──────────────────────
 *     cells    |       |       |       |          of the engine's time
 *     wave     steady──┤moving─┴───────┤steady    back where a cell begins with the value of the frame before
 */
#include "synth/analog.h"

#include "graph/dsp/phase.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/stillness.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

_Static_assert(ANALOG_CELL == STILLNESS_CELL, "both are cells of the engine's time");

#define CYCLES_MOST  0.45f /* per frame */
#define CYCLES_LEAST 1e-6f
#define WIDTH_LEAST  0.02f

/* The course of one oscillator. */
struct course {
    const float *cycles; /* per frame */
    const float *width;  /* of a pulse */
    uint64_t frame;      /* engine time of the first one */
};

static float bounded(float x, float least, float most)
{
    return x < least ? least : x > most ? most : x;
}

/* `moving` in place of the pitch, or null: the sum is the same to the bit. */
DAWD_CLONES static void octaves_mix(float *restrict octaves, const float *restrict detune, float apart, float pitch,
                                    const float *restrict moving, const float *restrict vibrato, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        octaves[i] = (moving ? moving[i] : pitch) + apart * detune[i];
    for (unsigned i = 0; vibrato && i < n; i++)
        octaves[i] += vibrato[i];
}

/* Octaves from A4 that all oscillators share; whether they stand still. */
static bool octaves_fill(float *octaves, const struct voice *played, const struct analog_run *run, const float *vibrato)
{
    const float *detune = run->block->frames[ANALOG_DETUNE] + run->at;
    float apart = played->slot->count > 1 ? played->slot->place * (1 / 1200.0f) : 0, moving[BLOCK_MAX];
    bool rests = voice_pitch_rests(played);
    for (unsigned i = 0; !rests && i < run->n; i++)
        moving[i] = (float)voice_pitch(played, i);
    octaves_mix(octaves, detune, apart, (float)voice_pitch(played, 0), rests ? NULL : moving, vibrato, run->n);
    return rests && !vibrato && (apart == 0 || param_is_constant(&run->block->io->param[ANALOG_DETUNE]));
}

DAWD_CLONES static void cycles_fill(float *cycles, const float *octaves, const float *fine, float coarse, float scale,
                                    unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        cycles[i] = bounded(scale * fast_exp2(octaves[i] + coarse + fine[i] * (1 / 1200.0f)), CYCLES_LEAST, CYCLES_MOST);
}

DAWD_CLONES static void sway_add(float *restrict width, const float *restrict values, const float *restrict sway,
                                 const float *restrict lfo, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        width[i] = bounded(values[i] + 0.5f * sway[i] * lfo[i], WIDTH_LEAST, 1 - WIDTH_LEAST);
}

/* The width of the pulse, swayed by the lfo; whether it stands still. */
static bool width_fill(float *width, const struct analog_run *run, unsigned row, const float *lfo)
{
    const float *values = run->block->frames[row] + run->at;
    bool sways = lfo && !analog_is_off(run, ANALOG_LFO_WIDTH);
    if (sways)
        sway_add(width, values, run->block->frames[ANALOG_LFO_WIDTH] + run->at, lfo, run->n);
    else
        memcpy(width, values, run->n * sizeof *width);
    return !sways && param_is_constant(&run->block->io->param[row]);
}

static uint32_t width_of(float width)
{
    return (uint32_t)(width * 0x1p32f);
}

static void steady_run(struct analog_source *source, const struct course *course, float *out, unsigned n)
{
    struct wave_steady wave = {.phase = source->phase,
                               .step = phase_step(course->cycles[0]),
                               .gain = 1,
                               .past = (unsigned)(course->frame % WAVE_ROW)};
    if (source->wave == ANALOG_PULSE)
        source->width = wave.width = width_of(course->width[0]);
    source->phase += n * wave.step;
    if (!out)
        return;
    if (source->wave == ANALOG_SAW)
        wave_saw_rt(out, &wave, n);
    else if (source->wave == ANALOG_PULSE)
        wave_pulse_rt(out, &wave, n);
    else if (source->wave == ANALOG_TRIANGLE)
        wave_triangle_rt(out, &wave, n);
    else
        wave_sine_rt(out, &wave, &source->first, n);
}

/* Where the pulse falls, as the phase of a saw that jumps there, and how fast it goes. */
static void fall_fill(struct analog_source *source, const struct course *course, const uint32_t *phase, uint32_t *fall,
                      float *speed, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint32_t width = width_of(course->width[i]);
        fall[i] = phase[i] + PHASE_HALF - width;
        speed[i] = fabsf(course->cycles[i] - (float)(int32_t)(width - source->width) * 0x1p-32f);
        source->width = width;
    }
}

DAWD_CLONES static void steps_fill(uint64_t *restrict steps, const float *restrict cycles, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        steps[i] = phase_step(cycles[i]);
}

static void phases_fill(struct analog_source *source, const float *cycles, uint32_t *phase, unsigned n)
{
    uint64_t steps[BLOCK_MAX], at = source->phase;
    steps_fill(steps, cycles, n);
    for (unsigned i = 0; i < n; i++) {
        phase[i] = (uint32_t)(at >> 32);
        at += steps[i];
    }
    source->phase = at;
}

static void pulse_run(struct analog_source *source, const struct course *course, uint32_t *phase, float *out, unsigned n)
{
    uint32_t fall[BLOCK_MAX];
    float fall_speed[BLOCK_MAX];
    fall_fill(source, course, phase, fall, fall_speed, n);
    if (!out || !n)
        return;
    wave_moving_saw_rt(out, 1, fall, fall_speed, n);
    for (unsigned i = 0; i < n; i++)
        phase[i] += PHASE_HALF;
    wave_moving_saw_rt(out, -1, phase, course->cycles, n);
}

static void moving_run(struct analog_source *source, const struct course *course, float *out, unsigned n)
{
    uint32_t phase[BLOCK_MAX];
    phases_fill(source, course->cycles, phase, n);
    if (out)
        memset(out, 0, n * sizeof *out);
    if (source->wave == ANALOG_PULSE)
        pulse_run(source, course, phase, out, n);
    else if (!out)
        return;
    else if (source->wave == ANALOG_SINE)
        sine_run(out, phase, n);
    else if (source->wave == ANALOG_TRIANGLE)
        wave_moving_triangle_rt(out, 1, phase, course->cycles, n);
    else
        wave_moving_saw_rt(out, 1, phase, course->cycles, n);
}

/* The square below the first oscillator keeps its width. */
static bool source_width_fill(float *width, const struct analog_source *source, unsigned s, const struct analog_run *run,
                              const float *lfo)
{
    if (source->wave != ANALOG_PULSE)
        return true;
    if (s < 2)
        return width_fill(width, run, s ? ANALOG_WIDTH2 : ANALOG_WIDTH1, lfo);
    for (unsigned i = 0; i < run->n; i++)
        width[i] = 0.5f;
    return true;
}

/* Whether frame i has the pitch and the width of the one before it. */
static bool is_same(const struct analog_source *source, const struct course *course, unsigned i)
{
    bool is_pulse = source->wave == ANALOG_PULSE;
    float cycles = i ? course->cycles[i - 1] : source->cycles;
    uint32_t width = is_pulse && i ? width_of(course->width[i - 1]) : source->width;
    return course->cycles[i] == cycles && (!is_pulse || width_of(course->width[i]) == width);
}

/* Whether it stands still from the first frame on, and for how many of n that is to be said. */
static unsigned part(struct analog_source *source, const struct course *course, unsigned n)
{
    bool is_new = source->cycles == 0;
    unsigned n_same = is_new || is_same(source, course, 0);
    while (n_same && n_same < n && is_same(source, course, n_same))
        n_same++;
    source->is_steady |= is_new;
    return stillness_run(&source->is_steady, course->frame, n_same, n);
}

static void parts_run(struct analog_source *source, const struct course *course, float *out, unsigned n)
{
    for (unsigned i = 0, run; i < n; i += run) {
        struct course rest = {course->cycles + i, course->width + i, course->frame + i};
        run = part(source, &rest, n - i);
        (source->is_steady ? steady_run : moving_run)(source, &rest, out ? out + i : NULL, run);
        source->cycles = rest.cycles[run - 1];
    }
}

/* Goes on whether it is heard or not. What is known to rest, and does so for a while, is looked at once. */
static void source_run(struct analog_source *source, unsigned s, const struct analog_run *run, const float *octaves,
                       bool rests, const float *lfo, float *out)
{
    static const unsigned fines[] = {ANALOG_FINE1, ANALOG_FINE2, ANALOG_FINE1};
    const float *fine = run->block->frames[fines[s]] + run->at, scale = (float)(440 / run->block->rate_hz);
    float cycles[BLOCK_MAX], width[BLOCK_MAX];
    const struct course course = {cycles, width, run->block->io->frame + run->at};
    width[0] = 0;
    rests &= source_width_fill(width, source, s, run, lfo);
    rests &= param_is_constant(&run->block->io->param[fines[s]]);
    cycles_fill(cycles, octaves, fine, source->coarse, scale, rests ? 1 : run->n);
    if (rests && (source->cycles == 0 || (source->is_steady && is_same(source, &course, 0)))) {
        source->is_steady = true;
        source->cycles = cycles[0];
        steady_run(source, &course, out, run->n);
        return;
    }
    for (unsigned i = 1; rests && i < run->n; i++)
        cycles[i] = cycles[0];
    parts_run(source, &course, out, run->n);
}

DAWD_CLONES static void mix(float *restrict out, const float *restrict x, const float *restrict level, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] += level[i] * x[i];
}

static void ring_mix(float *out, const float *x, const float *y, const float *level, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] += level[i] * x[i] * y[i];
}

static void noise_mix(struct analog_voice *voice, const struct analog_run *run, float *out)
{
    float noise[BLOCK_MAX];
    if (analog_is_off(run, ANALOG_NOISE))
        return;
    white_fill(noise, &voice->white, voice->age, 1, run->n);
    mix(out, noise, run->block->frames[ANALOG_NOISE] + run->at, run->n);
}

void analog_sources_run_rt(struct analog_voice *voice, const struct voice *played, const struct analog_run *run,
                           const float *vibrato, const float *lfo, float *out)
{
    static const unsigned levels[] = {ANALOG_LEVEL1, ANALOG_LEVEL2, ANALOG_SUB};
    const struct analog_block *block = run->block;
    float octaves[BLOCK_MAX], wave[ANALOG_SOURCES][BLOCK_MAX];
    bool rests = octaves_fill(octaves, played, run, vibrato), rings = !analog_is_off(run, ANALOG_RING);
    memset(out, 0, run->n * sizeof *out);
    for (unsigned s = 0; s < ANALOG_SOURCES; s++) {
        bool is_heard = !analog_is_off(run, levels[s]) || (rings && s < 2);
        source_run(&voice->source[s], s, run, octaves, rests, lfo, is_heard ? wave[s] : NULL);
        if (!analog_is_off(run, levels[s]))
            mix(out, wave[s], block->frames[levels[s]] + run->at, run->n);
    }
    if (rings)
        ring_mix(out, wave[0], wave[1], block->frames[ANALOG_RING] + run->at, run->n);
    noise_mix(voice, run, out);
}

/* ---- what was before ------------------------------------------------------------------------------------------------- */

/* A way that stands where another one is now. */
static struct voice_way still_way(const struct voice_way *way)
{
    return (struct voice_way){.to = voice_way_at(way, 0)};
}

static void still_fill(float *frames, float value)
{
    for (unsigned i = 0; i < SATURATOR_LATE; i++)
        frames[i] = value;
}

/* All rows that sources look at stand still: a run of its own, that ends where the other one begins. */
void analog_sources_past_rt(struct analog_voice *voice, const struct voice *played, const struct analog_run *run,
                            const float *vibrato, const float *lfo, float *out)
{
    static const unsigned rows[] = {ANALOG_DETUNE, ANALOG_FINE1,  ANALOG_WIDTH1,   ANALOG_LEVEL1,
                                    ANALOG_FINE2,  ANALOG_WIDTH2, ANALOG_LEVEL2,   ANALOG_RING,
                                    ANALOG_SUB,    ANALOG_NOISE,  ANALOG_LFO_WIDTH};
    float room[ROWS(rows) + 2][SATURATOR_LATE], *sway = room[ROWS(rows)], *by = room[ROWS(rows) + 1];
    struct param param[ANALOG_ROWS];
    struct node_io io = {.param = param, .frame = run->block->io->frame + run->at - SATURATOR_LATE, .n = SATURATOR_LATE};
    struct analog_block block = {.io = &io, .rate_hz = run->block->rate_hz};
    struct voice still = {.slot = played->slot, .note = still_way(&played->note), .bend = still_way(&played->bend)};
    for (unsigned r = 0; r < ROWS(rows); r++) {
        param[rows[r]] = (struct param){.value = run->block->frames[rows[r]][run->at]};
        still_fill(room[r], param[rows[r]].value);
        block.frames[rows[r]] = room[r];
    }
    still_fill(sway, vibrato ? vibrato[0] : 0);
    still_fill(by, lfo ? lfo[0] : 0);
    voice->age -= SATURATOR_LATE;
    analog_sources_run_rt(voice, &still, &(struct analog_run){&block, 0, SATURATOR_LATE}, vibrato ? sway : NULL,
                          lfo ? by : NULL, out);
    voice->age += SATURATOR_LATE;
}
