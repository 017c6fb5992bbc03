/* Bundles that have a time, by a clock that moves with the frames. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/time_rig.h"

static double gain(void)
{
    return (double)model_find(&time_rig.osc.ctl->model, "a")->values[0];
}

/* ---- times ---------------------------------------------------------------------------------------------------------- */

START_TEST(a_time_tag_is_a_frame_and_the_answer_comes_at_it)
{
    time_rig_run(20000);
    uint64_t at = time_rig_now() + 30000;
    time_rig_send_at(time_rig_tag(at), "[\n/tx req 7\n/graph/add gain b\n/node/a/gain -3\n]");
    time_rig_expect("/progress 7 #bundle 0.0 scheduled");
    time_rig_run(29000);
    osc_rig_expect(&time_rig.osc, "");
    time_rig_run(2000);
    time_rig_expect("/done 7 #bundle 2 %lluh *", (unsigned long long)at);
    osc_rig_expect(&time_rig.osc, "");
    ck_assert_double_eq(gain(), -3);
}
END_TEST

START_TEST(a_frame_needs_no_clock)
{
    uint64_t at = time_rig_now() + 12345;
    time_rig_tell("[\n/at/frame %lluh\n/tx req 3 fade 0\n/node/a/gain -6\n]", (unsigned long long)at);
    time_rig_expect("/progress 3 #bundle 0.0 scheduled");
    time_rig_run(13000);
    time_rig_expect("/done 3 #bundle 1 %lluh *", (unsigned long long)at);
}
END_TEST

START_TEST(control_is_woken_as_far_ahead_as_it_looks)
{
    struct server *server = time_rig.osc.server;
    time_rig_run(4800);
    ck_assert_int_eq(schedule_wait_ms(server, 20), 20);
    uint64_t now = time_rig_now();
    time_rig_tell("[\n/at/frame %lluh\n/node/a/gain -6\n]", (unsigned long long)now + 80 * OSC_RIG_RATE_HZ / 1000);
    time_rig_expect("/progress 0 #bundle 0.0 scheduled");
    ck_assert_int_eq(schedule_wait_ms(server, 20), 20);
    int wait = schedule_wait_ms(server, 100);
    ck_assert_int_ge(wait, 49);
    ck_assert_int_le(wait, 50);
    time_rig_run(46 * OSC_RIG_RATE_HZ / 1000);
    wait = schedule_wait_ms(server, 20);
    ck_assert_int_ge(wait, 2);
    ck_assert_int_le(wait, 4);
}
END_TEST

START_TEST(a_head_may_be_put_in_front_of_another_and_takes_nothing_from_it)
{
    uint64_t at = time_rig_now() + 12345;
    time_rig_tell("[\n/tx req 4\n/at/frame %lluh\n/tx label louder if_revision 77\n/node/a/gain -6\n]",
                  (unsigned long long)at);
    time_rig_expect("/progress 4 #bundle 0.0 scheduled");
    time_rig_run(13000);
    time_rig_expect("/fail 4 #bundle 16 conflict *77*");
}
END_TEST

START_TEST(what_is_over_is_done_at_once_and_told_if_it_is_more_than_a_period)
{
    time_rig_run(9600);
    time_rig_send_at(time_rig_tag(time_rig_now() - 60), "[\n/node/a/gain -1\n]");
    time_rig_run(64);
    time_rig_expect("/done 0 #bundle 1 *");
    uint64_t at = time_rig_now();
    time_rig_send_at(time_rig_tag(at - 4800), "[\n/tx req 5\n/node/a/gain -2\n]");
    time_rig_run(64);
    time_rig_expect("/late 5 4800h");
    time_rig_expect("/done 5 #bundle 1 %lluh *", (unsigned long long)at);
    time_rig_tell("[\n/tx req 6\n/at/frame %lluh\n/node/a/gain -2\n]", (unsigned long long)(at - 100));
    time_rig_run(64);
    time_rig_expect("/late 6 *");
    time_rig_expect("/done 6 *");
    ck_assert_uint_eq(time_rig.osc.server->schedule.n_late, 2);
}
END_TEST

