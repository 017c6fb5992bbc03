/* From packets to answers: addresses, request ids, who gets an answer, when, and what becomes of one that does not fit. */
#include <stdio.h>
#include <string.h>

#include "osc/command.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* ---- addresses ------------------------------------------------------------------------------------------------------- */

static const struct wrong {
    const char *line, *says; /* the whole text up to here */
} addresses[] = {
    {"/nonsense", "\"/nonsense\" is neither a command (/describe lists them) nor a value (/node/NAME/PARAM)"},
    {"/", "\"/\" is neither a command"},
    {"/graph", "\"/graph\" is neither a command"},
    {"/node", "\"/node\" is neither a command"},
    {"/graph/ad osc x", "there is no command \"/graph/ad\"; did you mean /graph/add? usage: /graph/add type:s name:s ..."},
    {"/graph/add/ osc x", "there is no command \"/graph/add/\"; did you mean /graph/add"},
    {"/Graph/Add osc x", "there is no command \"/Graph/Add\"; did you mean /graph/add"},
    {"/graph/conect in out",
     "there is no command \"/graph/conect\"; did you mean /graph/connect? usage: /graph/connect from:s to:s "},
    {"/help", "/help is /describe here: alone it lists the commands"},
    {"/transport/backwards", "\"/transport/backwards\" is neither a command (/describe lists them) nor a value "
                             "(/node/NAME/PARAM); /transport has play, stop, locate, "},
    {"/pong", "there is no command \"/pong\"; did you mean /ping?"},
    {"/tx fade 0.0", "/tx is the first message of a bundle and does nothing outside of one"},
    {"/req/x/ping", "\"/req/x/ping\" is no request with an id: write /req/N/ADDRESS, N from -2147483648 to 2147483647"},
    {"/req//ping", "\"/req//ping\" is no request with an id"},
    {"/req/5", "\"/req/5\" is no request with an id"},
    {"/req/2147483648/ping", "\"/req/2147483648/ping\" is no request with an id"},
    {"/req/99999999999999999999/ping", "\"/req/99999999999999999999/ping\" is no request with an id"},
    {"/req/5/req/6/ping", "\"/req/6/ping\" is no request with an id"},
    {"/req/5/nonsense", "\"/nonsense\" is neither a command"},
};

START_TEST(an_address_that_nobody_has_is_refused_with_what_may_have_been_meant)
{
    for (unsigned i = 0; i < ROWS(addresses); i++) {
        const char *text = osc_rig_refuse(&rig, addresses[i].line, ERROR_BAD_ADDRESS, addresses[i].says, NULL);
        ck_assert_msg(strncmp(text, addresses[i].says, strlen(addresses[i].says)) == 0, "%s: %s", addresses[i].line, text);
    }
}
END_TEST

START_TEST(more_arguments_than_any_command_takes_are_refused)
{
    char line[4000] = "/graph/add osc x";
    for (unsigned i = 0; i < 511; i++)
        strcat(line, " f");
    osc_rig_refuse(&rig, line, ERROR_TOO_BIG, "513 arguments in one message, 512 are the most", NULL);
    memcpy(line, "/node/in/g", 10);
    osc_rig_refuse(&rig, line, ERROR_TOO_BIG, "512 are the most", NULL);
}
END_TEST

/* ---- request ids ----------------------------------------------------------------------------------------------------- */

START_TEST(an_answer_carries_the_id_of_its_request)
{
    ck_assert_str_eq(osc_rig_do(&rig, "/ping"), "/done 0 /ping");
    ck_assert_str_eq(osc_rig_do(&rig, "/req/1/ping"), "/done 1 /ping");
    ck_assert_str_eq(osc_rig_do(&rig, "/req/2147483647/ping"), "/done 2147483647 /ping");
    ck_assert_str_eq(osc_rig_do(&rig, "/req/-2147483648/ping"), "/done -2147483648 /ping");
    ck_assert(strncmp(osc_rig_do(&rig, "/req/77/graph/add osc a"), "/done 77 /graph/add ", 20) == 0);
    osc_rig_refuse(&rig, "/req/78/graph/add osc a", ERROR_NAME_TAKEN, NULL);
}
END_TEST

