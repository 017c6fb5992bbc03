#include "daemon/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/threads.h"
#include "graph/clock_shared.h"
#include "graph/hash.h"
#include "graph/mutant.h"
#include "osc/server.h"

#define FLUSH_MS      250 /* a second is what may be lost: the disk has the rest of it */
#define RETRY_MS      1000
#define JOURNAL_BYTES ((size_t)1 << 20) /* read again within some tenths of a second */

/* What the thread does: bytes to the disk. */
struct keep_job {
    struct job job; /* first: the loader hands back this */
    struct state *state;
    uint64_t number;
    struct bytes bytes;
    uint64_t sum; /* of a snapshot */
    bool is_snapshot;
    bool is_first;    /* since the start */
    bool has_settled; /* the start was a good one */
    struct error error;
};

/* Another one when another session was opened, or this one was saved. */
static uint64_t identity(const struct session *session)
{
    uint64_t numbers[] = {session->number, session->saved};
    const char *path = session->path ? session->path : "";
    return hash_bytes(hash_bytes(HASH_BEGIN, numbers, sizeof numbers), path, strlen(path));
}

int state_open(struct state *state, const char *path, struct log *log, struct error *error)
{
    *state = (struct state){.log = log};
    int code = state_folder_open(&state->folder, path, error);
    if (code)
        state_folder_close(&state->folder);
    else
        snprintf(state->kept.folder, sizeof state->kept.folder, "%s", path);
    return code;
}

int state_follow(struct state *state, struct server *server, uint64_t sum, size_t n, struct error *error)
{
    state->worker = loader_new_named("dawd-state", THREADS_STACK_BYTES);
    if (!state->worker)
        return error_set(error, ERROR_INTERNAL, "no memory or thread for the state folder");
    state->server = server;
    journal_open(&state->journal, server, sum);
    state->journal.needs_snapshot = state->folder.journal < 0;
    state->identity = identity(&server->session);
    state->journal_bytes = n;
    state->snapshot_ms = clock_ms();
    state->settled_ms = state->snapshot_ms + 1000 * (int64_t)server->ctl->limits.most[LIMIT_SETTLE];
    return 0;
}

int state_fd(const struct state *state)
{
    return state->worker ? loader_fd(state->worker) : -1;
}

/* ---- jobs ------------------------------------------------------------------------------------------------------------ */

static void job_run(struct job *job)
{
    struct keep_job *keep = (struct keep_job *)job;
    struct state_folder *folder = &keep->state->folder;
    struct error unsettled;
    if (keep->is_snapshot)
        state_folder_put(folder, &keep->bytes, keep->sum, &keep->error);
    else if (keep->bytes.n)
        state_folder_add(folder, &keep->bytes, &keep->error);
    if (keep->is_first)
        state_folder_mark_used(folder);
    if (keep->has_settled)
        state_folder_clear_starts(folder, &unsettled);
}

/* Said once: a full disk stays full for a while. */
static void outcome_take(struct state *state, const struct error *error)
{
    if (error->code) {
        if (!state->has_failed)
            log_put(state->log, LOG_ERROR, "what is done is not kept: %s", error->text);
        state->journal.needs_snapshot = true;
        state->next_ms = clock_ms() + RETRY_MS;
    } else if (state->has_failed) {
        log_put(state->log, LOG_INFO, "what is done is kept again");
    }
    state->has_failed = error->code;
    snprintf(state->kept.error, sizeof state->kept.error, "%.*s", HOST_CAUSE_BYTES - 1, error->code ? error->text : "");
}

static void waits_answer(struct state *state, const struct error *error)
{
    while (state->waits && state->waits->job <= state->n_done) {
        struct state_wait *wait = state->waits;
        state->waits = wait->next;
        wait->done(wait->user, error);
        free(wait);
    }
}

static void job_done(struct job *job)
{
    struct keep_job *keep = (struct keep_job *)job;
    struct state *state = keep->state;
    state->n_done = keep->number;
    outcome_take(state, &keep->error);
    waits_answer(state, &keep->error);
    bytes_deinit(&keep->bytes);
    free(keep);
}

static int snapshot_fill(struct state *state, struct keep_job *keep, struct error *error)
{
    const struct session *session = &state->server->session;
    struct snapshot snapshot;
    if (journal_take_snapshot(&state->journal, &snapshot, &keep->bytes, state->started, state->started_hash, error))
        return (int)error->code;
    keep->is_snapshot = true;
    keep->sum = snapshot.sum;
    state->identity = identity(session);
    state->journal_bytes = 0;
    state->snapshot_ms = clock_ms();
    snapshot_deinit(&snapshot);
    return 0;
}

