/* The files are kept in a hash, since a session may name thousands of them and looks each up in every run. */
#include "osc/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "osc/request.h"
#include "osc/server.h"

static void file_free(struct wanted_file *file)
{
    media_unref(file->loaded.media);
    free(file->text);
    free(file->path);
    free(file);
}

void wanted_deinit(struct wanted *wanted)
{
    for (struct wanted_file *file = wanted->first, *next; file; file = next) {
        next = file->next;
        file_free(file);
    }
    for (unsigned kind = 0; kind < MEDIA_KINDS; kind++)
        map_deinit(&wanted->media[kind]);
    *wanted = (struct wanted){0};
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

/* Notes a file that is to be loaded, and enters it in `by_path` (null: nowhere). Null with *error: too_big or internal. */
static struct wanted_file *note(struct wanted *wanted, const char *path, struct map *by_path, struct error *error)
{
    if (wanted->n_files == WANTED_MAX) {
        error_set(error, ERROR_TOO_BIG, "more than %d files in one request", WANTED_MAX);
        return NULL;
    }
    struct wanted_file *file = calloc(1, sizeof *file);
    char *copy = strdup(path);
    if (!file || !copy || (by_path && map_reserve(by_path))) {
        free(file);
        free(copy);
        error_set(error, ERROR_INTERNAL, "memory ran out for loading \"%.300s\"", path);
        return NULL;
    }
    *file = (struct wanted_file){.path = copy, .is_text = !by_path};
    if (by_path)
        map_put(by_path, copy, file);
    *(wanted->last ? &wanted->last->next : &wanted->first) = file;
    wanted->last = file;
    wanted->n_files++;
    wanted->n_missing++;
    return file;
}

int call_media(struct call *call, const char *path, enum media_kind kind, struct media **media)
{
    struct wanted *wanted = &call->request->wanted;
    struct wanted_file *file = map_find(&wanted->media[kind], path, strlen(path));
    *media = file ? file->loaded.media : NULL;
    if (!file && !(file = note(wanted, path, &wanted->media[kind], call->error)))
        return (int)call->error->code;
    file->kind = kind;
    if (*media)
        return 0;
    if (file->is_asked) {
        *call->error = file->loaded.error;
        return (int)call->error->code;
    }
    tx_rehearse(call->tx);
    return 0;
}

int call_text(struct call *call, const char *path, const char **text, size_t *n)
{
    struct wanted *wanted = &call->request->wanted;
    if (!wanted->text && !(wanted->text = note(wanted, path, NULL, call->error)))
        return (int)call->error->code;
    if (!wanted->text->is_asked)
        return CALL_LOADING;
    *text = wanted->text->text;
    *n = wanted->text->n_text;
    if (!*text)
        *call->error = wanted->text->loaded.error;
    return (int)call->error->code;
}

/* ---- loading -------------------------------------------------------------------------------------------------------- */

static void over(struct wanted_file *file)
{
    struct wanted *wanted = &file->request->wanted;
    if (--wanted->n_loading == 0)
        wanted->done(file->request);
}

static void on_media(void *user, const struct loaded *loaded)
{
    struct wanted_file *file = user;
    file->loaded = *loaded;
    over(file);
}

static void on_text(void *user, const struct loaded_text *loaded)
{
    struct wanted_file *file = user;
    file->text = loaded->text;
    file->n_text = loaded->n;
    file->loaded.error = loaded->error;
    over(file);
}

static int ask(struct wanted_file *file)
{
    const struct server *server = file->request->server;
    const struct host *host = server->host;
    struct error *error = &file->loaded.error;
    if (file->is_text)
        return host->read_text(host->self, file->path, on_text, file, error);
    return host->load(host->self, &(struct media_wish){file->path, file->kind, server->ctl->rate_hz}, on_media, file,
                      error);
}

bool wanted_load(struct request *request, void (*done)(struct request *request))
{
    struct wanted *wanted = &request->wanted;
    wanted->done = done;
    for (struct wanted_file *file = wanted->first; file; file = file->next) {
        if (file->is_asked)
            continue;
        file->is_asked = true;
        file->request = request;
        wanted->n_loading += !ask(file);
    }
    wanted->n_missing = 0;
    return wanted->n_loading > 0;
}
