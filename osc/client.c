/* The common case is a sender on this host without a limit: it costs two comparisons, and no look at the table. */
#include "osc/client.h"

#include <stdlib.h>
#include <string.h>

#include <sys/random.h>

#include "graph/clock_shared.h"
#include "graph/mutant.h"
#include "osc/dispatch.h"
#include "osc/server.h"

#define STRANGERS_PER_S 1000.0 /* greetings, of all together: cookies are cheap, but not free */
#define COOKIE_S        30     /* a cookie holds for this half minute and the next */
#define IDLE_S          2      /* a sender of this host that has been silent for so long may send a burst again anyway */
#define NS_PER_S        UINT64_C(1000000000)

void clients_init(struct clients *clients)
{
    *clients = (struct clients){.limits = CLIENT_LIMITS_DEFAULT};
    /* At an early start of the machine there may be nothing random yet: better a weak key than a daemon that waits. */
    if (getrandom(&clients->key, sizeof clients->key, GRND_NONBLOCK) != sizeof clients->key)
        clients->key = (struct siphash_key){clock_monotonic_rt(NULL), (uint64_t)(uintptr_t)clients};
}

void clients_deinit(struct clients *clients)
{
    free(clients->all);
    free(clients->chains);
}

/* ---- the table ------------------------------------------------------------------------------------------------------ */

/* Address, port and place, or the number of the connection, without the padding that a peer holds. */
static uint64_t peer_hash(const struct clients *clients, const struct peer *peer, uint64_t salt)
{
    struct {
        uint64_t salt, stream;
        uint32_t place, port;
        uint8_t address[16];
    } words = {.salt = salt, .stream = peer->stream, .place = peer->place};
    if (peer->kind == PEER_DATAGRAM && peer->address.any.sa_family == AF_INET) {
        words.port = peer->address.v4.sin_port;
        memcpy(words.address, &peer->address.v4.sin_addr, 4);
    } else if (peer->kind == PEER_DATAGRAM) {
        words.port = peer->address.v6.sin6_port;
        memcpy(words.address, &peer->address.v6.sin6_addr, 16);
    }
    return siphash(clients->key, &words, sizeof words);
}

static struct client **chain_of(const struct clients *clients, const struct peer *peer)
{
    return &clients->chains[peer_hash(clients, peer, 0) % clients->limits.peers_max];
}

static int table_make(struct clients *clients)
{
    unsigned n = clients->limits.peers_max;
    clients->all = calloc(n, sizeof *clients->all);
    clients->chains = calloc(n, sizeof *clients->chains);
    if (!clients->all || !clients->chains) {
        free(clients->all);
        free(clients->chains);
        clients->all = NULL;
        clients->chains = NULL;
        return ERROR_INTERNAL;
    }
    for (unsigned i = 0; i < n; i++) {
        clients->all[i].next = clients->free;
        clients->free = &clients->all[i];
    }
    return 0;
}

static void forget(struct clients *clients, struct client *client)
{
    struct client **link = chain_of(clients, &client->peer);
    while (*link != client)
        link = &(*link)->next;
    *link = client->next;
    *client = (struct client){.next = clients->free};
    clients->free = client;
}

static struct client *find(const struct clients *clients, const struct peer *peer)
{
    struct client *client = clients->all ? *chain_of(clients, peer) : NULL;
    while (client && !peer_equal(&client->peer, peer))
        client = client->next;
    return client;
}

/* Drops whose time is over: when a place is wanted, but at most once a second, for it looks at all. */
static void sweep(struct clients *clients)
{
    if (clients->now_ns - clients->swept_ns < NS_PER_S)
        return;
    clients->swept_ns = clients->now_ns;
    for (unsigned i = 0; i < clients->limits.peers_max; i++) {
        struct client *client = &clients->all[i];
        if (client->peer.kind != PEER_NONE && clients->now_ns > client->until_ns)
            forget(clients, client);
    }
}

/* A place for a sender that is not remembered yet, or null. */
static struct client *remember(struct clients *clients, const struct peer *peer)
{
    if (!clients->all && table_make(clients))
        return NULL;
    if (!clients->free)
        sweep(clients);
    struct client *client = clients->free, **chain = chain_of(clients, peer);
    if (!client)
        return NULL;
    clients->free = client->next;
    *client = (struct client){.peer = *peer, .next = *chain, .until_ns = clients->now_ns + IDLE_S * NS_PER_S};
    *chain = client;
    return client;
}

