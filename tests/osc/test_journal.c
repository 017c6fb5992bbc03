/* What is written down of everything that is done, and what can be made of it again: byte for byte the same session, after
 * every group, wherever the file ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/journal.h"
#include "osc/journal_replay.h"
#include "tests/graph_check.h"
#include "tests/graph_rig.h"
#include "tests/random_lines.h"
#include "tests/undo_rig.h"

#define GROUPS_MOST 4096

static struct osc_rig rig, copy; /* what is worked on; where what was written is read */
static struct journal journal;
static struct snapshot begin;    /* what the journal goes on from */
static struct bytes file;        /* its groups */
static char *texts[GROUPS_MOST]; /* the session behind so many groups */
static size_t ends[GROUPS_MOST]; /* of those in the file */
static unsigned n_groups;
static uint32_t seed;
static struct osc_rig *const rigs[] = {&rig, &copy};

static void begin_anew(void)
{
    struct bytes text = {0};
    struct error error = {0};
    snapshot_deinit(&begin);
    bytes_clear(&file, 0);
    for (unsigned i = 0; i <= n_groups && i < GROUPS_MOST; i++) {
        free(texts[i]);
        texts[i] = NULL;
    }
    ck_assert_msg(!journal_take_snapshot(&journal, &begin, &text, "song.dawd", 77, &error), "%s", error.text);
    bytes_deinit(&text);
    journal_file_begin(begin.sum, &file);
    n_groups = 0;
    texts[0] = undo_rig_text(&rig);
    ends[0] = file.n;
}

static void open_rigs(void)
{
    for (unsigned i = 0; i < ROWS(rigs); i++) {
        undo_rig_open(rigs[i]);
        rigs[i]->stream_max = 1 << 24;
    }
    journal_open(&journal, rig.server, 0);
    begin_anew();
}

static void close_rigs(void)
{
    journal_close(&journal);
    snapshot_deinit(&begin);
    bytes_deinit(&file);
    for (unsigned i = 0; i < GROUPS_MOST; i++) {
        free(texts[i]);
        texts[i] = NULL;
    }
    for (unsigned i = 0; i < ROWS(rigs); i++)
        osc_rig_close(rigs[i]);
}

/* Moves what was written to the file; what the session is behind it. */
static void look(void)
{
    journal_look(&journal);
    ck_assert_msg(!journal.needs_snapshot, "the journal gives up");
    if (!journal.n_pending)
        return;
    n_groups += journal.n_pending;
    ck_assert_uint_lt(n_groups, GROUPS_MOST);
    journal_take(&journal, &file);
    texts[n_groups] = undo_rig_text(&rig);
    ends[n_groups] = file.n;
}

static void tell(const char *lines)
{
    osc_rig_send(&rig, lines);
    undo_rig_bring(&rig);
}

static void tell_at_random(void)
{
    struct bytes text = {0};
    unsigned what = dice_below(&seed, 12);
    if (what < 2)
        bytes_print(&text, "%s %u", what ? "/redo" : "/undo", 1 + dice_below(&seed, 2));
    else
        random_lines(&rig, &seed, &text);
    bytes_add_byte(&text, '\0');
    tell((const char *)text.data);
    bytes_deinit(&text);
    if (dice_below(&seed, 3) == 0)
        osc_rig_run(&rig);
}

static void work(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        tell_at_random();
        if (dice_below(&seed, 2))
            look();
    }
    look();
}

/* ---- reading again --------------------------------------------------------------------------------------------------- */

static struct snapshot begin_copy(void)
{
    struct snapshot made;
    struct bytes text = {0};
    struct error error = {0};
    snapshot_print(&begin, &text);
    ck_assert_msg(!snapshot_read(&made, (const char *)text.data, text.n, &error), "%s", error.text);
    bytes_deinit(&text);
    return made;
}

/* The session that the first n bytes of the file give; *groups that were read. */
static char *replayed(size_t n, unsigned *groups)
{
    struct snapshot made = begin_copy();
    struct journal_reader reader;
    struct error stopped = {0}, error = {0};
    *groups = 0;
    if (journal_read(&reader, (const char *)file.data, n, made.sum)) {
        ck_assert_msg(!journal_replay(copy.server, &made, &reader, 0, &stopped, &error), "%s", error.text);
        ck_assert_msg(!stopped.code, "group %u: %s", reader.n_groups + 1, stopped.text);
        *groups = reader.n_groups;
    }
    bytes_add_byte(&made.text, '\0');
    char *text = strdup((const char *)made.text.data);
    snapshot_deinit(&made);
    return text;
}

