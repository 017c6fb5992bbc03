/* Undo and redo: each step goes back to exactly what was there, to the last byte of the session, and forth again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/session_rig.h"
#include "tests/undo_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    undo_rig_open(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* Does each of the edits, undoes all of them one by one, and does them again, comparing sessions on the way. */
static void there_and_back(const char *const *edits, unsigned n)
{
    char **texts = calloc(n + 1, sizeof *texts);
    for (unsigned i = 0; i < n; i++) {
        texts[i] = undo_rig_text(&rig);
        undo_rig_do(&rig, edits[i]);
        if (i % 3 == 2)
            osc_rig_wait(&rig); /* some things still fade, others are gone */
    }
    texts[n] = undo_rig_text(&rig);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = n; i--;) {
            undo_rig_do(&rig, "/undo");
            char *text = undo_rig_text(&rig);
            OSC_RIG_DEMAND(strcmp(text, texts[i]) == 0, "%s is undone to\n%sand was\n%s", edits[i], text, texts[i]);
            free(text);
        }
        for (unsigned i = 0; i < n; i++) {
            undo_rig_do(&rig, "/redo");
            char *text = undo_rig_text(&rig);
            OSC_RIG_DEMAND(strcmp(text, texts[i + 1]) == 0, "%s is redone to\n%sand was\n%s", edits[i], text, texts[i + 1]);
            free(text);
            osc_rig_wait(&rig);
        }
    }
    for (unsigned i = 0; i <= n; i++)
        free(texts[i]);
    free(texts);
}

/* ---- there and back ---------------------------------------------------------------------------------------------------- */

#define BASE                                                                                                               \
    "/graph/add osc tone freq 300.0", "/graph/add filter lp cutoff 512.345", "/graph/add gain last gain -6.0",             \
        "/graph/connect tone lp gain -3.0", "/graph/connect lp last", "/graph/connect last:out.2 out:in.1 gain -9.25",     \
        "/graph/connect last lp feedback gain -12.5", "/graph/connect tone last:gain depth 0.3"

START_TEST(every_edit_goes_there_and_back)
{
    static const char *const edits[] = {
        BASE,
        "/req/1/node/lp/label \"low pass\"",
        "/req/1/node/lp/label \"\"",
        "/req/1/node/out/label \"to the \\\"house\\\"\"",
        "/req/1/node/tone/label \"ton\"",
        "/req/1/node/last/bypass T",
        "/graph/compensate last 0",
        "/graph/compensate tone 0",
        "/graph/compensate tone 1",
        "/graph/disconnect lp last",
        "/graph/connect lp last gain -1.5",
        "/graph/connect tone lp gain -7.0",
        "/graph/rename lp low",
        "/graph/remove tone",
        "/graph/add osc tone freq 50.0",
        "/graph/copy low low2 edges cutoff 700.0",
        "/graph/replace low butterworth order 4 drop",
        "/node/low/order 6",
        "[\n/tx label \"two things\"\n/node/last/gain -3.5\n/graph/add lfo sweep\n/graph/connect sweep last:gain depth "
        "2\n]",
        "/graph/add player p file a.wav gain -3.0",
        "/node/p/file b.wav",
        "/graph/remove p",
        "/transport/tempo 93.7",
        "/transport/signature 3 4 at 5:1:0",
        "/transport/tempo 100 at 5:1:0",
        "/transport/tempo 101.5 at 7:2:13",
        "/transport/clear 7:2:13",
        "/transport/clear",
        "/jack/connect out_1 system:playback_3 wait",
        "/jack/disconnect out_2",
        "/graph/add output mon channels 3",
        "/jack/connect mon_3 other:in wait",
        "/graph/replace mon output channels 4",
        "/graph/rename mon monitor",
        "/jack/disconnect monitor_3 other:in wait",
        "/jack/connect monitor_1 other:in wait",
        "/graph/remove monitor",
        "/graph/clear",
        "/graph/add gain after",
    };
    there_and_back(edits, ROWS(edits));
}
END_TEST

START_TEST(what_one_bundle_made_and_took_away_again_goes_there_and_back)
{
    static const char *const edits[] = {
        BASE,
        "[\n/graph/add gain x\n/graph/connect x last\n/graph/connect x last gain -3\n/graph/disconnect x last\n"
        "/graph/connect x last gain -4\n/graph/remove x\n/graph/add osc x\n]",
        "[\n/graph/disconnect lp last\n/graph/disconnect last lp\n/graph/connect last lp\n]",
        "[\n/node/lp/cutoff 100.0\n/node/lp/cutoff 200.0\n/graph/remove lp\n/graph/add gain lp\n/node/lp/gain -5.0\n]",
        "[\n/graph/rename tone t\n/graph/rename last tone\n/graph/rename t last\n]",
        "[\n/node/tone/gain -20.0\n/node/last/freq 20.0\n]",
    };
    there_and_back(edits, ROWS(edits));
}
END_TEST