/* A connection is known until it closes, a sender of datagrams for its lease, which each packet renews. */
static void renew(const struct clients *clients, struct client *client)
{
    uint64_t lease_ns = (client->greeted ? CLIENT_LEASE_S : IDLE_S) * NS_PER_S;
    client->until_ns = client->peer.kind == PEER_STREAM ? UINT64_MAX : clients->now_ns + lease_ns;
}

static struct client *find_known(struct clients *clients, const struct peer *peer)
{
    struct client *client = find(clients, peer);
    if (!client || clients->now_ns <= client->until_ns)
        return client;
    forget(clients, client);
    return NULL;
}

void clients_forget(struct clients *clients, const struct peer *peer)
{
    struct client *client = find(clients, peer);
    if (client)
        forget(clients, client);
}

/* ---- strangers ------------------------------------------------------------------------------------------------------ */

bool clients_is_stranger(struct clients *clients, const struct peer *peer)
{
    if (!peer_is_remote(peer))
        return false;
    if (peer->kind == PEER_STREAM && !*clients->token)
        return false;
    const struct client *client = find_known(clients, peer);
    return !client || !client->greeted;
}

bool clients_token_is(const struct clients *clients, const char *token)
{
    volatile uint8_t differs = 0;
    char given[CLIENT_TOKEN_BYTES] = "";
    size_t n = strnlen(token, CLIENT_TOKEN_BYTES);
    memcpy(given, token, n < CLIENT_TOKEN_BYTES ? n : CLIENT_TOKEN_BYTES - 1);
    for (unsigned i = 0; i < CLIENT_TOKEN_BYTES; i++)
        differs = differs | (uint8_t)(given[i] ^ clients->token[i]);
    return !differs && n < CLIENT_TOKEN_BYTES && *clients->token;
}

static int64_t cookie_of(const struct clients *clients, const struct peer *peer, uint64_t slot)
{
    return (int64_t)peer_hash(clients, peer, slot + 1); /* other than any of the table's, whose salt is 0 */
}

int64_t clients_cookie(const struct clients *clients, const struct peer *peer)
{
    return cookie_of(clients, peer, clients->now_ns / (COOKIE_S * NS_PER_S) + 1);
}

bool clients_cookie_is(const struct clients *clients, const struct peer *peer, int64_t cookie)
{
    uint64_t slot = clients->now_ns / (COOKIE_S * NS_PER_S) + 1;
    return cookie == cookie_of(clients, peer, slot) || cookie == cookie_of(clients, peer, slot - 1);
}

int clients_greet(struct clients *clients, const struct peer *peer, struct error *error)
{
    struct client *client = find_known(clients, peer);
    if (!client)
        client = remember(clients, peer);
    if (!client && !clients->all)
        return error_set(error, ERROR_INTERNAL, "memory ran out");
    if (!client)
        return error_set(error, ERROR_BUSY, "%u senders are known, as many as may be: try again in a minute",
                         clients->limits.peers_max);
    client->greeted = true;
    renew(clients, client);
    clients->client = client;
    return 0;
}

/* ---- how often ------------------------------------------------------------------------------------------------------ */

static void tell_busy(struct server *server, const struct peer *peer, double per_s)
{
    struct request request = {.server = server, .peer = *peer, .address = ""};
    struct error error;
    error_set(&error, ERROR_BUSY, "more than %g messages a second: what is beyond them is not done", per_s);
    request_fail(&request, &error);
}

/* Takes what has come since the last packet; true while there is something left. */
static bool has_rate(struct server *server, struct bucket *bucket, double per_s, uint64_t *told_ns)
{
    struct clients *clients = &server->clients;
    bucket_fill(bucket, clients->now_ns, per_s, per_s);
    if (bucket->level > 0)
        return true;
    clients->counters.limited++;
    if (!*told_ns || clients->now_ns - *told_ns >= NS_PER_S) {
        *told_ns = clients->now_ns;
        tell_busy(server, &clients->current, per_s);
    }
    return false;
}

