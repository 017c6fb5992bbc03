/* What a packet is about is read from its bytes and the tables of commands, without running any of it. */
#include "osc/reserve.h"

#include <string.h>

#include "osc/dispatch.h"
#include "osc/pattern.h"
#include "osc/target.h"

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

/* Whether a message sets a parameter that takes another node: the name in question is then NODE/PARAM. */
static bool is_rebuild(const struct server *server, const struct message *message)
{
    const char *address = dispatch_strip(message->address, NULL);
    struct target target;
    struct error unused;
    return message->n_args && target_is_address(address) && !target_find(server, address, &target, &unused) &&
           (target.kind == TARGET_PARAM || target.kind == TARGET_NORM) &&
           node_class_row(target.node->class, target.row)->flags & PARAM_REBUILD;
}

/* The node that a message makes or removes, or the file that it sets, as NODE/PARAM; or null. */
static const char *message_reserves(const struct server *server, const uint8_t *bytes)
{
    struct message message = message_read(bytes);
    const struct command *command = command_of(server, bytes);
    struct arg args[COMMAND_ARGS_MAX];
    if (is_rebuild(server, &message))
        return dispatch_strip(message.address, NULL) + sizeof TARGET_PREFIX - 1;
    if (!command || !command->reserves || command->reserves == RESERVES_ALL ||
        message_args(&message, args, COMMAND_ARGS_MAX) < command->reserves)
        return NULL;
    return arg_string(&args[command->reserves - 1]);
}

static bool reserves_all(const struct server *server, const uint8_t *packet, size_t n)
{
    if (!packet_is_bundle(packet, n)) {
        const struct command *command = command_of(server, packet);
        return command && command->reserves == RESERVES_ALL;
    }
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element;
    while (bundle_next(&bundle, &element, &n_element))
        if (reserves_all(server, element, n_element))
            return true;
    return false;
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

static int reserve_packet(struct request *request, const uint8_t *packet, size_t n)
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
        if (reserve_packet(request, element, n_element))
            return ERROR_INTERNAL;
    return 0;
}

int reserve(struct request *request)
{
    request->reserves_all = reserves_all(request->server, request->packet, request->n_packet);
    return reserve_packet(request, request->packet, request->n_packet);
}

/* Whether `later` has to wait for a request ahead of it. */
static bool must_wait_for(const struct request *later, const struct request *ahead)
{
    if (ahead->reserves_all && edits(later->server, later->packet, later->n_packet))
        return true;
    return ahead->reserved.n_used && mentions(later->packet, later->n_packet, &ahead->reserved);
}

bool reserve_supersedes(const struct request *later, const struct request *ahead)
{
    if (strcmp(later->address, ahead->address) != 0 || packet_is_bundle(later->packet, later->n_packet))
        return false;
    struct message message = message_read(later->packet), before = message_read(ahead->packet);
    return before.n_args && is_rebuild(later->server, &message);
}

/* One that is running has changed the graph already, or never will: what it holds inside does not wait for it. */
bool reserve_must_wait(const struct request *later)
{
    bool waits_for_all =
        dispatch_is_sync(later->packet, later->n_packet) || reserves_all(later->server, later->packet, later->n_packet);
    for (const struct request *r = later->server->parked; r && r != later; r = r->next)
        if (r->state < REQUEST_RUNNING && (waits_for_all || must_wait_for(later, r)) && !reserve_supersedes(later, r))
            return true;
    return false;
}
