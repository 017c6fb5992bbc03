#include "osc/sub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "osc/pattern.h"
#include "osc/server.h"
#include "osc/sub_tell.h"
#include "osc/target.h"

#define SECOND_NS  1000000000.0
#define USUAL_HZ   30.0
#define LEAST_HZ   0.01
#define MOST_HZ    100.0
#define LEASE_S    30.0
#define LEAST_S    1.0
#define MOST_S     3600.0
#define TICK_NODES 8192 /* that all subscriptions together look at in one tick: about a millisecond */

static uint64_t now_ns(const struct server *server)
{
    const struct clock *clock = &server->ctl->engine->clock;
    return clock_read(clock);
}

/* ---- clients -------------------------------------------------------------------------------------------------------- */

static struct sub_client **client_link(struct subs *subs, const struct peer *peer)
{
    uint64_t number = peer_number(peer);
    struct sub_client **link = &subs->clients;
    while (*link && ((*link)->number != number || !peer_equal(&(*link)->peer, peer)))
        link = &(*link)->next;
    return link;
}

static struct sub_client *client_get(struct server *server, const struct peer *peer, struct error *error)
{
    struct subs *subs = &server->subs;
    struct sub_client *client = *client_link(subs, peer);
    if (client)
        return client;
    if (subs->n_clients >= SUB_CLIENTS_MAX) {
        error_set(error, ERROR_TOO_BIG, "%u clients subscribe already, as many as may", subs->n_clients);
        return NULL;
    }
    client = calloc(1, sizeof *client);
    if (!client) {
        error_set(error, ERROR_INTERNAL, "memory ran out for the subscription");
        return NULL;
    }
    *client = (struct sub_client){.peer = *peer, .number = peer_number(peer), .next = subs->clients};
    subs->clients = client;
    subs->n_clients++;
    return client;
}

static void client_drop_idle(struct subs *subs, const struct sub_client *client)
{
    struct sub_client **link = &subs->clients;
    if (client->n_subs)
        return;
    while (*link != client)
        link = &(*link)->next;
    *link = client->next;
    subs->n_clients--;
    free((void *)client);
}

void subs_heard(struct server *server, const struct peer *peer)
{
    server->subs.asker = 0;
    if (!server->subs.clients)
        return;
    uint64_t now = server->ctl->model.stamps.now_ns = now_ns(server);
    struct sub_client *client = *client_link(&server->subs, peer);
    if (!client)
        return;
    client->heard_ns = now;
    server->subs.asker = client->number;
}

/* ---- beginning ------------------------------------------------------------------------------------------------------ */

static int range(const char *what, double value, double least, double most, const char *unit, struct error *error)
{
    if (value >= least && value <= most)
        return 0;
    return error_set(error, ERROR_RANGE, "%s %g %s is outside its range %g to %g %s", what, value, unit, least, most, unit);
}

static int wish_check(const struct peer *peer, const struct sub_wish *wish, struct error *error)
{
    if (pattern_check(wish->pattern, error))
        return (int)error->code;
    if (*wish->pattern != '/')
        return error_set(error, ERROR_BAD_ADDRESS, "the pattern \"%.100s\" does not start with '/'", wish->pattern);
    if (strlen(wish->pattern) >= SUB_PATTERN_BYTES)
        return error_set(error, ERROR_TOO_BIG, "the pattern is longer than any address, at most %d bytes are taken",
                         SUB_PATTERN_BYTES - 1);
    if (wish->port && peer->kind != PEER_DATAGRAM)
        return error_set(error, ERROR_UNSUPPORTED,
                         "to %u: a connection is told of changes by itself; other ports are for UDP", wish->port);
    if (range("max_hz", wish->max_hz, LEAST_HZ, MOST_HZ, "Hz", error))
        return (int)error->code;
    return wish->lease_s > 0 ? range("lease", wish->lease_s, LEAST_S, MOST_S, "s", error) : 0;
}

static bool begins_alike(const struct sub *sub, const char *prefix)
{
    size_t n = strlen(prefix);
    return strncmp(sub->pattern, prefix, n < sub->n_plain ? n : sub->n_plain) == 0;
}

