/* Bytes that are no OSC, and the programs through which requests arrive: oscsend, dawctl, and a second daemon. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

static struct studio *studio;

/* ---- packets --------------------------------------------------------------------------------------------------------- */

#define BYTES(text) text, sizeof(text) - 1

static const struct packet {
    const char *bytes;
    size_t n;
} packets[] = {
    {BYTES("")},
    {BYTES("/")},
    {BYTES("/ping")},
    {BYTES("/ping\0\0")},
    {BYTES("ping\0\0\0\0,\0\0\0")},
    {BYTES("/ping\0\0\0,i\0\0")},
    {BYTES("/ping\0\0\0,s\0\0abcd")},
    {BYTES("/ping\0\0\0,b\0\0")},
    {BYTES("/ping\0\0\0,b\0\0\177\377\377\377abcd")},
    {BYTES("/ping\0\0\0,b\0\0\377\377\377\377abcd")},
    {BYTES("/ping\0\0\0,zzz\0\0\0\0abcdabcdabcd")},
    {BYTES("/ping\0\0\0iii\0abcdabcdabcd")},
    {BYTES("/ping\0\0\0,iii")},
    {BYTES("/p\n\033g\0\0\0,\0\0\0")},
    {BYTES("#bundle")},
    {BYTES("#bundle\0")},
    {BYTES("#bundle\0\0\0\0\0\0\0\0\1\0\0\0\0")},
    {BYTES("#bundle\0\0\0\0\0\0\0\0\1\0\0\0\20/ping\0\0\0")},
    {BYTES("#bundle\0\0\0\0\0\0\0\0\1\377\377\377\374/ping\0\0\0,\0\0\0")},
    {BYTES("#bundle\0\0\0\0\0\0\0\0\1\0\0\0\7/ping\0\0")},
    {BYTES("#bumble\0\0\0\0\0\0\0\0\1\0\0\0\14/ping\0\0\0,\0\0\0")},
};

/* Bundles in bundles, as deep as a datagram allows. */
static void send_deep_bundle(struct client *client)
{
    enum { DEPTH = 1000, STEP = 20 };
    static unsigned char bytes[DEPTH * STEP + 12];
    for (unsigned i = 0; i < DEPTH; i++) {
        unsigned left = (unsigned)sizeof bytes - (i + 1) * STEP;
        memcpy(bytes + i * STEP, "#bundle\0\0\0\0\0\0\0\0\1", 16);
        memcpy(bytes + i * STEP + 16, (unsigned char[]){0, 0, (unsigned char)(left >> 8), (unsigned char)left}, 4);
    }
    memcpy(bytes + DEPTH * STEP, "/ping\0\0\0,\0\0\0", 12);
    client_send(client, bytes, sizeof bytes);
}

/* Sound requests with some of their bytes replaced, always the same ones. */
static void send_mutated(struct client *client, unsigned n)
{
    static const char sound[] =
        "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\54/graph/connect\0\0,ssssf\0\0tone\0\0\0\0out\0gain\0\0\0\0\0\0\0\0";
    unsigned seed = 1;
    for (unsigned i = 0; i < n; i++) {
        char bytes[sizeof sound - 1];
        memcpy(bytes, sound, sizeof bytes);
        for (unsigned k = 0; k < 1 + i % 5; k++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[(seed >> 8) % sizeof bytes] = (char)(seed >> 24);
        }
        client_send(client, bytes, sizeof bytes - (i % 3 ? 0 : (seed >> 16) % sizeof bytes));
    }
}

static void check_alive(struct client *client)
{
    double start = now_s();
    const struct answer *answer = client_ask(client, "/ping");
    ck_assert_msg(answer->came && answer->done, "the daemon answers no longer");
    ck_assert_msg(now_s() - start < 0.5, "/ping took %.3f s", now_s() - start);
}

START_TEST(bytes_that_are_no_osc_are_refused_and_survived)
{
    studio = studio_open(&(struct studio_options){.period = 256});
    struct client udp, unix_client;
    client_open_udp(&udp, studio->port);
    for (unsigned i = 0; i < ROWS(packets); i++) {
        client_send(&udp, packets[i].bytes, packets[i].n);
        check_alive(&udp);
        client_open_unix(&unix_client, studio->socket);
        client_send(&unix_client, packets[i].bytes, packets[i].n);
        client_close(&unix_client);
        check_alive(&studio->client);
    }
    send_deep_bundle(&udp);
    send_deep_bundle(&studio->client);
    send_mutated(&udp, 5000);
    client_await(&udp, -1, 0.3); /* takes the answers in that fill our own buffer */
    check_alive(&udp);
    check_alive(&studio->client);
    client_close(&udp);
    studio_close(studio);
}
END_TEST