START_TEST(every_type_of_node_comes_back_as_it_was)
{
    unsigned n = session_rig_fill(&rig);
    char *full = undo_rig_text(&rig);
    ck_assert_uint_gt(n, 10);
    undo_rig_do(&rig, "/graph/clear");
    undo_rig_do(&rig, "/undo");
    char *text = undo_rig_text(&rig);
    ck_assert_str_eq(text, full);
    free(text);
    osc_rig_wait(&rig);
    undo_rig_do(&rig, "/redo");
    undo_rig_do(&rig, "/undo");
    text = undo_rig_text(&rig);
    ck_assert_str_eq(text, full);
    free(text);
    free(full);
}
END_TEST

START_TEST(several_steps_are_one_transaction)
{
    static const char *const edits[] = {BASE};
    char *empty = undo_rig_text(&rig);
    for (unsigned i = 0; i < ROWS(edits); i++)
        undo_rig_do(&rig, edits[i]);
    char *full = undo_rig_text(&rig);
    uint64_t revision = rig.ctl->revision;
    undo_rig_do(&rig, "/undo 8");
    ck_assert_uint_eq(rig.ctl->revision, revision + 1);
    char *text = undo_rig_text(&rig);
    ck_assert_str_eq(text, empty);
    free(text);
    undo_rig_do(&rig, "/redo 8");
    text = undo_rig_text(&rig);
    ck_assert_str_eq(text, full);
    free(text);
    free(full);
    free(empty);
}
END_TEST

/* ---- names and bounds -------------------------------------------------------------------------------------------------- */

START_TEST(the_history_tells_names_ages_and_what_is_done)
{
    undo_rig_do(&rig, "/graph/add osc tone freq 300.0");
    undo_rig_clock(2500);
    undo_rig_do(&rig, "[\n/tx label \"warm it up\"\n/graph/add gain a\n/graph/connect tone a\n]");
    undo_rig_do(&rig, "[\n/graph/connect a out\n/node/a/gain -6.0\n/transport/tempo 90\n]");
    undo_rig_ask(&rig, "/node/a/gain -9.0");
    undo_rig_do(&rig, "/undo 2");
    ck_assert_str_eq(osc_rig_do(&rig, "/history"),
                     "/done 0 /history 4 2 1 \"/graph/add osc tone freq 300.0\" 1 2.5d T 2 \"warm it up\" 2 0.0d T "
                     "3 \"/graph/connect a out and 2 more\" 3 0.0d F 4 \"/node/a/gain -9.0\" 3 0.0d F");
    ck_assert_str_eq(osc_rig_do(&rig, "/history 1 1"), "/done 0 /history 4 2 2 \"warm it up\" 2 0.0d T");
}
END_TEST

START_TEST(a_step_is_told_as_the_commands_that_do_and_undo_it)
{
    undo_rig_do(&rig, "[\n/graph/add filter lp mode notch\n/graph/connect lp out gain -3\n/node/lp/cutoff 500.5\n"
                      "/transport/tempo 90 at 5:1:0\n]");
    ck_assert_str_eq(osc_rig_do(&rig, "/history/get 1"),
                     "/done 0 /history/get \"/transport/clear 5:1:0\\n/node/lp/cutoff 1000.0\\n"
                     "/graph/disconnect lp:out out:in\\n/graph/remove lp\\n\" "
                     "\"/graph/add filter lp mode notch\\n/graph/connect lp:out out:in gain -3.0\\n"
                     "/node/lp/cutoff 500.5\\n/transport/tempo 90.0 at 5:1:0\\n\"");
    undo_rig_do(&rig, "/graph/replace lp gain gain -1.0 drop");
    ck_assert_str_eq(osc_rig_do(&rig, "/history/get 2"),
                     "/done 0 /history/get \"/graph/disconnect lp:out out:in\\n/graph/remove lp\\n"
                     "/graph/add filter lp mode notch cutoff 500.5\\n/graph/connect lp:out out:in gain -3.0\\n\" "
                     "\"/graph/disconnect lp:out out:in\\n/graph/remove lp\\n/graph/add gain lp gain -1.0\\n"
                     "/graph/connect lp:out out:in gain -3.0\\n\"");
}
END_TEST

START_TEST(the_oldest_steps_are_forgotten)
{
    rig.server->history.steps_max = 3;
    undo_rig_do(&rig, "/graph/add gain a");
    undo_rig_do(&rig, "/graph/add gain b");
    undo_rig_do(&rig, "/graph/add gain c");
    undo_rig_do(&rig, "/graph/add gain d");
    undo_rig_steps(&rig, "3 3");
    undo_rig_do(&rig, "/undo 3");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain a\n");
    undo_rig_do(&rig, "/redo 3");
    rig.server->history.bytes_max = 2000;
    for (unsigned i = 0; i < 40; i++) {
        char line[40];
        snprintf(line, sizeof line, "/graph/add gain e%u", i);
        undo_rig_do(&rig, line);
    }
    ck_assert_uint_lt(rig.server->history.past.n_bytes, 2000);
    ck_assert_uint_gt(rig.server->history.past.n, 0);
    rig.server->history.bytes_max = 200; /* not even one */
    undo_rig_do(&rig, "/graph/add gain f");
    undo_rig_steps(&rig, "0 0");
    osc_rig_refuse(&rig, "/undo", ERROR_NO_MATCH, "nothing to undo", NULL);
}
END_TEST

