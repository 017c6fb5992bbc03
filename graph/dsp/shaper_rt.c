#include "graph/dsp/shaper.h"

#include <stdbool.h>
#include <stdint.h>

#include "graph/rt_only.h"

/* From a to b in a straight line, t from 0 to 1: the curve's integral under the falling half of the triangle, 1 - t, which
 * belongs to a, and under the rising one, t, which belongs to b. */
struct under {
    float falling, rising;
};

static inline float held(float x, float least, float most)
{
    return x < least ? least : x > most ? most : x;
}

/* 1 / d, or anything finite where the way is none. */
static inline float inverse(float d)
{
    return 1 / (fabsf(d) < 1e-30f ? 1 : d);
}

/* From its held beginning the curve rises by `across` between the times t1 and t2 when the line enters and leaves -1..1. The
 * integral of (1 - t) times that is by parts the beginning's half and across / (t2 - t1) times the integral of (1 - t)^2 / 2, in
 * terms of what is left, p = 1 - t1 and q = 1 - t2: p^3 - q^3 has the factor p - q = t2 - t1. */
static inline struct under clip_under(float a, float b)
{
    float from = held(a, -1, 1), to = held(b, -1, 1), across = (to - from) * (1.0f / 6), by = inverse(b - a);
    float p = held((b - from) * by, 0, 1), q = held((b - to) * by, 0, 1), s = 1 - q, r = 1 - p;
    return (struct under){0.5f * from + across * (p * p + p * q + q * q), 0.5f * to - across * (s * s + s * r + r * r)};
}

/* Where in a zigzag of slope 1 and -1 with corners at the odd numbers: the number of the piece, the way from its middle, and
 * its slope. */
struct place {
    float piece, away, slope;
};

static inline struct place place_of(float x)
{
    const float round =
        12582912; /* 1.5 x 2^23: at such a size floats are the whole numbers, and the last bit tells odd from even */
    union {
        float value;
        uint32_t bits;
    } whole = {0.5f * x + round}, slope = {1};
    float piece = whole.value - round;
    slope.bits |= whole.bits << 31;
    return (struct place){piece, x - 2 * piece, slope.value};
}

/* Along a way of at most 1 there is one corner at most, r before the end: the straight line on from the beginning, less twice what
 * lies beyond the corner. Along a longer one the antiderivatives of the zigzag will do, which are as periodic and bounded as it
 * is: slope (v^2 - 1) / 2 and slope v (v^2 - 3) / 6. */
static inline struct under fold_under(float a, float b)
{
    struct place from = place_of(a), to = place_of(b);
    float d = b - a, by = inverse(d), turns = from.piece != to.piece;
    float r = held((to.away + (to.piece - from.piece)) * by, 0, 1), s = 1 - r;
    float near_from = 0.5f * from.slope * from.away + from.slope * d * (1 - 2 * turns * (r * r * r)) * (1.0f / 6);
    float near_to = 0.5f * to.slope * to.away - to.slope * d * (1 - 2 * turns * (s * s * s)) * (1.0f / 6);
    float square_from = from.away * from.away, square_to = to.away * to.away;
    float first_from = 0.5f * from.slope * (square_from - 1), first_to = 0.5f * to.slope * (square_to - 1);
    float second = (to.slope * to.away * (square_to - 3) - from.slope * from.away * (square_from - 3)) * (1.0f / 6);
    float far_from = (second * by - first_from) * by, far_to = (first_to - second * by) * by;
    bool near = fabsf(d) <= 1;
    return (struct under){near ? near_from : far_from, near ? near_to : far_to};
}

DAWD_CLONES static void clip_run(const float *u, float *y, unsigned n)
{
    float rising[SHAPER_STRETCH + 1], falling[SHAPER_STRETCH + 1];
    for (unsigned i = 0; i <= n; i++) {
        struct under way = clip_under(*(u + i - 2), *(u + i - 1));
        rising[i] = way.rising;
        falling[i] = way.falling;
    }
    for (unsigned i = 0; i < n; i++)
        y[i] = rising[i] + falling[i + 1];
}

DAWD_CLONES static void fold_run(const float *u, float *y, unsigned n)
{
    float rising[SHAPER_STRETCH + 1], falling[SHAPER_STRETCH + 1];
    for (unsigned i = 0; i <= n; i++) {
        struct under way = fold_under(*(u + i - 2), *(u + i - 1));
        rising[i] = way.rising;
        falling[i] = way.falling;
    }
    for (unsigned i = 0; i < n; i++)
        y[i] = rising[i] + falling[i + 1];
}

DAWD_CLONES static void tanh_run(const float *u, float *y, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        y[i] = shaper_tanh(*(u + i - 1));
}

DAWD_CLONES static void tube_run(const float *u, float *y, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        y[i] = shaper_tube(*(u + i - 1));
}

void shaper_run(enum shaper shape, const float *u, float *y, unsigned n)
{
    static void (*const runs[])(const float *, float *, unsigned) = {
        [SHAPER_TANH] = tanh_run, [SHAPER_TUBE] = tube_run, [SHAPER_HARD] = clip_run, [SHAPER_FOLD] = fold_run};
    runs[shape](u, y, n);
}
