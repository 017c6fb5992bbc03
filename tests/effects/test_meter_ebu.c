/* What EBU Tech 3341 (2016) and Tech 3342 (2016) ask of a meter, with the signals that they define by words. */
#include <check.h>
#include <stdlib.h>

#include "tests/loud_rig.h"
#include "tests/suite.h"

static double integrated(const struct tone *tones, unsigned n)
{
    struct rig rig = loud_meter(2);
    loud_play_all(&rig, tones, n);
    double lufs = (double)rig_reading(&rig, "integrated");
    rig_free(&rig);
    return lufs;
}

static double range(const struct tone *tones, unsigned n)
{
    struct rig rig = loud_meter(2);
    loud_play_all(&rig, tones, n);
    double lu = (double)rig_reading(&rig, "range");
    rig_free(&rig);
    return lu;
}

/* ---- loudness: Tech 3341, table 1 ----------------------------------------------------------------------------------- */

START_TEST(a_steady_tone_reads_its_level_in_all_three_windows)
{
    static const double levels[] = {-23, -33};
    for (unsigned i = 0; i < ROWS(levels); i++) {
        struct rig rig = loud_meter(2);
        loud_play_all(&rig, &(struct tone){levels[i], 20}, 1);
        loud_reads(&rig, "momentary", levels[i], 0.02);
        loud_reads(&rig, "short_term", levels[i], 0.02);
        loud_reads(&rig, "integrated", levels[i], 0.02);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(soft_passages_are_left_out_of_the_integrated_loudness)
{
    static const struct tone third[] = {{-36, 10}, {-23, 60}, {-36, 10}};
    static const struct tone fourth[] = {{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}};
    ck_assert_double_eq_tol(integrated(third, ROWS(third)), -23, 0.1);
    ck_assert_double_eq_tol(integrated(fourth, ROWS(fourth)), -23, 0.1);
}
END_TEST

START_TEST(what_is_loud_for_a_time_counts_by_its_power)
{
    static const struct tone fifth[] = {{-26, 20}, {-20, 20.1}, {-26, 20}};
    ck_assert_double_eq_tol(integrated(fifth, ROWS(fifth)), -23, 0.1);
}
END_TEST

START_TEST(channels_at_the_back_weigh_more)
{
    static const double trim_db[] = {-28, -28, -24, -30, -30};
    struct rig rig = loud_meter(5);
    loud_play(&rig, &(struct play){0, trim_db}, 0, 20);
    loud_reads(&rig, "integrated", -23, 0.1);
    rig_free(&rig);
}
END_TEST

START_TEST(a_channel_for_the_bass_is_left_out)
{
    static const double trim_db[] = {-28, -28, -24, 0, -30, -30};
    struct rig rig = loud_meter(6);
    loud_play(&rig, &(struct play){0, trim_db}, 0, 5);
    loud_reads(&rig, "integrated", -23, 0.1);
    rig_free(&rig);
}
END_TEST

/* Case 9, and 12 for the short window: as long as the pattern fits into the window, it stands still. */
START_TEST(windows_stand_still_over_a_pattern_of_their_length)
{
    static const struct {
        const char *name;
        double loud_s, soft_s, from_s;
        unsigned times;
    } cases[] = {{"short_term", 1.34, 1.66, 3, 5}, {"momentary", 0.18, 0.22, 1, 25}};
    for (unsigned k = 0; k < ROWS(cases); k++) {
        struct rig rig = loud_meter(2);
        struct play at = {0};
        double t = 0;
        for (unsigned i = 0; i < 2 * cases[k].times; i++) {
            double length = i % 2 ? cases[k].soft_s : cases[k].loud_s;
            for (double done = 0; done < length - 1e-9; done += 0.02, t += 0.02) {
                loud_play(&rig, &at, i % 2 ? -30 : -20, fmin(0.02, length - done));
                if (t > cases[k].from_s)
                    loud_reads(&rig, cases[k].name, -23, 0.1);
            }
        }
        rig_free(&rig);
    }
}
END_TEST

/* Cases 10 and 13: a burst as long as the window reaches its level, wherever it begins. */
START_TEST(a_burst_as_long_as_the_window_is_read_in_full)
{
    static const struct {
        const char *name;
        double length_s, step_s;
        unsigned times;
    } cases[] = {{"short_term", 3, 0.15, 4}, {"momentary", 0.4, 0.02, 20}};
    for (unsigned k = 0; k < ROWS(cases); k++)
        for (unsigned i = 0; i < cases[k].times; i++) {
            struct rig rig = loud_meter(2);
            struct play at = {0};
            double most = -200;
            loud_play(&rig, &at, -200, i * cases[k].step_s + 0.5);
            loud_play(&rig, &at, -23, cases[k].length_s);
            for (unsigned j = 0; j < 10; j++) {
                most = fmax(most, (double)rig_reading(&rig, cases[k].name));
                loud_play(&rig, &at, -200, 0.02);
            }
            rig_free(&rig);
            ck_assert_double_eq_tol(most, -23, k ? 1.2 : 0.2);
        }
}
END_TEST

/* ---- range: Tech 3342 ----------------------------------------------------------------------------------------------- */

START_TEST(the_range_is_that_between_soft_and_loud)
{
    static const struct tone first[] = {{-20, 20}, {-30, 20}}, second[] = {{-20, 20}, {-15, 20}},
                             third[] = {{-40, 20}, {-20, 20}},
                             fourth[] = {{-50, 20}, {-35, 20}, {-20, 20}, {-35, 20}, {-50, 20}};
    ck_assert_double_eq_tol(range(first, 2), 10, 1);
    ck_assert_double_eq_tol(range(second, 2), 5, 1);
    ck_assert_double_eq_tol(range(third, 2), 20, 1);
    ck_assert_double_eq_tol(range(fourth, 5), 15, 1);
}
END_TEST

/* ---- true peak: Tech 3341, table 1, cases 15 to 19 ------------------------------------------------------------------ */

static void check_true_peak(double hz, double phase_degrees, double factor)
{
    struct rig rig = loud_meter(2);
    struct play at = {phase_degrees / 360, NULL};
    /* Silence, a rise, a steady tone: what rings where it begins is not the tone's. */
    static float ramp[LOUD_RATE];
    const float *ins[] = {ramp, ramp};
    float *outs[2] = {NULL};
    for (unsigned i = 0; i < LOUD_RATE; i++) {
        double t = (double)i / LOUD_RATE, rise = fmin(1, t / 0.1), fall = fmin(1, (1 - t) / 0.1);
        ramp[i] = (float)(factor * fmin(rise, fall) * sin(2 * M_PI * (hz * t + at.phase)));
    }
    rig_process(&rig, ins, outs, LOUD_RATE);
    double is = (double)rig_reading(&rig, "true_peak"), true_db = 20 * log10(factor);
    ck_assert_msg(is <= true_db + 0.2 && is >= true_db - 0.4, "%g Hz, %g degrees: %.3f dBTP, not %.3f", hz, phase_degrees,
                  is, true_db);
    rig_free(&rig);
}

START_TEST(peaks_between_the_samples_are_found)
{
    check_true_peak(LOUD_RATE / 4.0, 0, 0.5);
    check_true_peak(LOUD_RATE / 4.0, 45, 0.5);
    check_true_peak(LOUD_RATE / 6.0, 60, 0.5);
    check_true_peak(LOUD_RATE / 8.0, 67.5, 0.5);
    check_true_peak(LOUD_RATE / 4.0, 45, 1.41);
}
END_TEST

/* Cases 20 to 23: an impulse between the samples, as a low-pass leaves it that works at four times the rate; peak 0 dBTP. */
START_TEST(an_impulse_between_the_samples_is_found)
{
    static float x[LOUD_RATE / 10];
    for (unsigned quarter = 0; quarter < 4; quarter++) {
        struct rig rig = loud_meter(1);
        for (unsigned i = 0; i < ROWS(x); i++) {
            double t = i - 1000 - quarter / 4.0, w = t / 32;
            double sinc = fabs(t) < 1e-9 ? 1 : sin(M_PI * 0.8 * t) / (M_PI * 0.8 * t);
            x[i] = (float)(fabs(w) < 1 ? sinc * (0.5 + 0.5 * cos(M_PI * w)) : 0);
        }
        free(rig_run(&rig, x, ROWS(x)));
        double is = (double)rig_reading(&rig, "true_peak");
        ck_assert_msg(is <= 0.2 && is >= -0.4, "quarter %u: %.3f dBTP", quarter, is);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_steady_tone_reads_its_level_in_all_three_windows,
        soft_passages_are_left_out_of_the_integrated_loudness,
        what_is_loud_for_a_time_counts_by_its_power,
        channels_at_the_back_weigh_more,
        a_channel_for_the_bass_is_left_out,
        windows_stand_still_over_a_pattern_of_their_length,
        a_burst_as_long_as_the_window_is_read_in_full,
        the_range_is_that_between_soft_and_loud,
        peaks_between_the_samples_are_found,
        an_impulse_between_the_samples_is_found,
    };
    return suite_run("meter, EBU", 60, tests, ROWS(tests));
}
