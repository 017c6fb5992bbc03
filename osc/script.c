/* A line at a time, each awaited: the answer to one may decide whether the next makes sense, and a failure is told with
 * the number of its line. The lines of a bundle are collected and sent where it closes. */
#include "osc/script.h"

#include <stdlib.h>

#include "osc/text.h"

struct script {
    struct ask *ask;
    struct bytes bundle;     /* being collected */
    unsigned bundle_line;    /* where it was opened; 0 outside */
    enum ask_outcome broken; /* what was wrong with a line of it: then it is not sent */
};

static enum ask_outcome open_bundle(struct script *script, unsigned line)
{
    if (script->bundle_line)
        return ask_complain(script->ask, ASK_FAILED, "a bundle inside a bundle has no text form: ] is missing");
    script->bundle_line = line;
    script->broken = ASK_DONE;
    bytes_clear(&script->bundle, 0);
    return ASK_DONE;
}

static enum ask_outcome close_bundle(struct script *script)
{
    struct ask *ask = script->ask;
    if (!script->bundle_line)
        return ask_complain(ask, ASK_FAILED, "] closes a bundle that no [ has opened");
    /* What the daemon says of a bundle is told with the line that opens it. */
    ask->line = script->bundle_line;
    script->bundle_line = 0;
    /* A bundle is all or nothing, so one with a broken line is nothing. */
    if (script->broken || !script->bundle.n)
        return ASK_DONE; /* broken was reported at its line; an empty one asks for nothing */
    return ask_bundle(ask, &script->bundle);
}

static enum ask_outcome take_message(struct script *script, const struct bytes *message)
{
    if (!script->bundle_line)
        return ask_message(script->ask, message->data);
    return ask_bundle_add(script->ask, &script->bundle, message->data, message->n);
}

static enum ask_outcome run_line(struct script *script, const char *line, size_t n)
{
    struct bytes message = {0};
    struct error error;
    enum text_line kind;
    enum ask_outcome outcome = ASK_DONE;
    if (text_parse(line, n, &kind, &message, &error) != 0)
        outcome = ask_complain(script->ask, ASK_FAILED, error.text);
    else if (kind == TEXT_OPEN)
        outcome = open_bundle(script, script->ask->line);
    else if (kind == TEXT_CLOSE)
        outcome = close_bundle(script);
    else if (kind == TEXT_MESSAGE)
        outcome = take_message(script, &message);
    bytes_deinit(&message);
    /* The rest of a broken bundle is still read, so that all its mistakes are told at once when failures do not end the
     * run. */
    if (script->bundle_line && outcome)
        script->broken = outcome;
    return outcome;
}

enum ask_outcome script_run(struct ask *ask, FILE *file, const char *name, bool keep_going)
{
    struct script script = {.ask = ask};
    enum ask_outcome first = ASK_DONE;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t n;
    ask->source = name;
    for (unsigned number = 1; (keep_going || !first) && (n = getline(&line, &capacity, file)) >= 0; number++) {
        ask->line = number;
        n -= n && line[n - 1] == '\n';
        enum ask_outcome outcome = run_line(&script, line, (size_t)n);
        first = first ? first : outcome;
        fflush(stdout); /* who reads along through a pipe sees each answer when it is there */
    }
    if (!first && ferror(file))
        first = ask_complain(ask, ASK_FAILED, "cannot be read on");
    if (!first && script.bundle_line)
        first = ask_complain(ask, ASK_FAILED, "the file ends inside a bundle: ] is missing");
    ask->source = NULL;
    free(line);
    bytes_deinit(&script.bundle);
    return first;
}
