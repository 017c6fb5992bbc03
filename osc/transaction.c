/* A bundle is one transaction: all of its messages are staged, in their order, or none is. What stands in it and is no part of the
 * transaction (queries, bundles inside) comes behind. */
#include "osc/transaction.h"

#include <string.h>

#include "graph/ahead.h"
#include "osc/answer.h"
#include "osc/dispatch.h"
#include "osc/server.h"
#include "osc/target.h"
#include "osc/value.h"

/* What the head of a bundle says: /tx, and when. */
struct head {
    unsigned n; /* messages that it is made of */
    double fade_s;
    const char *label; /* borrowed from the packet; null: none */
    bool has_revision;
    int64_t revision; /* that the graph must have */
    struct when when;
    bool rehearses; /* its time is to come: what depends on the graph is not looked at yet */
};

/* The head is not counted: it speaks of the bundle, and many clients add it unseen. */
static int element_fail(struct error *error, int32_t index, const char *address, const struct error *inner)
{
    return error_set(error, inner->code, "message %d of the bundle, %.100s: %.380s", index, address, inner->text);
}

static int tx_read(struct request *request, const struct message *message, struct head *head, struct error *error)
{
    static const struct command row = {"/tx", "req=i label=s if_revision=i fade=d(s)", "", "", COMMAND_EDIT, 0, NULL};
    struct arg args[DISPATCH_ARGS_MAX];
    struct call call = {.server = request->server, .request = request, .command = &row, .error = error};
    const struct value *req = &call.args[0], *label = &call.args[1], *revision = &call.args[2], *fade = &call.args[3];
    if (dispatch_args_read(message, args, error) || command_args_read(&call, args, message->n_args))
        return (int)error->code;
    head->fade_s = fade->given ? fade->d : head->fade_s;
    head->label = label->given ? label->s : head->label;
    head->has_revision |= revision->given;
    head->revision = revision->given ? revision->i : head->revision;
    if (req->given && (req->i < INT32_MIN || req->i > INT32_MAX))
        return error_set(error, ERROR_RANGE, "req %lld is outside its range %d to %d", (long long)req->i, INT32_MIN,
                         INT32_MAX);
    if (!(head->fade_s >= 0 && head->fade_s <= DISPATCH_FADE_MAX_S))
        return error_set(error, ERROR_RANGE, "fade %g s is outside its range 0 to %g s", head->fade_s, DISPATCH_FADE_MAX_S);
    return 0;
}

