/* The designs of graph/dsp/matched.h against their analogue prototypes, by the terms that they give. */
#include <check.h>
#include <complex.h>
#include <math.h>

#include "graph/dsp/matched.h"
#include "graph/node.h"
#include "tests/suite.h"

static const double freqs_hz[] = {10, 30, 100, 500, 2000, 5000, 8000, 10000, 12000, 14000, 16000, 18000, 20000};
static const double qs[] = {0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.70710678, 1, 1.4, 2, 3, 5, 10, 20, 40};
static const double gains_db[] = {-24, -18, -12, -6, -1, 0, 0.01, 1, 6, 12, 18, 24};

struct filter {
    enum matched_type type;
    double hz, gain_db, q, rate_hz;
};

static bool has_gain(enum matched_type type)
{
    return type == MATCHED_BELL || type == MATCHED_LOW_SHELF || type == MATCHED_HIGH_SHELF;
}

static struct matched_shapes designed(struct filter filter)
{
    struct matched_wish wish = {{filter.type}, {(float)filter.hz}, {(float)filter.gain_db}, {(float)filter.q}};
    struct matched_shapes shapes;
    matched_design_rt(&shapes, &wish, 1 / filter.rate_hz, 1);
    return shapes;
}

/* Solves s1' = a s1 + b (x - s2), s2' = s2 + b s1 + c (x - s2) for a sine that goes on for ever. */
static double complex digital(const struct matched_shapes *shapes, double hz, double rate_hz)
{
    double a = shapes->term[SHAPE_A][0], b = shapes->term[SHAPE_B][0], c = shapes->term[SHAPE_C][0];
    double complex z = cexp(I * 2 * M_PI * hz / rate_hz), p = z - a, q = z - 1 + c, whole = p * q + b * b;
    double complex s1 = (b * q - b * c) / whole, s2 = (p * c + b * b) / whole;
    return shapes->term[SHAPE_INPUT][0] + (1 + z) * (shapes->term[SHAPE_BAND][0] * s1 + shapes->term[SHAPE_LOW][0] * s2);
}

/* R. Bristow-Johnson's prototypes, as most equalisers have them. */
static double complex analogue(struct filter filter, double hz)
{
    double a = pow(10, filter.gain_db / 40), q = (double)(float)filter.q;
    double complex s = I * hz / filter.hz, band = s / q, below = s * s + band + 1;
    switch (filter.type) {
    case MATCHED_BELL:
        return (s * s + a * band + 1) / (s * s + band / a + 1);
    case MATCHED_LOW_SHELF:
        return a * (s * s + sqrt(a) * band + a) / (a * s * s + sqrt(a) * band + 1);
    case MATCHED_HIGH_SHELF:
        return a * (a * s * s + sqrt(a) * band + 1) / (s * s + sqrt(a) * band + a);
    case MATCHED_LOWPASS:
        return 1 / below;
    case MATCHED_HIGHPASS:
        return s * s / below;
    default:
        return (s * s + 1) / below;
    }
}

static double error_db(struct filter filter, double hz)
{
    struct matched_shapes shapes = designed(filter);
    return fabs(20 * log10(cabs(digital(&shapes, hz, filter.rate_hz)) / cabs(analogue(filter, hz))));
}

/* The largest error up to top_hz, where the prototype lets more than -40 dB through. */
static double worst_db(struct filter filter, double top_hz)
{
    struct matched_shapes shapes = designed(filter);
    double worst = 0;
    for (unsigned i = 0; i < 160; i++) {
        double hz = i < 100 ? top_hz * pow(0.001, i / 99.0) : filter.hz * pow(2, (i - 130.0) / 30);
        double wanted = cabs(analogue(filter, hz));
        if (hz <= top_hz && wanted > 0.01)
            worst = fmax(worst, fabs(20 * log10(cabs(digital(&shapes, hz, filter.rate_hz)) / wanted)));
    }
    return worst;
}

