/* /session/ -- files that keep the graph.
 *
 *     load   the loader reads the text; a rehearsal collects the sounds it names; the loader brings them; then all of it is
 *            one transaction: what was fades out, then what comes fades in. Whatever is wrong, nothing has happened.
 *     save   the text is made at once, of this moment; a job writes it; the answer comes when it is safe on the disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/dispatch.h"
#include "osc/server.h"
#include "osc/snapshot.h"

/* ---- another session in the place of this one ----------------------------------------------------------------------- */

/* A new or loaded session on its way to the engine: it counts already, but memory may still run out for its plan. */
struct opening {
    struct request *head; /* owned */
    uint64_t number;
    struct session before;        /* its path is owned */
    struct snapshot *left_before; /* owned, as session->left was before; where `leaves` */
    bool leaves;
};

static void opening_free(struct opening *opening)
{
    free(opening->head);
    free(opening->before.path);
    snapshot_free(opening->left_before);
    free(opening);
}

/* The graph is the old one, and so is its file. */
static void put_back(struct opening *opening, struct session *session)
{
    struct session failed = *session;
    session->path = opening->before.path;
    session->saved = opening->before.saved;
    opening->before.path = failed.path;
    if (!opening->leaves)
        return;
    session->left = opening->left_before;
    opening->left_before = failed.left;
}

static void on_opened(void *user, const struct outcome *outcome)
{
    struct opening *opening = user;
    struct session *session = &opening->head->server->session;
    struct writer results;
    if (!outcome->error->code) {
        request_results(opening->head, &results);
        writer_long(&results, (int64_t)outcome->frame);
        writer_int(&results, (int32_t)outcome->revision);
        if (*opening->head->said)
            writer_string(&results, opening->head->said);
        request_done(opening->head, &results);
        event_send_session(opening->head->server, "opened");
    } else {
        request_fail(opening->head, outcome->error);
        if (session->number == opening->number)
            put_back(opening, session);
    }
    opening_free(opening);
}

static struct opening *opening_new(const struct request *request, struct session *session, const char *path)
{
    struct opening *opening = calloc(1, sizeof *opening);
    if (!opening)
        return NULL;
    opening->head = request_detach(request);
    session->path = path ? strdup(path) : NULL;
    if (opening->head && (session->path || !path))
        return opening;
    free(session->path);
    opening_free(opening);
    return NULL;
}

/* Who leaves a session mostly means it, but not what became of the last hour. */
static void tell_loss(const struct call *call)
{
    const char *path = call->server->session.path;
    snprintf(call->request->said, sizeof call->request->said,
             "session %s%.200s%s was left with changes that are not saved; /session/back brings it back", path ? "\"" : "",
             path ? path : "without a file", path ? "\"" : "");
    host_say(call->server->host, false, "session", call->request->said);
}

/* What is put in the place of everything. */
struct coming {
    const char *path;            /* its file; null: none */
    const struct snapshot *kept; /* it was open before; null: it was not */
    bool loses;                  /* what is left has changes */
    struct snapshot *left;       /* that, owned; null: it is as empty as at the start */
};

static int coming_new(struct call *call, struct coming *coming)
{
    coming->loses = session_would_be_lost(call->server);
    bool is_new = !call->server->session.path && !session_has_changed(call->server);
    coming->left = is_new ? NULL : snapshot_leave(call->server);
    return coming->left || is_new ? 0 : error_set(call->error, ERROR_INTERNAL, "memory ran out for the session");
}

/* Commits what is staged as a session of its own, and takes what is left. CALL_LATER, or internal with nothing done. */
static int open_staged(struct call *call, struct tx *tx, struct coming *coming)
{
    struct session *session = &call->server->session, next = {.number = session->number + 1};
    const struct snapshot *kept = coming->kept;
    struct bytes text = {0};
    session_write(call->server, &text);
    next.saved = kept ? kept->saved : session_hash(&text);
    if (coming->loses)
        tell_loss(call);
    struct opening *opening = text.failed ? NULL : opening_new(call->request, &next, kept ? kept->file : coming->path);
    bytes_deinit(&text);
    if (!opening) {
        tx_rollback(tx);
        return error_set(call->error, ERROR_INTERNAL, "memory ran out for the session");
    }
    opening->before = *session;
    opening->leaves = coming->left != NULL;
    opening->left_before = coming->left ? session->left : NULL;
    next.left = coming->left ? coming->left : session->left;
    coming->left = NULL;
    opening->number = next.number;
    *session = next;
    tx_commit(tx, (struct completion){on_opened, opening});
    return CALL_LATER;
}

static int fade_read(struct call *call, const struct value *fade, double *fade_s)
{
    *fade_s = fade->given ? fade->d : FADE_S;
    if (*fade_s >= 0 && *fade_s <= DISPATCH_FADE_MAX_S)
        return 0;
    return error_set(call->error, ERROR_RANGE, "fade %g s is outside its range 0 to %g s", *fade_s, DISPATCH_FADE_MAX_S);
}

