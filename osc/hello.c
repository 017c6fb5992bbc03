#include "osc/hello.h"

#include "osc/catalog.h"
#include "osc/server.h"

/* A stranger who may come in does, here. 0, or why not. */
static int come_in(struct call *call)
{
    struct clients *clients = &call->server->clients;
    const struct peer *peer = &call->request->peer;
    const struct value *token = &call->args[0], *cookie = &call->args[1];
    if (token->given && !clients_token_is(clients, token->s))
        return error_set(call->error, ERROR_DENIED,
                         *clients->token ? "wrong token" : "there is no token here: leave it out");
    if (!token->given && cookie->given && !clients_cookie_is(clients, peer, cookie->i))
        return error_set(call->error, ERROR_DENIED, "the cookie is not of this address, or too old: ask anew");
    bool may = token->given || (cookie->given && !*clients->token);
    if (!may && *clients->token)
        return error_set(call->error, ERROR_DENIED, "say /hello token TOKEN first");
    if (!may || clients_greet(clients, peer, call->error))
        return (int)call->error->code;
    if (call->server->net && peer->kind == PEER_STREAM)
        net_trust(call->server->net, peer);
    return 0;
}

int hello_run(struct call *call)
{
    struct server *server = call->server;
    const struct peer *peer = &call->request->peer;
    if (clients_is_stranger(&server->clients, peer) && come_in(call))
        return (int)call->error->code;
    bool is_stranger = clients_is_stranger(&server->clients, peer);
    bool is_leased = peer->kind == PEER_DATAGRAM && peer_is_remote(peer);
    writer_string(call->results, "dawd");
    writer_string(call->results, DAWD_VERSION);
    writer_int(call->results, CATALOG_LANGUAGE);
    writer_string(call->results, server->name);
    writer_int(call->results, (int32_t)server->ctl->rate_hz);
    writer_string(call->results, role_name(is_stranger ? ROLE_NONE : server_role(server, peer)));
    writer_int(call->results, is_leased && !is_stranger ? CLIENT_LEASE_S : 0);
    writer_long(call->results, is_leased ? clients_cookie(&server->clients, peer) : 0);
    return 0;
}
