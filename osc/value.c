/* A fader sends hundreds of these a second, so the way is short: two look-ups of the name, one comparison with the range, one
 * message to the audio thread, and no answer unless somebody waits for it. */
#include "osc/value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph/param.h"
#include "osc/answer.h"
#include "osc/creation.h"
#include "osc/dispatch.h"
#include "osc/gather.h"
#include "osc/match.h"
#include "osc/note_value.h"
#include "osc/ntp.h"
#include "osc/pattern.h"
#include "osc/unheard.h"

#define NORM_ERROR 1e-6 /* of a place from 0 to 1 that was rounded to a value and back */

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static int check_none(void *user, const char *address, const struct target *target)
{
    (void)user;
    (void)address;
    (void)target;
    return 0;
}

int value_check(const struct server *server, const char *address, struct error *error)
{
    struct target target;
    return pattern_is(address) ? match_each(server, address, MATCH_READ, check_none, NULL, error)
                               : target_find(server, address, &target, error);
}

static int target_read(const struct request *request, const struct target *target, struct error *error)
{
    struct writer results;
    if (target->kind == TARGET_LEVEL)
        return level_read(request, target->node, &target->level, error);
    if (request->has_id) {
        request_results(request, &results);
        target_write(&results, target);
        request_done(request, &results);
    } else {
        writer_init(&results);
        target_write(&results, target);
        request_send(request, request->address, &results);
    }
    return 0;
}

/* The values that a pattern means, each at its own address, then how many they are. */
struct reading {
    struct request request; /* of one match */
    int32_t n;
    struct error *error;
};

static int match_read(void *user, const char *address, const struct target *target)
{
    struct reading *reading = user;
    reading->request.address = address;
    reading->n++;
    return target_read(&reading->request, target, reading->error);
}

static int pattern_read(struct request *request, struct error *error)
{
    struct bytes gathered = {0};
    struct reading reading = {*request, 0, error};
    reading.request.has_id = false;
    reading.request.gathered = request->gathered ? request->gathered : &gathered;
    if (!match_each(request->server, request->address, MATCH_READ, match_read, &reading, error)) {
        struct request end = *request;
        struct writer results;
        end.gathered = reading.request.gathered;
        request_results(request, &results);
        writer_int(&results, reading.n);
        request_done(&end, &results);
        if (!request->gathered)
            gather_send(request, &gathered);
    }
    bytes_deinit(&gathered);
    return (int)error->code;
}

static int value_read(struct request *request, struct error *error)
{
    struct target target;
    if (pattern_is(request->address))
        return pattern_read(request, error);
    return target_find(request->server, request->address, &target, error) ? (int)error->code
                                                                          : target_read(request, &target, error);
}

/* ---- setting -------------------------------------------------------------------------------------------------------- */

/* Floats that are no numbers go on, so that they are refused as values of the parameter and not as a type. */
int value_take(const struct ctl *ctl, const struct param_info *info, const struct arg *arg, struct base *base,
               struct error *error)
{
    double number;
    base->note = 0;
    if (arg_string(arg))
        return note_fits(info) ? note_value_take(ctl, info, arg_string(arg), base, error)
                               : param_from_word(info, arg_string(arg), &base->value, error);
    if (arg->tag == 'f' || arg->tag == 'd')
        return param_from_number(info, arg->tag == 'f' ? (double)arg->f : arg->d, &base->value, error);
    if (arg_number(arg, &number))
        return param_from_number(info, number, &base->value, error);
    return error_set(error, ERROR_BAD_TYPE, "%s takes a number%s, not an argument of type %c", info->name,
                     info->kind == PARAM_CHOICE ? " or a name" : "", arg->tag);
}

