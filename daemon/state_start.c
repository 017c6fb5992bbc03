#include "daemon/state_start.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/mutant.h"
#include "osc/journal_replay.h"

#define KILLS_MOST 3 /* in a row, and nothing done in between: no accident any more */

enum stair { STAIR_ALL, STAIR_BUT_LAST, STAIR_SNAPSHOT, STAIR_NOTHING };

/* What was found, and what becomes of it. */
struct restart {
    struct state *state;
    struct session_start *start;
    struct bytes session, journal; /* files; empty: not there */
    struct snapshot snapshot;
    struct journal_reader reader;
    struct starts starts;
    unsigned stair;    /* that is due */
    bool goes_on;      /* the journal belongs to the snapshot */
    unsigned n_groups; /* that are whole in it */
    bool is_torn;      /* something follows them */
    bool is_renewed;   /* the folder's snapshot is to be written anew */
    /* Of the command line's session. */
    bool has_file;
    uint64_t file_hash;
};

static void say(struct restart *restart, enum log_level level, const char *text)
{
    struct host_kept *kept = &restart->state->kept;
    size_t n = strlen(kept->recovered);
    log_put(restart->state->log, level, "%s", text);
    snprintf(kept->recovered + n, sizeof kept->recovered - n, "%s%s", n ? "; " : "", text);
}

/* Whatever is in the folder now may be the only copy of something. */
static void put_aside(struct restart *restart)
{
    struct state *state = restart->state;
    struct error error = {0};
    unsigned number;
    char line[400];
    if (state_folder_put_aside(&state->folder, &number, &error)) {
        log_put(state->log, LOG_ERROR, "what was not taken is not put aside: %s", error.text);
        return;
    }
    snprintf(state->kept.aside, sizeof state->kept.aside, "%.250s/aside/%04u.session", state->folder.path, number);
    snprintf(line, sizeof line, "what was there lies in %s and .journal", state->kept.aside);
    say(restart, LOG_WARNING, line);
}

/* ---- what is there --------------------------------------------------------------------------------------------------- */

static void file_look(struct restart *restart)
{
    const char *path = restart->start->path;
    struct bytes text = {0};
    struct error error = {0};
    int here = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (here < 0)
        return;
    files_read_all(here, &text);
    close(here);
    restart->has_file = !text.failed && !files_trust(restart->start->files, path, &error);
    restart->file_hash = session_hash(&text);
    bytes_deinit(&text);
}

/* The newest snapshot that is whole. False when there is none. */
static bool snapshot_find(struct restart *restart)
{
    static const char *const names[] = {"session", "session.1", "session.2"};
    const struct state_folder *folder = &restart->state->folder;
    struct error error = {0};
    char line[700];
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        bytes_clear(&restart->session, 0);
        if (state_folder_read(folder, names[i], &restart->session, &error))
            continue;
        if (!snapshot_read(&restart->snapshot, (const char *)restart->session.data, restart->session.n, &error)) {
            restart->is_renewed = i > 0;
            return true;
        }
        snprintf(line, sizeof line, "%s of the state folder cannot be taken: %.400s", names[i], error.text);
        say(restart, LOG_ERROR, line);
        put_aside(restart);
    }
    return false;
}

static void journal_find(struct restart *restart)
{
    struct error error = {0};
    if (state_folder_read(&restart->state->folder, "journal", &restart->journal, &error))
        return;
    restart->goes_on =
        journal_read(&restart->reader, (const char *)restart->journal.data, restart->journal.n, restart->snapshot.sum);
    if (!restart->goes_on)
        return;
    struct journal_reader end = journal_read_rest(restart->reader);
    restart->n_groups = end.n_groups;
    restart->is_torn = end.at < end.n;
}

/* ---- stairs ---------------------------------------------------------------------------------------------------------- */

/* Loads what a stair says. */
static int stair_load(struct restart *restart, enum stair stair, struct journal_reader *reader, struct error *error)
{
    struct session_start *start = restart->start;
    struct snapshot made;
    struct error stopped = {0};
    unsigned n_left = stair == STAIR_BUT_LAST ? 1 : 0;
    if (snapshot_read(&made, (const char *)restart->session.data, restart->session.n, error))
        return (int)error->code;
    *reader = restart->reader;
    int code = 0;
    if (restart->goes_on && stair < STAIR_SNAPSHOT)
        code = journal_replay(start->server, &made, reader, n_left, &stopped, error);
    if (!code) {
        start->kept = &made;
        code = session_start(start, error);
        start->kept = NULL;
    }
    if (!code && stopped.code) {
        char line[700];
        snprintf(line, sizeof line, "group %u of the journal cannot be done: %.400s", reader->n_groups + 1, stopped.text);
        say(restart, LOG_ERROR, line);
    }
    snapshot_deinit(&made);
    return code;
}

static void say_loaded(struct restart *restart, enum stair stair, unsigned n_applied, unsigned n_dropped)
{
    static const char *const words[] = {"", ", the last of them left out", ", the journal left out"};
    struct host_kept *kept = &restart->state->kept;
    char line[500];
    kept->n_applied = n_applied;
    kept->n_dropped = n_dropped;
    snprintf(line, sizeof line, "goes on from the state folder: session %s%.200s%s, %u groups of the journal%s",
             restart->snapshot.file ? "\"" : "without a file", restart->snapshot.file ? restart->snapshot.file : "",
             restart->snapshot.file ? "\"" : "", n_applied, words[stair]);
    say(restart, n_dropped || stair ? LOG_WARNING : LOG_INFO, line);
}