/* Calls `check` for every filter of a type at a rate; shelves with the q that they have. */
static void each_filter(enum matched_type type, double rate_hz, void (*check)(struct filter filter, double arg), double arg)
{
    for (unsigned f = 0; f < ROWS(freqs_hz); f++)
        for (unsigned q = 0; q < ROWS(qs); q++)
            for (unsigned g = 0; g < (has_gain(type) ? ROWS(gains_db) : 1); g++)
                if (qs[q] <= 2 || (type != MATCHED_LOW_SHELF && type != MATCHED_HIGH_SHELF))
                    check((struct filter){type, freqs_hz[f], gains_db[g], qs[q], rate_hz}, arg);
}

static double top_hz = 20000, largest;

static void check_shape(struct filter filter, double most_db)
{
    double worst = worst_db(filter, top_hz);
    largest = fmax(largest, worst);
    ck_assert_msg(worst < most_db, "type %d at %g Hz, %g dB, q %g, rate %g: %.3f dB", filter.type, filter.hz,
                  filter.gain_db, filter.q, filter.rate_hz, worst);
}

START_TEST(bells_and_shelves_are_analogue_up_to_20_khz)
{
    for (int type = MATCHED_BELL; type <= MATCHED_HIGH_SHELF; type++) {
        top_hz = 20000;
        each_filter((enum matched_type)type, 48000, check_shape, 0.28);
        each_filter((enum matched_type)type, 96000, check_shape, 0.29);
        each_filter((enum matched_type)type, 192000, check_shape, 0.29);
        each_filter((enum matched_type)type, 44100, check_shape, 1.1);
        top_hz = 18400;
        each_filter((enum matched_type)type, 44100, check_shape, 0.45);
    }
}
END_TEST

static void check_16_khz(struct filter filter, double most_db)
{
    double error = filter.hz <= 16000 ? error_db(filter, 16000) : 0;
    ck_assert_msg(error < most_db, "type %d at %g Hz, %g dB, q %g: %.3f dB", filter.type, filter.hz, filter.gain_db,
                  filter.q, error);
}

START_TEST(at_16_khz_bells_and_shelves_are_within_a_fifth_of_a_decibel)
{
    for (int type = MATCHED_BELL; type <= MATCHED_HIGH_SHELF; type++)
        each_filter((enum matched_type)type, 48000, check_16_khz, 0.2);
}
END_TEST

START_TEST(passes_and_notches_are_analogue_too)
{
    top_hz = 20000;
    each_filter(MATCHED_LOWPASS, 48000, check_shape, 0.1);
    each_filter(MATCHED_NOTCH, 48000, check_shape, 0.5);
    top_hz = 16000;
    each_filter(MATCHED_NOTCH, 48000, check_shape, 0.5);
}
END_TEST

/* A high-pass at the very end of the spectrum has nothing there to be matched with; its slope is the price. */
static void check_highpass(struct filter filter, double most_db)
{
    if (filter.hz <= 16000)
        check_shape(filter, most_db);
}

START_TEST(a_highpass_up_to_16_khz_is_analogue_down_to_minus_40_db)
{
    top_hz = 20000;
    each_filter(MATCHED_HIGHPASS, 48000, check_highpass, 1.3);
}
END_TEST

/* Whatever the state, without an input the next one is no larger: the singular values of the step are 1 at most. */
static void check_passive(struct filter filter, double slack)
{
    struct matched_shapes shapes = designed(filter);
    double a = shapes.term[SHAPE_A][0], b = shapes.term[SHAPE_B][0], c = shapes.term[SHAPE_C][0];
    double m[2][2] = {{a, -b}, {b, 1 - c}};
    double square = m[0][0] * m[0][0] + m[0][1] * m[0][1] + m[1][0] * m[1][0] + m[1][1] * m[1][1];
    double det = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    double largest_value = sqrt((square + sqrt(fmax(square * square - 4 * det * det, 0))) / 2);
    ck_assert_msg(largest_value <= 1 + slack && b > 0 && c > 0, "type %d at %g Hz, %g dB, q %g, rate %g: %.12f",
                  filter.type, filter.hz, filter.gain_db, filter.q, filter.rate_hz, largest_value);
}

START_TEST(no_design_lets_the_state_grow)
{
    static const double rates_hz[] = {8000, 32000, 44100, 48000, 96000, 192000};
    for (int type = MATCHED_BELL; type <= MATCHED_NOTCH; type++)
        for (unsigned r = 0; r < ROWS(rates_hz); r++)
            each_filter((enum matched_type)type, rates_hz[r], check_passive, 1e-7);
}
END_TEST

