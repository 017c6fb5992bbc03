/* What an arpeggiator plays, frame by frame, against the places of the piece in rational numbers. */
#include <check.h>
#include <stdlib.h>

#include "tests/piece_rig.h"
#include "tests/suite.h"

#define RATE 48000

enum { UP, DOWN, UPDOWN, DOWNUP, AS_PLAYED, RANDOM, CHORD };
enum { PLAYED, FIXED, ACCENT };

static const struct event chord[] = {
    {0, EVENT_NOTE_ON, 2, .note = 64, .value = 70},
    {0, EVENT_NOTE_ON, 2, .note = 60, .value = 60},
    {0, EVENT_NOTE_ON, 2, .note = 67, .value = 80},
};

static struct rig arp(double rate_hz, uint32_t ticks)
{
    struct rig rig = rig_new("arpeggiator", rate_hz, 0);
    rig.ticks[rig_row(&rig, "rate")] = ticks;
    rig.is_rolling = ticks != 0;
    rig.block = 0;
    rig_start(&rig);
    return rig;
}

static void run(struct rig *rig, const struct event *events, size_t n_events, size_t n_frames)
{
    rig->events = events;
    rig->n_events = n_events;
    rig_process(rig, NULL, (float *const[]){NULL}, n_frames);
}

static void let_go(struct rig *rig)
{
    static const struct event offs[] = {
        {0, EVENT_NOTE_OFF, 2, .note = 64}, {0, EVENT_NOTE_OFF, 2, .note = 60}, {0, EVENT_NOTE_OFF, 2, .note = 67}};
    run(rig, offs, 3, 100);
}

static const struct piece_mark piece[] = {
    {1, 1, 0, 13337, 4, 4}, {2, 2, 777, 6133, 0, 0}, {4, 1, 0, 0, 7, 8}, {5, 3, 1, 17401, 0, 0}, {7, 1, 0, 0, 3, 4}};
#define MARKS 5

/* Steps count from where a signature begins: every place, as ticks; one that would come later than that is no step. */
static size_t places(uint32_t ticks, int64_t *place, size_t most)
{
    const int64_t from[] = {0, piece_tick(piece, MARKS, 4, 1, 0), piece_tick(piece, MARKS, 7, 1, 0), INT64_MAX};
    size_t n = 0;
    for (unsigned s = 0; s < 3; s++)
        for (int64_t at = from[s]; at < from[s + 1] && n < most; at += ticks)
            place[n++] = at;
    return n;
}

START_TEST(notes_begin_on_the_frames_of_their_places)
{
    static const uint32_t lengths[] = {60, 160, 240, 360, 640, 1440}, rates_hz[] = {44100, 48000, 96000};
    for (unsigned k = 0; k < ROWS(lengths) * ROWS(rates_hz); k++) {
        uint32_t ticks = lengths[k / ROWS(rates_hz)], rate_hz = rates_hz[k % ROWS(rates_hz)];
        struct tempo_map *map = piece_map(piece, MARKS, rate_hz);
        struct rig rig = arp(rate_hz, ticks);
        int64_t place[2000];
        size_t n = places(ticks, place, ROWS(place)), n_frames = 20 * (size_t)rate_hz, i = 0;
        rig.map = map;
        run(&rig, chord, 3, n_frames);
        for (; i < n && piece_frame(piece, MARKS, rate_hz, place[i], 1) < (int64_t)n_frames; i++) {
            const struct event *event = played_at(&rig, EVENT_NOTE_ON, i);
            ck_assert_msg(event && event->offset == piece_frame(piece, MARKS, rate_hz, place[i], 1),
                          "%u ticks at %u Hz: step %zu", ticks, rate_hz, i);
        }
        ck_assert_uint_eq(played_count(&rig, EVENT_NOTE_ON), i);
        let_go(&rig);
        played_check_ends(&rig);
        rig_free(&rig);
        free(map);
    }
}
END_TEST

