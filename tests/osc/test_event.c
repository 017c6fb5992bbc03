/* Events: told once, to whoever subscribed to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sub_rig.h"

static struct sub_rig rig;
static struct peer client, shell;

static void setup(void)
{
    sub_rig_open(&rig);
    client = osc_rig_datagram(9001);
    shell = osc_rig_stream(3);
    sub_rig_pass(&rig, 20); /* the engine takes the first nodes in */
}

static void teardown(void)
{
    sub_rig_close(&rig);
}

static void subscribe(const char *line)
{
    sub_rig_say(&rig, &client, line);
    ck_assert_msg(strncmp(sub_rig_line(&rig, &client), "/done 0 /sub ", 13) == 0, "%s", line);
    sub_rig_pass(&rig, 100);
    ck_assert_uint_eq(sub_rig_skip(&rig, &client), 1); /* a snapshot of nothing */
}

START_TEST(an_edit_is_told_with_its_revision_and_what_it_did)
{
    subscribe("/sub \"/event/graph\"");
    sub_rig_say(&rig, &shell, "[\n/graph/add osc tone\n/graph/add gain g\n/graph/connect tone g\n/graph/connect g out\n]");
    sub_rig_pass(&rig, 50);
    const char *line = sub_rig_line(&rig, &client);
    ck_assert_msg(strncmp(line, "/event/graph 1 ", 15) == 0 && strstr(line, "h 2 0 2 0 0"), "%s", line);
    sub_rig_say(&rig, &shell, "/graph/connect tone g gain -6");
    sub_rig_say(&rig, &shell, "/graph/remove g");
    sub_rig_pass(&rig, 50);
    line = sub_rig_line(&rig, &client);
    ck_assert_msg(strncmp(line, "/event/graph 2 ", 15) == 0 && strstr(line, "h 0 0 0 0 1"), "%s", line);
    line = sub_rig_line(&rig, &client);
    ck_assert_msg(strncmp(line, "/event/graph 3 ", 15) == 0 && strstr(line, "h 0 1 0 2 0"), "%s", line);
    sub_rig_hears(&rig, &client, "");
}
END_TEST

START_TEST(what_is_refused_and_what_only_sets_values_is_no_edit)
{
    sub_rig_say(&rig, &shell, "/graph/add osc tone");
    sub_rig_pass(&rig, 50);
    subscribe("/sub \"/event/*\"");
    sub_rig_say(&rig, &shell, "/graph/remove zebra");
    sub_rig_say(&rig, &shell, "/node/tone/freq 300");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &client, "");
}
END_TEST

START_TEST(the_transport_is_told_when_it_starts_and_goes_elsewhere)
{
    subscribe("/sub \"/event/transport\"");
    sub_rig_say(&rig, &shell, "/transport/locate 2.0");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &client, "/event/transport F 96000h 2.0d 2:1:0");
    sub_rig_say(&rig, &shell, "/transport/play");
    sub_rig_pass(&rig, 50);
    ck_assert(strncmp(sub_rig_line(&rig, &client), "/event/transport T 96", 21) == 0);
    sub_rig_hears(&rig, &client, "");
}
END_TEST

START_TEST(an_xrun_is_told_with_how_many_there_were)
{
    subscribe("/sub \"/event/xrun\"");
    atomic_fetch_add(&rig.osc.ctl->engine->stats.xruns, 2);
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &client, "/event/xrun 2h 0h");
    sub_rig_say(&rig, &shell, "/stats/reset");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &client, "");
    atomic_fetch_add(&rig.osc.ctl->engine->stats.xruns, 1);
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &client, "/event/xrun 1h 0h");
}
END_TEST

START_TEST(a_node_that_gives_no_numbers_is_named)
{
    sub_rig_say(&rig, &shell, "/graph/add osc tone");
    sub_rig_pass(&rig, 50);
    subscribe("/sub \"/event/fault\"");
    struct watch_note note = {.kind = WATCH_FAULT, .frame = 77};
    note.first = note.last = model_find(&rig.osc.ctl->model, "tone")->sequence;
    ck_assert(ring_push(&rig.osc.ctl->engine->notes, &note));
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &client, "/event/fault fault tone 77h");
}
END_TEST

