/* Row O8: what a stranger hears. The cable between two network namespaces makes the test another host. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "osc/command.h"
#include "tests/system/neighbours.h"
#include "tests/system/net_rows.h"

#define HEAR_MS 15 /* after each packet: an answer comes within the next turn of the daemon's loop */

struct sums {
    double sent, heard; /* bytes */
    double worst;       /* heard / sent of one packet */
    unsigned n;
};

static size_t hear(struct client *client)
{
    static char packet[65536];
    size_t n = 0;
    for (struct pollfd watched = {client->fd, POLLIN, 0}; poll(&watched, 1, HEAR_MS) > 0;) {
        ssize_t got = recv(client->fd, packet, sizeof packet, 0);
        n += got > 0 ? (size_t)got : 0;
        if (got <= 0)
            break;
    }
    return n;
}

static void try(struct sums *sums, struct client *client, const void *packet, size_t n)
{
    client_send(client, packet, n);
    double heard = (double)hear(client);
    sums->sent += (double)n;
    sums->heard += heard;
    sums->n++;
    if (heard / (double)n > sums->worst)
        sums->worst = heard / (double)n;
}

static void try_message(struct sums *sums, struct client *client, const char *address, lo_message message)
{
    char packet[1024];
    size_t n = sizeof packet;
    if (lo_message_serialise(message, address, packet, &n))
        try(sums, client, packet, n);
    lo_message_free(message);
}

/* Each command alone, with a request number, and with an argument. */
static void try_commands(struct sums *sums, struct client *client)
{
    for (unsigned i = 0; i < n_command_families; i++)
        for (unsigned k = 0; k < command_families[i]->n_commands; k++) {
            const char *address = command_families[i]->commands[k].address;
            char numbered[256];
            snprintf(numbered, sizeof numbered, "/req/1%s", address);
            try_message(sums, client, address, lo_message_new());
            try_message(sums, client, numbered, lo_message_new());
            lo_message message = lo_message_new();
            lo_message_add_string(message, "all");
            try_message(sums, client, address, message);
        }
}

static void try_others(struct sums *sums, struct client *client)
{
    static const char *const lines[] = {"/node/in", "/node/*", "/node/out/ceiling", "/x", "/nonsense/that/is/nothing"};
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++)
        try_message(sums, client, lines[i], lo_message_new());
    try(sums, client, "no packet at all", 16);
    try(sums, client, "/a\0\0,b\0\0", 8);
    try(sums, client, "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x0c/ping\0\0\0,\0\0\0", 32);
}

/* Then it says who it is, and is answered like any other. */
static bool is_let_in(struct client *client)
{
    static const char pad[] =
        "the answer to this greeting has to find room in it, so it has to be as long as that is, or longer";
    client_ask(client, "/hello pad \"%s\"", pad);
    if (!client->answer.came || !client->answer.done)
        return false;
    int last = client->answer.first + answer_count(&client->answer) - 1;
    long long cookie = (long long)lo_message_get_argv(client->answer.message)[last]->h;
    client_ask(client, "/hello cookie %lldh pad \"%s\"", cookie, pad);
    return client->answer.done && client_ask(client, "/graph/dump")->done;
}

bool net_row_o8(const struct net_row *row)
{
    struct sums sums = {0};
    struct client client;
    neighbours_open();
    struct studio *studio = studio_open(&(struct studio_options){
        .variant = row->mutant ? "mutant" : NULL,
        .environment = net_row_environment(row),
        .no_server = true,
        .arguments = (const char *const[]){"--no-jack", "--bind", NEIGHBOURS_DAEMON "=read", NULL},
    });
    neighbours_move(studio);
    neighbours_connect(&client, studio, SOCK_DGRAM);
    try_commands(&sums, &client);
    try_others(&sums, &client);
    bool then = is_let_in(&client);
    bool pass = sums.heard <= sums.sent && sums.worst <= 1 && then;
    net_row_print(row, "REL O8 packets=%u bytes_in=%.0f bytes_out=%.0f ratio=%.2f worst=%.2f then_let_in=%s %s\n", sums.n,
                  sums.sent, sums.heard, sums.heard / sums.sent, sums.worst, then ? "yes" : "no", pass ? "PASS" : "FAIL");
    client_close(&client);
    studio_close(studio);
    return pass;
}
