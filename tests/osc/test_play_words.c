/* Notes and programs as clients name them. */
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

static const struct event *last(void)
{
    return &ear->noted[ear->n - 1].event;
}

START_TEST(a_note_may_be_given_by_its_name)
{
    rig.peer = osc_rig_stream(7);
    osc_rig_do(&rig, "/note/on lead C4 100");
    ck_assert_float_eq(last()->note, 60);
    osc_rig_do(&rig, "/note/pressure lead 64 c4 channel 1");
    ck_assert_int_eq(last()->kind, EVENT_NOTE_PRESSURE);
    osc_rig_do(&rig, "/note/pressure lead 64 channel 1");
    ck_assert_int_eq(last()->kind, EVENT_PRESSURE);
    osc_rig_do(&rig, "/note/on lead c#4 100 0.5 channel 2");
    ck_assert_float_eq(last()->note, 61);
    osc_rig_do(&rig, "/note/off lead C4");
    ck_assert_int_eq(last()->kind, EVENT_NOTE_OFF);
    ck_assert_float_eq(last()->note, 60);
    osc_rig_do(&rig, "/note/on lead Bb3 0");
}
END_TEST

START_TEST(what_names_no_note_is_refused_with_what_would)
{
    osc_rig_refuse(&rig, "/note/on lead H9 100", ERROR_BAD_TYPE, "note must be a note (0 to 127", "C4 is 60", "\"H9\"",
                   NULL);
    osc_rig_refuse(&rig, "/note/off lead C99", ERROR_BAD_TYPE, "note must be a note (0 to 127", "\"C99\"", NULL);
    ck_assert_uint_eq(ear->n, 0);
}
END_TEST

START_TEST(a_program_without_a_preset_is_refused_where_it_is_asked_for)
{
    osc_rig_refuse(&rig, "/note/program lead 3", ERROR_RANGE, "program 3 is outside its range 0 to 2", NULL);
    osc_rig_refuse(&rig, "/note/program lead -1", ERROR_RANGE, "program -1", NULL);
    osc_rig_do(&rig, "/graph/add arpeggiator arp");
    osc_rig_refuse(&rig, "/note/program arp 128", ERROR_RANGE, "0 to 127", NULL);
}
END_TEST

START_TEST(what_comes_by_midi_is_ignored_and_told_once)
{
    unsigned n_log = rig.n_log;
    rig.peer = osc_rig_stream(7);
    osc_rig_do(&rig, "/midi lead %m:00c00200");
    for (unsigned i = 0; i < 10; i++)
        osc_rig_run(&rig);
    ck_assert_uint_eq(rig.n_log, n_log);
    for (unsigned k = 0; k < 3; k++) {
        osc_rig_do(&rig, "/midi lead %m:00c06300");
        for (unsigned i = 0; i < 10; i++)
            osc_rig_run(&rig);
    }
    ck_assert_uint_eq(rig.n_log, n_log + 1);
    ck_assert_str_eq(rig.log[n_log % OSC_RIG_LOG_LINES],
                     "info: program change 99 for lead is ignored: its presets are 0 to 2 (/graph/presets lead)");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lead/mode"), "/node/lead/mode 3");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_note_may_be_given_by_its_name,
        what_names_no_note_is_refused_with_what_would,
        a_program_without_a_preset_is_refused_where_it_is_asked_for,
        what_comes_by_midi_is_ignored_and_told_once,
    };
    return osc_rig_suite("notes and programs by name", open_rig, close_rig, tests, ROWS(tests));
}
