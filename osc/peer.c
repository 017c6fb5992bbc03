#include "osc/peer.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include "graph/hash.h"

/* Field by field: a sockaddr holds padding and, for IPv6, a flow label that differs from packet to packet. */
bool peer_same_host(const struct peer *a, const struct peer *b)
{
    if (a->address.any.sa_family != b->address.any.sa_family)
        return false;
    if (a->address.any.sa_family == AF_INET)
        return a->address.v4.sin_addr.s_addr == b->address.v4.sin_addr.s_addr;
    return a->address.v6.sin6_scope_id == b->address.v6.sin6_scope_id &&
           memcmp(&a->address.v6.sin6_addr, &b->address.v6.sin6_addr, sizeof a->address.v6.sin6_addr) == 0;
}

/* The port lies at the same place for both families. */
static bool same_address(const struct peer *a, const struct peer *b)
{
    return peer_same_host(a, b) && a->address.v4.sin_port == b->address.v4.sin_port;
}

bool peer_equal(const struct peer *a, const struct peer *b)
{
    if (a->kind != b->kind)
        return false;
    /* Nobody equals nobody: both streams are 0. */
    return a->kind == PEER_DATAGRAM ? a->place == b->place && same_address(a, b) : a->stream == b->stream;
}

uint64_t peer_number(const struct peer *peer)
{
    uint64_t number = HASH_BEGIN ^ (uint64_t)peer->kind;
    if (peer->kind != PEER_DATAGRAM)
        return hash_bytes(number, &peer->stream, sizeof peer->stream) | 1;
    number = hash_bytes(number, &peer->place, sizeof peer->place);
    if (peer->address.any.sa_family == AF_INET) {
        number = hash_bytes(number, &peer->address.v4.sin_port, sizeof peer->address.v4.sin_port);
        return hash_bytes(number, &peer->address.v4.sin_addr, sizeof peer->address.v4.sin_addr) | 1;
    }
    number = hash_bytes(number, &peer->address.v6.sin6_port, sizeof peer->address.v6.sin6_port);
    return hash_bytes(number, &peer->address.v6.sin6_addr, sizeof peer->address.v6.sin6_addr) | 1;
}

bool peer_address_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return address->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

bool peer_is_remote(const struct peer *peer)
{
    sa_family_t family = peer->address.any.sa_family;
    return (family == AF_INET || family == AF_INET6) && !peer_address_is_loopback(&peer->address.any);
}

/* "127.0.0.1:9000" */
static void address_format(const struct peer *peer, char *text, size_t n)
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (peer->address.any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &peer->address.v4.sin_addr, host, sizeof host);
        snprintf(text, n, "%s:%u", host, ntohs(peer->address.v4.sin_port));
    } else {
        inet_ntop(AF_INET6, &peer->address.v6.sin6_addr, host, sizeof host);
        snprintf(text, n, "[%s]:%u", host, ntohs(peer->address.v6.sin6_port));
    }
}

void peer_format(const struct peer *peer, char *text, size_t n)
{
    if (peer->kind == PEER_NONE) {
        snprintf(text, n, "nobody");
        return;
    }
    int at = peer->kind == PEER_STREAM ? snprintf(text, n, "connection %llu", (unsigned long long)peer->stream) : 0;
    if (peer->kind == PEER_STREAM && peer->address.any.sa_family != AF_UNSPEC)
        at += snprintf(text + at, n - (size_t)at, " of ");
    if (peer->address.any.sa_family != AF_UNSPEC)
        address_format(peer, text + at, n - (size_t)at);
}
