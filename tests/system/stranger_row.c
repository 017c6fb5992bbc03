/* Row O8: what a stranger hears. The cable between two network namespaces makes the test another host. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "osc/command.h"
#include "osc/row.h"
#include "tests/system/neighbours.h"
#include "tests/system/net_rows.h"

#define HEAR_MS       8 /* after each packet: an answer comes within the next turn of the daemon's loop */
#define LIE_PORT      40404
#define GUESSES       1000
#define DENIED_BYTES  400 /* two refusals; a graph or a subscription is more */
#define LEASE_LEAST_S 20.0
#define LEASE_MOST_S  30.5 /* the lease, and the time between two looks */

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

/* What the row of a command asks for, and more: a long text in which an answer would find room. */
static lo_message message_for(const struct command *command, bool is_long)
{
    static const char text[900] = {[0 ... 898] = 'x'};
    lo_message message = lo_message_new();
    struct row_word word = {0};
    for (const char *at = command->args; row_arg_next(&at, &word);) {
        if (word.is_optional || word.is_keyword || word.is_rest)
            continue;
        if (word.type == 'i' || word.type == 'n')
            lo_message_add_int32(message, 1);
        else if (word.type == 'd' || word.type == 'p')
            lo_message_add_float(message, 1);
        else if (word.type == 'b')
            lo_message_add_true(message);
        else
            lo_message_add_string(message, "in");
    }
    if (is_long)
        lo_message_add_string(message, text);
    return message;
}

/* Each command alone, with a request number, with an argument, with those of its row, and with much room for an answer. */
static unsigned try_commands(struct sums *sums, struct client *client)
{
    unsigned n = 0;
    for (unsigned i = 0; i < n_command_families; i++)
        for (unsigned k = 0; k < command_families[i]->n_commands; k++, n++) {
            const struct command *command = &command_families[i]->commands[k];
            char numbered[256];
            snprintf(numbered, sizeof numbered, "/req/1%s", command->address);
            try_message(sums, client, command->address, lo_message_new());
            try_message(sums, client, numbered, lo_message_new());
            lo_message message = lo_message_new();
            lo_message_add_string(message, "all");
            try_message(sums, client, command->address, message);
            try_message(sums, client, command->address, message_for(command, false));
            try_message(sums, client, numbered, message_for(command, true));
        }
    return n;
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

/* ---- whoever writes somebody else's address -------------------------------------------------------------------------- */

struct lies {
    double sent, heard; /* bytes; heard by him whose address it was */
    unsigned n;
    bool came_in, came_home; /* something was done for one who lied about being another, or about being at home */
};

static void lie(struct lies *lies, const struct studio *studio, const char *address, lo_message message)
{
    char packet[1400];
    size_t n = sizeof packet;
    if (!lo_message_serialise(message, address, packet, &n) ||
        !neighbours_lie(studio, NEIGHBOURS_OTHER, LIE_PORT, packet, n))
        rig_fail("a datagram with a false sender cannot be sent");
    lies->sent += (double)n;
    lies->n++;
    lo_message_free(message);
}

static lo_message hello(bool is_padded, long long cookie)
{
    static const char pad[] = "the answer to this greeting has to find room in it, so that it has to be as long as that";
    lo_message message = lo_message_new();
    if (cookie) {
        lo_message_add_string(message, "cookie");
        lo_message_add_int64(message, cookie);
    }
    if (is_padded) {
        lo_message_add_string(message, "pad");
        lo_message_add_string(message, pad);
    }
    return message;
}

/* No sender of this host comes by the cable: the kernel drops them, or the daemon would take them for friends. */
static bool lie_about_home(const struct studio *studio)
{
    static const char packet[] = "/graph/add\0\0,ss\0gain\0\0\0\0evil\0\0\0";
    static const char *const homes[] = {"127.0.0.1", "127.3.2.1", NEIGHBOURS_DAEMON};
    struct client home;
    for (unsigned i = 0; i < sizeof homes / sizeof *homes; i++)
        neighbours_lie(studio, homes[i], LIE_PORT, packet, 32);
    client_open_unix(&home, studio->socket);
    pause_s(0.05);
    bool done = client_ask(&home, "/node/evil")->done;
    client_close(&home);
    return done;
}

/* Greetings with and without room for the answer, guessed cookies, and then as if that had been enough. */
static void try_lies(struct lies *lies, const struct studio *studio)
{
    struct client other = {.fd = neighbours_bystander(LIE_PORT)};
    for (unsigned i = 0; i < GUESSES; i++) {
        lie(lies, studio, "/hello", hello(i % 2, i % 4 < 2 ? 0 : 0x123456789abcdefLL * i));
        if (i % 50 == 49)
            lies->heard += (double)hear(&other);
    }
    double before = lies->heard += (double)hear(&other);
    lie(lies, studio, "/graph/dump", hello(true, 1));
    lie(lies, studio, "/sub", message_for(command_find("/sub"), true));
    lies->heard += (double)hear(&other);
    lies->came_in = lies->heard - before > DENIED_BYTES;
    lies->came_home = lie_about_home(studio);
    close(other.fd);
}

/* ---- one who is let in ------------------------------------------------------------------------------------------------- */

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

/* It subscribes, falls silent, and is told of changes for a while. Returns for how many seconds. */
static double time_lease(const struct studio *studio, struct client *client)
{
    struct client home;
    client_open_unix(&home, studio->socket);
    client_do(&home, "/graph/add gain g");
    if (!client_ask(client, "/sub /node/g/gain max_hz 20.0")->done)
        return 0;
    double start = now_s(), last = start;
    for (unsigned i = 0; now_s() < last + 2; i++) {
        client_tell(&home, "/node/g/gain %u.0", i % 2);
        last = hear(client) ? now_s() : last;
        pause_s(0.1);
    }
    client_close(&home);
    return last - start;
}

bool net_row_o8(const struct net_row *row)
{
    struct sums sums = {0};
    struct lies lies = {0};
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
    unsigned n_commands = try_commands(&sums, &client);
    try_others(&sums, &client);
    try_lies(&lies, studio);
    bool then = is_let_in(&client);
    double lease_s = row->mutant ? LEASE_MOST_S : time_lease(studio, &client);
    bool pass = sums.heard <= sums.sent && sums.worst <= 1 && lies.heard <= lies.sent && lies.heard > 0 && !lies.came_in &&
                !lies.came_home && then && lease_s >= LEASE_LEAST_S && lease_s <= LEASE_MOST_S;
    net_row_print(
        row,
        "REL O8 commands=%u packets=%u bytes_in=%.0f bytes_out=%.0f ratio=%.2f worst=%.2f lies=%u lies_ratio=%.2f "
        "lies_let_in=%d lies_from_home=%d then_let_in=%s expired_s=%.1f %s\n",
        n_commands, sums.n, sums.sent, sums.heard, sums.heard / sums.sent, sums.worst, lies.n, lies.heard / lies.sent,
        lies.came_in, lies.came_home, then ? "yes" : "no", lease_s, pass ? "PASS" : "FAIL");
    client_close(&client);
    studio_close(studio);
    return pass;
}
