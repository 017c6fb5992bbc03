/* The sines of sixteen voices: one operator after the other, from the last to the first, each along the frames of a run. */
#include "graph/dsp/fm_run.h"

#include <string.h>

#include "graph/dsp/sine.h"
#include "graph/rt_only.h"

/* m = 1 is two cycles. What modulates is not larger than 16 in sum (FM_GAIN_MOST): a whole number of 2^-26 cycles fits. */
#define CYCLES_FINE 0x1p27f
#define FINE_BITS   6

/* Where an operator is at a frame. Whole numbers are added up, which is exact; amplitudes, which would not be, are worked out
 * from the beginning of the run. */
struct course {
    uint32_t at[LANES], inc[LANES], turn[LANES]; /* 2^-32 cycles */
    float amp[LANES], slope[LANES];
};

DAWD_INLINE void course_set(struct course *course, const struct fm_operator *op, unsigned ran)
{
    uint32_t turns = ran ? ran * (ran - 1) / 2 : 0;
    DAWD_EACH_LANE(l)
    {
        uint32_t inc = (uint32_t)(op->step[l] >> 32), turn = (uint32_t)(uint64_t)(op->turn[l] >> 32);
        course->at[l] = (uint32_t)(op->phase[l] >> 32) + ran * inc + turns * turn;
        course->inc[l] = inc + ran * turn;
        course->turn[l] = turn;
        course->amp[l] = op->amp[l];
        course->slope[l] = op->slope[l];
    }
}

/* The value at frame i of the run, modulated by m. */
DAWD_INLINE float course_next(struct course *course, unsigned l, float i, float m)
{
    uint32_t phase = course->at[l] + ((uint32_t)(int32_t)(m * CYCLES_FINE) << FINE_BITS);
    course->at[l] += course->inc[l];
    course->inc[l] += course->turn[l];
    return sine_at(phase) * (course->amp[l] + i * course->slope[l]);
}

/* An operator that nobody modulates. */
DAWD_CLONES static void run_free(float (*out)[LANES], const struct fm_operator *op, unsigned ran, unsigned n)
{
    struct course course;
    course_set(&course, op, ran);
    for (unsigned i = 0; i < n; i++) {
        float at = (float)(int)(ran + i);
        DAWD_EACH_LANE(l)
        out[i][l] = course_next(&course, l, at, 0);
    }
}

DAWD_CLONES static void run_modulated(float (*out)[LANES], float (*m)[LANES], const struct fm_operator *op, unsigned ran,
                                      unsigned n)
{
    struct course course;
    course_set(&course, op, ran);
    for (unsigned i = 0; i < n; i++) {
        float at = (float)(int)(ran + i);
        DAWD_EACH_LANE(l)
        out[i][l] = course_next(&course, l, at, m[i][l]);
    }
}

/* One that feeds back to itself: half of the mean of its last two values, since m = 1 is twice the index of a full feedback. */
DAWD_CLONES static void run_fed(float (*out)[LANES], const struct fm_operator *op, float (*fed)[LANES], float feedback,
                                unsigned ran, unsigned n)
{
    struct course course;
    float last[LANES], before[LANES];
    course_set(&course, op, ran);
    memcpy(last, fed[0], sizeof last);
    memcpy(before, fed[1], sizeof before);
    for (unsigned i = 0; i < n; i++) {
        float at = (float)(int)(ran + i), share = 0.25f * feedback;
        DAWD_EACH_LANE(l)
        {
            float y = course_next(&course, l, at, share * (last[l] + before[l]));
            before[l] = last[l];
            last[l] = out[i][l] = y;
        }
    }
    memcpy(fed[0], last, sizeof last);
    memcpy(fed[1], before, sizeof before);
}

/* A chain of n_ops operators whose last one feeds back to the first: frame by frame through all of them. */
DAWD_CLONES static void run_chain(float (*out[])[LANES], const struct fm_operator *const *ops, unsigned n_ops,
                                  float (*fed)[LANES], float feedback, unsigned ran, unsigned n)
{
    struct course course[FM_LOOP_MOST];
    for (unsigned k = 0; k < n_ops; k++)
        course_set(&course[k], ops[k], ran);
    for (unsigned i = 0; i < n; i++) {
        float at = (float)(int)(ran + i), share = 0.25f * feedback, m[LANES];
        DAWD_EACH_LANE(l)
        m[l] = share * (fed[0][l] + fed[1][l]);
        for (unsigned k = 0; k < n_ops; k++)
            DAWD_EACH_LANE(l)
        m[l] = out[k][i][l] = course_next(&course[k], l, at, m[l]);
        DAWD_EACH_LANE(l)
        {
            fed[1][l] = fed[0][l];
            fed[0][l] = m[l];
        }
    }
}

