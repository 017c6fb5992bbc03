/* The fit. p is sin^2(w/2) in units of its value at the filter's frequency, X the square of the frequency in the same unit.
 *
 * Where the points lie: the relative error of N/D against the prototype Na/Da is a polynomial in the frequency over Na Da, nearly,
 * so it is evenly spread when its zeros are those of the rational function of Chebyshev and Markov with the poles of Na Da: where
 * the phase of Na Da as an all-pass, on the axis V = X / (T^2 - X) that makes an endless line of the frequencies up to T, is a
 * whole number of half turns. The first three are roots of a quadratic and a quotient, the last by its asymptote.
 *
 * What is solved: four points are four equations for N1 N2 D1 D2. For some prototypes (shelves with a q near 0.5) fewer
 * would do, and the rest becomes a pole on a zero that wanders anywhere. So the solution is sought near that of a bent bilinear
 * transform, X = K p / (1 - d p), which is within 1 to 2 dB and has no such pairs: least squares, with a weight on the
 * difference.
 */
#include "graph/dsp/matched.h"

#include "graph/dsp/decibel.h"
#include "graph/node.h"

#include "graph/rt_only.h"

#define POINTS      4
#define TOP         0.42   /* T: the error is even up to there; a share of the rate */
#define TOP_LAST    0.4925 /* and it is above the filter's own frequency, as far as that goes */
#define HIGHEST     0.475
#define BEND        0.5  /* d: agrees best with the true X over the spectrum */
#define NEAR        1e-3 /* the weight: of 1e-4 to 1e-2 the errors hardly depend */
#define NEVER_ZERO  1e-30
#define TOP_STRETCH 1.2 /* the asymptote is a little low */

/* Prototypes of boosts: |H|^2 = (n0 + n1 X + n2 X^2) / (1 + d1 X + d2 X^2). */
struct prototypes {
    double f[MATCHED_MOST]; /* in shares of the rate */
    double n0[MATCHED_MOST], n1[MATCHED_MOST], n2[MATCHED_MOST], d1[MATCHED_MOST], d2[MATCHED_MOST];
    double zeros1[MATCHED_MOST], zeros2[MATCHED_MOST]; /* n1 and n2 of the zeros that are not fixed, for the points */
    double free1[MATCHED_MOST], free2[MATCHED_MOST];   /* 1 where N1, N2 are to be found, 0 where they are given */
    double inverse[MATCHED_MOST];                      /* 1 where poles and zeros change places */
    double scale[MATCHED_MOST];                        /* of the sound */
    double flat[MATCHED_MOST];                         /* 1 where zeros and poles are the same */
};

static void prototype_set(struct prototypes *p, const struct matched_wish *wish, double frame_s, unsigned i)
{
    unsigned type = wish->type[i];
    bool shelf = type == MATCHED_LOW_SHELF || type == MATCHED_HIGH_SHELF, has_gain = shelf || type == MATCHED_BELL;
    double f = (double)wish->hz[i] * frame_s, q = (double)wish->q[i];
    if (shelf && q > (double)MATCHED_SHELF_Q_MOST)
        q = (double)MATCHED_SHELF_Q_MOST;
    double damping = 1 / (q * q), low_shelf = type == MATCHED_LOW_SHELF;
    /* The square root of the boost. */
    double a = has_gain ? (double)decibel_gain(0.5f * fabsf(wish->gain_db[i])) : 1;
    p->f[i] = f < HIGHEST ? f : HIGHEST;
    p->inverse[i] = has_gain && a > 1 && (wish->gain_db[i] < 0) != (low_shelf > 0);
    /* A low shelf is a high shelf the other way round, lifted as a whole. */
    p->flat[i] = has_gain && a == 1;
    p->scale[i] = low_shelf == 0 ? 1 : wish->gain_db[i] < 0 ? 1 / (a * a) : a * a;
    if (type == MATCHED_BELL) {
        p->n1[i] = damping * a * a - 2;
        p->d1[i] = damping / (a * a) - 2;
        p->n2[i] = p->d2[i] = 1;
    } else if (shelf) {
        p->n1[i] = (damping - 2) * a;
        p->d1[i] = (damping - 2) / a;
        p->n2[i] = a * a;
        p->d2[i] = 1 / (a * a);
    } else {
        p->n1[i] = type == MATCHED_NOTCH ? -2 : 0;
        p->d1[i] = damping - 2;
        p->n2[i] = type != MATCHED_LOWPASS;
        p->d2[i] = 1;
    }
    p->n0[i] = type != MATCHED_HIGHPASS;
    p->zeros1[i] = has_gain ? p->n1[i] : 0;
    p->zeros2[i] = has_gain ? p->n2[i] : 0;
    p->free1[i] = has_gain || type == MATCHED_LOWPASS;
    p->free2[i] = type != MATCHED_NOTCH;
}

