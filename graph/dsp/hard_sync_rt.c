#include "graph/dsp/hard_sync.h"

#include <string.h>

#include "graph/dsp/finite.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/sinc.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

/* Kaiser windows, made minimum-phase; the last tap meets the newest sample. From four times the rate: flat up to 1/8, -107 dB
 * from 3/8 on. */
static const float first_taps[SYNC_FIRST] = {
    2.51829468e-09f, -2.4862457e-08f, -5.8224348e-08f,  1.15908449e-06f, -1.56068074e-06f, -1.44937576e-05f,
    4.65867088e-05f, 2.23158258e-05f, -0.000260461966f, 0.000112127149f, 0.000922682928f,  -0.000823578215f,
    -0.00258736894f, 0.0030522889f,   0.00645511737f,   -0.0080859093f,  -0.0150124393f,   0.0164680239f,
    0.032549601f,    -0.0255592335f,  -0.0647420883f,   0.0254693087f,   0.115815088f,     0.00802984182f,
    -0.177274644f,   -0.127601489f,   0.17097576f,      0.40385133f,     0.374244064f,     0.197195172f,
    0.0588697232f,   0.00788314268f,
};
/* From twice the rate: 0.0002 dB up to 0.21, -98.8 dB from 1/4 on. */
static const float second_taps[SYNC_SECOND] = {
    3.63298458e-09f,  -3.13848183e-08f, 1.17080774e-07f,  -2.26769487e-07f, 1.79013838e-07f,  1.4378675e-07f,
    -3.88379732e-07f, 1.5263323e-08f,   5.92591675e-07f,  -2.40327751e-07f, -8.39661482e-07f, 5.49864808e-07f,
    1.17744969e-06f,  -9.69553867e-07f, -1.66819359e-06f, 1.52525593e-06f,  2.39865471e-06f,  -2.23531833e-06f,
    -3.48926756e-06f, 3.09905954e-06f,  5.10211203e-06f,  -4.07968491e-06f, -7.44614044e-06f, 5.08042513e-06f,
    1.07770893e-05f,  -5.91348362e-06f, -1.53883848e-05f, 6.26234987e-06f,  2.15885866e-05f,  -5.63971298e-06f,
    -2.96603921e-05f, 3.3453523e-06f,   3.97962904e-05f,  1.5688754e-06f,   -5.20067842e-05f, -1.03170323e-05f,
    6.59995494e-05f,  2.43668801e-05f,  -8.10311903e-05f, -4.53818175e-05f, 9.57387529e-05f,  7.50997933e-05f,
    -0.000107964901f, -0.000115132287f, 0.00011459933f,   0.000166669459f,  -0.000111468071f, -0.000230083882f,
    9.33119954e-05f,  0.000304436107f,  -5.39043031e-05f, -0.000386900909f, -1.36377566e-05f, 0.000472153799f,
    0.000116290263f,  -0.000551783014f, -0.000260258588f, 0.000613823475f,  0.00044977729f,   -0.000642542494f,
    -0.000685568259f, 0.000618643826f,  0.000963000231f,  -0.00052009261f,  -0.0012700673f,   0.000323791319f,
    0.00158542383f,   -8.34092225e-06f, -0.00187689846f,  -0.000441953016f, 0.0021012004f,    0.00103198749f,
    -0.00220585125f,  -0.0017508372f,   0.00213390868f,   0.00256997533f,   -0.00182569411f,  -0.00343604526f,
    0.00122932903f,   0.00427144626f,   -0.000308628747f, -0.00497498037f,  -0.000946480606f, 0.00542684877f,
    0.00250995718f,   -0.00549767213f,  -0.00431119977f,  0.00506165344f,   0.00622982578f,   -0.00401333906f,
    -0.00809533149f,  0.00228679669f,   0.00969310943f,   0.00012462413f,   -0.0107778311f,   -0.00315035554f,
    0.0110945357f,    0.00662929052f,   -0.0104068499f,   -0.0103040179f,   0.00853074621f,   0.0138253607f,
    -0.00537117571f,  -0.0167694297f,   0.000957906421f,  0.0186685082f,    0.00452393852f,   -0.0190558359f,
    -0.0107136657f,   0.0175228883f,    0.0170703493f,    -0.0137860803f,   -0.022888707f,    0.0077580139f,
    0.027339831f,     0.000383373495f,  -0.029540034f,    -0.0101362532f,   0.0286494605f,    0.0206372924f,
    -0.0240000803f,   -0.0306573454f,   0.0152498363f,    0.0386450775f,    -0.00255571143f,  -0.0428358503f,
    -0.0132476669f,   0.0414460413f,    0.0304869357f,    -0.0329756066f,   -0.0465453304f,   0.0166415889f,
    0.0578790531f,    0.00704231206f,   -0.060260091f,    -0.0355521254f,   0.0494120978f,    0.06358964f,
    -0.0222876705f,   -0.0825205073f,   -0.0206867605f,   0.0806344748f,    0.0721066967f,    -0.0455927514f,
    -0.11305102f,     -0.0282356758f,   0.109863728f,     0.123165645f,     -0.0214994252f,   -0.169535503f,
    -0.154610336f,    0.0286034252f,    0.238654867f,     0.337132365f,     0.29769811f,      0.188383475f,
    0.0874838829f,    0.0289798267f,    0.00624204474f,   0.000669567322f,
};