static int norm_take(const struct param_info *info, const struct arg *arg, struct base *base, struct error *error)
{
    char shown[COMMAND_ARG_BYTES];
    double norm;
    command_arg_show(arg, shown, sizeof shown);
    if (!arg_number(arg, &norm))
        return error_set(error, arg->tag == 'f' || arg->tag == 'd' ? ERROR_BAD_VALUE : ERROR_BAD_TYPE,
                         "%s/norm takes a number from 0 to 1, not %s", info->name, shown);
    if (!(norm >= 0 && norm <= 1))
        return error_set(error, ERROR_RANGE, "%s/norm %s is outside its range 0 to 1", info->name, shown);
    *base = (struct base){param_from_norm(info, norm), 0};
    return 0;
}

/* What has no values in between cannot glide: a choice would pass through all the others. */
static int glide_read(const struct param_info *info, const struct arg *arg, double *glide_s, struct error *error)
{
    char shown[COMMAND_ARG_BYTES];
    command_arg_show(arg, shown, sizeof shown);
    if (info->kind != PARAM_CONTINUOUS)
        return error_set(error, ERROR_BAD_TYPE, "%s changes at once: %s is one argument too many", info->name, shown);
    if (!arg_number(arg, glide_s))
        return error_set(error, arg->tag == 'f' || arg->tag == 'd' ? ERROR_BAD_VALUE : ERROR_BAD_TYPE,
                         "behind the value of %s comes its glide time in seconds, not %s", info->name, shown);
    if (*glide_s < 0 || *glide_s > VALUE_GLIDE_MAX_S)
        return error_set(error, ERROR_RANGE, "the glide time %s s is outside its range 0 to %g s", shown,
                         VALUE_GLIDE_MAX_S);
    return 0;
}

/* A set that was read. */
struct set {
    struct base base;
    double glide_s; /* negative: the parameter's own */
};

static bool is_rebuild(const struct target *target)
{
    return (target->kind == TARGET_PARAM || target->kind == TARGET_NORM) &&
           node_class_row(target->node->class, target->row)->flags & PARAM_REBUILD;
}

static int set_check(const struct target *target, const char *address, unsigned n_args, struct error *error)
{
    if (target->kind == TARGET_NODE)
        return error_set(error, ERROR_BAD_TYPE, "name the parameter to set: %s/PARAM", address);
    if (target->kind == TARGET_READING || target->kind == TARGET_LEVEL)
        return error_set(error, ERROR_UNSUPPORTED, "%s is measured by the node and cannot be set", target->path);
    if (target->kind == TARGET_NOTES)
        return error_set(error, ERROR_UNSUPPORTED, "the notes of %s are played, by /note/on and /note/off, not set",
                         target->node->name);
    const struct node *node = target->node;
    const struct param_info *info = node_class_row(node->class, target->row);
    if (!target_is_settable(target) && node->class->voices_by)
        return error_set(
            error, ERROR_UNSUPPORTED,
            "%s of %s is part of what it is: /graph/copy %s NAME %s VALUE edges makes another with all that is "
            "inside",
            info->name, node->name, node->name, info->name);
    if (!target_is_settable(target) && !is_rebuild(target))
        return error_set(error, ERROR_UNSUPPORTED,
                         "%s of %s is part of what it is: /graph/replace %s %s %s VALUE puts another in its place",
                         info->name, node->name, node->name, node->class->name, info->name);
    if (n_args > 2)
        return error_set(error, ERROR_BAD_TYPE,
                         "%u arguments for %s: it takes its value, and if wished a glide time in seconds", n_args,
                         info->name);
    return 0;
}

static int set_read(const struct ctl *ctl, const char *address, const struct target *target, const struct arg *args,
                    unsigned n_args, struct set *set, struct error *error)
{
    const struct param_info *info = node_class_row(target->node->class, target->row);
    set->glide_s = -1;
    if (set_check(target, address, n_args, error) || (n_args == 2 && glide_read(info, &args[1], &set->glide_s, error)))
        return (int)error->code;
    return target->kind == TARGET_NORM ? norm_take(info, &args[0], &set->base, error)
                                       : value_take(ctl, info, &args[0], &set->base, error);
}

/* ---- what takes another node ----------------------------------------------------------------------------------------- */

/* Puts a node like this one with another value in its place. A number that it has already changes nothing; a file may be
 * another one by now. */
