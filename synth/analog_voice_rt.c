/* A voice of the analog synthesiser, all but its filter itself.
 *
 *     lfo ──┬──────────▶ sources ──▶ drive ──▶ lane->x
 *           ├──▶ envelope 2, keys, touch ──▶ lane->cutoff_hz
 *           └──▶ envelope 1, touch, fade ──▶ lane->gain
 *
 * The drive is that of graph/dsp/saturator.h, which is later by some frames. For a note that begins with it, its sources have been
 * as long under way when it begins: it begins in its frame, and is in phase with one that is not driven. Where the drive comes in while a
 * note sounds, or goes, one sound goes over into the other.
 */
#include "synth/analog.h"

#include "graph/dsp/decibel.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/run.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define EDGE_HZ      500.0f   /* a square lfo takes 1 ms from one side to the other */
#define MIDDLE_C     (-0.75f) /* octaves from A4, from which the filter follows the keys */
#define OCTAVES_MOST 14.0f
#define GAIN_LEAST   1e-4f
#define CUTOFF_LEAST 5.0f
#define DRIVE_TURN   64 /* frames in which it comes in */

/* ---- notes ----------------------------------------------------------------------------------------------------------- */

/* Where a note is between left and right: the slots that play it together from side to side; notes that are alone by the golden
 * section, so that those of any chord lie apart. */
static float place_of(const struct slot *slot)
{
    double place = (double)(slot->order & 0xffff) * 0.6180339887498949;
    return slot->count > 1 ? slot->place : (float)(2 * (place - floor(place)) - 1);
}

/* Where chance has it: notes of a chord, and those in unison, would else all rise as one. What plays one note alone begins
 * each at phase 0, alike. */
static uint64_t phase_of(const struct white *white, const struct analog_run *run, const struct slot *slot, uint32_t which)
{
    bool is_chance = slot->count > 1 || param_at(&run->block->io->param[ANALOG_MODE], run->at) == SLOTS_POLY;
    return is_chance ? (uint64_t)(uint32_t)(int32_t)(white_at(white, which) * 0x1.fffffep30f) << 32 | PHASE_ZERO
                     : PHASE_ZERO;
}

static float value(const struct analog_run *run, unsigned row)
{
    return param_at(&run->block->io->param[row], run->at);
}

/* Choices are taken where a note begins: what sounds keeps its own. */
static void choices_take(struct analog_voice *voice, const struct analog_run *run)
{
    voice->source[0].wave = (unsigned)value(run, ANALOG_WAVE1);
    voice->source[1].wave = (unsigned)value(run, ANALOG_WAVE2);
    voice->source[2].wave = ANALOG_PULSE;
    voice->source[0].coarse = value(run, ANALOG_COARSE1) / 12;
    voice->source[1].coarse = value(run, ANALOG_COARSE2) / 12;
    voice->source[2].coarse = voice->source[0].coarse - 1;
    voice->mode = (unsigned)value(run, ANALOG_FILTER);
    voice->slope = (unsigned)value(run, ANALOG_SLOPE);
}

/* Where a voice goes on, what its envelope stands at makes up for the gain that is another one now: no click. */
static void touch_take(struct analog_voice *voice, const struct slot *slot, float touch)
{
    float gain = (1 - touch + touch * slot->velocity * slot->velocity) / sqrtf(slot->count);
    gain = gain > GAIN_LEAST ? gain : GAIN_LEAST;
    if (slot->resumes)
        voice->amp.last *= voice->gain / gain;
    voice->gain = gain;
    voice->velocity = slot->velocity;
}

void analog_voice_start_rt(struct analog_voice *voice, const struct slot *slot, const struct analog_run *run)
{
    if (!slot->resumes) {
        *voice = (struct analog_voice){
            .white = white_of_voice(slot->order * SLOTS_UNISON_MOST + slot->index, run->block->voice), .lfo = PHASE_ZERO};
        for (unsigned s = 0; s < ANALOG_SOURCES; s++) {
            voice->source[s].phase = phase_of(&voice->white, run, slot, UINT32_MAX - s);
            voice->source[s].width = (uint32_t)(value(run, s == 1 ? ANALOG_WIDTH2 : ANALOG_WIDTH1) * 0x1p32f);
        }
        voice->lfo += (uint64_t)slot->index * (UINT64_MAX / slot->count);
        voice->place = place_of(slot);
        choices_take(voice, run);
        voice->delay_frames = (uint32_t)(value(run, ANALOG_DELAY) * (float)run->block->rate_hz);
    }
    touch_take(voice, slot, value(run, ANALOG_TOUCH));
    envelope_open(&voice->amp, &run->block->amp_by, run->at);
    envelope_open(&voice->filter, &run->block->filter_by, run->at);
}

