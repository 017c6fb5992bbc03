/* Who may do what: roles, strangers from other hosts, rates. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/siphash.h"
#include "tests/osc_rig.h"

#define TOKEN "sixteen-letters-or-more"
#define PAD   "pad \"................................................................................................\""

static struct osc_rig rig;

/* As the sockets do it: nothing leaves that a stranger must not get. */
static struct sender sink;

static int guarded(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    struct server *server = self;
    return clients_may_send(&server->clients, peer, n) ? sink.send(sink.self, peer, bytes, n) : ERROR_IO;
}

static void setup(void)
{
    osc_rig_open(&rig);
    sink = rig.server->sender;
    rig.server->sender = (struct sender){rig.server, guarded};
    rig.server->clients.now_ns = 1000000000;
}

static void teardown(void)
{
    osc_rig_close(&rig);
}

static struct peer remote(uint16_t port)
{
    struct peer peer = osc_rig_datagram(port);
    inet_pton(AF_INET, "192.0.2.7", &peer.address.v4.sin_addr);
    peer.place = 1;
    return peer;
}

static struct peer remote_stream(uint64_t number)
{
    struct peer peer = remote(5000);
    peer.kind = PEER_STREAM;
    peer.stream = number;
    return peer;
}

/* A packet comes in from rig.peer, whose address gives this role. True when it became a request. */
static bool come(enum role role, const char *lines)
{
    struct bytes packet = {0};
    osc_rig_packet(lines, PACKET_TIME_NOW, &packet);
    bool is_let_in =
        clients_admit(rig.server, &rig.peer, packet.n) && clients_allow(rig.server, &rig.peer, role, packet.data, packet.n);
    if (is_let_in)
        osc_rig_send_packet(&rig, packet.data, packet.n);
    clients_end(&rig.server->clients);
    osc_rig_run(&rig);
    bytes_deinit(&packet);
    return is_let_in;
}

static void pass_ms(unsigned ms)
{
    rig.server->clients.now_ns += UINT64_C(1000000) * ms;
}

/* The cookie in the next answer, which is of /hello. */
static int64_t cookie_answered(void)
{
    const struct osc_rig_answer *answer = osc_rig_answer(&rig);
    struct arg args[12];
    struct message message = message_read(answer->packet.data);
    int64_t cookie = 0;
    ck_assert_uint_eq(message_args(&message, args, 12), 10);
    ck_assert(arg_integer(&args[9], &cookie));
    return cookie;
}

/* ---- roles ---------------------------------------------------------------------------------------------------------- */

START_TEST(each_role_may_do_what_is_its_own_and_no_more)
{
    static const struct {
        const char *line;
        enum role needed;
    } rows[] = {
        {"/ping", ROLE_READ},
        {"/sync 1", ROLE_READ},
        {"/stats", ROLE_READ},
        {"/sub /node/a/freq", ROLE_READ},
        {"/panic", ROLE_PLAY},
        {"/graph/dump", ROLE_READ},
        {"/node/a/freq", ROLE_READ},
        {"/transport/tempo", ROLE_READ},
        {"/no/such/command", ROLE_READ},
        {"/node/a/freq 300.0", ROLE_PLAY},
        {"/node/*/freq 300.0", ROLE_PLAY},
        {"/req/7/node/a/freq 300.0", ROLE_PLAY},
        {"/transport/play", ROLE_PLAY},
        {"/transport/tempo 90.0", ROLE_PLAY},
        {"/graph/add gain b", ROLE_EDIT},
        {"/graph/remove b", ROLE_EDIT},
        {"/stats/reset", ROLE_EDIT},
        {"/log/level info", ROLE_EDIT},
        {"[\n/tx req 3\n/node/a/freq 200.0\n]", ROLE_PLAY},
        {"[\n/node/a/freq 200.0\n[\n/graph/add gain c\n]\n]", ROLE_EDIT},
        {"/quit", ROLE_EDIT},
    };
    osc_rig_do(&rig, "/graph/add osc a");
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        for (enum role role = ROLE_READ; role <= ROLE_EDIT; role++) {
            bool may = come(role, rows[i].line);
            ck_assert_msg(may == (role >= rows[i].needed), "%s as %s", rows[i].line, role_name(role));
            if (!may)
                osc_rig_expect(&rig, "/fail * denied *needs the role *");
            rig.n_read = rig.n_answers;
        }
    ck_assert(rig.has_quit);
}
END_TEST

