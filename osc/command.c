#include "osc/command.h"

#include <stdio.h>
#include <string.h>

/* One word of a row's argument string. */
struct spec {
    char name[32];
    size_t n_name;
    char type; /* s i d b; 0: a keyword alone */
    bool is_optional, is_keyword, is_rest;
};

/* Reads the next word; false at the end. */
static bool spec_next(const char **at, struct spec *spec)
{
    *at += strspn(*at, " ");
    if (!**at)
        return false;
    *spec = (struct spec){.is_optional = **at == '['};
    *at += spec->is_optional;
    spec->is_rest = strncmp(*at, "...", 3) == 0;
    spec->n_name = strcspn(*at, ":=! ");
    snprintf(spec->name, sizeof spec->name, "%.*s", (int)spec->n_name, *at);
    const char *mark = *at + spec->n_name;
    spec->is_keyword = *mark == '=' || *mark == '!';
    spec->type = *mark == ':' || *mark == '=' ? mark[1] : 0;
    *at += strcspn(*at, " ");
    return true;
}

static const char *type_word(char type)
{
    return type == 's' ? "a string" : type == 'i' ? "a whole number" : type == 'd' ? "a number" : "T or F";
}

static int refuse(struct call *call, const char *what, const char *which, const char *should)
{
    return error_set(call->error, ERROR_BAD_TYPE, "%s%s%s%s; usage: %s %s", what, which, *should ? " must be " : "", should,
                     call->command->address, call->command->args);
}

static int value_read(struct call *call, const struct spec *spec, const struct arg *arg, struct value *value)
{
    bool ok = false;
    if (spec->type == 's')
        ok = (value->s = arg_string(arg)) != NULL;
    else if (spec->type == 'i')
        ok = arg_integer(arg, &value->i);
    else if (spec->type == 'd')
        ok = arg_number(arg, &value->d);
    else
        ok = arg_truth(arg, &value->b);
    if (!ok)
        return refuse(call, "the argument ", spec->name, type_word(spec->type));
    value->given = true;
    return 0;
}

/* Finds the keyword of that name in the row, and its place. */
static bool keyword_find(const char *at, const char *word, struct spec *spec, unsigned *place)
{
    for (*place = 0; spec_next(&at, spec); (*place)++)
        if (spec->is_keyword && strcmp(spec->name, word) == 0)
            return true;
    return false;
}

static int keywords_read(struct call *call, const struct arg *args, unsigned n_args)
{
    for (unsigned i = 0; i < n_args; i++) {
        struct spec spec;
        unsigned place;
        const char *word = arg_string(&args[i]);
        if (!word || !keyword_find(call->command->args, word, &spec, &place))
            return refuse(call, "one argument too many, or an unknown keyword: ", word ? word : "a number", "");
        struct value *value = &call->args[place];
        if (value->given)
            return refuse(call, "given twice: ", word, "");
        value->given = true;
        value->b = true;
        if (!spec.type)
            continue;
        if (++i == n_args)
            return refuse(call, "what follows ", word, type_word(spec.type));
        if (value_read(call, &spec, &args[i], value))
            return (int)call->error->code;
    }
    return 0;
}

int command_args_read(struct call *call, const struct arg *args, unsigned n_args)
{
    const char *at = call->command->args;
    struct spec spec;
    unsigned i = 0;
    for (unsigned place = 0; spec_next(&at, &spec); place++) {
        if (spec.is_rest) {
            call->rest = args + i;
            call->n_rest = n_args - i;
            return 0;
        }
        if (spec.is_keyword)
            break;
        if (i == n_args && spec.is_optional)
            return 0;
        if (i == n_args)
            return refuse(call, "the argument is missing: ", spec.name, "");
        if (value_read(call, &spec, &args[i++], &call->args[place]))
            return (int)call->error->code;
    }
    return keywords_read(call, args + i, n_args - i);
}
