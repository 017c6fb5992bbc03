/* More notes at once than a block takes in: each begins and each ends, in the order in which they came, and who plays more than can
 * wait is told so. */
#include <check.h>
#include <string.h>

#include "graph/ahead.h"
#include "graph/play.h"
#include "tests/ear_rig.h"
#include "tests/event_nodes.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(48000);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    return rig;
}

static struct ear *ear_of(const struct graph_rig *rig)
{
    return graph_rig_node(rig, "ear")->object->state;
}

/* The i-th of 2048 notes, all unlike. */
static struct event note(enum event_kind kind, unsigned i)
{
    return (struct event){.kind = (uint8_t)kind,
                          .channel = (uint8_t)(i / 128),
                          .note = (float)(i % 128),
                          .value = kind == EVENT_NOTE_ON ? 100 : 0,
                          .source = play_source(1)};
}

static void stage_play(struct tx *tx, struct node *node, struct event event, uint32_t duration_frames)
{
    struct error error = {0};
    ck_assert_msg(tx_play_event(tx, node, &event, duration_frames, &error) == 0, "%s", error.text);
}

/* n notes as one transaction. */
static void play_chord(const struct graph_rig *rig, const char *name, unsigned n, uint32_t duration_frames)
{
    struct tx *tx = tx_open(rig->ctl, 0);
    ck_assert_ptr_nonnull(tx);
    for (unsigned i = 0; i < n; i++)
        stage_play(tx, graph_rig_node(rig, name), note(EVENT_NOTE_ON, i), duration_frames);
    tx_commit(tx, (struct completion){0});
}

/* How many have begun, or ended: in the order in which they came. */
static unsigned in_order(const struct ear *ear, enum event_kind kind, uint64_t *last_frame)
{
    unsigned n = 0;
    for (unsigned i = 0; i < ear->n; i++) {
        const struct event *event = &ear->noted[i].event;
        if (event->kind != kind)
            continue;
        ck_assert_uint_eq(128u * event->channel + (unsigned)event->note, n);
        *last_frame = ear->noted[i].frame;
        n++;
    }
    return n;
}

static void check_quiet(const struct graph_rig *rig)
{
    ck_assert_uint_eq(ear_of(rig)->n_on, 0);
    ck_assert_uint_eq(ear_of(rig)->n_broken, 0);
    ck_assert_uint_eq(play_active(graph_rig_node(rig, "ear")), 0);
    ck_assert_uint_eq(play_lost(graph_rig_node(rig, "ear")), 0);
}

