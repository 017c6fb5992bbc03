#include "osc/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/dispatch.h"
#include "osc/server.h"

#define PARKED_MAX 4096 /* requests that wait for files at the same time */

static void file_free(struct request_file *file)
{
    media_unref(file->loaded.media);
    free(file->path);
    free(file);
}

static void request_free(struct request *request)
{
    for (struct request_file *file = request->files, *next; file; file = next) {
        next = file->next;
        file_free(file);
    }
    free((void *)request->packet);
    free(request);
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

void request_results(const struct request *request, const char *address, struct writer *results)
{
    writer_init(results);
    writer_int(results, request->id);
    writer_string(results, address);
}

static int send_message(const struct request *request, const char *address, struct writer *message)
{
    struct server *server = request->server;
    struct bytes packet = {0};
    int code = writer_end(message, address, &packet);
    if (!code && server->net)
        code = net_send(server->net, &request->peer, packet.data, packet.n);
    bytes_deinit(&packet);
    return code;
}

void request_send(const struct request *request, const char *address, struct writer *message)
{
    if (send_message(request, address, message) == ERROR_TOO_BIG) {
        struct error error = {0};
        error_set(&error, ERROR_TOO_BIG,
                  "the answer does not fit: ask for fewer with [offset count] where the command has it, or use the unix socket");
        request_fail(request, address, &error);
    }
}

void request_done(const struct request *request, struct writer *results)
{
    request_send(request, "/done", results);
}

void request_fail(const struct request *request, const char *address, const struct error *error)
{
    struct server *server = request->server;
    struct writer answer;
    char line[PACKET_ADDRESS_MAX_BYTES + sizeof error->text];
    request_results(request, address, &answer);
    writer_int(&answer, (int32_t)error->code);
    writer_string(&answer, error_symbol(error->code));
    writer_string(&answer, error->text);
    send_message(request, "/fail", &answer);
    server->counters.failures++;
    snprintf(line, sizeof line, "%s: %s: %s", *address ? address : "a packet", error_symbol(error->code), error->text);
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

/* Whether `text` names the node, or a port or child of it. */
static bool names(const char *text, const char *node)
{
    size_t n = strlen(node);
    return strncmp(text, node, n) == 0 && (!text[n] || text[n] == ':' || text[n] == '/');
}

static bool message_mentions(const uint8_t *bytes, const char *node)
{
    struct message message = message_read(bytes);
    const char *address = dispatch_strip(message.address, NULL);
    struct arg arg;
    if (strncmp(address, "/node/", 6) == 0 && names(address + 6, node))
        return true;
    while (message_next(&message, &arg))
        if (arg_string(&arg) && names(arg_string(&arg), node))
            return true;
    return false;
}

static bool mentions(const uint8_t *packet, size_t n, const char *node)
{
    if (!packet_is_bundle(packet, n))
        return message_mentions(packet, node);
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element;
    while (bundle_next(&bundle, &element, &n_element))
        if (mentions(element, n_element, node))
            return true;
    return false;
}

/* The node that a message makes or removes, or null. */
static const char *message_reserves(const struct server *server, const uint8_t *bytes)
{
    struct message message = message_read(bytes);
    const struct command *command = dispatch_find(server, dispatch_strip(message.address, NULL));
    struct arg args[COMMAND_ARGS_MAX];
    if (!command || !command->reserves || message_args(&message, args, COMMAND_ARGS_MAX) < command->reserves)
        return NULL;
    return arg_string(&args[command->reserves - 1]);
}

static bool is_in_the_way(const struct request *earlier, const uint8_t *packet, size_t n, const struct request *later)
{
    if (!packet_is_bundle(packet, n)) {
        const char *node = message_reserves(earlier->server, packet);
        return node && mentions(later->packet, later->n_packet, node);
    }
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element;
    while (bundle_next(&bundle, &element, &n_element))
        if (is_in_the_way(earlier, element, n_element, later))
            return true;
    return false;
}

/* Whether any request ahead of `later` in the list of parked ones keeps it waiting. */
static bool must_wait(const struct request *later)
{
    bool waits_for_all = dispatch_is_sync(later->packet, later->n_packet);
    for (const struct request *r = later->server->parked; r && r != later; r = r->next)
        if (waits_for_all || is_in_the_way(r, r->packet, r->n_packet, later))
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

static void parked_run(struct request *request);

/* Runs whatever no longer has to wait. Each run may change the list, so the search starts anew. */
static void wake(struct server *server)
{
    struct request *request = server->parked;
    while (request) {
        if (request->state == REQUEST_WAITING && !must_wait(request)) {
            parked_run(request);
            request = server->parked;
        } else {
            request = request->next;
        }
    }
}

static void on_loaded(void *user, const struct loaded *loaded)
{
    struct request *request = user;
    struct server *server = request->server;
    request->files->loaded = *loaded; /* the newest file is the one that was asked for */
    parked_run(request);
    wake(server);
}

/* Asks for the file that the last run missed. A refusal is kept like a file: the next run meets it and answers.
 * 0 when the request now waits for the loader, CALL_LOADING when it can run on, or ERROR_INTERNAL. */
static int load_start(struct request *request)
{
    struct server *server = request->server;
    struct request_file *file = calloc(1, sizeof *file);
    char *path = strdup(request->wanted);
    if (!file || !path) {
        free(file);
        free(path);
        return ERROR_INTERNAL;
    }
    *file = (struct request_file){.path = path, .next = request->files};
    request->files = file;
    request->state = REQUEST_LOADING;
    if (server->host->load(server->host->self, path, server->ctl->rate_hz, on_loaded, request, &file->loaded.error))
        return CALL_LOADING;
    return 0;
}

/* Runs a parked request until it is answered or waits for another file. */
static void parked_run(struct request *request)
{
    int code;
    do {
        request->state = REQUEST_RUNNING;
        code = dispatch_run(request);
        if (code == CALL_LOADING && (code = load_start(request)) == 0)
            return;
    } while (code == CALL_LOADING);
    if (code == ERROR_INTERNAL)
        request_fail(request, "", &(struct error){ERROR_INTERNAL, "memory ran out while a file was to be loaded"});
    unlink_parked(request);
    request_free(request);
}

static struct request *park(const struct request *request)
{
    struct server *server = request->server;
    struct request **link = &server->parked;
    unsigned n = 0;
    for (; *link; link = &(*link)->next)
        n++;
    struct request *parked = n < PARKED_MAX ? malloc(sizeof *parked) : NULL;
    uint8_t *packet = parked ? malloc(request->n_packet) : NULL;
    if (!packet) {
        struct error error = {0};
        error_set(&error, parked ? ERROR_INTERNAL : ERROR_TOO_BIG, "%u requests wait for files already", n);
        request_fail(request, "", &error);
        free(parked);
        return NULL;
    }
    memcpy(packet, request->packet, request->n_packet);
    *parked = *request;
    parked->packet = packet;
    parked->state = REQUEST_WAITING;
    parked->next = NULL;
    *link = parked;
    return parked;
}

void request_arrive(struct server *server, const struct peer *peer, const uint8_t *packet, size_t n)
{
    struct request request = {.server = server, .peer = *peer, .packet = packet, .n_packet = n};
    server->counters.requests++;
    if (server->parked && must_wait(&request)) {
        park(&request);
    } else if (dispatch_run(&request) == CALL_LOADING) {
        struct request *parked = park(&request);
        if (parked)
            parked_run(parked);
    }
}
