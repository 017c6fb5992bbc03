/* Sessions as a client sees them: new, load, save, info, and who waits for whom. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "tests/session_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static void build(void)
{
    osc_rig_do(&rig, "/graph/add osc tone freq 300.0");
    osc_rig_do(&rig, "/graph/connect tone out gain -6");
    osc_rig_ask(&rig, "/node/out/ceiling -3.0");
}

#define BUILT "/node/out/ceiling -3.0\n/graph/add osc tone freq 300.0\n/graph/connect tone:out out:in gain -6.0\n"

static void expect_info(const char *line)
{
    char wanted[300];
    snprintf(wanted, sizeof wanted, "/done 0 /session/info %s", line);
    ck_assert_str_eq(osc_rig_ask(&rig, "/session/info"), wanted);
}

/* ---- one file -------------------------------------------------------------------------------------------------------- */

START_TEST(a_daemon_starts_with_an_empty_session_that_has_no_file)
{
    expect_info("\"\" \"\" F 0 2 0");
    osc_rig_refuse(&rig, "/session/save", ERROR_NO_FILE, "no file yet", "/session/save FILE", NULL);
}
END_TEST

START_TEST(a_saved_session_comes_back)
{
    build();
    expect_info("\"\" \"\" T 2 3 1");
    char *text = session_rig_save(&rig, "songs/one.dawd");
    ck_assert_str_eq(text, "# dawd session 1\n" BUILT "# end\n");
    expect_info("one.dawd songs/one.dawd F 2 3 1");
    osc_rig_do(&rig, "/session/new");
    expect_info("\"\" \"\" F 3 2 0");
    ck_assert_str_eq(osc_rig_dump(&rig), "");
    const char *answer = session_rig_load(&rig, "songs/one.dawd", text, strlen(text));
    ck_assert_msg(strncmp(answer, "/done 0 /session/load ", 22) == 0, "%s", answer);
    ck_assert_str_eq(osc_rig_dump(&rig), BUILT);
    expect_info("one.dawd songs/one.dawd F 4 3 1");
    free(text);
}
END_TEST

START_TEST(a_save_without_a_name_goes_to_the_file_of_the_session)
{
    session_rig_do(&rig, "/graph/add osc tone\n");
    osc_rig_do(&rig, "/graph/add osc more");
    osc_rig_send(&rig, "/req/7/session/save");
    char *text = osc_rig_saved(&rig, "song.dawd");
    osc_rig_expect(&rig, "/done 7 /session/save song.dawd");
    ck_assert_str_eq(text, "# dawd session 1\n/graph/add osc tone\n/graph/add osc more\n# end\n");
    free(text);
    free(session_rig_save(&rig, "other.dawd"));
    osc_rig_send(&rig, "/session/save");
    free(osc_rig_saved(&rig, "other.dawd"));
    osc_rig_expect(&rig, "/done 0 /session/save other.dawd");
}
END_TEST

START_TEST(a_session_knows_whether_it_has_changed)
{
    session_rig_do(&rig, "# by hand, in an order of its own\n/graph/add gain a gain 0\n");
    expect_info("song.dawd song.dawd F 1 3 0");
    osc_rig_ask(&rig, "/node/a/gain -1.0");
    expect_info("song.dawd song.dawd T 1 3 0");
    osc_rig_ask(&rig, "/node/a/gain 0.0");
    expect_info("song.dawd song.dawd F 1 3 0");
    osc_rig_do(&rig, "/graph/remove a");
    osc_rig_do(&rig, "/graph/add gain a");
    expect_info("song.dawd song.dawd F 3 3 0");
}
END_TEST

START_TEST(what_is_left_with_changes_is_told_in_the_log)
{
    osc_rig_do(&rig, "/session/new");
    ck_assert_uint_eq(rig.n_log, 0);
    build();
    osc_rig_do(&rig, "/session/new");
    ck_assert_str_eq(rig.log[0], "info: session without a file was left with changes that are not saved; /session/back "
                                 "brings it back");
    session_rig_do(&rig, "/graph/add gain a\n");
    session_rig_do(&rig, "/graph/add gain b\n");
    ck_assert_uint_eq(rig.n_log, 1);
    osc_rig_ask(&rig, "/node/b/gain -1.0");
    session_rig_refuse(&rig, "# dawd session 1\n/graph/add gain\n# end\n", ERROR_BAD_TYPE, "line 2");
    ck_assert_uint_eq(rig.n_log, 2);
    session_rig_do(&rig, "/graph/add gain a\n");
    ck_assert_ptr_nonnull(strstr(rig.log[2], "session \"song.dawd\" was left with changes that are not saved"));
}
END_TEST

