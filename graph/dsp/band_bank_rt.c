#include "graph/dsp/band_bank.h"

#include "graph/dsp/svf.h"

#include "graph/rt_only.h"

/* What all bands come to at the centre of one (place 0) or half way to the next (0.5). The other part of each is that of its
 * mirror image, turned over. */
static double bank_sum(double apart, double k, double place)
{
    double sum = 0;
    for (int m = -20; m <= 20; m++) {
        double x = 2 * sinh((m + place) * apart) / k, part = (place > 0 ? 2 * x : 1 - x * x) / ((1 + x * x) * (1 + x * x));
        sum += m % 2 ? -part : part;
    }
    return fabs(sum);
}

void band_bank_init(struct band_bank *bank, unsigned n_bands, double low_hz, double high_hz, double rate_hz)
{
    double apart = log(high_hz / low_hz) / (n_bands - 1), k = 2 * sinh(apart / 2) * BANK_WIDTH;
    double sum = sqrt(bank_sum(apart, k, 0) * bank_sum(apart, k, 0.5));
    bank->n_bands = n_bands;
    bank->n_groups = (n_bands + LANES - 1) / LANES;
    bank->apart_octaves = apart / log(2);
    for (unsigned band = 0; band < n_bands; band++) {
        bank->centre_hz[band] = low_hz * exp(apart * band);
        double hz = bank->centre_hz[band], g = tan(M_PI * hz / rate_hz), half = exp(apart / 2);
        double low = tan(M_PI * hz / half / rate_hz), high = tan(M_PI * fmin(hz * half / rate_hz, 0.49));
        struct svf_coefficients by = svf_coefficients(g, BANK_WIDTH * (high - low) / g);
        bank->half_k[band / LANES][band % LANES] = by.k / 2;
        bank->a[band / LANES][band % LANES] = by.a;
        bank->b[band / LANES][band % LANES] = by.b;
        bank->c[band / LANES][band % LANES] = by.c;
        bank->share[band / LANES][band % LANES] = (band % 2 ? -1 : 1) / sum;
    }
}

/* One frame of one section of sixteen bands: x becomes its band, `low` its low-pass, both as large at the centre. */
static inline void section_tick(const double *restrict a, const double *restrict b, const double *restrict c,
                                const double *restrict half_k, double (*restrict s)[LANES], double *restrict x,
                                double *restrict low)
{
    DAWD_EACH_LANE(l)
    {
        double s1 = s[0][l], s2 = s[1][l], beyond = x[l] - s2;
        double next1 = a[l] * s1 + b[l] * beyond, next2 = s2 + b[l] * s1 + c[l] * beyond;
        s[0][l] = next1;
        s[1][l] = next2;
        x[l] = half_k[l] * (s1 + next1);
        low[l] = half_k[l] * (s2 + next2);
    }
}

DAWD_CLONES static void levels_group(const struct band_bank *bank, unsigned group, struct band_state *state,
                                     struct band_levels *levels, const double *up, const double *down, const float *x,
                                     float (*row)[BANK_ROW], unsigned n)
{
    double s[3][2][LANES], y[LANES], band[LANES], low[LANES];
    memcpy(s, state->s[group], sizeof s);
    memcpy(y, levels->y[group], sizeof y);
    for (unsigned i = 0; i < n; i++) {
        DAWD_EACH_LANE(l)
        band[l] = (double)x[i];
        section_tick(bank->a[group], bank->b[group], bank->c[group], bank->half_k[group], s[0], band, low);
        section_tick(bank->a[group], bank->b[group], bank->c[group], bank->half_k[group], s[1], band, low);
        section_tick(bank->a[group], bank->b[group], bank->c[group], bank->half_k[group], s[2], band, low);
        float *to = row[i] + BANK_BESIDE + group * LANES;
        DAWD_EACH_LANE(l)
        {
            double level = sqrt(band[l] * band[l] + low[l] * low[l]) * M_SQRT1_2;
            double rising = y[l] + up[i] * (level - y[l]), falling = y[l] + down[i] * (level - y[l]);
            double next = level > y[l] ? rising : falling;
            y[l] = next < (double)SLEEP_LEVEL ? 0 : next;
            to[l] = (float)y[l];
        }
    }
    memcpy(state->s[group], s, sizeof s);
    memcpy(levels->y[group], y, sizeof y);
}

void band_bank_levels(const struct band_bank *bank, struct band_state *state, struct band_levels *levels, const double *up,
                      const double *down, const float *x, float (*row)[BANK_ROW], unsigned n)
{
    memset(row, 0, n * sizeof *row);
    for (unsigned group = 0; group < bank->n_groups; group++)
        levels_group(bank, group, state, levels, up, down, x, row, n);
}

/* By halves, always in the same order. */
static inline float sum_of(const float *x)
{
    FLOAT8 eight[2];
    FLOAT4 four[2];
    memcpy(eight, x, sizeof eight);
    eight[0] += eight[1];
    memcpy(four, eight, sizeof four);
    four[0] += four[1];
    return (four[0][0] + four[0][2]) + (four[0][1] + four[0][3]);
}

DAWD_CLONES static void sum_group(const struct band_bank *bank, unsigned group, struct band_state *state,
                                  float (*row)[BANK_ROW], const float *x, float *out, unsigned n)
{
    double s[2][2][LANES], band[LANES], low[LANES];
    memcpy(s, state->s[group], sizeof s);
    for (unsigned i = 0; i < n; i++) {
        const float *gain = row[i] + BANK_BESIDE + group * LANES;
        float part[LANES];
        DAWD_EACH_LANE(l)
        band[l] = (double)x[i];
        section_tick(bank->a[group], bank->b[group], bank->c[group], bank->half_k[group], s[0], band, low);
        section_tick(bank->a[group], bank->b[group], bank->c[group], bank->half_k[group], s[1], band, low);
        DAWD_EACH_LANE(l)
        part[l] = (float)(bank->share[group][l] * band[l]) * gain[l];
        out[i] += sum_of(part);
    }
    memcpy(state->s[group], s, sizeof s);
}

void band_bank_sum(const struct band_bank *bank, struct band_state *state, float (*row)[BANK_ROW], const float *x,
                   float *out, unsigned n)
{
    memset(out, 0, n * sizeof *out);
    for (unsigned group = 0; group < bank->n_groups; group++)
        sum_group(bank, group, state, row, x, out, n);
}

bool band_state_is_quiet(const struct band_state *state)
{
    const double *s = state->s[0][0][0];
    double most = 0;
    for (unsigned i = 0; i < sizeof state->s / sizeof *s; i++)
        most = fabs(s[i]) > most ? fabs(s[i]) : most;
    return most < (double)SLEEP_LEVEL;
}
