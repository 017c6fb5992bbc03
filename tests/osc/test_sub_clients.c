/* Who subscribes: how long, to where, how many, and what becomes of those who do not keep up. */
#include <stdio.h>
#include <string.h>

#include "tests/sub_rig.h"

static struct sub_rig rig;
static struct peer fader, other, shell;

static void setup(void)
{
    sub_rig_open(&rig);
    fader = osc_rig_datagram(9001);
    other = osc_rig_datagram(9002);
    shell = osc_rig_stream(3);
    sub_rig_say(&rig, &shell, "/graph/add osc tone freq 220");
    sub_rig_pass(&rig, 20);
    sub_rig_skip(&rig, &shell);
}

static void teardown(void)
{
    sub_rig_close(&rig);
}

/* Whether a change reaches the client. */
static bool hears(const struct peer *peer)
{
    static double freq = 1000;
    char line[64];
    sub_rig_skip(&rig, peer);
    snprintf(line, sizeof line, "/node/tone/freq %.1f", ++freq);
    sub_rig_say(&rig, &other, line);
    sub_rig_pass(&rig, 50);
    return strcmp(sub_rig_line(&rig, peer), line) == 0;
}

static void refused(const struct peer *peer, const char *line, const char *symbol, const char *word)
{
    sub_rig_say(&rig, peer, line);
    const char *answer = sub_rig_line(&rig, peer);
    ck_assert_msg(strncmp(answer, "/fail ", 6) == 0 && strstr(answer, symbol) && strstr(answer, word), "%s: %s", line,
                  answer);
}

/* ---- leases --------------------------------------------------------------------------------------------------------- */

START_TEST(a_lease_ends_when_nothing_more_is_heard_of_the_client)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\"");
    sub_rig_pass(&rig, 29000);
    ck_assert(hears(&fader));
    sub_rig_pass(&rig, 1500);
    ck_assert(!hears(&fader));
    ck_assert_uint_eq(rig.osc.server->subs.n + rig.osc.server->subs.n_clients, 0);
}
END_TEST

START_TEST(a_lease_is_as_long_as_was_asked_for)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\" lease 5");
    sub_rig_pass(&rig, 4000);
    ck_assert(hears(&fader));
    sub_rig_pass(&rig, 2000);
    ck_assert(!hears(&fader));
}
END_TEST

START_TEST(any_message_of_the_client_renews_its_leases)
{
    static const char *const messages[] = {
        "/renew", "/renew 1", "/ping", "/node/tone/freq", "/graph/remove zebra", "/node/tone/freq 300"};
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\" lease 2");
    for (unsigned i = 0; i < ROWS(messages); i++) {
        sub_rig_pass(&rig, 1500);
        sub_rig_say(&rig, &fader, messages[i]);
    }
    sub_rig_pass(&rig, 1500);
    ck_assert(hears(&fader));
}
END_TEST

START_TEST(a_subscription_over_a_connection_ends_with_it)
{
    sub_rig_subscribe(&rig, &shell, "/sub \"/node/tone/freq\"");
    sub_rig_pass(&rig, 100000);
    ck_assert(hears(&shell));
    subs_closed(rig.osc.server, &shell);
    ck_assert(!hears(&shell));
    ck_assert_ptr_null(rig.osc.server->subs.clients);
}
END_TEST

START_TEST(asking_again_is_the_same_subscription)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\"");
    sub_rig_say(&rig, &fader, "/sub \"/node/tone/freq\" max_hz 10");
    sub_rig_hears(&rig, &fader, "/done 0 /sub 1");
    sub_rig_pass(&rig, 20);
    sub_rig_hears(&rig, &fader, "/node/tone/freq 220.0");
    sub_rig_hears(&rig, &fader, "/sub/snapshot 1 1");
    ck_assert_uint_eq(rig.osc.server->subs.n, 1);
}
END_TEST