START_TEST(a_malformed_packet_is_answered_with_its_fault)
{
    studio = studio_open(&(struct studio_options){.period = 256});
    struct client udp;
    client_open_udp(&udp, studio->port);
    client_send(&udp, BYTES("/ping\0\0\0,i\0\0"));
    const struct answer *answer = client_await(&udp, 0, 2);
    ck_assert_msg(answer->came && !answer->done, "no /fail for a malformed packet");
    ck_assert_str_eq(answer->symbol, "bad_value");
    ck_assert_msg(answer->text[0], "the text is empty");
    client_close(&udp);
    studio_close(studio);
}
END_TEST

/* ---- programs -------------------------------------------------------------------------------------------------------- */

#define RUN(output, ...) process_run((const char *const[]){__VA_ARGS__, NULL}, output, sizeof output)

START_TEST(a_failure_of_oscsend_can_be_read_in_the_log)
{
    char url[64], output[1024];
    studio = studio_open(&(struct studio_options){.period = 256});
    snprintf(url, sizeof url, "osc.udp://127.0.0.1:%u", studio->port);
    ck_assert_int_eq(RUN(output, "oscsend", url, "/graph/add", "ss", "theremin", "x"), 0);
    ck_assert_msg(process_says(&studio->dawd, "theremin", 2), "the daemon's output does not tell of it");
    const struct answer *answer = client_do(&studio->client, "/log/tail 20");
    bool told = false;
    for (int i = 0; i < answer_count(answer); i++)
        told = told || strstr(answer_string(answer, i), "theremin");
    ck_assert_msg(told, "/log/tail does not tell of it");
    ck_assert_int_eq(RUN(output, "oscsend", url, "/graph/add", "sssf", "osc", "tone", "freq", "300"), 0);
    ck_assert_int_eq(RUN(output, "oscsend", url, "/graph/connect", "ss", "tone", "out"), 0);
    ck_assert(client_read(&studio->client, "/synced", "/sync 7"));
    client_do(&studio->client, "/graph/get tone");
    studio_close(studio);
}
END_TEST

START_TEST(dawctl_prints_the_answer_and_tells_it_by_its_exit_status)
{
    char dawctl[1024], output[8192];
    studio = studio_open(&(struct studio_options){.period = 256});
    snprintf(dawctl, sizeof dawctl, "%s", studio_build(NULL, "dawctl"));
    ck_assert_int_eq(RUN(output, dawctl, "--socket", studio->socket, "/graph/add", "osc", "tone", "freq", "300"), 0);
    ck_assert_int_eq(RUN(output, dawctl, "--socket", studio->socket, "/graph/dump"), 0);
    ck_assert_msg(strstr(output, "tone"), "no tone in: %s", output);
    ck_assert_int_eq(RUN(output, dawctl, "--socket", studio->socket, "/graph/add", "theremin", "x"), 1);
    ck_assert_msg(strstr(output, "no_such_type") && strstr(output, "theremin"), "it said: %s", output);
    ck_assert_int_eq(RUN(output, dawctl), 2);
    ck_assert_int_eq(RUN(output, dawctl, "--socket", studio->socket, "ping"), 2);
    ck_assert_int_eq(RUN(output, dawctl, "--socket", "/nowhere/at/all", "/ping"), 1);
    studio_close(studio);
}
END_TEST

START_TEST(a_second_daemon_on_the_port_says_so_and_ends)
{
    char port[16], program[1024], output[4096];
    studio = studio_open(&(struct studio_options){.period = 256});
    snprintf(port, sizeof port, "%u", studio->port);
    snprintf(program, sizeof program, "%s", studio_build(NULL, "dawd"));
    ck_assert_int_eq(RUN(output, program, "--no-jack", "--name", "other", "--port", port, "--socket", ""), 1);
    ck_assert_msg(strstr(output, port), "the port is not named: %s", output);
    ck_assert_int_eq(RUN(output, program, "--no-jack", "--name", "other", "--port", "0", "--socket", studio->socket), 1);
    ck_assert_msg(strstr(output, studio->socket), "the socket is not named: %s", output);
    check_alive(&studio->client);
    ck_assert_int_eq(RUN(output, program, "--port", "70000"), 2);
    ck_assert_int_eq(RUN(output, program, "--louder"), 2);
    ck_assert_msg(strstr(output, "--louder"), "the option is not named: %s", output);
    ck_assert_int_eq(RUN(output, program, "--no-jack", "--port", "0", "--socket", "", "--root", "/no/such/folder"), 1);
    ck_assert_msg(strstr(output, "/no/such/folder"), "the folder is not named: %s", output);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        bytes_that_are_no_osc_are_refused_and_survived, a_malformed_packet_is_answered_with_its_fault,
        a_failure_of_oscsend_can_be_read_in_the_log,    dawctl_prints_the_answer_and_tells_it_by_its_exit_status,
        a_second_daemon_on_the_port_says_so_and_ends,
    };
    return suite_run("bad packets", 60, tests, ROWS(tests));
}