static int empty_open(struct call *call, double fade_s, struct coming *coming)
{
    struct tx *tx = tx_open(call->server->ctl, fade_s);
    if (!tx)
        return error_set(call->error, ERROR_INTERNAL, "memory ran out for the transaction");
    history_open_session(&call->server->history);
    if (!session_clear(tx, call->error))
        return open_staged(call, tx, coming);
    tx_rollback(tx);
    return (int)call->error->code;
}

static int session_new(struct call *call)
{
    struct coming coming = {0};
    double fade_s;
    if (fade_read(call, &call->args[0], &fade_s) || coming_new(call, &coming))
        return (int)call->error->code;
    int code = empty_open(call, fade_s, &coming);
    snapshot_free(coming.left);
    return code;
}

static int text_open(struct call *call, double fade_s, struct coming *coming, const char *text, size_t n)
{
    struct server_counters *counters = &call->server->counters;
    uint64_t n_values = counters->values;
    struct error inner = {0};
    struct tx *tx = tx_open(call->server->ctl, fade_s);
    if (!tx)
        return error_set(call->error, ERROR_INTERNAL, "memory ran out for the transaction");
    tx_restore(tx);
    history_open_session(&call->server->history);
    int code = session_stage(call->request, tx, text, n, &inner);
    if (!code && coming->kept && coming->kept->nodes.at)
        code = snapshot_number(coming->kept, &call->server->ctl->model, &inner);
    if (!code && !call->request->wanted.n_missing)
        return open_staged(call, tx, coming);
    tx_rollback(tx);
    counters->values = n_values; /* nothing was set after all */
    return code ? error_set(call->error, inner.code, "\"%.100s\": %.400s", coming->path, inner.text) : CALL_LOADING;
}

/* Of what was kept, the text is at hand; of a file, where it is not, it is waited for. */
static int session_open(struct call *call, struct coming *coming, const struct value *fade)
{
    const char *text = coming->kept ? (const char *)coming->kept->text.data : NULL;
    size_t n = coming->kept ? coming->kept->text.n : 0;
    double fade_s;
    int code = fade_read(call, fade, &fade_s);
    if (!code && !text)
        code = call_text(call, coming->path, &text, &n);
    if (!code)
        code = coming_new(call, coming);
    if (!code)
        code = text_open(call, fade_s, coming, text, n);
    snapshot_free(coming->left);
    return code;
}

static int session_load(struct call *call)
{
    struct coming coming = {.path = call->args[0].s, .kept = call->server->session.kept};
    return session_open(call, &coming, &call->args[1]);
}

static int session_back(struct call *call)
{
    const struct snapshot *left = call->server->session.left;
    struct coming coming = {.path = left && left->file ? left->file : "the session before", .kept = left};
    if (!left)
        return error_set(call->error, ERROR_NO_MATCH, "no session was left since dawd was started");
    return session_open(call, &coming, &call->args[0]);
}

/* ---- saving --------------------------------------------------------------------------------------------------------- */

/* A save on its way through the loader. */
struct saving {
    struct request *head; /* owned */
    struct bytes text;
    uint64_t number; /* of the session that was saved */
    char *path;
};

static void saving_free(struct saving *saving)
{
    bytes_deinit(&saving->text);
    free(saving->path);
    free(saving->head);
    free(saving);
}

static void on_saved(void *user, const struct error *error)
{
    struct saving *saving = user;
    struct session *session = &saving->head->server->session;
    struct writer results;
    if (error->code) {
        request_fail(saving->head, error);
    } else {
        request_results(saving->head, &results);
        writer_string(&results, saving->path);
        request_done(saving->head, &results);
        if (session->number == saving->number) {
            char *path = session->path;
            session->path = saving->path;
            session->saved = session_hash(&saving->text);
            saving->path = path;
            event_send_session(saving->head->server, "saved");
        }
    }
    if (session->newest == saving)
        session->newest = NULL;
    saving_free(saving);
}

static struct saving *saving_new(struct call *call, const char *path)
{
    struct saving *saving = calloc(1, sizeof *saving);
    if (!saving)
        return NULL;
    saving->number = call->server->session.number;
    saving->path = strdup(path);
    saving->head = request_detach(call->request);
    session_write(call->server, &saving->text);
    if (saving->path && saving->head && !saving->text.failed)
        return saving;
    saving_free(saving);
    return NULL;
}

