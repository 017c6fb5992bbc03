/* A bank of band-passes, evenly apart in octaves, sixteen of them side by side: for taking a sound to pieces, and putting one
 * together again.
 *
 *          __    __    __    __
 *         /  \  /  \  /  \  /  \        neighbours meet at -5 dB
 *        /    \/    \/    \/    \
 *       /     /\    /\    /\     \
 *
 * A band is two equal trapezoidal state-variable band-passes in a row (graph/dsp/svf.h). Half way to its neighbour it has turned
 * the phase by nearly a quarter, the neighbour by as much the other way: every second band is turned over, so that they add up
 * there, as crossovers of S. Linkwitz do ("Active crossover networks for noncoincident drivers", JAES 24, 1976), and the sum
 * of all is flat to within 0.9 dB. A band that is m bands away is heard at 1 / (1 + x^2), x = sinh(m L) / (BANK_WIDTH
 * sinh(L / 2)), L being the distance in natural logarithms: -13 dB next door, -23 dB behind that. (Wider ones would be flatter and
 * hear more of each other, 0.6 dB and -10 dB for 1.4.)
 *
 * What a band holds is known without a rectifier: a third section has the band and, a quarter of a turn behind, its low-pass; at
 * the centre both are equally large, and the root of their squares is the amplitude, which does not sway with the tone.
 */
#pragma once

#include "graph/dsp/lanes.h"

#define BANK_WIDTH   1.1 /* 1: neighbours meet where each section is at -3 dB */
#define BANK_GROUPS  3   /* of LANES bands */
#define BANK_BANDS   (BANK_GROUPS * LANES)
#define BANK_STRETCH 16    /* frames that are worked out in one go */
#define BANK_BESIDE  LANES /* free places beside the levels of a frame, so that they can be read as if moved aside */
#define BANK_ROW     (BANK_BESIDE + BANK_BANDS + BANK_BESIDE)

/* The coefficients of all bands (struct svf_coefficients), 0 where there is none. */
struct band_bank {
    _Alignas(64) double a[BANK_GROUPS][LANES];
    double b[BANK_GROUPS][LANES], c[BANK_GROUPS][LANES];
    double half_k[BANK_GROUPS]
                 [LANES]; /* 1 / 2q: nearly the same for all, but narrower where the bilinear transform widens */
    double share[BANK_GROUPS][LANES]; /* of a band in the sum: turned over or not */
    double centre_hz[BANK_BANDS];
    double apart_octaves;
    unsigned n_bands, n_groups;
};

/* What one channel's bands hold: [section][integrator]; the third section is for levels. All-zero, they have heard silence. */
struct band_state {
    _Alignas(64) double s[BANK_GROUPS][3][2][LANES];
};

/* The levels of all bands, as they follow what is heard. */
struct band_levels {
    _Alignas(64) double y[BANK_GROUPS][LANES];
};

/* n_bands, 2 or more, from low_hz to high_hz, which is below 0.45 of the rate. On zeroed memory. */
DAWD_CTL void band_bank_init(struct band_bank *bank, unsigned n_bands, double low_hz, double high_hz, double rate_hz);

/* How loud each band of x is, for n frames up to BANK_STRETCH: levels[i][BANK_BESIDE + band]. They follow with up[i] where it grows
 * louder and down[i] where softer (graph/dsp/lag.h); what has come below SLEEP_LEVEL is 0. */
DAWD_RT void band_bank_levels(const struct band_bank *bank, struct band_state *state, struct band_levels *levels,
                              const double *up, const double *down, const float *x, float (*row)[BANK_ROW], unsigned n);

/* The sum of all bands of x, band by band times its gain in row[i][BANK_BESIDE + band]. */
DAWD_RT void band_bank_sum(const struct band_bank *bank, struct band_state *state, float (*row)[BANK_ROW], const float *x,
                           float *out, unsigned n);

/* Whether what is held is below SLEEP_LEVEL. */
DAWD_RT bool band_state_is_quiet(const struct band_state *state);
