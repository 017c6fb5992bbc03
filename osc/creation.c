#include "osc/creation.h"

#include <stdlib.h>
#include <string.h>

#include "graph/follow.h"
#include "graph/param.h"
#include "graph/preset.h"
#include "osc/value.h"

#define PRESET_WORD "preset"

int creation_open(struct creation *creation, const struct node_class *class, struct error *error)
{
    *creation = (struct creation){.class = class};
    /* One more than there are, since calloc may answer 0 bytes with null. */
    creation->values = calloc(class->n_params + 1, sizeof *creation->values);
    creation->notes = calloc(class->n_params + 1, sizeof *creation->notes);
    creation->texts = calloc(class->n_params + 1, sizeof *creation->texts);
    creation->media = calloc(class->n_params + 1, sizeof(struct media *));
    if (!creation->values || !creation->notes || !creation->texts || !creation->media)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the node");
    for (unsigned row = 0; row < class->n_params; row++)
        creation->values[row] = class->params[row].initial;
    return 0;
}

void creation_close(struct creation *creation)
{
    free(creation->values);
    free(creation->notes);
    free(creation->texts);
    free(creation->media);
    free(creation->pairs);
}

struct node_spec creation_spec(const struct creation *creation, const char *name, const struct node *before)
{
    struct node_spec spec = {.class = creation->class,
                             .name = name,
                             .channels = creation->channels,
                             .values = creation->values,
                             .notes = creation->notes,
                             .texts = creation->texts,
                             .media = creation->media,
                             .bypassed = creation->values[creation->class->n_params] != 0,
                             .label = creation->label};
    for (unsigned row = 0; before && row < creation->class->n_params; row++)
        for (unsigned k = 0; creation->texts[row] && k < before->class->n_params; k++)
            spec.again |= before->texts[k] && strcmp(before->texts[k], creation->texts[row]) == 0;
    return spec;
}

int creation_no_such_type(const char *type, struct error *error)
{
    struct guess guess = guess_begin(type);
    char question[GUESS_BYTES];
    for (unsigned i = 0; i < n_node_registry; i++)
        guess_offer(&guess, node_registry[i]->name);
    return error_set(error, ERROR_NO_SUCH_TYPE, "there is no type \"%s\"%s", type,
                     guess_ask(&guess, "; /types lists them", question));
}

/* ---- from another node ----------------------------------------------------------------------------------------------- */

static void base_put(const struct creation *creation, unsigned row, const struct base *base)
{
    creation->values[row] = base->value;
    creation->notes[row] = base->note;
}

static void value_inherit(struct creation *creation, unsigned row, const struct node *node, unsigned from)
{
    const struct param_info *info = node_class_row(creation->class, row), *other = node_class_row(node->class, from);
    struct error unused = {0};
    float value = node->values[from];
    if (info->kind != other->kind || strcmp(info->unit, other->unit) != 0 ||
        strcmp(media_kind_word(info->reads), media_kind_word(other->reads)) != 0)
        return;
    if (param_is_path(info))
        creation->texts[row] = node->texts[from];
    else if (info->kind == PARAM_CHOICE ? !param_from_word(info, other->choices[(unsigned)value], &value, &unused)
                                        : !param_from_number(info, (double)value, &value, &unused))
        base_put(creation, row, &(struct base){value, note_fits(info) ? node->notes[from] : 0});
}

void creation_inherit(struct creation *creation, const struct node *node, bool transient)
{
    const struct node_class *class = creation->class;
    for (unsigned row = 0; row < class->n_params; row++) {
        struct error unused;
        unsigned from = row;
        if (class->params[row].flags & PARAM_TRANSIENT && !transient)
            continue;
        if (class == node->class || !node_param_find(node->class, node->values, class->params[row].name, &from, &unused))
            value_inherit(creation, row, node, from);
    }
    creation->values[class->n_params] = node->values[node->class->n_params];
    creation->label = node->label;
    bool is_chosen = node->channels != node->class->channels;
    if (is_chosen && node->channels <= class->channels_max)
        creation->channels = node->channels;
}

/* ---- from words ------------------------------------------------------------------------------------------------------ */

static int channels_take(struct call *call, struct creation *creation, const struct arg *arg)
{
    char shown[COMMAND_ARG_BYTES];
    int64_t n;
    unsigned most = creation->class->channels_max;
    command_arg_show(arg, shown, sizeof shown);
    if (!arg_integer(arg, &n))
        return error_set(call->error, ERROR_BAD_TYPE, "channels must be a whole number, not %s", shown);
    if (!most)
        return error_set(call->error, ERROR_UNSUPPORTED, "%s: the width of this type cannot be chosen, leave out channels",
                         creation->class->name);
    if (n < 1 || n > most)
        return error_set(call->error, ERROR_RANGE, "channels %s is outside its range 1 to %u", shown, most);
    creation->channels = (unsigned)n;
    return 0;
}

static int label_take(struct call *call, struct creation *creation, const struct arg *arg)
{
    creation->label = arg_string(arg);
    if (!creation->label)
        return error_set(call->error, ERROR_BAD_TYPE, "label must be a string, not an argument of type %c", arg->tag);
    return label_check(creation->label, call->error);
}