/* The polynomial through values at -3..4, at t in 0..1 (J.-L. Lagrange). */
static double between(const float *y, double t)
{
    /* 1 / the products of the distances from one place to all others. */
    static const double scale[SYNC_LOOK] = {-1 / 5040.0, 1 / 720.0, -1 / 240.0, 1 / 144.0,
                                            -1 / 144.0,  1 / 240.0, -1 / 720.0, 1 / 5040.0};
    double below[SYNC_LOOK + 1] = {1}, above = 1, sum = 0;
    for (int k = 0; k < SYNC_LOOK; k++)
        below[k + 1] = below[k] * (t + 3 - k);
    for (int k = SYNC_LOOK - 1; k >= 0; k--) {
        sum += y[k] * scale[k] * below[k] * above;
        above *= t + 3 - k;
    }
    return sum;
}

/* Where it is 0 between its fourth and its fifth value, the first at most 0 and the second above: by false position, so that the
 * root stays between the two. An end that has stayed twice is weighted down (the Illinois way): a curve brings the line between
 * the ends to one side of the root again and again. */
static double root(const float *y)
{
    double low = 0, high = 1, at_low = y[3], at_high = y[4], t = 0;
    for (int k = 0, side = 0; k < 6; k++) {
        t = (low * at_high - high * at_low) / (at_high - at_low);
        double at = between(y, t);
        if (at > 0) {
            high = t;
            at_high = at;
            at_low /= side > 0 ? 2 : 1;
            side = 1;
        } else {
            low = t;
            at_low = at;
            at_high /= side < 0 ? 2 : 1;
            side = -1;
        }
    }
    return t;
}

/* When in the frame that ended four frames ago the input rose through 0, in samples: above 0, at most SYNC_TIMES; 0 when it did
 * not. */
static float reset_at(struct hard_sync *sync, float in)
{
    float *y = sync->past;
    memmove(y, y + 1, (SYNC_LOOK - 1) * sizeof *y);
    y[SYNC_LOOK - 1] = sound_or_zero(in);
    if (!(y[3] <= 0 && y[4] > 0))
        return 0;
    float at = SYNC_TIMES * (float)root(y);
    return at > 1e-6f ? at < SYNC_TIMES ? at : SYNC_TIMES : 1e-6f;
}

void sync_spans_rt(struct hard_sync *sync, struct sync_way *way, struct sync_span *span, const double *cycles,
                   const uint32_t *offset, const float *in, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        int64_t moved = (int64_t)(int32_t)(offset[i] - way->offset) * (INT64_C(1) << 32);
        span[i].from = way->phase + ((uint64_t)way->offset << 32);
        span[i].step = way->step / SYNC_TIMES + moved / SYNC_TIMES;
        span[i].reset = reset_at(sync, in[i]);
        float left = SYNC_TIMES - span[i].reset;
        way->phase += (uint64_t)way->step;
        if (span[i].reset > 0)
            way->phase = PHASE_ZERO + (uint64_t)(int64_t)((double)way->step / SYNC_TIMES * left);
        span[i].begin = way->phase + ((uint64_t)offset[i] << 32) - (uint64_t)(int64_t)((double)span[i].step * left);
        way->offset = offset[i];
        way->step = phase_turn(cycles[i]);
    }
}

void sync_begin_rt(const struct hard_sync *sync, struct sync_samples *samples, unsigned n)
{
    memcpy(samples->x, sync->late, sizeof sync->late);
    memset(samples->x + SYNC_LATE, 0, n * SYNC_TIMES * sizeof(float));
    memcpy(samples->residual, sync->ahead, sizeof sync->ahead);
    memset(samples->residual + SYNC_JUMP, 0, n * SYNC_TIMES * sizeof(float));
}

DAWD_CLONES void sync_jump_rt(struct sync_samples *samples, unsigned m, float after, const float change[SYNC_JUMP])
{
    float row[BLEP_SIDE], *x = samples->residual + SYNC_LATE + m;
    blep_row(row, after, 1, false);
    for (int j = 0; j < BLEP_SIDE; j++)
        x[j] += change[BLEP_SIDE + j] * row[j];
    blep_row(row, 1 - after, 1, false);
    for (int j = 0; j < BLEP_SIDE; j++)
        x[-1 - j] -= change[BLEP_SIDE - 1 - j] * row[j];
}

/* 2 n samples behind the `taps` - 1 that went before them become n. */
static inline void halve(const float *taps, unsigned n_taps, const float *x, float *out, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = sinc_dot(taps, x + 2 * i + 2, n_taps);
}

DAWD_CLONES void sync_end_rt(struct hard_sync *sync, struct sync_samples *samples, float *out, unsigned n)
{
    float four[SYNC_FIRST + SYNC_SAMPLES], two[SYNC_SECOND + SYNC_SAMPLES / 2];
    memcpy(four, sync->first, sizeof sync->first);
    for (unsigned i = 0; i < SYNC_TIMES * n; i++)
        four[SYNC_FIRST + i] = samples->x[i] + samples->residual[i];
    memcpy(two, sync->second, sizeof sync->second);
    halve(first_taps, SYNC_FIRST, four, two + SYNC_SECOND, 2 * n);
    halve(second_taps, SYNC_SECOND, two, out, n);
    memcpy(sync->late, samples->x + SYNC_TIMES * n, sizeof sync->late);
    memcpy(sync->ahead, samples->residual + SYNC_TIMES * n, sizeof sync->ahead);
    memcpy(sync->first, four + SYNC_TIMES * n, sizeof sync->first);
    memcpy(sync->second, two + 2 * n, sizeof sync->second);
}