START_TEST(a_refusal_names_request_command_and_role)
{
    ck_assert(!come(ROLE_PLAY, "/req/5/graph/add gain b"));
    osc_rig_expect(&rig, "/fail 5 /graph/add 12 denied \"/graph/add needs the role edit; *gives play\"");
    ck_assert(!come(ROLE_READ, "[\n/tx req 6\n/node/out/x 1\n]"));
    osc_rig_expect(&rig, "/fail 6 #bundle 12 denied \"/node/out/x needs the role play; *gives read\"");
    ck_assert_uint_eq(rig.server->clients.counters.denied, 2);
    ck_assert_ptr_null(strstr(osc_rig_dump(&rig), "gain"));
}
END_TEST

/* ---- strangers ------------------------------------------------------------------------------------------------------ */

START_TEST(a_stranger_is_never_answered_more_than_he_sent)
{
    static const char *const lines[] = {"/ping", "/hello", "/stats", "/graph/dump", "/x", "/describe", "/graph/add a b"};
    rig.peer = remote(4000);
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct bytes packet = {0};
        size_t n = 0;
        osc_rig_packet(lines[i], PACKET_TIME_NOW, &packet);
        come(ROLE_EDIT, lines[i]);
        for (const struct osc_rig_answer *answer; (answer = osc_rig_answer(&rig));)
            n += answer->packet.n;
        ck_assert_msg(n <= packet.n, "%s: %zu bytes for %zu", lines[i], n, packet.n);
        bytes_deinit(&packet);
    }
    ck_assert_uint_eq(rig.server->clients.counters.withheld, 7);
    ck_assert_uint_eq(rig.server->clients.counters.denied, 6);
}
END_TEST

START_TEST(a_stranger_comes_in_by_the_cookie_that_only_he_has_heard)
{
    char line[300];
    rig.peer = remote(4000);
    ck_assert(come(ROLE_READ, "/hello " PAD));
    int64_t cookie = cookie_answered();
    ck_assert(!come(ROLE_READ, "/ping"));
    snprintf(line, sizeof line, "/hello cookie %lldh " PAD, (long long)cookie);
    rig.peer = remote(4001); /* whoever sends from there has not heard it */
    come(ROLE_READ, line);
    osc_rig_expect(&rig, "/fail 0 /hello 12 denied *cookie*");
    rig.peer = remote(4000);
    come(ROLE_READ, line);
    osc_rig_expect(&rig, "/done 0 /hello dawd * edit 60 *");
}
END_TEST

START_TEST(who_was_greeted_is_known_for_a_minute_after_his_last_packet)
{
    char line[300];
    rig.peer = remote(4000);
    come(ROLE_READ, "/hello " PAD);
    snprintf(line, sizeof line, "/hello cookie %lldh " PAD, (long long)cookie_answered());
    ck_assert(come(ROLE_READ, line));
    osc_rig_expect(&rig, "/done 0 /hello dawd * 60 *");
    for (unsigned i = 0; i < 3; i++) {
        pass_ms(59000);
        ck_assert(come(ROLE_READ, "/ping"));
        osc_rig_expect(&rig, "/done 0 /ping");
    }
    pass_ms(61000);
    ck_assert(!come(ROLE_READ, "/ping"));
}
END_TEST

