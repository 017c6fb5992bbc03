/* What any node that only listens has to keep, and what a meter measures by itself. */
#include <check.h>
#include <stdlib.h>

#include "daemon/loudness_measure.h"
#include "graph/object_shared.h"
#include "tests/loud_rig.h"
#include "tests/spectrum.h"
#include "tests/stage.h"
#include "tests/suite.h"

/* Rows of its readings. */
enum { MOMENTARY = 3, SHORT_TERM, INTEGRATED };

/* ---- what it measures itself ---------------------------------------------------------------------------------------- */

START_TEST(peak_and_rms_of_a_sine_are_those_of_theory)
{
    struct rig rig = rig_new("meter", LOUD_RATE, 2);
    rig_start(&rig);
    loud_play_all(&rig, &(struct tone){-10, 1}, 1);
    loud_reads(&rig, "peak", -10, 0.001);
    loud_reads(&rig, "rms", -13.0103, 0.001);
    loud_reads(&rig, "momentary", -200, 0);
    rig_free(&rig);
}
END_TEST

START_TEST(rms_forgets_what_is_older_than_its_window)
{
    struct rig rig = loud_meter(1);
    struct play at = {0};
    rig_set(&rig, "window", 1);
    loud_play(&rig, &at, -10, 1);
    loud_play(&rig, &at, -200, 0.5);
    loud_reads(&rig, "rms", -16.0206, 0.001);
    loud_play(&rig, &at, -200, 0.5);
    loud_reads(&rig, "rms", -200, 0);
    rig_free(&rig);
}
END_TEST

START_TEST(nothing_is_read_before_there_is_something)
{
    struct rig rig = loud_meter(2);
    loud_reads(&rig, "integrated", -200, 0);
    loud_play_all(&rig, &(struct tone){-20, 0.39}, 1);
    loud_reads(&rig, "momentary", -200, 0);
    loud_reads(&rig, "integrated", -200, 0);
    loud_play_all(&rig, &(struct tone){-20, 0.02}, 1);
    loud_reads(&rig, "momentary", -20, 0.1);
    loud_reads(&rig, "short_term", -200, 0);
    loud_reads(&rig, "range", 0, 0);
    rig_free(&rig);
}
END_TEST

START_TEST(a_reset_begins_anew_with_its_frame)
{
    static float loud[3 * LOUD_RATE], on[3 * LOUD_RATE];
    struct rig rig = loud_meter(1), fresh = loud_meter(1);
    size_t at = LOUD_RATE + 1234;
    noise_fill(loud, ROWS(loud), 0.1, 1);
    for (size_t i = 0; i < ROWS(loud); i++) {
        loud[i] *= i < at ? 10 : 1;
        on[i] = i >= at && i < at + 5;
    }
    rig_curve(&rig, "reset", on);
    free(rig_run(&rig, loud, ROWS(loud)));
    free(rig_run(&fresh, loud + at, ROWS(loud) - at));
    loud_reads(&rig, "peak", (double)rig_reading(&fresh, "peak"), 0);
    loud_reads(&rig, "true_peak", (double)rig_reading(&fresh, "true_peak"), 0.01);
    loud_reads(&rig, "integrated", (double)rig_reading(&fresh, "integrated"), 0.01);
    rig_free(&rig);
    rig_free(&fresh);
}
END_TEST

START_TEST(loudness_falls_when_the_sound_ends_and_what_was_integrated_stays)
{
    struct rig rig = loud_meter(2);
    static const struct tone tones[] = {{-20, 5}, {-300, 4}};
    loud_play_all(&rig, tones, 2);
    loud_reads(&rig, "momentary", -200, 0);
    loud_reads(&rig, "short_term", -200, 0);
    loud_reads(&rig, "integrated", -20, 0.2);
    rig_free(&rig);
}
END_TEST