START_TEST(unsub_ends_one_by_its_number_or_its_pattern)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\"");
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/t*/freq\"");
    sub_rig_subscribe(&rig, &other, "/sub \"/node/tone/freq\"");
    refused(&fader, "/unsub 3", "no_match", "3"); /* somebody else's */
    refused(&fader, "/unsub \"/node/*\"", "no_match", "/node/*");
    sub_rig_say(&rig, &fader, "/unsub 2");
    sub_rig_hears(&rig, &fader, "/done 0 /unsub 1");
    sub_rig_say(&rig, &fader, "/unsub \"/node/tone/freq\"");
    sub_rig_hears(&rig, &fader, "/done 0 /unsub 1");
    ck_assert(!hears(&fader));
    refused(&fader, "/resync 1", "no_match", "1");
    refused(&fader, "/renew 1", "no_match", "1");
    ck_assert_uint_eq(rig.osc.server->subs.n, 1);
}
END_TEST

/* ---- other places ---------------------------------------------------------------------------------------------------- */

START_TEST(updates_go_to_another_port_of_the_host_when_asked)
{
    struct peer listener = osc_rig_datagram(9555);
    sub_rig_say(&rig, &fader, "/sub \"/node/tone/freq\" to 9555");
    sub_rig_hears(&rig, &fader, "/done 0 /sub 1");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &fader, "");
    sub_rig_hears(&rig, &listener, "/node/tone/freq 220.0");
    ck_assert(hears(&listener));
    sub_rig_say(&rig, &fader, "/node/tone/freq 700");
    sub_rig_pass(&rig, 2000);
    sub_rig_skip(&rig, &listener);
    sub_rig_say(&rig, &fader, "/node/tone/freq 800"); /* it has set it, wherever it listens */
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &listener, "");
    refused(&shell, "/sub \"/node/tone/freq\" to 9555", "unsupported", "9555");
}
END_TEST

/* ---- refusals ------------------------------------------------------------------------------------------------------- */

START_TEST(what_cannot_be_subscribed_to_is_told_with_what_can)
{
    refused(&fader, "/sub \"/nodes/*\"", "no_match", "/node/NAME/PARAM");
    refused(&fader, "/sub \"/node/tone\"", "no_match", "/node/NAME/PARAM");
    refused(&fader, "/sub \"/transport/play\"", "no_match", "/transport/position");
    refused(&fader, "/sub \"/node/[a/freq\"", "bad_address", "byte 6");
    refused(&fader, "/sub \"node/*\"", "bad_address", "'/'");
    refused(&fader, "/sub \"/node/tone/freq\" max_hz 0", "range", "max_hz");
    refused(&fader, "/sub \"/node/tone/freq\" max_hz 1000", "range", "0.01 to 100 Hz");
    refused(&fader, "/sub \"/node/tone/freq\" lease 100000", "range", "1 to 3600 s");
    refused(&fader, "/sub \"/node/tone/freq\" to 70000", "range", "65535");
    refused(&fader, "/sub 5", "bad_type", "pattern");
    refused(&fader, "/unsub 0.5", "bad_value", "name or a whole number");
    ck_assert_uint_eq(rig.osc.server->subs.n, 0);
    ck_assert_ptr_null(rig.osc.server->subs.clients);
}
END_TEST

START_TEST(there_is_a_bound_to_subscriptions_of_one_client_and_to_clients)
{
    char line[64];
    for (unsigned i = 0; i < rig.osc.ctl->limits.most[LIMIT_SUBSCRIPTIONS]; i++) {
        snprintf(line, sizeof line, "/sub \"/node/n%u/*\"", i);
        sub_rig_subscribe(&rig, &fader, line);
    }
    refused(&fader, "/sub \"/node/tone/freq\"", "too_big", "64");
    for (unsigned i = 1; i < SUB_CLIENTS_MAX; i++) {
        struct peer peer = osc_rig_datagram((uint16_t)(10000 + i));
        sub_rig_subscribe(&rig, &peer, "/sub \"/node/tone/freq\"");
    }
    refused(&other, "/sub \"/node/tone/freq\"", "too_big", "256");
    struct peer last = osc_rig_datagram(10000 + SUB_CLIENTS_MAX - 1);
    ck_assert(hears(&last));
}
END_TEST