/* ---- routes ------------------------------------------------------------------------------------------------------------ */

struct rows {
    _Alignas(64) float of[FM_OPERATORS][FM_CELL_MOST][LANES];
    _Alignas(64) float sum[FM_CELL_MOST][LANES];
};

DAWD_CLONES static void rows_add(float (*sum)[LANES], float (*x)[LANES], unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        DAWD_EACH_LANE(l)
    sum[i][l] += x[i][l];
}

/* The sum of what the operators of a mask give; null: of none. */
static float (*rows_sum(struct rows *rows, uint32_t mask, unsigned n))[LANES]
{
    float(*first)[LANES] = NULL;
    for (unsigned o = 0; o < FM_OPERATORS; o++) {
        if (!(mask >> o & 1))
            continue;
        if (first == NULL) {
            first = rows->of[o];
            continue;
        }
        if (first != rows->sum)
            memcpy(rows->sum, first, n * sizeof *first);
        first = rows->sum;
        rows_add(first, rows->of[o], n);
    }
    return first;
}

/* What is heard of every voice, faded and as loud as it is played. */
DAWD_CLONES static void hear(float (*out)[LANES], float (*x)[LANES], const struct fm_group *group, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        float at = (float)(int)(group->ran + i);
        DAWD_EACH_LANE(l)
        out[i][l] += x[i][l] * (group->level[l] + at * group->slope[l]);
    }
}

static void run_loop(struct rows *rows, const struct fm_group *group, const struct fm_route *route, float (*fed)[LANES],
                     float feedback, unsigned n)
{
    const struct fm_operator *ops[FM_LOOP_MOST];
    float(*out[FM_LOOP_MOST])[LANES];
    unsigned n_ops = 0;
    if (route->loop_from == route->loop_to) {
        run_fed(rows->of[route->loop_to], &group->op[route->loop_to], fed, feedback, group->ran, n);
        return;
    }
    for (unsigned o = route->loop_to + 1u; o-- > route->loop_from; n_ops++) {
        ops[n_ops] = &group->op[o];
        out[n_ops] = rows->of[o];
    }
    run_chain(out, ops, n_ops, fed, feedback, group->ran, n);
}

/* A chain is run as one where it feeds back; else each of it is an operator as any other. */
static bool is_in_loop(const struct fm_route *route, unsigned o, float feedback)
{
    return feedback > 0 && o >= route->loop_from && o <= route->loop_to;
}

void fm_route_run_rt(const struct fm_group *group, const struct fm_route *route, float (*fed)[LANES], float feedback,
                     float (*out)[LANES], unsigned n)
{
    struct rows rows;
    uint32_t ready = 0;
    for (unsigned o = FM_OPERATORS; o-- > 0;) {
        float(*m)[LANES] = NULL;
        if (is_in_loop(route, o, feedback)) {
            if (o == route->loop_to)
                run_loop(&rows, group, route, fed, feedback, n);
            ready |= 1u << o;
            continue;
        }
        if (!(group->audible >> o & 1))
            continue;
        m = rows_sum(&rows, route->heard[o] & ready, n);
        if (m)
            run_modulated(rows.of[o], m, &group->op[o], group->ran, n);
        else
            run_free(rows.of[o], &group->op[o], group->ran, n);
        ready |= 1u << o;
    }
    float(*heard)[LANES] = rows_sum(&rows, route->out & ready, n);
    if (heard)
        hear(out, heard, group, n);
}

/* The sixteen voices of every frame as one: in pairs, and pairs of pairs, the same way on every machine. */
DAWD_CLONES void fm_lanes_sum_rt(float *out, float (*lanes)[LANES], unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        float eight[8], four[4];
        for (unsigned l = 0; l < 8; l++)
            eight[l] = lanes[i][l] + lanes[i][l + 8];
        for (unsigned l = 0; l < 4; l++)
            four[l] = eight[l] + eight[l + 4];
        out[i] = (four[0] + four[2]) + (four[1] + four[3]);
    }
}