static int revision_check(const struct request *request, const struct head *head, struct error *error)
{
    int64_t now = (int64_t)request->server->ctl->revision;
    if (head->has_revision && head->revision != now)
        return error_set(error, ERROR_CONFLICT, "/tx, the head of the bundle: the graph is at revision %lld, not %lld",
                         (long long)now, (long long)head->revision);
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

/* Whether it will be wrong whatever the graph is then. */
static bool is_of_form(int code)
{
    static const bool of_form[ERROR_END] = {
        [ERROR_BAD_ADDRESS] = true, [ERROR_BAD_TYPE] = true,     [ERROR_BAD_VALUE] = true,
        [ERROR_RANGE] = true,       [ERROR_NO_SUCH_TYPE] = true, [ERROR_DENIED] = true,
        [ERROR_TOO_BIG] = true,     [ERROR_UNSUPPORTED] = true,  [ERROR_INTERNAL] = true};
    return code > 0 && of_form[code];
}

/* Stages the messages behind the head; of a rehearsal, as many as can be. */
static int elements_stage(struct request *request, struct tx *tx, const struct head *head, int32_t *n_staged,
                          struct error *error)
{
    struct bundle bundle = bundle_read(request->packet, request->n_packet);
    const uint8_t *element;
    size_t n;
    for (unsigned i = 0; bundle_next(&bundle, &element, &n); i++) {
        if (i < head->n || packet_is_bundle(element, n))
            continue;
        struct message message = message_read(element);
        struct error inner = {0};
        int code = dispatch_stage(request, tx, &message, DISPATCH_BUNDLE, &inner);
        if (code && (!head->rehearses || is_of_form(code)))
            return element_fail(error, *n_staged + 1, message.address, &inner);
        ++*n_staged;
    }
    return 0;
}

/* Reads /tx and /at/..., in any order, where the bundle begins with them. There may be several of /tx: whoever sends the bundle
 * on may have put one of its own in front. */
static int head_read(struct request *request, struct head *head, struct error *error)
{
    struct bundle bundle = bundle_read(request->packet, request->n_packet);
    const uint8_t *element;
    size_t n;
    *head = (struct head){.fade_s = FADE_S};
    while (bundle_next(&bundle, &element, &n) && !packet_is_bundle(element, n)) {
        struct message message = message_read(element);
        struct error inner = {0};
        bool is_tx = strcmp(message.address, "/tx") == 0;
        if (!is_tx && (!when_is_address(message.address) || head->when.given))
            return 0;
        head->n++;
        if (is_tx ? tx_read(request, &message, head, &inner) : when_read(request->server, &message, &head->when, &inner))
            return error_set(error, inner.code, "%.200s, the head of the bundle: %.300s", message.address, inner.text);
    }
    return 0;
}

/* Completes head->when by the time tag and by the bundle that this one stands in. What is over is done at once, and late. */
static int when_find(struct request *request, struct head *head, struct error *error)
{
    struct server *server = request->server;
    uint64_t tag = bundle_read(request->packet, request->n_packet).time;
    bool has_tag = tag > PACKET_TIME_NOW; /* 0 is what those send who know of no time */
    int64_t now = (int64_t)ctl_clock(server->ctl);
    if (has_tag && head->when.given)
        return error_set(error, ERROR_BAD_VALUE, "a bundle has one time: its time tag must be 1 beside /at/...");
    if (has_tag) {
        head->when = (struct when){.given = true, .kind = WHEN_TAG, .tag = tag};
        wall_clock_look(&server->schedule.wall);
    }
    if (request->outer && (!head->when.given || head->when.kind != request->outer->kind ||
                           when_frame(server, &head->when) < when_frame(server, request->outer)))
        head->when = *request->outer;
    if (!head->when.given || head->when.kind == WHEN_PLACE)
        return 0;
    int64_t due = when_frame(server, &head->when);
    if (head->when.kind == WHEN_TAG && (double)(due - now) > WHEN_AHEAD_MAX_S * server->ctl->rate_hz)
        return error_set(error, ERROR_RANGE, "the time tag lies %.1f s ahead, %d s are the most: compare /time",
                         (double)(due - now) / server->ctl->rate_hz, WHEN_AHEAD_MAX_S);
    if (due > now)
        return 0;
    head->when.given = false;
    request->has_due = true;
    request->due_frame = due;
    return 0;
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

static struct tx *open_for(const struct request *request, const struct head *head)
{
    struct ctl *ctl = request->server->ctl;
    return request->at_frame ? ahead_open(ctl, head->fade_s, request->at_frame) : tx_open(ctl, head->fade_s);
}

/* Makes one transaction of the bundle's messages. 0 when it is committed and its answer on the way, CALL_LOADING, or -- with
 * *error, or answered already -- whatever else. */
static int whole_run(struct request *request, const struct head *head, struct error *error)
{
    struct server_counters *counters = &request->server->counters;
    uint64_t n_values = counters->values;
    int32_t n_staged = 0;
    if (revision_check(request, head, error))
        return (int)error->code;
    struct tx *tx = open_for(request, head);
    if (!tx)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the transaction");
    if (head->label)
        history_label(&request->server->history, head->label);
    int code = elements_stage(request, tx, head, &n_staged, error);
    if (!code && !request->wanted.n_missing)
        return commit(request, tx, n_staged);
    tx_rollback(tx);
    counters->values = n_values; /* nothing was set after all */
    return code ? code : CALL_LOADING;
}

int transaction_run(struct request *request)
{
    struct error error = {0};
    struct head head;
    int code = head_read(request, &head, &error);
    if (!code && !request->at_frame)
        code = when_find(request, &head, &error);
    if (!code && !request->at_frame && head.when.given) {
        schedule_add(request, &head.when);
        return 0;
    }
    if (!code)
        code = whole_run(request, &head, &error);
    if (code == CALL_LOADING)
        return code;
    if (error.code)
        request_fail(request, &error);
    if (!request->at_frame) /* those inside of one that has waited have been waiting beside it */
        bundles_run(request);
    return 0;
}

/* ---- ahead of its time ------------------------------------------------------------------------------------------------ */

int transaction_rehearse(struct request *request, struct error *error)
{
    struct server_counters *counters = &request->server->counters;
    uint64_t n_values = counters->values;
    struct head head;
    int32_t n_staged = 0;
    if (head_read(request, &head, error))
        return (int)error->code;
    struct tx *tx = tx_open(request->server->ctl, head.fade_s);
    if (!tx)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the transaction");
    tx_rehearse(tx);
    head.rehearses = true;
    elements_stage(request, tx, &head, &n_staged, error);
    tx_rollback(tx);
    counters->values = n_values;
    return (int)error->code;
}
