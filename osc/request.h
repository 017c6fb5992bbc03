/* A request from its arrival to its answer.
 *
 *     arrived ──▶ run ──▶ answered
 *                  │ a file is missing          another request loads what it mentions
 *                  ▼                            ▼
 *               loading ──(loader)──▶ run    waiting ──(that one is through)──▶ run
 *
 * Running is always from the start, on the model of that moment: a request that has to wait leaves nothing behind but the
 * names it will make or remove and the files it will set, which those that arrive later and mention them wait for. Who sets
 * the same file again does not wait: the older request is answered `cancelled`.
 */
#pragma once

#include "graph/host.h"
#include "graph/tx.h"
#include "osc/packet.h"
#include "osc/peer.h"
#include "osc/wanted.h"
#include "osc/writer.h"

struct server;

#define REQUEST_SAID_BYTES (2 * NAME_BYTES + 160)

/* What a parked request is doing. Those up to REQUEST_WAITING may keep others waiting. */
enum request_state {
    REQUEST_LOADING,   /* it waits for the loader */
    REQUEST_WAITING,   /* for an older one */
    REQUEST_RUNNING,   /* it is being run at this moment */
    REQUEST_CANCELLED, /* it is answered, and forgotten when the loader is done with it */
};

/* Lives on the stack while it runs for the first time. If it has to wait, a copy of it is made that owns its packet. */
struct request {
    struct server *server;
    struct peer peer;
    const uint8_t *packet; /* checked; borrowed while it runs for the first time, owned once it is parked */
    size_t n_packet;

    /* What its answer names, filled in by dispatch_identify. */
    const char *address; /* that the answer names: without /req/<n>; "#bundle"; "" of what is no packet. Borrowed from it */
    int32_t id;          /* from /req/<n> or /tx req n; 0 */
    bool has_id;
    int32_t sync_id; /* argument of /sync */

    /* Of a bundle. */
    const struct when *outer; /* it stands inside of one that waits for this, or null */
    uint64_t at_frame;        /* it has waited, and this is its time, in engine frames; 0: it has not */
    bool has_due;             /* it has a time: if that is missed, the sender is told */
    int64_t due_frame;

    char said[REQUEST_SAID_BYTES]; /* of an edit: what its answer says besides, a sentence; "": nothing */

    struct bytes *gathered; /* its answers become elements of this bundle, which somebody will send; null: they leave */
    struct wanted wanted;   /* files that it needs */

    /* Of a parked one. */
    enum request_state state;
    struct map
        reserved; /* the names that it will make or remove, files that it sets as NODE/PARAM; borrowed from the packet */
    bool reserves_all;    /* the whole graph: what edits waits for it */
    struct request *next; /* in the server's list of parked ones, oldest first */
};

/* Takes a checked packet (copied if need be): runs it, or lets it wait. Whatever comes of it is answered to the peer, now
 * or later; there is nothing to return. */
DAWD_CTL void request_arrive(struct server *server, const struct peer *peer, const uint8_t *packet, size_t n);

/* Drops every request that still waits, unanswered (their loads are already over, or `done` would meet freed memory). */
DAWD_CTL void request_drop_all(struct server *server);

/* A copy of what an answer needs, for those that come later: address, number, peer, without the packet. To be answered
 * once and then freed by the caller with free(); the server outlives it. Null when memory ran out. */
DAWD_CTL struct request *request_detach(const struct request *request);

/* Starts the results of /done: request id and address are in, what follows is the command's. They are then used up by
 * request_done or writer_deinit. */
DAWD_CTL void request_results(const struct request *request, struct writer *results);

/* Each sends one message to the request's sender and uses the writer up; a failure goes to the log as well. An answer that
 * does not fit the sender's datagrams becomes /fail too_big. */
DAWD_CTL void request_done(const struct request *request, struct writer *results);
DAWD_CTL void request_fail(const struct request *request, const struct error *error);
DAWD_CTL void request_send(const struct request *request, const char *address, struct writer *message);

/* Sends a packet to the request's sender: as net_send. */
DAWD_CTL int request_send_packet(const struct request *request, const void *packet, size_t n);
/* Answers what an answer could not be sent for: too_big, or internal; nothing for any other code. */
DAWD_CTL void request_fail_to_send(const struct request *request, int code);