START_TEST(a_failed_save_changes_neither_file_nor_name)
{
    build();
    free(session_rig_save(&rig, "one.dawd"));
    osc_rig_do(&rig, "/graph/remove tone");
    osc_rig_send(&rig, "/req/3/session/save two.dawd");
    osc_rig_save_fails(&rig, "two.dawd", ERROR_IO);
    osc_rig_expect(&rig, "/fail 3 /session/save 20 io *two.dawd*");
    expect_info("one.dawd one.dawd T 3 2 0");
    rig.refuse = ERROR_CANCELLED;
    osc_rig_refuse(&rig, "/session/save", ERROR_CANCELLED, "one.dawd", NULL);
    rig.refuse = ERROR_NONE;
    osc_rig_send(&rig, "/session/save");
    free(osc_rig_saved(&rig, "one.dawd"));
    osc_rig_expect(&rig, "/done 0 /session/save one.dawd");
}
END_TEST

START_TEST(a_save_is_of_its_moment_and_nothing_waits_for_the_disk)
{
    build();
    osc_rig_send(&rig, "/session/save one.dawd");
    osc_rig_do(&rig, "/graph/remove tone");
    char *text = osc_rig_saved(&rig, "one.dawd");
    ck_assert_str_eq(text, "# dawd session 1\n" BUILT "# end\n");
    osc_rig_expect(&rig, "/done 0 /session/save one.dawd");
    expect_info("one.dawd one.dawd T 3 2 0");
    free(text);
}
END_TEST

START_TEST(a_save_that_ends_late_does_not_name_the_session_that_came_after)
{
    build();
    osc_rig_send(&rig, "/session/save one.dawd");
    osc_rig_do(&rig, "/session/new");
    free(osc_rig_saved(&rig, "one.dawd"));
    osc_rig_expect(&rig, "/done 0 /session/save one.dawd");
    expect_info("\"\" \"\" F 3 2 0");
}
END_TEST

START_TEST(a_save_without_a_name_behind_one_that_is_under_way_means_its_file)
{
    build();
    osc_rig_send(&rig, "/req/1/session/save one.dawd");
    osc_rig_send(&rig, "/req/2/session/save");
    free(osc_rig_saved(&rig, "one.dawd"));
    free(osc_rig_saved(&rig, "one.dawd"));
    osc_rig_expect(&rig, "/done 1 /session/save one.dawd");
    osc_rig_expect(&rig, "/done 2 /session/save one.dawd");
}
END_TEST

START_TEST(a_save_under_way_does_not_lend_its_file_to_the_session_that_came_after)
{
    build();
    osc_rig_send(&rig, "/req/1/session/save one.dawd");
    osc_rig_do(&rig, "/session/new");
    ck_assert_uint_eq(rig.n_log, 0); /* nothing is lost */
    osc_rig_refuse(&rig, "/session/save", ERROR_NO_FILE, "no file yet", NULL);
    free(osc_rig_saved(&rig, "one.dawd"));
    osc_rig_expect(&rig, "/done 1 /session/save one.dawd");
}
END_TEST

/* ---- over a session that plays --------------------------------------------------------------------------------------- */

START_TEST(a_load_takes_the_place_of_everything_at_one_frame)
{
    build();
    osc_rig_do(&rig, "/graph/add osc second");
    osc_rig_do(&rig, "/graph/connect second out");
    osc_rig_do(&rig, "/graph/connect in out");
    session_rig_do(&rig, "/graph/add osc tone freq 500.0\n/graph/connect tone out\n/graph/connect in out\n");
    ck_assert_uint_eq(rig.ctl->revision, 6);
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add osc tone freq 500.0\n"
                                         "/graph/connect tone:out out:in\n/graph/connect in:out out:in\n");
    ck_assert_float_eq(model_find(&rig.ctl->model, "out")->values[0],
                       model_find(&rig.ctl->model, "out")->class->params[0].initial);
    osc_rig_wait(&rig);
    ck_assert_uint_eq(rig.ctl->model.n_linked, 3); /* the old ones have faded and are gone */
}
END_TEST

START_TEST(what_goes_and_what_comes_fade_as_long_as_is_asked)
{
    build();
    osc_rig_refuse(&rig, "/session/new fade -1", ERROR_RANGE, "fade -1 s", "0 to 3600", NULL);
    osc_rig_refuse(&rig, "/session/load x fade 3601", ERROR_RANGE, "fade 3601 s", NULL);
    const struct edge *edge = model_find(&rig.ctl->model, "out")->in_last;
    osc_rig_send(&rig, "/session/new fade 0.5");
    ck_assert_uint_eq(edge->fade_frames, 24000);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /session/new *h 3*");
    osc_rig_send(&rig, "/session/load s fade 0.25");
    static const char text[] = "# dawd session 1\n/graph/connect in out\n# end";
    osc_rig_read(&rig, "s", text, strlen(text));
    ck_assert_uint_eq(model_find(&rig.ctl->model, "out")->in_last->fade_frames, 12000);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /session/load *h 4");
}
END_TEST