void analog_voice_stop_rt(struct analog_voice *voice, const struct analog_run *run)
{
    envelope_close(&voice->amp, &run->block->amp_by, run->at);
    envelope_close(&voice->filter, &run->block->filter_by, run->at);
}

/* ---- lfo ------------------------------------------------------------------------------------------------------------- */

/* Of a phase, and how steep a square is. */
DAWD_CLONES static void lfo_shape(float *out, unsigned shape, const uint32_t *phase, const float *rate_hz, unsigned n)
{
    if (shape == ANALOG_LFO_SINE) {
        sine_run(out, phase, n);
        return;
    }
    for (unsigned i = 0; i < n; i++)
        out[i] = 1 - 2 * fabsf((float)(int32_t)(phase[i] - PHASE_HALF / 2) * 0x1p-31f);
    for (unsigned i = 0; shape == ANALOG_LFO_SQUARE && i < n; i++) {
        float steep = EDGE_HZ / rate_hz[i] > 1 ? EDGE_HZ / rate_hz[i] : 1, y = steep * out[i];
        out[i] = y < -1 ? -1 : y > 1 ? 1 : y;
    }
}

static void lfo_phases(struct analog_voice *voice, const struct analog_run *run, uint32_t *phase)
{
    const float *rate = run->block->frames[ANALOG_RATE] + run->at;
    double frame_s = 1 / run->block->rate_hz;
    if (param_is_constant(&run->block->io->param[ANALOG_RATE])) {
        phase_fill(phase, &voice->lfo, phase_step(rate[0] * frame_s), run->n);
        return;
    }
    for (unsigned i = 0; i < run->n; i++) {
        phase[i] = (uint32_t)(voice->lfo >> 32);
        voice->lfo += phase_step(rate[i] * frame_s);
    }
}

/* Goes on whether it is heard or not; `out` is null then. */
static void lfo_run(struct analog_voice *voice, const struct analog_run *run, float *out)
{
    const struct param *shape = &run->block->io->param[ANALOG_LFO];
    const float *rate = run->block->frames[ANALOG_RATE] + run->at;
    uint32_t phase[BLOCK_MAX];
    lfo_phases(voice, run, phase);
    for (unsigned i = 0, n; out && i < run->n; i += n) {
        n = run_length(shape, run->at + i, run->at + run->n);
        lfo_shape(out + i, (unsigned)param_at(shape, run->at + i), phase + i, rate + i, n);
    }
    for (unsigned i = 0; out && i < run->n && voice->age + i < voice->delay_frames; i++)
        out[i] *= (float)(voice->age + i) / (float)voice->delay_frames;
}

DAWD_CLONES static void sway(float *restrict octaves, const float *restrict lfo, const float *restrict semitones,
                             unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        octaves[i] = lfo[i] * semitones[i] * (1 / 12.0f);
}

/* Octaves by which the lfo and the wheel sway the pitch; false: by none. */
static bool vibrato_fill(float *out, const struct voice *played, const struct analog_run *run, const float *lfo)
{
    const float *depth = run->block->frames[ANALOG_LFO_PITCH] + run->at;
    const float *wheel = run->block->frames[ANALOG_WHEEL] + run->at;
    bool wheels = played->modulation.to != 0 || !voice_way_rests(&played->modulation);
    if (analog_is_off(run, ANALOG_LFO_PITCH) && !(wheels && !analog_is_off(run, ANALOG_WHEEL)))
        return false;
    sway(out, lfo, depth, run->n);
    for (unsigned i = 0; wheels && i < run->n; i++)
        out[i] += lfo[i] * wheel[i] * (float)voice_way_at(&played->modulation, i) * (1 / 12.0f);
    return true;
}