START_TEST(a_tag_may_lie_a_minute_ahead_and_no_more)
{
    time_rig_run(4800);
    time_rig_send_at(time_rig_tag(time_rig_now() + 61 * OSC_RIG_RATE_HZ), "[\n/node/a/gain -1\n]");
    time_rig_expect("/fail 0 #bundle 4 range *61.0 s ahead, 60 s are the most*");
    time_rig_send_at(time_rig_tag(time_rig_now() + 59 * OSC_RIG_RATE_HZ), "[\n/node/a/gain -1\n]");
    time_rig_expect("/progress 0 #bundle 0.0 scheduled");
}
END_TEST

START_TEST(tags_follow_the_wall_clock_where_that_is_set)
{
    time_rig_run(9600);
    uint64_t at = time_rig_now() + 96000;
    time_rig_send_at(time_rig_tag(at), "[\n/tx req 1\n/node/a/gain -1\n]");
    time_rig_run(4800);
    time_rig.day_ns += TIME_RIG_SECOND_NS; /* a second on: it comes a second earlier */
    time_rig_run(42000);
    time_rig_expect("/progress *");
    osc_rig_expect(&time_rig.osc, "");
    time_rig_run(2000);
    time_rig_expect("/done 1 #bundle 1 %lluh *", (unsigned long long)(at - OSC_RIG_RATE_HZ));
    at = time_rig_now() + 24000;
    time_rig_send_at(time_rig_tag(at), "[\n/tx req 2\n/node/a/gain -2\n]");
    time_rig.day_ns -= TIME_RIG_SECOND_NS;
    time_rig_run(72640);
    time_rig_expect("/progress *");
    time_rig_expect("/done 2 #bundle 1 %lluh *", (unsigned long long)(at + OSC_RIG_RATE_HZ));
}
END_TEST

START_TEST(what_is_between_two_frames_takes_the_first_that_is_not_before_it)
{
    time_rig_run(9600);
    uint64_t at = time_rig_now() + 9600;
    time_rig_send_at(time_rig_tag(at) + (uint64_t)(0.4 / OSC_RIG_RATE_HZ * 4294967296.0),
                     "[\n/tx req 1\n/node/a/gain -1\n]");
    time_rig_run(12000);
    time_rig_expect("/progress *");
    time_rig_expect("/done 1 #bundle 1 %lluh *", (unsigned long long)at + 1);
}
END_TEST

/* ---- what is checked when --------------------------------------------------------------------------------------------- */

START_TEST(form_and_ranges_are_refused_on_arrival_and_names_at_their_time)
{
    static const struct {
        const char *message, *refusal;
    } wrong[] = {{"/node/a/gain 1000", "range"},     {"/graph/add nonsense x", "no_such_type"},
                 {"/graph/add", "bad_type"},         {"/nonsense", "bad_address"},
                 {"/graph/remove in", "denied"},     {"/ping/pong", "bad_address"},
                 {"/session/new", "unsupported"},    {"/at/beat 3", "bad_address"},
                 {"/graph/add gain 9a", "bad_value"}};
    char *before = strdup(osc_rig_dump(&time_rig.osc));
    for (unsigned i = 0; i < ROWS(wrong); i++) {
        time_rig_tell("[\n/at/frame 96000h\n/tx req 1\n/node/a/gain -1\n%s\n]", wrong[i].message);
        time_rig_expect("/fail 1 #bundle * %s \"message 2 of the bundle*", wrong[i].refusal);
    }
    time_rig_tell("[\n/at/frame 96000h\n/tx req 1\n/node/late/gain -9\n]");
    time_rig_expect("/progress *");
    time_rig_tell("[\n/at/frame 96000h\n/tx req 2\n/node/never/gain -9\n]");
    time_rig_expect("/progress *");
    ck_assert_str_eq(osc_rig_dump(&time_rig.osc), before);
    free(before);
    osc_rig_do(&time_rig.osc, "/graph/add gain late");
    time_rig_run(98000);
    time_rig_expect("/fail 2 #bundle 5 no_such_node *");
    time_rig_expect("/done 1 #bundle 1 96000h *");
}
END_TEST

