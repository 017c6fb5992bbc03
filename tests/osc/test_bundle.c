/* A bundle is a transaction: all of it or nothing, at one sample, with one answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "osc/command.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add osc tone freq 300.0");
    osc_rig_do(&rig, "/graph/add gain one");
    osc_rig_do(&rig, "/graph/connect tone one");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* ---- all ------------------------------------------------------------------------------------------------------------- */

START_TEST(a_bundle_is_one_edit_with_one_answer)
{
    ck_assert_str_eq(osc_rig_do(&rig, "[\n"
                                      "/graph/add gain two\n"
                                      "/graph/connect one two gain -6\n"
                                      "/node/two/gain -3.0\n"
                                      "/graph/disconnect tone one\n"
                                      "/graph/connect tone two:gain depth 1\n"
                                      "]"),
                     "/done 0 #bundle 5 576h 4");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add osc tone freq 300.0\n"
                                         "/graph/add gain one\n"
                                         "/graph/add gain two gain -3.0\n"
                                         "/graph/connect one:out two:in gain -6.0\n"
                                         "/graph/connect tone:out two:gain depth 1.0\n");
}
END_TEST

START_TEST(each_message_sees_what_the_ones_before_it_have_done)
{
    osc_rig_do(&rig, "[\n"
                     "/graph/remove tone\n"
                     "/graph/add gain tone\n"
                     "/node/tone/gain -1.0\n"
                     "/graph/connect one tone\n"
                     "/graph/remove one\n"
                     "/graph/add osc one\n"
                     "/graph/connect one tone\n"
                     "]");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain tone gain -1.0\n"
                                         "/graph/add osc one\n"
                                         "/graph/connect one:out tone:in\n");
}
END_TEST

START_TEST(an_empty_bundle_is_done_without_a_revision)
{
    ck_assert_str_eq(osc_rig_do(&rig, "[\n]"), "/done 0 #bundle 0 576h 3");
    ck_assert_str_eq(osc_rig_do(&rig, "[\n/tx req 9\n]"), "/done 9 #bundle 0 768h 3");
}
END_TEST

START_TEST(values_alone_make_no_revision)
{
    ck_assert_str_eq(osc_rig_do(&rig, "[\n/node/tone/freq 1.0\n/node/one/gain -1.0 2.0\n]"), "/done 0 #bundle 2 576h 3");
    ck_assert_uint_eq(rig.server->counters.values, 2);
}
END_TEST

START_TEST(sets_of_a_bundle_arrive_at_one_frame)
{
    const struct node *tone = model_find(&rig.ctl->model, "tone"), *one = model_find(&rig.ctl->model, "one");
    osc_rig_send(&rig, "[\n/node/tone/freq 1.0 1.0\n/node/one/gain -1.0 1.0\n]");
    ctl_poll(rig.ctl);
    engine_cycle_rt(rig.ctl->engine, &(struct cycle){.n_frames = 50});
    ck_assert_uint_eq(tone->object->glides[1].at, 50);
    ck_assert_uint_eq(one->object->glides[0].at, 50);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 #bundle 2 576h 3");
}
END_TEST

/* ---- or nothing ------------------------------------------------------------------------------------------------------ */

