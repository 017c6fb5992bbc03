#include "osc/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/hash.h"
#include "osc/graph_text.h"
#include "osc/server.h"
#include "osc/word.h"

void snapshot_deinit(struct snapshot *snapshot)
{
    free(snapshot->file);
    free(snapshot->started);
    free(snapshot->nodes.at);
    free(snapshot->edges.at);
    bytes_deinit(&snapshot->text);
    *snapshot = (struct snapshot){0};
}

void snapshot_free(struct snapshot *snapshot)
{
    if (snapshot)
        snapshot_deinit(snapshot);
    free(snapshot);
}

/* ---- from a model, and to one ---------------------------------------------------------------------------------------- */

static bool numbers_make(struct numbers *numbers, size_t n, uint64_t n_ever)
{
    *numbers = (struct numbers){calloc(n + 1, sizeof *numbers->at), 0, n_ever};
    return numbers->at;
}

static int take(struct snapshot *snapshot, const struct model *model)
{
    const struct edge **edges = graph_text_by_age(model);
    bool has_room = edges && numbers_make(&snapshot->nodes, model->n_nodes, model->n_sequence) &&
                    numbers_make(&snapshot->edges, model->n_edges, model->n_connected);
    for (const struct node *node = has_room ? model->first : NULL; node; node = node->next)
        if (node->live)
            snapshot->nodes.at[snapshot->nodes.n++] = node->sequence;
    for (size_t i = 0; has_room && i < model->n_edges; i++)
        snapshot->edges.at[snapshot->edges.n++] = edges[i]->sequence;
    free(edges);
    return has_room ? 0 : ERROR_INTERNAL;
}

int snapshot_take(struct snapshot *snapshot, const struct server *server, const char *started, uint64_t hash,
                  struct error *error)
{
    const struct session *session = &server->session;
    *snapshot = (struct snapshot){.saved = session->saved, .started_hash = hash};
    snapshot->file = session->path ? strdup(session->path) : NULL;
    snapshot->started = started ? strdup(started) : NULL;
    session_write(server, &snapshot->text);
    if (!take(snapshot, &server->ctl->model) && !snapshot->text.failed && (snapshot->file || !session->path) &&
        (snapshot->started || !started))
        return 0;
    snapshot_deinit(snapshot);
    return error_set(error, ERROR_INTERNAL, "memory ran out for the session");
}

struct snapshot *snapshot_leave(const struct server *server)
{
    const struct session *session = &server->session;
    struct snapshot *left = calloc(1, sizeof *left);
    if (!left)
        return NULL;
    left->saved = session->saved;
    left->file = session->path ? strdup(session->path) : NULL;
    session_write(server, &left->text);
    if (!left->text.failed && (left->file || !session->path))
        return left;
    snapshot_free(left);
    return NULL;
}

bool snapshot_is_unsaved(const struct snapshot *snapshot)
{
    return session_hash(&snapshot->text) != snapshot->saved;
}

int snapshot_number(const struct snapshot *snapshot, struct model *model, struct error *error)
{
    const struct numbers *nodes = &snapshot->nodes, *connections = &snapshot->edges;
    const struct edge **edges = graph_text_by_age(model);
    size_t n = 0;
    if (!edges)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the session");
    if (nodes->n != model->n_nodes || connections->n != model->n_edges) {
        free(edges);
        return error_set(error, ERROR_BAD_FILE, "it tells the numbers of %zu nodes and %zu connections, but has %u and %u",
                         nodes->n, connections->n, model->n_nodes, model->n_edges);
    }
    /* Both rise: the order of all lists stays as it is. */
    for (struct node *node = model->first; node; node = node->next)
        if (node->live)
            node->sequence = nodes->at[n++];
    for (n = 0; n < connections->n; n++)
        ((struct edge *)edges[n])->sequence = connections->at[n];
    model->n_sequence = nodes->n_ever;
    model->n_connected = connections->n_ever;
    free(edges);
    return 0;
}

/* ---- as text --------------------------------------------------------------------------------------------------------- */

static void file_print(const char *what, const char *path, uint64_t hash, struct bytes *text)
{
    if (!path)
        return;
    bytes_print(text, "# %s \"", what);
    for (; *path; path++) {
        if (*path == '"' || *path == '\\')
            bytes_add_byte(text, '\\');
        bytes_add_byte(text, (uint8_t)*path);
    }
    bytes_print(text, "\" %016" PRIx64 "\n", hash);
}

/* Neighbours as one word: a session that was loaded is one of each. */
static void numbers_print(const char *what, const struct numbers *numbers, struct bytes *text)
{
    bytes_print(text, "# %s", what);
    for (size_t i = 0, end; i < numbers->n; i = end + 1) {
        for (end = i; end + 1 < numbers->n && numbers->at[end + 1] == numbers->at[end] + 1;)
            end++;
        bytes_print(text, end > i ? " %" PRIu64 "-%" PRIu64 : " %" PRIu64, numbers->at[i], numbers->at[end]);
    }
    bytes_print(text, " of %" PRIu64 "\n", numbers->n_ever);
}