static void job_push(struct state *state, bool is_snapshot)
{
    struct error error = {0};
    struct keep_job *keep = calloc(1, sizeof *keep);
    if (!keep || (is_snapshot && snapshot_fill(state, keep, &error))) {
        free(keep);
        error_set(&error, ERROR_INTERNAL, "memory ran out for the state folder");
        outcome_take(state, &error);
        return;
    }
    keep->job = (struct job){.run = job_run, .done = job_done, .must_run = true};
    keep->state = state;
    keep->number = ++state->n_jobs;
    if (!is_snapshot)
        journal_take(&state->journal, &keep->bytes);
    state->journal_bytes += is_snapshot ? 0 : keep->bytes.n;
    keep->is_first = keep->bytes.n && !is_snapshot && !state->is_used;
    state->is_used |= keep->is_first;
    keep->has_settled = state->settled_ms && clock_ms() >= state->settled_ms;
    if (keep->has_settled)
        state->settled_ms = 0;
    state->next_ms = clock_ms() + (MUTANT_FLAW("unflushed") ? 40 : 1) * FLUSH_MS;
    loader_push(state->worker, &keep->job);
}

/* Whether the whole session is to be written: the journal asks for it, another one was opened, or it was saved. */
static bool is_snapshot_due(const struct state *state)
{
    const struct session *session = &state->server->session;
    int64_t autosave_ms = 1000 * (int64_t)state->server->ctl->limits.most[LIMIT_AUTOSAVE];
    bool has_grown =
        state->journal_bytes > JOURNAL_BYTES || (state->journal_bytes && clock_ms() - state->snapshot_ms >= autosave_ms);
    return state->journal.needs_snapshot || has_grown || identity(session) != state->identity;
}

/* For the tests: what is loaded is what crashes. */
static bool must_crash(const struct state *state)
{
    for (const struct node *node = state->server->ctl->model.first; node; node = node->next)
        if (node->label && strcmp(node->label, "crash") == 0)
            return MUTANT_FLAW("crashing");
    return false;
}

void state_tick(struct state *state)
{
    if (!state->server)
        return;
    if (state->n_done != state->n_jobs)
        loader_poll(state->worker);
    if (MUTANT_FLAW("crashing") && state->n_done && state->n_done == state->n_jobs && clock_ms() >= state->next_ms &&
        !journal_look(&state->journal) && must_crash(state))
        abort();
    bool is_asked = state->waits && state->waits->job > state->n_jobs && !state->has_failed;
    if (state->n_done != state->n_jobs || (clock_ms() < state->next_ms && !is_asked))
        return;
    bool has_news = journal_look(&state->journal), is_snapshot = is_snapshot_due(state);
    if (has_news || is_snapshot || is_asked || (state->settled_ms && clock_ms() >= state->settled_ms))
        job_push(state, is_snapshot);
}

/* ---- for others ------------------------------------------------------------------------------------------------------ */

/* What is committed by now is in the next job, even if one is under way. */
int state_keep(struct state *state, void (*done)(void *user, const struct error *error), void *user, struct error *error)
{
    struct state_wait *wait = state->server ? calloc(1, sizeof *wait) : NULL, **last = &state->waits;
    if (MUTANT_FLAW("unflushed")) {
        free(wait);
        done(user, error);
        return 0;
    }
    if (!wait)
        return error_set(error, ERROR_INTERNAL, "nothing is written down at this moment");
    *wait = (struct state_wait){state->n_jobs + 1, done, user, NULL};
    while (*last)
        last = &(*last)->next;
    *last = wait;
    return 0;
}

void state_kept(const struct state *state, struct host_kept *kept)
{
    *kept = state->kept;
    kept->snapshot_age_s = (double)(clock_ms() - state->snapshot_ms) / 1e3;
    kept->journal_bytes = state->journal_bytes + state->journal.pending.n;
}

void state_end(struct state *state)
{
    if (!state->server)
        return;
    bool has_news = journal_look(&state->journal) || state->journal_bytes || is_snapshot_due(state);
    state->settled_ms = 1;
    job_push(state, has_news);
    journal_close(&state->journal);
    state->server = NULL;
}

bool state_close(struct state *state, unsigned patience_s)
{
    struct error error = {0};
    if (!loader_free_within(state->worker, patience_s))
        return false;
    error_set(&error, ERROR_CANCELLED, "the daemon ends");
    state->n_done = UINT64_MAX;
    waits_answer(state, &error);
    if (state->server)
        journal_close(&state->journal);
    state_folder_close(&state->folder);
    free(state->started);
    return true;
}
