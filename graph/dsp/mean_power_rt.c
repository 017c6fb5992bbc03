#include "graph/dsp/mean_power.h"

#include "graph/rt_only.h"

DAWD_CLONES static void square(const float *x, float *power, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        float size = fabsf(sound_or_zero(x[i]));
        size = size < MEAN_MOST ? size : MEAN_MOST;
        power[i] = size * size;
    }
}

/* Two channels side by side, which may be one: each waits for itself. */
static void take_mean(struct mean_power *mean, unsigned c, unsigned d, float *one, float *other, unsigned n)
{
    DOUBLE2 first = {mean->first[c], mean->first[d]}, second = {mean->second[c], mean->second[d]};
    double share = mean->share, rest = 1 - share;
    for (unsigned i = 0; i < n; i++) {
        first = first * rest + (DOUBLE2){one[i], other[i]} * share;
        second = second * rest + first * share;
        one[i] = (float)second[0];
        other[i] = (float)second[1];
    }
    mean->first[c] = first[0];
    mean->first[d] = first[1];
    mean->second[c] = second[0];
    mean->second[d] = second[1];
}

DAWD_CLONES static void raise(float *level, const float *power, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        level[i] = power[i] > level[i] ? power[i] : level[i];
}

DAWD_CLONES static void take_root(float *level, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        level[i] = sqrtf(level[i]);
}

void mean_power_run_rt(struct mean_power *mean, const float *const *x, unsigned channels, float *level, unsigned n)
{
    float one[BLOCK_MAX], other[BLOCK_MAX];
    memset(level, 0, n * sizeof *level);
    for (unsigned c = 0; c < channels; c += 2) {
        unsigned d = c + 1 < channels ? c + 1 : c;
        square(x[c], one, n);
        square(x[d], other, n);
        take_mean(mean, c, d, one, other, n);
        raise(level, one, n);
        raise(level, other, n);
    }
    take_root(level, n);
}
