/* /undo, /redo, /history — the steps themselves are the history's business. */
#include <string.h>

#include "osc/command.h"
#include "osc/server.h"

#define NAME_MOST 160 /* bytes of a step's name that are told */

static int stage(struct call *call, bool is_back)
{
    /* What stands beside it in a bundle would be a part of what it undoes. */
    if (strcmp(call->request->address, call->command->address) != 0)
        return error_set(call->error, ERROR_UNSUPPORTED, "%s is a transaction by itself and cannot be part of one",
                         call->command->address);
    if (is_back && !call->server->history.past.n_done && call->server->session.left)
        return error_set(call->error, ERROR_NO_MATCH,
                         "there is nothing to undo in this session; /session/back brings back the one before");
    return history_stage(&call->server->history, call, call->args[0].given ? call->args[0].i : 1, is_back);
}

static int undo(struct call *call)
{
    return stage(call, true);
}

static int redo(struct call *call)
{
    return stage(call, false);
}

static int history(struct call *call)
{
    const struct past *past = &call->server->history.past;
    const struct clock *clock = &call->server->ctl->engine->clock;
    uint64_t now = clock_read(clock);
    struct page page;
    if (call_page(call, 0, &page))
        return (int)call->error->code;
    writer_int(call->results, (int32_t)past->n);
    writer_int(call->results, (int32_t)past->n_done);
    for (size_t i = 0; i < past->n; i++) {
        const struct undo_step *step = past->steps[i];
        char name[NAME_MOST];
        if (!page_next(&page))
            continue;
        undo_step_name(step, name, sizeof name);
        writer_int(call->results, (int32_t)i + 1);
        writer_string(call->results, name);
        writer_int(call->results, (int32_t)step->revision);
        writer_double(call->results, now > step->at_ns ? (double)(now - step->at_ns) / 1e9 : 0);
        writer_bool(call->results, i < past->n_done);
    }
    return 0;
}

static void lines_write(struct call *call, const struct undo_step *step, bool is_back)
{
    struct bytes text = {0};
    undo_step_print(step, is_back, &text);
    call_text_answer(call, &text);
}

static int history_get(struct call *call)
{
    const struct past *past = &call->server->history.past;
    int64_t index = call->args[0].i;
    if (!past->n)
        return error_set(call->error, ERROR_NO_MATCH, "there are no steps yet");
    if (index < 1 || index > (int64_t)past->n)
        return error_set(call->error, ERROR_RANGE, "index %lld is outside its range 1 to %zu", (long long)index, past->n);
    lines_write(call, past->steps[index - 1], true);
    if (!call->error->code)
        lines_write(call, past->steps[index - 1], false);
    return (int)call->error->code;
}

#define EDITED "frame:h revision:i" /* the results of every edit */

static const struct command commands[] = {
    {"/undo", "[steps:i]", EDITED, "Takes back the newest steps of the history, in one transaction.", COMMAND_EDIT,
     RESERVES_ALL, undo},
    {"/redo", "[steps:i]", EDITED, "Does again what was undone, until something else is done.", COMMAND_EDIT, RESERVES_ALL,
     redo},
    {"/history", "[offset:i] [count:i]", "n:i done:i [index:i label:s revision:i age:d(s) done:b]*",
     "How many steps there are, how many of them are done, then of each, oldest first: its name, the graph's revision with "
     "it, how long ago it was, and whether it is done.",
     COMMAND_QUERY, 0, history},
    {"/history/get", "index:i", "back:s forth:s", "What a step comes to, as commands: to undo it, and to do it.",
     COMMAND_QUERY, 0, history_get},
};

const struct command_family undo_family = {"", commands, ROWS(commands)};
