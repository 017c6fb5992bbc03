/* Values that are note values: how they are told, kept and taken back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/osc_rig.h"
#include "tests/session_rig.h"
#include "tests/sub_rig.h"
#include "tests/undo_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    undo_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add delay echo time 1/8d");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* 120 bpm: a dotted eighth is 0.375 s. */
static void expect_time(const char *values)
{
    char line[100];
    snprintf(line, sizeof line, "/node/echo/time %s", values);
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/echo/time"), line);
}

START_TEST(a_value_that_follows_is_told_with_its_note_value)
{
    expect_time("0.375 1/8d");
    osc_rig_do(&rig, "/transport/tempo 90");
    expect_time("0.5 1/8d");
    osc_rig_do(&rig, "/req/1/node/echo/time 1/4 0.5");
    ck_assert_str_eq(osc_rig_ask(&rig, "/req/2/node/echo/time"), "/done 2 /node/echo/time 0.6666667 1/4");
    ck_assert_ptr_nonnull(strstr(osc_rig_ask(&rig, "/node/echo"), "time 0.6666667 time/note 1/4 longest"));
    osc_rig_do(&rig, "/req/3/node/echo/time 0.25");
    expect_time("0.25");
    osc_rig_do(&rig, "/transport/tempo 60");
    expect_time("0.25");
}
END_TEST

START_TEST(a_norm_ends_the_following_and_a_pattern_begins_it)
{
    osc_rig_do(&rig, "/req/1/node/echo/time/norm 0.5");
    ck_assert_ptr_null(strstr(osc_rig_ask(&rig, "/node/echo/time"), "1/8d"));
    osc_rig_do(&rig, "/graph/add delay other");
    osc_rig_do(&rig, "/req/2/node/*/time 1/2");
    expect_time("1.0 1/2");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/other/time"), "/node/other/time 1.0 1/2");
}
END_TEST

/* 4/1 is 8 s at 120 bpm, as long as the parameter can be. */
START_TEST(beyond_its_range_it_is_held_and_comes_back)
{
    osc_rig_do(&rig, "/req/1/node/echo/time 4/1");
    osc_rig_do(&rig, "/transport/tempo 60");
    expect_time("8.0 4/1");
    osc_rig_refuse(&rig, "/req/2/node/echo/time 4/1", ERROR_RANGE, "time 4/1 is 16 s at 60 bpm", NULL);
    osc_rig_do(&rig, "/transport/tempo 240");
    expect_time("4.0 4/1");
}
END_TEST

START_TEST(texts_of_the_graph_hold_the_note_value)
{
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "/graph/add delay echo time 1/8d\n"));
    ck_assert_ptr_nonnull(strstr(osc_rig_ask(&rig, "/graph/dump json"), "\\\"notes\\\": {\\\"time\\\": \\\"1/8d\\\"}"));
    ck_assert_ptr_nonnull(strstr(osc_rig_ask(&rig, "/graph/dump dot"), "time 1/8d"));
}
END_TEST

/* Held, too: what could be saved can be loaded. */
START_TEST(a_session_keeps_it)
{
    osc_rig_do(&rig, "/req/1/node/echo/time 4/1");
    osc_rig_do(&rig, "/transport/tempo 60");
    char *saved = session_rig_save(&rig, "a.dawd");
    ck_assert_ptr_nonnull(strstr(saved, "/graph/add delay echo time 4/1\n"));
    osc_rig_do(&rig, "/session/new");
    session_rig_load(&rig, "a.dawd", saved, strlen(saved));
    char *again = session_rig_save(&rig, "a.dawd");
    ck_assert_str_eq(saved, again);
    expect_time("8.0 4/1");
    osc_rig_do(&rig, "/transport/tempo 120 at 1:1:0");
    expect_time("8.0 4/1");
    free(saved);
    free(again);
}
END_TEST

START_TEST(undo_and_redo_go_there_at_the_tempo_of_then)
{
    undo_rig_clock(10000);
    osc_rig_do(&rig, "/req/1/node/echo/time 0.3");
    undo_rig_clock(20000);
    osc_rig_do(&rig, "/req/2/node/echo/time 1/16");
    expect_time("0.125 1/16");
    osc_rig_do(&rig, "/undo");
    expect_time("0.3");
    osc_rig_do(&rig, "/undo");
    expect_time("0.375 1/8d");
    osc_rig_do(&rig, "/redo 2");
    expect_time("0.125 1/16");
    ck_assert_ptr_nonnull(strstr(osc_rig_ask(&rig, "/history"), "/node/echo/time 1/16"));
    osc_rig_do(&rig, "/undo 2");
    osc_rig_do(&rig, "/transport/tempo 90");
    expect_time("0.5 1/8d");
    osc_rig_do(&rig, "/undo");
    expect_time("0.375 1/8d");
}
END_TEST

