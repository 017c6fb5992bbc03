/* The addresses that the daemon listens on, from the words of --bind. */
#pragma once

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/net.h"

struct places {
    char addresses[NET_PLACES_MAX][64];
    enum role roles[NET_PLACES_MAX];
    unsigned n;
};

/* Adds ADDRESS or ADDRESS=ROLE; without a role it is `edit` on the loopback, elsewhere `read`. 0, or ERROR_BAD_VALUE with one
 * sentence. */
DAWD_CTL int places_add(struct places *places, const char *word, struct error *error);

/* Puts 127.0.0.1=edit in front unless an address of the loopback, or 0.0.0.0, which holds it, is there already; and refuses
 * what would let anybody in: a role above `read` on a network without a token. 0 or ERROR_BAD_VALUE. */
DAWD_CTL int places_finish(struct places *places, bool has_token, struct error *error);

/* For the log: "127.0.0.1=edit, 192.168.1.5=read". */
DAWD_CTL void places_format(const struct places *places, char *text, size_t n);