START_TEST(another_port_of_a_known_host_may_be_sent_to)
{
    struct clients *clients = &rig.server->clients;
    struct peer display = remote(4001);
    strcpy(clients->token, TOKEN);
    rig.peer = remote(4000);
    ck_assert(!clients_may_send(clients, &display, 100));
    come(ROLE_READ, "/hello token " TOKEN " " PAD);
    osc_rig_expect(&rig, "/done *");
    ck_assert(clients_may_send(clients, &display, 100));
    inet_pton(AF_INET, "192.0.2.8", &display.address.v4.sin_addr);
    ck_assert(!clients_may_send(clients, &display, 100));
    pass_ms(61000);
    display = remote(4001);
    ck_assert(!clients_may_send(clients, &display, 100));
}
END_TEST

START_TEST(a_cookie_does_not_keep)
{
    char line[300];
    rig.peer = remote(4000);
    come(ROLE_READ, "/hello " PAD);
    snprintf(line, sizeof line, "/hello cookie %lldh " PAD, (long long)cookie_answered());
    pass_ms(61000);
    come(ROLE_READ, line);
    osc_rig_expect(&rig, "/fail * denied *too old*");
}
END_TEST

START_TEST(with_a_token_nothing_else_opens)
{
    strcpy(rig.server->clients.token, TOKEN);
    struct peer peers[] = {remote(4000), remote_stream(3)};
    for (unsigned i = 0; i < 2; i++) {
        rig.peer = peers[i];
        ck_assert(!come(ROLE_EDIT, "/graph/add gain by_a_stranger_with_a_long_name_so_that_the_answer_fits"));
        osc_rig_expect(&rig, "/fail * denied \"say /hello token TOKEN first\"");
        come(ROLE_EDIT, "/hello " PAD);
        osc_rig_expect(&rig, "/fail * denied \"say /hello token TOKEN first\"");
        come(ROLE_EDIT, "/hello token sixteen-letters-or-mor " PAD);
        osc_rig_expect(&rig, "/fail * denied \"wrong token\"");
        come(ROLE_EDIT, "/hello token " TOKEN "e " PAD);
        osc_rig_expect(&rig, "/fail * denied \"wrong token\"");
        come(ROLE_EDIT, "/hello token " TOKEN " " PAD);
        osc_rig_expect(&rig, "/done 0 /hello dawd * edit *");
        ck_assert(come(ROLE_EDIT, "/ping"));
        osc_rig_expect(&rig, "/done 0 /ping");
    }
    clients_forget(&rig.server->clients, &peers[1]);
    ck_assert(!come(ROLE_EDIT, "/ping"));
}
END_TEST

START_TEST(nobody_on_this_host_and_no_connection_without_a_token_is_a_stranger)
{
    struct peer peers[] = {osc_rig_datagram(9000), osc_rig_stream(1), remote_stream(2)};
    for (unsigned i = 0; i < 3; i++) {
        rig.peer = peers[i];
        ck_assert(come(ROLE_READ, "/hello"));
        osc_rig_expect(&rig, "/done 0 /hello dawd * 0 0h");
    }
}
END_TEST

/* ---- rates ---------------------------------------------------------------------------------------------------------- */

START_TEST(what_is_beyond_the_rate_is_counted_and_told_once_a_second)
{
    unsigned n_done = 0;
    rig.server->clients.limits.local_per_s = 100;
    for (unsigned ms = 0; ms < 3000; ms++, pass_ms(1))
        n_done += come(ROLE_EDIT, "/ping");
    /* A second's worth at the start, and then a hundred a second. */
    ck_assert_int_le(abs((int)n_done - 400), 2);
    ck_assert_uint_eq(rig.server->clients.counters.limited, 3000 - n_done);
    unsigned n_busy = 0;
    for (const struct osc_rig_answer *answer; (answer = osc_rig_answer(&rig));)
        n_busy += strstr(answer->line, " busy ") != NULL;
    ck_assert_uint_ge(n_busy, 2);
    ck_assert_uint_le(n_busy, 3);
}
END_TEST