/* To the same value as a number: it does not follow any more, and that can be taken back. */
START_TEST(the_number_that_it_is_already_is_another_value)
{
    undo_rig_clock(10000);
    osc_rig_do(&rig, "/req/1/node/echo/time 0.375");
    expect_time("0.375");
    osc_rig_do(&rig, "/undo");
    expect_time("0.375 1/8d");
}
END_TEST

START_TEST(it_goes_along_with_copies_replacements_and_a_panic)
{
    osc_rig_do(&rig, "/graph/copy echo other");
    osc_rig_do(&rig, "/graph/copy echo third time 0.2");
    osc_rig_do(&rig, "/graph/replace echo delay feedback 0.1");
    osc_rig_do(&rig, "/panic");
    osc_rig_do(&rig, "/transport/tempo 90");
    expect_time("0.5 1/8d");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/other/time"), "/node/other/time 0.5 1/8d");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/third/time"), "/node/third/time 0.2");
    osc_rig_do(&rig, "/graph/replace echo gain");
    osc_rig_do(&rig, "/undo");
    expect_time("0.5 1/8d");
}
END_TEST

START_TEST(a_bundle_is_for_the_tempo_that_it_brings)
{
    osc_rig_do(&rig, "[\n/node/echo/time 1/4\n/transport/tempo 60\n]");
    expect_time("1.0 1/4");
    osc_rig_do(&rig, "[\n/transport/tempo 240\n/graph/add delay late time 2/1\n]");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/late/time"), "/node/late/time 2.0 2/1");
}
END_TEST

/* Both arrive in one turn: what is read is what was asked for, as of all edits. */
START_TEST(who_reads_behind_an_edit_of_the_tempo_finds_what_it_makes)
{
    osc_rig_send(&rig, "/transport/tempo 60");
    osc_rig_send(&rig, "/node/echo/time");
    osc_rig_expect(&rig, "/node/echo/time 0.75 1/8d");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /transport/tempo *");
}
END_TEST

START_TEST(descriptions_say_what_takes_them_and_what_locks)
{
    const char *text = osc_rig_ask(&rig, "/describe delay");
    const char *time = strstr(text, "\\\"name\\\": \\\"time\\\""), *longest = strstr(text, "\\\"name\\\": \\\"longest\\\"");
    ck_assert(time && longest);
    ck_assert_ptr_nonnull(strstr(time, "\\\"note_values\\\": true, \\\"help\\\""));
    ck_assert(strstr(time, "note_values") < longest);
    const char *next = strstr(longest, "note_values");
    ck_assert(!next || next > strchr(longest, '}'));
    ck_assert_ptr_nonnull(strstr(osc_rig_ask(&rig, "/describe lfo"), "\\\"note_values\\\": true, \\\"locks\\\": true"));
}
END_TEST

START_TEST(subscribers_hear_of_it_and_of_what_it_comes_to)
{
    static struct sub_rig subs;
    struct peer fader = osc_rig_datagram(9001), page = osc_rig_datagram(9002);
    sub_rig_open(&subs);
    sub_rig_say(&subs, &page, "/graph/add delay echo time 0.5");
    sub_rig_pass(&subs, 100);
    sub_rig_skip(&subs, &page);
    sub_rig_subscribe(&subs, &page, "/sub \"/node/echo/time\"");
    sub_rig_say(&subs, &fader, "/node/echo/time 1/4");
    sub_rig_pass(&subs, 100);
    sub_rig_hears(&subs, &page, "/node/echo/time 0.5 1/4");
    sub_rig_say(&subs, &fader, "/transport/tempo 60");
    sub_rig_pass(&subs, 100);
    sub_rig_hears(&subs, &page, "/node/echo/time 1.0 1/4");
    sub_rig_say(&subs, &fader, "/node/echo/time 1.0");
    sub_rig_pass(&subs, 100);
    sub_rig_hears(&subs, &page, "/node/echo/time 1.0");
    sub_rig_close(&subs);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_value_that_follows_is_told_with_its_note_value,
        a_norm_ends_the_following_and_a_pattern_begins_it,
        beyond_its_range_it_is_held_and_comes_back,
        texts_of_the_graph_hold_the_note_value,
        a_session_keeps_it,
        undo_and_redo_go_there_at_the_tempo_of_then,
        the_number_that_it_is_already_is_another_value,
        it_goes_along_with_copies_replacements_and_a_panic,
        a_bundle_is_for_the_tempo_that_it_brings,
        who_reads_behind_an_edit_of_the_tempo_finds_what_it_makes,
        descriptions_say_what_takes_them_and_what_locks,
        subscribers_hear_of_it_and_of_what_it_comes_to,
    };
    return osc_rig_suite("note values", open_rig, close_rig, tests, ROWS(tests));
}