START_TEST(a_cut_has_the_poles_of_its_boost_for_zeros)
{
    for (int type = MATCHED_BELL; type <= MATCHED_HIGH_SHELF; type++)
        for (unsigned f = 0; f < ROWS(freqs_hz); f++)
            for (double hz = 15; hz < 24000; hz *= 1.3) {
                struct filter boost = {(enum matched_type)type, freqs_hz[f], 17, 1.3, 48000}, cut = boost;
                cut.gain_db = -17;
                struct matched_shapes up = designed(boost), down = designed(cut);
                double complex both = digital(&up, hz, 48000) * digital(&down, hz, 48000);
                ck_assert_double_lt(cabs(both - 1), 1e-6);
            }
}
END_TEST

static void check_flat(struct filter filter, double unused)
{
    (void)unused;
    filter.gain_db = 0;
    struct matched_shapes shapes = designed(filter);
    ck_assert(shapes.term[SHAPE_INPUT][0] == 1 && shapes.term[SHAPE_BAND][0] == 0 && shapes.term[SHAPE_LOW][0] == 0);
}

START_TEST(at_0_db_the_sound_is_left_alone)
{
    for (int type = MATCHED_BELL; type <= MATCHED_HIGH_SHELF; type++)
        each_filter((enum matched_type)type, 48000, check_flat, 0);
}
END_TEST

/* Nothing jumps where a little more of gain, q or frequency would: terms that a hundredth part of an octave moves far are those
 * of a pole on a zero, which wander freely. */
START_TEST(designs_change_as_smoothly_as_their_parameters)
{
    for (int type = MATCHED_BELL; type <= MATCHED_NOTCH; type++)
        for (unsigned f = 0; f < ROWS(freqs_hz); f++)
            for (double q = 0.1; q < 2; q *= 1.007) {
                struct filter one = {(enum matched_type)type, freqs_hz[f], 9, q, 48000}, next = one;
                next.q = 1.007 * q;
                struct matched_shapes from = designed(one), to = designed(next);
                for (unsigned t = SHAPE_A; t <= SHAPE_C; t++)
                    ck_assert_msg(fabs(to.term[t][0] - from.term[t][0]) < 0.05,
                                  "type %d at %g Hz, q %g: term %u from %g to %g", type, freqs_hz[f], q, t, from.term[t][0],
                                  to.term[t][0]);
            }
}
END_TEST

START_TEST(sixteen_designs_at_once_are_those_of_each)
{
    struct matched_wish wish;
    struct matched_shapes all;
    for (unsigned i = 0; i < MATCHED_MOST; i++) {
        wish.type[i] = i % (MATCHED_NOTCH + 1);
        wish.hz[i] = 30 * powf(1.5f, (float)i);
        wish.gain_db[i] = 20 - 3 * (float)i;
        wish.q[i] = 0.2f * (float)(i + 1);
    }
    for (unsigned n = 1; n <= MATCHED_MOST; n++) {
        matched_design_rt(&all, &wish, 1 / 48000.0, n);
        for (unsigned i = 0; i < n; i++) {
            struct filter filter = {(enum matched_type)wish.type[i], (double)wish.hz[i], (double)wish.gain_db[i],
                                    (double)wish.q[i], 48000};
            struct matched_shapes one = designed(filter);
            for (unsigned t = 0; t < SHAPE_TERMS; t++)
                ck_assert(all.term[t][i] == one.term[t][0]);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        bells_and_shelves_are_analogue_up_to_20_khz,
        at_16_khz_bells_and_shelves_are_within_a_fifth_of_a_decibel,
        passes_and_notches_are_analogue_too,
        a_highpass_up_to_16_khz_is_analogue_down_to_minus_40_db,
        no_design_lets_the_state_grow,
        a_cut_has_the_poles_of_its_boost_for_zeros,
        at_0_db_the_sound_is_left_alone,
        designs_change_as_smoothly_as_their_parameters,
        sixteen_designs_at_once_are_those_of_each,
    };
    return suite_run("matched filters", 60, tests, ROWS(tests));
}
