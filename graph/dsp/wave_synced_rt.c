#include "graph/dsp/wave_synced.h"

#include "graph/dsp/phase.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

/* Of a cycle in 2^-64. */
static const uint64_t half = UINT64_C(1) << 63, quarter = UINT64_C(1) << 62;

/* One of the shapes that the waves are made of, going along the spans. */
struct tracer {
    struct sync_samples *samples;
    /* Value and slope per cycle to either side of the edge at phase 0 are `edge` and `bend` higher behind it. */
    float (*value)(uint64_t phase);
    float (*slope)(uint64_t phase);
    float edge, bend;
    float weight;
};

static inline float cycles_of(int64_t phase)
{
    return (float)phase * 0x1p-64f;
}

/* -1..1 over the cycle, falling by 2 at 0. */
static float ramp_value(uint64_t phase)
{
    return (float)(int64_t)(phase ^ half) * 0x1p-63f;
}

static float ramp_slope(uint64_t phase)
{
    (void)phase;
    return 2;
}

/* 1 at 0, -1 at 1/2. Its lower corner is the edge of the one that stands on its head, half a cycle on. */
static float tent_value(uint64_t phase)
{
    return 2 * fabsf(ramp_value(phase)) - 1;
}

static float tent_slope(uint64_t phase)
{
    return phase < half ? -4 : 4;
}

/* A change of value and slope (per sample), `after` samples before sample m. */
static void line_jump(struct sync_samples *samples, unsigned m, float after, float value, float slope)
{
    float change[SYNC_JUMP];
    for (int k = 0; k < SYNC_JUMP; k++)
        change[k] = value + slope * (after + (float)(k - BLEP_SIDE));
    sync_jump_rt(samples, m, after, change);
}

/* Goes on by `way` from a phase, to a point `left` samples before sample m; if it comes past the edge, that is a jump. `way`
 * is less than a cycle, and takes `lasts` samples. */
static uint64_t edge_pass(const struct tracer *t, uint64_t from, int64_t way, float lasts, unsigned m, float left)
{
    uint64_t to = from + (uint64_t)way;
    bool forward = way > 0 && to < from, back = way < 0 && to > from;
    if (!forward && !back)
        return to;
    float past = forward ? (float)to / (float)way : (float)(0 - to) / -(float)way;
    float speed = cycles_of(way) / lasts, bend = t->bend * fabsf(speed), after = left + past * lasts;
    line_jump(t->samples, m, after < 1 ? after : 1, t->weight * (forward ? t->edge : -t->edge), t->weight * bend);
    return to;
}

/* The sample m in which the wave begins anew. Returns its phase there. */
static uint64_t reset_pass(const struct tracer *t, uint64_t from, int64_t step, float until, uint64_t begin, unsigned m)
{
    int64_t way = (int64_t)((double)step * until);
    uint64_t old = edge_pass(t, from, way, until, m, 1 - until);
    float speed = cycles_of(step), value = t->value(begin) - t->value(old), slope = t->slope(begin) - t->slope(old);
    line_jump(t->samples, m, 1 - until, t->weight * value, t->weight * slope * speed);
    return edge_pass(t, begin, step - way, 1 - until + 1e-9f, m, 0);
}

static void trace(const struct tracer *t, const struct sync_span *span, unsigned frame)
{
    uint64_t phase = span->from;
    for (unsigned k = 0; k < SYNC_TIMES; k++) {
        unsigned m = frame * SYNC_TIMES + k;
        float until = span->reset - (float)(int)k;
        if (until > 0 && until <= 1)
            phase = reset_pass(t, phase, span->step, until, span->begin, m);
        else
            phase = edge_pass(t, phase, span->step, 1, m, 0);
        t->samples->x[SYNC_LATE + m] += t->weight * t->value(phase);
    }
}

static struct sync_span shifted(const struct sync_span *span, uint64_t by)
{
    struct sync_span moved = *span;
    moved.from += by;
    moved.begin += by;
    return moved;
}

void wave_synced_saw_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight, unsigned from,
                        unsigned n)
{
    struct tracer t = {samples, ramp_value, ramp_slope, -2, 0, 0};
    for (unsigned i = from; i < from + n; i++) {
        struct sync_span ramp = shifted(&span[i], half);
        t.weight = weight[i];
        trace(&t, &ramp, i);
    }
}

/* Falls with one saw and rises against another. */
void wave_synced_pulse_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight,
                          const uint32_t *width, uint32_t width_before, unsigned from, unsigned n)
{
    struct tracer t = {samples, ramp_value, ramp_slope, -2, 0, 0};
    for (unsigned i = from; i < from + n; i++) {
        struct sync_span fall = shifted(&span[i], 0 - ((uint64_t)width_before << 32));
        int32_t wider = (int32_t)(width[i] - width_before);
        fall.step -= (int64_t)wider * (INT64_C(1) << 32) / SYNC_TIMES;
        fall.begin = span[i].begin - ((uint64_t)width[i] << 32);
        width_before = width[i];
        t.weight = weight[i];
        trace(&t, &fall, i);
        t.weight = -weight[i];
        trace(&t, &span[i], i);
    }
}

/* Half of a tent and half of one on its head, so that each corner is somebody's edge. */
void wave_synced_triangle_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight, unsigned from,
                             unsigned n)
{
    struct tracer t = {samples, tent_value, tent_slope, 0, 0, 0};
    for (unsigned i = from; i < from + n; i++) {
        struct sync_span top = shifted(&span[i], 0 - quarter), bottom = shifted(&span[i], quarter);
        t.bend = -8 * 2;
        t.weight = weight[i] / 2;
        trace(&t, &top, i);
        t.weight = -t.weight;
        trace(&t, &bottom, i);
    }
}

DAWD_CLONES static void sine_jump(struct sync_samples *samples, unsigned m, float after, uint64_t from, uint64_t to,
                                  int64_t step, float weight)
{
    float change[SYNC_JUMP];
    for (int k = 0; k < SYNC_JUMP; k++) {
        uint32_t on = (uint32_t)((step >> 32) * (k - BLEP_SIDE));
        change[k] = weight * (sine_at((uint32_t)(to >> 32) + on) - sine_at((uint32_t)(from >> 32) + on));
    }
    sync_jump_rt(samples, m, after, change);
}

void wave_synced_sine_rt(struct sync_samples *samples, const struct sync_span *span, const float *weight, unsigned from,
                         unsigned n)
{
    for (unsigned i = from; i < from + n; i++) {
        uint64_t phase = span[i].from;
        for (unsigned k = 0; k < SYNC_TIMES; k++) {
            unsigned m = i * SYNC_TIMES + k;
            float until = span[i].reset - (float)(int)k;
            phase += (uint64_t)span[i].step;
            if (until > 0 && until <= 1) {
                uint64_t to = span[i].begin + (uint64_t)(int64_t)((double)span[i].step * (1 - until));
                sine_jump(samples, m, 1 - until, phase, to, span[i].step, weight[i]);
                phase = to;
            }
            samples->x[SYNC_LATE + m] += weight[i] * sine_at((uint32_t)(phase >> 32));
        }
    }
}
