/* Notes and controllers as clients play them: what arrives, when, for how long, and who is answered. */
#include <stdio.h>
#include <string.h>

#include "graph/play.h"
#include "tests/event_nodes.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;
static struct ear *ear;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_add(&rig, &rig_ear, "lead", (const float[]){0.5f, 0, 2});
    ear = model_find(&rig.ctl->model, "lead")->object->state;
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static void as_stream(void)
{
    rig.peer = osc_rig_stream(7);
}

static void run_frames(unsigned n)
{
    for (uint64_t end = ctl_clock(rig.ctl) + n; ctl_clock(rig.ctl) < end;)
        osc_rig_run(&rig);
}

static const struct event *last(void)
{
    return &ear->noted[ear->n - 1].event;
}

START_TEST(a_note_sounds_until_it_is_let_go)
{
    as_stream();
    osc_rig_do(&rig, "/note/on lead 60 100");
    ck_assert_uint_eq(ear->n, 1);
    ck_assert_int_eq(last()->kind, EVENT_NOTE_ON);
    ck_assert_float_eq(last()->note, 60);
    ck_assert_float_eq(last()->value, 100);
    ck_assert_uint_eq(last()->channel, 0);
    run_frames(100 * 48000);
    ck_assert_uint_eq(ear->n_on, 1);
    osc_rig_do(&rig, "/note/off lead 60 33");
    ck_assert_uint_eq(ear->n_on, 0);
    ck_assert_float_eq(last()->value, 33);
}
END_TEST

START_TEST(velocity_0_lets_a_note_go)
{
    as_stream();
    osc_rig_do(&rig, "/note/on lead 60.5 0.5 channel 16");
    ck_assert_uint_eq(last()->channel, 15);
    ck_assert_float_eq(last()->note, 60.5f);
    osc_rig_do(&rig, "/note/on lead 60.5 0 channel 16");
    ck_assert_uint_eq(ear->n_on, 0);
}
END_TEST

START_TEST(a_duration_is_exact_to_the_frame)
{
    as_stream();
    osc_rig_do(&rig, "/note/on lead 60 100 0.1");
    run_frames(4900);
    ck_assert_uint_eq(ear->n, 2);
    ck_assert_uint_eq(ear->noted[1].frame - ear->noted[0].frame, 4800);
    osc_rig_do(&rig, "/note/on lead 61 100 0.000001");
    run_frames(256);
    ck_assert_uint_eq(ear->noted[3].frame - ear->noted[2].frame, 1);
}
END_TEST

/* ---- who is answered ------------------------------------------------------------------------------------------------- */

START_TEST(a_datagram_without_a_number_is_answered_only_when_it_fails)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/note/on lead 60 100"), "");
    ck_assert_uint_eq(ear->n_on, 1);
    ck_assert_str_eq(osc_rig_ask(&rig, "/note/cc lead 1 20"), "");
    ck_assert_str_eq(osc_rig_ask(&rig, "/note/off lead 60"), "");
    ck_assert_uint_eq(ear->n_on, 0);
    osc_rig_refuse(&rig, "/note/on nobody 60 100", ERROR_NO_SUCH_NODE, "nobody", NULL);
    ck_assert_str_eq(osc_rig_ask(&rig, "/req/5/note/on lead 60 100"), "/done 5 /note/on 960h 1");
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
    osc_rig_refuse(&rig, "/note/on lead 128 100", ERROR_RANGE, "note 128", "0 to 127", NULL);
    osc_rig_refuse(&rig, "/note/on lead -1 100", ERROR_RANGE, "note -1", NULL);
    osc_rig_refuse(&rig, "/note/on lead 60 128", ERROR_RANGE, "velocity 128", NULL);
    osc_rig_refuse(&rig, "/note/on lead 60", ERROR_BAD_TYPE, "velocity", NULL);
    osc_rig_refuse(&rig, "/note/on lead 60 100 channel 0", ERROR_RANGE, "channel 0", "1 to 16", NULL);
    osc_rig_refuse(&rig, "/note/on lead 60 100 channel 17", ERROR_RANGE, "channel 17", NULL);
    osc_rig_refuse(&rig, "/note/on lead 60 100 0", ERROR_RANGE, "duration 0", NULL);
    osc_rig_refuse(&rig, "/note/on lead 60 100 1 hold", ERROR_BAD_VALUE, "not both", NULL);
    osc_rig_refuse(&rig, "/note/on lead high 100", ERROR_BAD_TYPE, "note", NULL);
    osc_rig_refuse(&rig, "/note/on out 60 100", ERROR_UNSUPPORTED, "out (output)", "no notes", NULL);
    osc_rig_refuse(&rig, "/note/bend lead 2", ERROR_RANGE, "bend 2", "-1 to 1", NULL);
    osc_rig_refuse(&rig, "/note/cc lead 128 0", ERROR_RANGE, "number 128", NULL);
    osc_rig_refuse(&rig, "/note/program lead 1.5", ERROR_BAD_VALUE, "program", NULL);
    osc_rig_refuse(&rig, "/note/list out", ERROR_UNSUPPORTED, "no notes", NULL);
    osc_rig_refuse(&rig, "/midi lead 60", ERROR_BAD_TYPE, "MIDI message", NULL);
    ck_assert_uint_eq(ear->n, 0);
}
END_TEST

