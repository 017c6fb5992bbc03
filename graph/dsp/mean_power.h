/* The mean power of the last moments, per channel: two poles, so that what is left of the power's own swing, twice in every
 * cycle, falls by 12 dB per octave.
 *
 *      x --> x^2 --> [10 ms] --> [10 ms] --> largest of all channels
 *
 * A sine of 50 Hz swings by 0.11 dB, one of 100 Hz by 0.03 dB; a step is 63 % through after 21 ms.
 */
#pragma once

#include "graph/dsp/finite.h"
#include "graph/dsp/lag.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"

#define MEAN_POLE_S 0.01

struct mean_power {
    double first[PORT_CHANNELS_MAX], second[PORT_CHANNELS_MAX]; /* what the poles hold */
    double share;
};

DAWD_ANY static inline struct mean_power mean_power_at(double rate_hz)
{
    return (struct mean_power){.share = lag_share(MEAN_POLE_S * rate_hz)};
}

/* Two channels side by side, which may be one: each waits for itself. Their power becomes its mean. */
DAWD_RT static inline void mean_power_two(struct mean_power *mean, unsigned c, unsigned d, DOUBLE2 *power, unsigned n)
{
    DOUBLE2 first = {mean->first[c], mean->first[d]}, second = {mean->second[c], mean->second[d]};
    double share = mean->share, rest = 1 - share;
    for (unsigned i = 0; i < n; i++) {
        first = first * rest + power[i] * share;
        second = second * rest + first * share;
        power[i] = second;
    }
    mean->first[c] = first[0];
    mean->first[d] = first[1];
    mean->second[c] = second[0];
    mean->second[d] = second[1];
}

/* n frames of the loudest channel's root of the mean, BLOCK_MAX at most. */
DAWD_RT static inline void mean_power_run(struct mean_power *mean, const float *const *x, unsigned channels, float *level,
                                          unsigned n)
{
    DOUBLE2 power[BLOCK_MAX];
    memset(level, 0, n * sizeof *level);
    for (unsigned c = 0; c < channels; c += 2) {
        unsigned d = c + 1 < channels ? c + 1 : c;
        for (unsigned i = 0; i < n; i++) {
            double one = sound_or_zero(x[c][i]), other = sound_or_zero(x[d][i]);
            power[i] = (DOUBLE2){one * one, other * other};
        }
        mean_power_two(mean, c, d, power, n);
        for (unsigned i = 0; i < n; i++) {
            float root = (float)sqrt(power[i][0] > power[i][1] ? power[i][0] : power[i][1]);
            level[i] = root > level[i] ? root : level[i];
        }
    }
}

/* As if this level had lasted for long. */
DAWD_RT static inline void mean_power_set(struct mean_power *mean, double level)
{
    for (unsigned c = 0; c < PORT_CHANNELS_MAX; c++)
        mean->first[c] = mean->second[c] = level * level;
}

DAWD_RT static inline bool mean_power_is_quiet(const struct mean_power *mean, unsigned channels)
{
    const double quiet = (double)SLEEP_LEVEL * (double)SLEEP_LEVEL;
    bool is_quiet = true;
    for (unsigned c = 0; c < channels; c++)
        is_quiet = is_quiet && mean->first[c] < quiet && mean->second[c] < quiet;
    return is_quiet;
}