START_TEST(a_head_says_one_time_and_says_it_first)
{
    time_rig_send_at(time_rig_tag(48000), "[\n/at/frame 48000h\n/node/a/gain -1\n]");
    time_rig_expect("/fail 0 #bundle 3 bad_value *one time*");
    time_rig_tell("[\n/node/a/gain -1\n/at/frame 48000h\n]");
    time_rig_expect("/fail 0 #bundle 1 bad_address \"message 2*");
    time_rig_tell("/at/frame 48000h");
    time_rig_expect("/fail 0 /at/frame 1 bad_address *");
    time_rig_tell("[\n/at/frame -5h\n/node/a/gain -1\n]");
    time_rig_expect("/fail 0 #bundle 4 range \"/at/frame, the head*");
    time_rig_tell("[\n/at/bar 0\n/node/a/gain -1\n]");
    time_rig_expect("/fail 0 #bundle 4 range *");
    time_rig_tell("[\n/at/noon 0\n/node/a/gain -1\n]");
    time_rig_expect("/fail 0 #bundle 1 bad_address *");
}
END_TEST

START_TEST(files_are_loaded_when_it_arrives_and_what_is_not_there_in_time_is_late)
{
    time_rig_tell("[\n/at/frame 48000h\n/tx req 1\n/graph/add player p file a.wav\n]");
    time_rig_tell("[\n/at/frame 48000h\n/tx req 2\n/graph/add player q file b.wav\n]");
    time_rig_expect("/progress *");
    time_rig_expect("/progress *");
    ck_assert_uint_eq(time_rig.osc.n_loads, 2);
    osc_rig_load(&time_rig.osc, "a.wav");
    time_rig_run(60000);
    time_rig_expect("/fail 2 #bundle 14 late *");
    time_rig_expect("/done 1 #bundle 1 48000h *");
    osc_rig_load(&time_rig.osc, "b.wav");
    time_rig_tell("[\n/at/frame 96000h\n/tx req 3\n/graph/add player r file c.wav\n]");
    time_rig_expect("/progress *");
    osc_rig_load_fails(&time_rig.osc, "c.wav", ERROR_NO_FILE);
    time_rig_run(60000);
    time_rig_expect("/fail 3 #bundle 18 no_file *");
}
END_TEST

START_TEST(questions_and_bundles_inside_wait_with_it)
{
    time_rig_tell("[\n/at/frame 48000h\n/tx req 1\n/node/a/gain -7 0\n/node/a/gain\n[\n/tx req 2\n/graph/add gain i\n]\n]");
    time_rig_expect("/progress 1 *");
    time_rig_expect("/progress 2 *");
    time_rig_run(47000);
    osc_rig_expect(&time_rig.osc, "");
    time_rig_run(2000);
    time_rig_expect("[\n/done 1 /node/a/gain -7.0\n/done 1 #bundle 2 48000h *\n]");
    time_rig_expect("/done 2 #bundle 1 48000h *");
}
END_TEST

/* ---- the list --------------------------------------------------------------------------------------------------------- */

START_TEST(what_waits_is_listed_and_can_be_taken_away)
{
    time_rig_tell("[\n/at/frame 96000h\n/tx req 1\n/node/a/gain -1\n/node/a/gain -2\n]");
    time_rig_tell("[\n/at/frame 48000h\n/tx req 2\n/node/a/gain -1\n]");
    time_rig_tell("[\n/at/bar 9 3\n/tx req 2\n/node/a/gain -1\n]");
    for (unsigned i = 0; i < 3; i++)
        time_rig_expect("/progress *");
    ck_assert_str_eq(osc_rig_ask(&time_rig.osc, "/sched/list"),
                     "/done 0 /sched/list 3 2 \"frame 48000\" 48000h 1 1 \"frame 96000\" "
                     "96000h 2 2 \"bar 9 beat 3\" -1h 1");
    ck_assert_str_eq(osc_rig_ask(&time_rig.osc, "/sched/list 1 1"), "/done 0 /sched/list 3 1 \"frame 96000\" 96000h 2");
    time_rig_tell("/sched/clear 2");
    time_rig_expect("/fail 2 #bundle 17 cancelled *");
    time_rig_expect("/fail 2 #bundle 17 cancelled *");
    time_rig_expect("/done 0 /sched/clear 2");
    time_rig_tell("/sched/clear");
    time_rig_expect("/fail 1 #bundle 17 cancelled *");
    time_rig_expect("/done 0 /sched/clear 1");
    time_rig_run(98000);
    osc_rig_expect(&time_rig.osc, "");
    ck_assert_double_eq(gain(), 0);
}
END_TEST

