/* What control sends to the audio thread: the ring, and behind it a queue for when the ring is full.
 *
 * Nothing overtakes and nothing is lost. In the queue a value replaces an older one of the same parameter, unless a change
 * stands between them: then order matters.
 */
#pragma once

#include "graph/engine_shared.h"
#include "graph/model.h"

/* All-zero with `engine` set, it is ready for use. A message has a number, counting from 1 through all that were ever
 * queued, so a number up to n_gone stands for one that has left the queue. */
struct outbox {
    struct engine_rt *engine;
    struct rt_message *queue; /* n_queued messages from `first` on */
    size_t first, n_queued, n_capacity;
    uint64_t n_gone;   /* messages that have ever left the queue; queue[first] is number n_gone + 1 */
    uint64_t n_change; /* number of the newest change that was queued */
    /* Never more than RT_TO_CTL_CAPACITY: this is why the audio thread never finds rt_to_ctl full. */
    unsigned n_under_way; /* changes in either ring */
    uint64_t n_coalesced; /* values that were replaced before they left */
};

/* Makes sure that one more outbox_change cannot fail. 0, or ERROR_INTERNAL when memory ran out. */
DAWD_CTL int outbox_reserve(struct outbox *outbox);
/* Sends a change, borrowed until it comes back from outbox_returned; needs outbox_reserve. */
DAWD_CTL void outbox_change(struct outbox *outbox, struct change *change);
/* Sends a value for a node of the model, whose row it names. 0, or ERROR_INTERNAL when memory ran out: nothing is sent
 * then. */
DAWD_CTL int outbox_value(struct outbox *outbox, struct node *node, const struct value_rt *value);
/* Sends an event, which no other replaces. As well. */
DAWD_CTL int outbox_event(struct outbox *outbox, const struct value_rt *event);
/* Moves on from the queue into the ring as far as there is room. To be called as long as outbox_is_busy says so: nobody
 * else empties the queue. */
DAWD_CTL void outbox_pump(struct outbox *outbox);
/* The oldest change that the audio thread has given back, or null. */
DAWD_CTL struct change *outbox_returned(struct outbox *outbox);
/* Whether anything has not been taken by the audio thread yet. */
DAWD_CTL bool outbox_is_busy(const struct outbox *outbox);
/* Frees the queue. What is still in it is forgotten: its changes are their senders' to free. */
DAWD_CTL void outbox_deinit(struct outbox *outbox);
