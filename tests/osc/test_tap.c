/* A tempo that is tapped, by the clock of the test. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "osc/taps.h"
#include "tests/undo_rig.h"

static struct osc_rig rig;
static uint64_t now_ms;

static void open_rig(void)
{
    undo_rig_open(&rig);
    now_ms = 0;
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* Taps so many ms later; what it answers. */
static double tap(uint64_t later_ms, int n)
{
    float bpm;
    int taps;
    undo_rig_clock(now_ms += later_ms);
    ck_assert_int_eq(sscanf(osc_rig_ask(&rig, "/transport/tap"), "/done 0 /transport/tap %f %d", &bpm, &taps), 2);
    ck_assert_int_eq(taps, n);
    return (double)bpm;
}

START_TEST(two_taps_are_a_tempo)
{
    ck_assert_double_eq(tap(0, 1), 120);
    ck_assert_double_eq_tol(tap(400, 2), 150, 1e-4);
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/tempo"), "/transport/tempo 150.0");
    undo_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/tempo"), "/transport/tempo 120.0");
}
END_TEST

START_TEST(whoever_taps_is_counted)
{
    for (int i = 1; i <= 8; i++) {
        rig.peer = osc_rig_datagram((uint16_t)(9000 + i)); /* as oscsend does: a port of its own each time */
        tap(500, i);
    }
    tap(500, 8);
    ck_assert_double_eq_tol(tap(500, 8), 120, 1e-4);
}
END_TEST

/* A musician's taps scatter by some 10 ms (1 sigma); the tempo of eight of them by less than 1 %. */
START_TEST(what_scatters_is_evened_out)
{
    uint32_t seed = 1;
    double worst = 0;
    for (int k = 0; k < 500; k++) {
        struct taps taps = {0};
        double bpm = 0;
        for (int i = 0; i < 8; i++) {
            double off_ms = 0;
            for (int j = 0; j < 12; j++) { /* nearly normal, with a spread of 1 */
                seed = seed * 1664525u + 1013904223u;
                off_ms += (double)(seed >> 8) / 0x1p24 - 0.5;
            }
            taps_add(&taps, (uint64_t)((1000 + 500 * i + 10 * off_ms) * 1e6), &bpm);
        }
        worst = fmax(worst, fabs(bpm - 120));
    }
    ck_assert_double_lt(worst, 120 * 0.012);
}
END_TEST

START_TEST(one_tap_that_is_wrong_does_not_count)
{
    for (int i = 1; i <= 6; i++)
        tap(500, i);
    tap(620, 7); /* late by a quarter of a beat */
    ck_assert_double_eq_tol(tap(380, 8), 120, 1e-3);
}
END_TEST

START_TEST(after_a_pause_it_begins_anew)
{
    for (int i = 1; i <= 5; i++)
        tap(500, i);
    ck_assert_double_eq_tol(tap(1400, 1), 120, 1e-3);
    ck_assert_double_eq_tol(tap(600, 2), 100, 1e-3);
}
END_TEST

START_TEST(another_tempo_is_taken_up_with_the_second_beat_of_it)
{
    for (int i = 1; i <= 8; i++)
        tap(500, i);
    tap(750, 8);
    ck_assert_double_eq_tol(tap(750, 3), 80, 1e-3);
}
END_TEST

START_TEST(a_button_that_bounces_is_tapped_once)
{
    tap(0, 1);
    tap(20, 1);
    ck_assert_double_eq_tol(tap(480, 2), 120, 1e-3);
}
END_TEST

START_TEST(the_slowest_tempo_can_be_tapped)
{
    tap(0, 1);
    ck_assert_double_eq_tol(tap(6000, 2), 10, 1e-5);
    tap(6001, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        two_taps_are_a_tempo,
        whoever_taps_is_counted,
        what_scatters_is_evened_out,
        one_tap_that_is_wrong_does_not_count,
        after_a_pause_it_begins_anew,
        another_tempo_is_taken_up_with_the_second_beat_of_it,
        a_button_that_bounces_is_tapped_once,
        the_slowest_tempo_can_be_tapped,
    };
    return osc_rig_suite("tap", open_rig, close_rig, tests, ROWS(tests));
}
