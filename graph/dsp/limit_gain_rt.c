#include "graph/dsp/limit_gain.h"

#include <string.h>

#include "graph/dsp/fastmath.h"
#include "graph/dsp/lag.h"
#include "graph/dsp/vector.h"

#include "graph/rt_only.h"

#define UNITS  0x1p20                                     /* per octave */
#define MOST   (LIMIT_GAIN_MOST_DB * 0.166096405 * UNITS) /* log2(10) / 20 octaves per dB */
#define ENOUGH 174                                        /* units, 0.001 dB: what is left of a release is dropped there */

bool limit_gain_init(struct limit_gain *gain, struct arena *arena, unsigned attack, double rate_hz)
{
    unsigned span = attack - LIMIT_GAIN_FLAT, window = attack + LIMIT_GAIN_FLAT + 1;
    window += (unsigned)(LIMIT_GAIN_HOLD_S * rate_hz);
    gain->accident = lag_share(LIMIT_GAIN_ACCIDENT_S * rate_hz);
    gain->memory = gain->n_at_rest = window + span;
    return highest_init(&gain->held, arena, window) && box_stack_init(&gain->smooth, arena, span);
}

/* log2 in units, rounded up; 0 up to 1. Beside the exponent a mantissa m in sqrt(1/2)..sqrt(2) is left, log2 m = 2 atanh t / ln 2
 * of t = (m - 1) / (m + 1), a series of which five terms are within 2e-9. */
static inline int32_t units_over(float over)
{
    int32_t bits, exponent;
    float m;
    memcpy(&bits, &over, sizeof bits);
    exponent = (bits - 0x3f3504f3) >> 23;
    bits -= exponent * (1 << 23);
    memcpy(&m, &bits, sizeof m);
    float t = (m - 1) / (m + 1), z = t * t;
    float octaves = t * (2.88539008f + z * (0.961796694f + z * (0.577078016f + z * (0.412198583f + z * 0.320598898f))));
    int32_t units = exponent * (1 << 20) + (int32_t)(octaves * (float)UNITS) + 2;
    return over > 1 ? units : 0;
}

DAWD_CLONES static int32_t all_units(const float *over, int32_t *units, unsigned n)
{
    int32_t any = 0;
    for (unsigned i = 0; i < n; i++) {
        units[i] = units_over(over[i]);
        any |= units[i];
    }
    return any;
}

/* Down to the average of late, and with it to nothing; never below what is held. */
static inline int64_t released(struct limit_gain *gain, double held, struct limit_release release)
{
    gain->slow += ((held < MOST ? held : MOST) - gain->slow) * release.slow;
    double aim = gain->slow < gain->fast ? gain->slow : gain->fast;
    double fast = gain->fast + (aim - gain->fast) * release.fast;
    fast -= fast > MOST ? (fast - MOST) * gain->accident : 0;
    bool over = fast < ENOUGH || gain->n_silent == gain->memory;
    fast = over ? 0 : fast;
    gain->fast = held > fast ? held : fast;
    if (over && held == 0)
        gain->slow = 0;
    return (int64_t)gain->fast;
}

static inline void count(unsigned *n, bool goes_on, unsigned most)
{
    *n = !goes_on ? 0 : *n < most ? *n + 1 : most;
}

DAWD_CLONES static void gains_from_octaves(float *out, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = fast_exp2(-out[i]);
}

void limit_gain_run(struct limit_gain *gain, const float *over, const struct limit_release *release, bool release_moves,
                    float *out, unsigned n)
{
    float held[BLOCK_MAX];
    int32_t units[BLOCK_MAX];
    memcpy(held, over, n * sizeof *held);
    highest_run(&gain->held, held, n);
    if (!all_units(held, units, n) && limit_gain_rests(gain)) {
        for (unsigned i = 0; i < n; i++)
            out[i] = 1;
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        count(&gain->n_silent, over[i] < SLEEP_LEVEL, gain->memory);
        int64_t now = released(gain, units[i], release[release_moves ? i : 0]);
        count(&gain->n_at_rest, !now, gain->memory);
        out[i] = (float)(box_stack_next(&gain->smooth, now) / UNITS);
    }
    gains_from_octaves(out, n);
}