/* ---- when and to whom ------------------------------------------------------------------------------------------------ */

START_TEST(an_edit_is_answered_when_the_engine_has_taken_it)
{
    osc_rig_send(&rig, "/graph/add osc a");
    osc_rig_expect(&rig, "");
    ctl_poll(rig.ctl);
    osc_rig_expect(&rig, "");
    engine_cycle_rt(rig.ctl->engine, &(struct cycle){.n_frames = 64});
    osc_rig_expect(&rig, "");
    ctl_poll(rig.ctl);
    osc_rig_expect(&rig, "/done 0 /graph/add 0h 1");
}
END_TEST

START_TEST(an_answer_tells_the_frame_and_the_revision_of_its_edit)
{
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/add osc a"), "/done 0 /graph/add 0h 1");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/connect a out"), "/done 0 /graph/connect 192h 2");
    osc_rig_refuse(&rig, "/graph/add osc a", ERROR_NAME_TAKEN, NULL);
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/remove a"), "/done 0 /graph/remove 576h 3");
}
END_TEST

START_TEST(edits_that_arrive_together_share_a_frame_and_keep_their_answers)
{
    osc_rig_send(&rig, "/req/1/graph/add osc a");
    osc_rig_send(&rig, "/req/2/graph/add osc a");
    osc_rig_send(&rig, "/req/3/graph/connect a out");
    osc_rig_expect(&rig, "/fail 2 /graph/add 9 name_taken *");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 1 /graph/add 0h 1");
    osc_rig_expect(&rig, "/done 3 /graph/connect 0h 2");
    osc_rig_expect(&rig, "");
}
END_TEST

START_TEST(an_answer_goes_to_whoever_asked)
{
    struct peer peers[] = {osc_rig_datagram(9001), osc_rig_stream(1), osc_rig_datagram(9002), osc_rig_stream(2)};
    static const char *const lines[] = {"/ping", "/graph/add osc a", "/nonsense", "/req/4/node/in"};
    for (unsigned i = 0; i < ROWS(peers); i++)
        for (unsigned k = 0; k < ROWS(lines); k++) {
            rig.peer = peers[(i + k) % ROWS(peers)];
            osc_rig_send(&rig, lines[k]);
            rig.peer = peers[(i + k + 1) % ROWS(peers)];
            osc_rig_run(&rig);
            const struct osc_rig_answer *answer = osc_rig_answer(&rig);
            ck_assert(answer && peer_equal(&answer->peer, &peers[(i + k) % ROWS(peers)]));
            osc_rig_expect(&rig, "");
        }
}
END_TEST

START_TEST(what_is_under_way_when_the_engine_ends_is_answered_cancelled)
{
    osc_rig_send(&rig, "/req/6/graph/add osc a");
    ctl_free(rig.ctl);
    osc_rig_expect(&rig, "/fail 6 /graph/add 17 cancelled *");
    osc_rig_expect(&rig, "");
    rig.ctl = ctl_new(OSC_RIG_RATE_HZ, NULL);
}
END_TEST

START_TEST(a_sync_is_answered_behind_all_that_came_before_it)
{
    osc_rig_send(&rig, "/graph/add osc a");
    osc_rig_send(&rig, "/node/a/freq 500.0");
    osc_rig_send(&rig, "/sync 12");
    osc_rig_send(&rig, "/sync");
    osc_rig_send(&rig, "/req/3/sync 13");
    osc_rig_expect(&rig, "");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /graph/add 0h 1");
    osc_rig_expect(&rig, "/synced 12 0h");
    osc_rig_expect(&rig, "/synced 0 0h");
    osc_rig_expect(&rig, "/synced 13 0h");
    osc_rig_expect(&rig, "/done 3 /sync");
    osc_rig_expect(&rig, "");
    ck_assert_uint_eq(rig.ctl->revision, 1);
}
END_TEST