/* Goes on behind what was loaded. */
static int follow(struct restart *restart, enum stair stair, const struct journal_reader *reader, struct error *error)
{
    struct state *state = restart->state;
    struct error failure = {0};
    bool resumes = restart->goes_on && stair < STAIR_SNAPSHOT;
    uint64_t sum = resumes ? reader->sum : restart->snapshot.sum;
    size_t n = resumes ? reader->at : 0;
    if (!restart->is_renewed && (resumes ? state_folder_resume(&state->folder, n, &failure)
                                         : state_folder_put_journal(&state->folder, sum, &failure)))
        log_put(state->log, LOG_ERROR, "the journal cannot be gone on with: %s", failure.text);
    return state_follow(state, restart->start->server, sum, n, error);
}

/* Each stair once, from the one that is due. 0 when one of them is loaded, CANCELLED, or anything else when none was. */
static int stairs_try(struct restart *restart, struct error *error)
{
    struct journal_reader reader;
    unsigned n = restart->n_groups, first = restart->stair;
    char line[700];
    if (first > STAIR_ALL || restart->is_torn)
        put_aside(restart);
    for (enum stair stair = first; stair < STAIR_NOTHING; stair++) {
        *error = (struct error){0};
        int code = stair_load(restart, stair, &reader, error);
        if (code == ERROR_CANCELLED)
            return code;
        unsigned n_applied = stair < STAIR_SNAPSHOT && restart->goes_on ? reader.n_groups : 0;
        if (!code) {
            if (n_applied < n && stair == STAIR_ALL)
                put_aside(restart);
            say_loaded(restart, stair, n_applied, n - n_applied + restart->is_torn);
            return follow(restart, stair, &reader, error);
        }
        snprintf(line, sizeof line, "the state cannot be loaded: %.500s", error->text);
        say(restart, LOG_ERROR, line);
        put_aside(restart);
    }
    return ERROR_NO_FILE;
}

/* ---- which of both --------------------------------------------------------------------------------------------------- */

/* Whether the file of the command line is another one than what the state knows, so that somebody means it. Edits that are
 * saved nowhere are worth more than a file that can be loaded at any time; a file that was never named before is meant. */
static bool file_wins(struct restart *restart)
{
    const struct snapshot *snapshot = &restart->snapshot;
    const char *path = restart->start->path;
    if (path && !restart->has_file)
        say(restart, LOG_WARNING, "the session of the command line cannot be read");
    if (!path || !restart->has_file || restart->file_hash == snapshot->saved)
        return false;
    if (!snapshot->started || strcmp(snapshot->started, path) != 0)
        return true;
    if (restart->file_hash == snapshot->started_hash)
        return false;
    if (!restart->n_groups && !snapshot_is_unsaved(snapshot))
        return true;
    say(restart, LOG_WARNING,
        "the session of the command line has changed, but is not loaded: there are edits that were not saved");
    return false;
}

static int file_load(struct restart *restart, struct error *error)
{
    struct session_start *start = restart->start;
    int code = start->path ? session_start(start, error) : 0;
    return code ? code : state_follow(restart->state, start->server, 0, 0, error);
}

static void started_note(struct restart *restart)
{
    struct state *state = restart->state;
    const struct snapshot *snapshot = &restart->snapshot;
    const char *path = restart->start->path ? restart->start->path : snapshot->started;
    state->started = path ? strdup(path) : NULL;
    state->started_hash = restart->has_file ? restart->file_hash : snapshot->started_hash;
}

static int choose(struct restart *restart, struct error *error)
{
    struct restart *const r = restart;
    if (r->stair >= STAIR_NOTHING) {
        say(r, LOG_ERROR, "the last starts came to no good end: starts with an empty session");
        if (r->stair == STAIR_NOTHING) /* beyond, it is the empty one that lies there */
            put_aside(r);
        r->start->path = NULL;
        return file_load(r, error);
    }
    if (!snapshot_find(r))
        return file_load(r, error);
    journal_find(r);
    if (file_wins(r)) {
        put_aside(r);
        int code = file_load(r, error);
        if (!code || code == ERROR_CANCELLED)
            return code;
        say(r, LOG_ERROR, error->text);
    }
    int code = stairs_try(r, error);
    if (!code || code == ERROR_CANCELLED)
        return code;
    *error = (struct error){0};
    return file_load(r, error);
}

int state_start(struct state *state, struct session_start *start, struct error *error)
{
    struct restart restart = {.state = state, .start = start};
    struct error failure = {0};
    restart.starts = state_folder_starts(&state->folder);
    restart.stair = MUTANT_FLAW("hopeful") ? 0 : restart.starts.crashes;
    if (restart.starts.kills >= KILLS_MOST)
        restart.stair += restart.starts.kills - KILLS_MOST + 1;
    if (state_folder_put_starts(&state->folder, &restart.starts, &failure))
        log_put(state->log, LOG_ERROR, "%s", failure.text);
    file_look(&restart);
    int code = choose(&restart, error);
    started_note(&restart);
    if (!code)
        event_send_session(start->server, *state->kept.recovered ? "recovered" : "opened");
    else /* an end in good order, whatever it is for */
        state_folder_clear_starts(&state->folder, &failure);
    snapshot_deinit(&restart.snapshot);
    bytes_deinit(&restart.session);
    bytes_deinit(&restart.journal);
    return code;
}
