/* Commands and error codes, for osc.md and dawd-osc(7). */
#include <string.h>

#include "graph/node.h"
#include "osc/command.h"
#include "osc/event.h"
#include "scripts/reference/reference.h"

static const char *const kinds[] = {
    [COMMAND_QUERY] = "Query",
    [COMMAND_EDIT] = "Edit",
    [COMMAND_ACTION] = "Action, in no bundle",
    [COMMAND_VALUE] = "Value: a query alone, an edit with arguments",
};

struct code {
    const char *symbol, *help;
};

static const struct code codes[] = {
#define X(code, symbol, help) {symbol, help},
    ERROR_CODES(X)
#undef X
};

/* What a sender has to be, alone and with arguments; `before` and `after` stand around each name. */
static void role_write(const struct command *command, const char *before, const char *after, FILE *to)
{
    enum role alone = command_role(command, 0), with_arguments = command_role(command, 1);
    fprintf(to, "role %s%s%s", before, role_name(alone), after);
    if (with_arguments != alone)
        fprintf(to, ", %s%s%s with arguments", before, role_name(with_arguments), after);
}

static void family_title(const struct command_family *family, FILE *to)
{
    if (*family->name)
        fprintf(to, "/%s/", family->name);
    else
        fputs("Without a family", to);
}

/* Whether rows of the family's name were told with an earlier one: a family may be spread over several files. */
static bool is_told(unsigned family)
{
    for (unsigned i = 0; i < family; i++)
        if (strcmp(command_families[i]->name, command_families[family]->name) == 0)
            return true;
    return false;
}

/* All rows of a name. */
static void family_each(const char *name, void (*tell)(const struct command *command, FILE *to), FILE *to)
{
    for (unsigned i = 0; i < n_command_families; i++)
        for (unsigned k = 0; strcmp(command_families[i]->name, name) == 0 && k < command_families[i]->n_commands; k++)
            tell(&command_families[i]->commands[k], to);
}

/* ---- markdown ------------------------------------------------------------------------------------------------------- */

static void command_md(const struct command *command, FILE *to)
{
    fprintf(to, "\n    %s%s%s\n\n", command->address, *command->args ? " " : "", command->args);
    text_md(command->help, to);
    fprintf(to, "  \n%s; ", kinds[command->kind]);
    role_write(command, "`", "`", to);
    if (*command->results)
        fprintf(to, "; results: `%s`.\n", command->results);
    else
        fputs("; no results.\n", to);
}

void commands_md(FILE *to)
{
    for (unsigned i = 0; i < n_command_families; i++) {
        const struct command_family *family = command_families[i];
        if (is_told(i))
            continue;
        fputs(i ? "\n### " : "### ", to);
        family_title(family, to);
        fputc('\n', to);
        family_each(family->name, command_md, to);
    }
}

/* Of `read` only what does more than ask: all queries are its. */
static bool is_told_of(const struct command *command, enum role role)
{
    return command_role(command, 1) == role && (role > ROLE_READ || command->kind != COMMAND_QUERY);
}

void roles_md(FILE *to)
{
    static const char *const words[] = {
        [ROLE_READ] = "asks: every query of [osc.md](osc.md), and",
        [ROLE_PLAY] = "plays: values of nodes, and with arguments",
        [ROLE_EDIT] = "does everything else:",
    };
    fputs("| role | may |\n|---|---|\n", to);
    for (enum role role = ROLE_READ; role <= ROLE_EDIT; role++) {
        fprintf(to, "| `%s` | %s", role_name(role), words[role]);
        for (unsigned i = 0; i < n_command_families; i++)
            for (unsigned k = 0; k < command_families[i]->n_commands; k++)
                if (is_told_of(&command_families[i]->commands[k], role))
                    fprintf(to, " `%s`", command_families[i]->commands[k].address);
        fputs(" |\n", to);
    }
}

void errors_md(FILE *to)
{
    fputs("| code | symbol | what it says |\n|---|---|---|\n", to);
    for (unsigned i = 0; i < ROWS(codes); i++) {
        fprintf(to, "| %u | `%s` | ", i + 1, codes[i].symbol);
        text_md(codes[i].help, to);
        fputs(" |\n", to);
    }
}

void events_md(FILE *to)
{
    fputs("| event | carries | when |\n|---|---|---|\n", to);
    for (unsigned i = 0; i < N_EVENTS; i++) {
        const struct event_info *info = &event_infos[i];
        fprintf(to, "| `%s` | `%s` | ", info->address, info->args);
        text_md(info->help, to);
        fputs(" |\n", to);
    }
}

/* ---- man ------------------------------------------------------------------------------------------------------------ */

static void command_man(const struct command *command, FILE *to)
{
    fprintf(to, ".It Li \"%s%s", command->address, *command->args ? " " : "");
    text_man(command->args, to);
    fputs("\"\n", to);
    text_man(command->help, to);
    fprintf(to, "\n%s; ", kinds[command->kind]);
    role_write(command, "", "", to);
    if (*command->results) {
        fputs(";\nresults:\n.Li \"", to);
        text_man(command->results, to);
        fputs("\"\n", to);
    } else {
        fputs("; no results.\n", to);
    }
}

void commands_man(FILE *to)
{
    for (unsigned i = 0; i < n_command_families; i++) {
        const struct command_family *family = command_families[i];
        if (is_told(i))
            continue;
        fputs(".Ss ", to);
        family_title(family, to);
        fputs("\n.Bl -tag -width 4n\n", to);
        family_each(family->name, command_man, to);
        fputs(".El\n", to);
    }
}

void errors_man(FILE *to)
{
    fputs(".Bl -tag -width \"20 no_such_param\" -compact\n", to);
    for (unsigned i = 0; i < ROWS(codes); i++) {
        fprintf(to, ".It %u %s\n", i + 1, codes[i].symbol);
        text_man(codes[i].help, to);
        fputc('\n', to);
    }
    fputs(".El\n", to);
}