START_TEST(a_load_that_is_refused_leaves_the_old_session_and_its_name)
{
    build();
    free(session_rig_save(&rig, "old.dawd"));
    session_rig_refuse(&rig, "# dawd session 1\n/graph/remove tone\n# end\n", ERROR_NO_SUCH_NODE,
                       "\\\"song.dawd\\\": line 2, /graph/remove: no node is named \\\"tone\\\"");
    expect_info("old.dawd old.dawd F 2 3 1");
    osc_rig_send(&rig, "/session/load gone.dawd");
    osc_rig_read_fails(&rig, "gone.dawd", ERROR_NO_FILE);
    osc_rig_expect(&rig, "/fail 0 /session/load 18 no_file *gone.dawd*");
    expect_info("old.dawd old.dawd F 2 3 1");
}
END_TEST

/* ---- sounds ---------------------------------------------------------------------------------------------------------- */

static const char players[] = "# dawd session 1\n"
                              "/graph/add player a file a.wav\n"
                              "/graph/add player b file b.wav\n"
                              "/graph/add player c file a.wav\n"
                              "/graph/connect a out\n"
                              "/graph/connect b out\n"
                              "# end\n";

START_TEST(the_sounds_of_a_session_are_loaded_at_once_while_the_old_one_plays)
{
    build();
    struct session_rig_sound sound = session_rig_sound(&rig);
    osc_rig_send(&rig, "/session/load song.dawd");
    osc_rig_read(&rig, "song.dawd", players, strlen(players));
    ck_assert_uint_eq(rig.n_loads, 2);
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    session_rig_unchanged(&rig, &sound, "a session that loads");
    ck_assert_ptr_null(osc_rig_answer(&rig));
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /session/load *h 3*");
    ck_assert_uint_eq(rig.ctl->model.n_nodes, 5);
}
END_TEST

START_TEST(a_sound_that_is_missing_refuses_the_session)
{
    build();
    struct session_rig_sound sound = session_rig_sound(&rig);
    osc_rig_send(&rig, "/session/load song.dawd");
    osc_rig_read(&rig, "song.dawd", players, strlen(players));
    osc_rig_load(&rig, "a.wav");
    osc_rig_load_fails(&rig, "b.wav", ERROR_NO_FILE);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 0 /session/load 18 no_file \"\\\"song.dawd\\\": line 3, /graph/add: \\\"b.wav\\\"*");
    session_rig_unchanged(&rig, &sound, "a session without its sound");
    ck_assert_uint_eq(rig.n_media, 0);
}
END_TEST

START_TEST(what_edits_waits_for_a_load_and_what_asks_does_not)
{
    static const char *const lines[] = {"/req/1/session/load song.dawd",
                                        "/req/2/graph/add gain g",
                                        "/req/3/node/a/gain -1.0",
                                        "/req/4/session/save",
                                        "[\n/tx req 5\n/graph/connect a g\n]",
                                        "/sync 6",
                                        "/req/7/session/new",
                                        "/req/8/graph/add gain h"};
    build();
    for (unsigned i = 0; i < ROWS(lines); i++)
        osc_rig_send(&rig, lines[i]);
    osc_rig_do(&rig, "/ping");
    osc_rig_do(&rig, "/req/9/node/tone/freq");
    expect_info("\"\" \"\" T 2 3 1");
    osc_rig_read(&rig, "song.dawd", players, strlen(players));
    osc_rig_do(&rig, "/stats");
    osc_rig_load(&rig, "a.wav");
    osc_rig_load(&rig, "b.wav");
    char *text = osc_rig_saved(&rig, "song.dawd");
    ck_assert(strstr(text, "/graph/add player a file a.wav gain -1.0\n") && strstr(text, "/graph/add gain g\n"));
    ck_assert(!strstr(text, "/graph/connect a:out g:in"));
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 4 /session/save song.dawd");
    osc_rig_expect(&rig, "/done 1 /session/load *h 3*");
    osc_rig_expect(&rig, "/done 2 /graph/add *h 4");
    osc_rig_expect(&rig, "/done 3 /node/a/gain");
    osc_rig_expect(&rig, "/done 5 #bundle 1 *h 5");
    osc_rig_expect(&rig, "/synced 6 *");
    osc_rig_expect(&rig, "/done 7 /session/new *h 6*");
    osc_rig_expect(&rig, "/done 8 /graph/add *h 7");
    osc_rig_expect(&rig, "");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain h\n");
    free(text);
}
END_TEST

