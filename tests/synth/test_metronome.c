/* When a metronome clicks, against the places of the piece in rational numbers, and what its click is made of. */
#include <check.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "tests/piece_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000

static const struct piece_mark piece[] = {
    {1, 1, 0, 13337, 4, 4}, {2, 2, 777, 6133, 0, 0}, {3, 1, 0, 0, 7, 8}, {4, 3, 1, 25001, 0, 0}, {7, 1, 0, 0, 3, 2}};
#define MARKS 5

static struct rig metronome(double rate_hz)
{
    struct rig rig = rig_new("metronome", rate_hz, 0);
    rig.is_rolling = true;
    rig.block = 0;
    return rig;
}

/* Bar by bar and beat by beat; a first beat has the note 76, all others 77. */
static void expect_clicks(uint32_t rate_hz, unsigned subdivision)
{
    static const int numerators[] = {4, 4, 7, 7, 7, 7, 3, 3}, denominators[] = {4, 4, 8, 8, 8, 8, 2, 2};
    struct tempo_map *map = piece_map(piece, MARKS, rate_hz);
    struct rig rig = metronome(rate_hz);
    size_t k = 0;
    rig.map = map;
    rig_set(&rig, "subdivision", (float)subdivision);
    rig_start(&rig);
    free(rig_run(&rig, NULL, 12 * (size_t)rate_hz));
    for (int bar = 0; bar < 8; bar++)
        for (int click = 0; click < numerators[bar] * (int)subdivision; click++) {
            int64_t tick = piece_tick(piece, MARKS, bar + 1, 1, 0) + click * 3840 / denominators[bar] / (int)subdivision;
            int64_t frame = piece_frame(piece, MARKS, rate_hz, tick, 1);
            if (frame >= 12 * (int64_t)rate_hz)
                continue;
            const struct event *event = played_at(&rig, EVENT_NOTE_ON, k++);
            ck_assert_msg(event && event->offset == frame && event->note == (click ? 77 : 76), "bar %d, click %d", bar + 1,
                          click);
        }
    ck_assert_uint_eq(played_count(&rig, EVENT_NOTE_ON), k);
    ck_assert_uint_ge(k, 24 * subdivision);
    rig_free(&rig);
    free(map);
}

START_TEST(clicks_begin_on_the_frames_of_the_beats)
{
    for (unsigned subdivision = 1; subdivision <= 4; subdivision++) {
        expect_clicks(44100, subdivision);
        expect_clicks(48000, subdivision);
        expect_clicks(96000, subdivision);
    }
}
END_TEST

/* 120 bpm: 24000 frames from beat to beat. */
START_TEST(a_click_begins_in_its_frame_and_dies_away)
{
    struct rig rig = metronome(RATE);
    rig.position = 23000;
    rig_set(&rig, "decay", 60);
    rig_start(&rig);
    float *x = rig_run(&rig, NULL, 24000);
    ck_assert_double_eq(peak(x, 1001), 0);
    ck_assert_double_gt(peak(x + 1001, 10), 0);
    ck_assert_double_gt(peak(x + 1001, 500), 0.1);
    ck_assert_double_lt(peak(x + 1000 + 2880 + 48, 20000), 1.1e-3 * peak(x, 24000)); /* 60 dB in 60 ms */
    ck_assert_double_lt(peak(x + 1000 + 2 * 2880 + 48, 17000), 1e-9);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(the_first_beat_is_louder_and_those_between_are_softer)
{
    struct rig rig = metronome(RATE);
    rig_set(&rig, "subdivision", 2);
    rig_set(&rig, "sound", 0);
    rig_set(&rig, "interval", 0);
    rig_set(&rig, "accent", 6);
    rig_set(&rig, "softer", 10);
    rig_start(&rig);
    float *x = rig_run(&rig, NULL, 48000);
    double first = peak(x, 12000), part = peak(x + 12000, 12000), beat = peak(x + 24000, 12000);
    ck_assert_double_eq_tol(20 * log10(first / beat), 6, 1e-4);
    ck_assert_double_eq_tol(20 * log10(beat / part), 10, 1e-4);
    free(x);
    rig_free(&rig);
}
END_TEST

/* What a click has at the upper end of the spectrum: from there on it would come back mirrored. */
START_TEST(a_click_has_nothing_that_could_alias)
{
    for (int sound = 0; sound < 3; sound++) {
        struct rig rig = metronome(RATE);
        rig_set(&rig, "sound", (float)sound);
        rig_start(&rig);
        float *x = rig_run(&rig, NULL, 8000);
        double most = 0, high = 0;
        for (double hz = 500; hz < 5000; hz += 50)
            most = fmax(most, cabs(response_at(x, 8000, hz, RATE)));
        for (double hz = 20000; hz < 24000; hz += 50)
            high = fmax(high, cabs(response_at(x, 8000, hz, RATE)));
        ck_assert_msg(20 * log10(high / most) < -90, "sound %d: %.1f dB", sound, 20 * log10(high / most));
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(it_is_silent_while_the_piece_stands)
{
    struct rig rig = metronome(RATE);
    rig.is_rolling = false;
    rig_start(&rig);
    float *x = rig_run(&rig, NULL, 96000);
    ck_assert_double_eq(peak(x, 96000), 0);
    ck_assert_uint_eq(rig.n_played, 0);
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(its_notes_end_and_its_readings_tell_the_beat)
{
    struct rig rig = metronome(RATE);
    rig.position = 96000 + 2 * 24000 - 100;
    rig_start(&rig);
    free(rig_run(&rig, NULL, 200));
    ck_assert_float_eq(rig_reading(&rig, "bar"), 2);
    ck_assert_float_eq(rig_reading(&rig, "beat"), 3);
    rig.is_rolling = false;
    free(rig_run(&rig, NULL, 2000));
    ck_assert_uint_eq(rig.n_played, 2);
    ck_assert_uint_eq(rig.played[0].offset, 100);
    ck_assert_uint_eq(rig.played[0].channel, 9);
    ck_assert_uint_eq(rig.played[1].offset, 100 + 960);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        clicks_begin_on_the_frames_of_the_beats,
        a_click_begins_in_its_frame_and_dies_away,
        the_first_beat_is_louder_and_those_between_are_softer,
        a_click_has_nothing_that_could_alias,
        it_is_silent_while_the_piece_stands,
        its_notes_end_and_its_readings_tell_the_beat,
    };
    return suite_run("metronome", 20, tests, ROWS(tests));
}
