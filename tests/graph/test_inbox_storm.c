/* An inbox under anything that may come. */
#include <check.h>

#include "graph/play.h"
#include "tests/ear_rig.h"
#include "tests/event_nodes.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(48000);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    return rig;
}

/* A hundred thousand events of five clients and two edges, with clients that go and edges that are cut, at random periods: process never
 * sees a promise broken, and when all have gone, nothing is on. */
START_TEST(whatever_is_played_no_promise_is_broken_and_nothing_stays_on)
{
    struct graph_rig *rig = rig_with("add a piper; add storm storm; add ear ear; connect storm ear");
    struct ear *ear = graph_rig_node(rig, "ear")->object->state;
    uint32_t seed = 7;
    struct play_note shown[EVENTS_HELD_MOST];
    bool is_wired = true;
    rig->period = 0;
    for (unsigned round = 0; round < RIG_ROUNDS(2000, 300); round++) {
        for (unsigned i = dice_below(&seed, 60); i-- > 0;) {
            uint32_t client = dice_below(&seed, 5), what = dice_below(&seed, 12);
            float note = (float)dice_below(&seed, 128);
            if (what < 5)
                ear_play_for(rig, client, EVENT_NOTE_ON, note, dice_below(&seed, 3) ? 0 : 1 + dice_below(&seed, 5000));
            else if (what < 9)
                ear_play(rig, client, EVENT_NOTE_OFF, note);
            else if (what < 11)
                ear_control(rig, client, dice_below(&seed, 128), note);
            else
                ear_gone(rig, client);
        }
        if (dice_below(&seed, 20) == 0) {
            graph_rig_commit(rig, is_wired ? "disconnect storm ear" : "connect storm ear");
            is_wired = !is_wired;
        }
        graph_rig_run(rig, 1 + dice_below(&seed, 700));
        ear->n = 0;
        ck_assert_uint_eq(ear->n_broken, 0);
        ck_assert_uint_eq(ear->n_on <= EVENTS_HELD_MOST, 1);
        ck_assert_uint_eq(play_notes(graph_rig_node(rig, "ear"), shown), ear->n_on);
    }
    for (uint32_t client = 0; client < 5; client++)
        ear_gone(rig, client);
    if (is_wired)
        graph_rig_commit(rig, "disconnect storm ear");
    graph_rig_run(rig, 48000);
    ck_assert_uint_eq(ear->n_on, 0);
    ck_assert_uint_eq(play_active(graph_rig_node(rig, "ear")), 0);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {whatever_is_played_no_promise_is_broken_and_nothing_stays_on};
    return suite_run("inboxes under anything", 30, tests, ROWS(tests));
}