static int rebuild_with(struct call *call, const struct target *target, const struct arg *arg, struct creation *creation)
{
    const struct node *node = target->node;
    const struct param_info *info = node_class_row(node->class, target->row);
    struct base base;
    creation_inherit(creation, node, true);
    if (target->kind == TARGET_NORM ? norm_take(info, arg, &base, call->error)
                                    : creation_set(call, creation, target->row, arg))
        return (int)call->error->code;
    if (target->kind == TARGET_NORM)
        creation->values[target->row] = base.value;
    if (!param_is_path(info) && creation->values[target->row] == node->values[target->row])
        return 0;
    if (creation_load(call, creation))
        return (int)call->error->code;
    struct node_spec spec = creation_spec(creation, node->name, node);
    return tx_replace_node(call->tx, &spec, false, call->error);
}

/* Stages it. 0 also while a file is missing: request->wanted tells. */
static int rebuild(struct request *request, struct tx *tx, const struct target *target, const struct arg *args,
                   unsigned n_args, struct error *error)
{
    struct call call = {.server = request->server, .request = request, .tx = tx, .error = error};
    struct creation creation;
    const char *name = node_class_row(target->node->class, target->row)->name;
    if (server_role(request->server, &request->peer) != ROLE_EDIT)
        return error_set(error, ERROR_DENIED, "to set %s puts another node in the place of %s, which needs the role %s",
                         name, target->node->name, role_name(ROLE_EDIT));
    if (n_args > 1)
        return error_set(error, ERROR_BAD_TYPE, "%s takes one argument: it changes the node, which is crossfaded", name);
    if (!creation_open(&creation, target->node->class, error))
        rebuild_with(&call, target, args, &creation);
    creation_close(&creation);
    return (int)error->code;
}

/* By itself: an edit, and answered as one. */
static int rebuild_run(struct request *request, const struct target *target, const struct arg *args, unsigned n_args,
                       struct error *error)
{
    struct tx *tx = tx_open(request->server->ctl, FADE_S);
    if (!tx)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the transaction");
    int code = rebuild(request, tx, target, args, n_args, error);
    if (!code && !request->wanted.n_missing) {
        answer_later(request, tx, ANSWER_DONE, 0, NULL);
        return 0;
    }
    tx_rollback(tx);
    return code ? code : CALL_LOADING;
}

/* ---- what the node can take ------------------------------------------------------------------------------------------ */

/* Whether the value is told in the very form in which it was set. */
static bool is_told_alike(const struct target *target, const struct arg *arg, float value)
{
    const struct param_info *info = node_class_row(target->node->class, target->row);
    double number;
    if (arg_string(arg))
        return info->kind == PARAM_CHOICE && strcmp(arg_string(arg), info->choices[(unsigned)value]) == 0;
    if (info->kind == PARAM_CHOICE || !arg_number(arg, &number))
        return false;
    return target->kind == TARGET_NORM ? fabs((double)param_to_norm(info, value) - number) < NORM_ERROR
                                       : (float)number == value;
}

/* Who sets is not told of it by its subscriptions, unless the value became another one. Until setter_end. */
static void setter_begin(struct server *server, const struct target *target, const struct arg *arg, float value)
{
    struct stamps *stamps = &server->ctl->model.stamps;
    stamps->by = is_told_alike(target, arg, value) ? server->subs.asker : 0;
    stamps->is_norm = target->kind == TARGET_NORM;
}

static void setter_end(struct server *server)
{
    server->ctl->model.stamps.by = 0;
}

/* One set of a transaction, or one for each match of a pattern. */
struct staging {
    struct request *request;
    struct tx *tx;
    const struct arg *args;
    unsigned n_args;
    bool is_pattern;
    int32_t n_staged;
    struct error *error;
};

static int label_stage(struct staging *staging, const struct target *target, struct error *error)
{
    const char *text = arg_string(&staging->args[0]);
    if (staging->n_args != 1 || !text)
        return error_set(error, ERROR_BAD_TYPE, "label takes one string");
    staging->n_staged++;
    return tx_set_label(staging->tx, target->node, text, error);
}