static float burst(void *user, unsigned channel, uint64_t frame)
{
    (void)user;
    double periods = (double)(frame % LOUD_RATE) * LOUD_HZ / LOUD_RATE;
    return channel < 2 && frame / LOUD_RATE % 8 < 4 ? (float)(0.1 * sin(2 * M_PI * periods)) : 0;
}

/* Four seconds of sound, four of silence, and once more. */
START_TEST(asleep_it_has_told_of_the_silence_and_awake_it_goes_on)
{
    struct loudness_service at_once = loudness_measure_at_once();
    struct stage *stage = stage_new(LOUD_RATE);
    stage->ctl->loudness = &at_once;
    stage->sound = burst;
    stage_add(stage, node_class_find("meter"), "m", NULL);
    stage_wire(stage, "in", "m");
    stage_wire(stage, "m", "out");
    for (unsigned pass = 0; pass < 2; pass++) {
        const struct node_rt *meter = model_find(&stage->ctl->model, "m")->object;
        stage_run(stage, 4 * LOUD_RATE, 1024);
        ck_assert_int_eq(meter->slumber, SLUMBER_NONE);
        ck_assert_float_eq_tol(meter->readings[MOMENTARY], -20, 0.1f);
        ck_assert_float_eq_tol(meter->readings[SHORT_TERM], -20, 0.1f);
        stage_run(stage, 4 * LOUD_RATE, 1024);
        ck_assert_int_eq(meter->slumber, SLUMBER_DEEP);
        ck_assert_float_eq(meter->readings[MOMENTARY], -200);
        ck_assert_float_eq(meter->readings[SHORT_TERM], -200);
        ck_assert_float_eq_tol(meter->readings[INTEGRATED], -20, 0.5f);
    }
    stage_free(stage);
}
END_TEST

START_TEST(what_is_no_number_is_measured_as_silence_and_forgotten)
{
    static float x[LOUD_RATE];
    struct rig rig = loud_meter(2);
    for (unsigned i = 0; i < LOUD_RATE; i++)
        x[i] = i % 3 ? NAN : i % 2 ? INFINITY : 1e-42f;
    free(rig_run(&rig, x, LOUD_RATE));
    rig_set(&rig, "reset", 1);
    loud_play_all(&rig, &(struct tone){-20, 4}, 1);
    loud_reads(&rig, "momentary", -20, 0.05);
    loud_reads(&rig, "short_term", -20, 0.05);
    loud_reads(&rig, "integrated", -20, 0.05);
    loud_reads(&rig, "true_peak", -20, 0.1);
    loud_reads(&rig, "rms", -23.01, 0.01);
    loud_reads(&rig, "peak", -20, 0.01);
    rig_free(&rig);
}
END_TEST

START_TEST(readings_do_not_depend_on_how_time_is_divided)
{
    static float x[2 * LOUD_RATE];
    noise_fill(x, ROWS(x), 0.2, 5);
    static const unsigned blocks[] = {256, 0, 7};
    static const char *const names[] = {"peak", "true_peak", "rms", "momentary", "integrated"};
    double first[ROWS(names)];
    for (unsigned b = 0; b < ROWS(blocks); b++) {
        struct rig rig = loud_meter(1);
        rig.block = blocks[b];
        free(rig_run(&rig, x, ROWS(x)));
        for (unsigned i = 0; i < ROWS(names); i++) {
            if (!b)
                first[i] = (double)rig_reading(&rig, names[i]);
            loud_reads(&rig, names[i], first[i], 1e-5);
        }
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        peak_and_rms_of_a_sine_are_those_of_theory,
        rms_forgets_what_is_older_than_its_window,
        nothing_is_read_before_there_is_something,
        a_reset_begins_anew_with_its_frame,
        asleep_it_has_told_of_the_silence_and_awake_it_goes_on,
        loudness_falls_when_the_sound_ends_and_what_was_integrated_stays,
        what_is_no_number_is_measured_as_silence_and_forgotten,
        readings_do_not_depend_on_how_time_is_divided,
    };
    return suite_run("meter", 60, tests, ROWS(tests));
}