static const struct wrong {
    const char *bundle;
    enum error_code code;
    const char *says;
} wrongs[] = {
    {"[\n/graph/add gain x\n/graph/connect tone x\n/graph/connect x nobody\n]", ERROR_NO_SUCH_NODE,
     "message 3 of the bundle, /graph/connect: no node is named \"nobody\""},
    {"[\n/tx fade 0.0\n/graph/remove tone\n/graph/remove tone\n]", ERROR_NO_SUCH_NODE,
     "message 2 of the bundle, /graph/remove: no node is named \"tone\""},
    {"[\n/graph/remove one\n/graph/add noise one\n/graph/connect tone one\n]", ERROR_NO_SUCH_PORT,
     "message 3 of the bundle, /graph/connect: one (noise) has no input"},
    {"[\n/graph/remove tone\n/graph/remove out\n]", ERROR_DENIED,
     "message 2 of the bundle, /graph/remove: the node \"out\" is part"},
    {"[\n/node/tone/freq 50.0\n/node/one/gain -3.0\n/node/tone/freq 1e9\n]", ERROR_RANGE,
     "message 3 of the bundle, /node/tone/freq: freq 1e+09 Hz is outside"},
    {"[\n/graph/disconnect tone one\n/graph/connect tone one gain -20\n/graph/connect one one\n]", ERROR_CYCLE,
     "message 3 of the bundle, /graph/connect: one to one would close the loop one -> one"},
    {"[\n/node/tone/freq 50.0\n/graph/add gain\n]", ERROR_BAD_TYPE,
     "message 2 of the bundle, /graph/add: name is missing; usage: "},
    {"[\n/node/tone/freq 50.0\n/nonsense\n]", ERROR_BAD_ADDRESS,
     "message 2 of the bundle, /nonsense: \"/nonsense\" is neither"},
    {"[\n/node/tone/freq 50.0\n/node/nobody/freq\n]", ERROR_NO_SUCH_NODE,
     "message 2 of the bundle, /node/nobody/freq: no node"},
    {"[\n/node/tone/freq 50.0\n/quit\n]", ERROR_UNSUPPORTED,
     "message 2 of the bundle, /quit: /quit cannot be part of a bundle"},
    {"[\n/log/level debug\n]", ERROR_UNSUPPORTED,
     "message 1 of the bundle, /log/level: /log/level cannot be part of a bundle"},
    {"[\n/node/tone/freq 50.0\n/sync 1\n]", ERROR_UNSUPPORTED,
     "message 2 of the bundle, /sync: /sync cannot be part of a bundle"},
    {"[\n/node/tone/freq 50.0\n/tx fade 0.0\n]", ERROR_BAD_ADDRESS,
     "message 2 of the bundle, /tx: /tx must be the first message"},
    {"[\n/req/7/node/tone/freq 50.0\n]", ERROR_BAD_ADDRESS,
     "message 1 of the bundle, /req/7/node/tone/freq: a message of a bundle has no request id of its own: begin with /tx "
     "req N"},
    {"[\n/tx loudly\n/graph/remove tone\n]", ERROR_BAD_TYPE,
     "/tx, the head of the bundle: \"loudly\" is none of the keywords req, label, if_revision, fade"},
    {"[\n/tx fade 3601.0\n/graph/remove tone\n]", ERROR_RANGE,
     "/tx, the head of the bundle: fade 3601 s is outside its range 0 to 3600 s"},
    {"[\n/tx fade -1\n/graph/remove tone\n]", ERROR_RANGE,
     "/tx, the head of the bundle: fade -1 s is outside its range 0 to 3600 s"},
    {"[\n/tx fade %f:7fc00000\n/graph/remove tone\n]", ERROR_BAD_VALUE,
     "/tx, the head of the bundle: fade must be a finite number"},
    {"[\n/tx req 3000000000h\n/graph/remove tone\n]", ERROR_RANGE,
     "/tx, the head of the bundle: req 3000000000 is outside its range"},
    {"[\n/tx if_revision 2\n/graph/remove tone\n]", ERROR_CONFLICT,
     "/tx, the head of the bundle: the graph is at revision 3, not 2"},
    {"[\n/tx req 4 if_revision -1\n/graph/remove tone\n]", ERROR_CONFLICT, "the graph is at revision 3, not -1"},
};

START_TEST(a_bundle_with_one_wrong_message_is_undone_whole)
{
    for (unsigned i = 0; i < ROWS(wrongs); i++) {
        const char *text = osc_rig_refuse(&rig, wrongs[i].bundle, wrongs[i].code, wrongs[i].says, NULL);
        ck_assert_msg(strstr(text, "message ") == text || strstr(text, "/tx, the head") == text, "%s", text);
        osc_rig_wait(&rig);
    }
    ck_assert(!rig.has_quit);
    ck_assert_str_eq(rig.level, "info");
}
END_TEST

START_TEST(a_bundle_that_failed_has_not_reached_the_engine)
{
    const struct node *tone = model_find(&rig.ctl->model, "tone");
    osc_rig_refuse(&rig, "[\n/node/tone/freq 50.0\n/graph/add gain one\n]", ERROR_NAME_TAKEN, NULL);
    osc_rig_wait(&rig);
    ck_assert_float_eq(tone->object->params[1].value, 300);
    ck_assert_float_eq(tone->values[1], 300);
}
END_TEST

/* ---- /tx ------------------------------------------------------------------------------------------------------------- */

START_TEST(tx_gives_the_bundle_a_request_id)
{
    ck_assert_str_eq(osc_rig_do(&rig, "[\n/tx req 41\n/graph/remove tone\n]"), "/done 41 #bundle 1 576h 4");
    ck_assert_str_eq(osc_rig_do(&rig, "[\n/tx label req req -42\n/graph/remove one\n]"), "/done -42 #bundle 1 768h 5");
    osc_rig_refuse(&rig, "[\n/tx req 43\n/graph/remove tone\n]", ERROR_NO_SUCH_NODE, "message 1", NULL);
    osc_rig_refuse(&rig, "[\n/tx req 44 nonsense 1\n]", ERROR_BAD_TYPE, "/tx, the head", NULL);
}
END_TEST

