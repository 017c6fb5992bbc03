/* Nothing here knows what there is to keep: families write their lines and take them (command.h). */
#include "osc/session.h"

#include <stdlib.h>
#include <string.h>

#include "graph/hash.h"
#include "graph/mutant.h"
#include "osc/dispatch.h"
#include "osc/server.h"
#include "osc/snapshot.h"
#include "osc/text.h"

int session_init(struct server *server)
{
    struct bytes text = {0};
    session_write(server, &text);
    server->session = (struct session){.saved = session_hash(&text)};
    int code = text.failed ? ERROR_INTERNAL : 0;
    bytes_deinit(&text);
    return code;
}

void session_deinit(struct session *session)
{
    free(session->path);
    snapshot_free(session->left);
}

void session_write(const struct server *server, struct bytes *text)
{
    bytes_print(text, "%s\n", SESSION_HEAD);
    for (unsigned i = 0; i < n_command_families; i++)
        if (command_families[i]->session_write)
            command_families[i]->session_write(server->ctl, text);
    bytes_print(text, "%s\n", SESSION_END);
}

/* Two texts that differ are taken for one another once in 2^64. */
uint64_t session_hash(const struct bytes *text)
{
    return hash_bytes(HASH_BEGIN, text->data, text->n);
}

static bool is_other(const struct server *server, uint64_t hash)
{
    struct bytes text = {0};
    session_write(server, &text);
    bool is_other = text.failed || session_hash(&text) != hash;
    bytes_deinit(&text);
    return is_other;
}

bool session_has_changed(const struct server *server)
{
    return is_other(server, server->session.saved);
}

bool session_would_be_lost(const struct server *server)
{
    const struct session *session = &server->session;
    return session_has_changed(server) && !(session->newest && !is_other(server, session->newest_hash));
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

/* A place in the text. */
struct lines {
    const char *at, *end;
    const char *line; /* the current one, without what ends it */
    size_t n;
    unsigned number; /* from 1 */
};

static bool lines_next(struct lines *lines)
{
    if (lines->at == lines->end)
        return false;
    const char *newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    const char *stop = newline ? newline : lines->end;
    lines->line = lines->at;
    lines->n = (size_t)(stop - lines->at);
    lines->n -= lines->n && stop[-1] == '\r';
    lines->at = newline ? newline + 1 : stop;
    lines->number++;
    return true;
}

static bool line_is(const struct lines *lines, const char *text)
{
    return lines->n == strlen(text) && memcmp(lines->line, text, lines->n) == 0;
}

/* Takes the last line off, which is not cut off itself: then there is no doubt that all before it is there. */
static int end_take(struct lines *lines, struct error *error)
{
    const char *end = lines->end;
    while (end > lines->at && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    size_t n = strlen(SESSION_END);
    const char *last = (size_t)(end - lines->at) >= n ? end - n : NULL;
    if (MUTANT_FLAW("tailless"))
        return 0;
    if (!last || memcmp(last, SESSION_END, n) != 0 || (last > lines->at && last[-1] != '\n'))
        return error_set(error, ERROR_BAD_FILE, "it is cut off, or lacks its last line, which must be: %s", SESSION_END);
    lines->end = last;
    return 0;
}

static int head_take(struct lines *lines, struct error *error)
{
    if (lines_next(lines) && line_is(lines, SESSION_HEAD))
        return 0;
    if (lines->n > SESSION_HEAD_BYTES && memcmp(lines->line, SESSION_HEAD, SESSION_HEAD_BYTES) == 0)
        return error_set(error, ERROR_BAD_FILE, "line 1: a session of another form, which this version cannot read: %.*s",
                         lines->n < 40 ? (int)lines->n : 40, lines->line);
    return error_set(error, ERROR_BAD_FILE, "line 1: it is no session, which begins with: %s", SESSION_HEAD);
}

static int message_stage(struct request *request, struct tx *tx, const struct bytes *packet, unsigned number,
                         struct error *error)
{
    struct message message = message_read(packet->data);
    struct error inner = {0};
    if (!dispatch_stage(request, tx, &message, DISPATCH_SESSION, &inner))
        return 0;
    return error_set(error, inner.code, "line %u, %.100s: %.380s", number, message.address, inner.text);
}

static int line_stage(struct request *request, struct tx *tx, const struct lines *lines, struct error *error)
{
    struct bytes packet = {0};
    struct error inner = {0};
    enum text_line kind;
    int code = 0;
    if (text_parse(lines->line, lines->n, &kind, &packet, &inner))
        code = error_set(error, inner.code, "line %u, %.480s", lines->number, inner.text);
    else if (kind == TEXT_MESSAGE)
        code = message_stage(request, tx, &packet, lines->number, error);
    else if (kind != TEXT_NOTHING)
        code = error_set(error, ERROR_UNSUPPORTED, "line %u: brackets have no place in a session, which is one transaction",
                         lines->number);
    else if (line_is(lines, SESSION_END))
        code = error_set(error, ERROR_BAD_FILE, "line %u: %s is the last line of a session, but more follows",
                         lines->number, SESSION_END);
    if (!code || !MUTANT_FLAW("leaky"))
        bytes_deinit(&packet);
    return code;
}

int session_clear(struct tx *tx, struct error *error)
{
    for (unsigned i = 0; i < n_command_families; i++)
        if (command_families[i]->session_clear && command_families[i]->session_clear(tx, error))
            return (int)error->code;
    return 0;
}

/* A word that is told may hold anything, and the text may be shown on a terminal. */
static void make_plain(struct error *error)
{
    for (char *at = error->text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 127)
            *at = '?';
}

static int lines_stage(struct request *request, struct tx *tx, struct lines *lines, struct error *error)
{
    /* The end before the lines: of a file that is cut off, none is worth being told of. */
    if (head_take(lines, error) || end_take(lines, error) || session_clear(tx, error))
        return (int)error->code;
    while (lines_next(lines))
        if (line_stage(request, tx, lines, error))
            return (int)error->code;
    return 0;
}

int session_stage(struct request *request, struct tx *tx, const char *text, size_t n, struct error *error)
{
    struct lines lines = {.at = text, .end = text + n};
    int code = lines_stage(request, tx, &lines, error);
    if (code)
        make_plain(error);
    return code;
}
