/* Subscriptions: what a client hears, and how often. */
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
    sub_rig_say(&rig, &shell, "/graph/add osc voice freq 110");
    sub_rig_pass(&rig, 20);
    sub_rig_skip(&rig, &shell);
}

static void teardown(void)
{
    sub_rig_close(&rig);
}

static void set(const struct peer *peer, const char *address, double value)
{
    char line[200];
    snprintf(line, sizeof line, "%s %.3f", address, value);
    sub_rig_say(&rig, peer, line);
    if (peer->kind == PEER_STREAM) {
        sub_rig_pass(&rig, 10);
        snprintf(line, sizeof line, "/done 0 %s", address);
        sub_rig_hears(&rig, peer, line);
    }
}

/* ---- what is heard -------------------------------------------------------------------------------------------------- */

START_TEST(a_snapshot_comes_first_and_then_changes_only)
{
    sub_rig_say(&rig, &fader, "/sub \"/node/*/freq\"");
    sub_rig_hears(&rig, &fader, "/done 0 /sub 1");
    sub_rig_pass(&rig, 10);
    sub_rig_hears(&rig, &fader, "/node/tone/freq 220.0");
    sub_rig_hears(&rig, &fader, "/node/voice/freq 110.0");
    sub_rig_hears(&rig, &fader, "/sub/snapshot 1 2");
    sub_rig_pass(&rig, 1000);
    sub_rig_hears(&rig, &fader, "");
    set(&other, "/node/voice/freq", 330);
    sub_rig_pass(&rig, 10);
    sub_rig_hears(&rig, &fader, "/node/voice/freq 330.0");
    set(&other, "/node/voice/freq", 330);
    sub_rig_pass(&rig, 1000);
    sub_rig_hears(&rig, &fader, "");
}
END_TEST

START_TEST(every_kind_of_value_is_told_as_it_is_read)
{
    static const char *const addresses[] = {"/node/tone/freq",      "/node/tone/wave",     "/transport/tempo",
                                            "/transport/signature", "/transport/position", "/node/tone/freq/norm"};
    for (unsigned i = 0; i < ROWS(addresses); i++) {
        char line[200];
        const char *read;
        snprintf(line, sizeof line, "/sub %s", addresses[i]);
        sub_rig_say(&rig, &fader, line);
        sub_rig_pass(&rig, 10);
        sub_rig_line(&rig, &fader);
        sub_rig_say(&rig, &other, addresses[i]);
        read = sub_rig_line(&rig, &other);
        ck_assert_msg(strncmp(read, addresses[i], strlen(addresses[i])) == 0, "%s", read);
        sub_rig_hears(&rig, &fader, read);
        sub_rig_skip(&rig, &fader);
    }
}
END_TEST

START_TEST(a_label_is_told_like_a_value)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/label\"");
    sub_rig_say(&rig, &other, "/node/tone/label \"the low one\"");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &fader, "/node/tone/label \"the low one\"");
}
END_TEST

START_TEST(a_bypass_is_told_to_all_but_who_set_it)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/bypass\"");
    sub_rig_subscribe(&rig, &other, "/sub \"/node/*/bypass\"");
    sub_rig_pass(&rig, 2000);
    sub_rig_say(&rig, &other, "/node/tone/bypass T");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &fader, "/node/tone/bypass T");
    sub_rig_hears(&rig, &other, "");
}
END_TEST

START_TEST(nodes_that_come_later_join_in_and_those_that_go_are_heard_of_no_more)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/v*/freq\"");
    sub_rig_say(&rig, &shell, "/graph/remove voice");
    sub_rig_say(&rig, &shell, "/graph/add osc violin freq 660");
    sub_rig_pass(&rig, 100);
    sub_rig_hears(&rig, &fader, "/node/violin/freq 660.0");
    sub_rig_hears(&rig, &fader, "");
    sub_rig_say(&rig, &shell, "/graph/add osc voice freq 55");
    sub_rig_pass(&rig, 100);
    sub_rig_hears(&rig, &fader, "/node/voice/freq 55.0");
}
END_TEST