static bool lfo_is_heard(const struct voice *played, const struct analog_run *run)
{
    bool wheels = played->modulation.to != 0 || !voice_way_rests(&played->modulation);
    return !analog_is_off(run, ANALOG_LFO_PITCH) || !analog_is_off(run, ANALOG_LFO_WIDTH) ||
           !analog_is_off(run, ANALOG_LFO_CUTOFF) || !analog_is_off(run, ANALOG_LFO_LEVEL) ||
           (wheels && !analog_is_off(run, ANALOG_WHEEL));
}

/* ---- cutoff and gain ------------------------------------------------------------------------------------------------- */

DAWD_CLONES static void octaves_to_hz(float *hz, const float *octaves, const float *base, float most, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        float x = octaves[i] < -OCTAVES_MOST ? -OCTAVES_MOST : octaves[i] > OCTAVES_MOST ? OCTAVES_MOST : octaves[i];
        float y = base[i] * fast_exp2(x);
        hz[i] = y < CUTOFF_LEAST ? CUTOFF_LEAST : y > most ? most : y;
    }
}

DAWD_CLONES static void add(float *restrict to, const float *restrict by, const float *restrict depth, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        to[i] += by[i] * depth[i];
}

static void pitch_fill(float *octaves, const struct voice *played, unsigned n)
{
    bool rests = voice_pitch_rests(played);
    float pitch = (float)voice_pitch(played, 0);
    for (unsigned i = 0; i < n; i++)
        octaves[i] = pitch;
    for (unsigned i = 0; !rests && i < n; i++)
        octaves[i] = (float)voice_pitch(played, i);
}

/* From the pitch, in place: how far keys and touch open the filter. */
DAWD_CLONES static void keys_fill(float *restrict octaves, const float *restrict key, const float *restrict bright,
                                  float touch, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        octaves[i] = key[i] * (octaves[i] - MIDDLE_C) + bright[i] * touch;
}

static void way_add(float *to, const struct voice_way *way, const float *depth, unsigned n)
{
    if (way->to == 0 && voice_way_rests(way))
        return;
    for (unsigned i = 0; i < n; i++)
        to[i] += (float)voice_way_at(way, i) * depth[i];
}

static void cutoff_fill(struct analog_voice *voice, const struct voice *played, const struct analog_run *run,
                        const float *lfo, float *hz)
{
    float octaves[BLOCK_MAX], envelope[BLOCK_MAX];
    const float *const *frames = run->block->frames;
    unsigned at = run->at, n = run->n;
    pitch_fill(octaves, played, n);
    keys_fill(octaves, frames[ANALOG_KEY] + at, frames[ANALOG_BRIGHT] + at, voice->velocity - 1, n);
    envelope_run(&voice->filter, &run->block->filter_by, envelope, at, n);
    add(octaves, envelope, frames[ANALOG_ENV] + at, n);
    if (lfo && !analog_is_off(run, ANALOG_LFO_CUTOFF))
        add(octaves, lfo, frames[ANALOG_LFO_CUTOFF] + at, n);
    way_add(octaves, &played->pressure, frames[ANALOG_PRESS] + at, n);
    way_add(octaves, &played->timbre, frames[ANALOG_TIMBRE] + at, n);
    octaves_to_hz(hz, octaves, frames[ANALOG_CUTOFF] + at, (float)(0.48 * run->block->rate_hz), n);
}

DAWD_CLONES static void scale(float *restrict to, const float *restrict by, float gain, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        to[i] *= gain * by[i];
}

static void gain_fill(struct analog_voice *voice, const struct voice *played, const struct analog_run *run,
                      const float *lfo, float *gain)
{
    const float *level = run->block->frames[ANALOG_LEVEL] + run->at;
    const float *sway = run->block->frames[ANALOG_LFO_LEVEL] + run->at;
    const struct voice_way *volume = &played->volume;
    envelope_run(&voice->amp, &run->block->amp_by, gain, run->at, run->n);
    scale(gain, level, voice->gain, run->n);
    for (unsigned i = 0; lfo && !analog_is_off(run, ANALOG_LFO_LEVEL) && i < run->n; i++)
        gain[i] *= 1 - sway[i] * (0.5f - 0.5f * lfo[i]);
    for (unsigned i = 0; !(volume->to == 1 && voice_way_rests(volume)) && i < run->n; i++)
        gain[i] *= (float)voice_way_at(volume, i);
    for (unsigned i = 0; played->slot->fade && i < run->n; i++)
        gain[i] *= slots_gain(&run->block->voicing->slots, played->slot, i);
}