START_TEST(another_session_begins_a_history_of_its_own)
{
    undo_rig_do(&rig, "/graph/add gain a");
    undo_rig_do(&rig, "/session/new");
    osc_rig_refuse(&rig, "/undo", ERROR_NO_MATCH, "nothing to undo", NULL);
    undo_rig_do(&rig, "/graph/add gain b");
    session_rig_do(&rig, "/graph/add osc tone\n");
    undo_rig_steps(&rig, "0 0");
    undo_rig_do(&rig, "/graph/remove tone");
    undo_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add osc tone\n");
}
END_TEST

START_TEST(a_session_that_is_refused_leaves_the_history_alone)
{
    undo_rig_do(&rig, "/graph/add gain a");
    session_rig_refuse(&rig, "# dawd session 1\n/graph/add osc a\n/graph/add osc a\n# end\n", ERROR_NAME_TAKEN, "line 3");
    undo_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_dump(&rig), "");
}
END_TEST

/* ---- with files and others --------------------------------------------------------------------------------------------- */

START_TEST(an_undo_waits_for_all_that_came_before_and_edits_wait_for_it)
{
    undo_rig_do(&rig, "/graph/add player p file a.wav");
    undo_rig_do(&rig, "/graph/remove p");
    osc_rig_send(&rig, "/req/1/graph/add player q file b.wav");
    osc_rig_send(&rig, "/req/2/undo 2");
    osc_rig_send(&rig, "/req/3/graph/add gain g");
    osc_rig_do(&rig, "/graph/list");
    ck_assert_uint_eq(rig.n_loads, 1);
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 /graph/add *");
    osc_rig_expect(&rig, "");
    osc_rig_load(&rig, "a.wav"); /* of the removed player */
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 2 /undo *");
    osc_rig_expect(&rig, "/done 3 /graph/add *");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add player p file a.wav\n/graph/add gain g\n");
}
END_TEST

START_TEST(an_undo_whose_file_is_gone_is_refused_and_can_be_tried_again)
{
    undo_rig_do(&rig, "/graph/add player p file a.wav");
    undo_rig_do(&rig, "/graph/add gain g");
    undo_rig_do(&rig, "/graph/remove p");
    osc_rig_send(&rig, "/undo");
    osc_rig_load_fails(&rig, "a.wav", ERROR_NO_FILE);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 0 /undo 18 no_file *undo of *a.wav*");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain g\n");
    undo_rig_steps(&rig, "3 3");
    undo_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add player p file a.wav\n/graph/add gain g\n");
    ck_assert_uint_eq(rig.n_media, 1);
}
END_TEST

START_TEST(an_undo_is_no_part_of_a_bundle_or_a_session)
{
    undo_rig_do(&rig, "/graph/add gain a");
    osc_rig_refuse(&rig, "[\n/undo\n/graph/add gain b\n]", ERROR_UNSUPPORTED, "/undo is a transaction by itself", NULL);
    session_rig_refuse(&rig, "# dawd session 1\n/redo\n# end\n", ERROR_UNSUPPORTED, "/redo is a transaction by itself");
}
END_TEST

START_TEST(a_transaction_that_finds_the_revision_gone_while_its_file_was_loading_is_refused)
{
    undo_rig_do(&rig, "/graph/add gain a");
    osc_rig_send(&rig, "[\n/tx req 5 if_revision 1\n/graph/add player p file a.wav\n]");
    osc_rig_do(&rig, "/graph/add gain b");
    osc_rig_refuse(&rig, "[\n/tx if_revision 1\n/graph/add gain c\n]", ERROR_CONFLICT, "revision 2, not 1", NULL);
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 5 #bundle 16 conflict *revision 2, not 1*");
    undo_rig_do(&rig, "[\n/tx if_revision 2\n/graph/add gain c\n]");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_edit_goes_there_and_back,
        what_one_bundle_made_and_took_away_again_goes_there_and_back,
        every_type_of_node_comes_back_as_it_was,
        several_steps_are_one_transaction,
        the_history_tells_names_ages_and_what_is_done,
        a_step_is_told_as_the_commands_that_do_and_undo_it,
        the_oldest_steps_are_forgotten,
        another_session_begins_a_history_of_its_own,
        a_session_that_is_refused_leaves_the_history_alone,
        an_undo_waits_for_all_that_came_before_and_edits_wait_for_it,
        an_undo_whose_file_is_gone_is_refused_and_can_be_tried_again,
        an_undo_is_no_part_of_a_bundle_or_a_session,
        a_transaction_that_finds_the_revision_gone_while_its_file_was_loading_is_refused,
    };
    return osc_rig_suite("undo", open_rig, close_rig, tests, ROWS(tests));
}
