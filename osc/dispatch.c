/* A packet is run from beginning to end or not at all. Edits work on a transaction that is opened here and committed or rolled
 * back here, so no command can forget either; queries write results that are sent here, so none can forget to answer. */
#include "osc/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/answer.h"
#include "osc/pattern.h"
#include "osc/server.h"
#include "osc/target.h"
#include "osc/transaction.h"
#include "osc/value.h"
#include "osc/when.h"

const char *dispatch_strip(const char *address, int32_t *id)
{
    if (strncmp(address, "/req/", 5) != 0)
        return address;
    char *end;
    long number = strtol(address + 5, &end, 10);
    if (end == address + 5 || *end != '/' || number < INT32_MIN || number > INT32_MAX)
        return address;
    if (id)
        *id = (int32_t)number;
    return end;
}

const struct command *dispatch_find(const struct server *server, const char *address)
{
    return map_find(&server->commands, address, strlen(address));
}

enum role dispatch_role(const struct server *server, const char *address, unsigned n_args)
{
    const struct command *command = dispatch_find(server, address);
    if (command)
        return command_role(command, n_args);
    if (target_is_address(address))
        return n_args ? ROLE_PLAY : ROLE_READ;
    /* A pattern may mean anything; what is no address at all is refused whoever asks. */
    return strpbrk(address, "*?[]{}") ? ROLE_EDIT : ROLE_READ;
}

bool dispatch_is_sync(const uint8_t *packet, size_t n)
{
    return !packet_is_bundle(packet, n) && strcmp(dispatch_strip(message_read(packet).address, NULL), "/sync") == 0;
}

/* The number that /tx gives its bundle. Whether the rest of /tx is right shows when it is run. */
static bool tx_request_id(struct message tx, int32_t *id)
{
    struct arg key, value;
    int64_t number;
    if (strcmp(tx.address, "/tx") != 0)
        return false;
    while (message_next(&tx, &key) && message_next(&tx, &value))
        if (arg_string(&key) && strcmp(arg_string(&key), "req") == 0 && arg_integer(&value, &number) &&
            number >= INT32_MIN && number <= INT32_MAX) {
            *id = (int32_t)number;
            return true;
        }
    return false;
}

void dispatch_identify(struct request *request)
{
    if (!packet_is_bundle(request->packet, request->n_packet)) {
        const char *address = message_read(request->packet).address;
        request->address = dispatch_strip(address, &request->id);
        request->has_id = request->address != address;
        return;
    }
    struct bundle bundle = bundle_read(request->packet, request->n_packet);
    const uint8_t *element;
    size_t n;
    bool is_head = true;
    request->address = "#bundle";
    while (is_head && !request->has_id && bundle_next(&bundle, &element, &n) && !packet_is_bundle(element, n)) {
        struct message message = message_read(element);
        request->has_id = tx_request_id(message, &request->id);
        is_head = when_is_address(message.address);
    }
}

/* ---- one message ---------------------------------------------------------------------------------------------------- */

/* "; /transport has play, stop, …": what there is beside it, or "" where its first part begins no command. */
static const char *family_list(const char *address, char *text, size_t n_bytes)
{
    char before[80];
    size_t n = 0, head = 1 + strcspn(address + 1, "/");
    snprintf(before, sizeof before, "; %.*s has ", (int)(head < 64 ? head : 64), address);
    *text = '\0';
    for (unsigned f = 0; address[head] && f < n_command_families; f++)
        for (unsigned i = 0; i < command_families[f]->n_commands && n < n_bytes; i++) {
            const char *other = command_families[f]->commands[i].address;
            if (strncmp(other, address, head + 1) == 0)
                n += (size_t)snprintf(text + n, n_bytes - n, "%s%s", n ? ", " : before, other + head + 1);
        }
    return text;
}

