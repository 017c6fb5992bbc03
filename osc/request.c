/* Parking keeps the packet and nothing else. Running it again from the start, on whatever the graph has become, is what
 * makes a load safe against everything that happened while it went on. */
#include "osc/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/dispatch.h"
#include "osc/gather.h"
#include "osc/pattern.h"
#include "osc/reserve.h"
#include "osc/server.h"
#include "osc/target.h"

#define PARKED_MAX_BYTES (64u << 20) /* of the packets that wait for files at the same time */

static void request_free(struct request *request)
{
    wanted_deinit(&request->wanted);
    map_deinit(&request->reserved);
    free((void *)request->packet);
    free(request);
}

struct request *request_detach(const struct request *request)
{
    size_t n = strlen(request->address) + 1;
    struct request *head = malloc(sizeof *head + n);
    if (!head)
        return NULL;
    *head = (struct request){.server = request->server,
                             .peer = request->peer,
                             .address = memcpy(head + 1, request->address, n),
                             .id = request->id,
                             .has_id = request->has_id,
                             .sync_id = request->sync_id,
                             .has_due = request->has_due,
                             .due_frame = request->due_frame};
    memcpy(head->said, request->said, sizeof head->said);
    return head;
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

void request_results(const struct request *request, struct writer *results)
{
    writer_init(results);
    writer_int(results, request->id);
    writer_string(results, request->address);
}

int request_send_packet(const struct request *request, const void *packet, size_t n)
{
    const struct sender *sender = &request->server->sender;
    return sender->send(sender->self, &request->peer, packet, n);
}

static int send_message(const struct request *request, const char *address, struct writer *message)
{
    struct bytes packet = {0};
    int code = writer_end(message, address, &packet);
    if (!code && request->gathered) {
        gather_add(request->gathered, &packet);
    } else if (!code) {
        code = request_send_packet(request, packet.data, packet.n);
    }
    bytes_deinit(&packet);
    return code;
}

void request_fail_to_send(const struct request *request, int code)
{
    struct error error = {0};
    bool by_datagram = request->peer.kind == PEER_DATAGRAM;
    if (code == ERROR_TOO_BIG)
        error_set(&error, ERROR_TOO_BIG,
                  "the answer does not fit a %s: ask for less%s, by [offset] [count] where the command has them",
                  by_datagram ? "datagram" : "frame of the connection", by_datagram ? " or over the unix socket" : "");
    else if (code == ERROR_INTERNAL)
        error_set(&error, ERROR_INTERNAL, "memory ran out for the answer; what was asked is done");
    if (error.code)
        request_fail(request, &error);
}

void request_send(const struct request *request, const char *address, struct writer *message)
{
    int code = send_message(request, address, message);
    if (code)
        request_fail_to_send(request, code);
}

void request_done(const struct request *request, struct writer *results)
{
    request_send(request, "/done", results);
}

void request_fail(const struct request *request, const struct error *error)
{
    struct server *server = request->server;
    struct writer answer;
    char line[PACKET_ADDRESS_MAX_BYTES + sizeof error->text];
    request_results(request, &answer);
    writer_int(&answer, (int32_t)error->code);
    writer_string(&answer, error_symbol(error->code));
    writer_string(&answer, error->text);
    send_message(request, "/fail", &answer);
    server->counters.failures++;
    snprintf(line, sizeof line, "%s: %s: %s", *request->address ? request->address : "a packet", error_symbol(error->code),
             error->text);
    host_say(server->host, true, "request", line);
}

void request_drop_all(struct server *server)
{
    for (struct request *request = server->parked, *next; request; request = next) {
        next = request->next;
        request_free(request);
    }
    server->parked = NULL;
}

/* ---- running and parking ------------------------------------------------------------------------------------------- */

static void unlink_parked(struct request *request)
{
    struct request **link = &request->server->parked;
    while (*link != request)
        link = &(*link)->next;
    *link = request->next;
}

static bool parked_run(struct request *request);

/* Runs whatever no longer has to wait: it waits only for older ones, so one pass from the oldest on finds all. */
static void wake(struct server *server)
{
    struct request **link = &server->parked;
    while (*link) {
        struct request *request = *link;
        if (request->state != REQUEST_WAITING || reserve_must_wait(request) || parked_run(request))
            link = &request->next;
    }
}

static void on_loaded(struct request *request)
{
    struct server *server = request->server;
    if (request->state == REQUEST_CANCELLED) {
        unlink_parked(request);
        request_free(request);
    } else {
        parked_run(request);
    }
    wake(server);
}

/* Answers those whose file `request` is about to load another one for. The loader may be at theirs: they go when it is done. */
static void supersede(const struct request *request)
{
    struct error error = {0};
    error_set(&error, ERROR_CANCELLED, "a newer %s came before the file was loaded", request->address);
    for (struct request *r = request->server->parked; r && r != request; r = r->next)
        if (r->state == REQUEST_LOADING && reserve_supersedes(request, r)) {
            r->state = REQUEST_CANCELLED;
            request_fail(r, &error);
        }
}

/* Hands what is missing to the loader; true when it is at it. */
static bool load(struct request *request)
{
    request->state = REQUEST_LOADING;
    if (request->wanted.n_missing)
        supersede(request);
    return request->wanted.n_missing && wanted_load(request, on_loaded);
}

/* Runs a parked request until it is answered, and gone, or waits for files: then true. */
static bool parked_run(struct request *request)
{
    int code = CALL_LOADING;
    while (code == CALL_LOADING) {
        /* The node whose file it sets may be there only now. */
        if (reserve(request)) {
            request_fail(request, &(struct error){ERROR_INTERNAL, "memory ran out for a request that waits for a file"});
            break;
        }
        if (load(request))
            return true;
        request->state = REQUEST_RUNNING;
        request->server->subs.asker = 0; /* it was asked some time ago */
        code = dispatch_run(request);
    }
    unlink_parked(request);
    request_free(request);
    return false;
}

/* A copy for the list, with the names it reserves. Null when memory ran out. */
static struct request *parked_new(const struct request *request)
{
    struct request *parked = calloc(1, sizeof *parked);
    uint8_t *packet = malloc(request->n_packet);
    if (!parked || !packet) {
        free(parked);
        free(packet);
        return NULL;
    }
    memcpy(packet, request->packet, request->n_packet);
    *parked = (struct request){.server = request->server,
                               .peer = request->peer,
                               .packet = packet,
                               .n_packet = request->n_packet,
                               .state = REQUEST_WAITING};
    dispatch_identify(parked);
    if (!reserve(parked))
        return parked;
    request_free(parked);
    return NULL;
}

/* Appends a copy of the request to the parked ones, which takes its files; null when it cannot wait, which is answered. */
static struct request *park(struct request *request)
{
    struct request **link = &request->server->parked, *parked = NULL;
    struct error error = {0};
    size_t n = 0, n_bytes = request->n_packet;
    for (; *link; link = &(*link)->next, n++)
        n_bytes += (*link)->n_packet;
    if (n < request->server->ctl->limits.most[LIMIT_LOADS] && n_bytes <= PARKED_MAX_BYTES) {
        *link = parked = parked_new(request);
        if (!parked)
            error_set(&error, ERROR_INTERNAL, "memory ran out for a request that waits for a file");
    } else {
        error_set(&error, ERROR_TOO_BIG, "%zu requests wait for files already: send it when they are answered", n);
    }
    if (error.code)
        request_fail(request, &error);
    if (!parked)
        return NULL;
    parked->wanted = request->wanted;
    request->wanted = (struct wanted){0};
    return parked;
}

void request_arrive(struct server *server, const struct peer *peer, const uint8_t *packet, size_t n)
{
    struct request request = {.server = server, .peer = *peer, .packet = packet, .n_packet = n};
    server->counters.requests++;
    subs_heard(server, peer);
    dispatch_identify(&request);
    if (server->parked && reserve_must_wait(&request)) {
        park(&request);
    } else if (dispatch_run(&request) == CALL_LOADING) {
        struct request *parked = park(&request);
        if (parked)
            parked_run(parked);
    }
    wanted_deinit(&request.wanted);
}
