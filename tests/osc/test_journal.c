/* What is written down of everything that is done, and what can be made of it again: byte for byte the same session, after
 * every group, wherever the file ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/journal_replay.h"
#include "tests/graph_check.h"
#include "tests/graph_rig.h"
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

static void check_places(const struct numbers *a, const struct numbers *b)
{
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_mem_eq(a->at, b->at, a->n * sizeof *a->at);
}

START_TEST(the_session_behind_every_group_is_the_same_to_the_byte_and_to_the_place)
{
    struct snapshot now = journal_rig_begin(j), real;
    struct journal_reader reader;
    struct error stopped = {0}, error = {0};
    j->seed = 5 + 77 * (uint32_t)_i;
    unsigned rounds = RIG_ROUNDS(300, 60);
    for (unsigned i = 0; i < rounds; i++) {
        size_t at = i ? reader.at : 0;
        uint64_t sum = i ? reader.sum : 0;
        journal_rig_tell_at_random(j);
        journal_rig_look(j);
        ck_assert(journal_read(&reader, (const char *)j->file.data, j->file.n, j->begin.sum));
        if (i) {
            reader.at = at;
            reader.sum = sum;
        }
        ck_assert_msg(!journal_replay(j->copy.server, &now, &reader, 0, &stopped, &error), "%s", error.text);
        ck_assert_msg(!stopped.code, "%s in\n%.*s", stopped.text, (int)(j->file.n - at), j->file.data + at);
        ck_assert_uint_eq(reader.at, j->file.n);
        char *text = undo_rig_text(&j->rig);
        ck_assert_msg(strlen(text) == now.text.n && memcmp(text, now.text.data, now.text.n) == 0,
                      "%.*s\ngives\n%.*s\ninstead of\n%s", (int)(j->file.n - at), j->file.data + at, (int)now.text.n,
                      now.text.data, text);
        free(text);
        ck_assert(!snapshot_take(&real, j->rig.server, NULL, 0, &error));
        check_places(&now.nodes, &real.nodes);
        check_places(&now.edges, &real.edges);
        snapshot_deinit(&real);
    }
    snapshot_deinit(&now);
}
END_TEST

START_TEST(a_whole_journal_read_at_once_gives_the_session)
{
    unsigned groups;
    j->seed = 9000 + 31 * (uint32_t)_i;
    journal_rig_work(j, RIG_ROUNDS(1200, 300)); /* more than one piece */
    char *text = journal_rig_replayed(j, j->file.n, &groups);
    ck_assert_uint_eq(groups, j->n_groups);
    ck_assert_str_eq(text, j->texts[j->n_groups]);
    free(text);
}
END_TEST

START_TEST(a_journal_that_is_cut_anywhere_gives_what_was_behind_the_last_whole_group)
{
    unsigned groups, before = 0;
    j->seed = 4242;
    for (unsigned i = 0; i < 40; i++) {
        journal_rig_tell_at_random(j);
        journal_rig_look(j);
    }
    for (size_t n = 0; n <= j->file.n; n++) {
        struct journal_reader reader;
        const char *lines;
        size_t n_lines;
        unsigned whole = 0;
        for (unsigned i = 1; i <= j->n_groups; i++)
            whole = j->ends[i] && j->ends[i] <= n ? i : whole;
        bool begins = journal_read(&reader, (const char *)j->file.data, n, j->begin.sum);
        while (begins && journal_read_group(&reader, &lines, &n_lines))
            continue;
        ck_assert_uint_eq(begins ? reader.n_groups : 0, whole);
        if (n && whole == before)
            continue;
        char *text = journal_rig_replayed(j, n, &groups);
        ck_assert_uint_eq(groups, whole);
        ck_assert_str_eq(text, j->texts[whole]);
        free(text);
        before = whole;
    }
    ck_assert_uint_eq(before, j->n_groups);
}
END_TEST

START_TEST(a_damaged_byte_ends_the_journal_before_its_group)
{
    j->seed = 99;
    for (unsigned i = 0; i < 30; i++) {
        journal_rig_tell_at_random(j);
        journal_rig_look(j);
    }
    for (size_t n = 0; n < j->file.n; n++) {
        struct journal_reader reader;
        const char *lines;
        size_t n_lines;
        unsigned whole = 0;
        for (unsigned i = 1; i <= j->n_groups; i++)
            whole = j->ends[i] && j->ends[i] <= n ? i : whole;
        j->file.data[n] ^= 4;
        if (journal_read(&reader, (const char *)j->file.data, j->file.n, j->begin.sum))
            while (journal_read_group(&reader, &lines, &n_lines))
                continue;
        ck_assert_uint_le(reader.n_groups, whole + (n + 1 == j->ends[whole]));
        j->file.data[n] ^= 4;
    }
}
END_TEST

