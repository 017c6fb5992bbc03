/* MIDI files played to a node by one command: a player, its name and its connection, and back again. */
#include <stdlib.h>
#include <string.h>

#include "graph/play.h"
#include "tests/osc_rig.h"
#include "tests/suite.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add arpeggiator piano");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static void expect_nothing(void)
{
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "");
}

static void play(const char *line, const char *file)
{
    osc_rig_send(&rig, line);
    osc_rig_load(&rig, file);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /midi/play *");
}

static const struct node *node_of(const char *name)
{
    return model_find(&rig.ctl->model, name);
}

static float value_of(const char *name, const char *param)
{
    const struct node *node = node_of(name);
    struct error error;
    unsigned row;
    ck_assert_ptr_nonnull(node);
    ck_assert_int_eq(node_param_find(node->class, node->values, param, &row, &error), 0);
    return node->values[row];
}

/* Lets so much pass that a note is on. */
static void wait_for_a_note(void)
{
    for (unsigned i = 0; i < 50 && !play_active(node_of("piano")); i++)
        osc_rig_wait(&rig);
    ck_assert_uint_gt(play_active(node_of("piano")), 0);
}

START_TEST(a_file_is_played_by_a_player_of_the_node_s_own)
{
    play("/midi/play song.mid piano loop", "song.mid");
    ck_assert_str_eq(node_of("piano_midi")->class->name, "midi_player");
    ck_assert_float_eq(value_of("piano_midi", "loop"), 1);
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "/graph/connect piano_midi:out piano:"));
    wait_for_a_note();
    osc_rig_do(&rig, "/midi/stop piano");
    osc_rig_wait(&rig);
    ck_assert_float_eq(value_of("piano_midi", "play"), 0);
    ck_assert_uint_eq(play_active(node_of("piano")), 0);
}
END_TEST

/* Channel 10 of General MIDI is keys without a pitch. */
START_TEST(drums_are_left_out_of_a_melody_and_the_answer_says_so)
{
    osc_rig_send(&rig, "/midi/play band.mid piano");
    osc_rig_load(&rig, "band.mid");
    osc_rig_run(&rig);
    osc_rig_expect(&rig,
                   "/done 0 /midi/play *h 2 \"channel 10 (drums, 12 notes) is left out: /node/piano_midi/drums T plays it "
                   "to piano as well\"");
    ck_assert_float_eq(value_of("piano_midi", "drums"), 0);
    ck_assert_ptr_nonnull(strstr(rig.log[(rig.n_log - 1) % OSC_RIG_LOG_LINES], "channel 10 (drums, 12 notes) is left out"));
    osc_rig_send(&rig, "/midi/play band.mid piano drums");
    osc_rig_load(&rig, "band.mid");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /midi/play *h 3");
    ck_assert_float_eq(value_of("piano_midi", "drums"), 1);
    play("/midi/play band.mid piano", "band.mid"); /* it was asked for */
    ck_assert_float_eq(value_of("piano_midi", "drums"), 1);
}
END_TEST

START_TEST(drums_are_played_where_there_is_nothing_else_or_somebody_outside_knows_channels)
{
    osc_rig_do_each(&rig, "/graph/add midi_output gear\n/graph/add arpeggiator other\n");
    play("/midi/play drums.mid piano", "drums.mid");
    ck_assert_float_eq(value_of("piano_midi", "drums"), 1);
    play("/midi/play band.mid gear", "band.mid");
    ck_assert_float_eq(value_of("gear_midi", "drums"), 1);
    play("/midi/play song.mid other", "song.mid");
    ck_assert_float_eq(value_of("other_midi", "drums"), 0);
    ck_assert_uint_eq(rig.n_log, 0);
}
END_TEST

START_TEST(in_a_bundle_the_log_says_what_is_left_out)
{
    osc_rig_send(&rig, "[\n/midi/play band.mid piano\n/node/piano_midi/rate 2.0\n]");
    osc_rig_load(&rig, "band.mid");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 #bundle 2 *h 2");
    ck_assert_uint_eq(rig.n_log, 1);
    ck_assert_ptr_nonnull(strstr(rig.log[0], "is left out"));
}
END_TEST

START_TEST(programs_of_the_file_change_no_preset_unless_told_so)
{
    osc_rig_do(&rig, "/graph/add fm bell preset bell");
    play("/midi/play a.mid bell", "a.mid");
    play("/midi/play a.mid piano", "a.mid");
    ck_assert_float_eq(value_of("bell_midi", "programs"), 0);
    ck_assert_float_eq(value_of("piano_midi", "programs"), 1); /* has none, and may lead to whoever understands them */
    osc_rig_send(&rig, "/node/bell_midi/programs T");
    osc_rig_run(&rig);
    play("/midi/play b.mid bell", "b.mid");
    ck_assert_float_eq(value_of("bell_midi", "programs"), 1);
}
END_TEST

START_TEST(nothing_sounds_on_when_the_player_is_bypassed_replaced_or_gone)
{
    static const char *const ends[] = {"/graph/bypass piano_midi T", "/graph/disconnect piano_midi:out piano",
                                       "/graph/remove piano_midi", "/undo"};
    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
        play("/midi/play song.mid piano loop", "song.mid");
        wait_for_a_note();
        osc_rig_do(&rig, ends[i]);
        osc_rig_wait(&rig);
        osc_rig_wait(&rig);
        ck_assert_msg(play_active(node_of("piano")) == 0, "%s", ends[i]);
        if (node_of("piano_midi"))
            osc_rig_do(&rig, "/graph/remove piano_midi");
        osc_rig_wait(&rig);
    }
}
END_TEST

