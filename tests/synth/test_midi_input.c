/* midi_input: what arrives at the port is played at its frame. */
#include <stdlib.h>

#include "graph/midi_port.h"
#include "tests/node_rig.h"
#include "tests/suite.h"

static struct midi_port port;

static void arrives(uint32_t frame, uint8_t a, uint8_t b, uint8_t c)
{
    ck_assert(midi_port_put(&port, frame, &(struct midi_message){3, {a, b, c}}));
}

static struct rig rig_ready(void)
{
    struct rig rig = rig_new("midi_input", 48000, 0);
    port = (struct midi_port){0};
    rig.midi = &port;
    rig_start(&rig);
    return rig;
}

/* One cycle of n frames; the port is empty after it. */
static void run(struct rig *rig, unsigned n)
{
    rig_process(rig, NULL, NULL, n);
    port.n = port.next = 0;
    port.is_cut = false;
}

static void is(const struct event *event, enum event_kind kind, uint32_t offset, float note, float value)
{
    ck_assert_int_eq(event->kind, kind);
    ck_assert_uint_eq(event->offset, offset);
    ck_assert_float_eq(event->note, note);
    ck_assert_float_eq(event->value, value);
}

START_TEST(every_message_is_an_event_at_its_frame_in_a_cycle_of_any_length)
{
    struct rig rig = rig_ready();
    rig.block = 0;
    for (uint32_t i = 0; i < 200; i++)
        arrives(i * 7, i % 2 ? 0x80 : 0x90, 60, 99);
    run(&rig, 1500);
    ck_assert_uint_eq(rig.n_played, 200);
    for (uint32_t i = 0; i < 200; i++)
        is(&rig.played[i], i % 2 ? EVENT_NOTE_OFF : EVENT_NOTE_ON, i * 7, 60, 99);
    ck_assert_float_eq(rig_reading(&rig, "arrived"), 200);
    rig_free(&rig);
}
END_TEST

START_TEST(only_the_chosen_channel_is_let_in_and_what_was_on_goes_off)
{
    struct rig rig = rig_ready();
    arrives(0, 0x93, 60, 100);
    run(&rig, 64);
    rig_set(&rig, "channel", 1);
    arrives(5, 0x93, 62, 100);
    arrives(6, 0x83, 60, 20);
    arrives(7, 0x83, 62, 20);
    arrives(8, 0x90, 62, 100);
    run(&rig, 64);
    ck_assert_uint_eq(rig.n_played, 1 + 15 + 2); /* those that are shut out let their pedals go */
    is(&rig.played[16], EVENT_NOTE_OFF, 70, 60, 20);
    is(&rig.played[17], EVENT_NOTE_ON, 72, 62, 100);
    rig_free(&rig);
}
END_TEST

START_TEST(a_key_that_is_down_goes_off_where_it_went_on_however_it_is_transposed_meanwhile)
{
    struct rig rig = rig_ready();
    rig_set(&rig, "transpose", 12);
    arrives(1, 0x90, 60, 100);
    arrives(2, 0x90, 120, 100); /* beyond the last key */
    run(&rig, 64);
    rig_set(&rig, "transpose", -12);
    arrives(3, 0x80, 60, 0);
    arrives(4, 0x80, 120, 0);
    run(&rig, 64);
    ck_assert_uint_eq(rig.n_played, 2);
    is(&rig.played[0], EVENT_NOTE_ON, 1, 72, 100);
    is(&rig.played[1], EVENT_NOTE_OFF, 67, 72, 0);
    rig_free(&rig);
}
END_TEST

START_TEST(control_is_told_of_controllers_that_are_let_in)
{
    struct rig rig = rig_ready();
    rig_set(&rig, "channel", 3);
    arrives(3, 0xb2, 74, 100);
    arrives(4, 0xb1, 74, 101);
    arrives(5, 0x92, 60, 100);
    run(&rig, 64);
    ck_assert_uint_eq(rig.n_told, 1);
    ck_assert_uint_eq(rig.told.number, 74);
    ck_assert_float_eq(rig.told.value, 100);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {control_is_told_of_controllers_that_are_let_in,
                                  every_message_is_an_event_at_its_frame_in_a_cycle_of_any_length,
                                  only_the_chosen_channel_is_let_in_and_what_was_on_goes_off,
                                  a_key_that_is_down_goes_off_where_it_went_on_however_it_is_transposed_meanwhile};
    return suite_run("midi_input", 10, tests, ROWS(tests));
}
