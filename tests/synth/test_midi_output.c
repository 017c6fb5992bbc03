/* midi_output: notes on the wire, and the clock. */
#include <stdlib.h>

#include "graph/midi_port.h"
#include "graph/tempo.h"
#include "tests/node_rig.h"
#include "tests/suite.h"

#define RATE_HZ 48000

static struct midi_port port;

static struct rig rig_ready(const char *param, float value)
{
    struct rig rig = rig_new("midi_output", RATE_HZ, 0);
    port = (struct midi_port){0};
    rig.midi = &port;
    rig.block = 0;
    rig_start(&rig);
    if (param)
        rig_set(&rig, param, value);
    return rig;
}

static void run(struct rig *rig, const struct event *events, size_t n_events, unsigned n)
{
    port.n = 0;
    rig->events = events;
    rig->n_events = n_events;
    rig_process(rig, NULL, NULL, n);
}

static void is(unsigned i, uint32_t frame, unsigned a, unsigned b, unsigned c)
{
    ck_assert_uint_lt(i, port.n);
    ck_assert_uint_eq(port.timed[i].frame, frame);
    ck_assert_uint_eq(port.timed[i].message.bytes[0], a);
    ck_assert_uint_eq(port.timed[i].message.bytes[1], b);
    ck_assert_uint_eq(port.timed[i].message.bytes[2], c);
}

START_TEST(events_are_sent_at_their_frames)
{
    static const struct event events[] = {{.offset = 3, .kind = EVENT_NOTE_ON, .channel = 2, .note = 64, .value = 90},
                                          {.offset = 700, .kind = EVENT_BEND, .channel = 2, .value = 1},
                                          {.offset = 701, .kind = EVENT_CONTROL, .channel = 2, .number = 74, .value = 5},
                                          {.offset = 1023, .kind = EVENT_NOTE_OFF, .channel = 2, .note = 64, .value = 64}};
    struct rig rig = rig_ready(NULL, 0);
    run(&rig, events, ROWS(events), 1024);
    ck_assert_uint_eq(port.n, 4);
    is(0, 3, 0x92, 64, 90);
    is(1, 700, 0xe2, 127, 127);
    is(2, 701, 0xb2, 74, 5);
    is(3, 1023, 0x82, 64, 64);
    ck_assert(port.is_played);
    rig_free(&rig);
}
END_TEST

START_TEST(a_key_of_the_wire_goes_up_with_the_last_note_on_it)
{
    static const struct event events[] = {{.offset = 0, .kind = EVENT_NOTE_ON, .channel = 0, .note = 60.2f, .value = 90},
                                          {.offset = 1, .kind = EVENT_NOTE_ON, .channel = 5, .note = 60.4f, .value = 91},
                                          {.offset = 2, .kind = EVENT_NOTE_OFF, .channel = 0, .note = 60.2f},
                                          {.offset = 3, .kind = EVENT_NOTE_OFF, .channel = 5, .note = 60.4f},
                                          {.offset = 4, .kind = EVENT_NOTE_OFF, .channel = 5, .note = 60.4f}};
    struct rig rig = rig_ready("channel", 16);
    run(&rig, events, ROWS(events), 64);
    ck_assert_uint_eq(port.n, 4);
    is(0, 0, 0x9f, 60, 90);
    is(1, 1, 0x8f, 60, 0);
    is(2, 1, 0x9f, 60, 91);
    is(3, 3, 0x8f, 60, 0);
    rig_free(&rig);
}
END_TEST

START_TEST(a_note_goes_off_on_the_channel_on_which_it_went_on)
{
    static const struct event on = {.kind = EVENT_NOTE_ON, .note = 60, .value = 90},
                              off = {.kind = EVENT_NOTE_OFF, .note = 60};
    struct rig rig = rig_ready("channel", 3);
    run(&rig, &on, 1, 64);
    rig_set(&rig, "channel", 4);
    run(&rig, &off, 1, 64);
    is(0, 0, 0x82, 60, 0);
    rig_free(&rig);
}
END_TEST

/* ---- the clock ------------------------------------------------------------------------------------------------------ */

static void says(unsigned *i, uint32_t frame, unsigned status)
{
    ck_assert_uint_lt(*i, port.n);
    ck_assert_uint_eq(port.timed[*i].frame, frame);
    ck_assert_uint_eq(port.timed[*i].message.bytes[0], status);
    ++*i;
}

START_TEST(the_clock_ticks_24_times_a_quarter_standing_or_not_and_starts_with_the_piece)
{
    struct rig rig = rig_ready("clock", 1);
    unsigned i = 0;
    run(&rig, NULL, 0, 3000); /* at 120 bpm a clock takes 1000 frames */
    for (unsigned k = 0; k < 3; k++)
        says(&i, k * 1000, 0xf8);
    ck_assert_uint_eq(port.n, i);
    rig.is_rolling = true;
    run(&rig, NULL, 0, 100001);
    i = 0;
    says(&i, 0, 0xfa);
    for (unsigned k = 0; k <= 100; k++)
        says(&i, k * 1000, 0xf8);
    ck_assert_uint_eq(port.n, i);
    rig.is_rolling = false;
    run(&rig, NULL, 0, 1001);
    i = 0;
    says(&i, 0, 0xfc);
    says(&i, 1000, 0xf8);
    ck_assert_uint_eq(port.n, i);
    rig_free(&rig);
}
END_TEST

