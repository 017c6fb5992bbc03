/* The argument string of a row is read anew for each call: commands are rare beside values, and what is not stored cannot
 * differ from the table that people read. */
#include "osc/command.h"

#include <stdio.h>
#include <string.h>

#include "graph/names.h"
#include "graph/note_name.h"
#include "osc/row.h"

const struct command *command_find(const char *address)
{
    for (unsigned i = 0; i < n_command_families; i++)
        for (unsigned k = 0; k < command_families[i]->n_commands; k++)
            if (strcmp(command_families[i]->commands[k].address, address) == 0)
                return &command_families[i]->commands[k];
    return NULL;
}

enum command_kind command_kind_of(const struct command *command, unsigned n_args)
{
    if (command->kind != COMMAND_VALUE)
        return command->kind;
    return n_args ? COMMAND_EDIT : COMMAND_QUERY;
}

enum role command_role(const struct command *command, unsigned n_args)
{
    if (command_kind_of(command, n_args) == COMMAND_QUERY)
        return ROLE_READ;
    return command->role ? command->role : ROLE_EDIT;
}

unsigned command_results_group(const struct command *command, unsigned *n_single)
{
    const char *results = command->results, *group = results + strcspn(results, "[|");
    *n_single = 0;
    for (const char *at = results; at < group; at++)
        *n_single += *at == ':';
    unsigned n = 0;
    for (const char *at = group; *group == '[' && *at != ']'; at++)
        n += *at == ':';
    return n;
}

/* ---- what is wrong -------------------------------------------------------------------------------------------------- */

/* "gain, depth", or "" where the row has no keywords. */
static void keywords_list(const char *at, char *list, size_t bytes)
{
    struct row_word spec;
    for (*list = '\0'; row_arg_next(&at, &spec);)
        if (spec.is_keyword)
            names_add(list, bytes, spec.name);
}

static bool is_number(const struct arg *arg)
{
    return arg->tag && strchr("ihfdTF", arg->tag);
}

void command_arg_show(const struct arg *arg, char *text, size_t n)
{
    int64_t whole;
    if (arg_string(arg))
        snprintf(text, n, "\"%.100s\"", arg_string(arg));
    else if (arg->tag == 'T' || arg->tag == 'F')
        snprintf(text, n, "%c", arg->tag);
    else if (arg_integer(arg, &whole))
        snprintf(text, n, "%lld", (long long)whole);
    else if (arg->tag == 'f' || arg->tag == 'd')
        snprintf(text, n, "%g", arg->tag == 'f' ? (double)arg->f : arg->d);
    else
        snprintf(text, n, "an argument of type %c", arg->tag);
}

static int refuse(struct call *call, enum error_code code, const char *text)
{
    return error_set(call->error, code, "%s; usage: %s%s%s", text, call->command->address, *call->command->args ? " " : "",
                     call->command->args);
}

/* A word in the place of what may be left out is a keyword that was mistyped, or a name that only keywords have. */
static int refuse_value(struct call *call, const struct row_word *spec, const struct arg *arg)
{
    char shown[COMMAND_ARG_BYTES], list[100], text[sizeof shown + sizeof list + 180];
    const char *word = spec->is_optional ? arg_string(arg) : NULL, *type = row_type_text(spec->type);
    struct row_word keyword;
    unsigned place;
    command_arg_show(arg, shown, sizeof shown);
    keywords_list(call->command->args, list, sizeof list);
    if (word && strcmp(word, spec->name) == 0)
        snprintf(text, sizeof text, "%s is given by its place, without its name: %s", spec->name, type);
    else if (word && *list && !row_keyword_find(call->command->args, word, &keyword, &place))
        snprintf(text, sizeof text, "%s is neither %s, which is %s, nor one of the keywords %s", shown, spec->name, type,
                 list);
    else
        snprintf(text, sizeof text, "%s must be %s, not %s", spec->name, type, shown);
    return refuse(call, spec->type != 's' && spec->type != 'm' && is_number(arg) ? ERROR_BAD_VALUE : ERROR_BAD_TYPE, text);
}

/* "gain, depth" of "gain,depth". */
static int refuse_choice(struct call *call, const struct row_word *spec, const char *given)
{
    char list[2 * sizeof spec->choices], *to = list;
    for (const char *at = spec->choices; *at; at++) {
        *to++ = *at;
        if (*at == ',')
            *to++ = ' ';
    }
    *to = '\0';
    return error_set(call->error, ERROR_BAD_VALUE, "%s \"%.100s\" is none of: %s", spec->name, given, list);
}

static int refuse_word(struct call *call, const char *what, const char *name)
{
    char text[120];
    snprintf(text, sizeof text, "%s %s", name, what);
    return refuse(call, ERROR_BAD_TYPE, text);
}