START_TEST(what_is_played_makes_no_revision_and_cannot_be_undone)
{
    as_stream();
    uint64_t revision = rig.ctl->revision;
    size_t n_done = rig.server->history.past.n_done;
    osc_rig_do(&rig, "/note/on lead 60 100");
    osc_rig_do(&rig, "/midi lead %m:00c01100");
    ck_assert_uint_eq(rig.ctl->revision, revision);
    ck_assert_uint_eq(rig.server->history.past.n_done, n_done);
}
END_TEST

/* ---- controllers ------------------------------------------------------------------------------------------------------ */

START_TEST(controllers_arrive_as_what_they_are)
{
    static const struct {
        const char *line;
        struct event event;
    } all[] = {
        {"/note/bend lead -0.25 channel 2", {.kind = EVENT_BEND, .channel = 1, .value = -0.25f}},
        {"/note/pressure lead 64", {.kind = EVENT_PRESSURE, .value = 64}},
        {"/note/pressure lead 65 60", {.kind = EVENT_NOTE_PRESSURE, .note = 60, .value = 65}},
        {"/note/cc lead 74 12.5 channel 3", {.kind = EVENT_CONTROL, .channel = 2, .number = 74, .value = 12.5f}},
        {"/note/program lead 2", {.kind = EVENT_PROGRAM, .number = 2}},
    };
    osc_rig_ask(&rig, "/note/on lead 60 100");
    for (unsigned i = 0; i < ROWS(all); i++) {
        osc_rig_ask(&rig, all[i].line);
        ck_assert_int_eq(last()->kind, all[i].event.kind);
        ck_assert_uint_eq(last()->channel, all[i].event.channel);
        ck_assert_uint_eq(last()->number, all[i].event.number);
        ck_assert_float_eq(last()->note, all[i].event.note);
        ck_assert_float_eq(last()->value, all[i].event.value);
    }
}
END_TEST

static void midi(uint8_t status, uint8_t one, uint8_t two, enum error_code code)
{
    struct writer writer;
    struct bytes packet = {0};
    writer_init(&writer);
    writer_string(&writer, "lead");
    writer_arg(&writer, &(struct arg){.tag = 'm', .m = {0, status, one, two}});
    ck_assert_int_eq(writer_end(&writer, "/midi", &packet), 0);
    if (code) {
        osc_rig_refuse_packet(&rig, &packet, code, (const char *const[]){"no MIDI message", NULL});
    } else {
        osc_rig_send_packet(&rig, packet.data, packet.n);
        osc_rig_run(&rig);
        ck_assert_str_eq(osc_rig_line(&rig), "");
    }
    bytes_deinit(&packet);
}

START_TEST(midi_messages_are_played_as_such)
{
    midi(0x91, 60, 100, 0);
    ck_assert_int_eq(last()->kind, EVENT_NOTE_ON);
    ck_assert_uint_eq(last()->channel, 1);
    midi(0x91, 60, 0, 0);
    ck_assert_uint_eq(ear->n_on, 0);
    midi(0xb0, 1, 77, 0);
    ck_assert_int_eq(last()->kind, EVENT_CONTROL);
    ck_assert_float_eq(last()->value, 77);
    midi(0xc5, 3, 0, 0);
    ck_assert_int_eq(last()->kind, EVENT_PROGRAM);
    ck_assert_uint_eq(last()->channel, 5);
    midi(0xf8, 0, 0, ERROR_BAD_VALUE);
    midi(0x12, 0, 0, ERROR_BAD_VALUE);
    midi(0x90, 0x80, 0, ERROR_BAD_VALUE);
}
END_TEST

/* ---- when ------------------------------------------------------------------------------------------------------------- */