bool clients_admit(struct server *server, const struct peer *peer, size_t n)
{
    struct clients *clients = &server->clients;
    bool is_remote = peer_is_remote(peer);
    double per_s = is_remote ? clients->limits.remote_per_s : clients->limits.local_per_s;
    clients->current = *peer;
    clients->client = NULL;
    clients->allowance = n;
    if (!is_remote && per_s <= 0)
        return true;
    clients->client = find_known(clients, peer);
    bool is_stranger = clients_is_stranger(clients, peer);
    if (is_stranger)
        return has_rate(server, &clients->strangers, STRANGERS_PER_S, &clients->strangers_told_ns);
    if (!clients->client)
        clients->client = remember(clients, peer);
    if (!clients->client) { /* no place to count what it sends */
        clients->counters.limited++;
        return false;
    }
    renew(clients, clients->client);
    return per_s <= 0 || has_rate(server, &clients->client->rate, per_s, &clients->client->told_busy_ns);
}

static unsigned messages_count(const uint8_t *packet, size_t n)
{
    if (!packet_is_bundle(packet, n))
        return 1;
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element;
    unsigned count = 1; /* an empty one is work too */
    while (bundle_next(&bundle, &element, &n_element))
        count += messages_count(element, n_element);
    return count;
}

static void count_messages(struct clients *clients, const uint8_t *packet, size_t n)
{
    struct bucket *rate = clients->client ? &clients->client->rate : &clients->strangers;
    if (clients->client || peer_is_remote(&clients->current))
        bucket_take(rate, packet ? messages_count(packet, n) : 1);
}

/* ---- what ----------------------------------------------------------------------------------------------------------- */

/* The first message that needs more than `role`, with what it needs; null: none does. */
static const char *beyond(const struct server *server, const uint8_t *packet, size_t n, enum role role, enum role *needed)
{
    if (!packet_is_bundle(packet, n)) {
        struct message message = message_read(packet);
        const char *address = dispatch_strip(message.address, NULL);
        *needed = dispatch_role(server, address, message.n_args);
        return *needed > role ? address : NULL;
    }
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element;
    const char *found = NULL;
    while (!found && bundle_next(&bundle, &element, &n_element))
        found = beyond(server, element, n_element, role, needed);
    return found;
}

static bool is_hello(const uint8_t *packet, size_t n)
{
    return !packet_is_bundle(packet, n) && strcmp(dispatch_strip(message_read(packet).address, NULL), "/hello") == 0;
}

static bool deny(struct server *server, const struct peer *peer, const uint8_t *packet, size_t n, const struct error *error)
{
    struct request request = {.server = server, .peer = *peer, .packet = packet, .n_packet = n};
    server->clients.counters.denied++;
    dispatch_identify(&request);
    request_fail(&request, error);
    return false;
}

bool clients_allow(struct server *server, const struct peer *peer, enum role role, const uint8_t *packet, size_t n)
{
    struct clients *clients = &server->clients;
    struct error error;
    enum role needed;
    count_messages(clients, packet, n);
    if (!packet || (role == ROLE_EDIT && !peer_is_remote(peer)))
        return true;
    if (!is_hello(packet, n) && clients_is_stranger(clients, peer)) {
        /* Short: it has to fit into what was sent. */
        error_set(&error, ERROR_DENIED, *clients->token ? "say /hello token TOKEN first" : "say /hello first");
        return deny(server, peer, packet, n, &error);
    }
    const char *address = beyond(server, packet, n, role, &needed);
    if (!address)
        return true;
    error_set(&error, ERROR_DENIED, "%s needs the role %s; the address that you have reached gives %s", address,
              role_name(needed), role_name(role));
    return deny(server, peer, packet, n, &error);
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

void clients_end(struct clients *clients)
{
    clients->allowance = 0;
}

/* Whether somebody on this host is known: what he subscribes to may go to another of its ports. */
static bool host_is_known(const struct clients *clients, const struct peer *peer)
{
    for (unsigned i = 0; clients->all && i < clients->limits.peers_max; i++) {
        const struct client *client = &clients->all[i];
        if (client->greeted && clients->now_ns <= client->until_ns && peer_same_host(&client->peer, peer))
            return true;
    }
    return false;
}

bool clients_may_send(struct clients *clients, const struct peer *peer, size_t n)
{
    if (peer->kind != PEER_DATAGRAM || !clients_is_stranger(clients, peer) || MUTANT_FLAW("generous"))
        return true;
    bool is_current = peer_equal(peer, &clients->current);
    if (!is_current && host_is_known(clients, peer))
        return true;
    if (!is_current || n > clients->allowance) {
        clients->counters.withheld++;
        return false;
    }
    clients->allowance -= n;
    return true;
}