/* What looks like part of the language gets a text of its own; otherwise the nearest command may be what was meant. */
static int bad_address(const struct server *server, const char *address, struct error *error)
{
    if (strncmp(address, "/req/", 5) == 0)
        return error_set(error, ERROR_BAD_ADDRESS, "\"%s\" is no request with an id: write /req/N/ADDRESS, N from %d to %d",
                         address, INT32_MIN, INT32_MAX);
    if (strcmp(address, "/tx") == 0)
        return error_set(error, ERROR_BAD_ADDRESS, "/tx is the first message of a bundle and does nothing outside of one");
    if (pattern_is(address))
        return error_set(
            error, ERROR_BAD_ADDRESS,
            "\"%s\" is a pattern: patterns stand for values, as in /node/*/gain, while a command is named as it is",
            address);
    if (when_is_address(address))
        return error_set(error, ERROR_BAD_ADDRESS,
                         "%s stands once at the head of a bundle, and says when that takes effect", address);
    if (strcmp(address, "/help") == 0)
        return error_set(
            error, ERROR_BAD_ADDRESS,
            "/help is /describe here: alone it lists the commands, \"/describe delay\" tells of a type of node");
    const struct command *nearest = server_nearest(server, address);
    if (nearest)
        return error_set(error, ERROR_BAD_ADDRESS, "there is no command \"%s\"; did you mean %s? usage: %s%s%s", address,
                         nearest->address, nearest->address, *nearest->args ? " " : "", nearest->args);
    char others[320];
    return error_set(error, ERROR_BAD_ADDRESS,
                     "\"%.120s\" is neither a command (/describe lists them) nor a value (/node/NAME/PARAM)%s", address,
                     family_list(address, others, sizeof others));
}

int dispatch_args_read(const struct message *message, struct arg *args, struct error *error)
{
    if (message->n_args > DISPATCH_ARGS_MAX)
        return error_set(error, ERROR_TOO_BIG, "%u arguments in one message, %d are the most", message->n_args,
                         DISPATCH_ARGS_MAX);
    message_args(message, args, DISPATCH_ARGS_MAX);
    return 0;
}

/* Runs a command's function. `tx` is the open transaction for edits, `results` where queries put theirs. */
static int command_run(struct request *request, const struct command *command, const struct message *message, struct tx *tx,
                       struct writer *results, struct error *error)
{
    struct arg args[DISPATCH_ARGS_MAX];
    struct call call = {
        .server = request->server, .request = request, .command = command, .tx = tx, .results = results, .error = error};
    if (dispatch_args_read(message, args, error) || command_args_read(&call, args, message->n_args))
        return (int)error->code;
    return command->run(&call);
}

static int query_run(struct request *request, const struct command *command, const struct message *message)
{
    struct writer results;
    struct error error = {0};
    bool is_read = command->kind == COMMAND_VALUE && !request->has_id;
    if (is_read)
        writer_init(&results);
    else
        request_results(request, &results);
    int code = command_run(request, command, message, NULL, &results, &error);
    if (!code) {
        if (is_read)
            request_send(request, command->address, &results);
        else
            request_done(request, &results);
        return 0;
    }
    writer_deinit(&results);
    if (code > 0) {
        request->server->counters.values_refused += message->n_args > 0;
        request_fail(request, &error);
    }
    return code == CALL_LOADING ? code : 0;
}

/* Whether its sender can use an answer: not a fader or a keyboard on UDP without a request id. */
static bool is_answered(const struct request *request)
{
    return request->has_id || request->peer.kind != PEER_DATAGRAM;
}

static int performance_run(struct request *request, const struct command *command, const struct message *message)
{
    struct error error = {0};
    if (command_run(request, command, message, NULL, NULL, &error))
        request_fail(request, &error);
    return 0;
}

static int edit_run(struct request *request, const struct command *command, const struct message *message)
{
    struct error error = {0};
    if (command->performs && !is_answered(request))
        return performance_run(request, command, message);
    struct tx *tx = tx_open(request->server->ctl, FADE_S);
    if (!tx) {
        request_fail(request, &(struct error){ERROR_INTERNAL, "memory ran out for the transaction"});
        return 0;
    }
    int code = command_run(request, command, message, tx, NULL, &error);
    if (!code && !request->wanted.n_missing) {
        bool syncs = dispatch_is_sync(request->packet, request->n_packet);
        answer_later(request, tx, syncs ? ANSWER_SYNC : ANSWER_DONE, request->sync_id, NULL);
        return 0;
    }
    tx_rollback(tx);
    if (!code)
        return CALL_LOADING;
    request_fail(request, &error);
    return 0;
}

