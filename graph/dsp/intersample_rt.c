#include "graph/dsp/intersample.h"

#include <math.h>

#include "graph/dsp/vector.h"

#include "graph/rt_only.h"

#define KAISER_BETA                                                                                                        \
    2.0 /* nearly no window: the longer one would fade out, the less is seen of what is near half the rate */
#define GROUP       VECTOR_WIDTH
#define GROUPS_MOST 64 /* of 8 frames, for sizes; longer stretches are cut */
#define GROUPS_SEEN 9  /* that the points of one group hang on: four before it, four behind */

/* ITU-R BS.1770-4, Annex 2: phases 0 and 1 of the interpolating filter; 2 and 3 are their mirror images. */
static const float annex_2[2][2 * INTERSAMPLE_ANNEX] = {
    {0.0017089843750f, 0.0109863281250f, -0.0196533203125f, 0.0332031250000f, -0.0594482421875f, 0.1373291015625f,
     0.9721679687500f, -0.1022949218750f, 0.0476074218750f, -0.0266113281250f, 0.0148925781250f, -0.0083007812500f},
    {-0.0291748046875f, 0.0292968750000f, -0.0517578125000f, 0.0891113281250f, -0.1665039062500f, 0.4650878906250f,
     0.7797851562500f, -0.2003173828125f, 0.1015625000000f, -0.0582275390625f, 0.0330810546875f, -0.0189208984375f},
};

/* The modified Bessel function of order 0, by its power series. */
static double bessel(double x)
{
    double sum = 1, term = 1;
    for (int k = 1; k < 40; k++) {
        term *= (x / 2 / k) * (x / 2 / k);
        sum += term;
    }
    return sum;
}

static double kernel(double t)
{
    double u = t / INTERSAMPLE_SIDE;
    return sin(M_PI * t) / (M_PI * t) * bessel(KAISER_BETA * sqrt(1 - u * u)) / bessel(KAISER_BETA);
}

void intersample_init(struct intersample *by)
{
    for (int k = 0; k < INTERSAMPLE_SIDE; k++)
        for (int point = 1; point <= 4; point++) {
            double before = kernel(k + point / 8.0), behind = kernel(k + 1 - point / 8.0);
            by->even[point - 1][k] = (float)((before + behind) / 2);
            if (point < 4)
                by->odd[point - 1][k] = (float)((before - behind) / 2);
        }
    for (int k = 0; k < INTERSAMPLE_ANNEX; k++)
        for (int point = 0; point < 2; point++) {
            float before = annex_2[point][INTERSAMPLE_ANNEX + k], behind = annex_2[point][INTERSAMPLE_ANNEX - 1 - k];
            by->annex_even[point][k] = (before + behind) / 2;
            by->annex_odd[point][k] = (before - behind) / 2;
        }
}

_Static_assert(4 * GROUP == INTERSAMPLE_SIDE, "four groups to either side");

#define MAGNITUDE(x) ((FLOAT8)((INT8)(x)&0x7fffffff))

#define RAISE(most, x) ((most) = VECTOR_CHOOSE((x) > (most), x, most))

/* The frame that is k before the middle, and its mirror image, of eight middles. */
static inline void both_sides(const float *x, int k, FLOAT8 *sum, FLOAT8 *difference)
{
    FLOAT8 before, behind;
    memcpy(&before, x - k, sizeof before);
    memcpy(&behind, x + 1 + k, sizeof behind);
    *sum = before + behind;
    *difference = before - behind;
}

static inline void annex_eight(const struct intersample *by, const float *x, FLOAT8 *most)
{
    FLOAT8 even[2] = {{0}}, odd[2] = {{0}}, sum, difference;
    for (int k = 0; k < INTERSAMPLE_ANNEX; k++) {
        both_sides(x, k, &sum, &difference);
        for (int point = 0; point < 2; point++) {
            even[point] += by->annex_even[point][k] * sum;
            odd[point] += by->annex_odd[point][k] * difference;
        }
    }
    for (int point = 0; point < 2; point++)
        RAISE(*most, MAGNITUDE(even[point]) + MAGNITUDE(odd[point]));
}

/* Raises eight frames to the largest of each and what follows it. */
static inline void eight(const struct intersample *by, const float *x, FLOAT8 *most)
{
    FLOAT8 even[4] = {{0}}, odd[3] = {{0}}, sum, difference, own;
    for (int k = 0; k < INTERSAMPLE_SIDE; k++) {
        both_sides(x, k, &sum, &difference);
#pragma GCC unroll 3
        for (int point = 0; point < 3; point++) {
            even[point] += by->even[point][k] * sum;
            odd[point] += by->odd[point][k] * difference;
        }
        even[3] += by->even[3][k] * sum;
    }
    memcpy(&own, x, sizeof own);
    RAISE(*most, MAGNITUDE(own));
    RAISE(*most, MAGNITUDE(even[3]));
    for (int point = 0; point < 3; point++)
        RAISE(*most, MAGNITUDE(even[point]) + MAGNITUDE(odd[point]));
    annex_eight(by, x, most);
}

/* The largest sample of each group of eight, from four groups before x to four behind the last one. */
static inline void group_tops(const float *x, float *tops, unsigned n_groups)
{
    for (unsigned g = 0; g < n_groups + GROUPS_SEEN - 1; g++) {
        const float *group = x + (int)(GROUP * g) - INTERSAMPLE_SIDE;
        float top = 0;
        for (int i = 0; i < GROUP; i++)
            top = fabsf(group[i]) > top ? fabsf(group[i]) : top;
        tops[g] = top;
    }
}

static inline float top_around(const float *tops)
{
    float top = tops[0];
    for (int i = 1; i < GROUPS_SEEN; i++)
        top = tops[i] > top ? tops[i] : top;
    return top;
}

DAWD_CLONES static void groups_raise(const struct intersample *by, const float *x, float floor, float *most,
                                     unsigned n_groups)
{
    float tops[GROUPS_MOST + GROUPS_SEEN];
    group_tops(x, tops, n_groups);
    for (unsigned g = 0; g < n_groups; g++, x += GROUP, most += GROUP) {
        FLOAT8 tops_of_eight;
        if (INTERSAMPLE_MOST * top_around(tops + g) <= floor)
            continue;
        memcpy(&tops_of_eight, most, sizeof tops_of_eight);
        eight(by, x, &tops_of_eight);
        memcpy(most, &tops_of_eight, sizeof tops_of_eight);
    }
}

void intersample_raise(const struct intersample *by, const float *x, float floor, float *most, unsigned n)
{
    while (n >= GROUP) {
        unsigned n_groups = n / GROUP < GROUPS_MOST ? n / GROUP : GROUPS_MOST;
        groups_raise(by, x, floor, most, n_groups);
        x += n_groups * GROUP;
        most += n_groups * GROUP;
        n -= n_groups * GROUP;
    }
    if (n) { /* what is read beyond the end counts for frames that nobody asks for */
        float last[GROUPS_SEEN * GROUP] = {0}, rest[GROUP] = {0};
        memcpy(last, x - INTERSAMPLE_SIDE, (2 * INTERSAMPLE_SIDE + n) * sizeof *x);
        memcpy(rest, most, n * sizeof *most);
        groups_raise(by, last + INTERSAMPLE_SIDE, floor, rest, 1);
        memcpy(most, rest, n * sizeof *most);
    }
}