/* ---- slow clients ---------------------------------------------------------------------------------------------------- */

START_TEST(a_client_that_stalls_hears_less_and_nobody_else_notices)
{
    struct peer slow = osc_rig_stream(7);
    sub_rig_subscribe(&rig, &slow, "/sub \"/node/tone/freq\"");
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\"");
    rig.stalled = &slow;
    for (unsigned i = 0; i < 10; i++)
        ck_assert(hears(&fader));
    sub_rig_hears(&rig, &slow, "");
    ck_assert_uint_ge(rig.osc.server->subs.n_skipped, 10);
    rig.stalled = NULL;
    sub_rig_pass(&rig, 50);
    ck_assert_uint_eq(sub_rig_skip(&rig, &slow), 1); /* what it is by now */
    ck_assert_str_eq(sub_rig_last(&rig, &slow, "/node/tone/freq"), sub_rig_last(&rig, &fader, "/node/tone/freq"));
}
END_TEST

START_TEST(a_large_snapshot_does_not_keep_others_waiting)
{
    char line[64];
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(line, sizeof line, "/graph/add filter f%u", i);
        sub_rig_say(&rig, &shell, line);
    }
    sub_rig_pass(&rig, 500);
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\"");
    sub_rig_say(&rig, &shell, "/sub \"/node/*/*\"");
    sub_rig_say(&rig, &other, "/node/tone/freq 777.0");
    sub_rig_pass(&rig, 40);
    ck_assert_str_eq(sub_rig_last(&rig, &shell, "/sub/snapshot"), "");
    sub_rig_hears(&rig, &fader, "/node/tone/freq 777.0");
    sub_rig_say(&rig, &other, "/node/f0/cutoff 501"); /* which has been told of, and which has not */
    sub_rig_say(&rig, &other, "/node/f2999/cutoff 502");
    for (unsigned i = 0; i < 50 && !*sub_rig_last(&rig, &shell, "/sub/snapshot"); i++)
        sub_rig_pass(&rig, 10);
    ck_assert_str_eq(sub_rig_last(&rig, &shell, "/node/f0/cutoff"), "/node/f0/cutoff 501.0");
    ck_assert_str_eq(sub_rig_last(&rig, &shell, "/node/f2999/cutoff"), "/node/f2999/cutoff 502.0");
    ck_assert_str_eq(sub_rig_last(&rig, &shell, "/node/f1500/cutoff"), "/node/f1500/cutoff 1000.0");
}
END_TEST

/* ---- what is measured ------------------------------------------------------------------------------------------------ */

