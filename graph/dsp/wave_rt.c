#include "graph/dsp/wave.h"

#include <string.h>

#include "graph/dsp/blep.h"
#include "graph/dsp/partials.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define SPEED_NEAR (1.0f / (2 * BLEP_SIDE)) /* up to here a frame has one edge within reach, up to PARTIALS_FROM two */
#define PAD        BLEP_SIDE                /* room for the residuals of edges outside of the block */

/* A block with room around it for what its edges add there, which nobody hears; x[PAD] is frame 0. */
struct padded {
    float x[PAD + BLOCK_MAX + PAD];
};

/* -1..1 over the cycle, rising, with its jump where the phase is 0. */
static inline float ramp(uint32_t phase)
{
    return (float)(int32_t)(phase ^ PHASE_HALF) * 0x1p-31f;
}

/* ---- residuals of edges whose times are known ------------------------------------------------------------------------ */

/* An edge at frame `at`, which comes `after` frames after it, 0..1. */
static inline void edge_add(struct padded *wave, int at, float after, float height, bool corner, unsigned n)
{
    float row[BLEP_SIDE], *x = wave->x + PAD + at;
    if (at < (int)n) {
        blep_row(row, after, height, corner);
        for (int j = 0; j < BLEP_SIDE; j++)
            x[j] += row[j];
    }
    if (at > 0) {
        blep_row(row, 1 - after, corner ? height : -height, corner);
        for (int j = 0; j < BLEP_SIDE; j++)
            x[-1 - j] += row[j];
    }
}

/* An edge at every wrap of the phase from BLEP_SIDE frames before the block until as many after it. Counted in integers:
 * were an edge on a frame taken to be behind it, that frame would be off by the whole jump. */
static inline void edges_add(struct padded *wave, uint64_t phase, uint64_t step, float height, bool corner, unsigned n)
{
    uint64_t per_cycle = UINT64_MAX / step, since = phase / step;
    uint64_t past = phase - since * step; /* the phase at the frame after the edge */
    float per_step = 1 / (float)step;
    for (int64_t at = -(int64_t)since; at < (int64_t)n + BLEP_SIDE; at += (int64_t)per_cycle) {
        if (at > -BLEP_SIDE)
            edge_add(wave, (int)at, (float)past * per_step, height, corner, n);
        uint64_t next = past + per_cycle * step;
        bool wrapped = next < past;
        past = wrapped ? next : next + step;
        at += !wrapped;
    }
}

/* Of a cycle in 2^-64. */
static const uint64_t half = UINT64_C(1) << 63, quarter = UINT64_C(1) << 62;

#define ROW WAVE_ROW

/* Sines of ROW phases in steps, and their cosines. */
static inline void sine_row(float *sine, float *cosine, uint64_t phase, uint64_t step, float gain)
{
    for (int i = 0; i < ROW; i++, phase += step) {
        sine[i] = gain * sine_at((uint32_t)(phase >> 32));
        cosine[i] = gain * sine_at((uint32_t)(phase >> 32) + PHASE_HALF / 2);
    }
}

/* sin(a + b) = sin a cos b + cos a sin b, where a is the exact phase at the start of a row and b goes along it: half the
 * time of a polynomial for every frame, and nothing is carried from row to row. Frames `from` to before `to` of a row. */
static inline void row_run(float *restrict out, const struct wave_row *restrict first, float sine, float cosine,
                           unsigned from, unsigned to)
{
    DAWD_FRAMES_APART
    for (unsigned k = from; k < to; k++)
        out[k - from] = sine * first->cosine[k] + cosine * first->sine[k];
}

/* So many frames of the first row are over. */
DAWD_CLONES static void sine_rows(float *out, const struct wave_row *first, uint64_t phase, unsigned past, unsigned n)
{
    float sine[ROW], cosine[ROW];
    unsigned i = past && n > ROW - past ? ROW - past : past ? n : 0, row = past > 0;
    sine_row(sine, cosine, phase - past * first->step, ROW * first->step, 1);
    row_run(out, first, sine[0], cosine[0], past, past + i);
    for (; i + ROW <= n; row++, i += ROW)
        row_run(out + i, first, sine[row], cosine[row], 0, ROW);
    if (i < n)
        row_run(out + i, first, sine[row], cosine[row], 0, n - i);
}

/* As many rows at once as one row has the starts of. */
static void sine_steady(float *out, const struct wave_steady *wave, struct wave_row *first, unsigned n)
{
    unsigned most = BLOCK_MAX - wave->past, n_first = n < most ? n : most;
    if (first->step != wave->step || first->gain != wave->gain) {
        sine_row(first->sine, first->cosine, 0, wave->step, wave->gain);
        first->step = wave->step;
        first->gain = wave->gain;
    }
    sine_rows(out, first, wave->phase, wave->past, n_first);
    if (n_first < n)
        sine_rows(out + n_first, first, wave->phase + n_first * wave->step, 0, n - n_first);
}

_Static_assert(BLOCK_MAX == ROW * ROW, "one row has the starts of all");

/* ---- naive waves with the residuals of their edges ----------------------------------------------------------------- */