/* ---- going on -------------------------------------------------------------------------------------------------------- */

START_TEST(who_goes_on_from_what_was_kept_goes_on_as_if_nothing_had_been)
{
    struct error stopped = {0}, error = {0};
    struct journal_reader reader;
    struct snapshot kept = journal_rig_begin(j), real, again;
    j->seed = 31337 + (uint32_t)_i;
    journal_rig_work(j, 80);
    ck_assert(journal_read(&reader, (const char *)j->file.data, j->file.n, j->begin.sum));
    ck_assert(!journal_replay(j->copy.server, &kept, &reader, 0, &stopped, &error) && !stopped.code);
    free(kept.file);
    kept.file = strdup("a \"b\"/song.dawd");
    j->copy.server->session.kept = &kept;
    undo_rig_do(&j->copy, "/session/load kept");
    j->copy.server->session.kept = NULL;
    osc_rig_run(&j->copy);
    ck_assert_str_eq(j->copy.server->session.path, "a \"b\"/song.dawd");
    char *text = undo_rig_text(&j->copy);
    ck_assert_str_eq(text, j->texts[j->n_groups]);
    free(text);
    graph_check_model(j->copy.ctl);
    osc_rig_wait(&j->copy);
    graph_check_plan(j->copy.ctl, j->copy.ctl->engine->plan);
    /* Both are asked for the same from here on: whether numbers are the same shows in what sums and sessions follow. */
    ck_assert(!snapshot_take(&real, j->rig.server, NULL, 0, &error) &&
              !snapshot_take(&again, j->copy.server, NULL, 0, &error));
    check_places(&again.nodes, &real.nodes);
    check_places(&again.edges, &real.edges);
    snapshot_deinit(&kept);
    snapshot_deinit(&real);
    snapshot_deinit(&again);
}
END_TEST

START_TEST(a_group_that_cannot_be_done_ends_the_journal_and_leaves_nothing_behind)
{
    struct snapshot made = journal_rig_begin(j);
    struct journal_reader reader;
    struct error stopped = {0}, error = {0};
    uint64_t sum = j->begin.sum;
    static const char *const groups[] = {"3 /graph/add gain g\n", "4 /graph/add gain h\n5 /graph/add gain g\n",
                                         "6 /graph/add gain i\n"};
    for (unsigned i = 0; i < ROWS(groups); i++)
        journal_file_add(&sum, groups[i], strlen(groups[i]), &j->file);
    ck_assert(journal_read(&reader, (const char *)j->file.data, j->file.n, j->begin.sum));
    ck_assert(!journal_replay(j->copy.server, &made, &reader, 0, &stopped, &error));
    ck_assert_int_eq(stopped.code, ERROR_NAME_TAKEN);
    ck_assert_uint_eq(reader.n_groups, 1);
    ck_assert_uint_eq(made.nodes.n, 3);
    ck_assert_uint_eq(j->copy.ctl->model.n_nodes, 2);
    snapshot_deinit(&made);
}
END_TEST

START_TEST(what_does_not_fit_into_one_transaction_is_read_in_several)
{
    unsigned groups;
    for (unsigned i = 0; i < 5000; i++) { /* more values, and more ports at the sound card, than one may have */
        char line[64];
        snprintf(line, sizeof line, "/node/out/ceiling -%u.%02u", i % 20, i / 50);
        osc_rig_send(&j->rig, line);
        osc_rig_send(&j->rig, i % 2 ? "/graph/remove more" : "/graph/add output more");
        osc_rig_run(&j->rig);
        if (i % 1000 == 999) {
            osc_rig_wait(&j->rig);
            journal_rig_look(j);
        }
        if (j->n_groups > JOURNAL_RIG_GROUPS / 2)
            break;
    }
    journal_rig_look(j);
    char *text = journal_rig_replayed(j, j->file.n, &groups);
    ck_assert_uint_eq(groups, j->n_groups);
    ck_assert_str_eq(text, j->texts[j->n_groups]);
    free(text);
}
END_TEST