START_TEST(gate_and_swing_are_parts_of_a_step)
{
    static const struct piece_mark marks[] = {{1, 1, 0, 9700, 4, 4}, {1, 2, 100, 13100, 0, 0}};
    struct tempo_map *map = piece_map(marks, 2, RATE);
    struct rig rig = arp(RATE, 240);
    rig.map = map;
    rig_set(&rig, "gate", 0.75f);
    rig_set(&rig, "swing", 0.25f);
    run(&rig, chord, 3, 4 * RATE);
    for (int64_t k = 0; k < 30; k++) {
        int64_t from = 240 * k + (k % 2 ? 60 : 0), length = k % 2 ? 180 : 300;
        ck_assert_int_eq(played_at(&rig, EVENT_NOTE_ON, (size_t)k)->offset, piece_frame(marks, 2, RATE, from, 1));
        ck_assert_int_eq(played_at(&rig, EVENT_NOTE_OFF, (size_t)k)->offset,
                         piece_frame(marks, 2, RATE, 4 * from + 3 * length, 4));
    }
    rig_free(&rig);
    free(map);
}
END_TEST

START_TEST(a_full_gate_ends_where_the_next_note_begins)
{
    struct rig rig = arp(RATE, 0);
    rig_set(&rig, "gate", 1);
    rig_set(&rig, "swing", 0.3f);
    run(&rig, chord, 3, 3 * RATE);
    for (size_t k = 0; k < 20; k++)
        ck_assert_uint_eq(played_at(&rig, EVENT_NOTE_OFF, k)->offset, played_at(&rig, EVENT_NOTE_ON, k + 1)->offset);
    let_go(&rig);
    played_check_ends(&rig);
    rig_free(&rig);
}
END_TEST

/* 8 a second: 6000 frames. */
START_TEST(while_the_piece_stands_the_first_key_begins_a_clock)
{
    struct rig rig = arp(RATE, 0);
    run(&rig, NULL, 0, 12345);
    run(&rig, chord, 3, 3600 * RATE / 60);
    for (size_t k = 0; k < 480; k++) {
        ck_assert_uint_eq(played_at(&rig, EVENT_NOTE_ON, k)->offset, 12345 + 6000 * k);
        ck_assert_uint_eq(played_at(&rig, EVENT_NOTE_OFF, k)->offset, 12345 + 6000 * k + 3000);
    }
    rig_free(&rig);
}
END_TEST

static void expect_notes(int mode, int octaves, const char *text)
{
    struct rig rig = arp(RATE, 0);
    rig_set(&rig, "mode", (float)mode);
    rig_set(&rig, "octaves", (float)octaves);
    run(&rig, chord, 3, 2 * RATE);
    char *rest = (char *)text;
    for (size_t k = 0; *rest; k++)
        ck_assert_msg(played_at(&rig, EVENT_NOTE_ON, k)->note == (float)strtol(rest, &rest, 10), "mode %d, note %zu", mode,
                      k);
    rig_free(&rig);
}

START_TEST(modes_are_orders_of_the_notes)
{
    expect_notes(UP, 1, "60 64 67 60 64 67");
    expect_notes(UP, 2, "60 64 67 72 76 79 60");
    expect_notes(DOWN, 2, "79 76 72 67 64 60 79");
    expect_notes(UPDOWN, 1, "60 64 67 64 60 64");
    expect_notes(DOWNUP, 1, "67 64 60 64 67 64");
    expect_notes(AS_PLAYED, 2, "64 60 67 76 72 79 64");
    expect_notes(CHORD, 2, "64 60 67 76 72 79 64 60 67");
}
END_TEST

START_TEST(random_comes_to_every_note_alike)
{
    struct rig rig = arp(RATE, 0);
    int count[128] = {0};
    rig_set(&rig, "mode", RANDOM);
    rig_set(&rig, "rate", 50);
    run(&rig, chord, 3, 60 * RATE);
    for (size_t i = 0; i < rig.n_played; i++)
        count[(int)rig.played[i].note] += rig.played[i].kind == EVENT_NOTE_ON;
    /* 1000 of 3000, and four times the spread of chance. */
    for (unsigned k = 0; k < 3; k++)
        ck_assert_int_le(abs(count[(int)chord[k].note] - 1000), 4 * 26);
    rig_free(&rig);
}
END_TEST