static int session_save(struct call *call)
{
    struct session *session = &call->server->session;
    const struct host *host = call->server->host;
    /* One that follows on the heels of another means the same file. */
    const char *path = call->args[0].given ? call->args[0].s : session->newest ? session->newest->path : session->path;
    if (!path)
        return error_set(call->error, ERROR_NO_FILE, "the session has no file yet: say which, /session/save FILE");
    struct saving *saving = saving_new(call, path);
    if (!saving)
        return error_set(call->error, ERROR_INTERNAL, "memory ran out for the text of the session");
    struct saved_text text = {(const char *)saving->text.data, saving->text.n, SESSION_HEAD_BYTES};
    if (host->save_text(host->self, saving->path, &text, on_saved, saving, call->error)) {
        saving_free(saving);
        return (int)call->error->code;
    }
    session->newest_hash = session_hash(&saving->text);
    session->newest = saving;
    return CALL_LATER;
}

/* ---- what is open --------------------------------------------------------------------------------------------------- */

static int session_info(struct call *call)
{
    const struct server *server = call->server;
    const struct session *session = &server->session;
    const char *path = session->path ? session->path : "", *slash = strrchr(path, '/');
    writer_string(call->results, slash ? slash + 1 : path);
    writer_string(call->results, path);
    writer_bool(call->results, session_has_changed(server));
    writer_int(call->results, (int32_t)server->ctl->revision);
    writer_int(call->results, (int32_t)server->ctl->model.n_nodes);
    writer_int(call->results, (int32_t)server->ctl->model.n_edges);
    return 0;
}

/* ---- the state folder ----------------------------------------------------------------------------------------------- */

static void on_kept(void *user, const struct error *error)
{
    struct request *head = user;
    struct writer results;
    if (error->code) {
        request_fail(head, error);
    } else {
        request_results(head, &results);
        request_done(head, &results);
    }
    free(head);
}

static int session_flush(struct call *call)
{
    const struct host *host = call->server->host;
    if (!host->keep)
        return error_set(call->error, ERROR_UNSUPPORTED, "nothing is kept: start dawd with --state FOLDER");
    struct request *head = request_detach(call->request);
    if (!head)
        return error_set(call->error, ERROR_INTERNAL, "memory ran out for the request");
    if (!host->keep(host->self, on_kept, head, call->error))
        return CALL_LATER;
    free(head);
    return (int)call->error->code;
}

static int session_state(struct call *call)
{
    const struct host *host = call->server->host;
    struct host_kept kept = {0};
    if (host->kept)
        host->kept(host->self, &kept);
    writer_string(call->results, kept.folder);
    writer_string(call->results, kept.error);
    writer_double(call->results, kept.snapshot_age_s);
    writer_long(call->results, (int64_t)kept.journal_bytes);
    writer_string(call->results, kept.recovered);
    writer_int(call->results, (int32_t)kept.n_applied);
    writer_int(call->results, (int32_t)kept.n_dropped);
    writer_string(call->results, kept.aside);
    return 0;
}

#define OPENED "frame:h revision:i | frame:h revision:i left:s"

static const struct command commands[] = {
    {"/session/new", "fade=d(s)", OPENED,
     "Empties the graph, and forgets its file; what sounds fades out. Where changes are left that are not saved, the "
     "answer "
     "says so.",
     COMMAND_ACTION, RESERVES_ALL, session_new},
    {"/session/load", "file:s fade=d(s)", OPENED,
     "Puts what a session file holds in the place of everything, at one frame; if any line of it is wrong, nothing "
     "happens.",
     COMMAND_ACTION, RESERVES_ALL, session_load},
    {"/session/back", "fade=d(s)", OPENED,
     "Brings back the session that /session/new or /session/load has left, as it was, with changes that were not saved, "
     "and "
     "its file; what is open now can be brought back likewise.",
     COMMAND_ACTION, RESERVES_ALL, session_back},
    {"/session/save", "[file:s]", "file:s",
     "Writes the session to a file, whole or not at all; without a name, to the one that it was loaded from or last saved "
     "to.",
     COMMAND_ACTION, RESERVES_ALL, session_save},
    {"/session/info", "", "name:s file:s changed:b revision:i nodes:i edges:i",
     "Which file the session belongs to (\"\" none), whether it would be saved otherwise than it was, its revision, how "
     "many "
     "nodes and connections it has.",
     COMMAND_QUERY, 0, session_info},
    {"/session/flush", "", "",
     "Answers when everything that was done before it is safe in the state folder: it comes back after a crash.",
     COMMAND_ACTION, 0, session_flush},
    {"/session/state", "", "folder:s error:s snapshot:d(s) journal:h recovered:s groups:i dropped:i aside:s",
     "What is kept of what is done: the folder (\"\" none), why what was done last is not in it, the age of the newest "
     "snapshot, bytes of journal behind it; how the last start went on: from what, groups of the journal that were "
     "applied and dropped, and where what was not taken lies aside.",
     COMMAND_QUERY, 0, session_state},
};

const struct command_family session_family = {"session", commands, ROWS(commands)};
