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
#define MEAN_MOST   1e18f /* 360 dB: its power is still a float; what is louder counts as this */

struct mean_power {
    double first[PORT_CHANNELS_MAX], second[PORT_CHANNELS_MAX]; /* what the poles hold */
    double share;
};

DAWD_ANY static inline struct mean_power mean_power_at(double rate_hz)
{
    return (struct mean_power){.share = lag_share(MEAN_POLE_S * rate_hz)};
}

/* n frames of the loudest channel's root of the mean, BLOCK_MAX at most. */
DAWD_RT void mean_power_run_rt(struct mean_power *mean, const float *const *x, unsigned channels, float *level, unsigned n);

/* As if this level had lasted for long. */
DAWD_RT static inline void mean_power_set(struct mean_power *mean, double level)
{
    level = level < (double)MEAN_MOST ? level : (double)MEAN_MOST;
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