/* sin^2(pi f) by f^2, up to a quarter: the series of fast_sin_pi, which needs no root then. */
static inline double sine_power(double ff)
{
    double tail = -0.5992521865 + ff * (0.0820503502 + ff * -0.007028303855);
    double by_f = 3.141592654 + ff * (-5.167712765 + ff * (2.550163318 + ff * tail));
    return ff * by_f * by_f;
}

/* |1 + s1 v + s2 v^2|^2 on the axis v^2 = -V for 1 + c1 X + c2 X^2; `top` is T^2 in the unit of X. */
struct axis {
    double s1, s2;
};

static inline struct axis axis_of(double c1, double c2, double top)
{
    double e1 = 2 + c1 * top, e2 = 1 + top * (c1 + c2 * top), s2 = sqrt(e2 > NEVER_ZERO ? e2 : NEVER_ZERO);
    double s1 = e1 + 2 * s2;
    return (struct axis){sqrt(s1 > NEVER_ZERO ? s1 : NEVER_ZERO), s2};
}

/* The points in V, from those of zeros z and poles p. */
static inline void points_of(struct axis z, struct axis p, double v[POINTS])
{
    double both = p.s2 * z.s2, middle = z.s2 + p.s2 + p.s1 * z.s1;
    double root = middle * middle - 4 * both, sum = middle + sqrt(root > 0 ? root : 0);
    v[0] = 2 / sum;
    v[1] = (p.s1 + z.s1) / (p.s1 * z.s2 + z.s1 * p.s2);
    v[2] = sum / (2 * both);
    double last = 2 * TOP_STRETCH / M_PI * (2 * (p.s1 * z.s2 + z.s1 * p.s2) / both + 1);
    v[3] = last * last > 1.2 * v[2] ? last * last : 1.2 * v[2];
}

/* Quadratics in p. */
struct fit {
    double n0, n1, n2, d1, d2;
};

/* The equations of one point, summed as those of least squares: of x = (N1 N2 D1 D2) less the bent bilinear ones, in m (its
 * lower half) and r. */
static inline void point_add(double m[POINTS][POINTS], double r[POINTS], const struct fit *near, const double freed[2],
                             double p, double zeros, double poles)
{
    double n = near->n0 + p * (near->n1 + p * near->n2), d = 1 + p * (near->d1 + p * near->d2);
    double share = 1 / (n * d * poles + NEVER_ZERO), per_n = p * d * poles * share, per_d = p * n * poles * share;
    double off = (zeros * d * d + NEVER_ZERO) * share;
    double by_n[2] = {freed[0] * per_n, freed[1] * per_n * p}, by_d[2] = {per_d, per_d * p};
    double row[POINTS] = {by_n[0], by_n[1], -off * by_d[0], -off * by_d[1]};
#pragma GCC unroll 4
    for (int i = 0; i < POINTS; i++) {
        r[i] += row[i] * (off - 1);
#pragma GCC unroll 4
        for (int j = 0; j <= i; j++)
            m[i][j] += row[i] * row[j];
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++)
#pragma GCC unroll 2
        for (int j = 0; j <= i; j++) {
            m[i][j] += NEAR * (by_n[i] * by_n[j]);
            m[2 + i][2 + j] += NEAR * (by_d[i] * by_d[j]);
        }
}

/* m x = r into r, m being symmetrical and positive: L D L^T. */
static inline void solve(double m[POINTS][POINTS], double r[POINTS])
{
    double share[POINTS] = {0};
#pragma GCC unroll 4
    for (int i = 0; i < POINTS; i++) {
#pragma GCC unroll 4
        for (int j = 0; j < i; j++) {
            double below = m[i][j];
            m[i][j] = below * share[j];
            r[i] -= m[i][j] * r[j];
#pragma GCC unroll 4
            for (int k = j + 1; k <= i; k++)
                m[i][k] -= k < i ? below * m[k][j] : below * m[i][j];
        }
        share[i] = 1 / m[i][i];
    }
#pragma GCC unroll 4
    for (int i = POINTS - 1; i >= 0; i--) {
        r[i] *= share[i];
#pragma GCC unroll 4
        for (int k = i + 1; k < POINTS; k++)
            r[i] -= m[k][i] * r[k];
    }
}