static void check_places(const struct places *a, const struct places *b)
{
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_mem_eq(a->at, b->at, a->n * sizeof *a->at);
}

START_TEST(the_session_behind_every_group_is_the_same_to_the_byte_and_to_the_place)
{
    struct snapshot now = begin_copy(), real;
    struct journal_reader reader;
    struct error stopped = {0}, error = {0};
    seed = 5 + 77 * (uint32_t)_i;
    unsigned rounds = RIG_ROUNDS(300, 60);
    for (unsigned i = 0; i < rounds; i++) {
        size_t at = i ? reader.at : 0;
        uint64_t sum = i ? reader.sum : 0;
        tell_at_random();
        look();
        ck_assert(journal_read(&reader, (const char *)file.data, file.n, begin.sum));
        if (i) {
            reader.at = at;
            reader.sum = sum;
        }
        ck_assert_msg(!journal_replay(copy.server, &now, &reader, 0, &stopped, &error), "%s", error.text);
        ck_assert_msg(!stopped.code, "%s in\n%.*s", stopped.text, (int)(file.n - at), file.data + at);
        ck_assert_uint_eq(reader.at, file.n);
        char *text = undo_rig_text(&rig);
        ck_assert_msg(strlen(text) == now.text.n && memcmp(text, now.text.data, now.text.n) == 0,
                      "%.*s\ngives\n%.*s\ninstead of\n%s", (int)(file.n - at), file.data + at, (int)now.text.n,
                      now.text.data, text);
        free(text);
        ck_assert(!snapshot_take(&real, rig.server, NULL, 0, &error));
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
    seed = 9000 + 31 * (uint32_t)_i;
    work(RIG_ROUNDS(1200, 300)); /* more than one piece */
    char *text = replayed(file.n, &groups);
    ck_assert_uint_eq(groups, n_groups);
    ck_assert_str_eq(text, texts[n_groups]);
    free(text);
}
END_TEST

START_TEST(a_journal_that_is_cut_anywhere_gives_what_was_behind_the_last_whole_group)
{
    unsigned groups, before = 0;
    seed = 4242;
    for (unsigned i = 0; i < 40; i++) {
        tell_at_random();
        look();
    }
    for (size_t n = 0; n <= file.n; n++) {
        struct journal_reader reader;
        const char *lines;
        size_t n_lines;
        unsigned whole = 0;
        for (unsigned i = 1; i <= n_groups; i++)
            whole = ends[i] && ends[i] <= n ? i : whole;
        bool begins = journal_read(&reader, (const char *)file.data, n, begin.sum);
        while (begins && journal_read_group(&reader, &lines, &n_lines))
            continue;
        ck_assert_uint_eq(begins ? reader.n_groups : 0, whole);
        if (n && whole == before)
            continue;
        char *text = replayed(n, &groups);
        ck_assert_uint_eq(groups, whole);
        ck_assert_str_eq(text, texts[whole]);
        free(text);
        before = whole;
    }
    ck_assert_uint_eq(before, n_groups);
}
END_TEST

START_TEST(a_damaged_byte_ends_the_journal_before_its_group)
{
    seed = 99;
    for (unsigned i = 0; i < 30; i++) {
        tell_at_random();
        look();
    }
    for (size_t n = 0; n < file.n; n++) {
        struct journal_reader reader;
        const char *lines;
        size_t n_lines;
        unsigned whole = 0;
        for (unsigned i = 1; i <= n_groups; i++)
            whole = ends[i] && ends[i] <= n ? i : whole;
        file.data[n] ^= 4;
        if (journal_read(&reader, (const char *)file.data, file.n, begin.sum))
            while (journal_read_group(&reader, &lines, &n_lines))
                continue;
        ck_assert_uint_le(reader.n_groups, whole + (n + 1 == ends[whole]));
        file.data[n] ^= 4;
    }
}
END_TEST

/* ---- what is written ------------------------------------------------------------------------------------------------- */

static unsigned count(const char *word)
{
    unsigned n = 0;
    bytes_add_byte(&file, '\0');
    for (const char *at = (const char *)file.data; (at = strstr(at, word)); at++)
        n++;
    file.n--;
    return n;
}

START_TEST(of_a_fader_only_the_newest_place_is_written)
{
    char line[64];
    undo_rig_do(&rig, "/graph/add gain g");
    look();
    for (unsigned i = 0; i < 100; i++) {
        snprintf(line, sizeof line, "/node/g/gain -%u.5", i);
        osc_rig_send(&rig, line);
    }
    look();
    ck_assert_uint_eq(count("/node/g/gain"), 1);
    ck_assert_uint_eq(count("/node/g/gain -99.5\n"), 1);
    ck_assert_uint_eq(n_groups, 2);
}
END_TEST

START_TEST(what_is_no_part_of_a_session_is_not_written)
{
    undo_rig_do(&rig, "/transport/play");
    osc_rig_run(&rig);
    undo_rig_do(&rig, "/graph/add gain g");
    look();
    size_t n = file.n;
    osc_rig_refuse(&rig, "/graph/add gain g", ERROR_NAME_TAKEN, "\"g\"", NULL);
    osc_rig_ask(&rig, "/node/g/gain");
    undo_rig_do(&rig, "/transport/stop");
    osc_rig_run(&rig);
    look();
    ck_assert_uint_eq(file.n, n);
}
END_TEST

START_TEST(a_value_that_becomes_minus_zero_is_written)
{
    unsigned groups;
    undo_rig_do(&rig, "/graph/add pan p position 0.5");
    osc_rig_send(&rig, "/node/p/position 0.0");
    look();
    osc_rig_send(&rig, "/node/p/position -0.0");
    look();
    char *text = replayed(file.n, &groups);
    ck_assert_str_eq(text, texts[n_groups]);
    free(text);
}
END_TEST

START_TEST(a_value_set_before_its_node_gets_another_name_is_written)
{
    unsigned groups;
    undo_rig_do(&rig, "/graph/add filter f cutoff 300.0");
    look();
    osc_rig_send(&rig, "/node/f/cutoff 400.0");
    undo_rig_do(&rig, "/graph/rename f g");
    undo_rig_do(&rig, "[\n/graph/add filter h cutoff 5000.0\n/node/h/cutoff 1000.0\n/graph/rename h f\n]");
    look();
    char *text = replayed(file.n, &groups);
    ck_assert_str_eq(text, texts[n_groups]);
    ck_assert_ptr_nonnull(strstr(text, "filter g cutoff 400.0"));
    free(text);
}
END_TEST

START_TEST(another_session_asks_for_a_snapshot)
{
    undo_rig_do(&rig, "/graph/add gain g");
    look();
    undo_rig_do(&rig, "/session/new");
    ck_assert(journal_look(&journal));
    ck_assert(journal.needs_snapshot);
    begin_anew();
    ck_assert(!journal.needs_snapshot);
    undo_rig_do(&rig, "/graph/add gain h");
    look();
    unsigned groups;
    char *text = replayed(file.n, &groups);
    ck_assert_uint_eq(groups, 1);
    ck_assert_str_eq(text, texts[1]);
    free(text);
}
END_TEST

START_TEST(too_much_at_a_time_asks_for_a_snapshot)
{
    char line[64];
    undo_rig_do(&rig, "/graph/add gain g");
    for (unsigned i = 0; !journal.needs_snapshot; i++) {
        snprintf(line, sizeof line, "/graph/rename %s %s", i % 2 ? "h" : "g", i % 2 ? "g" : "h");
        osc_rig_do(&rig, line);
        ck_assert_uint_lt(i, 1 << 16);
    }
    ck_assert_uint_eq(journal.pending.n, 0);
}
END_TEST

/* ---- going on -------------------------------------------------------------------------------------------------------- */

START_TEST(who_goes_on_from_what_was_kept_goes_on_as_if_nothing_had_been)
{
    struct error stopped = {0}, error = {0};
    struct journal_reader reader;
    struct snapshot kept = begin_copy(), real, again;
    seed = 31337 + (uint32_t)_i;
    work(80);
    ck_assert(journal_read(&reader, (const char *)file.data, file.n, begin.sum));
    ck_assert(!journal_replay(copy.server, &kept, &reader, 0, &stopped, &error) && !stopped.code);
    free(kept.file);
    kept.file = strdup("a \"b\"/song.dawd");
    copy.server->session.kept = &kept;
    undo_rig_do(&copy, "/session/load kept");
    copy.server->session.kept = NULL;
    osc_rig_run(&copy);
    ck_assert_str_eq(copy.server->session.path, "a \"b\"/song.dawd");
    char *text = undo_rig_text(&copy);
    ck_assert_str_eq(text, texts[n_groups]);
    free(text);
    graph_check_model(copy.ctl);
    osc_rig_wait(&copy);
    graph_check_plan(copy.ctl, copy.ctl->engine->plan);
    /* Both are asked for the same from here on: whether numbers are the same shows in what sums and sessions follow. */
    ck_assert(!snapshot_take(&real, rig.server, NULL, 0, &error) && !snapshot_take(&again, copy.server, NULL, 0, &error));
    check_places(&again.nodes, &real.nodes);
    check_places(&again.edges, &real.edges);
    snapshot_deinit(&kept);
    snapshot_deinit(&real);
    snapshot_deinit(&again);
}
END_TEST

START_TEST(a_group_that_cannot_be_done_ends_the_journal_and_leaves_nothing_behind)
{
    struct snapshot made = begin_copy();
    struct journal_reader reader;
    struct error stopped = {0}, error = {0};
    uint64_t sum = begin.sum;
    static const char *const groups[] = {"3 /graph/add gain g\n", "4 /graph/add gain h\n5 /graph/add gain g\n",
                                         "6 /graph/add gain i\n"};
    for (unsigned i = 0; i < ROWS(groups); i++)
        journal_file_add(&sum, groups[i], strlen(groups[i]), &file);
    ck_assert(journal_read(&reader, (const char *)file.data, file.n, begin.sum));
    ck_assert(!journal_replay(copy.server, &made, &reader, 0, &stopped, &error));
    ck_assert_int_eq(stopped.code, ERROR_NAME_TAKEN);
    ck_assert_uint_eq(reader.n_groups, 1);
    ck_assert_uint_eq(made.nodes.n, 3);
    ck_assert_uint_eq(copy.ctl->model.n_nodes, 2);
    snapshot_deinit(&made);
}
END_TEST

START_TEST(the_last_groups_can_be_left_out)
{
    for (unsigned n_left = 0; n_left < 5; n_left++) {
        struct snapshot made = begin_copy();
        struct journal_reader reader;
        struct error stopped = {0}, error = {0};
        if (!n_left)
            for (unsigned i = 0; i < 3; i++) {
                char line[32];
                snprintf(line, sizeof line, "/graph/add gain g%u", i);
                undo_rig_do(&rig, line);
                look();
            }
        ck_assert(journal_read(&reader, (const char *)file.data, file.n, begin.sum));
        ck_assert(!journal_replay(copy.server, &made, &reader, n_left, &stopped, &error));
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
    seed = 1234;
    work(60);
    begin_anew();
    snapshot_print(&begin, &text);
    ck_assert(!snapshot_read(&made, (const char *)text.data, text.n, &error));
    snapshot_print(&made, &again);
    ck_assert_uint_eq(text.n, again.n);
    ck_assert_mem_eq(text.data, again.data, text.n);
    ck_assert_uint_eq(made.sum, begin.sum);
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

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *tcase = tcase_create("journal");
    tcase_add_checked_fixture(tcase, open_rigs, close_rigs);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, the_session_behind_every_group_is_the_same_to_the_byte_and_to_the_place, 0,
                        RIG_ROUNDS(8, 2));
    tcase_add_loop_test(tcase, a_whole_journal_read_at_once_gives_the_session, 0, RIG_ROUNDS(4, 1));
    tcase_add_test(tcase, a_journal_that_is_cut_anywhere_gives_what_was_behind_the_last_whole_group);
    tcase_add_test(tcase, a_damaged_byte_ends_the_journal_before_its_group);
    tcase_add_test(tcase, of_a_fader_only_the_newest_place_is_written);
    tcase_add_test(tcase, what_is_no_part_of_a_session_is_not_written);
    tcase_add_test(tcase, a_value_that_becomes_minus_zero_is_written);
    tcase_add_test(tcase, a_value_set_before_its_node_gets_another_name_is_written);
    tcase_add_test(tcase, another_session_asks_for_a_snapshot);
    tcase_add_test(tcase, too_much_at_a_time_asks_for_a_snapshot);
    tcase_add_loop_test(tcase, who_goes_on_from_what_was_kept_goes_on_as_if_nothing_had_been, 0, RIG_ROUNDS(8, 2));
    tcase_add_test(tcase, a_group_that_cannot_be_done_ends_the_journal_and_leaves_nothing_behind);
    tcase_add_test(tcase, the_last_groups_can_be_left_out);
    tcase_add_test(tcase, a_snapshot_reads_back_as_it_was_and_not_when_it_is_damaged);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
