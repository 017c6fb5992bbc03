/* A fader sends hundreds of these a second, so the way is short: two look-ups of the name, one comparison with the range, one
 * message to the audio thread, and no answer unless somebody waits for it. */
#include "osc/value.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "graph/param.h"
#include "osc/answer.h"
#include "osc/command.h"
#include "osc/level.h"

#define PREFIX        "/node/"
#define GLIDE_MAX_S   3600.0
#define NTP_TO_UNIX_S 2208988800u /* from 1900 to 1970 */

/* What a value's address leads to. */
struct target {
    struct node *node;
    const char *name; /* of the parameter or reading; null: the whole node */
    unsigned row;     /* of either table */
    bool is_reading;
    bool is_level;
    struct level level;
};

bool value_is_address(const char *address)
{
    return strncmp(address, PREFIX, sizeof PREFIX - 1) == 0;
}

bool value_is_future(uint64_t time)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seconds = (uint64_t)now.tv_sec + NTP_TO_UNIX_S;
    uint64_t fraction = ((uint64_t)now.tv_nsec << 32) / 1000000000u;
    return time > (seconds << 32 | fraction);
}

/* The longest node name that the path begins with wins; *rest is what follows its slash, or null. */
static struct node *node_of_path(const struct server *server, const char *path, const char **rest)
{
    for (size_t n = strnlen(path, NAME_BYTES - 1); n > 0; n--) {
        if (path[n] && path[n] != '/')
            continue;
        struct node *node = map_find(&server->ctl->model.names, path, n);
        if (node) {
            *rest = path[n] ? path + n + 1 : NULL;
            return node;
        }
    }
    return NULL;
}

/* The path is taken to be NODE/PARAM, or NODE where it has no slash. */
static int no_such_target(const struct server *server, const char *path, struct error *error)
{
    char name[NAME_BYTES];
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : strlen(path);
    if (strpbrk(path, "*?[]{}"))
        return error_set(error, ERROR_NO_MATCH,
                         "no node is named \"%.*s\": names are taken as they stand, one node at a time", (int)n, path);
    snprintf(name, sizeof name, "%.*s", (int)n, path);
    model_get(&server->ctl->model, name, error);
    return (int)error->code;
}

/* /node/a/out/peak is a level of "a" also where there is a node "a/out": that one has no such value (see /graph/add). */
static bool level_target(const struct server *server, const char *path, struct target *target)
{
    for (const char *slash = strchr(path, '/'); slash && !target->is_level; slash = strchr(slash + 1, '/')) {
        struct node *node = map_find(&server->ctl->model.names, path, (size_t)(slash - path));
        target->is_level = node && level_find(node, slash + 1, &target->level);
        if (target->is_level)
            target->node = node;
    }
    return target->is_level;
}

/* What else there is to read beneath the node, behind the parameters that *error names already. */
static int no_such_value(const struct node *node, struct error *error)
{
    const struct node_class *class = node->class;
    const struct error inner = *error;
    struct level level;
    char list[200] = "", path[NAME_PART_BYTES + 8];
    size_t n = 0;
    for (unsigned i = 0; i < class->n_readings && n < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", class->readings[i].name);
    for (unsigned i = 0; n < sizeof list && level_address(class, i, path, sizeof path); i++)
        if (level_find(node, path, &level))
            n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? ", " : "", path);
    return error_set(error, inner.code, "%.300s; measured: %s", inner.text, n ? list : "nothing");
}

static int target_find(const struct server *server, const char *address, struct target *target, struct error *error)
{
    const char *path = address + sizeof PREFIX - 1;
    *target = (struct target){0};
    if (!(target->node = node_of_path(server, path, &target->name)))
        return no_such_target(server, path, error);
    if (!target->name)
        return 0;
    const struct node_class *class = target->node->class;
    for (target->row = 0; target->row < class->n_readings; target->row++)
        if (strcmp(class->readings[target->row].name, target->name) == 0) {
            target->is_reading = true;
            return 0;
        }
    if (node_param_find(class, target->node->values, target->name, &target->row, error) &&
        !level_target(server, path, target))
        return no_such_value(target->node, error);
    *error = (struct error){0};
    return 0;
}

int value_check(const struct server *server, const char *address, struct error *error)
{
    struct target target;
    return target_find(server, address, &target, error);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

void value_write(struct writer *results, const struct node *node, unsigned row)
{
    const struct param_info *info = &node->class->params[row];
    float value = node->values[row];
    switch (info->kind) {
    case PARAM_CONTINUOUS:
        writer_float(results, value);
        break;
    case PARAM_CHOICE:
        writer_string(results, info->choices[(unsigned)value]);
        break;
    case PARAM_SWITCH:
        writer_bool(results, value != 0.0f);
        break;
    case PARAM_INTEGER:
        writer_int(results, (int32_t)value);
        break;
    case PARAM_FILE:
    case PARAM_SINK:
        writer_string(results, node->texts[row] ? node->texts[row] : "");
        break;
    }
}

static void reading_write(struct writer *results, const struct node *node, unsigned row)
{
    writer_float(results, atomic_load_explicit(&node->object->readings[row], memory_order_relaxed));
}

static void target_write(struct writer *results, const struct target *target)
{
    const struct node *node = target->node;
    const struct node_class *class = node->class;
    if (target->name) {
        (target->is_reading ? reading_write : value_write)(results, node, target->row);
        return;
    }
    for (unsigned i = 0; i < class->n_params; i++) {
        if (!node_class_has(class, node->values, class->params[i].number))
            continue;
        writer_string(results, class->params[i].name);
        value_write(results, node, i);
    }
    for (unsigned i = 0; i < class->n_readings; i++) {
        writer_string(results, class->readings[i].name);
        reading_write(results, node, i);
    }
}

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
int value_take(const struct param_info *info, const struct arg *arg, float *value, struct error *error)
{
    double number;
    if (arg_string(arg))
        return param_from_word(info, arg_string(arg), value, error);
    if (arg->tag == 'f' || arg->tag == 'd')
        return param_from_number(info, arg->tag == 'f' ? (double)arg->f : arg->d, value, error);
    if (arg_number(arg, &number))
        return param_from_number(info, number, value, error);
    return error_set(error, ERROR_BAD_TYPE, "%s takes a number%s, not an argument of type %c", info->name,
                     info->kind == PARAM_CHOICE ? " or a name" : "", arg->tag);
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
    if (!target->name)
        return error_set(error, ERROR_BAD_TYPE, "name the parameter to set: %s/PARAM", address);
    if (target->is_reading || target->is_level)
        return error_set(error, ERROR_UNSUPPORTED, "%s is measured by the node and cannot be set", target->name);
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
    return value_take(info, &args[0], value, error);
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
    if (target.is_level)
        return level_read(request, target.node, &target.level, error);
    read_answer(request, &target);
    return 0;
}