START_TEST(a_session_that_is_loaded_is_heard_as_the_values_that_it_sets)
{
    static const char text[] = "# dawd session 1\n/transport/tempo 90.0 at 1:1:0\n/graph/add osc tone freq 990.0\n# end\n";
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/freq\"");
    sub_rig_subscribe(&rig, &fader, "/sub \"/transport/tempo\"");
    sub_rig_say(&rig, &shell, "/session/load song.dawd");
    osc_rig_read(&rig.osc, "song.dawd", text, sizeof text - 1);
    sub_rig_pass(&rig, 200);
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/node/tone/freq"), "/node/tone/freq 990.0");
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/transport/tempo"), "/transport/tempo 90.0");
}
END_TEST

START_TEST(what_a_bundle_fails_to_set_is_not_heard)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/freq\"");
    sub_rig_say(&rig, &other, "[\n/node/tone/freq 5000\n/graph/remove zebra\n]");
    sub_rig_pass(&rig, 100);
    sub_rig_hears(&rig, &fader, "");
}
END_TEST

/* ---- how often ------------------------------------------------------------------------------------------------------ */

START_TEST(what_changes_faster_than_max_hz_is_heard_as_what_it_is_at_last)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\" max_hz 5");
    sub_rig_pass(&rig, 1000);
    for (unsigned i = 0; i <= 100; i++) { /* a second */
        set(&other, "/node/tone/freq", 300 + i);
        sub_rig_pass(&rig, 10);
    }
    sub_rig_pass(&rig, 200);
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/node/tone/freq"), "/node/tone/freq 400.0");
    unsigned n = sub_rig_skip(&rig, &fader);
    ck_assert_msg(n >= 6 && n <= 7, "%u updates in 1.2 seconds", n);
}
END_TEST

START_TEST(the_first_change_after_a_rest_is_heard_at_once)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\" max_hz 0.5");
    sub_rig_pass(&rig, 3000);
    set(&other, "/node/tone/freq", 400);
    sub_rig_pass(&rig, 10);
    sub_rig_hears(&rig, &fader, "/node/tone/freq 400.0");
}
END_TEST

START_TEST(what_changes_in_one_tick_comes_in_one_bundle_with_its_time)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/freq\"");
    sub_rig_say(&rig, &other, "[\n/node/tone/freq 300\n/node/voice/freq 301\n]");
    sub_rig_pass(&rig, 50);
    const struct sub_rig_packet *packet = sub_rig_newest(&rig, &fader);
    ck_assert_uint_eq(packet->n_lines, 2);
    ck_assert_uint_gt(packet->time >> 32, 3900000000u); /* of this century */
}
END_TEST

/* ---- numbers -------------------------------------------------------------------------------------------------------- */

START_TEST(packets_are_numbered_so_that_a_gap_shows_and_resync_repairs_it)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/freq\"");
    int32_t n = sub_rig_newest(&rig, &fader)->n;
    ck_assert_int_eq(n, 1);
    set(&other, "/node/tone/freq", 300);
    sub_rig_pass(&rig, 50);
    ck_assert_int_eq(sub_rig_newest(&rig, &fader)->n, 2);
    rig.deaf = &fader;
    set(&other, "/node/tone/freq", 400);
    sub_rig_pass(&rig, 50);
    rig.deaf = NULL;
    set(&other, "/node/voice/freq", 500);
    sub_rig_pass(&rig, 50);
    ck_assert_int_eq(sub_rig_newest(&rig, &fader)->n, 4);
    sub_rig_skip(&rig, &fader);
    sub_rig_say(&rig, &fader, "/resync 1");
    sub_rig_pass(&rig, 50);
    sub_rig_hears(&rig, &fader, "/done 0 /resync");
    sub_rig_hears(&rig, &fader, "/node/tone/freq 400.0");
    sub_rig_hears(&rig, &fader, "/node/voice/freq 500.0");
    sub_rig_hears(&rig, &fader, "/sub/snapshot 1 2");
    ck_assert_int_eq(sub_rig_newest(&rig, &fader)->n, 5);
}
END_TEST

