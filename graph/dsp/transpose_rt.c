#include "graph/dsp/transpose.h"

#include <math.h>
#include <string.h>

#include "graph/dsp/sinc.h"
#include "graph/rt_only.h"

#define STEEP_DELAY 32 /* frames that a half-band filter begins before what it gives: those it hears, made even */
#define WIDE_DELAY  16

_Static_assert(STEEP_DELAY == 2 * TRANSPOSE_STEEP && WIDE_DELAY == 2 * TRANSPOSE_WIDE, "as pairs reach");

/* ---- what is to be read ---------------------------------------------------------------------------------------------- */

static double held(double speed)
{
    return speed > TRANSPOSE_SPEED_MAX ? TRANSPOSE_SPEED_MAX : speed;
}

/* How often to halve, so that a stretch of 1..2 is left. */
static unsigned octave_of(double speed)
{
    unsigned octave = 0;
    for (; speed >= 2 && octave < TRANSPOSE_OCTAVES; speed /= 2)
        octave++;
    return octave;
}

static unsigned step_of(double speed, unsigned octave)
{
    double stretch = speed / (1 << octave);
    return stretch <= 1 ? 0 : (unsigned)(log2(stretch) * TRANSPOSE_STEPS + 0.5);
}

static unsigned delay_of(unsigned halving, unsigned octave)
{
    return halving + 1 == octave ? STEEP_DELAY : WIDE_DELAY;
}

unsigned transpose_reach(double speed)
{
    unsigned octave = octave_of(held(speed));
    return ((2 * SINC_SIDE + 1) << octave) + (octave ? (STEEP_DELAY + WIDE_DELAY) << (octave - 1) : 0);
}

struct transpose_span transpose_span(const struct transpose *transpose, const struct transpose_place *place, int64_t turned,
                                     const double *speed, unsigned n)
{
    struct transpose_span span = {.octave = octave_of(held(speed[0]))};
    unsigned octave = span.octave, room = TRANSPOSE_WINDOW, delay = 0;
    double most = speed[0];
    for (; span.n < n && (speed[span.n] == speed[0] || octave_of(held(speed[span.n])) == octave); span.n++)
        most = speed[span.n] > most ? speed[span.n] : most;
    for (unsigned i = 0; i < octave; i++) {
        room = room / 2 - delay_of(i, octave);
        delay += delay_of(i, octave) << i;
    }
    unsigned taps = transpose->tables->kernel[step_of(held(most), octave)].taps;
    double way = held(most) * span.n;
    unsigned frames = ((unsigned)(way < TRANSPOSE_WINDOW ? way : TRANSPOSE_WINDOW) >> octave) + 2;
    span.lead = taps / 2;
    span.level = frames + taps < room ? frames + taps : room;
    /* The frames of the octave stand on its multiples. */
    int64_t base = place->frame - (((place->frame + turned) % (1 << octave) + (1 << octave)) % (1 << octave));
    span.first = base - ((int64_t)span.lead << octave) - delay;
    span.last = base + ((int64_t)(span.level - taps) << octave);
    span.frames = span.level;
    for (unsigned i = octave; i-- > 0;)
        span.frames = 2 * (span.frames + delay_of(i, octave));
    return span;
}

/* ---- half-band ------------------------------------------------------------------------------------------------------- */

/* Every second frame of 2 * (n + 2 * pairs) of them. */
DAWD_INLINE void halve(const struct transpose *transpose, const float *taps, unsigned pairs, float *x, unsigned n)
{
    float *even = transpose->even, *odd = transpose->odd;
    for (unsigned i = 0; i < n + 2 * pairs; i++) {
        even[i] = x[2 * i];
        odd[i] = x[2 * i + 1];
    }
    for (unsigned i = 0; i < n; i += 8) {
        FLOAT8 sum, before, behind;
        sum = *sinc_eight(&sum, even + i + pairs) * 0.5f;
        for (unsigned k = 0; k < pairs; k++)
            sum += (*sinc_eight(&before, odd + i + pairs - 1 - k) + *sinc_eight(&behind, odd + i + pairs + k)) * taps[k];
        memcpy(x + i, &sum, sizeof sum);
    }
}

DAWD_CLONES static void halve_all(const struct transpose *transpose, const struct transpose_span *span, float *x)
{
    unsigned n = span->frames;
    for (unsigned i = 0; i < span->octave; i++) {
        n = n / 2 - delay_of(i, span->octave);
        if (i + 1 == span->octave)
            halve(transpose, transpose->tables->steep, TRANSPOSE_STEEP, x, n);
        else
            halve(transpose, transpose->tables->wide, TRANSPOSE_WIDE, x, n);
    }
}

/* ---- sinc ------------------------------------------------------------------------------------------------------------ */

/* The sums of both, in the same order on every machine. */
DAWD_INLINE void add_up(const FLOAT8 *sum, const FLOAT8 *other, float *left, float *right, bool is_two)
{
    FLOAT4 x[2], y[2];
    memcpy(x, sum, sizeof x);
    memcpy(y, other, sizeof y);
    x[0] += x[1];
    y[0] += y[1];
    x[0] = __builtin_shufflevector(x[0], y[0], 0, 4, 1, 5) + __builtin_shufflevector(x[0], y[0], 2, 6, 3, 7);
    *left = x[0][0] + x[0][2];
    if (is_two)
        *right = x[0][1] + x[0][3];
}

