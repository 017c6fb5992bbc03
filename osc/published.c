#include "osc/published.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "osc/pattern.h"
#include "osc/server.h"

#define STATS "/stats/"

static bool is_wanted(const struct subs *subs, const char *address)
{
    for (const struct sub *sub = subs->first; sub; sub = sub->next)
        if (pattern_match(sub->pattern, address))
            return true;
    return false;
}

/* Whether the pattern can match something that begins like this and has this many slashes. */
static bool can_begin(const struct sub *sub, const char *prefix, unsigned n_slashes)
{
    size_t n = strlen(prefix);
    return sub->n_slashes == n_slashes && strncmp(sub->pattern, prefix, n < sub->n_plain ? n : sub->n_plain) == 0;
}

static bool is_stats(const struct sub *sub)
{
    return can_begin(sub, STATS, 2);
}

/* Calls `visit` for each command that is a value too. */
static void values_each(void (*visit)(void *user, const struct command *command), void *user)
{
    for (unsigned i = 0; i < n_command_families; i++)
        for (unsigned k = 0; k < command_families[i]->n_commands; k++)
            if (command_families[i]->commands[k].kind == COMMAND_VALUE)
                visit(user, &command_families[i]->commands[k]);
}

struct match {
    const char *pattern;
    bool is_found;
};

static void match_one(void *user, const struct command *command)
{
    struct match *match = user;
    match->is_found |= pattern_match(match->pattern, command->address);
}

bool published_can_match(const struct sub *sub)
{
    struct match match = {sub->pattern, is_stats(sub)};
    values_each(match_one, &match);
    return match.is_found;
}

/* ---- looking -------------------------------------------------------------------------------------------------------- */

static struct published_value *value_of(struct published *published, const char *address)
{
    for (size_t i = 0; i < published->n; i++)
        if (strcmp(published->values[i].address, address) == 0)
            return &published->values[i];
    if (published->n == published->capacity) {
        size_t n = 2 * published->capacity + 16;
        struct published_value *values = realloc(published->values, n * sizeof *values);
        if (!values)
            return NULL;
        published->values = values;
        published->capacity = n;
    }
    struct published_value *value = &published->values[published->n++];
    *value = (struct published_value){0};
    snprintf(value->address, sizeof value->address, "%s", address);
    return value;
}

/* Uses the writer up. */
static void value_put(struct server *server, const char *address, struct writer *results)
{
    struct bytes message = {0};
    struct published_value *value = value_of(&server->subs.published, address);
    if (!writer_end(results, address, &message) && value &&
        (message.n != value->message.n || memcmp(message.data, value->message.data, message.n) != 0)) {
        bytes_deinit(&value->message);
        value->message = message;
        value->number = ++server->ctl->model.stamps.n;
        return;
    }
    bytes_deinit(&message);
}

/* Runs a query without arguments. False when it is refused, which leaves nothing. */
static bool query_run(struct server *server, const struct command *command, struct writer *results)
{
    struct request request = {.server = server, .address = command->address};
    struct error error = {0};
    struct call call = {.server = server, .request = &request, .command = command, .results = results, .error = &error};
    writer_init(results);
    if (!command->run(&call))
        return true;
    writer_deinit(results);
    return false;
}

static void value_look(void *user, const struct command *command)
{
    struct server *server = user;
    struct writer results;
    if (is_wanted(&server->subs, command->address) && query_run(server, command, &results))
        value_put(server, command->address, &results);
}

/* The pairs that /stats tells. */
static void stats_split(struct server *server, const uint8_t *packet)
{
    struct message message = message_read(packet);
    struct arg name, arg;
    while (message_next(&message, &name) && message_next(&message, &arg)) {
        char address[PUBLISHED_ADDRESS_BYTES];
        struct writer results;
        snprintf(address, sizeof address, STATS "%s", arg_string(&name));
        if (!is_wanted(&server->subs, address))
            continue;
        writer_init(&results);
        writer_arg(&results, &arg);
        value_put(server, address, &results);
    }
}

static void stats_look(struct server *server)
{
    const struct command *command = command_find("/stats");
    struct bytes packet = {0};
    struct writer results;
    bool is_any = false;
    for (const struct sub *sub = server->subs.first; sub; sub = sub->next)
        is_any |= is_stats(sub);
    if (!is_any || !query_run(server, command, &results))
        return;
    if (!writer_end(&results, command->address, &packet))
        stats_split(server, packet.data);
    bytes_deinit(&packet);
}

void published_poll(struct server *server)
{
    values_each(value_look, server);
    stats_look(server);
}

void published_deinit(struct published *published)
{
    for (size_t i = 0; i < published->n; i++)
        bytes_deinit(&published->values[i].message);
    free(published->values);
}