START_TEST(another_file_takes_the_place_of_the_first_and_keeps_how_it_is_played)
{
    play("/midi/play a.mid piano", "a.mid");
    osc_rig_send(&rig, "/node/piano_midi/transpose -12");
    osc_rig_do(&rig, "/midi/stop piano");
    play("/midi/play b.mid piano", "b.mid");
    ck_assert_float_eq(value_of("piano_midi", "transpose"), -12);
    ck_assert_float_eq(value_of("piano_midi", "play"), 1);
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "b.mid"));
    ck_assert_ptr_null(strstr(osc_rig_dump(&rig), "a.mid"));
    ck_assert_uint_eq(rig.ctl->model.n_edges, 1);
}
END_TEST

START_TEST(a_node_with_another_name_keeps_its_player)
{
    osc_rig_do(&rig, "/graph/add midi_player other");
    osc_rig_do(&rig, "/graph/connect other piano");
    play("/midi/play a.mid piano", "a.mid");
    osc_rig_do(&rig, "/graph/rename piano keys");
    play("/midi/play b.mid keys", "b.mid");
    ck_assert_ptr_null(node_of("keys_midi"));
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "b.mid"));
    osc_rig_do(&rig, "/midi/stop keys");
    ck_assert_float_eq(value_of("piano_midi", "play"), 0);
    ck_assert_float_eq(value_of("other", "play"), 1);
}
END_TEST

START_TEST(it_is_one_edit_that_can_be_undone)
{
    char *before = strdup(osc_rig_dump(&rig));
    play("/midi/play a.mid piano", "a.mid");
    char *after = strdup(osc_rig_dump(&rig));
    osc_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_dump(&rig), before);
    osc_rig_send(&rig, "/redo");
    osc_rig_load(&rig, "a.mid");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /redo *");
    ck_assert_str_eq(osc_rig_dump(&rig), after);
    free(before);
    free(after);
}
END_TEST

START_TEST(what_mentions_the_player_waits_until_there_is_one)
{
    osc_rig_send(&rig, "/midi/play a.mid piano");
    osc_rig_send(&rig, "/node/piano_midi/rate 2.0");
    osc_rig_send(&rig, "/midi/stop piano");
    expect_nothing();
    osc_rig_load(&rig, "a.mid");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /midi/play *");
    osc_rig_run(&rig);
    ck_assert_float_eq(value_of("piano_midi", "rate"), 2);
    ck_assert_float_eq(value_of("piano_midi", "play"), 0);
}
END_TEST

START_TEST(what_cannot_be_played_is_refused_with_the_reason)
{
    osc_rig_do(&rig, "/graph/add gain loud");
    osc_rig_refuse(&rig, "/midi/play a.mid nobody", ERROR_NO_SUCH_NODE, "nobody", NULL);
    osc_rig_refuse(&rig, "/midi/play piano a.mid", ERROR_NO_SUCH_NODE, "a.mid", "the file comes first", NULL);
    osc_rig_refuse(&rig, "/midi/play a.mid loud", ERROR_UNSUPPORTED, "loud", "takes no notes", NULL);
    osc_rig_refuse(&rig, "/midi/play \"\" piano", ERROR_BAD_VALUE, "file", NULL);
    osc_rig_refuse(&rig, "/midi/stop piano", ERROR_CONFLICT, "piano_midi", NULL);
    osc_rig_do(&rig, "/graph/add gain piano_midi");
    osc_rig_refuse(&rig, "/midi/play a.mid piano", ERROR_NAME_TAKEN, "piano_midi", "gain", NULL);
    osc_rig_refuse(&rig, "/midi/stop piano", ERROR_NAME_TAKEN, "piano_midi", NULL);
    osc_rig_do(&rig, "/graph/remove piano_midi");
    osc_rig_send(&rig, "/midi/play a.mid piano");
    osc_rig_load_fails(&rig, "a.mid", ERROR_BAD_FILE);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 0 /midi/play * bad_file *");
    ck_assert_ptr_null(node_of("piano_midi"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("playing MIDI files");
    tcase_add_checked_fixture(tests, open_rig, close_rig);
    tcase_add_test(tests, a_file_is_played_by_a_player_of_the_node_s_own);
    tcase_add_test(tests, drums_are_left_out_of_a_melody_and_the_answer_says_so);
    tcase_add_test(tests, drums_are_played_where_there_is_nothing_else_or_somebody_outside_knows_channels);
    tcase_add_test(tests, in_a_bundle_the_log_says_what_is_left_out);
    tcase_add_test(tests, programs_of_the_file_change_no_preset_unless_told_so);
    tcase_add_test(tests, nothing_sounds_on_when_the_player_is_bypassed_replaced_or_gone);
    tcase_add_test(tests, another_file_takes_the_place_of_the_first_and_keeps_how_it_is_played);
    tcase_add_test(tests, a_node_with_another_name_keeps_its_player);
    tcase_add_test(tests, it_is_one_edit_that_can_be_undone);
    tcase_add_test(tests, what_mentions_the_player_waits_until_there_is_one);
    tcase_add_test(tests, what_cannot_be_played_is_refused_with_the_reason);
    return suite_run_case("playing MIDI files", tests);
}