START_TEST(tx_holds_the_bundle_to_a_revision)
{
    ck_assert_str_eq(osc_rig_do(&rig, "[\n/tx if_revision 3\n/graph/remove tone\n]"), "/done 0 #bundle 1 576h 4");
    osc_rig_refuse(&rig, "[\n/tx if_revision 3\n/graph/remove one\n]", ERROR_CONFLICT, "at revision 4, not 3", NULL);
    ck_assert_str_eq(osc_rig_do(&rig, "[\n/tx if_revision 4\n]"), "/done 0 #bundle 0 960h 4");
}
END_TEST

/* Of the connection that the bundle takes away, as it goes to the engine. */
static unsigned fade_frames(const char *bundle)
{
    osc_rig_do(&rig, "/graph/connect tone out");
    const struct edge *edge = model_find(&rig.ctl->model, "out")->in_last;
    osc_rig_send(&rig, bundle);
    unsigned frames = edge->fade_frames;
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 #bundle 1 *");
    return frames;
}

START_TEST(tx_sets_the_length_of_the_fades)
{
    ck_assert_uint_eq(fade_frames("[\n/graph/disconnect tone out\n]"), 480);
    ck_assert_uint_eq(fade_frames("[\n/tx fade 0\n/graph/disconnect tone out\n]"), 0);
    ck_assert_uint_eq(fade_frames("[\n/tx fade 0.5\n/graph/disconnect tone out\n]"), 24000);
    ck_assert_uint_eq(fade_frames("[\n/tx fade 3600\n/graph/disconnect tone out\n]"), 3600u * 48000);
    ck_assert_uint_eq(fade_frames("[\n/tx label x\n/graph/disconnect tone out\n]"), 480);
}
END_TEST

/* ---- what is in a bundle and not part of it -------------------------------------------------------------------------- */

START_TEST(queries_in_a_bundle_see_the_graph_after_it)
{
    osc_rig_send(&rig, "[\n"
                       "/graph/list 3\n"
                       "/node/one/gain\n"
                       "/node/two/gain\n"
                       "/graph/add gain three\n"
                       "/node/one/gain -6.0\n"
                       "/graph/get nobody\n"
                       "]");
    ck_assert(strncmp(osc_rig_line(&rig), "/fail 0 #bundle 5 no_such_node \"message 3 of the bundle, /node/two/gain", 70) ==
              0);
    osc_rig_send(&rig, "[\n"
                       "/graph/list 3\n"
                       "/node/one/gain\n"
                       "/graph/add gain three\n"
                       "/node/one/gain -6.0\n"
                       "/graph/get nobody\n"
                       "]");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "[\n"
                         "/done 0 /graph/list 5 one gain three gain\n"
                         "/node/one/gain -6.0\n"
                         "/fail 0 /graph/get 5 no_such_node*\n"
                         "/done 0 #bundle 5 576h 4\n"
                         "]");
    osc_rig_expect(&rig, "");
}
END_TEST

START_TEST(what_a_bundle_asks_is_answered_with_it_under_its_number)
{
    osc_rig_send(&rig, "[\n/tx req 7\n/ping\n/node/one/gain -6.0\n/node/one/gain\n/session/info\n]");
    ck_assert_str_eq(osc_rig_line(&rig), "");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "[\n"
                         "/done 7 /ping\n"
                         "/done 7 /node/one/gain -6.0\n"
                         "/done 7 /session/info*\n"
                         "/done 7 #bundle 4 576h 3\n"
                         "]");
    osc_rig_expect(&rig, "");
}
END_TEST

START_TEST(answers_that_do_not_fit_one_datagram_come_in_several)
{
    char line[100];
    for (unsigned i = 0; i < 400; i++) {
        snprintf(line, sizeof line, "/graph/add gain this/is/a/rather_long_name_for_number_%u", i);
        osc_rig_do(&rig, line);
    }
    rig.datagram_max = 18000;
    osc_rig_send(&rig, "[\n/graph/dump\n/graph/list 0 250\n/graph/list 250\n/ping\n]");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 0 /graph/dump 13 too_big *unix socket*");
    osc_rig_expect(&rig, "[\n/done 0 /graph/list 404 *\n]");
    osc_rig_expect(&rig, "[\n/done 0 /graph/list 404 *\n/done 0 /ping\n/done 0 #bundle 4 *\n]");
    osc_rig_expect(&rig, "");
}
END_TEST

