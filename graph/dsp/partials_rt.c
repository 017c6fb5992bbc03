#include "graph/dsp/partials.h"

#include "graph/dsp/blep.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define PARTIALS 15 /* below half the rate, from a pitch of PARTIALS_FROM on */

/* A trigonometric sum by Clenshaw's recursion in the form of Reinsch (J. Stoer, R. Bulirsch, "Introduction to Numerical
 * Analysis", 2.3.2), which stays accurate where the angle is small: at the saw's edge.
 *
 *     d = a_k + d + alpha b,  b = b + d     for k from the last to the first; alpha = -4 sin^2(half the angle)
 */
struct sum {
    float alpha[BLOCK_MAX], b[BLOCK_MAX], d[BLOCK_MAX];
};

/* The next partial, which is `amplitude` at k times the fundamental, less what lies near half the rate; `most` and `least`
 * are the ends of the speeds. */
static inline void sum_add(struct sum *sum, unsigned k, float amplitude, const float *speed, float least, float most,
                           unsigned n)
{
    float times = (float)(int)k, alike = k == 1 ? amplitude : amplitude * blep_gain(times * most);
    if (k == 1 || least == most || times * most < 0.42f) {
        for (unsigned i = 0; i < n; i++) {
            sum->d[i] += alike + sum->alpha[i] * sum->b[i];
            sum->b[i] += sum->d[i];
        }
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        sum->d[i] += amplitude * blep_gain(times * speed[i]) + sum->alpha[i] * sum->b[i];
        sum->b[i] += sum->d[i];
    }
}

/* Speeds that are 0 or more, compared as the integers that their bits are: that is done in vectors. */
static inline int32_t speed_bits(float speed)
{
    union {
        float value;
        int32_t bits;
    } as = {speed};
    return as.bits;
}

static inline float speed_of_bits(int32_t bits)
{
    union {
        int32_t bits;
        float value;
    } as = {bits};
    return as.value;
}

static inline void speed_ends(const float *speed, float *least, float *most, unsigned n)
{
    int32_t low = INT32_MAX, high = 0;
    for (unsigned i = 0; i < n; i++) {
        int32_t bits = speed_bits(speed[i]);
        low = bits < low ? bits : low;
        high = bits > high ? bits : high;
    }
    *least = speed_of_bits(low);
    *most = speed_of_bits(high);
}

/* The highest partial below half the rate. */
static inline unsigned partials_up_to(float least)
{
    unsigned n = (unsigned)(int)(0.5f / least);
    return n < PARTIALS ? n : PARTIALS;
}

/* From its edge on, the saw is the sum of -2/pi sin(k x) / k. */
DAWD_CLONES void partials_saw_rt(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n)
{
    struct sum sum;
    float least, most;
    speed_ends(speed, &least, &most, n);
    for (unsigned i = 0; i < n; i++) {
        float sine = 2 * sine_at((phase[i] + PHASE_HALF) >> 1);
        sum.alpha[i] = -sine * sine;
        sum.b[i] = sum.d[i] = 0;
    }
    for (unsigned k = partials_up_to(least); k > 0; k--)
        sum_add(&sum, k, (float)(2 / M_PI) / (float)(int)k, speed, least, most, n);
    for (unsigned i = 0; i < n; i++)
        out[i] += weight * sine_at(phase[i]) * sum.b[i];
}

/* From its top on, the triangle is the sum of 8/pi^2 cos(k x) / k^2 for odd k; the recursion is in twice the angle. */
DAWD_CLONES void partials_triangle_rt(float *out, float weight, const uint32_t *phase, const float *speed, unsigned n)
{
    struct sum sum;
    float least, most;
    speed_ends(speed, &least, &most, n);
    for (unsigned i = 0; i < n; i++) {
        float sine = 2 * sine_at(phase[i] - PHASE_HALF / 2);
        sum.alpha[i] = -sine * sine;
        sum.b[i] = sum.d[i] = 0;
    }
    for (int k = (int)(partials_up_to(least) - 1) | 1; k > 0; k -= 2)
        sum_add(&sum, (unsigned)k, (float)(8 / (M_PI * M_PI)) / (float)(k * k), speed, least, most, n);
    for (unsigned i = 0; i < n; i++)
        out[i] += weight * sine_at(phase[i]) * sum.d[i];
}