/* An argument behind those that have their place, and not one of the keywords. */
static int refuse_superfluous(struct call *call, const struct arg *arg)
{
    char shown[COMMAND_ARG_BYTES], list[100], text[sizeof shown + sizeof list + 40];
    command_arg_show(arg, shown, sizeof shown);
    keywords_list(call->command->args, list, sizeof list);
    if (*list)
        snprintf(text, sizeof text, "%s is none of the keywords %s", shown, list);
    else
        snprintf(text, sizeof text, "%s is one argument too many", shown);
    return refuse(call, ERROR_BAD_TYPE, text);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

/* A truth is no time. */
static bool position_read(const struct arg *arg, struct position *position)
{
    if (arg_string(arg)) {
        position->unit = POSITION_BARS;
        return bars_parse(arg_string(arg), &position->bars);
    }
    position->unit = arg->tag == 'h' ? POSITION_FRAMES : POSITION_SECONDS;
    if (arg->tag == 'h')
        return arg_integer(arg, &position->frames);
    return arg->tag != 'T' && arg->tag != 'F' && arg_number(arg, &position->seconds);
}

static int value_read(struct call *call, const struct row_word *spec, const struct arg *arg, struct value *value)
{
    bool ok = false;
    if (spec->type == 's')
        ok = (value->s = arg_string(arg)) != NULL;
    else if (spec->type == 'i')
        ok = arg_integer(arg, &value->i);
    else if (spec->type == 'd')
        ok = arg_number(arg, &value->d);
    else if (spec->type == 'k')
        ok = arg_string(arg) ? note_name_parse(arg_string(arg), &value->d) : arg_number(arg, &value->d);
    else if (spec->type == 'n')
        ok = arg_string(value->a = arg) || arg_integer(arg, &(int64_t){0});
    else if (spec->type == 'm')
        ok = (value->a = arg)->tag == 'm';
    else if (spec->type == 'p')
        ok = position_read(arg, &value->p);
    else
        ok = arg_truth(arg, &value->b);
    if (!ok)
        return refuse_value(call, spec, arg);
    if (spec->type == 's' && !row_takes(spec, value->s))
        return refuse_choice(call, spec, value->s);
    value->given = true;
    return 0;
}

static int keywords_read(struct call *call, const struct arg *args, unsigned n_args)
{
    for (unsigned i = 0; i < n_args; i++) {
        struct row_word spec;
        unsigned place;
        const char *word = arg_string(&args[i]);
        if (!word || !row_keyword_find(call->command->args, word, &spec, &place))
            return refuse_superfluous(call, &args[i]);
        struct value *value = &call->args[place];
        if (value->given)
            return refuse_word(call, "is given twice", word);
        value->given = true;
        value->b = true;
        if (!spec.type)
            continue;
        if (++i == n_args)
            return refuse_word(call, "needs a value behind it", word);
        if (value_read(call, &spec, &args[i], value))
            return (int)call->error->code;
    }
    return 0;
}

int call_page(struct call *call, unsigned first, struct page *page)
{
    const struct value *offset = &call->args[first], *count = &call->args[first + 1];
    *page = (struct page){offset->given ? offset->i : 0, count->given ? count->i : INT64_MAX};
    if (page->offset >= 0 && page->count >= 0)
        return 0;
    return error_set(call->error, ERROR_RANGE, "%s %lld is outside its range: 0 or more",
                     page->offset < 0 ? "offset" : "count", (long long)(page->offset < 0 ? page->offset : page->count));
}

bool page_next(struct page *page)
{
    if (page->offset > 0)
        return page->offset-- < 0;
    return page->count-- > 0;
}

/* Whether a keyword stands where an argument may be left out, which it then is: where no word could be meant, any keyword. */
static bool is_left_out(const struct call *call, const struct row_word *spec, const struct arg *arg)
{
    struct row_word keyword;
    unsigned place;
    return spec->is_optional && spec->type != 's' && arg_string(arg) &&
           row_keyword_find(call->command->args, arg_string(arg), &keyword, &place) &&
           (!keyword.type || (call->command->performs && strchr("dk", spec->type)));
}

int command_args_read(struct call *call, const struct arg *args, unsigned n_args)
{
    const char *at = call->command->args;
    struct row_word spec;
    unsigned i = 0;
    for (unsigned place = 0; row_arg_next(&at, &spec); place++) {
        if (spec.is_rest) {
            call->rest = args + i;
            call->n_rest = n_args - i;
            return 0;
        }
        if (spec.is_keyword)
            break;
        if (i == n_args && spec.is_optional)
            return 0;
        if (i < n_args && is_left_out(call, &spec, &args[i]))
            continue;
        if (i == n_args)
            return refuse_word(call, "is missing", spec.name);
        if (value_read(call, &spec, &args[i++], &call->args[place]))
            return (int)call->error->code;
    }
    return keywords_read(call, args + i, n_args - i);
}

int call_text_answer(struct call *call, struct bytes *text)
{
    bytes_add_byte(text, '\0');
    if (text->failed)
        error_set(call->error, ERROR_INTERNAL, "memory ran out for the answer");
    else
        writer_string(call->results, (const char *)text->data);
    bytes_deinit(text);
    return (int)call->error->code;
}