void snapshot_print(struct snapshot *snapshot, struct bytes *file)
{
    struct bytes rest = {0};
    size_t n_head = strlen(SESSION_HEAD) + 1;
    file_print("file", snapshot->file ? snapshot->file : "", snapshot->saved, &rest);
    file_print("started", snapshot->started, snapshot->started_hash, &rest);
    numbers_print("nodes", &snapshot->nodes, &rest);
    numbers_print("connections", &snapshot->edges, &rest);
    bytes_add(&rest, snapshot->text.data + n_head, snapshot->text.n - n_head);
    snapshot->sum = hash_bytes(HASH_BEGIN, rest.data, rest.n);
    bytes_print(file, SESSION_HEAD "\n# state 1 %016" PRIx64 "\n", snapshot->sum);
    bytes_add(file, rest.data, rest.n);
    file->failed |= rest.failed;
    bytes_deinit(&rest);
}

/* ---- from text ------------------------------------------------------------------------------------------------------- */

/* The rest of the text when it begins with this, otherwise null. */
static const char *behind(const char *text, const char *head)
{
    size_t n = strlen(head);
    return strncmp(text, head, n) == 0 ? text + n : NULL;
}

/* Reads `"PATH" HASH\n` and returns what follows, or null. */
static const char *file_read(const char *at, char **path, uint64_t *hash)
{
    size_t n = 0;
    char *copy = strdup(at);
    for (; copy && *at && *at != '"' && *at != '\n'; at++) {
        at += *at == '\\';
        if (*at)
            copy[n++] = *at;
    }
    char *end = NULL;
    if (copy && at[0] == '"' && at[1] == ' ')
        *hash = strtoull(at + 2, &end, 16);
    if (!end || *end != '\n') {
        free(copy);
        return NULL;
    }
    copy[n] = '\0';
    char *fitted = realloc(copy, n + 1); /* as long as the text was, until now */
    *path = fitted ? fitted : copy;
    return end + 1;
}

static const char *number_read(const char *at, uint64_t *number)
{
    char *end;
    *number = strtoull(at, &end, 10);
    return *at >= '0' && *at <= '9' ? end : NULL;
}

/* Adds first to last, which are above all that are there. */
static bool numbers_add(struct numbers *numbers, uint64_t first, uint64_t last, size_t most)
{
    if (last < first || last - first >= most || numbers->n + (last - first) >= most ||
        (numbers->n && first <= numbers->at[numbers->n - 1]))
        return false;
    while (first <= last)
        numbers->at[numbers->n++] = first++;
    return true;
}

/* Reads ` 1-2 5 of 12\n` and returns what follows, or null. */
static const char *numbers_read(const char *at, struct numbers *numbers, size_t most)
{
    if (!numbers_make(numbers, most, 0))
        return NULL;
    for (const char *end; (end = behind(at, " ")) && !behind(at, " of "); at = end) {
        uint64_t first, last;
        end = number_read(end, &first);
        last = first;
        if (end && *end == '-')
            end = number_read(end + 1, &last);
        if (!end || !numbers_add(numbers, first, last, most))
            return NULL;
    }
    at = behind(at, " of ");
    at = at ? number_read(at, &numbers->n_ever) : NULL;
    bool is_fine = at && *at == '\n' && (!numbers->n || numbers->at[numbers->n - 1] <= numbers->n_ever);
    return is_fine ? at + 1 : NULL;
}

static const char *comments_read(struct snapshot *snapshot, const char *at, size_t n)
{
    const char *next;
    if (!(at = behind(at, "# file \"")) || !(at = file_read(at, &snapshot->file, &snapshot->saved)))
        return NULL;
    if ((next = behind(at, "# started \"")) && !(at = file_read(next, &snapshot->started, &snapshot->started_hash)))
        return NULL;
    /* A line makes one of either at most. */
    if (!(at = behind(at, "# nodes")) || !(at = numbers_read(at, &snapshot->nodes, n)))
        return NULL;
    return (at = behind(at, "# connections")) ? numbers_read(at, &snapshot->edges, n) : NULL;
}

static const char *read_all(struct snapshot *snapshot, const char *file, size_t n)
{
    const char *at = behind(file, SESSION_HEAD "\n# state 1 "), *end = file + n;
    char *newline = NULL;
    if (at)
        snapshot->sum = strtoull(at, &newline, 16);
    if (!newline || *newline != '\n' || hash_bytes(HASH_BEGIN, newline + 1, (size_t)(end - newline - 1)) != snapshot->sum)
        return NULL;
    return comments_read(snapshot, newline + 1, n);
}

int snapshot_read(struct snapshot *snapshot, const char *file, size_t n, struct error *error)
{
    char *copy = strndup(file, n); /* with an end */
    *snapshot = (struct snapshot){0};
    const char *at = copy ? read_all(snapshot, copy, strlen(copy)) : NULL;
    if (at) {
        bytes_print(&snapshot->text, SESSION_HEAD "\n");
        bytes_add(&snapshot->text, at, strlen(at));
        if (!*snapshot->file) {
            free(snapshot->file);
            snapshot->file = NULL;
        }
    }
    bool has_failed = snapshot->text.failed || !copy;
    free(copy);
    if (at && !has_failed)
        return 0;
    snapshot_deinit(snapshot);
    return has_failed ? error_set(error, ERROR_INTERNAL, "memory ran out for the session")
                      : error_set(error, ERROR_BAD_FILE, "it is damaged, or no session of a state folder");
}