START_TEST(a_bundle_costs_as_many_as_it_holds)
{
    rig.server->clients.limits.local_per_s = 10;
    ck_assert(come(ROLE_EDIT, "[\n/ping\n/ping\n/ping\n/ping\n/ping\n/ping\n/ping\n/ping\n/ping\n/ping\n/ping\n/ping\n]"));
    ck_assert(!come(ROLE_EDIT, "/ping"));
    pass_ms(200);
    ck_assert(!come(ROLE_EDIT, "/ping")); /* 13 were taken of 10, the bundle itself being one */
    pass_ms(200);
    ck_assert(come(ROLE_EDIT, "/ping"));
}
END_TEST

START_TEST(one_sender_s_rate_is_not_another_s)
{
    rig.server->clients.limits.local_per_s = 10;
    rig.peer = osc_rig_datagram(9000);
    for (unsigned i = 0; i < 20; i++)
        ck_assert_int_eq(come(ROLE_EDIT, "/ping"), i < 10);
    rig.peer = osc_rig_datagram(9001);
    ck_assert(come(ROLE_EDIT, "/ping"));
    rig.peer = osc_rig_stream(4);
    ck_assert(come(ROLE_EDIT, "/ping"));
}
END_TEST

START_TEST(strangers_share_one_rate_and_no_memory)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 5000; i++) {
        rig.peer = remote((uint16_t)(1000 + i));
        n += come(ROLE_READ, "/hello " PAD);
    }
    ck_assert_uint_eq(n, 1000);
    ck_assert_uint_eq(rig.server->clients.counters.limited, 4000);
    ck_assert_ptr_null(rig.server->clients.all);
}
END_TEST

START_TEST(only_so_many_are_known_at_a_time)
{
    char line[300];
    rig.server->clients.limits.peers_max = 4;
    strcpy(rig.server->clients.token, TOKEN);
    snprintf(line, sizeof line, "/hello token %s " PAD, TOKEN);
    for (unsigned i = 0; i < 5; i++) {
        rig.peer = remote((uint16_t)(1000 + i));
        come(ROLE_READ, line);
        osc_rig_expect(&rig, i < 4 ? "/done *" : "/fail * busy *4 senders are known*");
    }
    pass_ms(61000);
    come(ROLE_READ, line);
    osc_rig_expect(&rig, "/done *");
}
END_TEST

/* The first and the last of the vectors that the authors of SipHash give for the key 00 01 … 0f and messages 00 01 02 …. */
START_TEST(the_hash_is_siphash)
{
    static const struct siphash_key key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
    uint8_t bytes[15];
    for (unsigned i = 0; i < 15; i++)
        bytes[i] = (uint8_t)i;
    ck_assert_uint_eq(siphash(key, bytes, 0), 0x726fdb47dd0e0e31);
    ck_assert_uint_eq(siphash(key, bytes, 15), 0xa129ca6149be45e5);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        each_role_may_do_what_is_its_own_and_no_more,
        a_refusal_names_request_command_and_role,
        a_stranger_is_never_answered_more_than_he_sent,
        a_stranger_comes_in_by_the_cookie_that_only_he_has_heard,
        who_was_greeted_is_known_for_a_minute_after_his_last_packet,
        another_port_of_a_known_host_may_be_sent_to,
        a_cookie_does_not_keep,
        with_a_token_nothing_else_opens,
        nobody_on_this_host_and_no_connection_without_a_token_is_a_stranger,
        what_is_beyond_the_rate_is_counted_and_told_once_a_second,
        a_bundle_costs_as_many_as_it_holds,
        one_sender_s_rate_is_not_another_s,
        strangers_share_one_rate_and_no_memory,
        only_so_many_are_known_at_a_time,
        the_hash_is_siphash,
    };
    return osc_rig_suite("clients", setup, teardown, tests, sizeof tests / sizeof *tests);
}
