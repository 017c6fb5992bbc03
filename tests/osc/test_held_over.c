/* Notes that are held while the node that they play is replaced: they go on at the new one, and end as they would have. */
#include <string.h>

#include "graph/inbox_shared.h"
#include "graph/object_shared.h"
#include "graph/play.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do_each(&rig, "/graph/add fm lead\n/graph/connect lead out\n");
    rig.peer = osc_rig_stream(7);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static struct node *node_of(const char *name)
{
    return model_find(&rig.ctl->model, name);
}

/* Of all voices. */
static unsigned n_on(const char *name)
{
    unsigned n = 0;
    for (const struct node_rt *object = node_of(name)->object; object; object = object->twin)
        n += object->inbox->n_held;
    return n;
}

static void run_until(uint64_t frame)
{
    while (ctl_clock(rig.ctl) < frame)
        osc_rig_run(&rig);
}

static void run_frames(unsigned n)
{
    run_until(ctl_clock(rig.ctl) + n);
}

START_TEST(a_note_that_is_held_goes_on_at_the_new_node_until_it_is_let_go)
{
    osc_rig_do(&rig, "/note/on lead 60 100");
    osc_rig_do(&rig, "/note/on lead 64.5 33.5 channel 3");
    osc_rig_do(&rig, "/graph/replace lead analog");
    run_frames(4800);
    ck_assert_uint_eq(n_on("lead"), 2);
    const struct held *held = node_of("lead")->object->inbox->held;
    ck_assert_float_eq(held[0].note, 60);
    ck_assert_float_eq(held[1].note, 64.5f);
    ck_assert_float_eq((float)held[1].velocity / HELD_VELOCITY, 33.5f);
    ck_assert_uint_eq(held[1].channel, 2);
    osc_rig_do(&rig, "/note/off lead 60");
    run_frames(256);
    ck_assert_uint_eq(n_on("lead"), 1);
}
END_TEST

START_TEST(it_ends_with_its_connection_as_it_would_have)
{
    osc_rig_do(&rig, "/note/on lead 60 100");
    osc_rig_do(&rig, "/graph/replace lead analog");
    run_frames(4800);
    playing_closed(rig.server, &rig.peer);
    run_frames(256);
    ck_assert_uint_eq(n_on("lead"), 0);
}
END_TEST

START_TEST(a_duration_ends_when_it_would_have)
{
    osc_rig_do(&rig, "/note/on lead 60 100 0.5");
    run_frames(64);
    uint64_t end = node_of("lead")->object->inbox->held[0].ends_at;
    run_frames(4800);
    osc_rig_do(&rig, "/graph/replace lead analog");
    run_frames(256);
    ck_assert_uint_eq(node_of("lead")->object->inbox->held[0].ends_at, end);
    run_until(end + 64);
    ck_assert_uint_eq(n_on("lead"), 0);
}
END_TEST

START_TEST(what_another_node_holds_it_lets_go_itself)
{
    osc_rig_do_each(&rig, "/graph/add voices pad\n/graph/add osc pad/osc\n"
                          "/graph/connect pad/osc pad/out\n");
    osc_rig_do(&rig, "/note/on pad 60 100");
    osc_rig_do(&rig, "/note/on pad 67 100");
    run_frames(1024);
    ck_assert_uint_eq(n_on("pad/in"), 2);
    osc_rig_do(&rig, "/graph/replace pad/in midi_cv glide 0.1");
    run_frames(4800);
    ck_assert_uint_eq(n_on("pad/in"), 2);
    osc_rig_do(&rig, "/note/off pad 60");
    run_frames(1024);
    ck_assert_uint_eq(n_on("pad/in"), 1);
    osc_rig_do(&rig, "/note/all_off pad");
    run_frames(1024);
    ck_assert_uint_eq(n_on("pad/in"), 0);
}
END_TEST

/* In one change, the notes come by way of a node that never sounds. */
START_TEST(several_replacements_at_once_hand_them_on)
{
    osc_rig_do(&rig, "/note/on lead 60 100");
    osc_rig_do(&rig, "[\n/graph/replace lead analog\n/graph/replace lead fm\n/note/on lead 62 100\n]");
    run_frames(4800);
    ck_assert_uint_eq(n_on("lead"), 2);
}
END_TEST

START_TEST(a_pedal_that_is_down_stays_down)
{
    osc_rig_do(&rig, "/note/cc lead 64 127 channel 2");
    osc_rig_do(&rig, "/graph/replace lead analog");
    run_frames(4800);
    ck_assert_uint_ne(node_of("lead")->object->inbox->moved_by[1][MOVED_PEDAL], SOURCE_NONE);
    osc_rig_do(&rig, "/note/cc lead 64 0 channel 2");
    run_frames(256);
    ck_assert_uint_eq(node_of("lead")->object->inbox->moved_by[1][MOVED_PEDAL], SOURCE_NONE);
}
END_TEST

START_TEST(who_takes_no_notes_takes_none_over)
{
    osc_rig_do(&rig, "/note/on lead 60 100");
    osc_rig_do(&rig, "/graph/replace lead osc");
    run_frames(4800);
    osc_rig_do(&rig, "/graph/replace lead analog");
    run_frames(4800);
    ck_assert_uint_eq(n_on("lead"), 0);
}
END_TEST

START_TEST(another_file_is_played_by_the_keys_that_are_down)
{
    osc_rig_send(&rig, "/graph/add sampler drums file a.wav");
    osc_rig_load(&rig, "a.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done *");
    osc_rig_do(&rig, "/note/on drums 60 100");
    osc_rig_send(&rig, "/node/drums/file b.wav");
    osc_rig_load(&rig, "b.wav");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done *");
    run_frames(4800);
    ck_assert_uint_eq(n_on("drums"), 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_note_that_is_held_goes_on_at_the_new_node_until_it_is_let_go,
        it_ends_with_its_connection_as_it_would_have,
        a_duration_ends_when_it_would_have,
        what_another_node_holds_it_lets_go_itself,
        several_replacements_at_once_hand_them_on,
        a_pedal_that_is_down_stays_down,
        who_takes_no_notes_takes_none_over,
        another_file_is_played_by_the_keys_that_are_down,
    };
    return osc_rig_suite("notes that are held over", open_rig, close_rig, tests, ROWS(tests));
}