START_TEST(a_bundle_plays_a_chord_at_one_frame)
{
    osc_rig_ask(&rig, "[\n/note/on lead 60 100\n/note/on lead 64 100\n/note/on lead 67 100\n]");
    ck_assert_uint_eq(ear->n_on, 3);
    for (unsigned i = 1; i < 3; i++)
        ck_assert_uint_eq(ear->noted[i].frame, ear->noted[0].frame);
}
END_TEST

START_TEST(a_bundle_of_which_one_note_is_wrong_plays_none)
{
    osc_rig_refuse(&rig, "[\n/note/on lead 60 100\n/note/on lead 164 100\n]", ERROR_RANGE, "note 164", NULL);
    ck_assert_uint_eq(ear->n, 0);
}
END_TEST

START_TEST(what_is_scheduled_comes_at_its_frame)
{
    uint64_t at = ctl_clock(rig.ctl) + 4001;
    char line[100];
    snprintf(line, sizeof line, "[\n/at/frame %lluh\n/note/on lead 60 100 0.01\n]", (unsigned long long)at);
    osc_rig_send(&rig, line);
    run_frames(6000);
    ck_assert_uint_eq(ear->n, 2);
    ck_assert_uint_eq(ear->noted[0].frame, at);
    ck_assert_uint_eq(ear->noted[1].frame, at + 480);
}
END_TEST

/* ---- who is gone ------------------------------------------------------------------------------------------------------ */

START_TEST(the_notes_of_a_connection_end_with_it)
{
    as_stream();
    osc_rig_do(&rig, "/note/on lead 60 100");
    osc_rig_do(&rig, "/note/cc lead 64 127");
    rig.peer = osc_rig_stream(8);
    osc_rig_do(&rig, "/note/on lead 62 100");
    playing_closed(rig.server, &(struct peer){.kind = PEER_STREAM, .stream = 7});
    run_frames(128);
    ck_assert_uint_eq(ear->n_on, 1);
    ck_assert_uint_eq(ear->on[0][8 * 62], 1);
    ck_assert_uint_eq(ear->n, 5);
    unsigned n_ups = 0;
    for (unsigned i = 3; i < 5; i++)
        n_ups += ear->noted[i].event.number == CONTROL_PEDAL && ear->noted[i].event.value == 0;
    ck_assert_uint_eq(n_ups, 1);
}
END_TEST

/* It is then played as by one without a connection. */
START_TEST(what_a_connection_has_scheduled_does_not_stay_on_when_it_has_gone)
{
    as_stream();
    char line[100];
    snprintf(line, sizeof line, "[\n/at/frame %lluh\n/note/on lead 60 100\n]",
             (unsigned long long)ctl_clock(rig.ctl) + 4000);
    osc_rig_send(&rig, line);
    run_frames(256);
    playing_closed(rig.server, &rig.peer);
    run_frames(61 * 48000);
    ck_assert_uint_eq(ear->n, 2);
    ck_assert_uint_eq(ear->n_on, 0);
}
END_TEST

START_TEST(a_note_of_a_lonely_datagram_ends_after_60_s_unless_it_is_held)
{
    osc_rig_ask(&rig, "/note/on lead 60 100");
    osc_rig_ask(&rig, "/note/on lead 61 100 hold");
    run_frames(59 * 48000);
    ck_assert_uint_eq(ear->n_on, 2);
    run_frames(2 * 48000);
    ck_assert_uint_eq(ear->n_on, 1);
    ck_assert_uint_eq(ear->on[0][8 * 61], 1);
}
END_TEST

START_TEST(what_is_held_outlives_its_connection_until_somebody_lets_it_go)
{
    as_stream();
    osc_rig_do(&rig, "/note/on lead 60 100 hold");
    osc_rig_do(&rig, "/note/on lead 61 100 channel 2 hold");
    osc_rig_do(&rig, "/note/on lead 62 100");
    playing_closed(rig.server, &rig.peer);
    run_frames(61 * 48000);
    ck_assert_uint_eq(ear->n_on, 2);
    rig.peer = osc_rig_stream(8);
    osc_rig_do(&rig, "/note/off lead 60");
    ck_assert_uint_eq(ear->n_on, 1);
    osc_rig_do(&rig, "/note/all_off lead");
    ck_assert_uint_eq(ear->n_on, 0);
}
END_TEST

START_TEST(another_call_of_the_same_program_lets_its_note_go)
{
    osc_rig_ask(&rig, "/note/on lead 60 100");
    rig.peer = osc_rig_datagram(9001);
    osc_rig_ask(&rig, "/note/off lead 60");
    ck_assert_uint_eq(ear->n_on, 0);
}
END_TEST