static int target_stage(struct staging *staging, const char *address, const struct target *target, struct error *error)
{
    struct server *server = staging->request->server;
    struct set set;
    if (target->kind == TARGET_LABEL)
        return label_stage(staging, target, error);
    if (is_rebuild(target))
        return rebuild(staging->request, staging->tx, target, staging->args, staging->n_args, error);
    if (set_read(server->ctl, address, target, staging->args, staging->n_args, &set, error))
        return (int)error->code;
    if (!staging->is_pattern) /* otherwise the sender need not know what it has set */
        setter_begin(server, target, staging->args, set.base.value);
    int code = tx_set_base(staging->tx, target->node, target->row, &set.base, set.glide_s, error);
    setter_end(server);
    if (code)
        return code;
    unheard_set(server, target, set.base.value);
    server->counters.values++;
    staging->n_staged++;
    return 0;
}

static int match_stage(void *user, const char *address, const struct target *target)
{
    struct staging *staging = user;
    struct error inner = {0};
    if (!target_stage(staging, address, target, &inner))
        return 0;
    return error_set(staging->error, inner.code, "%.100s: %.380s", address, inner.text);
}

static int address_stage(struct staging *staging, const char *address)
{
    struct target target;
    staging->is_pattern = pattern_is(address);
    if (staging->is_pattern)
        return match_each(staging->request->server, address, MATCH_SET, match_stage, staging, staging->error);
    if (target_find(staging->request->server, address, &target, staging->error))
        return (int)staging->error->code;
    return target_stage(staging, address, &target, staging->error);
}

int value_stage(struct request *request, struct tx *tx, const char *address, const struct arg *args, unsigned n_args,
                struct error *error)
{
    return address_stage(&(struct staging){request, tx, args, n_args, false, 0, error}, address);
}

/* What takes a set to the engine by a transaction, which tells when it is there, and of a pattern takes all at one frame. */
static int set_commit(struct request *request, const struct arg *args, unsigned n_args, bool is_answered,
                      struct error *error)
{
    struct server *server = request->server;
    uint64_t n_values = server->counters.values;
    struct tx *tx = tx_open(server->ctl, 0);
    if (!tx)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the value");
    struct staging staging = {request, tx, args, n_args, false, 0, error};
    if (address_stage(&staging, request->address)) {
        tx_rollback(tx);
        server->counters.values = n_values; /* nothing was set after all */
        return (int)error->code;
    }
    enum answer_kind kind = !is_answered ? ANSWER_SILENT : pattern_is(request->address) ? ANSWER_MATCHES : ANSWER_VALUE;
    if (answer_later(request, tx, kind, staging.n_staged, NULL))
        server->counters.values = n_values;
    return 0;
}

/* A set by itself. Only a sender who can use it gets an answer: not a fader on UDP without a request id. */
static int value_set(struct request *request, const struct arg *args, unsigned n_args, struct error *error)
{
    struct server *server = request->server;
    struct target target;
    struct set set;
    bool is_answered = request->has_id || request->peer.kind != PEER_DATAGRAM, is_pattern = pattern_is(request->address);
    if (!is_pattern && target_find(server, request->address, &target, error))
        return (int)error->code;
    if (!is_pattern && is_rebuild(&target))
        return rebuild_run(request, &target, args, n_args, error);
    if (is_answered || is_pattern || target.kind == TARGET_LABEL)
        return set_commit(request, args, n_args, is_answered, error);
    if (set_read(server->ctl, request->address, &target, args, n_args, &set, error))
        return (int)error->code;
    setter_begin(server, &target, args, set.base.value);
    int code = ctl_set_base(server->ctl, target.node, target.row, &set.base, set.glide_s, error);
    setter_end(server);
    unheard_set(server, &target, set.base.value);
    server->counters.values += !code;
    return code;
}

int value_message(struct request *request, const struct arg *args, unsigned n_args, struct error *error)
{
    return n_args ? value_set(request, args, n_args, error) : value_read(request, error);
}
