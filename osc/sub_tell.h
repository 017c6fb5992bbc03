/* One tick of one subscription: what is new, put into packets and sent. */
#pragma once

#include "osc/sub.h"

/* What a tick of all subscriptions may still do; shared, so that many of them do not add up to a long one. */
struct sub_budget {
    unsigned n_nodes; /* looked at */
    uint64_t now_ns;
};

/* Tells the subscription what is new, or goes on with that. Counts its work down in *budget. */
DAWD_CTL void sub_tell(struct server *server, struct sub *sub, struct sub_budget *budget);

/* Whether there is anything to tell. */
DAWD_CTL bool sub_has_news(const struct server *server, const struct sub *sub);

/* Queues an event's message; where there is no room it is lost, and the packets' numbers will show it. */
DAWD_CTL void sub_queue_event(struct sub *sub, const struct bytes *message);
