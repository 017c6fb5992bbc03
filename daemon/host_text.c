/* A disk may take its time, and a folder may lie on another machine: all of it happens on the loader thread, behind what is
 * being decoded. */
#include "daemon/host_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/files_save.h"

#define READ_BYTES ((size_t)1 << 20) /* at a time; a cancelled job ends in between */

struct text_job {
    struct job job; /* first: the loader hands back this */
    const struct files *files;
    char *path;
    void *user;
    struct error error;
    /* Of a read. */
    struct loaded_text loaded;
    void (*on_read)(void *user, const struct loaded_text *text);
    /* Of a save. */
    struct saved_text saved;
    void (*on_saved)(void *user, const struct error *error);
};

static void job_free(struct text_job *work)
{
    free(work->path);
    free(work);
}

static struct text_job *job_new(struct daemon_host *host, const char *path, void *user, struct error *error)
{
    if (host->is_closing) {
        error_set(error, ERROR_CANCELLED, "\"%.200s\": the daemon ends", path);
        return NULL;
    }
    struct text_job *work = calloc(1, sizeof *work);
    char *copy = strdup(path);
    if (!work || !copy) {
        free(work);
        free(copy);
        error_set(error, ERROR_INTERNAL, "memory ran out for \"%.200s\"", path);
        return NULL;
    }
    work->files = host->files;
    work->path = copy;
    work->user = user;
    return work;
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

/* Makes room for one more piece and a terminator. */
static int grow(struct text_job *work, size_t *capacity)
{
    struct loaded_text *loaded = &work->loaded;
    if (loaded->n > HOST_TEXT_MAX_BYTES)
        return error_set(&work->error, ERROR_TOO_BIG, "\"%.200s\" is longer than %zu MiB", work->path,
                         HOST_TEXT_MAX_BYTES >> 20);
    if (*capacity - loaded->n > READ_BYTES)
        return 0;
    size_t wanted = 2 * *capacity + READ_BYTES + 1;
    char *text = realloc(loaded->text, wanted);
    if (!text)
        return error_set(&work->error, ERROR_INTERNAL, "memory ran out for \"%.200s\"", work->path);
    loaded->text = text;
    *capacity = wanted;
    return 0;
}

/* Up to its end, whatever its length is said to be. */
static int read_all(struct text_job *work, int fd)
{
    struct loaded_text *loaded = &work->loaded;
    size_t capacity = 0;
    for (;;) {
        if (atomic_load(&work->job.cancelled))
            return error_set(&work->error, ERROR_CANCELLED, "reading \"%.200s\" was cancelled", work->path);
        if (grow(work, &capacity))
            return (int)work->error.code;
        ssize_t n = read(fd, loaded->text + loaded->n, READ_BYTES);
        if (n < 0 && errno != EINTR)
            return error_set(&work->error, ERROR_IO, "\"%.200s\": %s", work->path, strerror(errno));
        if (n == 0)
            break;
        loaded->n += n > 0 ? (size_t)n : 0;
    }
    loaded->text[loaded->n] = '\0';
    return 0;
}

static void read_run(struct job *job)
{
    struct text_job *work = (struct text_job *)job;
    int fd = files_open(work->files, work->path, &work->error);
    if (fd < 0)
        return;
    if (read_all(work, fd)) {
        free(work->loaded.text);
        work->loaded = (struct loaded_text){0};
    }
    close(fd);
}

static void read_done(struct job *job)
{
    struct text_job *work = (struct text_job *)job;
    if (!job->ran)
        error_set(&work->error, ERROR_CANCELLED, "reading \"%.200s\" was cancelled", work->path);
    work->loaded.error = work->error;
    work->on_read(work->user, &work->loaded);
    job_free(work);
}

int host_read_text(void *self, const char *path, void (*done)(void *user, const struct loaded_text *text), void *user,
                   struct error *error)
{
    struct daemon_host *host = self;
    struct text_job *work = job_new(host, path, user, error);
    if (!work)
        return (int)error->code;
    work->job = (struct job){.run = read_run, .done = read_done};
    work->on_read = done;
    loader_push(host->loader, &work->job);
    return 0;
}

/* ---- saving --------------------------------------------------------------------------------------------------------- */

static void save_run(struct job *job)
{
    struct text_job *work = (struct text_job *)job;
    files_save(work->files, work->path, &work->saved, &work->error);
}

static void save_done(struct job *job)
{
    struct text_job *work = (struct text_job *)job;
    work->on_saved(work->user, &work->error);
    job_free(work);
}

int host_save_text(void *self, const char *path, const struct saved_text *text,
                   void (*done)(void *user, const struct error *error), void *user, struct error *error)
{
    struct daemon_host *host = self;
    struct text_job *work = job_new(host, path, user, error);
    if (!work)
        return (int)error->code;
    work->job = (struct job){.run = save_run, .done = save_done, .must_run = true};
    work->saved = *text;
    work->on_saved = done;
    loader_push(host->loader, &work->job);
    return 0;
}