START_TEST(a_large_snapshot_comes_in_several_datagrams_none_of_which_is_long)
{
    char line[64];
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(line, sizeof line, "/graph/add gain g%u gain -%u", i, i % 60);
        sub_rig_say(&rig, &shell, line);
    }
    sub_rig_pass(&rig, 200);
    sub_rig_say(&rig, &fader, "/sub \"/node/g*/gain\"");
    sub_rig_pass(&rig, 200);
    int32_t n = 0;
    for (unsigned i = 0; i < rig.n_packets; i++)
        if (rig.packets[i].sub) {
            ck_assert_uint_le(rig.packets[i].n_bytes, 1400);
            ck_assert_int_eq(rig.packets[i].n, ++n);
        }
    ck_assert_int_gt(n, 40);
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/sub/snapshot"), "/sub/snapshot 1 2000");
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/node/g1999/gain"), "/node/g1999/gain -19.0");
}
END_TEST

/* ---- who need not be told -------------------------------------------------------------------------------------------- */

START_TEST(who_sets_a_value_gets_no_echo_and_all_others_hear_it)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/freq\"");
    sub_rig_subscribe(&rig, &other, "/sub \"/node/*/freq\"");
    sub_rig_pass(&rig, 2000);
    set(&fader, "/node/tone/freq", 400);
    sub_rig_pass(&rig, 100);
    sub_rig_hears(&rig, &fader, "");
    sub_rig_hears(&rig, &other, "/node/tone/freq 400.0");
}
END_TEST

START_TEST(a_value_that_became_another_one_is_told_to_who_set_it)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/*/*\"");
    sub_rig_pass(&rig, 2000);
    sub_rig_skip(&rig, &fader);                     /* readings, which took their time */
    sub_rig_say(&rig, &fader, "/node/tone/wave 2"); /* it has a name */
    sub_rig_say(&rig, &fader, "/node/tone/freq/norm 0.5");
    sub_rig_pass(&rig, 100);
    ck_assert_uint_eq(sub_rig_skip(&rig, &fader), 2);
    ck_assert(*sub_rig_last(&rig, &fader, "/node/tone/freq"));
    sub_rig_say(&rig, &fader, "/node/*/freq 500"); /* who knows which these are? */
    sub_rig_pass(&rig, 100);
    sub_rig_hears(&rig, &fader, "/node/tone/freq 500.0");
    sub_rig_hears(&rig, &fader, "/node/voice/freq 500.0");
}
END_TEST

START_TEST(a_fader_that_speaks_in_places_from_0_to_1_is_told_so_too)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/*/norm\"");
    sub_rig_subscribe(&rig, &other, "/sub \"/node/tone/*/norm\"");
    sub_rig_pass(&rig, 2000);
    sub_rig_say(&rig, &fader, "/node/tone/freq/norm 0.5");
    sub_rig_pass(&rig, 100);
    sub_rig_hears(&rig, &fader, "");
    const char *heard = sub_rig_line(&rig, &other);
    double norm = 0;
    ck_assert_int_eq(sscanf(heard, "/node/tone/freq/norm %lf", &norm), 1);
    ck_assert_double_eq_tol(norm, 0.5, 1e-6);
}
END_TEST

START_TEST(when_two_move_the_same_fader_both_end_up_with_what_it_is)
{
    sub_rig_subscribe(&rig, &fader, "/sub \"/node/tone/freq\"");
    sub_rig_subscribe(&rig, &other, "/sub \"/node/tone/freq\"");
    sub_rig_pass(&rig, 2000);
    set(&fader, "/node/tone/freq", 400);
    set(&other, "/node/tone/freq", 500);
    sub_rig_pass(&rig, 100);
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/node/tone/freq"), "/node/tone/freq 500.0");
    ck_assert_str_eq(sub_rig_last(&rig, &other, "/node/tone/freq"), "/node/tone/freq 500.0");
    set(&fader, "/node/tone/freq", 600); /* it may not have heard of the 500 yet */
    sub_rig_pass(&rig, 100);
    ck_assert_str_eq(sub_rig_last(&rig, &fader, "/node/tone/freq"), "/node/tone/freq 600.0");
}
END_TEST

enum { N_CLIENTS = 8, N_NODES = 12, WAY_NS = 40000000 };

/* What each believes the values to be: what it has sent itself, until it hears something else. */
struct belief {
    struct peer peers[N_CLIENTS];
    double values[N_CLIENTS][N_NODES];
    unsigned n_packets; /* that were looked at */
};

