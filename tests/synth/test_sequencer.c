/* What a sequencer plays, frame by frame, against the places of the piece in rational numbers. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/piece_rig.h"
#include "tests/suite.h"

#define RATE 48000

enum { FORWARD, BACKWARD, PENDULUM, RANDOM };
enum { REST, PLAYED, TIE, SLIDE };

/* Steps with the notes 40, 41, 42, ... */
static struct rig sequencer(double rate_hz, unsigned steps, uint32_t ticks)
{
    struct rig rig = rig_new("sequencer", rate_hz, 0);
    char name[16];
    rig_set(&rig, "steps", (float)steps);
    for (unsigned k = 1; k <= steps; k++) {
        snprintf(name, sizeof name, "note%u", k);
        rig_set(&rig, name, (float)(39 + k));
    }
    rig.ticks[rig_row(&rig, "rate")] = ticks;
    rig.is_rolling = true;
    rig.block = 0;
    rig_start(&rig);
    return rig;
}

static void set(struct rig *rig, const char *name, unsigned step, float value)
{
    char row[32];
    snprintf(row, sizeof row, "%s%u", name, step);
    rig_set(rig, row, value);
}

static float pitch[8 * RATE], gate[8 * RATE], velocity[8 * RATE];

/* Up to 8 s, with what the signals were. */
static void run(struct rig *rig, size_t n)
{
    ck_assert_uint_le(n, ROWS(pitch));
    rig_process(rig, NULL, (float *const[]){pitch, gate, velocity}, n);
}

static void stop(struct rig *rig)
{
    rig->is_rolling = false;
    run(rig, 10);
    played_check_ends(rig);
    rig_free(rig);
}

static void expect_note(const struct rig *rig, enum event_kind kind, size_t k, int64_t frame, float note)
{
    const struct event *event = played_at(rig, kind, k);
    ck_assert_msg(event && event->offset == frame && event->note == note, "%zu: %g at %u, not %g at %lld", k,
                  event ? (double)event->note : 0, event ? event->offset : 0, (double)note, (long long)frame);
}

static const struct piece_mark piece[] = {
    {1, 1, 0, 13337, 4, 4}, {2, 2, 777, 6133, 0, 0}, {4, 1, 0, 0, 7, 8}, {5, 3, 1, 17401, 0, 0}, {7, 1, 0, 0, 3, 4}};
#define MARKS 5

/* Through tempos and signatures: steps count from where a signature begins, or from every bar. */
static void expect_piece(uint32_t ticks, uint32_t rate_hz, unsigned anew, const int64_t *from, size_t n_from)
{
    struct tempo_map *map = piece_map(piece, MARKS, rate_hz);
    struct rig rig = sequencer(rate_hz, 7, ticks);
    size_t k = 0;
    rig.map = map;
    rig_set(&rig, "anew", (float)anew);
    for (int i = 0; i < 4; i++)
        run(&rig, 4 * rate_hz);
    for (size_t s = 0; s + 1 < n_from; s++)
        for (int64_t step = 0; from[s] + step * ticks < from[s + 1]; step++) {
            int64_t frame = piece_frame(piece, MARKS, rate_hz, from[s] + step * ticks, 1);
            if (frame < 16 * (int64_t)rate_hz)
                expect_note(&rig, EVENT_NOTE_ON, k++, frame, (float)(40 + step % 7));
        }
    ck_assert_uint_eq(played_count(&rig, EVENT_NOTE_ON), k);
    stop(&rig);
    free(map);
}

START_TEST(steps_begin_on_the_frames_of_their_places)
{
    static const uint32_t lengths[] = {160, 360, 1440}, rates_hz[] = {44100, 96000};
    int64_t signatures[] = {0, piece_tick(piece, MARKS, 4, 1, 0), piece_tick(piece, MARKS, 7, 1, 0), 100000}, bars[12];
    for (int64_t bar = 1; bar <= 12; bar++)
        bars[bar - 1] = piece_tick(piece, MARKS, bar, 1, 0);
    for (size_t l = 0; l < ROWS(lengths); l++)
        for (size_t r = 0; r < ROWS(rates_hz); r++) {
            expect_piece(lengths[l], rates_hz[r], 0, signatures, ROWS(signatures));
            expect_piece(lengths[l], rates_hz[r], 1, bars, ROWS(bars));
        }
}
END_TEST

START_TEST(directions_are_ways_through_the_steps)
{
    static const float notes[][8] = {
        {40, 41, 42, 43, 40, 41, 42, 43}, {43, 42, 41, 40, 43, 42, 41, 40}, {40, 41, 42, 43, 42, 41, 40, 41}};
    for (int way = FORWARD; way <= PENDULUM; way++) {
        struct rig rig = sequencer(RATE, 6, 240);
        rig_set(&rig, "length", 4);
        rig_set(&rig, "direction", (float)way);
        run(&rig, RATE);
        for (size_t k = 0; k < 8; k++)
            expect_note(&rig, EVENT_NOTE_ON, k, 6000 * (int64_t)k, notes[way][k]);
        stop(&rig);
    }
}
END_TEST