static inline void padded_begin(struct padded *wave, unsigned n)
{
    memset(wave->x, 0, PAD * sizeof *wave->x);
    memset(wave->x + PAD + n, 0, PAD * sizeof *wave->x);
}

static inline void padded_end(const struct padded *wave, float *out, float gain, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = gain * wave->x[PAD + i];
}

DAWD_CLONES static void pulse_low(float *out, const struct wave_steady *wave, uint64_t width, unsigned n)
{
    struct padded naive;
    uint64_t phase = wave->phase, step = wave->step;
    uint32_t high_until = wave->width;
    float low = -2 * (float)high_until * 0x1p-32f;
    padded_begin(&naive, n);
    for (unsigned i = 0; i < n; i++, phase += step)
        naive.x[PAD + i] = (uint32_t)(phase >> 32) < high_until ? low + 2 : low;
    edges_add(&naive, wave->phase, step, 2, false, n);
    edges_add(&naive, wave->phase - width, step, -2, false, n);
    padded_end(&naive, out, wave->gain, n);
}

DAWD_CLONES static void saw_low(float *out, const struct wave_steady *wave, unsigned n)
{
    struct padded naive;
    uint64_t phase = wave->phase + half, step = wave->step;
    padded_begin(&naive, n);
    for (unsigned i = 0; i < n; i++, phase += step)
        naive.x[PAD + i] = ramp((uint32_t)(phase >> 32));
    edges_add(&naive, wave->phase + half, step, -2, false, n);
    padded_end(&naive, out, wave->gain, n);
}

/* From its phase a quarter of a cycle on: 1 - 2 |ramp|. */
DAWD_CLONES static void triangle_low(float *out, const struct wave_steady *wave, unsigned n)
{
    struct padded naive;
    uint64_t phase = wave->phase + quarter, step = wave->step;
    float bend = 8 * (float)step * 0x1p-64f; /* of the slope per frame, from 4 to -4 per cycle */
    padded_begin(&naive, n);
    for (unsigned i = 0; i < n; i++, phase += step)
        naive.x[PAD + i] = 1 - 2 * fabsf(ramp((uint32_t)(phase >> 32)));
    edges_add(&naive, wave->phase - quarter, step, -bend, true, n);
    edges_add(&naive, wave->phase + quarter, step, bend, true, n);
    padded_end(&naive, out, wave->gain, n);
}

/* ---- residuals of edges whose times are guessed frame by frame ----------------------------------------------------- */

/* The smaller of two that are 0 or more, chosen as the integers that their bits are: a comparison of floats, which knows of
 * NaN, is not done in vectors. */
static inline float smaller(float x, float y)
{
    union {
        float value;
        int32_t bits;
    } a = {x}, b = {y};
    a.bits = a.bits < b.bits ? a.bits : b.bits;
    return a.value;
}

/* Where in blep_step a time after an edge is found, t from 0 on. Beyond the side it stays at the end, where the residual
 * is 0. */
static inline int residual_place(float t, float *u)
{
    float x = smaller(t, BLEP_SIDE - 1e-4f) * BLEP_SEGMENTS;
    int segments = (int)x;
    *u = x - (float)segments;
    return (segments & (BLEP_SEGMENTS - 1)) * 4 * BLEP_SIDE + (segments >> 3);
}

static inline float step_residual(float t)
{
    const float *c = blep_step[0][0];
    float u;
    int at = residual_place(t, &u);
    return c[at] + u * (c[at + BLEP_SIDE] + u * (c[at + 2 * BLEP_SIDE] + u * c[at + 3 * BLEP_SIDE]));
}

static inline float corner_residual(float t)
{
    const float *c = blep_step[0][0], *start = blep_corner[0];
    float u;
    int at = residual_place(t, &u);
    float tail = c[at + 2 * BLEP_SIDE] * (1 / 3.0f) + u * (c[at + 3 * BLEP_SIDE] * 0.25f);
    return start[(at >> 2 & -BLEP_SIDE) + (at & (BLEP_SIDE - 1))] +
           u * (c[at] + u * (c[at + BLEP_SIDE] * 0.5f + u * tail)) * (1.0f / BLEP_SEGMENTS);
}

/* A speed of 0 has no period; one of 1e-12 never comes to an edge either. */
static inline float period_of(float speed)
{
    return 1 / (speed + 1e-12f);
}

/* Frames from a phase back to 0. The half of a unit that is lost is 2^-31 of a cycle. */
static inline float frames_since(uint32_t phase, float period)
{
    return (float)(int32_t)(phase >> 1) * 0x1p-31f * period;
}

/* Frames to the next time that a phase is 0. Not of the negative, but the complement: at phase 0 that is a cycle away. */
static inline float frames_until(uint32_t phase, float period)
{
    return frames_since(~phase, period);
}

/* Frames to the nearer of the two. */
static inline float frames_off(uint32_t phase, float period)
{
    return frames_since((int32_t)phase < 0 ? ~phase : phase, period);
}