START_TEST(failures_go_to_the_log_as_well)
{
    osc_rig_refuse(&rig, "/req/5/graph/remove nobody", ERROR_NO_SUCH_NODE, NULL);
    ck_assert_uint_eq(rig.n_log, 1);
    ck_assert_str_eq(rig.log[0],
                     "warning: /graph/remove: no_such_node: no node is named \"nobody\"; /graph/list names them all");
    ck_assert_str_eq(
        osc_rig_do(&rig, "/log/tail 1"),
        "/done 0 /log/tail \"warning: /graph/remove: no_such_node: no node is named \\\"nobody\\\"; /graph/list names "
        "them all\"");
}
END_TEST

/* ---- answers that do not fit ----------------------------------------------------------------------------------------- */

static void add_many(unsigned n)
{
    char line[128];
    for (unsigned i = 0; i < n; i++) {
        snprintf(line, sizeof line, "/graph/add gain a_name_that_takes_its_space_in_every_list_%04u", i);
        osc_rig_send(&rig, line);
    }
    osc_rig_run(&rig);
    rig.n_read = rig.n_answers;
}

START_TEST(an_answer_too_big_for_a_datagram_is_refused_with_the_ways_that_remain)
{
    add_many(1500);
    osc_rig_refuse(&rig, "/graph/list", ERROR_TOO_BIG, "does not fit a datagram", "[offset] [count]", "unix socket", NULL);
    osc_rig_refuse(&rig, "/req/4/graph/dump", ERROR_TOO_BIG, "does not fit a datagram", "unix socket", NULL);
    ck_assert(strncmp(osc_rig_do(&rig, "/graph/list 0 1000"), "/done 0 /graph/list 1502 in input out ", 38) == 0);
    rig.peer = osc_rig_stream(1);
    ck_assert_uint_gt(strlen(osc_rig_do(&rig, "/graph/list")), 65507);
    osc_rig_do(&rig, "/graph/dump");
}
END_TEST

START_TEST(an_answer_too_big_for_a_connection_is_refused_too)
{
    add_many(100);
    rig.peer = osc_rig_stream(1);
    rig.stream_max = 4000;
    const char *text = osc_rig_refuse(&rig, "/graph/list", ERROR_TOO_BIG, "does not fit a frame", "[offset] [count]", NULL);
    ck_assert_ptr_null(strstr(text, "socket"));
}
END_TEST

START_TEST(a_value_too_big_for_a_datagram_is_refused_at_its_address)
{
    char path[3000], line[3100];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    snprintf(line, sizeof line, "/graph/add player tape file %s", path);
    osc_rig_send(&rig, line);
    osc_rig_load(&rig, path);
    osc_rig_run(&rig);
    rig.n_read = rig.n_answers;
    rig.datagram_max = 1500;
    osc_rig_refuse(&rig, "/node/tape/file", ERROR_TOO_BIG, "does not fit a datagram", NULL);
    osc_rig_refuse(&rig, "/req/5/node/tape", ERROR_TOO_BIG, "does not fit a datagram", NULL);
}
END_TEST

/* ---- hostile requests ------------------------------------------------------------------------------------------------ */