/* What is not there yet may come; what no address will ever be like is a mistake. */
static int match_check(const struct sub *sub, struct error *error)
{
    bool is_node = begins_alike(sub, TARGET_PREFIX) && sub->n_slashes >= 3;
    bool is_event = false;
    for (unsigned i = 0; i < N_EVENTS; i++)
        is_event |= pattern_match(sub->pattern, event_infos[i].address);
    if (is_node || is_event || published_can_match(sub))
        return 0;
    return error_set(error, ERROR_NO_MATCH,
                     "\"%.100s\" matches nothing that can be subscribed to: /node/NAME/PARAM, /node/NAME/PORT/peak, "
                     "/transport/position and other values of the transport, /stats/NAME, /event/NAME, /log",
                     sub->pattern);
}

static struct peer destination(const struct peer *peer, unsigned port)
{
    struct peer to = *peer;
    if (port && to.address.any.sa_family == AF_INET)
        to.address.v4.sin_port = htons((uint16_t)port);
    else if (port)
        to.address.v6.sin6_port = htons((uint16_t)port);
    return to;
}

static struct sub *sub_find(struct subs *subs, const struct peer *peer, const struct peer *to, const char *pattern)
{
    struct sub *sub = subs->first;
    while (sub && !(peer_equal(&sub->client->peer, peer) && peer_equal(&sub->to, to) && strcmp(sub->pattern, pattern) == 0))
        sub = sub->next;
    return sub;
}

static int sub_make(struct server *server, const struct sub *like, const struct peer *peer, struct sub **made,
                    struct error *error)
{
    struct subs *subs = &server->subs;
    struct sub_client *client = client_get(server, peer, error);
    if (!client)
        return (int)error->code;
    if (client->n_subs >= server->ctl->limits.most[LIMIT_SUBSCRIPTIONS])
        return error_set(error, ERROR_TOO_BIG,
                         "this client has %u subscriptions already, as many as it may: one pattern can "
                         "match much",
                         client->n_subs);
    struct sub *sub = malloc(sizeof *sub);
    if (!sub) {
        client_drop_idle(subs, client);
        return error_set(error, ERROR_INTERNAL, "memory ran out for the subscription");
    }
    *sub = *like;
    sub->id = subs->last_id = subs->last_id == INT32_MAX ? 1 : subs->last_id + 1;
    sub->client = client;
    sub->next = subs->first;
    subs->first = sub;
    subs->n++;
    client->n_subs++;
    *made = sub;
    return 0;
}

static void begin_anew(struct server *server, struct sub *sub)
{
    sub->from = sub->cursor = 0;
    sub->n_told = 0;
    sub->is_telling = sub->is_snapshot = true;
    sub->due_ns = 0;
    server->subs.poll_ns = 0; /* so that what is measured is of now */
}

int sub_add(struct server *server, const struct peer *peer, const struct sub_wish *wish, int32_t *id, struct error *error)
{
    struct sub_wish full = *wish;
    struct sub like = {.to = destination(peer, wish->port)}, *sub;
    full.max_hz = full.max_hz == 0 ? USUAL_HZ : full.max_hz;
    full.lease_s = full.lease_s == 0 && peer->kind == PEER_DATAGRAM ? LEASE_S : full.lease_s;
    if (wish_check(peer, &full, error))
        return (int)error->code;
    snprintf(like.pattern, sizeof like.pattern, "%s", full.pattern);
    like.n_plain = strcspn(like.pattern, "?*[]{}");
    for (const char *at = like.pattern; *at; at++)
        like.n_slashes += *at == '/';
    if (match_check(&like, error))
        return (int)error->code;
    sub = sub_find(&server->subs, peer, &like.to, like.pattern);
    if (!sub && sub_make(server, &like, peer, &sub, error))
        return (int)error->code;
    sub->interval_ns = (uint64_t)(SECOND_NS / full.max_hz);
    sub->lease_ns = (uint64_t)(SECOND_NS * full.lease_s);
    sub->client->heard_ns = now_ns(server);
    begin_anew(server, sub);
    *id = sub->id;
    return 0;
}

/* ---- ending --------------------------------------------------------------------------------------------------------- */

