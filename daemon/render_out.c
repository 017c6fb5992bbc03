#include "daemon/render_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE_MODE 0666 /* less what the umask takes */

static int fail(const struct render_out *out, int cause, struct error *error)
{
    return error_set(error, ERROR_IO, "\"%.200s\" cannot be written: %s", out->path, strerror(cause));
}

/* Renaming would put a file in the place of a device, /dev/null, say. */
static int check_place(const char *path, struct error *error)
{
    struct stat stat_of;
    if (lstat(path, &stat_of) == 0 && !S_ISREG(stat_of.st_mode))
        return error_set(error, ERROR_BAD_FILE, "\"%.200s\" is there, and is no regular file", path);
    return 0;
}

static void forget(struct render_out *out)
{
    if (out->fd >= 0)
        close(out->fd);
    free(out->path);
    free(out->part);
    free(out->frames);
    *out = (struct render_out){.fd = -1};
}

static int open_part(struct render_out *out, const struct render_spec *spec, struct error *error)
{
    out->path = strdup(spec->path);
    out->frames = malloc(sizeof(float) * MEDIA_WRITE_CHUNK_FRAMES * spec->channels);
    if (!out->path || !out->frames || asprintf(&out->part, "%s.part-%d", spec->path, (int)getpid()) < 0) {
        out->part = NULL;
        return error_set(error, ERROR_INTERNAL, "memory ran out for the file \"%.200s\"", spec->path);
    }
    out->fd = open(out->part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, NEW_FILE_MODE);
    return out->fd < 0 ? fail(out, errno, error) : 0;
}

int render_out_open(struct render_out *out, const struct render_spec *spec, struct error *error)
{
    *out = (struct render_out){.fd = -1, .channels = spec->channels};
    if (sound_format_check_path(spec->format, spec->path, error) || check_place(spec->path, error))
        return (int)error->code;
    int code = open_part(out, spec, error);
    int fd = code ? -1 : fcntl(out->fd, F_DUPFD_CLOEXEC, 0);
    if (!code && fd < 0)
        code = fail(out, errno, error);
    struct media_write_spec write = {media_io_fd(fd), spec->format, spec->channels, spec->rate_hz, false};
    if (!code && (out->write = media_write_open(&write, error)))
        return 0;
    if (out->part)
        unlink(out->part);
    forget(out);
    return (int)error->code;
}

static int flush(struct render_out *out, struct error *error)
{
    bool done = media_write_frames(out->write, out->frames, out->n);
    out->n_frames += out->n;
    out->n = 0;
    return done ? 0 : fail(out, media_write_state(out->write).cause, error);
}

int render_out_write(struct render_out *out, float *const *channels, unsigned from, unsigned n, struct error *error)
{
    for (unsigned end = from + n; from < end; from++) {
        for (unsigned c = 0; c < out->channels; c++)
            out->frames[out->n * out->channels + c] = channels[c][from];
        if (++out->n == MEDIA_WRITE_CHUNK_FRAMES && flush(out, error))
            return (int)error->code;
    }
    return 0;
}

int render_out_close(struct render_out *out, struct error *error)
{
    int code = out->n ? flush(out, error) : 0;
    struct media_written written = media_write_close(out->write);
    out->write = NULL;
    if (!code && (written.cause || written.n_frames != out->n_frames))
        code = fail(out, written.cause ? written.cause : EIO, error);
    if (!code && (fsync(out->fd) || rename(out->part, out->path)))
        code = fail(out, errno, error);
    if (code)
        render_out_drop(out);
    else
        forget(out);
    return code;
}

void render_out_drop(struct render_out *out)
{
    if (out->write)
        media_write_close(out->write);
    out->write = NULL;
    if (out->part)
        unlink(out->part);
    forget(out);
}
