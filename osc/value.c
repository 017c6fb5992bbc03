/* A fader sends hundreds of these a second, so the way is short: two look-ups of the name, one comparison with the range, one
 * message to the audio thread, and no answer unless somebody waits for it. */
#include "osc/value.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "graph/param.h"
#include "osc/answer.h"
#include "osc/command.h"
#include "osc/note_value.h"
#include "osc/target.h"

#define GLIDE_MAX_S   3600.0
#define NTP_TO_UNIX_S 2208988800u /* from 1900 to 1970 */

bool value_is_future(uint64_t time)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seconds = (uint64_t)now.tv_sec + NTP_TO_UNIX_S;
    uint64_t fraction = ((uint64_t)now.tv_nsec << 32) / 1000000000u;
    return time > (seconds << 32 | fraction);
}

int value_check(const struct server *server, const char *address, struct error *error)
{
    struct target target;
    return target_find(server, address, &target, error);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static void read_answer(const struct request *request, const struct target *target)
{
    struct writer results;
    if (request->has_id) {
        request_results(request, &results);
        target_write(&results, target);
        request_done(request, &results);
    } else {
        writer_init(&results);
        target_write(&results, target);
        request_send(request, request->address, &results);
    }
}

/* ---- setting -------------------------------------------------------------------------------------------------------- */

/* Floats that are no numbers go on, so that they are refused as values of the parameter and not as a type. */
int value_take(const struct ctl *ctl, const struct param_info *info, const struct arg *arg, float *value,
               struct error *error)
{
    double number;
    if (arg_string(arg))
        return note_value_fits(info) ? note_value_take(ctl, info, arg_string(arg), value, error)
                                     : param_from_word(info, arg_string(arg), value, error);
    if (arg->tag == 'f' || arg->tag == 'd')
        return param_from_number(info, arg->tag == 'f' ? (double)arg->f : arg->d, value, error);
    if (arg_number(arg, &number))
        return param_from_number(info, number, value, error);
    return error_set(error, ERROR_BAD_TYPE, "%s takes a number%s, not an argument of type %c", info->name,
                     info->kind == PARAM_CHOICE ? " or a name" : "", arg->tag);
}

static int norm_take(const struct param_info *info, const struct arg *arg, float *value, struct error *error)
{
    char shown[COMMAND_ARG_BYTES];
    double norm;
    command_arg_show(arg, shown, sizeof shown);
    if (!arg_number(arg, &norm))
        return error_set(error, arg->tag == 'f' || arg->tag == 'd' ? ERROR_BAD_VALUE : ERROR_BAD_TYPE,
                         "%s/norm takes a number from 0 to 1, not %s", info->name, shown);
    if (!(norm >= 0 && norm <= 1))
        return error_set(error, ERROR_RANGE, "%s/norm %s is outside its range 0 to 1", info->name, shown);
    *value = param_from_norm(info, norm);
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
    if (*glide_s < 0 || *glide_s > GLIDE_MAX_S)
        return error_set(error, ERROR_RANGE, "the glide time %s s is outside its range 0 to %g s", shown, GLIDE_MAX_S);
    return 0;
}

/* Checks a set and finds what it sets. */
static int set_read(const struct server *server, const char *address, const struct arg *args, unsigned n_args,
                    struct target *target, float *value, double *glide_s, struct error *error)
{
    if (target_find(server, address, target, error))
        return (int)error->code;
    if (target->kind == TARGET_NODE)
        return error_set(error, ERROR_BAD_TYPE, "name the parameter to set: %s/PARAM", address);
    if (target->kind == TARGET_READING || target->kind == TARGET_LEVEL)
        return error_set(error, ERROR_UNSUPPORTED, "%s is measured by the node and cannot be set", target->path);
    const struct param_info *info = &target->node->class->params[target->row];
    /* Another file, or another latency, means another node. */
    if (info->flags & PARAM_AT_CREATION)
        return error_set(error, ERROR_UNSUPPORTED,
                         "%s of %s is chosen when it is added: /graph/remove and /graph/add it anew", info->name,
                         target->node->name);
    if (n_args > 2)
        return error_set(error, ERROR_BAD_TYPE,
                         "%u arguments for %s: it takes its value, and if wished a glide time in seconds", n_args,
                         info->name);
    *glide_s = -1;
    if (n_args == 2 && glide_read(info, &args[1], glide_s, error))
        return (int)error->code;
    return target->kind == TARGET_NORM ? norm_take(info, &args[0], value, error)
                                       : value_take(server->ctl, info, &args[0], value, error);
}

int value_stage(struct server *server, struct tx *tx, const char *address, const struct arg *args, unsigned n_args,
                struct error *error)
{
    struct target target;
    float value;
    double glide_s;
    if (set_read(server, address, args, n_args, &target, &value, &glide_s, error))
        return (int)error->code;
    server->counters.values++;
    return tx_set_value(tx, target.node, target.row, value, glide_s, error);
}

/* What takes a set to the engine: with an answer, a transaction, which tells when it is there. */
static int value_commit(struct request *request, const struct target *target, float value, double glide_s,
                        struct error *error)
{
    struct tx *tx = tx_open(request->server->ctl, 0);
    if (!tx)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the value");
    if (tx_set_value(tx, target->node, target->row, value, glide_s, error)) {
        tx_rollback(tx);
        return (int)error->code;
    }
    if (answer_later(request, tx, ANSWER_VALUE, 0) == 0)
        request->server->counters.values++;
    return 0;
}

/* A set by itself. Only a sender who can use it gets an answer: not a fader on UDP without a request id. */
static int value_set(struct request *request, const struct arg *args, unsigned n_args, struct error *error)
{
    struct server *server = request->server;
    struct target target;
    float value;
    double glide_s;
    if (set_read(server, request->address, args, n_args, &target, &value, &glide_s, error))
        return (int)error->code;
    if (request->has_id || request->peer.kind != PEER_DATAGRAM)
        return value_commit(request, &target, value, glide_s, error);
    if (ctl_set_value(server->ctl, target.node, target.row, value, glide_s, error))
        return (int)error->code;
    server->counters.values++;
    return 0;
}

int value_message(struct request *request, const struct arg *args, unsigned n_args, struct error *error)
{
    if (n_args)
        return value_set(request, args, n_args, error);
    struct target target;
    if (target_find(request->server, request->address, &target, error))
        return (int)error->code;
    if (target.kind == TARGET_LEVEL)
        return level_read(request, target.node, &target.level, error);
    read_answer(request, &target);
    return 0;
}