static void sub_end(struct subs *subs, struct sub **link)
{
    struct sub *sub = *link;
    struct sub_client *client = sub->client;
    *link = sub->next;
    subs->n--;
    client->n_subs--;
    client_drop_idle(subs, client);
    measured_recheck(&subs->measured);
    bytes_deinit(&sub->events);
    free(sub);
}

static bool is_meant(const struct sub *sub, const struct peer *peer, int32_t id, const char *pattern)
{
    return peer_equal(&sub->client->peer, peer) && (pattern ? strcmp(sub->pattern, pattern) == 0 : !id || sub->id == id);
}

unsigned sub_remove(struct server *server, const struct peer *peer, int32_t id, const char *pattern)
{
    unsigned n = 0;
    for (struct sub **link = &server->subs.first; *link;) {
        bool ends = is_meant(*link, peer, id, pattern);
        if (ends)
            sub_end(&server->subs, link);
        else
            link = &(*link)->next;
        n += ends;
    }
    return n;
}

void subs_closed(struct server *server, const struct peer *peer)
{
    sub_remove(server, peer, 0, NULL);
}

unsigned sub_count(const struct server *server, const struct peer *peer, int32_t id)
{
    unsigned n = 0;
    for (const struct sub *sub = server->subs.first; sub; sub = sub->next)
        n += is_meant(sub, peer, id, NULL);
    return n;
}

bool sub_resync(struct server *server, const struct peer *peer, int32_t id)
{
    for (struct sub *sub = server->subs.first; sub; sub = sub->next)
        if (is_meant(sub, peer, id, NULL)) {
            begin_anew(server, sub);
            return true;
        }
    return false;
}

static void expire(struct subs *subs, uint64_t now)
{
    for (struct sub **link = &subs->first; *link;) {
        const struct sub *sub = *link;
        if (sub->lease_ns && now > sub->client->heard_ns && now - sub->client->heard_ns > sub->lease_ns)
            sub_end(subs, link);
        else
            link = &(*link)->next;
    }
}

void subs_deinit(struct subs *subs)
{
    while (subs->first)
        sub_end(subs, &subs->first);
    measured_deinit(&subs->measured);
    published_deinit(&subs->published);
}

/* ---- the tick ------------------------------------------------------------------------------------------------------- */

static uint64_t least_interval(const struct subs *subs)
{
    uint64_t least = UINT64_MAX;
    for (const struct sub *sub = subs->first; sub; sub = sub->next)
        least = sub->interval_ns < least ? sub->interval_ns : least;
    return least;
}

/* Whoever was served first comes last the next time. */
static void turn_round(struct subs *subs)
{
    struct sub *first = subs->first, **link = &subs->first;
    while (*link)
        link = &(*link)->next;
    *link = first;
    subs->first = first->next;
    first->next = NULL;
}

void subs_tick(struct server *server)
{
    struct subs *subs = &server->subs;
    if (!subs->first)
        return;
    struct sub_budget budget = {TICK_NODES, now_ns(server)};
    server->ctl->model.stamps.now_ns = budget.now_ns;
    expire(subs, budget.now_ns);
    if (subs->first && budget.now_ns >= subs->poll_ns) {
        measured_poll(subs, server->ctl);
        published_poll(server);
        subs->poll_ns = budget.now_ns + least_interval(subs);
    }
    for (struct sub *sub = subs->first; sub; sub = sub->next)
        if (budget.now_ns >= sub->due_ns && sub_has_news(server, sub))
            sub_tell(server, sub, &budget);
    if (subs->first)
        turn_round(subs);
}

int subs_wait_ms(const struct server *server, int most)
{
    const struct subs *subs = &server->subs;
    uint64_t now = subs->first ? now_ns(server) : 0, next = now + (uint64_t)most * 1000000u;
    for (const struct sub *sub = subs->first; sub; sub = sub->next)
        if (sub->due_ns < next && sub_has_news(server, sub))
            next = sub->due_ns;
    if (subs->first && subs->poll_ns < next)
        next = subs->poll_ns;
    return next <= now ? 0 : (int)((next - now + 999999) / 1000000);
}