static inline struct fit fit_of(const struct prototypes *of, unsigned i)
{
    double f = of->f[i], ff = f * f, unit = 1 / sine_power(ff);
    double t = 1.06 * f > TOP ? 1.06 * f : TOP, top = (t < TOP_LAST ? t * t : TOP_LAST * TOP_LAST) / ff;
    double n0 = of->n0[i], n1 = of->n1[i], n2 = of->n2[i], d1 = of->d1[i], d2 = of->d2[i];
    double v[POINTS], m[POINTS][POINTS] = {{1 - of->free1[i]}, {0, 1 - of->free2[i]}}, r[POINTS] = {0};
    const double freed[2] = {of->free1[i], of->free2[i]};
    points_of(axis_of(of->zeros1[i], of->zeros2[i], top), axis_of(d1, d2, top), v);
    double bend = BEND / unit, k = 1 - bend;
    struct fit fit = {n0, n1 * k - 2 * bend * n0, bend * (bend * n0 - n1 * k) + n2 * k * k, d1 * k - 2 * bend,
                      bend * (bend - d1 * k) + d2 * k * k};
#pragma GCC unroll 4
    for (int j = 0; j < POINTS; j++) {
        double x = top * v[j] / (1 + v[j]);
        point_add(m, r, &fit, freed, unit * sine_power(x * ff), n0 + x * (n1 + x * n2), 1 + x * (d1 + x * d2));
    }
    solve(m, r);
    fit.n1 = unit * (fit.n1 + r[0]);
    fit.n2 = unit * unit * (fit.n2 + r[1]);
    fit.d1 = unit * (fit.d1 + r[2]);
    fit.d2 = unit * unit * (fit.d2 + r[3]);
    return fit;
}

/* A quadratic q0 + q1 p + q2 p^2, q0 being 0 or 1, as |w0 + r s + w1 s^2|^2 on the circle, s = (z - 1) / (z + 1) for p =
 * sin^2(w/2), but for a factor that is common to all. */
struct factor {
    double w0, w1, r;
};

static inline struct factor factor_of(double q0, double q1, double q2)
{
    double end = q0 + q1 + q2, w1 = sqrt(end > 0 ? end : 0), square = 2 * (q0 + q0 * w1) + q1;
    return (struct factor){q0, w1, sqrt(square > 0 ? square : 0)};
}

/* A filter that is at the border by the rounding of its sums lies inside of it. */
static inline double positive(double x)
{
    return x > 1e-12 ? x : 1e-12;
}

/* Flat: it is a vector loop only when nothing is called in it. */
DAWD_CLONES __attribute__((flatten)) static void shapes_set(struct matched_shapes *restrict to,
                                                            const struct prototypes *restrict of, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct fit fit = fit_of(of, i);
        struct factor zeros = factor_of(fit.n0, fit.n1, fit.n2), poles = factor_of(1, fit.d1, fit.d2);
        bool inverse = of->inverse[i] > 0, flat = of->flat[i] > 0;
        double n1 = flat || inverse ? poles.w1 : zeros.w1, nr = flat || inverse ? poles.r : zeros.r, n0 = zeros.w0;
        double d1 = positive(inverse ? zeros.w1 : poles.w1), dr = positive(inverse ? zeros.r : poles.r);
        double root = sqrt(d1), twice = 2 / (d1 + 1 + dr), input = n1 / d1, scale = of->scale[i];
        to->term[SHAPE_A][i] = twice * d1 - 1;
        to->term[SHAPE_B][i] = twice * root;
        to->term[SHAPE_C][i] = twice;
        to->term[SHAPE_INPUT][i] = scale * input;
        to->term[SHAPE_BAND][i] = scale * 0.5 * (nr - dr * input) / root;
        to->term[SHAPE_LOW][i] = scale * 0.5 * (n0 - input);
    }
}

void matched_design_rt(struct matched_shapes *to, const struct matched_wish *wish, double frame_s, unsigned n)
{
    struct prototypes prototypes;
    for (unsigned i = 0; i < n; i++)
        prototype_set(&prototypes, wish, frame_s, i);
    shapes_set(to, &prototypes, n);
}
