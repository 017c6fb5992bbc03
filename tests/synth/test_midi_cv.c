/* Notes as signals, frame by frame. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "tests/node_rig.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define N       2000

enum { PITCH, GATE, VELOCITY, PRESSURE, MOD, TIMBRE, RELEASE, TRIGGER, N_OUT };

static float out[N_OUT][N];

static struct event note(unsigned offset, bool is_on, float number, float value)
{
    return (struct event){.offset = offset, .kind = is_on ? EVENT_NOTE_ON : EVENT_NOTE_OFF, .note = number, .value = value};
}

static void run(struct rig *rig, const struct event *events, size_t n_events)
{
    float *outs[N_OUT];
    for (unsigned c = 0; c < N_OUT; c++)
        outs[c] = out[c];
    rig->events = events;
    rig->n_events = n_events;
    rig_process(rig, NULL, outs, N);
}

static struct rig begin(void)
{
    struct rig rig = rig_new("midi_cv", RATE_HZ, 0);
    rig.block = 0;
    return rig;
}

START_TEST(a_note_is_in_tune_and_open_from_its_frame_to_its_end)
{
    const struct event events[] = {note(101, true, 60.5f, 64), note(777, false, 60.5f, 32)};
    struct rig rig = begin();
    rig_start(&rig);
    run(&rig, events, ROWS(events));
    for (unsigned i = 0; i < N; i++) {
        ck_assert_float_eq(out[GATE][i], i >= 101 && i < 777);
        ck_assert_float_eq(out[TRIGGER][i], i == 101);
        if (i >= 101) {
            ck_assert_double_eq_tol((double)out[PITCH][i] * 1200, -850, 0.001); /* cents */
            ck_assert_float_eq(out[VELOCITY][i], 64 / 127.0f);
        }
        ck_assert_float_eq(out[RELEASE][i], i >= 777 ? 32 / 127.0f : 0);
    }
    rig_free(&rig);
}
END_TEST

START_TEST(legato_keeps_the_gate_open_and_else_it_closes_for_one_frame)
{
    const struct event events[] = {note(100, true, 69, 64), note(500, true, 81, 64), note(900, false, 81, 0)};
    for (unsigned legato = 0; legato < 2; legato++) {
        struct rig rig = begin();
        rig_set(&rig, "legato", (float)legato);
        rig_start(&rig);
        run(&rig, events, ROWS(events));
        for (unsigned i = 100; i < N; i++) {
            bool begins = !legato && (i == 500 || i == 900);
            ck_assert_float_eq(out[GATE][i], !begins);
            ck_assert_float_eq(out[TRIGGER][i], i == 100 || begins);
            ck_assert_float_eq(out[PITCH][i], i >= 500 && i < 900);
        }
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_key_let_go_and_struck_in_one_frame_closes_the_gate_for_that)
{
    const struct event events[] = {note(100, true, 69, 64), note(500, false, 69, 0), note(500, true, 69, 64),
                                   note(900, false, 69, 0), note(900, true, 69, 64)};
    for (unsigned legato = 0; legato < 2; legato++) {
        struct rig rig = begin();
        rig_set(&rig, "legato", (float)legato);
        rig_start(&rig);
        run(&rig, events, ROWS(events));
        for (unsigned i = 100; i < N; i++) {
            ck_assert_float_eq(out[GATE][i], i != 500 && i != 900);
            ck_assert_float_eq(out[TRIGGER][i], i == 100 || i == 500 || i == 900);
        }
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_glide_is_straight_and_takes_its_time)
{
    const struct event events[] = {note(0, true, 69, 64), note(200, true, 57, 64)};
    struct rig rig = begin();
    rig_set(&rig, "glide", 0.02f);
    rig_start(&rig);
    run(&rig, events, ROWS(events));
    for (unsigned i = 0; i < N; i++) {
        double way = i < 200 ? 0 : i < 200 + 960 ? (i - 200) / 960.0 : 1;
        ck_assert_double_eq_tol((double)out[PITCH][i], -way, 1e-6);
    }
    rig_free(&rig);
}
END_TEST

START_TEST(the_lowest_or_highest_key_is_played_if_wished)
{
    const struct event events[] = {note(0, true, 69, 64), note(100, true, 81, 64), note(200, true, 57, 64),
                                   note(300, false, 57, 0)};
    for (unsigned mode = 0; mode < 3; mode++) {
        static const float pitches[3][4] = {{0, 1, -1, 1}, {0, 0, -1, 0}, {0, 1, 1, 1}};
        struct rig rig = begin();
        rig_set(&rig, "mode", (float)mode);
        rig_start(&rig);
        run(&rig, events, ROWS(events));
        for (unsigned k = 0; k < 4; k++)
            ck_assert_float_eq(out[PITCH][100 * k + 50], pitches[mode][k]);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(wheels_and_pressure_arrive_within_5_ms)
{
    const struct event events[] = {note(0, true, 69, 64),
                                   {.offset = 100, .kind = EVENT_BEND, .value = -0.5f},
                                   {.offset = 100, .kind = EVENT_PRESSURE, .value = 127},
                                   {.offset = 100, .kind = EVENT_CONTROL, .number = CONTROL_MODULATION, .value = 63.5f},
                                   {.offset = 100, .kind = EVENT_CONTROL, .number = CONTROL_TIMBRE, .value = 127}};
    struct rig rig = begin();
    rig_set(&rig, "bend", 12);
    rig_start(&rig);
    run(&rig, events, ROWS(events));
    for (unsigned i = 0; i < N; i++) {
        double way = i < 100 ? 0 : i < 340 ? (i - 100) / 240.0 : 1;
        ck_assert_double_eq_tol((double)out[PITCH][i], -0.5 * way, 1e-6);
        ck_assert_double_eq_tol((double)out[PRESSURE][i], way, 1e-6);
        ck_assert_double_eq_tol((double)out[MOD][i], 0.5 * way, 1e-6);
        ck_assert_double_eq_tol((double)out[TIMBRE][i], way, 1e-6);
    }
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_note_is_in_tune_and_open_from_its_frame_to_its_end,
        legato_keeps_the_gate_open_and_else_it_closes_for_one_frame,
        a_key_let_go_and_struck_in_one_frame_closes_the_gate_for_that,
        a_glide_is_straight_and_takes_its_time,
        the_lowest_or_highest_key_is_played_if_wished,
        wheels_and_pressure_arrive_within_5_ms,
    };
    return suite_run("midi_cv", 60, tests, ROWS(tests));
}