int creation_set(struct call *call, struct creation *creation, unsigned row, const struct arg *arg)
{
    const struct param_info *info = node_class_row(creation->class, row);
    struct base base;
    if (!param_is_path(info)) {
        if (!value_take(call->server->ctl, info, arg, &base, call->error))
            base_put(creation, row, &base);
        return (int)call->error->code;
    }
    const char *path = arg_string(arg);
    if (!path || !*path)
        return error_set(call->error, ERROR_BAD_TYPE, "%s takes the path of a file, as a string that is not empty",
                         info->name);
    /* Borrowed from the packet; tx_add_node copies it. */
    creation->texts[row] = (char *)path;
    return 0;
}

/* Whether the name has come before: then it is more likely a slip than meant, and nobody could tell which counts. */
static bool is_repeated(const struct creation *creation, const char *key)
{
    for (unsigned k = 0; k < creation->n_pairs; k += 2)
        if (strcmp(arg_string(&creation->pairs[k]), key) == 0)
            return true;
    return false;
}

static int pair_take(struct call *call, struct creation *creation, const struct arg *pair)
{
    const char *key = arg_string(&pair[0]);
    unsigned row;
    if (is_repeated(creation, key))
        return error_set(call->error, ERROR_BAD_TYPE, "\"%s\" is given twice", key);
    creation->pairs[creation->n_pairs++] = pair[0];
    creation->pairs[creation->n_pairs++] = pair[1];
    if (strcmp(key, "channels") == 0)
        return channels_take(call, creation, &pair[1]);
    if (strcmp(key, "label") == 0)
        return label_take(call, creation, &pair[1]);
    if (strcmp(key, PRESET_WORD) == 0) /* taken already */
        return 0;
    return node_param_find(creation->class, NULL, key, &row, call->error) ? (int)call->error->code
                                                                          : creation_set(call, creation, row, &pair[1]);
}

static int preset_take(struct call *call, struct creation *creation, const struct arg *arg)
{
    const struct node_class *class = creation->class;
    struct base *bases = calloc(class->n_params + 1, sizeof *bases);
    const struct preset *preset = bases ? preset_get(class, arg_string(arg), call->error) : NULL;
    if (!bases)
        error_set(call->error, ERROR_INTERNAL, "memory ran out for the preset");
    if (preset && !preset_read(class, preset, bases, call->error))
        for (unsigned row = 0; row < class->n_params; row++)
            if (preset_has_row(&class->params[row]) &&
                !follow_now(call->server->ctl, &class->params[row], &bases[row], call->error))
                base_put(creation, row, &bases[row]);
    free(bases);
    return (int)call->error->code;
}

/* What is said besides counts more, wherever it stands. */
static int preset_first(struct call *call, struct creation *creation)
{
    for (unsigned i = 0; i + 1 < call->n_rest; i++)
        if (arg_string(&call->rest[i]) && strcmp(arg_string(&call->rest[i]), PRESET_WORD) == 0)
            return preset_take(call, creation, &call->rest[i + 1]);
    return 0;
}

static int rest_take(struct call *call, struct creation *creation, const char *word)
{
    for (unsigned i = 0; i < call->n_rest; i++) {
        const char *key = arg_string(&call->rest[i]);
        char shown[COMMAND_ARG_BYTES];
        command_arg_show(&call->rest[i], shown, sizeof shown);
        if (!key)
            return error_set(call->error, ERROR_BAD_TYPE,
                             "behind the names come pairs of a parameter's name and its value: %s is no name", shown);
        if (word && strcmp(key, word) == 0) {
            creation->has_word = true;
            continue;
        }
        if (i + 1 == call->n_rest)
            return error_set(call->error, ERROR_BAD_TYPE, "%s needs a value behind it", shown);
        if (pair_take(call, creation, &call->rest[i++]))
            return (int)call->error->code;
    }
    return 0;
}

/* Once all is read, it is known how many there are of what is numbered; of the others, nothing is left that was inherited. */
static int numbers_check(struct call *call, const struct creation *creation)
{
    const struct node_class *class = creation->class;
    unsigned row;
    for (unsigned i = 0; class->numbered_by && i < creation->n_pairs; i += 2) {
        const char *key = arg_string(&creation->pairs[i]);
        if (strcmp(key, "channels") != 0 && strcmp(key, "label") != 0 && strcmp(key, PRESET_WORD) != 0 &&
            node_param_find(class, creation->values, key, &row, call->error))
            return (int)call->error->code;
    }
    for (row = 0; row < class->n_params; row++)
        if (!node_class_has(class, creation->values, class->params[row].number))
            base_put(creation, row, &(struct base){class->params[row].initial, 0});
    return 0;
}

int creation_read(struct call *call, struct creation *creation, const char *word)
{
    creation->pairs = calloc(call->n_rest + 1, sizeof *creation->pairs);
    if (!creation->pairs)
        return error_set(call->error, ERROR_INTERNAL, "memory ran out for the node");
    if (preset_first(call, creation) || rest_take(call, creation, word))
        return (int)call->error->code;
    return numbers_check(call, creation);
}

int creation_load(struct call *call, struct creation *creation)
{
    for (unsigned row = 0; row < creation->class->n_params; row++) {
        const struct param_info *info = node_class_row(creation->class, row);
        bool is_read = creation->texts[row] && info->kind == PARAM_FILE;
        int code = is_read ? call_media(call, creation->texts[row], info->reads, &creation->media[row]) : 0;
        if (code)
            return code;
    }
    return 0;
}