START_TEST(velocities_are_those_of_the_keys_or_accents)
{
    static const float expected[3][5] = {{60, 70, 80, 60, 70}, {101, 101, 101, 101, 101}, {101, 70, 101, 60, 101}};
    for (int way = PLAYED; way <= ACCENT; way++) {
        struct rig rig = arp(RATE, 0);
        rig_set(&rig, "velocity", (float)way);
        rig_set(&rig, "level", 101);
        rig_set(&rig, "accents", 2);
        run(&rig, chord, 3, RATE);
        for (size_t k = 0; k < 5; k++)
            ck_assert_float_eq(played_at(&rig, EVENT_NOTE_ON, k)->value, expected[way][k]);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(keys_that_are_let_go_end_it)
{
    struct rig rig = arp(RATE, 0);
    rig_set(&rig, "gate", 1);
    run(&rig, chord, 3, RATE);
    size_t n = played_count(&rig, EVENT_NOTE_ON);
    let_go(&rig);
    ck_assert_uint_eq(played_at(&rig, EVENT_NOTE_OFF, n - 1)->offset, RATE);
    run(&rig, NULL, 0, RATE);
    ck_assert_uint_eq(played_count(&rig, EVENT_NOTE_ON), n);
    played_check_ends(&rig);
    rig_free(&rig);
}
END_TEST

START_TEST(latch_and_pedal_hold_the_chord_until_others_are_pressed)
{
    static const struct event down = {0, EVENT_CONTROL, 2, CONTROL_PEDAL, .value = 127}, up = {0, EVENT_CONTROL, 2, 64};
    static const struct event other = {0, EVENT_NOTE_ON, 2, .note = 50, .value = 90};
    for (int pedal = 0; pedal < 2; pedal++) {
        struct rig rig = arp(RATE, 0);
        rig_set(&rig, "latch", !pedal);
        run(&rig, &down, (size_t)pedal, 1);
        run(&rig, chord, 3, 99);
        let_go(&rig);
        run(&rig, NULL, 0, 4 * RATE);
        ck_assert_uint_ge(played_count(&rig, EVENT_NOTE_ON), 32);
        run(&rig, &other, 1, RATE);
        ck_assert_float_eq(rig.played[rig.n_played - 1].note, 50);
        run(&rig, (const struct event[]){{0, EVENT_NOTE_OFF, 2, .note = 50}}, 1, RATE);
        ck_assert_float_eq(rig.played[rig.n_played - 1].note, 50);
        size_t n = played_count(&rig, EVENT_NOTE_ON);
        rig_set(&rig, "latch", 0);
        run(&rig, &up, (size_t)pedal, RATE);
        ck_assert_uint_eq(played_count(&rig, EVENT_NOTE_ON), n);
        played_check_ends(&rig);
        rig_free(&rig);
    }
}
END_TEST

/* Rolling, standing, elsewhere, another tempo, other keys, other switches, at any frame. */
START_TEST(no_note_stays_on_whatever_happens)
{
    static const struct piece_mark slow[] = {{1, 1, 0, 9000, 5, 8}}, fast[] = {{1, 1, 0, 20000, 4, 4}};
    static const uint32_t lengths[] = {0, 120, 240, 320};
    struct tempo_map *maps[] = {piece_map(slow, 1, RATE), piece_map(fast, 1, RATE)};
    struct rig rig = arp(RATE, 240);
    uint32_t h = 1;
    for (int k = 0; k < 3000; k++) {
        h = h * 1664525u + 1013904223u;
        uint32_t r = h >> 8;
        struct event event = {r % 50, r & 1 ? EVENT_NOTE_ON : EVENT_NOTE_OFF, 0, .note = (float)(40 + r / 7 % 5),
                              .value = 9};
        rig.is_rolling = r / 11 % 3 != 0;
        rig.position = r % 13 ? rig.position : r % 1000000;
        rig.map = maps[r / 17 % 2];
        rig.ticks[rig_row(&rig, "rate")] = lengths[r / 97 % 4];
        rig_set(&rig, "latch", r / 31 % 5 == 0);
        rig_set(&rig, "mode", (float)(r / 37 % 7));
        rig_set(&rig, "swing", (float)(r / 41 % 4) / 4);
        run(&rig, &event, 1, 50 + r % 3000);
    }
    ck_assert_uint_ge(played_count(&rig, EVENT_NOTE_ON), 300);
    rig_set(&rig, "latch", 0);
    for (int note = 40; note < 45; note++)
        run(&rig, &(struct event){0, EVENT_NOTE_OFF, 0, .note = (float)note}, 1, 10);
    run(&rig, NULL, 0, 10);
    played_check_ends(&rig);
    rig_free(&rig);
    free(maps[0]);
    free(maps[1]);
}
END_TEST

/* The transport keeps its place in bars then, on the frame nearest to it. */
START_TEST(a_tempo_that_is_set_while_it_rolls_moves_what_is_to_come)
{
    static const struct piece_mark before[] = {{1, 1, 0, 12000, 4, 4}}, after[] = {{1, 1, 0, 17700, 4, 4}};
    struct tempo_map *maps[] = {piece_map(before, 1, RATE), piece_map(after, 1, RATE)};
    for (size_t at = 5000; at < 7000; at += 111) {
        struct rig rig = arp(RATE, 240);
        rig.map = maps[0];
        run(&rig, chord, 3, at);
        struct tempo_place place = tempo_place_of_frame(maps[0], rig.position);
        rig.map = maps[1];
        rig.position = tempo_frame_of_place(maps[1], &place);
        int64_t shift = (int64_t)at - rig.position;
        run(&rig, NULL, 0, RATE);
        for (size_t k = 0; k < 8; k++) {
            int64_t first = 6000 * (int64_t)k, expected = shift + piece_frame(after, 1, RATE, 240 * (int64_t)k, 1);
            ck_assert_int_eq(played_at(&rig, EVENT_NOTE_ON, k)->offset, first < (int64_t)at ? first : expected);
        }
        rig_free(&rig);
    }
    free(maps[0]);
    free(maps[1]);
}
END_TEST

START_TEST(elsewhere_in_the_piece_the_pattern_begins_with_the_next_step)
{
    struct rig rig = arp(RATE, 240);
    rig_set(&rig, "gate", 1);
    run(&rig, chord, 3, 9000);
    rig.position = 48000 - 700;
    run(&rig, NULL, 0, 9000);
    ck_assert_uint_eq(played_at(&rig, EVENT_NOTE_OFF, 1)->offset, 9000);
    ck_assert_uint_eq(played_at(&rig, EVENT_NOTE_ON, 2)->offset, 9700);
    ck_assert_float_eq(played_at(&rig, EVENT_NOTE_ON, 2)->note, 60);
    rig_free(&rig);
}
END_TEST

START_TEST(controllers_go_through)
{
    static const struct event bend = {7, EVENT_BEND, 3, .value = 0.5f};
    struct rig rig = arp(RATE, 0);
    run(&rig, &bend, 1, 100);
    ck_assert_uint_eq(rig.n_played, 1);
    ck_assert_uint_eq(rig.played[0].offset, 7);
    ck_assert_float_eq(rig.played[0].value, 0.5f);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        notes_begin_on_the_frames_of_their_places,
        gate_and_swing_are_parts_of_a_step,
        a_full_gate_ends_where_the_next_note_begins,
        while_the_piece_stands_the_first_key_begins_a_clock,
        modes_are_orders_of_the_notes,
        random_comes_to_every_note_alike,
        velocities_are_those_of_the_keys_or_accents,
        keys_that_are_let_go_end_it,
        latch_and_pedal_hold_the_chord_until_others_are_pressed,
        no_note_stays_on_whatever_happens,
        a_tempo_that_is_set_while_it_rolls_moves_what_is_to_come,
        elsewhere_in_the_piece_the_pattern_begins_with_the_next_step,
        controllers_go_through,
    };
    return suite_run("arpeggiator", 20, tests, ROWS(tests));
}