START_TEST(random_comes_to_every_step_alike)
{
    struct rig rig = sequencer(RATE, 4, 0);
    int count[128] = {0};
    rig_set(&rig, "direction", RANDOM);
    rig_set(&rig, "rate", 50);
    for (int i = 0; i < 10; i++)
        run(&rig, 8 * RATE);
    for (size_t i = 0; i < rig.n_played; i++)
        count[(int)rig.played[i].note] += rig.played[i].kind == EVENT_NOTE_ON;
    /* 1000 of 4000, and four times the spread of chance. */
    for (unsigned k = 40; k < 44; k++)
        ck_assert_int_le(abs(count[k] - 1000), 4 * 28);
    stop(&rig);
}
END_TEST

START_TEST(chance_leaves_steps_out)
{
    struct rig rig = sequencer(RATE, 2, 0);
    int count[128] = {0};
    rig_set(&rig, "rate", 50);
    set(&rig, "chance", 1, 0);
    set(&rig, "chance", 2, 0.25f);
    for (int i = 0; i < 10; i++)
        run(&rig, 8 * RATE);
    for (size_t i = 0; i < rig.n_played; i++)
        count[(int)rig.played[i].note] += rig.played[i].kind == EVENT_NOTE_ON;
    ck_assert_int_eq(count[40], 0);
    ck_assert_int_le(abs(count[41] - 500), 4 * 20);
    stop(&rig);
}
END_TEST

/* At 120 bpm a sixteenth has 6000 frames. */
START_TEST(gates_ratchets_and_swing_are_parts_of_a_step)
{
    struct rig rig = sequencer(RATE, 4, 240);
    rig_set(&rig, "swing", 0.5f);
    set(&rig, "gate", 1, 0.25f);
    set(&rig, "ratchet", 1, 3);
    set(&rig, "gate", 2, 1);
    set(&rig, "step", 3, REST);
    run(&rig, 24000);
    for (size_t k = 0; k < 3; k++) {
        expect_note(&rig, EVENT_NOTE_ON, k, 3000 * (int64_t)k, 40);
        expect_note(&rig, EVENT_NOTE_OFF, k, 3000 * (int64_t)k + 750, 40);
    }
    expect_note(&rig, EVENT_NOTE_ON, 3, 9000, 41);
    expect_note(&rig, EVENT_NOTE_OFF, 3, 12000, 41);
    expect_note(&rig, EVENT_NOTE_ON, 4, 21000, 43);
    stop(&rig);
}
END_TEST

START_TEST(ties_go_on_and_slides_lead_over)
{
    struct rig rig = sequencer(RATE, 5, 240);
    set(&rig, "step", 2, TIE);
    set(&rig, "step", 3, TIE);
    set(&rig, "step", 5, SLIDE);
    set(&rig, "gate", 5, 1);
    run(&rig, 30000 + 10);
    expect_note(&rig, EVENT_NOTE_ON, 0, 0, 40);
    expect_note(&rig, EVENT_NOTE_OFF, 0, 15000, 40);
    expect_note(&rig, EVENT_NOTE_ON, 1, 18000, 43);
    expect_note(&rig, EVENT_NOTE_ON, 2, 24000, 44);
    expect_note(&rig, EVENT_NOTE_OFF, 1, 24000, 43);
    expect_note(&rig, EVENT_NOTE_OFF, 2, 30000, 44);
    ck_assert_uint_eq(played_count(&rig, EVENT_NOTE_ON), 4);
    for (size_t i = 1; i < rig.n_played; i++) /* the slide's note is there before the other one goes */
        if (rig.played[i].kind == EVENT_NOTE_OFF && rig.played[i].note == 43)
            ck_assert_float_eq(rig.played[i - 1].note, 44);
    stop(&rig);
}
END_TEST

START_TEST(the_signals_say_what_the_notes_say)
{
    struct rig rig = sequencer(RATE, 3, 240);
    float p = 0, g = 0, v = 0;
    size_t next = 0;
    set(&rig, "velocity", 2, 127);
    set(&rig, "note", 3, 81.5f);
    set(&rig, "ratchet", 3, 2);
    run(&rig, 2 * RATE);
    for (size_t i = 0; i < 2 * RATE; i++) {
        for (; next < rig.n_played && rig.played[next].offset == i; next++) {
            g = rig.played[next].kind == EVENT_NOTE_ON;
            p = g > 0 ? (rig.played[next].note - 69) / 12 : p;
            v = g > 0 ? rig.played[next].value / 127 : v;
        }
        ck_assert_msg(pitch[i] == p && gate[i] == g && velocity[i] == v, "frame %zu", i);
    }
    stop(&rig);
}
END_TEST

