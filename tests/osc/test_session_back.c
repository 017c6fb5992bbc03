/* A session that was left by a slip of the hand comes back whole. */
#include <stdlib.h>
#include <string.h>

#include "tests/osc_rig.h"
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
    osc_rig_do_each(&rig, "/graph/add osc tone freq 300.0\n/graph/connect tone out gain -6\n/transport/tempo 90\n");
}

START_TEST(who_leaves_changes_behind_is_told_so_in_the_answer)
{
    osc_rig_send(&rig, "/session/new");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /session/new 0h 0");
    build();
    osc_rig_send(&rig, "/session/new");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /session/new *h * \"session without a file was left with changes that are not saved; "
                         "/session/back brings it back\"");
}
END_TEST

START_TEST(a_session_that_was_left_comes_back_with_its_changes_and_its_file)
{
    session_rig_do(&rig, "/graph/add gain a gain -3.0\n");
    build();
    char *before = strdup(osc_rig_dump(&rig));
    osc_rig_do(&rig, "/session/new");
    osc_rig_refuse(&rig, "/undo", ERROR_NO_MATCH, "nothing to undo", "/session/back", NULL);
    osc_rig_do(&rig, "/session/back");
    ck_assert_str_eq(osc_rig_dump(&rig), before);
    osc_rig_send(&rig, "/session/info");
    osc_rig_expect(&rig, "/done 0 /session/info song.dawd song.dawd T * 4 1");
    free(before);
}
END_TEST

START_TEST(there_and_back_are_as_good_as_each_other)
{
    build();
    char *first = strdup(osc_rig_dump(&rig));
    session_rig_do(&rig, "/graph/add gain other\n");
    char *second = strdup(osc_rig_dump(&rig));
    for (unsigned i = 0; i < 3; i++) {
        osc_rig_do(&rig, "/session/back");
        ck_assert_str_eq(osc_rig_dump(&rig), first);
        osc_rig_do(&rig, "/session/back fade 0");
        ck_assert_str_eq(osc_rig_dump(&rig), second);
    }
    free(first);
    free(second);
}
END_TEST

START_TEST(a_second_empty_session_takes_nothing_away)
{
    build();
    char *before = strdup(osc_rig_dump(&rig));
    osc_rig_do_each(&rig, "/session/new\n/session/new\n/session/new\n/session/back\n");
    ck_assert_str_eq(osc_rig_dump(&rig), before);
    free(before);
}
END_TEST

START_TEST(a_file_that_it_needs_is_loaded_or_it_stays_where_it_is)
{
    osc_rig_send(&rig, "/graph/add player loop file a.wav");
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done *");
    osc_rig_do(&rig, "/session/new");
    osc_rig_send(&rig, "/session/back");
    osc_rig_load_fails(&rig, "a.wav", ERROR_NO_FILE);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 0 /session/back * no_file *a.wav*");
    osc_rig_send(&rig, "/session/back");
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /session/back *");
    ck_assert_ptr_nonnull(model_find(&rig.ctl->model, "loop"));
}
END_TEST

START_TEST(where_none_was_left_there_is_none_to_come_back_to)
{
    build();
    osc_rig_refuse(&rig, "/session/back", ERROR_NO_MATCH, "no session was left", NULL);
    osc_rig_refuse(&rig, "/session/back fade -1", ERROR_NO_MATCH, NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        who_leaves_changes_behind_is_told_so_in_the_answer,
        a_session_that_was_left_comes_back_with_its_changes_and_its_file,
        there_and_back_are_as_good_as_each_other,
        a_second_empty_session_takes_nothing_away,
        a_file_that_it_needs_is_loaded_or_it_stays_where_it_is,
        where_none_was_left_there_is_none_to_come_back_to,
    };
    return osc_rig_suite("sessions that were left", open_rig, close_rig, tests, ROWS(tests));
}