START_TEST(the_last_groups_can_be_left_out)
{
    for (unsigned n_left = 0; n_left < 5; n_left++) {
        struct snapshot made = journal_rig_begin(j);
        struct journal_reader reader;
        struct error stopped = {0}, error = {0};
        if (!n_left)
            for (unsigned i = 0; i < 3; i++) {
                char line[32];
                snprintf(line, sizeof line, "/graph/add gain g%u", i);
                undo_rig_do(&j->rig, line);
                journal_rig_look(j);
            }
        ck_assert(journal_read(&reader, (const char *)j->file.data, j->file.n, j->begin.sum));
        ck_assert(!journal_replay(j->copy.server, &made, &reader, n_left, &stopped, &error));
        ck_assert_uint_eq(made.nodes.n, 2 + (n_left < 3 ? 3 - n_left : 0));
        snapshot_deinit(&made);
    }
}
END_TEST

START_TEST(a_snapshot_reads_back_as_it_was_and_not_when_it_is_damaged)
{
    struct snapshot made;
    struct bytes text = {0}, again = {0};
    struct error error = {0};
    j->seed = 1234;
    journal_rig_work(j, 60);
    journal_rig_begin_anew(j);
    snapshot_print(&j->begin, &text);
    ck_assert(!snapshot_read(&made, (const char *)text.data, text.n, &error));
    snapshot_print(&made, &again);
    ck_assert_uint_eq(text.n, again.n);
    ck_assert_mem_eq(text.data, again.data, text.n);
    ck_assert_uint_eq(made.sum, j->begin.sum);
    ck_assert_str_eq(made.started, "song.dawd");
    ck_assert_uint_eq(made.started_hash, 77);
    snapshot_deinit(&made);
    for (size_t n = 0; n < text.n; n++) {
        ck_assert_int_ne(snapshot_read(&made, (const char *)text.data, n, &error), 0);
        text.data[n] ^= 1;
        ck_assert_int_ne(snapshot_read(&made, (const char *)text.data, text.n, &error), 0);
        text.data[n] ^= 1;
    }
    bytes_deinit(&text);
    bytes_deinit(&again);
}
END_TEST

START_TEST(what_follows_the_tempo_is_written_down_once)
{
    osc_rig_do(&j->rig, "/graph/add delay echo time 1/8d");
    journal_rig_look(j);
    osc_rig_do(&j->rig, "/transport/tempo 90");
    osc_rig_run(&j->rig);
    size_t from = j->file.n;
    journal_rig_look(j);
    ck_assert_ptr_nonnull(memmem(j->file.data + from, j->file.n - from, "mark 1:1:0 90000000", 19));
    ck_assert_ptr_null(memmem(j->file.data + from, j->file.n - from, "echo", 4));
    osc_rig_do(&j->rig, "/req/1/node/echo/time 1/4");
    osc_rig_do(&j->rig, "/transport/tempo 100");
    from = j->file.n;
    journal_rig_look(j);
    ck_assert_ptr_nonnull(memmem(j->file.data + from, j->file.n - from, "/node/echo/time 1/4\n", 20));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("journal");
    tcase_add_checked_fixture(tcase, open_rig, close_rig);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, the_session_behind_every_group_is_the_same_to_the_byte_and_to_the_place, 0,
                        RIG_ROUNDS(8, 2));
    tcase_add_loop_test(tcase, a_whole_journal_read_at_once_gives_the_session, 0, RIG_ROUNDS(4, 1));
    tcase_add_test(tcase, a_journal_that_is_cut_anywhere_gives_what_was_behind_the_last_whole_group);
    tcase_add_test(tcase, a_damaged_byte_ends_the_journal_before_its_group);
    tcase_add_loop_test(tcase, who_goes_on_from_what_was_kept_goes_on_as_if_nothing_had_been, 0, RIG_ROUNDS(8, 2));
    tcase_add_test(tcase, a_group_that_cannot_be_done_ends_the_journal_and_leaves_nothing_behind);
    tcase_add_test(tcase, what_does_not_fit_into_one_transaction_is_read_in_several);
    tcase_add_test(tcase, what_follows_the_tempo_is_written_down_once);
    tcase_add_test(tcase, the_last_groups_can_be_left_out);
    tcase_add_test(tcase, a_snapshot_reads_back_as_it_was_and_not_when_it_is_damaged);
    return suite_run_case("journal", tcase);
}
