/* What counts as one step of the history, and what as none. */
#include <stdio.h>

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

START_TEST(nothing_to_undo_or_redo_is_told_so)
{
    osc_rig_refuse(&rig, "/undo", ERROR_NO_MATCH, "nothing to undo", NULL);
    osc_rig_refuse(&rig, "/redo", ERROR_NO_MATCH, "nothing to redo", NULL);
    undo_rig_do(&rig, "/graph/add gain a");
    osc_rig_refuse(&rig, "/undo 2", ERROR_RANGE, "steps 2", "1 to 1", NULL);
    osc_rig_refuse(&rig, "/undo 0", ERROR_RANGE, "steps 0", NULL);
    osc_rig_refuse(&rig, "/undo -1", ERROR_RANGE, "steps -1", NULL);
    osc_rig_refuse(&rig, "/redo", ERROR_NO_MATCH, "nothing to redo", NULL);
}
END_TEST

START_TEST(an_edit_forgets_what_was_undone)
{
    undo_rig_do(&rig, "/graph/add gain a");
    undo_rig_do(&rig, "/graph/add gain b");
    undo_rig_do(&rig, "/undo");
    undo_rig_steps(&rig, "2 1");
    undo_rig_do(&rig, "/graph/add gain c");
    undo_rig_steps(&rig, "2 2");
    osc_rig_refuse(&rig, "/redo", ERROR_NO_MATCH, "nothing to redo", NULL);
    undo_rig_do(&rig, "/undo 2");
    ck_assert_str_eq(osc_rig_dump(&rig), "");
}
END_TEST

START_TEST(what_is_refused_asked_or_played_is_no_step)
{
    undo_rig_do(&rig, "/graph/add gain a");
    undo_rig_ask(&rig, "/graph/add gain a");
    undo_rig_ask(&rig, "/graph/get a");
    undo_rig_ask(&rig, "[\n/graph/add gain b\n/graph/remove nobody\n]");
    undo_rig_ask(&rig, "/transport/play");
    undo_rig_ask(&rig, "/transport/locate 3.5");
    undo_rig_ask(&rig, "/sync 3");
    undo_rig_ask(&rig, "[\n/ping\n]");
    undo_rig_ask(&rig, "/node/a/gain 0.0"); /* which it is already */
    undo_rig_steps(&rig, "1 1");
}
END_TEST

START_TEST(what_is_of_the_moment_is_neither_a_step_nor_brought_back)
{
    undo_rig_do(&rig, "/graph/add adsr env");
    undo_rig_ask(&rig, "/node/env/open T");
    undo_rig_steps(&rig, "1 1");
    undo_rig_do(&rig, "/graph/remove env");
    undo_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/env/open"), "/node/env/open F");
}
END_TEST

/* Sets a value at a time in milliseconds, from a port; by UDP without an answer, or with one. */
static void set_at(unsigned ms, uint16_t port, bool is_answered, const char *line)
{
    char text[100];
    undo_rig_clock(ms);
    rig.peer = osc_rig_datagram(port);
    snprintf(text, sizeof text, "%s%s", is_answered ? "/req/1" : "", line);
    osc_rig_ask(&rig, text);
}

START_TEST(sets_of_a_value_by_one_client_within_a_second_are_one_step)
{
    undo_rig_do(&rig, "/graph/add gain a");
    for (unsigned i = 0; i < 40; i++) {
        char line[40];
        snprintf(line, sizeof line, "/node/a/gain -%u.0", i + 1);
        set_at(100 + 900 * i, 9000, i % 2, line);
    }
    undo_rig_steps(&rig, "2 2");
    undo_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/a/gain"), "/node/a/gain 0.0");
    undo_rig_do(&rig, "/redo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/a/gain"), "/node/a/gain -40.0");
}
END_TEST

START_TEST(later_by_another_client_or_behind_an_edit_it_is_another_step)
{
    undo_rig_do(&rig, "/graph/add gain a");
    set_at(100, 9000, false, "/node/a/gain -1.0");
    set_at(1200, 9000, false, "/node/a/gain -2.0"); /* later */
    undo_rig_steps(&rig, "3 3");
    set_at(1300, 9001, false, "/node/a/gain -3.0"); /* another client */
    set_at(1400, 9000, false, "/node/a/gain -4.0");
    undo_rig_steps(&rig, "5 5");
    undo_rig_do(&rig, "/graph/add gain b");
    set_at(1500, 9000, false, "/node/a/gain -5.0"); /* behind an edit */
    undo_rig_steps(&rig, "7 7");
    static const char *const values[] = {"-4.0", "-4.0", "-3.0", "-2.0", "-1.0", "0.0"};
    for (unsigned i = 0; i < ROWS(values); i++) {
        char expected[40];
        undo_rig_do(&rig, "/undo");
        snprintf(expected, sizeof expected, "/node/a/gain %s", values[i]);
        ck_assert_str_eq(osc_rig_ask(&rig, "/node/a/gain"), expected);
    }
}
END_TEST

START_TEST(faders_that_move_together_are_a_step_each)
{
    undo_rig_do(&rig, "/graph/add gain a");
    undo_rig_do(&rig, "/graph/add gain b");
    for (unsigned i = 1; i <= 20; i++) {
        char line[40];
        snprintf(line, sizeof line, "/node/%s/gain -%u.0", i % 2 ? "a" : "b", i);
        set_at(100 * i, 9000, false, line);
    }
    undo_rig_steps(&rig, "4 4");
    undo_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/b/gain"), "/node/b/gain 0.0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/a/gain"), "/node/a/gain -19.0");
    set_at(2100, 9000, false, "/node/a/gain -50.0"); /* what was undone is left alone */
    undo_rig_do(&rig, "/undo");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/a/gain"), "/node/a/gain -19.0");
}
END_TEST

START_TEST(undone_values_make_no_revision_and_undone_edits_do)
{
    undo_rig_do(&rig, "/graph/add gain a");
    undo_rig_ask(&rig, "/node/a/gain -3.0");
    undo_rig_do(&rig, "/undo");
    ck_assert_uint_eq(rig.ctl->revision, 1);
    undo_rig_do(&rig, "/undo");
    ck_assert_uint_eq(rig.ctl->revision, 2);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nothing_to_undo_or_redo_is_told_so,
        an_edit_forgets_what_was_undone,
        what_is_refused_asked_or_played_is_no_step,
        what_is_of_the_moment_is_neither_a_step_nor_brought_back,
        sets_of_a_value_by_one_client_within_a_second_are_one_step,
        later_by_another_client_or_behind_an_edit_it_is_another_step,
        faders_that_move_together_are_a_step_each,
        undone_values_make_no_revision_and_undone_edits_do,
    };
    return osc_rig_suite("undo steps", open_rig, close_rig, tests, ROWS(tests));
}
