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
    map_deinit(&wanted->media[false]);
    map_deinit(&wanted->media[true]);
    *wanted = (struct wanted){0};
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

/* Notes a file that is to be loaded, `by` its path where that is not null. Null with *error: too_big or internal. */
static struct wanted_file *note(struct wanted *wanted, const char *path, struct map *by, struct error *error)
{
    if (wanted->n_files == WANTED_MAX) {
        error_set(error, ERROR_TOO_BIG, "more than %d files in one request", WANTED_MAX);
        return NULL;
    }
    struct wanted_file *file = calloc(1, sizeof *file);
    char *copy = strdup(path);
    if (!file || !copy || (by && map_reserve(by))) {
        free(file);
        free(copy);
        error_set(error, ERROR_INTERNAL, "memory ran out for loading \"%.300s\"", path);
        return NULL;
    }
    *file = (struct wanted_file){.path = copy, .is_text = !by, .own_rate = by == &wanted->media[true]};
    if (by)
        map_put(by, copy, file);
    *(wanted->last ? &wanted->last->next : &wanted->first) = file;
    wanted->last = file;
    wanted->n_files++;
    wanted->n_missing++;
    return file;
}

int call_media(struct call *call, const char *path, bool own_rate, struct media **media)
{
    struct wanted *wanted = &call->request->wanted;
    struct map *by_path = &wanted->media[own_rate];
    const struct wanted_file *file = map_find(by_path, path, strlen(path));
    *media = file ? file->loaded.media : NULL;
    if (!file && !note(wanted, path, by_path, call->error))
        return (int)call->error->code;
    if (*media)
        return 0;
    if (file && file->is_asked) {
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
    double rate_hz = file->own_rate ? 0 : server->ctl->rate_hz;
    return host->load(host->self, file->path, rate_hz, on_media, file, error);
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
