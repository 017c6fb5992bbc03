#include "daemon/midi_load.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "graph/smf.h"

#define FIRST_CAPACITY_BYTES 65536

/* What has been read. */
struct content {
    uint8_t *bytes;
    size_t n, capacity;
};

/* Reads what the rest of the room takes; *is_end at the end of the file. */
static int content_read(struct media_load *load, struct content *content, bool *is_end, struct error *error)
{
    if (load->cancelled && atomic_load(load->cancelled))
        return error_set(error, ERROR_CANCELLED, "\"%s\": loading was cancelled", load->name);
    if (content->n == content->capacity) {
        size_t capacity = content->capacity ? 2 * content->capacity : FIRST_CAPACITY_BYTES;
        uint8_t *bytes = realloc(content->bytes, capacity);
        if (!bytes)
            return error_set(error, ERROR_INTERNAL, "\"%s\": no memory for %zu bytes", load->name, capacity);
        content->bytes = bytes;
        content->capacity = capacity;
    }
    ssize_t got = read(load->fd, content->bytes + content->n, content->capacity - content->n);
    if (got < 0 && errno != EINTR)
        return error_set(error, ERROR_IO, "\"%s\" cannot be read: %m", load->name);
    *is_end = got == 0;
    content->n += got > 0 ? (size_t)got : 0;
    return 0;
}

/* What is too big is not read to its end: the parser refuses it by its size. */
static int file_read(struct media_load *load, struct content *content, struct error *error)
{
    bool is_end = false;
    int code = 0;
    if (lseek(load->fd, 0, SEEK_SET) != 0)
        return error_set(error, ERROR_IO, "\"%s\" cannot be read: %m", load->name);
    while (!is_end && content->n <= SMF_BYTES_MAX && !(code = content_read(load, content, &is_end, error)))
        continue;
    return code;
}

static void release(struct media *media)
{
    free(media->midi);
    free(media);
}

static struct media *parse(struct media_load *load, const struct content *content, struct error *error)
{
    char odd[SMF_WARNING_BYTES];
    struct error cause = {0};
    uint64_t limit = load->limit_bytes ? load->limit_bytes : MEDIA_LOAD_LIMIT_BYTES;
    struct smf *smf = smf_parse(content->bytes, content->n, odd, &cause);
    struct media *media = smf && smf->bytes <= limit ? calloc(1, sizeof *media) : NULL;
    if (media) {
        *media = (struct media){.kind = MEDIA_MIDI, .midi = smf, .references = 1, .release = release};
        if (*odd)
            snprintf(load->warning, sizeof load->warning, "\"%.120s\": %s", load->name, odd);
        return media;
    }
    if (!smf)
        error_set(error, cause.code, "\"%.200s\": %s", load->name, cause.text);
    else if (smf->bytes > limit)
        error_set(error, ERROR_TOO_BIG, "\"%s\" takes more memory than the limit for one file, %.1f MiB (%u events)",
                  load->name, (double)limit / (1 << 20), (unsigned)smf->n_events);
    else
        error_set(error, ERROR_INTERNAL, "\"%s\": memory ran out", load->name);
    free(smf);
    return NULL;
}

struct media *midi_load(struct media_load *load, struct error *error)
{
    struct content content = {0};
    load->warning[0] = '\0';
    struct media *media = file_read(load, &content, error) ? NULL : parse(load, &content, error);
    free(content.bytes);
    return media;
}