/* What has been under way for a while is heard: by then some have sent other values. */
static void believe(struct belief *belief)
{
    for (; belief->n_packets < rig.n_packets; belief->n_packets++) {
        const struct sub_rig_packet *packet = &rig.packets[belief->n_packets];
        if (packet->sent_ns + WAY_NS > rig.now_ns)
            return;
        unsigned who = 0, node;
        double value;
        while (who < N_CLIENTS && !peer_equal(&packet->peer, &belief->peers[who]))
            who++;
        for (unsigned k = 0; who < N_CLIENTS && k < packet->n_lines; k++)
            if (sscanf(packet->lines[k], "/node/n%u/freq %lf", &node, &value) == 2)
                belief->values[who][node] = value;
    }
}

static void random_set(struct belief *belief, uint32_t seed)
{
    char line[64];
    unsigned who = seed >> 24 & 7, node = (seed >> 8) % N_NODES;
    double value = 100 + (seed >> 12 & 1023);
    snprintf(line, sizeof line, "/node/n%u/freq %.1f", node, value);
    sub_rig_say(&rig, &belief->peers[who], line);
    belief->values[who][node] = value;
}

START_TEST(any_number_of_clients_that_set_at_random_all_see_the_same_in_the_end)
{
    struct belief belief = {0};
    char line[128];
    uint32_t seed = 99;
    for (unsigned node = 0; node < N_NODES; node++) {
        snprintf(line, sizeof line, "/graph/add osc n%u freq 100", node);
        sub_rig_say(&rig, &shell, line);
    }
    for (unsigned who = 0; who < N_CLIENTS; who++) {
        belief.peers[who] = who % 3 ? osc_rig_datagram((uint16_t)(9100 + who)) : osc_rig_stream(100 + who);
        sub_rig_subscribe(&rig, &belief.peers[who],
                          who % 2 ? "/sub \"/node/n*/freq\" max_hz 100" : "/sub \"/node/n*/freq\" max_hz 7");
    }
    for (unsigned round = 0; round < 1000; round++) {
        seed = seed * 1664525u + 1013904223u;
        random_set(&belief, seed);
        if (seed >> 20 & 1)
            sub_rig_pass(&rig, 10 * (1 + (seed >> 16 & 3)));
        believe(&belief);
    }
    sub_rig_pass(&rig, 500);
    believe(&belief);
    for (unsigned node = 0; node < N_NODES; node++) {
        double is = 0;
        snprintf(line, sizeof line, "/node/n%u/freq", node);
        sub_rig_say(&rig, &other, line);
        sscanf(sub_rig_last(&rig, &other, line), "/node/n%*u/freq %lf", &is);
        for (unsigned who = 0; who < N_CLIENTS; who++)
            ck_assert_msg(belief.values[who][node] == is, "client %u believes that %s is %g, but it is %g", who, line,
                          belief.values[who][node], is);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_snapshot_comes_first_and_then_changes_only,
                                  every_kind_of_value_is_told_as_it_is_read,
                                  a_label_is_told_like_a_value,
                                  a_bypass_is_told_to_all_but_who_set_it,
                                  nodes_that_come_later_join_in_and_those_that_go_are_heard_of_no_more,
                                  a_session_that_is_loaded_is_heard_as_the_values_that_it_sets,
                                  what_a_bundle_fails_to_set_is_not_heard,
                                  what_changes_faster_than_max_hz_is_heard_as_what_it_is_at_last,
                                  the_first_change_after_a_rest_is_heard_at_once,
                                  what_changes_in_one_tick_comes_in_one_bundle_with_its_time,
                                  packets_are_numbered_so_that_a_gap_shows_and_resync_repairs_it,
                                  a_large_snapshot_comes_in_several_datagrams_none_of_which_is_long,
                                  who_sets_a_value_gets_no_echo_and_all_others_hear_it,
                                  a_value_that_became_another_one_is_told_to_who_set_it,
                                  a_fader_that_speaks_in_places_from_0_to_1_is_told_so_too,
                                  when_two_move_the_same_fader_both_end_up_with_what_it_is,
                                  any_number_of_clients_that_set_at_random_all_see_the_same_in_the_end};
    return osc_rig_suite("sub", setup, teardown, tests, ROWS(tests));
}