static unsigned n_ended(const struct ear *ear)
{
    unsigned n = 0;
    for (unsigned i = 0; i < ear->n; i++)
        n += ear->noted[i].event.kind == EVENT_NOTE_OFF;
    return n;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

START_TEST(as_many_notes_as_may_be_on_begin_at_the_frame_of_their_bundle)
{
    struct graph_rig *rig = rig_with("add ear ear");
    uint64_t at = ctl_clock(rig->ctl), last;
    play_chord(rig, "ear", EVENTS_HELD_MOST, 4800);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(in_order(ear_of(rig), EVENT_NOTE_ON, &last), EVENTS_HELD_MOST);
    ck_assert_uint_eq(last, at);
    /* And once more, while they are on: each ends and begins anew, which takes twice the room. */
    ear_of(rig)->n = 0;
    at = ctl_clock(rig->ctl);
    play_chord(rig, "ear", EVENTS_HELD_MOST, 4800);
    graph_rig_run(rig, 512);
    ck_assert_uint_eq(in_order(ear_of(rig), EVENT_NOTE_ON, &last), EVENTS_HELD_MOST);
    ck_assert_uint_le(last, at + BLOCK_MAX);
    graph_rig_run(rig, 9600);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(two_thousand_notes_of_one_bundle_all_begin_and_all_end)
{
    struct graph_rig *rig = rig_with("add ear ear");
    uint64_t at = ctl_clock(rig->ctl), last;
    play_chord(rig, "ear", 2000, 24000);
    graph_rig_run(rig, 48000);
    ck_assert_uint_eq(in_order(ear_of(rig), EVENT_NOTE_ON, &last), 2000);
    ck_assert_uint_le(last, at + 12 * BLOCK_MAX);
    ck_assert_uint_eq(n_ended(ear_of(rig)), 2000);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_burst_with_a_time_begins_at_its_frame_and_keeps_its_order)
{
    struct graph_rig *rig = rig_with("add ear ear");
    uint64_t at = ctl_clock(rig->ctl) + 1000, last;
    struct tx *tx = ahead_open(rig->ctl, 0, at);
    ck_assert_ptr_nonnull(tx);
    for (unsigned i = 0; i < 2000; i++)
        stage_play(tx, graph_rig_node(rig, "ear"), note(EVENT_NOTE_ON, i), 4800);
    tx_commit(tx, (struct completion){0});
    graph_rig_run(rig, 16384);
    ck_assert_uint_eq(in_order(ear_of(rig), EVENT_NOTE_ON, &last), 2000);
    ck_assert_uint_eq(ear_of(rig)->noted[0].frame, at);
    ck_assert_uint_eq(n_ended(ear_of(rig)), 2000);
    check_quiet(rig);
    play_chord(rig, "ear", 2000, 1); /* what had a time has left its room */
    graph_rig_run(rig, 8192);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_container_of_200_voices_plays_200_notes_of_one_bundle_at_once)
{
    struct graph_rig *rig = rig_with("add pad voices voices=200; connect pad/out out");
    play_chord(rig, "pad", 200, 24000);
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(play_active(graph_rig_node(rig, "pad")), 200);
    ck_assert_float_eq(voice_reading(rig, "pad", 0), 200);
    play_chord(rig, "pad", 2000, 24000);
    graph_rig_run(rig, 48000);
    ck_assert_uint_eq(play_active(graph_rig_node(rig, "pad")), 0);
    ck_assert_uint_eq(play_lost(graph_rig_node(rig, "pad")), 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_end_in_the_same_burst_does_not_overtake_its_begin)
{
    struct graph_rig *rig = rig_with("add ear ear");
    struct tx *tx = tx_open(rig->ctl, 0);
    uint64_t last;
    for (unsigned i = 0; i < 1000; i++)
        stage_play(tx, graph_rig_node(rig, "ear"), note(EVENT_NOTE_ON, i), 0);
    for (unsigned i = 0; i < 1000; i++)
        stage_play(tx, graph_rig_node(rig, "ear"), note(EVENT_NOTE_OFF, i), 0);
    tx_commit(tx, (struct completion){0});
    graph_rig_run(rig, 8192);
    ck_assert_uint_eq(in_order(ear_of(rig), EVENT_NOTE_ON, &last), 1000);
    ck_assert_uint_eq(in_order(ear_of(rig), EVENT_NOTE_OFF, &last), 1000);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(one_more_than_may_be_on_ends_the_oldest)
{
    struct graph_rig *rig = rig_with("add ear ear");
    play_chord(rig, "ear", EVENTS_HELD_MOST, 0);
    graph_rig_run(rig, 256);
    ear_play(rig, 1, EVENT_NOTE_ON, 0); /* struck anew: now the second is the oldest */
    ear_play(rig, 2, EVENT_NOTE_ON, 0.5f);
    graph_rig_run(rig, 256);
    const struct ear *ear = ear_of(rig);
    ck_assert_uint_eq(ear->n_on, EVENTS_HELD_MOST);
    ck_assert_uint_eq(ear->on[0][0], 1);
    ck_assert_uint_eq(ear->on[0][4], 1);
    ck_assert_uint_eq(ear->on[0][8], 0);
    ear_gone(rig, 1);
    ear_gone(rig, 2);
    graph_rig_run(rig, 256);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

/* ---- by edges -------------------------------------------------------------------------------------------------------- */

static void pipe(const struct graph_rig *rig, const char *name, enum event_kind kind, unsigned from, unsigned n)
{
    struct piper *piper = graph_rig_node(rig, name)->object->state;
    for (unsigned i = from; i < from + n; i++)
        piper->plays[piper->n++] = (struct noted){0, note(kind, i)};
}

START_TEST(what_two_edges_bring_at_once_is_played_in_its_order)
{
    struct graph_rig *rig = rig_with("add a piper; add b piper; add ear ear; connect a ear; connect b ear");
    uint64_t last;
    pipe(rig, "a", EVENT_NOTE_ON, 0, 300);
    pipe(rig, "b", EVENT_NOTE_ON, 300, 300);
    graph_rig_cycle(rig, BLOCK_MAX);
    pipe(rig, "a", EVENT_NOTE_OFF, 0, 300);
    graph_rig_run(rig, 4096);
    ck_assert_uint_eq(in_order(ear_of(rig), EVENT_NOTE_ON, &last), 600);
    pipe(rig, "b", EVENT_NOTE_OFF, 300, 300);
    graph_rig_run(rig, 4096);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_an_edge_that_is_cut_has_waiting_is_not_played)
{
    struct graph_rig *rig = rig_with("add a piper; add b piper; add ear ear; connect a ear; connect b ear");
    pipe(rig, "a", EVENT_NOTE_ON, 0, 300);
    pipe(rig, "b", EVENT_NOTE_ON, 300, 300);
    graph_rig_cycle(rig, BLOCK_MAX);
    ck_assert_uint_gt(graph_rig_node(rig, "ear")->object->inbox->n_handed, 0);
    graph_rig_commit(rig, "disconnect b ear; disconnect a ear");
    graph_rig_run(rig, 4096);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_edges_bring_without_end_is_lost_but_for_its_ends)
{
    struct graph_rig *rig = rig_with("add a piper; add b piper; add ear ear; connect a ear; connect b ear");
    struct ear *ear = ear_of(rig);
    for (unsigned round = 0; round < 40; round++) {
        for (unsigned k = 0; k < 2; k++) {
            struct piper *piper = graph_rig_node(rig, k ? "b" : "a")->object->state;
            piper->n = piper->next = 0;
            pipe(rig, k ? "b" : "a", round % 5 == 4 ? EVENT_NOTE_OFF : EVENT_NOTE_ON, EVENTS_MOST * k, EVENTS_MOST);
        }
        graph_rig_cycle(rig, BLOCK_MAX);
        ck_assert_uint_eq(ear->n_broken, 0);
        ear->n = 0;
    }
    ck_assert_uint_gt(play_lost(graph_rig_node(rig, "ear")), 0);
    graph_rig_run(rig, 48000);
    ck_assert_uint_eq(ear->n_on, 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- more than can wait ---------------------------------------------------------------------------------------------- */

static int try(const struct graph_rig *rig, const char *name, struct event event, struct error *error)
{
    *error = (struct error){0};
    return ctl_play(rig->ctl, graph_rig_node(rig, name), &event, 0, error);
}

/* Until it is refused: how many were not. */
static unsigned fill(const struct graph_rig *rig, const char *name, enum event_kind kind, struct error *error)
{
    unsigned n = 0;
    while (n < 4 * INBOX_HANDED && !try(rig, name, note(kind, n % 2048), error))
        n++;
    return n;
}

START_TEST(who_plays_more_than_can_wait_is_refused_and_nobody_else)
{
    struct graph_rig *rig = rig_with("add ear ear; add other ear");
    struct error error;
    ck_assert_uint_eq(fill(rig, "ear", EVENT_NOTE_ON, &error), INBOX_HANDED / 2);
    ck_assert_int_eq(error.code, ERROR_BUSY);
    ck_assert_ptr_nonnull(strstr(error.text, "ear has 2048 notes and controllers to play yet, of 2048 that may wait"));
    ck_assert_int_eq(try(rig, "other", note(EVENT_NOTE_ON, 1), &error), 0);
    /* What ends notes has room of its own: as much. */
    ck_assert_uint_eq(fill(rig, "ear", EVENT_NOTE_OFF, &error), INBOX_HANDED / 2);
    graph_rig_run(rig, 8192);
    check_quiet(rig);
    ck_assert_int_eq(try(rig, "ear", note(EVENT_NOTE_ON, 1), &error), 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_is_rolled_back_takes_no_room)
{
    struct graph_rig *rig = rig_with("add ear ear");
    for (unsigned round = 0; round < 3; round++) {
        struct tx *tx = tx_open(rig->ctl, 0);
        for (unsigned i = 0; i < 2000; i++)
            stage_play(tx, graph_rig_node(rig, "ear"), note(EVENT_NOTE_ON, i), 0);
        tx_rollback(tx);
    }
    play_chord(rig, "ear", 2000, 100);
    graph_rig_run(rig, 8192);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(who_goes_while_its_burst_waits_leaves_room_and_nothing_else)
{
    struct graph_rig *rig = rig_with("add ear ear");
    for (unsigned round = 0; round < 5; round++) {
        play_chord(rig, "ear", 2000, 0);
        ctl_poll(rig->ctl);
        graph_rig_cycle(rig, BLOCK_MAX);
        ear_gone(rig, 1);
        graph_rig_run(rig, 512);
        ck_assert_uint_eq(ear_of(rig)->n_on, 0);
    }
    graph_rig_run(rig, 8192);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(time_without_sound_frees_the_room)
{
    struct graph_rig *rig = rig_with("add ear ear");
    for (unsigned round = 0; round < 10; round++) {
        play_chord(rig, "ear", 2000, 0);
        ctl_poll(rig->ctl);
        ck_assert(engine_idle_rt(rig->ctl->engine, 64));
        ctl_poll(rig->ctl);
    }
    graph_rig_run(rig, 512);
    check_quiet(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_audio_thread_that_takes_nothing_is_said_to)
{
    struct graph_rig *rig = rig_with("add a ear; add b ear; add c ear; add d ear; add ear ear");
    static const char *const names[] = {"a", "b", "c", "d", "ear"};
    struct error error;
    unsigned n = 0;
    for (unsigned i = 0; i < ROWS(names); i++)
        n += fill(rig, names[i], EVENT_NOTE_ON, &error);
    ck_assert_uint_eq(n, 2 * CTL_TO_RT_CAPACITY);
    ck_assert_int_eq(error.code, ERROR_BUSY);
    ck_assert_ptr_nonnull(strstr(error.text, "has not taken the last 4096 notes and values yet"));
    ck_assert_int_eq(try(rig, "ear", note(EVENT_NOTE_OFF, 1), &error), 0);
    graph_rig_run(rig, 8192);
    ck_assert_int_eq(try(rig, "ear", note(EVENT_NOTE_ON, 1), &error), 0);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        as_many_notes_as_may_be_on_begin_at_the_frame_of_their_bundle,
        two_thousand_notes_of_one_bundle_all_begin_and_all_end,
        a_burst_with_a_time_begins_at_its_frame_and_keeps_its_order,
        a_container_of_200_voices_plays_200_notes_of_one_bundle_at_once,
        an_end_in_the_same_burst_does_not_overtake_its_begin,
        one_more_than_may_be_on_ends_the_oldest,
        what_two_edges_bring_at_once_is_played_in_its_order,
        what_an_edge_that_is_cut_has_waiting_is_not_played,
        what_edges_bring_without_end_is_lost_but_for_its_ends,
        who_plays_more_than_can_wait_is_refused_and_nobody_else,
        what_is_rolled_back_takes_no_room,
        who_goes_while_its_burst_waits_leaves_room_and_nothing_else,
        time_without_sound_frees_the_room,
        an_audio_thread_that_takes_nothing_is_said_to,
    };
    return suite_run("bursts", 30, tests, ROWS(tests));
}