START_TEST(elsewhere_it_says_the_next_sixteenth_and_goes_on_with_it)
{
    struct rig rig = rig_ready("clock", 1);
    unsigned i = 0;
    run(&rig, NULL, 0, 10);
    rig.position = 6000 * 129 + 2500; /* a sixteenth has 6000 frames */
    rig.is_rolling = true;
    run(&rig, NULL, 0, 6000);
    is(i++, 0, 0xf2, 2, 1); /* 130 */
    says(&i, 500, 0xf8);
    says(&i, 1500, 0xf8);
    says(&i, 2500, 0xf8);
    says(&i, 3500, 0xfb);
    for (unsigned k = 0; k < 3; k++)
        says(&i, 3500 + k * 1000, 0xf8);
    ck_assert_uint_eq(port.n, i);
    rig.position = 0;
    run(&rig, NULL, 0, 500);
    i = 0;
    says(&i, 0, 0xfc);
    is(i++, 0, 0xf2, 0, 0);
    says(&i, 0, 0xfa);
    says(&i, 0, 0xf8);
    ck_assert_uint_eq(port.n, i);
    rig.is_rolling = false;
    rig.position = 6000 * 4;
    run(&rig, NULL, 0, 500);
    i = 0;
    says(&i, 0, 0xfc);
    is(i++, 0, 0xf2, 4, 0);
    ck_assert_uint_eq(port.n, i);
    rig_free(&rig);
}
END_TEST

START_TEST(the_clock_goes_through_changes_of_tempo_to_the_frame)
{
    struct rig rig = rig_ready("clock", 1);
    struct tempo_list list = {0};
    static const double bpms[] = {120, 87.3, 201.01};
    for (unsigned k = 0; k < ROWS(bpms); k++) {
        ck_assert_int_eq(tempo_list_reserve(&list), 0);
        tempo_list_put(&list,
                       (struct tempo_mark){.at = {1 + (int)k, 1 + (int)k, 17 * k}, .micro_bpm = (uint32_t)(bpms[k] * 1e6)});
    }
    struct tempo_map *map = tempo_map_new(&list, RATE_HZ);
    rig.map = map;
    rig.is_rolling = true;
    unsigned clock = 0;
    for (int64_t at = 0; at < 10 * RATE_HZ; at += 3001) {
        run(&rig, NULL, 0, 3001);
        for (unsigned i = 0; i < port.n; i++)
            if (port.timed[i].message.bytes[0] == 0xf8)
                ck_assert_int_eq(at + port.timed[i].frame, tempo_frame_of_tick(map, 40 * clock++));
            else
                ck_assert_int_eq(at + port.timed[i].frame, 0);
    }
    ck_assert_uint_gt(clock, 400);
    free(map);
    tempo_list_deinit(&list);
    rig_free(&rig);
}
END_TEST

START_TEST(another_tempo_under_a_rolling_piece_is_no_start_and_off_is_a_stop)
{
    struct rig rig = rig_ready("clock", 1);
    struct tempo_list list = {0};
    ck_assert_int_eq(tempo_list_reserve(&list), 0);
    rig.is_rolling = true;
    run(&rig, NULL, 0, 24000); /* a quarter */
    tempo_list_put(&list, (struct tempo_mark){.at = {1, 1, 0}, .micro_bpm = 60000000});
    struct tempo_map *map = tempo_map_new(&list, RATE_HZ);
    rig.map = map;
    rig.position = 48000;
    run(&rig, NULL, 0, 4000);
    unsigned i = 0;
    says(&i, 0, 0xf8);
    says(&i, 2000, 0xf8);
    ck_assert_uint_eq(port.n, i);
    rig_set(&rig, "clock", 0);
    run(&rig, NULL, 0, 4000);
    i = 0;
    says(&i, 0, 0xfc);
    ck_assert_uint_eq(port.n, i);
    free(map);
    tempo_list_deinit(&list);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {events_are_sent_at_their_frames,
                                  a_key_of_the_wire_goes_up_with_the_last_note_on_it,
                                  a_note_goes_off_on_the_channel_on_which_it_went_on,
                                  the_clock_ticks_24_times_a_quarter_standing_or_not_and_starts_with_the_piece,
                                  elsewhere_it_says_the_next_sixteenth_and_goes_on_with_it,
                                  the_clock_goes_through_changes_of_tempo_to_the_frame,
                                  another_tempo_under_a_rolling_piece_is_no_start_and_off_is_a_stop};
    return suite_run("midi_output", 10, tests, ROWS(tests));
}