START_TEST(the_notes_of_a_lease_end_with_it)
{
    osc_rig_do(&rig, "/sub /node/out/* lease 5");
    osc_rig_ask(&rig, "/note/on lead 60 100");
    run_frames(4 * 48000);
    ck_assert_uint_eq(ear->n_on, 1);
    osc_rig_forget(&rig);
    osc_rig_send(&rig, "/unsub \"/node/out/*\"");
    run_frames(4800);
    ck_assert_uint_eq(ear->n_on, 0);
}
END_TEST

START_TEST(all_off_ends_the_notes_of_everybody)
{
    as_stream();
    osc_rig_do(&rig, "/note/on lead 60 100");
    osc_rig_do(&rig, "/note/on lead 61 100 channel 9");
    rig.peer = osc_rig_datagram(9000);
    osc_rig_ask(&rig, "/note/on lead 62 100");
    ck_assert_uint_eq(ear->n_on, 3);
    ck_assert_str_eq(osc_rig_ask(&rig, "/note/list lead"), "/done 0 /note/list lead 3 0h");
    osc_rig_ask(&rig, "/note/all_off");
    ck_assert_uint_eq(ear->n_on, 0);
    ck_assert_str_eq(osc_rig_ask(&rig, "/note/list"), "/done 0 /note/list lead 0 0h");
}
END_TEST

/* ---- too much --------------------------------------------------------------------------------------------------------- */

START_TEST(of_a_thousand_notes_at_once_each_begins_and_none_is_stuck)
{
    unsigned n_begun = 0;
    as_stream();
    for (unsigned i = 0; i < 1000; i++) {
        char line[64];
        snprintf(line, sizeof line, "/note/on lead %u 100 channel %u", i % 128, 1 + i / 128);
        osc_rig_send(&rig, line);
    }
    run_frames(2 * 48000);
    for (unsigned i = 0; i < ear->n; i++)
        n_begun += ear->noted[i].event.kind == EVENT_NOTE_ON;
    ck_assert_uint_eq(n_begun, 1000);
    ck_assert_uint_eq(ear->n_on, EVENTS_HELD_MOST);
    osc_rig_forget(&rig);
    playing_closed(rig.server, &rig.peer);
    run_frames(48000);
    ck_assert_uint_eq(ear->n_on, 0);
    ck_assert_uint_eq(ear->n_broken, 0);
    ck_assert_uint_eq(play_lost(model_find(&rig.ctl->model, "lead")), 0);
}
END_TEST

START_TEST(who_plays_more_than_can_wait_is_told_what_and_how_much)
{
    as_stream();
    for (unsigned i = 0; i < INBOX_HANDED / 2; i++)
        osc_rig_send(&rig, "/note/cc lead 1 64");
    osc_rig_forget(&rig);
    osc_rig_send(&rig, "/note/on lead 60 100");
    osc_rig_expect(&rig,
                   "/fail 0 /note/on * busy \"lead has 2048 notes and controllers to play yet, of 2048 that may wait: *\"");
    osc_rig_send(&rig, "/note/off lead 61");
    run_frames(48000);
    osc_rig_forget(&rig);
    osc_rig_do(&rig, "/note/on lead 60 100");
    ck_assert_uint_eq(ear->n_on, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_note_sounds_until_it_is_let_go,
        velocity_0_lets_a_note_go,
        a_duration_is_exact_to_the_frame,
        a_datagram_without_a_number_is_answered_only_when_it_fails,
        what_is_wrong_is_said,
        what_is_played_makes_no_revision_and_cannot_be_undone,
        controllers_arrive_as_what_they_are,
        midi_messages_are_played_as_such,
        a_bundle_plays_a_chord_at_one_frame,
        a_bundle_of_which_one_note_is_wrong_plays_none,
        what_is_scheduled_comes_at_its_frame,
        the_notes_of_a_connection_end_with_it,
        what_a_connection_has_scheduled_does_not_stay_on_when_it_has_gone,
        a_note_of_a_lonely_datagram_ends_after_60_s_unless_it_is_held,
        what_is_held_outlives_its_connection_until_somebody_lets_it_go,
        another_call_of_the_same_program_lets_its_note_go,
        the_notes_of_a_lease_end_with_it,
        all_off_ends_the_notes_of_everybody,
        of_a_thousand_notes_at_once_each_begins_and_none_is_stuck,
        who_plays_more_than_can_wait_is_told_what_and_how_much,
    };
    return osc_rig_suite("notes of clients", open_rig, close_rig, tests, ROWS(tests));
}
