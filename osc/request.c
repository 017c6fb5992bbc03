/* Parking keeps the packet and nothing else. Running it again from the start, on whatever the graph has become, is what
 * makes a load safe against everything that happened while it went on. */
#include "osc/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/dispatch.h"
#include "osc/gather.h"
#include "osc/pattern.h"
#include "osc/target.h"

/* What may wait for files at the same time. */
#define PARKED_MAX       4096 /* requests */
#define PARKED_MAX_BYTES (64u << 20)

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
                             .sync_id = request->sync_id};
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
    server->host->log(server->host->self, true, line);
}

void request_drop_all(struct server *server)
{
    for (struct request *request = server->parked, *next; request; request = next) {
        next = request->next;
        request_free(request);
    }
    server->parked = NULL;
}

/* ---- who waits for whom -------------------------------------------------------------------------------------------- */

/* Whether `text` names one of the nodes, or a port or child of one. */
static bool is_reserved(const struct map *reserved, const char *text)
{
    for (size_t n = 0; n < NAME_BYTES; n++) {
        bool ends = !text[n] || text[n] == ':';
        if ((ends || text[n] == '/') && map_find(reserved, text, n))
            return true;
        if (ends)
            return false;
    }
    return false;
}

static bool message_mentions(const uint8_t *bytes, const struct map *reserved)
{
    struct message message = message_read(bytes);
    const char *address = dispatch_strip(message.address, NULL);
    struct arg arg;
    /* A pattern may mean any of them. */
    if (target_is_address(address) && (pattern_is(address) || is_reserved(reserved, address + sizeof TARGET_PREFIX - 1)))
        return true;
    while (message_next(&message, &arg))
        if (arg_string(&arg) && is_reserved(reserved, arg_string(&arg)))
            return true;
    return false;
}

static bool mentions(const uint8_t *packet, size_t n, const struct map *reserved)
{
    if (!packet_is_bundle(packet, n))
        return message_mentions(packet, reserved);
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element;
    while (bundle_next(&bundle, &element, &n_element))
        if (mentions(element, n_element, reserved))
            return true;
    return false;
}

static const struct command *command_of(const struct server *server, const uint8_t *message)
{
    return dispatch_find(server, dispatch_strip(message_read(message).address, NULL));
}

/* The node that a message makes or removes, or null. */
static const char *message_reserves(const struct server *server, const uint8_t *bytes)
{
    struct message message = message_read(bytes);
    const struct command *command = command_of(server, bytes);
    struct arg args[COMMAND_ARGS_MAX];
    if (!command || !command->reserves || command->reserves == RESERVES_ALL ||
        message_args(&message, args, COMMAND_ARGS_MAX) < command->reserves)
        return NULL;
    return arg_string(&args[command->reserves - 1]);
}

static bool reserves_all(const struct request *request)
{
    if (packet_is_bundle(request->packet, request->n_packet))
        return false;
    const struct command *command = command_of(request->server, request->packet);
    return command && command->reserves == RESERVES_ALL;
}

/* Whether anything in it changes the graph or a value. */
static bool edits(const struct server *server, const uint8_t *packet, size_t n)
{
    if (!packet_is_bundle(packet, n)) {
        struct message message = message_read(packet);
        const struct command *command = command_of(server, packet);
        return command ? command_kind_of(command, message.n_args) == COMMAND_EDIT : message.n_args > 0;
    }
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element;
    while (bundle_next(&bundle, &element, &n_element))
        if (edits(server, element, n_element))
            return true;
    return false;
}

/* Fills request->reserved with the names in the packet or a part of it. 0 or ERROR_INTERNAL. */
static int reserve(struct request *request, const uint8_t *packet, size_t n)
{
    if (!packet_is_bundle(packet, n)) {
        const char *node = message_reserves(request->server, packet);
        if (!node || map_find(&request->reserved, node, strlen(node)))
            return 0;
        if (map_reserve(&request->reserved))
            return ERROR_INTERNAL;
        map_put(&request->reserved, node, request);
        return 0;
    }
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element;
    while (bundle_next(&bundle, &element, &n_element))
        if (reserve(request, element, n_element))
            return ERROR_INTERNAL;
    return 0;
}

/* Whether `later` has to wait for a request ahead of it. */
static bool must_wait_for(const struct request *later, const struct request *ahead)
{
    if (ahead->reserves_all && edits(later->server, later->packet, later->n_packet))
        return true;
    return ahead->reserved.n_used && mentions(later->packet, later->n_packet, &ahead->reserved);
}

/* Whether any request ahead of `later` in the list of parked ones keeps it waiting. One that is running has changed the graph
 * already, or never will: what it holds inside does not wait for it. */
static bool must_wait(const struct request *later)
{
    bool waits_for_all = dispatch_is_sync(later->packet, later->n_packet) || reserves_all(later);
    for (const struct request *r = later->server->parked; r && r != later; r = r->next)
        if (r->state != REQUEST_RUNNING && (waits_for_all || must_wait_for(later, r)))
            return true;
    return false;
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
        if (request->state != REQUEST_WAITING || must_wait(request) || parked_run(request))
            link = &request->next;
    }
}

static void on_loaded(struct request *request)
{
    struct server *server = request->server;
    parked_run(request);
    wake(server);
}

/* Runs a parked request until it is answered, and gone, or waits for files: then true. */
static bool parked_run(struct request *request)
{
    do {
        request->state = REQUEST_LOADING;
        if (request->wanted.n_missing && wanted_load(request, on_loaded))
            return true;
        request->state = REQUEST_RUNNING;
    } while (dispatch_run(request) == CALL_LOADING);
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
    parked->reserves_all = reserves_all(parked);
    if (!reserve(parked, packet, parked->n_packet))
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
    if (n < PARKED_MAX && n_bytes <= PARKED_MAX_BYTES) {
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
    dispatch_identify(&request);
    if (server->parked && must_wait(&request)) {
        park(&request);
    } else if (dispatch_run(&request) == CALL_LOADING) {
        struct request *parked = park(&request);
        if (parked)
            parked_run(parked);
    }
    wanted_deinit(&request.wanted);
}