START_TEST(a_save_waits_for_what_was_asked_before_it)
{
    osc_rig_send(&rig, "/req/1/graph/add player p file a.wav");
    osc_rig_send(&rig, "/req/2/session/save one.dawd");
    osc_rig_send(&rig, "/req/3/graph/add gain late");
    ck_assert_uint_eq(rig.n_texts, 0);
    osc_rig_load(&rig, "a.wav");
    char *text = osc_rig_saved(&rig, "one.dawd");
    ck_assert_str_eq(text, "# dawd session 1\n/graph/add player p file a.wav\n# end\n");
    osc_rig_run(&rig);
    free(text);
    osc_rig_expect(&rig, "/done 2 /session/save one.dawd");
    osc_rig_expect(&rig, "/done 1 *");
    osc_rig_expect(&rig, "/done 3 *");
}
END_TEST

START_TEST(a_server_may_end_while_a_session_loads_and_another_is_saved)
{
    osc_rig_send(&rig, "/session/save one.dawd");
    osc_rig_send(&rig, "/session/load song.dawd");
    osc_rig_read(&rig, "song.dawd", players, strlen(players));
    osc_rig_send(&rig, "/session/load other.dawd");
}
END_TEST

START_TEST(tempo_comes_back_and_the_transport_stands_at_the_beginning)
{
    osc_rig_do(&rig, "/transport/tempo 90.5 at 1:1:0");
    osc_rig_do(&rig, "/transport/signature 3 4 at 5:1:0");
    osc_rig_do(&rig, "/transport/tempo 61.234567d at 17:2:30");
    osc_rig_do(&rig, "/transport/play");
    char *text = session_rig_save(&rig, "one.dawd");
    ck_assert_str_eq(text, "# dawd session 1\n/transport/tempo 90.5 at 1:1:0\n/transport/signature 3 4 at 5:1:0\n"
                           "/transport/tempo 61.234567 at 17:2:30\n# end\n");
    osc_rig_do(&rig, "/session/new");
    ck_assert_str_eq(osc_rig_dump(&rig), "");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/position"), "/transport/position 0h 0.0d 1:1:0 F");
    osc_rig_do(&rig, "/transport/play");
    session_rig_load(&rig, "one.dawd", text, strlen(text));
    osc_rig_expect(&rig, "");
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/position"), "/transport/position 0h 0.0d 1:1:0 F");
    char *again = session_rig_save(&rig, "one.dawd");
    ck_assert_str_eq(again, text);
    session_rig_refuse(&rig, "# dawd session 1\n/transport/tempo 5 at 1:1:0\n# end\n", ERROR_RANGE,
                       "line 2, /transport/tempo: tempo 5 bpm");
    session_rig_refuse(&rig, "# dawd session 1\n/transport/tempo\n# end\n", ERROR_UNSUPPORTED,
                       "line 2, /transport/tempo: /transport/tempo asks for something");
    free(again);
    free(text);
}
END_TEST

START_TEST(session_verbs_are_no_part_of_a_bundle)
{
    osc_rig_refuse(&rig, "[\n/session/new\n]", ERROR_UNSUPPORTED, "/session/new cannot be part of a bundle", NULL);
    osc_rig_refuse(&rig, "[\n/session/load x\n]", ERROR_UNSUPPORTED, "/session/load cannot be part of a bundle", NULL);
    osc_rig_refuse(&rig, "[\n/session/save x\n]", ERROR_UNSUPPORTED, "/session/save cannot be part of a bundle", NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_daemon_starts_with_an_empty_session_that_has_no_file,
        a_saved_session_comes_back,
        a_save_without_a_name_goes_to_the_file_of_the_session,
        a_session_knows_whether_it_has_changed,
        what_is_left_with_changes_is_told_in_the_log,
        a_failed_save_changes_neither_file_nor_name,
        a_save_is_of_its_moment_and_nothing_waits_for_the_disk,
        a_save_that_ends_late_does_not_name_the_session_that_came_after,
        a_save_without_a_name_behind_one_that_is_under_way_means_its_file,
        a_save_under_way_does_not_lend_its_file_to_the_session_that_came_after,
        a_load_takes_the_place_of_everything_at_one_frame,
        what_goes_and_what_comes_fade_as_long_as_is_asked,
        a_load_that_is_refused_leaves_the_old_session_and_its_name,
        the_sounds_of_a_session_are_loaded_at_once_while_the_old_one_plays,
        a_sound_that_is_missing_refuses_the_session,
        what_edits_waits_for_a_load_and_what_asks_does_not,
        a_save_waits_for_what_was_asked_before_it,
        a_server_may_end_while_a_session_loads_and_another_is_saved,
        tempo_comes_back_and_the_transport_stands_at_the_beginning,
        session_verbs_are_no_part_of_a_bundle,
    };
    return osc_rig_suite("sessions", open_rig, close_rig, tests, ROWS(tests));
}