/* Up to SPEED_NEAR, where only the nearest edge is felt. */
DAWD_CLONES static void saw_near(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        uint32_t p = phase[i] + PHASE_HALF;
        float residual = step_residual(frames_off(p, period_of(speed[i])));
        out[i] += weight * (ramp(p) + (float)(int32_t)(p >> 31) * 4 * residual - 2 * residual);
    }
}

/* Up to PARTIALS_FROM. */
DAWD_CLONES static void saw_edges(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        uint32_t p = phase[i] + PHASE_HALF;
        float period = period_of(speed[i]);
        float residual = step_residual(frames_until(p, period)) - step_residual(frames_since(p, period));
        out[i] += weight * (ramp(p) + 2 * residual);
    }
}

DAWD_CLONES static void triangle_near(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        uint32_t top = phase[i] - PHASE_HALF / 2;
        float period = period_of(speed[i]);
        float residual = corner_residual(frames_off(top + PHASE_HALF, period)) - corner_residual(frames_off(top, period));
        out[i] += weight * (2 * fabsf(ramp(top)) - 1 + 8 * speed[i] * residual);
    }
}

DAWD_CLONES static void triangle_edges(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        uint32_t top = phase[i] - PHASE_HALF / 2, bottom = top + PHASE_HALF;
        float period = period_of(speed[i]);
        float above = corner_residual(frames_since(top, period)) + corner_residual(frames_until(top, period));
        float below = corner_residual(frames_since(bottom, period)) + corner_residual(frames_until(bottom, period));
        out[i] += weight * (2 * fabsf(ramp(top)) - 1 + 8 * speed[i] * (below - above));
    }
}

/* ---- the waves ------------------------------------------------------------------------------------------------------- */

/* Whether its edges lie far enough apart; else it is a sum of partials. */
static bool is_low(const struct wave_steady *wave)
{
    return wave->step <= UINT64_MAX / BLEP_SIDE;
}

/* Adds partials to n frames of a wave that is `ahead` of the steady one. */
static void partials_add(float *out, const struct wave_steady *wave, uint64_t ahead, bool triangle, float weight,
                         unsigned n)
{
    uint32_t phases[BLOCK_MAX];
    float speeds[BLOCK_MAX], speed = (float)wave->step * 0x1p-64f;
    uint64_t phase = wave->phase + ahead;
    phase_fill(phases, &phase, wave->step, n);
    for (unsigned i = 0; i < n; i++)
        speeds[i] = speed;
    if (triangle)
        partials_triangle_rt(out, weight, phases, speeds, n);
    else
        partials_saw_rt(out, weight, phases, speeds, n);
}

void wave_sine_rt(float *out, const struct wave_steady *wave, struct wave_row *first, unsigned n)
{
    sine_steady(out, wave, first, n);
}

void wave_triangle_rt(float *out, const struct wave_steady *wave, unsigned n)
{
    if (is_low(wave)) {
        triangle_low(out, wave, n);
        return;
    }
    memset(out, 0, n * sizeof *out);
    partials_add(out, wave, 0, true, wave->gain, n);
}

void wave_saw_rt(float *out, const struct wave_steady *wave, unsigned n)
{
    if (is_low(wave)) {
        saw_low(out, wave, n);
        return;
    }
    memset(out, 0, n * sizeof *out);
    partials_add(out, wave, 0, false, wave->gain, n);
}

void wave_pulse_rt(float *out, const struct wave_steady *wave, unsigned n)
{
    uint64_t width = (uint64_t)wave->width << 32;
    if (is_low(wave)) {
        pulse_low(out, wave, width, n);
        return;
    }
    memset(out, 0, n * sizeof *out);
    partials_add(out, wave, half - width, false, wave->gain, n);
    partials_add(out, wave, half, false, -wave->gain, n);
}

/* The ways to make one frame of a moving wave. */
enum way { NEAR, EDGES, PARTIALS };

static enum way way_at(float speed)
{
    return speed <= SPEED_NEAR ? NEAR : speed <= PARTIALS_FROM ? EDGES : PARTIALS;
}

/* How many frames from the first on go its way. */
static unsigned way_run(const float *speed, unsigned n)
{
    enum way way = way_at(*speed);
    unsigned end = 1;
    while (end < n && way_at(speed[end]) == way)
        end++;
    return end;
}

void wave_moving_saw_rt(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n)
{
    for (unsigned i = 0, run; i < n; i += run) {
        enum way way = way_at(speed[i]);
        run = way_run(speed + i, n - i);
        if (way == NEAR)
            saw_near(out + i, weight, phase + i, speed + i, run);
        else if (way == EDGES)
            saw_edges(out + i, weight, phase + i, speed + i, run);
        else
            partials_saw_rt(out + i, weight, phase + i, speed + i, run);
    }
}

void wave_moving_triangle_rt(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n)
{
    for (unsigned i = 0, run; i < n; i += run) {
        enum way way = way_at(speed[i]);
        run = way_run(speed + i, n - i);
        if (way == NEAR)
            triangle_near(out + i, weight, phase + i, speed + i, run);
        else if (way == EDGES)
            triangle_edges(out + i, weight, phase + i, speed + i, run);
        else
            partials_triangle_rt(out + i, weight, phase + i, speed + i, run);
    }
}