START_TEST(the_last_key_and_the_parameter_transpose)
{
    static const struct event keys[] = {{6100, EVENT_NOTE_ON, 0, .note = 67, .value = 80},
                                        {7000, EVENT_NOTE_OFF, 0, .note = 67},
                                        {18100, EVENT_NOTE_ON, 0, .note = 48, .value = 80}};
    static const float expected[] = {38, 39, 47, 48, 30};
    struct rig rig = sequencer(RATE, 8, 240);
    rig.events = keys;
    rig.n_events = 3;
    rig_set(&rig, "transpose", -2);
    run(&rig, 30000);
    for (size_t k = 0; k < 5; k++)
        expect_note(&rig, EVENT_NOTE_ON, k, 6000 * (int64_t)k, expected[k]);
    stop(&rig);
}
END_TEST

START_TEST(it_runs_with_the_piece_or_by_itself)
{
    struct rig rig = sequencer(RATE, 4, 240);
    rig.is_rolling = false;
    run(&rig, RATE);
    ck_assert_uint_eq(rig.n_played, 0);
    ck_assert_float_eq(rig_reading(&rig, "step"), 0);
    rig_set(&rig, "free", 1);
    run(&rig, RATE); /* 8 Hz */
    for (size_t k = 0; k < 8; k++)
        expect_note(&rig, EVENT_NOTE_ON, k, RATE + 6000 * (int64_t)k, (float)(40 + k % 4));
    ck_assert_float_eq(rig_reading(&rig, "step"), 4);
    rig_set(&rig, "free", 0);
    stop(&rig);
}
END_TEST

START_TEST(elsewhere_it_is_on_the_step_of_that_place)
{
    struct rig rig = sequencer(RATE, 16, 240);
    set(&rig, "gate", 2, 1);
    run(&rig, 9000);
    rig.position = 10 * 96000 + 5 * 6000 - 700; /* bar 11 */
    run(&rig, 9000);
    expect_note(&rig, EVENT_NOTE_OFF, 1, 9000, 41);
    expect_note(&rig, EVENT_NOTE_ON, 2, 9700, 45);
    stop(&rig);
}
END_TEST

START_TEST(ten_minutes_later_a_clock_of_its_own_is_on_its_frame)
{
    struct rig rig = sequencer(44100, 1, 0);
    rig_set(&rig, "rate", 7); /* 6300 frames */
    rig_set(&rig, "gate1", 0.3f);
    for (int i = 0; i < 300; i++)
        run(&rig, 2 * 44100);
    for (size_t k = 0; k < 600 * 7; k++)
        ck_assert_uint_eq(rig.played[2 * k].offset, 6300 * k);
    stop(&rig);
}
END_TEST

/* Rolling, standing, elsewhere, another tempo, other steps, at any frame. */
START_TEST(no_note_stays_on_whatever_happens)
{
    static const struct piece_mark slow[] = {{1, 1, 0, 9000, 5, 8}}, fast[] = {{1, 1, 0, 20000, 4, 4}};
    static const uint32_t lengths[] = {0, 120, 240, 320};
    struct tempo_map *maps[] = {piece_map(slow, 1, RATE), piece_map(fast, 1, RATE)};
    struct rig rig = sequencer(RATE, 8, 240);
    uint32_t h = 1;
    for (int k = 0; k < 3000; k++) {
        h = h * 1664525u + 1013904223u;
        uint32_t r = h >> 8;
        rig.is_rolling = r / 11 % 3 != 0;
        rig.position = r % 13 ? rig.position : r % 1000000;
        rig.map = maps[r / 17 % 2];
        rig.ticks[rig_row(&rig, "rate")] = lengths[r / 97 % 4];
        rig_set(&rig, "free", r / 31 % 2 == 0);
        rig_set(&rig, "direction", (float)(r / 37 % 4));
        rig_set(&rig, "transpose", (float)(r / 41 % 97) - 48);
        set(&rig, "step", 1 + r / 43 % 8, (float)(r / 47 % 4));
        set(&rig, "ratchet", 1 + r / 43 % 8, 1 + (float)(r / 53 % 8));
        set(&rig, "gate", 1 + r / 43 % 8, (float)(1 + r / 59 % 4) / 4);
        run(&rig, 50 + r % 3000);
    }
    ck_assert_uint_ge(played_count(&rig, EVENT_NOTE_ON), 300);
    rig_set(&rig, "free", 0);
    stop(&rig);
    free(maps[0]);
    free(maps[1]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        steps_begin_on_the_frames_of_their_places,
        directions_are_ways_through_the_steps,
        random_comes_to_every_step_alike,
        chance_leaves_steps_out,
        gates_ratchets_and_swing_are_parts_of_a_step,
        ties_go_on_and_slides_lead_over,
        the_signals_say_what_the_notes_say,
        the_last_key_and_the_parameter_transpose,
        it_runs_with_the_piece_or_by_itself,
        elsewhere_it_is_on_the_step_of_that_place,
        ten_minutes_later_a_clock_of_its_own_is_on_its_frame,
        no_note_stays_on_whatever_happens,
    };
    return suite_run("sequencer", 20, tests, ROWS(tests));
}