START_TEST(a_file_name_of_any_kind_reaches_the_host_as_it_is_and_is_answered)
{
    static char longest[4001];
    const char *const names[] = {"../up", "/etc/passwd", "%n%s%n", "a\nb\033[31m", "\xff\xfe", "\\..\\", "~", " ", longest};
    memset(longest, 'x', sizeof longest - 1);
    for (unsigned i = 0; i < ROWS(names); i++) {
        const char *const args[] = {"player", "p", "file", names[i]};
        struct bytes packet = {0};
        struct writer writer;
        writer_init(&writer);
        for (unsigned k = 0; k < ROWS(args); k++)
            writer_string(&writer, args[k]);
        writer_end(&writer, "/graph/add", &packet);
        osc_rig_send_packet(&rig, packet.data, packet.n);
        ck_assert_str_eq(rig.loads[0].path, names[i]);
        osc_rig_load_fails(&rig, names[i], ERROR_DENIED);
        osc_rig_expect(&rig, "/fail 0 /graph/add 12 denied *");
        bytes_deinit(&packet);
    }
}
END_TEST

START_TEST(what_waits_is_bounded_in_bytes_too)
{
    static uint8_t blob[12 << 20];
    struct bytes packet = {0};
    struct writer writer;
    writer_init(&writer);
    writer_blob(&writer, blob, sizeof blob);
    writer_end(&writer, "/req/3/node/p/gain", &packet);
    osc_rig_send(&rig, "/graph/add player p file a.wav");
    for (unsigned i = 0; i < 5; i++)
        osc_rig_send_packet(&rig, packet.data, packet.n);
    osc_rig_expect(&rig, "");
    osc_rig_send_packet(&rig, packet.data, packet.n);
    osc_rig_expect(&rig, "/fail 3 /node/p/gain 13 too_big \"6 requests wait for files already*");
    osc_rig_load_fails(&rig, "a.wav", ERROR_NO_FILE);
    osc_rig_expect(&rig, "/fail 0 /graph/add 18 no_file *");
    for (unsigned i = 0; i < 5; i++)
        osc_rig_expect(&rig, "/fail 3 /node/p/gain 5 no_such_node *");
    osc_rig_expect(&rig, "");
    bytes_deinit(&packet);
}
END_TEST

START_TEST(whatever_follows_whatever_each_request_is_answered_once)
{
    static const char *const lines[] = {
        "/graph/add osc a",  "/graph/add gain b channels 1",    "/graph/connect a b",         "/graph/connect b out",
        "/node/b/gain -3.0", "/graph/disconnect a b",           "/graph/connect a b gain -6", "/graph/remove b",
        "/graph/remove a",   "/graph/connect a b:gain depth 1", "/graph/connect in b",        "/graph/list",
    };
    uint32_t random = 1;
    unsigned n = 3000;
    for (unsigned i = 0; i < n; i++) {
        random = random * 1664525 + 1013904223;
        osc_rig_send(&rig, lines[(random >> 16) % ROWS(lines)]);
        if (random >> 28 == 0)
            osc_rig_run(&rig);
    }
    osc_rig_run(&rig);
    ck_assert_uint_eq(rig.n_answers + rig.server->counters.values, n);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_address_that_nobody_has_is_refused_with_what_may_have_been_meant,
        more_arguments_than_any_command_takes_are_refused,
        an_answer_carries_the_id_of_its_request,
        an_edit_is_answered_when_the_engine_has_taken_it,
        an_answer_tells_the_frame_and_the_revision_of_its_edit,
        edits_that_arrive_together_share_a_frame_and_keep_their_answers,
        an_answer_goes_to_whoever_asked,
        what_is_under_way_when_the_engine_ends_is_answered_cancelled,
        a_sync_is_answered_behind_all_that_came_before_it,
        failures_go_to_the_log_as_well,
        an_answer_too_big_for_a_datagram_is_refused_with_the_ways_that_remain,
        an_answer_too_big_for_a_connection_is_refused_too,
        a_value_too_big_for_a_datagram_is_refused_at_its_address,
        a_file_name_of_any_kind_reaches_the_host_as_it_is_and_is_answered,
        what_waits_is_bounded_in_bytes_too,
        whatever_follows_whatever_each_request_is_answered_once,
    };
    return osc_rig_suite("dispatch", open_rig, close_rig, tests, ROWS(tests));
}
