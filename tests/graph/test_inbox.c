/* Where notes arrive: in which order, for how long, who holds what, and that none is ever stuck. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "graph/ahead.h"
#include "graph/crew_rt.h"
#include "graph/inbox_rt.h"
#include "graph/play.h"
#include "tests/ear_rig.h"
#include "tests/event_nodes.h"
#include "tests/graph_rig.h"
#include "tests/note_storm.h"
#include "tests/suite.h"

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(48000);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    return rig;
}

static struct ear *ear_of(const struct graph_rig *rig, const char *name)
{
    return graph_rig_node(rig, name)->object->state;
}

static struct piper *piper_of(const struct graph_rig *rig, const char *name)
{
    return graph_rig_node(rig, name)->object->state;
}

static void pipe(struct graph_rig *rig, const char *piper, uint64_t frame, enum event_kind kind, float note)
{
    struct piper *to = piper_of(rig, piper);
    to->plays[to->n++] =
        (struct noted){frame, {.kind = (uint8_t)kind, .note = note, .value = kind == EVENT_NOTE_ON ? 100 : 0}};
}

static void check_noted(const struct ear *ear, unsigned i, uint64_t frame, enum event_kind kind, float note)
{
    ck_assert_uint_lt(i, ear->n);
    ck_assert_uint_eq(ear->noted[i].frame, frame);
    ck_assert_int_eq(ear->noted[i].event.kind, kind);
    ck_assert_float_eq(ear->noted[i].event.note, note);
}

/* ---- order and time -------------------------------------------------------------------------------------------------- */

