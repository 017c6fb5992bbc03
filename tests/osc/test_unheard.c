/* What is played and cannot be heard: who is told, and who is not. */
#include <string.h>

#include "graph/play.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static void load(const char *line, const char *file)
{
    osc_rig_send(&rig, line);
    osc_rig_load(&rig, file);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done *");
}

/* Lets some looks pass; how many of the last lines of the log hold the words. */
static unsigned said(const char *words)
{
    unsigned n = 0;
    for (uint64_t end = ctl_clock(rig.ctl) + 4 * OSC_RIG_RATE_HZ; ctl_clock(rig.ctl) < end;)
        osc_rig_run(&rig);
    for (unsigned i = 0; i < OSC_RIG_LOG_LINES && i < rig.n_log; i++)
        n += strstr(rig.log[i], words) != NULL;
    return n;
}

START_TEST(a_note_for_a_sampler_without_a_file_is_refused_with_what_to_do)
{
    osc_rig_do(&rig, "/graph/add sampler drums");
    osc_rig_refuse(&rig, "/note/on drums 60 100", ERROR_NO_FILE, "drums (sampler) has no file", "/node/drums/file PATH",
                   NULL);
    osc_rig_refuse(&rig, "/midi drums %m:00903c64", ERROR_NO_FILE, "drums", NULL);
    osc_rig_refuse(&rig, "/midi/play a.mid drums", ERROR_NO_FILE, "/node/drums/file PATH", NULL);
    ck_assert_str_eq(osc_rig_ask(&rig, "/note/off drums 60"), "");
    ck_assert_str_eq(osc_rig_ask(&rig, "/note/on drums 60 0"), "");
    ck_assert_str_eq(osc_rig_ask(&rig, "/note/cc drums 64 0"), "");
    load("/node/drums/file kit.wav", "kit.wav");
    ck_assert_str_eq(osc_rig_ask(&rig, "/note/on drums 60 100"), "");
    ck_assert_uint_eq(play_active(model_find(&rig.ctl->model, "drums")), 1);
}
END_TEST

START_TEST(switching_a_player_on_that_has_no_file_is_logged)
{
    osc_rig_do_each(&rig, "/graph/add player loop\n/graph/add midi_player song\n");
    osc_rig_ask(&rig, "/node/loop/play F");
    ck_assert_uint_eq(said("has no file"), 0);
    osc_rig_ask(&rig, "/node/loop/play T");
    ck_assert_uint_eq(said("loop (player) has no file to play, and is silent without: /node/loop/file PATH"), 1);
    osc_rig_do(&rig, "/req/1/node/song/play/norm 1");
    ck_assert_uint_eq(said("song (midi_player) has no file"), 1);
}
END_TEST

START_TEST(what_another_node_plays_without_a_file_is_logged_once)
{
    osc_rig_do_each(&rig, "/graph/add sampler drums\n/graph/connect drums out\n"
                          "/graph/add arpeggiator arp\n/graph/connect arp drums\n");
    ck_assert_uint_eq(said("drums (sampler) has no file"), 0);
    osc_rig_ask(&rig, "/note/on arp 60 100 hold");
    ck_assert_uint_eq(said("drums (sampler) has no file"), 1);
    osc_rig_ask(&rig, "/note/on arp 64 100 hold");
    ck_assert_uint_eq(said("drums (sampler) has no file"), 1);
    ck_assert_uint_eq(rig.n_log, 1);
}
END_TEST

START_TEST(a_player_that_is_connected_without_a_file_is_logged_once)
{
    osc_rig_do(&rig, "/graph/add player loop");
    ck_assert_uint_eq(said("loop (player) has no file"), 0);
    osc_rig_do(&rig, "/graph/connect loop out");
    ck_assert_uint_eq(said("loop (player) has no file"), 1);
    ck_assert_uint_eq(said("loop (player) has no file"), 1);
}
END_TEST

START_TEST(an_instrument_that_leads_nowhere_is_logged_once_it_is_played)
{
    osc_rig_do_each(&rig, "/graph/add fm piano\n/graph/add fm bell\n/graph/connect bell out\n");
    ck_assert_uint_eq(said("connected to nothing"), 0);
    osc_rig_ask(&rig, "/note/on piano 60 100 1");
    osc_rig_ask(&rig, "/note/on bell 60 100 1");
    ck_assert_uint_eq(said("piano (fm) is played and connected to nothing: /graph/connect piano out"), 1);
    osc_rig_ask(&rig, "/note/on piano 60 100 1");
    ck_assert_uint_eq(said("connected to nothing"), 1);
}
END_TEST

START_TEST(a_container_leads_where_what_is_inside_of_it_leads)
{
    osc_rig_do_each(&rig, "/graph/add voices pad\n/graph/add voices low\n/graph/connect low/out out\n");
    osc_rig_ask(&rig, "/note/on pad 60 100 1");
    osc_rig_ask(&rig, "/note/on low 60 100 1");
    ck_assert_uint_eq(said("pad (voices) is played and connected to nothing: /graph/connect pad/out out"), 1);
    ck_assert_uint_eq(said("connected to nothing"), 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_note_for_a_sampler_without_a_file_is_refused_with_what_to_do,
        switching_a_player_on_that_has_no_file_is_logged,
        what_another_node_plays_without_a_file_is_logged_once,
        a_player_that_is_connected_without_a_file_is_logged_once,
        an_instrument_that_leads_nowhere_is_logged_once_it_is_played,
        a_container_leads_where_what_is_inside_of_it_leads,
    };
    return osc_rig_suite("what cannot be heard", open_rig, close_rig, tests, ROWS(tests));
}
