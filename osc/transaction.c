/* A bundle is one transaction: all of its messages are staged, in their order, or none is. What stands in it and is no part of the
 * transaction (queries, bundles inside) comes behind. */
#include "osc/transaction.h"

#include <string.h>

#include "osc/answer.h"
#include "osc/dispatch.h"
#include "osc/server.h"
#include "osc/target.h"
#include "osc/value.h"

/* What /tx says about the transaction that it heads. */
struct tx_head {
    bool given;
    double fade_s;
    const char *label; /* borrowed from the packet; null: none */
};

/* /tx is not counted: it speaks of the bundle, and many clients add it unseen. */
static int element_fail(struct error *error, int32_t index, const char *address, const struct error *inner)
{
    return error_set(error, inner->code, "message %d of the bundle, %.100s: %.380s", index, address, inner->text);
}

static int tx_head_read(struct request *request, const struct message *message, struct tx_head *head, struct error *error)
{
    static const struct command row = {"/tx", "req=i label=s if_revision=i fade=d(s)", "", "", COMMAND_EDIT, 0, NULL};
    struct arg args[DISPATCH_ARGS_MAX];
    struct call call = {.server = request->server, .request = request, .command = &row, .error = error};
    const struct value *req = &call.args[0], *label = &call.args[1], *revision = &call.args[2], *fade = &call.args[3];
    int64_t now = (int64_t)request->server->ctl->revision;
    if (dispatch_args_read(message, args, error) || command_args_read(&call, args, message->n_args))
        return (int)error->code;
    head->given = true;
    head->fade_s = fade->given ? fade->d : FADE_S;
    head->label = label->given ? label->s : NULL;
    if (req->given && (req->i < INT32_MIN || req->i > INT32_MAX))
        return error_set(error, ERROR_RANGE, "req %lld is outside its range %d to %d", (long long)req->i, INT32_MIN,
                         INT32_MAX);
    if (!(head->fade_s >= 0 && head->fade_s <= DISPATCH_FADE_MAX_S))
        return error_set(error, ERROR_RANGE, "fade %g s is outside its range 0 to %g s", head->fade_s, DISPATCH_FADE_MAX_S);
    if (revision->given && revision->i != now)
        return error_set(error, ERROR_CONFLICT, "the graph is at revision %lld, not %lld", (long long)now,
                         (long long)revision->i);
    return 0;
}

static bool is_query(const struct server *server, const struct message *message)
{
    const struct command *command = dispatch_find(server, message->address);
    return command ? command_kind_of(command, message->n_args) == COMMAND_QUERY
                   : target_is_address(message->address) && message->n_args == 0;
}

/* A query of the bundle, under the bundle's number; its answer goes along with that of the bundle. */
static void query_run(const struct request *bundle, const uint8_t *message, size_t n, struct along *along)
{
    struct request request = {.server = bundle->server, .peer = bundle->peer, .packet = message, .n_packet = n};
    dispatch_identify(&request);
    request.id = bundle->id;
    request.has_id = bundle->has_id;
    request.gathered = &along->gathered;
    request.server->counters.requests++;
    dispatch_run(&request);
    wanted_deinit(&request.wanted);
}

/* What stands in the bundle but is not part of the transaction. Queries see the graph after the commit. */
static void queries_run(const struct request *request, struct along *along)
{
    struct bundle bundle = bundle_read(request->packet, request->n_packet);
    const uint8_t *element;
    size_t n;
    while (bundle_next(&bundle, &element, &n)) {
        struct message message = packet_is_bundle(element, n) ? (struct message){0} : message_read(element);
        if (message.address && is_query(request->server, &message))
            query_run(request, element, n, along);
    }
}

/* Bundles inside are transactions of their own, whatever became of this one. */
static void bundles_run(const struct request *request)
{
    struct bundle bundle = bundle_read(request->packet, request->n_packet);
    const uint8_t *element;
    size_t n;
    while (bundle_next(&bundle, &element, &n))
        if (packet_is_bundle(element, n))
            request_arrive(request->server, &request->peer, element, n);
}

static int elements_stage(struct request *request, struct tx *tx, const struct tx_head *head, int32_t *n_staged,
                          struct error *error)
{
    struct bundle bundle = bundle_read(request->packet, request->n_packet);
    const uint8_t *element;
    size_t n;
    bool is_head = head->given;
    while (bundle_next(&bundle, &element, &n)) {
        bool is_skipped = is_head || packet_is_bundle(element, n);
        is_head = false;
        if (is_skipped)
            continue;
        struct message message = message_read(element);
        struct error inner = {0};
        int code = dispatch_stage(request, tx, &message, DISPATCH_BUNDLE, &inner);
        if (code)
            return element_fail(error, *n_staged + 1, message.address, &inner);
        ++*n_staged;
    }
    return 0;
}

/* Reads /tx if the bundle begins with it. */
static int head_read(struct request *request, struct tx_head *head, struct error *error)
{
    struct bundle bundle = bundle_read(request->packet, request->n_packet);
    const uint8_t *element;
    size_t n;
    *head = (struct tx_head){.fade_s = FADE_S};
    if (!bundle_next(&bundle, &element, &n) || packet_is_bundle(element, n))
        return 0;
    struct message first = message_read(element);
    struct error inner = {0};
    if (strcmp(first.address, "/tx") != 0 || !tx_head_read(request, &first, head, &inner))
        return 0;
    return error_set(error, inner.code, "/tx, the head of the bundle: %.400s", inner.text);
}

/* Commits, and then asks what the bundle asks. 0, or answered already. */
static int commit(struct request *request, struct tx *tx, int32_t n_staged)
{
    struct along *along = along_new();
    if (!along) {
        tx_rollback(tx);
        request_fail(request, &(struct error){ERROR_INTERNAL, "memory ran out for the answers"});
        return ERROR_INTERNAL;
    }
    int code = answer_later(request, tx, ANSWER_BUNDLE, n_staged, along);
    if (!code)
        queries_run(request, along);
    along_release(along);
    return code;
}

/* Makes one transaction of the bundle's messages. 0 when it is committed and its answer on the way, CALL_LOADING, or -- with
 * *error, or answered already -- whatever else. */
static int whole_run(struct request *request, struct error *error)
{
    struct server_counters *counters = &request->server->counters;
    uint64_t n_values = counters->values;
    struct tx_head head;
    int32_t n_staged = 0;
    if (head_read(request, &head, error))
        return (int)error->code;
    struct tx *tx = tx_open(request->server->ctl, head.fade_s);
    if (!tx)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the transaction");
    if (head.label)
        history_label(&request->server->history, head.label);
    int code = elements_stage(request, tx, &head, &n_staged, error);
    if (!code && !request->wanted.n_missing)
        return commit(request, tx, n_staged);
    tx_rollback(tx);
    counters->values = n_values; /* nothing was set after all */
    return code ? code : CALL_LOADING;
}

int transaction_run(struct request *request)
{
    struct error error = {0};
    if (value_is_future(bundle_read(request->packet, request->n_packet).time)) {
        error_set(&error, ERROR_UNSUPPORTED,
                  "the bundle's time tag lies ahead, and nothing of it was done: only bundles to be done at once are taken "
                  "(time tag 1)");
        request_fail(request, &error);
        return 0;
    }
    int code = whole_run(request, &error);
    if (code == CALL_LOADING)
        return code;
    if (error.code)
        request_fail(request, &error);
    bundles_run(request);
    return 0;
}
