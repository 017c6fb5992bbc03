/* All tables of all families in one hash; a mistyped address is compared with every row, which only costs the one who mistypes. */
#include "osc/server.h"

#include <stdlib.h>
#include <string.h>

#include "graph/mutant.h"
#include "osc/dispatch.h"

static int commands_fill(struct map *map)
{
    for (unsigned i = 0; i < n_command_families; i++)
        for (unsigned k = 0; k < command_families[i]->n_commands; k++) {
            const struct command *command = &command_families[i]->commands[k];
            if (map_reserve(map))
                return ERROR_INTERNAL;
            map_put(map, command->address, (void *)command);
        }
    return 0;
}

static int send_by_net(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    struct server *server = self;
    return clients_may_send(&server->clients, peer, n) ? net_send(server->net, peer, bytes, n) : ERROR_IO;
}

/* Nobody is sent anything that he may not have himself. */
static int send_on_by_net(void *self, const struct peer *client, const struct peer *to, const void *bytes, size_t n)
{
    struct server *server = self;
    return clients_may_send(&server->clients, client, n) ? net_send(server->net, to, bytes, n) : ERROR_IO;
}

static size_t queued_by_net(void *self, const struct peer *peer)
{
    return net_queued(((struct server *)self)->net, peer);
}

struct server *server_new(struct ctl *ctl, struct net *net, const struct host *host, const char *name)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    *server = (struct server){
        .ctl = ctl, .net = net, .sender = {server, send_by_net, send_on_by_net, queued_by_net}, .host = host, .name = name};
    clients_init(&server->clients);
    schedule_init(&server->schedule, server);
    events_init(server);
    history_init(&server->history, ctl, host);
    controllers_init(&server->controllers, server);
    playing_init(&server->playing, server);
    if (!commands_fill(&server->commands) && !session_init(server))
        return server;
    ctl->edits = NULL;
    server_free(server);
    return NULL;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    request_drop_all(server);
    wait_cancel_all(server);
    schedule_cancel_all(server);
    subs_deinit(&server->subs);
    playing_deinit(&server->playing);
    session_deinit(&server->session);
    clients_deinit(&server->clients);
    history_deinit(&server->history);
    controllers_deinit(&server->controllers);
    map_deinit(&server->commands);
    free(server);
}

const struct command *server_nearest(const struct server *server, const char *address)
{
    struct guess guess = guess_begin(address);
    for (size_t i = 0; i < server->commands.n_slots; i++)
        if (server->commands.slots[i].value)
            guess_offer(&guess, server->commands.slots[i].key);
    return guess.nearest ? dispatch_find(server, guess.nearest) : NULL;
}

enum role server_role(const struct server *server, const struct peer *peer)
{
    return server->net ? net_role(server->net, peer) : ROLE_EDIT;
}

static bool admits(void *user, const struct peer *peer, size_t n)
{
    return clients_admit(user, peer, n);
}

static void packet_arrive(struct server *server, const struct peer *peer, const uint8_t *packet, size_t n)
{
    server->counters.packets++;
    if (MUTANT_FLAW("miscount") && server->counters.values % 1000 == 999) {
        server->counters.values++;
        return;
    }
    request_arrive(server, peer, packet, n);
}

static void on_packet(void *user, const struct peer *peer, const uint8_t *packet, size_t n)
{
    struct server *server = user;
    if (clients_allow(server, peer, server_role(server, peer), packet, n))
        packet_arrive(server, peer, packet, n);
    clients_end(&server->clients);
}

/* What cannot be read has no address and no id to answer to, but its sender is known. */
static void on_refused(void *user, const struct peer *peer, const struct error *error)
{
    struct server *server = user;
    struct request request = {.server = server, .peer = *peer, .address = ""};
    clients_allow(server, peer, ROLE_NONE, NULL, 0);
    if (MUTANT_FLAW("littering"))
        request_detach(&request);
    request_fail(&request, error);
    clients_end(&server->clients);
}

/* What a client asked before it left is still done; only nobody hears the answer. */
static void on_closed(void *user, const struct peer *peer)
{
    struct server *server = user;
    clients_forget(&server->clients, peer);
    subs_closed(server, peer);
    playing_closed(server, peer);
    controllers_closed(&server->controllers, peer);
}

bool server_poll(struct server *server)
{
    /* One look at the clock for all that is there: what arrives during the round is taken to have been there before it. */
    const struct clock *clock = &server->ctl->engine->clock;
    server->ctl->arrived_ns = server->clients.now_ns = clock_read(clock);
    bool has_more = net_poll(server->net, &(struct net_handler){server, admits, on_packet, on_refused, on_closed});
    server->ctl->arrived_ns = 0; /* what follows was asked by nobody, or waited for a file */
    server_tick(server);
    return has_more;
}

void server_tick(struct server *server)
{
    wait_poll(server);
    controllers_tick(&server->controllers);
    schedule_poll(server);
    trouble_poll(server);
    events_poll(server);
    playing_poll(server);
    subs_tick(server);
}
