/* What a packet is about is read from its bytes and the tables of commands, without running any of it. */
#include "osc/reserve.h"

#include <string.h>

#include "osc/dispatch.h"
#include "osc/pattern.h"
#include "osc/target.h"

/* Whether one of the nodes has this name, or one plays to it that has it. */
static bool is_of_node(const struct map *reserved, const char *name, size_t n)
{
    size_t n_behind = strlen(RESERVE_MIDI);
    bool plays = n > n_behind && memcmp(name + n - n_behind, RESERVE_MIDI, n_behind) == 0;
    return map_find(reserved, name, n) || (plays && map_find(reserved, name, n - n_behind));
}

/* Whether `text` names one of the nodes, or a port or child of one. */
static bool is_reserved(const struct map *reserved, const char *text)
{
    for (size_t n = 0; n < NAME_BYTES; n++) {
        bool ends = !text[n] || text[n] == ':';
        if ((ends || text[n] == '/') && is_of_node(reserved, text, n))
            return true;
        if (ends)
            return false;
    }
    return false;
}

/* Every message of a packet, also those of bundles inside, until `visit` returns something else than 0, which is returned. */
static int each_message(const uint8_t *packet, size_t n, int (*visit)(void *user, const uint8_t *message), void *user)
{
    if (!packet_is_bundle(packet, n))
        return visit(user, packet);
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element;
    for (int code; bundle_next(&bundle, &element, &n_element);)
        if ((code = each_message(element, n_element, visit, user)))
            return code;
    return 0;
}

/* `user`: the names. */
static int mentions(void *user, const uint8_t *bytes)
{
    const struct map *reserved = user;
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

/* `user`: the server. */
static int is_about_all(void *user, const uint8_t *bytes)
{
    const struct command *command = command_of(user, bytes);
    return command && command->reserves == RESERVES_ALL;
}

static bool reserves_all(const struct request *request)
{
    return each_message(request->packet, request->n_packet, is_about_all, request->server);
}

/* Whether it changes the graph or a value; `user`: the server. */
static int edits(void *user, const uint8_t *bytes)
{
    struct message message = message_read(bytes);
    const struct command *command = command_of(user, bytes);
    return command ? command_kind_of(command, message.n_args) == COMMAND_EDIT : message.n_args > 0;
}

/* `user`: the request that the names are for. 0 or ERROR_INTERNAL. */
static int reserve_message(void *user, const uint8_t *bytes)
{
    struct request *request = user;
    const char *node = message_reserves(request->server, bytes);
    if (!node || map_find(&request->reserved, node, strlen(node)))
        return 0;
    if (map_reserve(&request->reserved))
        return ERROR_INTERNAL;
    map_put(&request->reserved, node, request);
    return 0;
}

int reserve(struct request *request)
{
    request->reserves_all = reserves_all(request);
    return each_message(request->packet, request->n_packet, reserve_message, request);
}

/* Whether `later` has to wait for a request ahead of it. */
static bool must_wait_for(const struct request *later, const struct request *ahead)
{
    if (ahead->reserves_all && each_message(later->packet, later->n_packet, edits, later->server))
        return true;
    return ahead->reserved.n_used && each_message(later->packet, later->n_packet, mentions, (void *)&ahead->reserved);
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
    bool waits_for_all = dispatch_is_sync(later->packet, later->n_packet) || reserves_all(later);
    for (const struct request *r = later->server->parked; r && r != later; r = r->next)
        if (r->state < REQUEST_RUNNING && (waits_for_all || must_wait_for(later, r)) && !reserve_supersedes(later, r))
            return true;
    return false;
}