START_TEST(levels_and_readings_are_told_while_somebody_wants_them)
{
    sub_rig_say(&rig, &shell, "/graph/connect tone out");
    sub_rig_pass(&rig, 100);
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/*/peak\"");
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/out/*\"");
    sub_rig_pass(&rig, 500);
    double peak = 0;
    ck_assert_int_eq(sscanf(sub_rig_last(&rig, &fader, "/node/tone/out/peak"), "/node/tone/out/peak %lf", &peak), 1);
    ck_assert_double_gt(peak, -60);
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/node/tone/out/rms"), "");
    ck_assert_str_ne(sub_rig_last(&rig, &fader, "/node/out/clipped"), "");
    ck_assert_uint_gt(rig.osc.server->subs.measured.n, 0);
    sub_rig_say(&rig, &fader, "/unsub 1");
    sub_rig_say(&rig, &fader, "/unsub 2");
    sub_rig_skip(&rig, &fader);
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\"");
    sub_rig_pass(&rig, 200);
    ck_assert_uint_eq(rig.osc.server->subs.measured.n, 0);
}
END_TEST

START_TEST(nodes_may_come_and_go_while_they_are_measured)
{
    char line[64];
    uint32_t seed = 3;
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/*/*\" max_hz 100 lease 1000");
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/*\" max_hz 100 lease 1000");
    for (unsigned i = 0; i < 600; i++) {
        seed = seed * 1664525u + 1013904223u;
        snprintf(line, sizeof line, seed >> 20 & 1 ? "/graph/add filter m%u" : "/graph/remove m%u", seed >> 24 & 15);
        sub_rig_say(&rig, &shell, line);
        if (seed >> 10 & 1)
            sub_rig_pass(&rig, 10 * (1 + (seed >> 12 & 7)));
        if (i == 300)
            sub_rig_say(&rig, &fader, "/unsub 1");
    }
    ck_assert_uint_gt(sub_rig_skip(&rig, &fader), 100);
}
END_TEST

START_TEST(the_position_is_told_while_it_moves_and_stats_by_their_names)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/transport/position\" max_hz 10");
    sub_rig_subscribe(&rig, &fader, "/sub \"/stats/{nodes,xruns}\"");
    sub_rig_pass(&rig, 1000);
    sub_rig_hears(&rig, &fader, "");
    sub_rig_say(&rig, &shell, "/transport/play");
    sub_rig_say(&rig, &shell, "/graph/add gain g");
    sub_rig_pass(&rig, 1000);
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/stats/nodes"), "/stats/nodes 4h");
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/stats/xruns"), "/stats/xruns 0h");
    unsigned n = sub_rig_skip(&rig, &fader);
    ck_assert_msg(n >= 10 && n <= 12, "%u updates in a second", n);
}
END_TEST

START_TEST(no_sequence_of_requests_ends_badly)
{
    static const char *const forms[] = {"/sub \"%s\"",         "/sub \"%s\" max_hz 100",
                                        "/sub \"%s\" to 9777", "/sub \"%s\" lease 1",
                                        "/unsub \"%s\"",       "/unsub 3",
                                        "/resync 2",           "/renew",
                                        "/node/tone/freq 500"};
    static const char letters[] = "/node*?[]{},-tonefreq";
    char pattern[24], line[100];
    uint32_t seed = 17;
    for (unsigned i = 0; i < 3000; i++) {
        unsigned n = 0;
        for (seed = seed * 1664525u + 1013904223u; n < (seed >> 27) % 20; n++)
            pattern[n] = letters[(seed = seed * 1664525u + 1013904223u) >> 8 & 15];
        pattern[n] = 0;
        const char *chosen = seed >> 13 & 1 ? pattern : seed >> 14 & 1 ? "/node/*/*" : "/*/*";
        seed = seed * 1664525u + 1013904223u;
        snprintf(line, sizeof line, forms[(seed >> 16) % ROWS(forms)], chosen);
        struct peer peer = seed >> 9 & 1 ? fader : shell;
        sub_rig_say(&rig, &peer, line);
        if ((seed >> 5 & 7) == 0)
            sub_rig_pass(&rig, 100);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_lease_ends_when_nothing_more_is_heard_of_the_client,
                                  a_lease_is_as_long_as_was_asked_for,
                                  any_message_of_the_client_renews_its_leases,
                                  a_subscription_over_a_connection_ends_with_it,
                                  asking_again_is_the_same_subscription,
                                  unsub_ends_one_by_its_number_or_its_pattern,
                                  updates_go_to_another_port_of_the_host_when_asked,
                                  what_cannot_be_subscribed_to_is_told_with_what_can,
                                  there_is_a_bound_to_subscriptions_of_one_client_and_to_clients,
                                  a_client_that_stalls_hears_less_and_nobody_else_notices,
                                  a_large_snapshot_does_not_keep_others_waiting,
                                  levels_and_readings_are_told_while_somebody_wants_them,
                                  nodes_may_come_and_go_while_they_are_measured,
                                  the_position_is_told_while_it_moves_and_stats_by_their_names,
                                  no_sequence_of_requests_ends_badly};
    return osc_rig_suite("sub clients", setup, teardown, tests, ROWS(tests));
}
