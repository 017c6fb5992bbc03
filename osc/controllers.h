/* Controllers at work: what is heard of them sets the values that they are mapped to (graph/mapping.h), as a client would.
 *
 *     midi_input, /note/cc ──▶ heard (graph/heard.h) ──▶ learning? ──▶ a mapping, answered
 *                                                   └──▶ mappings ──▶ ctl_set_value ──▶ subscribers, history, sound
 *
 * Nothing is sent back to a controller, so there is nothing that could go round.
 */
#pragma once

#include "graph/heard.h"
#include "graph/mapping.h"
#include "osc/request.h"

#define LEARN_S 60 /* then nobody means it any more */
#define TELL_S  3  /* dawctl waits for a sign of life for ten */

/* Part of the server. Which nodes have mappings is found anew when one has changed, and not at every event. */
struct controllers {
    struct heard_listener listener;
    struct server *server;
    struct node **nodes; /* that have mappings: valid while `seen` is the model's n_mapped */
    size_t n_nodes, n_capacity;
    uint64_t seen;
    /* What the next controller will be mapped to: one thing at a time, for two that learn would both get it. */
    struct learning {
        struct request *head; /* who asked; null: nothing is learnt */
        uint64_t node;        /* the sequence of the one whose parameter it is */
        struct mapping mapping;
        uint64_t until; /* engine time */
        uint64_t told;  /* engine time at which it was said last that it goes on */
    } learning;         /* its mapping has no source, channel and number yet */
};

/* Part of the server; the engine outlives it. */
DAWD_CTL void controllers_init(struct controllers *controllers, struct server *server);
DAWD_CTL void controllers_deinit(struct controllers *controllers);
/* Gives up what was to be learnt for too long, and tells who waits that it goes on. */
DAWD_CTL void controllers_tick(struct controllers *controllers);

/* The next controller that is heard will be mapped so, and the request answered then; what was to be learnt before is
 * cancelled. 0 or internal. */
DAWD_CTL int controllers_learn(struct controllers *controllers, const struct request *request, const struct node *node,
                               const struct mapping *mapping, struct error *error);
/* A connection is gone: what it wanted to be learnt is not. */
DAWD_CTL void controllers_closed(struct controllers *controllers, const struct peer *peer);
/* Cancels what is to be learnt; whether there was something. */
DAWD_CTL bool controllers_forget(struct controllers *controllers);

/* The value that a controller at 0..127 means for a parameter of the node, and whether it is to be set: where the controller has
 * no hold of it yet, it is not. */
DAWD_CTL bool controllers_value(const struct node *node, struct mapping *mapping, double controller, float *value);