/* Fills what is free of the places, after as many as are pretended to be taken. */
static void fill(unsigned n_free, unsigned frame)
{
    for (unsigned i = 0; i < n_free + 10; i++) {
        time_rig_tell("[\n/at/frame %uh\n/node/a/gain -1\n]", frame + i % 7);
        time_rig_expect(i < n_free ? "/progress *" : "/fail 0 #bundle 11 busy *");
    }
}

START_TEST(so_many_wait_and_no_more)
{
    struct schedule *schedule = &time_rig.osc.server->schedule;
    const size_t n_all = time_rig.osc.ctl->limits.most[LIMIT_SCHEDULED], n_kept = n_all / SCHEDULE_NEAR_SHARE;
    const size_t n_far = n_all - n_kept - 100, n_near = n_kept - 100;
    schedule->n += n_far;
    fill(100, 4800000);
    schedule->n += n_near;
    fill(100, 40000); /* what is near has places of its own */
    schedule->n -= n_far + n_near;
    ck_assert_uint_eq(schedule->n_refused, 20);
    time_rig_tell("/sched/clear");
    for (unsigned i = 0; i < 200; i++)
        time_rig_expect("/fail 0 #bundle 17 cancelled *");
    time_rig_expect("/done 0 /sched/clear 200");
    ck_assert_uint_eq(schedule->n_bytes, 0);
}
END_TEST

START_TEST(a_thousand_at_one_frame_are_all_there_at_it)
{
    for (unsigned i = 0; i < 1000; i++)
        time_rig_tell("[\n/at/frame 48000h\n/tx req %u\n/node/a/gain -%u 0\n]", i, i % 60);
    for (unsigned i = 0; i < 1000; i++)
        time_rig_expect("/progress *");
    time_rig_run(50000);
    unsigned n_on_time = 0;
    for (unsigned i = 0; i < 1000; i++) {
        const char *line = osc_rig_line(&time_rig.osc);
        n_on_time += strstr(line, "#bundle 1 48000h") != NULL;
    }
    ck_assert_uint_ge(n_on_time, SCHEDULE_MOST);
    time_rig_run(4800);
    ck_assert_double_eq(gain(), -(999 % 60));
}
END_TEST

/* ---- the time itself -------------------------------------------------------------------------------------------------- */

START_TEST(time_tells_one_moment_in_all_clocks)
{
    time_rig_tell("/transport/play");
    time_rig_run(48000);
    osc_rig_line(&time_rig.osc);
    uint64_t at = time_rig_now();
    int64_t position = transport_look(&time_rig.osc.ctl->engine->transport.view).position;
    time_rig_tell("/time");
    const struct osc_rig_answer *answer = osc_rig_answer(&time_rig.osc);
    struct message message = message_read(answer->packet.data);
    struct arg args[10];
    ck_assert_uint_eq(message_args(&message, args, 10), 10);
    ck_assert_int_le(llabs((int64_t)(args[2].t - time_rig_tag(at))),
                     4295 * 30); /* 30 us: the earliest cycles are not all the same */
    ck_assert_int_eq(args[3].h, (int64_t)at);
    ck_assert_int_eq(args[4].i, 48000);
    ck_assert_double_lt(fabs(args[5].d), 1);
    ck_assert_int_eq(args[6].h, position);
    ck_assert_double_lt(fabs(args[7].d - (double)position / 24000), 1e-5);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_time_tag_is_a_frame_and_the_answer_comes_at_it,
        a_frame_needs_no_clock,
        control_is_woken_as_far_ahead_as_it_looks,
        a_head_may_be_put_in_front_of_another_and_takes_nothing_from_it,
        what_is_over_is_done_at_once_and_told_if_it_is_more_than_a_period,
        a_tag_may_lie_a_minute_ahead_and_no_more,
        tags_follow_the_wall_clock_where_that_is_set,
        what_is_between_two_frames_takes_the_first_that_is_not_before_it,
        form_and_ranges_are_refused_on_arrival_and_names_at_their_time,
        a_head_says_one_time_and_says_it_first,
        files_are_loaded_when_it_arrives_and_what_is_not_there_in_time_is_late,
        questions_and_bundles_inside_wait_with_it,
        what_waits_is_listed_and_can_be_taken_away,
        so_many_wait_and_no_more,
        a_thousand_at_one_frame_are_all_there_at_it,
        time_tells_one_moment_in_all_clocks,
    };
    return osc_rig_suite("schedules", time_rig_open, time_rig_close, tests, ROWS(tests));
}
