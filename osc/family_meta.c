/* Commands without a family: who is there, what there is, and the end. */
#include <stdio.h>
#include <string.h>

#include "osc/catalog.h"
#include "osc/describe.h"
#include "osc/dispatch.h"
#include "osc/hello.h"
#include "osc/server.h"

static int ping(struct call *call)
{
    (void)call;
    return 0;
}

/* Nothing to do: the place in the order of things is what counts. */
static int sync_all(struct call *call)
{
    int64_t id = call->args[0].given ? call->args[0].i : 0;
    if (id < INT32_MIN || id > INT32_MAX)
        return error_set(call->error, ERROR_RANGE, "id %lld is outside its range %d to %d", (long long)id, INT32_MIN,
                         INT32_MAX);
    call->request->sync_id = (int32_t)id;
    return 0;
}

static int types(struct call *call)
{
    struct page page;
    if (call_page(call, 0, &page))
        return (int)call->error->code;
    writer_int(call->results, (int32_t)n_node_registry);
    for (unsigned i = 0; i < n_node_registry; i++)
        if (page_next(&page))
            writer_string(call->results, node_registry[i]->name);
    return 0;
}

static void commands_list(struct call *call)
{
    int32_t n = 0;
    for (unsigned i = 0; i < n_command_families; i++)
        n += (int32_t)command_families[i]->n_commands;
    writer_int(call->results, n);
    for (unsigned i = 0; i < n_command_families; i++)
        for (unsigned k = 0; k < command_families[i]->n_commands; k++)
            writer_string(call->results, command_families[i]->commands[k].address);
}

/* What starts with a slash was meant to be a command. */
static int no_command(struct call *call, const char *what)
{
    const struct command *nearest = server_nearest(call->server, what);
    if (!nearest)
        return error_set(call->error, ERROR_BAD_ADDRESS, "there is no command \"%s\"; /describe alone lists them", what);
    return error_set(call->error, ERROR_BAD_ADDRESS, "there is no command \"%s\"; did you mean %s?", what,
                     nearest->address);
}

/* A node of the graph is asked about by its type; a word may be mistyped, or lack its slash. */
static int nothing_described(struct call *call, const char *what)
{
    const struct node *node = model_find(&call->server->ctl->model, what);
    if (node)
        return error_set(call->error, ERROR_NO_SUCH_TYPE,
                         "\"%s\" is a node: /describe %s tells of its type, /node/%s has its values", what,
                         node->class->name, what);
    char question[GUESS_BYTES], slashed[NAME_BYTES];
    struct guess guess = guess_begin(what);
    for (unsigned i = 0; i < n_node_registry; i++)
        guess_offer(&guess, node_registry[i]->name);
    snprintf(slashed, sizeof slashed, "/%s", what);
    const struct command *command = dispatch_find(call->server, slashed);
    if (command)
        guess = (struct guess){.nearest = command->address};
    return error_set(call->error, ERROR_NO_SUCH_TYPE,
                     "\"%.100s\" is neither a type (/types lists them) nor a command (/describe does), nor one of: %s%s",
                     what, CATALOG_PARTS, guess_ask(&guess, "", question));
}

static unsigned rows(int64_t n)
{
    return n < DESCRIBE_ALL ? (unsigned)n : DESCRIBE_ALL;
}

static int describe(struct call *call)
{
    const char *what = call->args[0].given ? call->args[0].s : NULL;
    struct page page;
    if (!what) {
        commands_list(call);
        return 0;
    }
    if (call_page(call, 1, &page))
        return (int)call->error->code;
    /* Types, commands and parts cannot be mistaken for each other: only addresses start with a slash. */
    const struct node_class *class = node_class_find(what);
    const struct command *command = dispatch_find(call->server, what);
    struct bytes text = {0};
    if (!command && *what == '/')
        return no_command(call, what);
    if (class)
        describe_type(class, rows(page.offset), rows(page.count), &text);
    else if (command)
        describe_command(command, &text);
    else if (!catalog_write(what, &call->server->ctl->limits, &text))
        return nothing_described(call, what);
    return call_text_answer(call, &text);
}

static int panic(struct call *call)
{
    return tx_panic(call->tx, call->error);
}

static int quit(struct call *call)
{
    const struct host *host = call->server->host;
    /* The answer is sent when this returns; the end begins when this turn of the loop is over. */
    host->quit(host->self);
    return 0;
}

static const struct command commands[] = {
    {"/hello", HELLO_ARGS, HELLO_RESULTS,
     "Who answers: \"dawd\", its version, the language's version, the daemon's name, the sample rate in Hz; what role the "
     "sender has, for how many seconds after its last packet, and the cookie by which another host proves its address.",
     COMMAND_QUERY, 0, hello_run},
    {"/ping", "", "", "Answers, no more.", COMMAND_QUERY, 0, ping},
    {"/sync", "[id:i]", "", "Answered by /synced id frame when all that was asked before is done and sounds.", COMMAND_EDIT,
     0, sync_all, ROLE_READ},
    {"/types", "[offset:i] [count:i]", "n:i [type:s]*", "How many types of node there are, then their names.",
     COMMAND_QUERY, 0, types},
    {"/describe", "[what:s] [offset:i] [count:i]", "text:s | n:i [address:s]*",
     "A node type as JSON, of its params so many from an offset on, or usage, help and results of a command; all: the "
     "whole "
     "language as JSON, or a part of it: types, commands, values, errors, limits; alone: how many commands there are, then "
     "their addresses.",
     COMMAND_QUERY, 0, describe},
    {"/panic", "", "frame:h revision:i",
     "Ends all notes, cuts everything that rings (echoes, feedback, what a node remembers) with a short fade and stops "
     "the transport; all settings stay, recordings go on, and what sounds by itself sounds on.",
     COMMAND_EDIT, RESERVES_ALL, panic, ROLE_PLAY},
    {"/quit", "", "", "Ends the daemon.", COMMAND_ACTION, 0, quit},
};

const struct command_family meta_family = {"", commands, ROWS(commands)};