START_TEST(what_comes_by_several_edges_is_merged_by_frame_and_then_by_the_age_of_the_edge)
{
    struct graph_rig *rig = rig_with("add a piper; add b piper; add ear ear; connect a ear; connect b ear");
    uint64_t at = ctl_clock(rig->ctl);
    pipe(rig, "a", at + 10, EVENT_NOTE_ON, 1);
    pipe(rig, "a", at + 20, EVENT_NOTE_ON, 2);
    pipe(rig, "b", at + 10, EVENT_NOTE_ON, 3);
    pipe(rig, "b", at + 15, EVENT_NOTE_ON, 4);
    graph_rig_run(rig, 256);
    const struct ear *ear = ear_of(rig, "ear");
    check_noted(ear, 0, at + 10, EVENT_NOTE_ON, 1);
    check_noted(ear, 1, at + 10, EVENT_NOTE_ON, 3);
    check_noted(ear, 2, at + 15, EVENT_NOTE_ON, 4);
    check_noted(ear, 3, at + 20, EVENT_NOTE_ON, 2);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_duration_ends_at_its_frame_in_whatever_block_that_is)
{
    static const uint32_t durations[] = {1, 255, 256, 257, 4800, 48000};
    for (unsigned i = 0; i < ROWS(durations); i++) {
        struct graph_rig *rig = rig_with("add ear ear");
        rig->period = 0;
        uint64_t at = ctl_clock(rig->ctl);
        ear_play_for(rig, 1, EVENT_NOTE_ON, 60, durations[i]);
        graph_rig_run(rig, durations[i] + 1000);
        check_noted(ear_of(rig, "ear"), 0, at, EVENT_NOTE_ON, 60);
        check_noted(ear_of(rig, "ear"), 1, at + durations[i], EVENT_NOTE_OFF, 60);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_timed_note_begins_and_ends_at_its_frame_at_eight_periods)
{
    static const unsigned periods[] = {16, 17, 64, 100, 256, 1000, 1024, 8192};
    static float first[20000];
    for (unsigned i = 0; i < ROWS(periods); i++) {
        struct graph_rig *rig = rig_with("add ear ear; connect ear out:in.1");
        struct error error = {0};
        rig->period = periods[i];
        uint64_t from = ctl_clock(rig->ctl);
        struct tx *tx = ahead_open(rig->ctl, 0, from + 9001);
        ck_assert_ptr_nonnull(tx);
        struct event event = {.kind = EVENT_NOTE_ON, .note = 60, .value = 90, .source = play_source(1)};
        ck_assert_int_eq(tx_play_event(tx, graph_rig_node(rig, "ear"), &event, 777, &error), 0);
        tx_commit(tx, (struct completion){0});
        graph_rig_run(rig, ROWS(first));
        check_noted(ear_of(rig, "ear"), 0, from + 9001, EVENT_NOTE_ON, 60);
        check_noted(ear_of(rig, "ear"), 1, from + 9778, EVENT_NOTE_OFF, 60);
        if (i == 0)
            memcpy(first, rig->heard[RIG_OUT], sizeof first);
        ck_assert_msg(memcmp(first, rig->heard[RIG_OUT], sizeof first) == 0, "at a period of %u", periods[i]);
        graph_rig_free(rig);
    }
}
END_TEST

/* ---- who holds a note -------------------------------------------------------------------------------------------------- */

START_TEST(a_note_of_two_ends_when_both_have_let_go)
{
    struct graph_rig *rig = rig_with("add a piper; add ear ear; connect a ear");
    uint64_t at = ctl_clock(rig->ctl);
    pipe(rig, "a", at + 10, EVENT_NOTE_ON, 60);
    pipe(rig, "a", at + 600, EVENT_NOTE_OFF, 60);
    graph_rig_run(rig, 256);
    ear_play(rig, 1, EVENT_NOTE_ON, 60);
    graph_rig_run(rig, 1024);
    const struct ear *ear = ear_of(rig, "ear");
    ck_assert_uint_eq(ear->n_on, 1);
    /* It was struck again: off and on at one frame. */
    check_noted(ear, 1, at + 256, EVENT_NOTE_OFF, 60);
    check_noted(ear, 2, at + 256, EVENT_NOTE_ON, 60);
    ear_play(rig, 1, EVENT_NOTE_OFF, 60);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(ear->n_on, 0);
    ck_assert_uint_eq(ear->n_broken, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_note_struck_again_by_the_same_ends_with_one_off)
{
    struct graph_rig *rig = rig_with("add ear ear");
    for (unsigned i = 0; i < 3; i++)
        ear_play(rig, 1, EVENT_NOTE_ON, 60);
    graph_rig_run(rig, 256);
    ear_play(rig, 1, EVENT_NOTE_OFF, 60);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(ear_of(rig, "ear")->n, 6);
    ck_assert_uint_eq(ear_of(rig, "ear")->n_on, 0);
    ck_assert_uint_eq(play_active(graph_rig_node(rig, "ear")), 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- who is gone -------------------------------------------------------------------------------------------------------- */

START_TEST(who_goes_takes_its_notes_along_and_puts_back_what_it_has_moved)
{
    struct graph_rig *rig = rig_with("add ear ear");
    const struct ear *ear = ear_of(rig, "ear");
    ear_play(rig, 1, EVENT_NOTE_ON, 60);
    ear_play(rig, 2, EVENT_NOTE_ON, 62);
    ear_control(rig, 1, CONTROL_PEDAL, 127);
    graph_rig_run(rig, 256);
    unsigned n = ear->n;
    ear_gone(rig, 1);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(ear->n, n + 2);
    ck_assert_uint_eq(ear->on[0][8 * 62], 1);
    ck_assert_uint_eq(ear->n_on, 1);
    ck_assert_float_eq(ear->noted[n].event.value, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(who_plays_and_goes_in_the_same_cycle_leaves_nothing)
{
    struct graph_rig *rig = rig_with("add ear ear");
    ear_play(rig, 1, EVENT_NOTE_ON, 60);
    ear_control(rig, 1, CONTROL_PEDAL, 127);
    ear_gone(rig, 1);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(ear_of(rig, "ear")->n_on, 0);
    ck_assert_uint_eq(play_active(graph_rig_node(rig, "ear")), 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_edge_that_is_cut_ends_its_notes_and_no_others)
{
    static const char *const cuts[] = {"disconnect a ear", "remove a", "replace a piper", "set a bypass 1"};
    for (unsigned i = 0; i < ROWS(cuts); i++) {
        struct graph_rig *rig = rig_with("add a piper; add b piper; add ear ear; connect a ear; connect b ear");
        const struct ear *ear = ear_of(rig, "ear");
        pipe(rig, "a", 0, EVENT_NOTE_ON, 60);
        pipe(rig, "b", 0, EVENT_NOTE_ON, 61);
        graph_rig_run(rig, 256);
        ck_assert_uint_eq(ear->n_on, 2);
        graph_rig_commit(rig, "%s", cuts[i]);
        graph_rig_settle(rig);
        ck_assert_msg(ear->n_on == 1 && ear->on[0][8 * 61], "%s: %u on", cuts[i], ear->n_on);
        ck_assert_uint_eq(ear->n_broken, 0);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(other_edges_of_a_graph_leave_notes_alone)
{
    struct graph_rig *rig = rig_with("add a piper; add ear ear; connect a ear; add s source 1");
    pipe(rig, "a", 0, EVENT_NOTE_ON, 60);
    ear_play(rig, 1, EVENT_NOTE_ON, 61);
    graph_rig_run(rig, 256);
    graph_rig_commit(rig, "add p probe 1; connect s p; connect ear p");
    graph_rig_settle(rig);
    graph_rig_commit(rig, "remove p");
    graph_rig_settle(rig);
    ck_assert_uint_eq(ear_of(rig, "ear")->n, 2);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_bypassed_listener_hears_no_new_notes_and_ends_the_old_ones)
{
    struct graph_rig *rig = rig_with("add ear ear");
    ear_play(rig, 1, EVENT_NOTE_ON, 60);
    graph_rig_run(rig, 256);
    graph_rig_commit(rig, "set ear bypass 1");
    graph_rig_settle(rig);
    ck_assert_uint_eq(play_active(graph_rig_node(rig, "ear")), 0);
    ear_play(rig, 1, EVENT_NOTE_ON, 61);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(play_active(graph_rig_node(rig, "ear")), 0);
    graph_rig_commit(rig, "set ear bypass 0");
    graph_rig_settle(rig);
    ear_play(rig, 1, EVENT_NOTE_ON, 62);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(play_active(graph_rig_node(rig, "ear")), 1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_bypassed_relay_passes_on_what_it_hears)
{
    struct graph_rig *rig = rig_with("add a piper; add r relay; add ear ear; connect a r; connect r ear");
    const struct ear *ear = ear_of(rig, "ear");
    pipe(rig, "a", 0, EVENT_NOTE_ON, 60);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(ear->on[0][8 * 72], 1);
    graph_rig_commit(rig, "set r bypass 1");
    graph_rig_settle(rig);
    ck_assert_uint_eq(ear->n_on, 0);
    pipe(rig, "a", 0, EVENT_NOTE_ON, 61);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(ear->on[0][8 * 61], 1);
    ck_assert_uint_eq(ear->n_broken, 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- sleep -------------------------------------------------------------------------------------------------------------- */

START_TEST(a_sleeper_is_woken_by_a_note_and_stays_awake_while_it_is_on)
{
    struct graph_rig *rig = rig_with("add a piper; add ear ear; connect a ear; connect ear out:in.1");
    struct ear *ear = ear_of(rig, "ear");
    graph_rig_run(rig, 48000);
    ck_assert_int_eq(graph_rig_node(rig, "ear")->object->slumber, SLUMBER_DEEP);
    uint64_t at = ctl_clock(rig->ctl) + 1000;
    pipe(rig, "a", at, EVENT_NOTE_ON, 60);
    graph_rig_run(rig, 96000);
    check_noted(ear, 0, at, EVENT_NOTE_ON, 60);
    ck_assert_int_eq(graph_rig_node(rig, "ear")->object->slumber, SLUMBER_NONE);
    pipe(rig, "a", 0, EVENT_NOTE_OFF, 60);
    graph_rig_run(rig, 96000);
    ck_assert_int_eq(graph_rig_node(rig, "ear")->object->slumber, SLUMBER_DEEP);
    ear_play(rig, 1, EVENT_NOTE_ON, 61);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(ear->on[0][8 * 61], 1);
    graph_rig_free(rig);
}
END_TEST

/* ---- too much ----------------------------------------------------------------------------------------------------------- */

/* Past control, which would refuse it. */
static void hand(const struct graph_rig *rig, enum event_kind kind, float note)
{
    struct event event = {.kind = (uint8_t)kind, .note = note, .value = 1, .source = play_source(1)};
    inbox_hand_rt(graph_rig_node(rig, "ear")->object->inbox, &event, 0);
}

START_TEST(an_off_that_finds_no_room_ends_its_note_all_the_same)
{
    struct graph_rig *rig = rig_with("add ear ear");
    for (unsigned i = 0; i < 100; i++)
        ear_play(rig, 1, EVENT_NOTE_ON, (float)i);
    graph_rig_run(rig, 256);
    /* What was on, and what is struck in it, is let go at its end. */
    for (unsigned i = 0; i < 2 * INBOX_HANDED; i++)
        hand(rig, EVENT_BEND, 0);
    for (unsigned i = 0; i < 100; i++)
        hand(rig, EVENT_NOTE_OFF, (float)i);
    graph_rig_run(rig, 4096);
    ck_assert_uint_eq(ear_of(rig, "ear")->n_on, 0);
    ck_assert_uint_eq(play_lost(graph_rig_node(rig, "ear")), INBOX_HANDED);
    for (unsigned i = 0; i < INBOX_HANDED; i++)
        hand(rig, EVENT_NOTE_ON, (float)(i % 128));
    for (unsigned i = 0; i < 128; i++)
        hand(rig, EVENT_NOTE_OFF, (float)i);
    graph_rig_run(rig, 8192);
    ck_assert_uint_eq(ear_of(rig, "ear")->n_on, 0);
    ck_assert_uint_eq(ear_of(rig, "ear")->n_broken, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(time_without_sound_plays_nothing_and_forgets_no_off)
{
    struct graph_rig *rig = rig_with("add ear ear");
    ear_play(rig, 1, EVENT_NOTE_ON, 60);
    ear_play_for(rig, 1, EVENT_NOTE_ON, 61, 1000);
    ear_play(rig, 1, EVENT_NOTE_ON, 62);
    graph_rig_run(rig, 256);
    for (unsigned i = 0; i < 1000; i++) {
        ear_play(rig, 1, EVENT_NOTE_ON, 70);
        ear_control(rig, 1, CONTROL_MODULATION, (float)(i % 128));
        if (i == 500)
            ear_play(rig, 1, EVENT_NOTE_OFF, 60);
        ctl_poll(rig->ctl);
        ck_assert(engine_idle_rt(rig->ctl->engine, 64));
    }
    graph_rig_run(rig, 256);
    const struct ear *ear = ear_of(rig, "ear");
    ck_assert_uint_eq(ear->n_on, 1);
    ck_assert_uint_eq(ear->on[0][8 * 62], 1);
    ck_assert_float_eq(ear->noted[ear->n - 1].event.value == 999 % 128 || ear->noted[3].event.value == 999 % 128, 1);
    ck_assert_uint_eq(ear->n_broken, 0);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_comes_by_several_edges_is_merged_by_frame_and_then_by_the_age_of_the_edge,
        a_duration_ends_at_its_frame_in_whatever_block_that_is,
        a_timed_note_begins_and_ends_at_its_frame_at_eight_periods,
        a_note_of_two_ends_when_both_have_let_go,
        a_note_struck_again_by_the_same_ends_with_one_off,
        who_goes_takes_its_notes_along_and_puts_back_what_it_has_moved,
        who_plays_and_goes_in_the_same_cycle_leaves_nothing,
        an_edge_that_is_cut_ends_its_notes_and_no_others,
        other_edges_of_a_graph_leave_notes_alone,
        a_bypassed_listener_hears_no_new_notes_and_ends_the_old_ones,
        a_bypassed_relay_passes_on_what_it_hears,
        a_sleeper_is_woken_by_a_note_and_stays_awake_while_it_is_on,
        an_off_that_finds_no_room_ends_its_note_all_the_same,
        time_without_sound_plays_nothing_and_forgets_no_off,
    };
    return suite_run("inboxes", 30, tests, ROWS(tests));
}
