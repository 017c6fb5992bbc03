/* What the journal writes of what is done, and when it asks for a snapshot instead. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/journal_rig.h"
#include "tests/suite.h"
#include "tests/undo_rig.h"

static struct journal_rig made_rig, *const j = &made_rig;

static void open_rig(void)
{
    journal_rig_open(j);
}

static void close_rig(void)
{
    journal_rig_close(j);
}

/* ---- what is written ------------------------------------------------------------------------------------------------- */

static unsigned count(const char *word)
{
    unsigned n = 0;
    bytes_add_byte(&j->file, '\0');
    for (const char *at = (const char *)j->file.data; (at = strstr(at, word)); at++)
        n++;
    j->file.n--;
    return n;
}

START_TEST(of_a_fader_only_the_newest_place_is_written)
{
    char line[64];
    undo_rig_do(&j->rig, "/graph/add gain g");
    journal_rig_look(j);
    for (unsigned i = 0; i < 100; i++) {
        snprintf(line, sizeof line, "/node/g/gain -%u.5", i);
        osc_rig_send(&j->rig, line);
    }
    journal_rig_look(j);
    ck_assert_uint_eq(count("/node/g/gain"), 1);
    ck_assert_uint_eq(count("/node/g/gain -99.5\n"), 1);
    ck_assert_uint_eq(j->n_groups, 2);
}
END_TEST

START_TEST(what_is_no_part_of_a_session_is_not_written)
{
    undo_rig_do(&j->rig, "/transport/play");
    osc_rig_run(&j->rig);
    undo_rig_do(&j->rig, "/graph/add gain g");
    journal_rig_look(j);
    size_t n = j->file.n;
    osc_rig_refuse(&j->rig, "/graph/add gain g", ERROR_NAME_TAKEN, "\"g\"", NULL);
    osc_rig_ask(&j->rig, "/node/g/gain");
    undo_rig_do(&j->rig, "/transport/stop");
    osc_rig_run(&j->rig);
    journal_rig_look(j);
    ck_assert_uint_eq(j->file.n, n);
}
END_TEST

START_TEST(a_value_that_becomes_minus_zero_is_written)
{
    unsigned groups;
    undo_rig_do(&j->rig, "/graph/add pan p position 0.5");
    osc_rig_send(&j->rig, "/node/p/position 0.0");
    journal_rig_look(j);
    osc_rig_send(&j->rig, "/node/p/position -0.0");
    journal_rig_look(j);
    char *text = journal_rig_replayed(j, j->file.n, &groups);
    ck_assert_str_eq(text, j->texts[j->n_groups]);
    free(text);
}
END_TEST

START_TEST(a_value_set_before_its_node_gets_another_name_is_written)
{
    unsigned groups;
    undo_rig_do(&j->rig, "/graph/add filter f cutoff 300.0");
    journal_rig_look(j);
    osc_rig_send(&j->rig, "/node/f/cutoff 400.0");
    undo_rig_do(&j->rig, "/graph/rename f g");
    undo_rig_do(&j->rig, "[\n/graph/add filter h cutoff 5000.0\n/node/h/cutoff 1000.0\n/graph/rename h f\n]");
    journal_rig_look(j);
    char *text = journal_rig_replayed(j, j->file.n, &groups);
    ck_assert_str_eq(text, j->texts[j->n_groups]);
    ck_assert_ptr_nonnull(strstr(text, "filter g cutoff 400.0"));
    free(text);
}
END_TEST

START_TEST(another_session_asks_for_a_snapshot)
{
    undo_rig_do(&j->rig, "/graph/add gain g");
    journal_rig_look(j);
    undo_rig_do(&j->rig, "/session/new");
    ck_assert(journal_look(&j->journal));
    ck_assert(j->journal.needs_snapshot);
    journal_rig_begin_anew(j);
    ck_assert(!j->journal.needs_snapshot);
    undo_rig_do(&j->rig, "/graph/add gain h");
    journal_rig_look(j);
    unsigned groups;
    char *text = journal_rig_replayed(j, j->file.n, &groups);
    ck_assert_uint_eq(groups, 1);
    ck_assert_str_eq(text, j->texts[1]);
    free(text);
}
END_TEST

START_TEST(too_much_at_a_time_asks_for_a_snapshot)
{
    char part[61], line[600];
    memset(part, 'x', sizeof part);
    part[sizeof part - 1] = '\0';
    snprintf(line, sizeof line, "/graph/add mixer %s/%s/%s/g inputs 8", part, part, part);
    undo_rig_do(&j->rig, line);
    for (unsigned i = 0; !j->journal.needs_snapshot; i++) { /* each is told with all values */
        snprintf(line, sizeof line, "/graph/rename %s/%s/%s/%c %s/%s/%s/%c", part, part, part, i % 2 ? 'h' : 'g', part,
                 part, part, i % 2 ? 'g' : 'h');
        osc_rig_do(&j->rig, line);
        ck_assert_uint_lt(i, 1 << 14);
    }
    ck_assert_uint_eq(j->journal.pending.n, 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("journal lines");
    tcase_add_checked_fixture(tcase, open_rig, close_rig);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, of_a_fader_only_the_newest_place_is_written);
    tcase_add_test(tcase, what_is_no_part_of_a_session_is_not_written);
    tcase_add_test(tcase, a_value_that_becomes_minus_zero_is_written);
    tcase_add_test(tcase, a_value_set_before_its_node_gets_another_name_is_written);
    tcase_add_test(tcase, another_session_asks_for_a_snapshot);
    tcase_add_test(tcase, too_much_at_a_time_asks_for_a_snapshot);
    return suite_run_case("journal lines", tcase);
}