/* ---- drive ----------------------------------------------------------------------------------------------------------- */

/* Shares of the driven sound, up to the frame where there is none of it any more. */
static unsigned shares_fill(struct analog_voice *voice, float *share, const float *db, unsigned n)
{
    unsigned i = 0;
    do {
        bool rises = db[i] != 0 && voice->driven < DRIVE_TURN, falls = db[i] == 0;
        voice->driven += rises - falls;
        share[i++] = (float)voice->driven * (1.0f / DRIVE_TURN);
    } while (i < n && voice->driven);
    return i;
}

DAWD_CLONES static void cross(float *restrict x, const float *restrict wet, const float *restrict share, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        x[i] = (1 - share[i]) * x[i] + share[i] * wet[i];
}

/* Nothing comes in or goes. */
DAWD_CLONES static bool is_whole(const struct analog_voice *voice, const float *db, unsigned n)
{
    unsigned n_off = 0;
    for (unsigned i = 0; i < n; i++)
        n_off += db[i] == 0;
    return voice->driven == DRIVE_TURN && !n_off;
}

/* From a frame that is driven, as far as the drive goes; the frames done. */
static unsigned drive_part(struct analog_voice *voice, float *x, const float *db, unsigned n)
{
    float wet[BLOCK_MAX], share[BLOCK_MAX];
    if (!voice->driven)
        saturator_hold_rt(&voice->saturator, x[0], db[0]);
    if (is_whole(voice, db, n)) {
        saturator_run_rt(&voice->saturator, x, db, n);
        return n;
    }
    n = shares_fill(voice, share, db, n);
    memcpy(wet, x, n * sizeof *wet);
    saturator_run_rt(&voice->saturator, wet, db, n);
    cross(x, wet, share, n);
    return n;
}

/* A note that is driven from its first frame on. */
static void driven_begin(struct analog_voice *voice, const struct voice *played, const struct analog_run *run,
                         const float *vibrato, const float *lfo)
{
    float x[SATURATOR_LATE], db[SATURATOR_LATE];
    for (unsigned i = 0; i < SATURATOR_LATE; i++)
        db[i] = run->block->frames[ANALOG_DRIVE][run->at];
    analog_sources_past_rt(voice, played, run, vibrato, lfo, x);
    saturator_hold_rt(&voice->saturator, x[0], db[0]);
    saturator_run_rt(&voice->saturator, x, db, SATURATOR_LATE);
    voice->driven = DRIVE_TURN;
}

/* What counts is each frame's drive, not whether a block has any: where it is 0 for long, nothing is done but to look. */
static void drive(struct analog_voice *voice, float *x, const float *db, unsigned n)
{
    for (unsigned i = 0, run; i < n; i += run)
        run = voice->driven || db[i] != 0 ? drive_part(voice, x + i, db + i, n - i) : 1;
}

void analog_voice_run_rt(struct analog_voice *voice, const struct voice *played, const struct analog_run *run,
                         struct analog_lane *lane)
{
    float lfo[BLOCK_MAX], vibrato[BLOCK_MAX];
    bool heard = lfo_is_heard(played, run);
    lfo_run(voice, run, heard ? lfo : NULL);
    bool sways = heard && vibrato_fill(vibrato, played, run, lfo);
    if (voice->age == 0 && run->block->frames[ANALOG_DRIVE][run->at] != 0)
        driven_begin(voice, played, run, sways ? vibrato : NULL, heard ? lfo : NULL);
    analog_sources_run_rt(voice, played, run, sways ? vibrato : NULL, heard ? lfo : NULL, lane->x);
    if (voice->driven || !analog_is_off(run, ANALOG_DRIVE))
        drive(voice, lane->x, run->block->frames[ANALOG_DRIVE] + run->at, run->n);
    cutoff_fill(voice, played, run, heard ? lfo : NULL, lane->cutoff_hz);
    gain_fill(voice, played, run, heard ? lfo : NULL, lane->gain);
    voice->age += run->n;
}