START_TEST(sessions_are_told_when_they_are_opened_and_saved)
{
    static const char text[] = "# dawd session 1\n/graph/add osc tone freq 990.0\n# end\n";
    subscribe("/sub \"/event/session\"");
    sub_rig_say(&rig, &shell, "/session/load song.dawd");
    osc_rig_read(&rig.osc, "song.dawd", text, sizeof text - 1);
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &client, "/event/session opened song.dawd");
    sub_rig_say(&rig, &shell, "/session/save other.dawd");
    free(osc_rig_saved(&rig.osc, "other.dawd"));
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &client, "/event/session saved other.dawd");
    sub_rig_say(&rig, &shell, "/session/new");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &client, "/event/session opened \"\"");
}
END_TEST

START_TEST(the_log_is_told_from_the_subscription_on)
{
    sub_rig_say(&rig, &shell, "/graph/remove before");
    subscribe("/sub \"/log\"");
    sub_rig_say(&rig, &shell, "/graph/remove zebra");
    sub_rig_pass(&rig, 50);
    const char *line = sub_rig_line(&rig, &client);
    ck_assert_msg(strncmp(line, "/log warning \"/graph/remove: no_such_node", 41) == 0, "%s", line);
    sub_rig_hears(&rig, &client, "");
}
END_TEST

START_TEST(a_flood_of_log_lines_is_bounded_and_counted)
{
    char line[64];
    subscribe("/sub \"/log\"");
    for (unsigned i = 0; i < 500; i++) {
        snprintf(line, sizeof line, "/graph/remove z%u", i);
        sub_rig_say(&rig, &shell, line);
        if (i % 4 == 0)
            sub_rig_pass(&rig, 10);
    }
    sub_rig_pass(&rig, 1000);
    unsigned n = 0, n_suppressed = 0, suppressed;
    for (const char *heard = sub_rig_line(&rig, &client); *heard; heard = sub_rig_line(&rig, &client)) {
        bool is_count = sscanf(heard, "/log warning \"%u lines were suppressed", &suppressed) == 1;
        n += !is_count;
        n_suppressed += is_count ? suppressed : 0;
    }
    ck_assert_uint_eq(n + n_suppressed, 500);
    ck_assert_msg(n >= 100 && n <= 240, "%u lines in 2.25 seconds", n);
}
END_TEST

START_TEST(events_that_do_not_fit_leave_a_gap_in_the_numbers)
{
    subscribe("/sub \"/event/*\" max_hz 1");
    sub_rig_say(&rig, &shell, "/graph/add gain g");
    sub_rig_pass(&rig, 1500);
    int32_t n = sub_rig_newest(&rig, &client)->n;
    unsigned n_packets = rig.n_packets;
    for (unsigned i = 0; i < 2000; i++)
        event_send_fault(rig.osc.server, "fault", "a name of some length", i);
    sub_rig_pass(&rig, 1500);
    for (unsigned i = n_packets; i < rig.n_packets; i++)
        n += peer_equal(&rig.packets[i].peer, &client);
    ck_assert_int_eq(sub_rig_newest(&rig, &client)->n, n + 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {an_edit_is_told_with_its_revision_and_what_it_did,
                                  what_is_refused_and_what_only_sets_values_is_no_edit,
                                  the_transport_is_told_when_it_starts_and_goes_elsewhere,
                                  an_xrun_is_told_with_how_many_there_were,
                                  a_node_that_gives_no_numbers_is_named,
                                  sessions_are_told_when_they_are_opened_and_saved,
                                  the_log_is_told_from_the_subscription_on,
                                  a_flood_of_log_lines_is_bounded_and_counted,
                                  events_that_do_not_fit_leave_a_gap_in_the_numbers};
    return osc_rig_suite("event", setup, teardown, tests, ROWS(tests));
}