static int value_run(struct request *request, const struct message *message)
{
    struct arg args[DISPATCH_ARGS_MAX];
    struct error error = {0};
    int code = dispatch_args_read(message, args, &error);
    if (!code)
        code = value_message(request, args, message->n_args, &error);
    if (code > 0)
        request_fail(request, &error);
    return code == CALL_LOADING ? code : 0;
}

/* Commands go before values: /node/... is no command's address, and never will be. */
static int message_run(struct request *request)
{
    struct message message = message_read(request->packet);
    const struct command *command = dispatch_find(request->server, request->address);
    if (command && command_kind_of(command, message.n_args) == COMMAND_EDIT)
        return edit_run(request, command, &message);
    if (command)
        return query_run(request, command, &message);
    if (target_is_address(request->address))
        return value_run(request, &message);
    struct error error = {0};
    bad_address(request->server, request->address, &error);
    request_fail(request, &error);
    return 0;
}

/* ---- one message of a whole ----------------------------------------------------------------------------------------- */

/* What can be no part of a whole whatever it says. */
static int stage_check(const struct message *message, const struct command *command, enum dispatch_whole whole,
                       struct error *error)
{
    const char *address = message->address;
    bool is_bundle = whole == DISPATCH_BUNDLE;
    bool is_read = command ? command_kind_of(command, message->n_args) == COMMAND_QUERY
                           : target_is_address(address) && message->n_args == 0;
    if (dispatch_strip(address, NULL) != address)
        return error_set(error, ERROR_BAD_ADDRESS, "a message of a %s has no request id of its own%s",
                         is_bundle ? "bundle" : "session", is_bundle ? ": begin with /tx req N" : "");
    if (when_is_address(address) && !is_bundle)
        return error_set(error, ERROR_UNSUPPORTED, "%s cannot be part of a session", address);
    if (strcmp(address, "/tx") == 0)
        return error_set(error, ERROR_BAD_ADDRESS,
                         is_bundle ? "/tx must be the first message of its bundle"
                                   : "a session is one transaction by itself and has no /tx");
    if (is_read && !is_bundle)
        return error_set(error, ERROR_UNSUPPORTED, "%s asks for something and cannot be part of a session", address);
    if (command && (command->kind == COMMAND_ACTION || strcmp(address, "/sync") == 0))
        return error_set(error, ERROR_UNSUPPORTED, "%s cannot be part of a %s", address, is_bundle ? "bundle" : "session");
    return 0;
}

int dispatch_stage(struct request *request, struct tx *tx, const struct message *message, enum dispatch_whole whole,
                   struct error *error)
{
    const char *address = message->address;
    const struct command *command = dispatch_find(request->server, address);
    if (stage_check(message, command, whole, error))
        return (int)error->code;
    if (command)
        return command_kind_of(command, message->n_args) == COMMAND_EDIT
                   ? command_run(request, command, message, tx, NULL, error)
                   : 0;
    if (!target_is_address(address))
        return bad_address(request->server, address, error);
    struct arg args[DISPATCH_ARGS_MAX];
    if (message->n_args == 0)
        return value_check(request->server, address, error);
    return dispatch_args_read(message, args, error) ? (int)error->code
                                                    : value_stage(request, tx, address, args, message->n_args, error);
}

/* ---- a packet ------------------------------------------------------------------------------------------------------- */

int dispatch_run(struct request *request)
{
    struct history *history = &request->server->history;
    history_asked(history, &request->peer, request->packet, request->n_packet);
    int code = packet_is_bundle(request->packet, request->n_packet) ? transaction_run(request) : message_run(request);
    history_asked(history, &(struct peer){0}, NULL, 0);
    return code;
}
