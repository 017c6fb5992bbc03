/* Values that belong to no node and can be subscribed to: whatever a command without arguments tells.
 *
 *     /transport/position, tempo, signature …   every command that is also a value (COMMAND_VALUE), at its own address
 *     /stats                                    a query that tells pairs: each at an address of its own, /stats/xruns
 *
 * So a command that is one more value can be subscribed to without another line. Looked at while somebody wants them; a
 * result with other bytes than last time is a change.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"
#include "osc/bytes.h"

struct server;
struct sub;

#define PUBLISHED_ADDRESS_BYTES 96

struct published_value {
    char address[PUBLISHED_ADDRESS_BYTES];
    uint64_t number;      /* of its newest change */
    struct bytes message; /* as it is sent */
};

/* All of a server that were ever wanted; none is forgotten, since there are only so many. */
struct published {
    struct published_value *values; /* owned */
    size_t n, capacity;
};

/* Whether anything here can have an address that the pattern of the subscription matches. */
DAWD_CTL bool published_can_match(const struct sub *sub);
/* Looks at all that anybody wants. */
DAWD_CTL void published_poll(struct server *server);
DAWD_CTL void published_deinit(struct published *published);
