/* The daemon on a network: strangers, tokens, roles, and the limits of what clients may make. Rows O8 and O11 of the
 * reliability catalogue. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/neighbours.h"
#include "tests/system/net_rows.h"

#define TOKEN "a-token-that-nobody-guesses"

START_TEST(a_stranger_hears_no_more_than_he_says)
{
    ck_assert(net_row_o8(&(struct net_row){0}));
}
END_TEST

START_TEST(limits_hold_and_what_was_taken_comes_back)
{
    ck_assert(net_row_o11(&(struct net_row){0}));
}
END_TEST

static struct studio *guarded_studio(void)
{
    char path[64];
    neighbours_open();
    snprintf(path, sizeof path, "/dev/shm/dawd-test-token");
    FILE *file = fopen(path, "w");
    if (!file || fputs(TOKEN "\n", file) < 0 || fclose(file) || chmod(path, 0600))
        rig_fail("cannot write %s", path);
    struct studio *studio = studio_open(&(struct studio_options){
        .no_server = true,
        .arguments = (const char *const[]){"--no-jack", "--bind", NEIGHBOURS_DAEMON "=edit", "--token-file", path, NULL},
    });
    remove(path);
    neighbours_move(studio);
    return studio;
}

START_TEST(the_token_opens_tcp_and_udp_and_nothing_else_does)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
    struct studio *studio = guarded_studio();
    for (unsigned i = 0; i < 2; i++) {
        struct client client;
        neighbours_connect(&client, studio, types[i]);
        client_fail(&client, "denied", "/graph/add gain a_name_so_long_that_the_refusal_finds_room_in_the_answer_%u", i);
        client_fail(&client, "denied", "/hello token \"%s\"", "a-token-that-nobody-guesses-but-another");
        client_do(&client, "/hello token \"%s\" pad \"%064d%064d\"", TOKEN, 0, 0);
        client_do(&client, "/graph/add gain g%u", i);
        client_close(&client);
        neighbours_connect(&client, studio, types[i]); /* a new socket is a new sender */
        client_fail(&client, "denied", "/graph/add gain a_name_so_long_that_the_refusal_finds_room_in_the_answer_%u", i);
        client_close(&client);
    }
    client_do(&studio->client, "/node/g0");
    client_do(&studio->client, "/node/g1");
    studio_close(studio);
}
END_TEST

/* However many come and say nothing, those at home find a place. */
START_TEST(other_hosts_get_half_of_the_connections)
{
    enum { STRANGERS = 40 };
    static struct client clients[STRANGERS];
    struct studio *studio = guarded_studio();
    for (unsigned i = 0; i < STRANGERS; i++)
        neighbours_connect(&clients[i], studio, SOCK_STREAM);
    struct client home;
    client_open_unix(&home, studio->socket);
    client_do(&home, "/ping");
    client_close(&home);
    for (unsigned i = 0; i < STRANGERS; i++)
        client_close(&clients[i]);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_stranger_hears_no_more_than_he_says, limits_hold_and_what_was_taken_comes_back,
                            the_token_opens_tcp_and_udp_and_nothing_else_does, other_hosts_get_half_of_the_connections};
    return suite_run("network", 90, tests, ROWS(tests));
}