START_TEST(bundles_in_a_bundle_are_transactions_of_their_own)
{
    osc_rig_send(&rig, "[\n"
                       "[\n/tx req 2\n/graph/add gain inner\n]\n"
                       "/tx req 1\n"
                       "]");
    ck_assert(
        strstr(osc_rig_line(&rig), "/fail 0 #bundle 1 bad_address \"message 1 of the bundle, /tx: /tx must be the first"));
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 2 #bundle 1 576h 4");
    osc_rig_send(&rig, "[\n"
                       "/tx req 3\n"
                       "/graph/add gain outer\n"
                       "[\n/tx req 4\n/graph/connect outer inner\n[\n/tx req 6\n/graph/remove inner\n]\n]\n"
                       "[\n/tx req 5\n/graph/connect outer nobody\n]\n"
                       "]");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 5 #bundle 5 no_such_node*");
    osc_rig_expect(&rig, "/done 3 #bundle 1 768h 5");
    osc_rig_expect(&rig, "/done 4 #bundle 1 768h 6");
    osc_rig_expect(&rig, "/done 6 #bundle 1 768h 7");
    osc_rig_expect(&rig, "");
}
END_TEST

/* ---- time ------------------------------------------------------------------------------------------------------------ */

static uint64_t ntp_in(int seconds)
{
    return (uint64_t)((int64_t)time(NULL) + seconds + 2208988800) << 32;
}

static const char *ask_at(uint64_t when, const char *lines)
{
    struct bytes packet = {0};
    osc_rig_packet(lines, when, &packet);
    osc_rig_send_packet(&rig, packet.data, packet.n);
    bytes_deinit(&packet);
    osc_rig_run(&rig);
    return osc_rig_line(&rig);
}

START_TEST(a_bundle_of_now_or_of_the_past_is_done_at_once)
{
    ck_assert_str_eq(ask_at(PACKET_TIME_NOW, "[\n/graph/add gain a\n]"), "/done 0 #bundle 1 576h 4");
    ck_assert_int_eq(strncmp(ask_at(ntp_in(-60), "[\n/graph/add gain b\n]"), "/late 0 2", 9), 0);
    osc_rig_expect(&rig, "/done 0 #bundle 1 768h 5");
    ck_assert_str_eq(ask_at(0, "[\n/graph/add gain c\n]"), "/done 0 #bundle 1 960h 6");
}
END_TEST

/* ---- size ------------------------------------------------------------------------------------------------------------ */

START_TEST(a_bundle_of_ten_thousand_messages_is_one_edit_and_can_fail_at_its_last)
{
    struct bytes lines = {0};
    bytes_print(&lines, "[\n/tx req 3\n");
    for (unsigned i = 0; i < 5000; i++)
        bytes_print(&lines, "/graph/add gain n%u\n/graph/connect %s%u n%u\n", i, i ? "n" : "one:out.", i ? i - 1 : 1, i);
    size_t n = lines.n;
    bytes_print(&lines, "/graph/connect n4999 n0\n]");
    bytes_add_byte(&lines, '\0');
    rig.peer = osc_rig_stream(1);
    osc_rig_refuse(&rig, (const char *)lines.data, ERROR_CYCLE, "message 10001 of the bundle, /graph/connect: n4999 to n0",
                   NULL);
    lines.n = n;
    bytes_print(&lines, "]");
    bytes_add_byte(&lines, '\0');
    ck_assert_str_eq(osc_rig_do(&rig, (const char *)lines.data), "/done 3 #bundle 10000 768h 4");
    ck_assert_uint_eq(rig.ctl->model.n_nodes, 5004);
    bytes_deinit(&lines);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_bundle_is_one_edit_with_one_answer,
        each_message_sees_what_the_ones_before_it_have_done,
        an_empty_bundle_is_done_without_a_revision,
        values_alone_make_no_revision,
        sets_of_a_bundle_arrive_at_one_frame,
        a_bundle_with_one_wrong_message_is_undone_whole,
        a_bundle_that_failed_has_not_reached_the_engine,
        tx_gives_the_bundle_a_request_id,
        tx_holds_the_bundle_to_a_revision,
        tx_sets_the_length_of_the_fades,
        queries_in_a_bundle_see_the_graph_after_it,
        what_a_bundle_asks_is_answered_with_it_under_its_number,
        answers_that_do_not_fit_one_datagram_come_in_several,
        bundles_in_a_bundle_are_transactions_of_their_own,
        a_bundle_of_now_or_of_the_past_is_done_at_once,
        a_bundle_of_ten_thousand_messages_is_one_edit_and_can_fail_at_its_last,
    };
    return osc_rig_suite("bundles", open_rig, close_rig, tests, ROWS(tests));
}