/* One frame of both sides, from the samples that the first weight belongs to. */
DAWD_INLINE void weigh(const float *rows, unsigned taps, uint32_t fraction, const float *x, const float *y, float *left,
                       float *right, bool is_two)
{
    unsigned part = fraction / (UINT32_MAX / TRANSPOSE_PARTS + 1);
    float way = (float)(int32_t)(fraction % (UINT32_MAX / TRANSPOSE_PARTS + 1)) * (TRANSPOSE_PARTS * 0x1p-32f);
    const float *at = rows + (size_t)part * TRANSPOSE_ROWS * taps, *rise = at + taps, *bend = rise + taps;
    FLOAT8 sum = {0}, other = {0}, a, b, c;
    for (unsigned k = 0; k < taps; k += 8) {
        c = *sinc_eight(&b, rise + k) + way * *sinc_eight(&c, bend + k);
        c = *sinc_eight(&a, at + k) + way * c;
        sum += c * *sinc_eight(&a, x + k);
        if (is_two)
            other += c * *sinc_eight(&b, y + k);
    }
    add_up(&sum, &other, left, right, is_two);
}

/* Frames of one speed, in a window of one octave. */
struct pass {
    const struct transpose *transpose;
    struct transpose_place place;
    int64_t base, last; /* frames: of the first sample that a kernel may be asked for, and where to stop */
    unsigned octave, lead;
    double speed;
};

DAWD_INLINE unsigned pass_run(struct pass *pass, const float *rows, unsigned taps, float *left, float *right, unsigned n,
                              bool is_two)
{
    const float *x = pass->transpose->window[0] + pass->lead - (taps / 2 - 1);
    const float *y = pass->transpose->window[1] + pass->lead - (taps / 2 - 1);
    uint64_t way = (uint64_t)(pass->place.frame - pass->base), last = (uint64_t)(pass->last - pass->base);
    uint64_t fraction = pass->place.fraction, whole = (uint64_t)pass->speed;
    uint64_t step = (uint64_t)((pass->speed - (double)whole) * 0x1p64);
    unsigned done = 0, octave = pass->octave;
    for (; done < n && way < last; done++) {
        unsigned at = (unsigned)(way >> octave);
        weigh(rows, taps, (uint32_t)((way << 32 | fraction >> 32) >> octave), x + at, y + at, left + done, right + done,
              is_two);
        fraction += step;
        way += whole + (fraction < step);
    }
    pass->place = (struct transpose_place){pass->base + (int64_t)way, fraction};
    return done;
}

/* By the number of taps, so that all that is done with them is known when it is compiled. */
DAWD_INLINE unsigned pass_choose(struct pass *pass, float *left, float *right, unsigned n, bool is_two)
{
    const struct transpose_kernel *kernel = &pass->transpose->tables->kernel[step_of(pass->speed, pass->octave)];
    switch (kernel->taps) {
    case 32:
        return pass_run(pass, kernel->rows, 32, left, right, n, is_two);
    case 40:
        return pass_run(pass, kernel->rows, 40, left, right, n, is_two);
    case 48:
        return pass_run(pass, kernel->rows, 48, left, right, n, is_two);
    case 56:
        return pass_run(pass, kernel->rows, 56, left, right, n, is_two);
    default:
        return pass_run(pass, kernel->rows, 64, left, right, n, is_two);
    }
}

DAWD_INLINE unsigned read_all(struct transpose *transpose, const struct transpose_span *span, struct transpose_place *place,
                              int64_t end, const double *speed, float *left, float *right, bool is_two)
{
    struct pass pass = {.transpose = transpose,
                        .place = *place,
                        .base = span->last - ((int64_t)(span->level - 2 * span->lead) << span->octave),
                        .last = span->last < end ? span->last : end,
                        .octave = span->octave,
                        .lead = span->lead};
    unsigned done = 0;
    while (done < span->n && pass.place.frame < pass.last) {
        unsigned n = 1;
        while (done + n < span->n && speed[done + n] == speed[done])
            n++;
        pass.speed = held(speed[done]);
        done += pass_choose(&pass, left + done, is_two ? right + done : left, n, is_two);
    }
    *place = pass.place;
    return done;
}

DAWD_CLONES static unsigned read_one(struct transpose *transpose, const struct transpose_span *span,
                                     struct transpose_place *place, int64_t end, const double *speed, float *left)
{
    return read_all(transpose, span, place, end, speed, left, left, false);
}

DAWD_CLONES static unsigned read_two(struct transpose *transpose, const struct transpose_span *span,
                                     struct transpose_place *place, int64_t end, const double *speed, float *left,
                                     float *right)
{
    return read_all(transpose, span, place, end, speed, left, right, true);
}

unsigned transpose_run(struct transpose *transpose, const struct transpose_span *span, struct transpose_place *place,
                       int64_t end, const double *speed, float *left, float *right)
{
    halve_all(transpose, span, transpose->window[0]);
    if (!right)
        return read_one(transpose, span, place, end, speed, left);
    halve_all(transpose, span, transpose->window[1]);
    return read_two(transpose, span, place, end, speed, left, right);
}
